/* nearest.h - which known name a mistyped word was probably meant to be. */
#ifndef SG_NEAREST_H
#define SG_NEAREST_H

/* A search in progress: start with the word, offer every known name, then read `best`. */
typedef struct {
    const char *word;
    const char *best; /* NULL while nothing similar was offered */
    int distance;     /* of `best` */
} sg_nearest;

/* The word and the names are not copied: they must last as long as the search. */
sg_nearest sg_nearest_start(const char *word);
/* Takes the name if it resembles the word, and more than the best so far. */
void sg_nearest_offer(sg_nearest *search, const char *name);

/* Edits (insert, delete, replace, swap neighbours) that turn a into b; letter case is ignored, and
 * all beyond 63 letters. */
int sg_edit_distance(const char *a, const char *b);

#endif
