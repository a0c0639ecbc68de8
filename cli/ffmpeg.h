/* ffmpeg.h - frames through a pipe into the program ffmpeg. */
#ifndef SG_FFMPEG_H
#define SG_FFMPEG_H

#include "envs/picture.h"
#include "tensor/error.h"

typedef struct sg_ffmpeg sg_ffmpeg;

/* Starts it for frames of that size and rate; `encoding` are the words that choose encoder and
 * container, NULL at the end. It writes to `path`, replacing what is there. */
sg_ffmpeg *sg_ffmpeg_start(const sg_picture *size, int rate, const char *const *encoding,
                           const char *path, sg_error *error);
/* False, with the last line that ffmpeg said, if it has ended. */
bool sg_ffmpeg_add(sg_ffmpeg *ffmpeg, const sg_picture *picture, sg_error *error);
/* Waits until all is written. False, with that line, if it failed. Frees it. */
bool sg_ffmpeg_finish(sg_ffmpeg *ffmpeg, sg_error *error);
/* Ends it at once; NULL is fine. */
void sg_ffmpeg_kill(sg_ffmpeg *ffmpeg);

#endif
