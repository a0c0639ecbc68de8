/* film.h - where frames go: into a film that ffmpeg encodes, or into pictures. */
#ifndef SG_FILM_H
#define SG_FILM_H

#include "envs/picture.h"
#include "tensor/error.h"

typedef struct sg_film sg_film;

typedef struct {
    /* Its ending decides: .mp4 and .gif are films, .png and .ppm pictures. A picture whose name
     * holds the place of a number, "%04d", becomes one a frame, from 0 on; else there is one. */
    const char *path;
    int base; /* bytes of `path` before what the user wrote: a folder, where % is a letter */
    int width, height;
    int rate;   /* of a film, frames per second */
    bool force; /* an existing file may be replaced */
} sg_film_options;

/* What the ending of `path` stands for: the highest rate of a film, 0 for pictures. False, with a
 * line, if it is none of those. */
bool sg_film_most_rate(const char *path, int *most, sg_error *error);

/* Looks at everything that can be known before the first frame: the name, what is there already,
 * whether the folder can be written, whether ffmpeg is there. */
sg_film *sg_film_open(const sg_film_options *options, sg_error *error);
/* False for a single picture: of all frames only the last one is wanted. */
bool sg_film_wants_all(const sg_film *film);
/* A frame of the film's size. */
bool sg_film_add(sg_film *film, const sg_picture *picture, sg_error *error);
/* Only now a film gets its name; after a failure there is none. Frees it in any case. */
bool sg_film_close(sg_film *film, sg_error *error);
/* Leaves no film; pictures are whole as soon as they are added, and stay. NULL is fine. */
void sg_film_discard(sg_film *film);

#endif
