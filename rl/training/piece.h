/* piece.h - a file's content that lies in memory in several places. */
#ifndef SG_PIECE_H
#define SG_PIECE_H

#include <stddef.h>

typedef struct {
    const void *data;
    size_t size;
} sg_piece;

#endif
