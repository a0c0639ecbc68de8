/* film.c - where frames go: into a film that ffmpeg encodes, or into pictures. */
#include "cli/film.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/ffmpeg.h"
#include "cli/fresh.h"
#include "cli/options.h"
#include "tensor/tensor.h"

/* ---- formats ---- */

/* A film has words for ffmpeg, a picture a function that encodes it. */
typedef struct {
    const char *ending;
    int most_rate;
    bool even; /* width and height must be */
    const char *const *encoding;
    bool (*encode)(const sg_picture *picture, FILE *out);
} format;

/* Plays everywhere; the index stands first, so that it plays while it loads. */
static const char *const MP4[] = {"-c:v",      "libx264",    "-crf", "18",  "-pix_fmt", "yuv420p",
                                  "-movflags", "+faststart", "-f",   "mp4", NULL};
/* A palette for every frame, made as the frames come: one for all would have to wait for the last.
 */
static const char *const GIF[] = {
    "-filter_complex",
    "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=none", "-f",
    "gif", NULL};

static bool encode_ppm(const sg_picture *picture, FILE *out)
{
    size_t bytes = 3 * (size_t)picture->width * (size_t)picture->height;
    fprintf(out, "P6\n%d %d\n255\n", picture->width, picture->height);
    return fwrite(picture->rgb, 1, bytes, out) == bytes;
}

static bool encode_png(const sg_picture *picture, FILE *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)picture->width,
                       .height = (png_uint_32)picture->height,
                       .format = PNG_FORMAT_RGB};
    return png_image_write_to_stdio(&image, out, 0, picture->rgb, 0, NULL) != 0;
}

/* GIF counts in hundredths of a second, and players slow down below two of them. */
static const format FORMATS[] = {
    {.ending = ".mp4", .most_rate = 240, .even = true, .encoding = MP4},
    {.ending = ".gif", .most_rate = 50, .encoding = GIF},
    {.ending = ".png", .encode = encode_png},
    {.ending = ".ppm", .encode = encode_ppm},
};
enum { FORMAT_COUNT = sizeof FORMATS / sizeof *FORMATS };

/* By the end of the name; a name that is nothing else has none. */
static const format *find_format(const char *path, sg_error *error)
{
    const char *name = sg_path_name(path), *dot = strrchr(name, '.');
    for (int i = 0; i < FORMAT_COUNT && dot && dot != name; i++) {
        if (strcmp(dot, FORMATS[i].ending) == 0)
            return &FORMATS[i];
    }
    sg_fail(error, "--out '%.200s' must end in .mp4, .gif, .png or .ppm", path);
    return NULL;
}

bool sg_film_most_rate(const char *path, int *most, sg_error *error)
{
    const format *f = find_format(path, error);
    *most = f ? f->most_rate : 0;
    return f != NULL;
}

/* ---- names ---- */

/* "frame%04d.png" in parts: what stands before the number, its digits, what follows. */
typedef struct {
    int before, digits; /* digits 0: no number in the name */
    const char *after;
} numbering;

/* One place for a number, or none, from `base` on. */
static bool read_numbering(const char *path, int base, numbering *n, sg_error *error)
{
    *n = (numbering){base + (int)strcspn(path + base, "%"), 0, ""};
    if (!path[n->before])
        return true;
    const char *at = path + n->before + 1;
    at += *at == '0';
    n->digits = *at >= '1' && *at <= '9' ? *at++ - '0' : 1;
    n->after = at + 1;
    return (*at == 'd' && !strchr(n->after, '%')) ||
           sg_fail(error,
                   "--out '%.200s': a %% must be the place of a frame's number, once, such "
                   "as %%04d",
                   path + base);
}

/* The name of one frame. */
static void number_path(char path[SG_PATH_SIZE], const char *pattern, const numbering *n, int frame)
{
    snprintf(path, SG_PATH_SIZE, "%.*s%0*d%s", n->before, pattern, n->digits, frame, n->after);
}

/* ---- a film ---- */

struct sg_film {
    const format *format;
    char path[SG_PATH_SIZE]; /* as given */
    sg_fresh fresh;          /* of a film: where it grows */
    numbering numbers;
    bool force;
    sg_picture size; /* of every frame; no bytes */
    sg_ffmpeg *ffmpeg;
    int frames;
    bool named; /* it is complete and no longer under its fresh name */
};

/* The size that the format can hold, and a name that is not taken. */
static bool check(const sg_film *film, const sg_film_options *o, sg_error *error)
{
    char path[SG_PATH_SIZE];
    if (film->format->even && (o->width % 2 || o->height % 2)) {
        return sg_fail(error, "--size %dx%d: %s needs an even width and height", o->width,
                       o->height, film->format->ending);
    }
    if (film->format->encoding && (o->rate < 1 || o->rate > film->format->most_rate)) {
        return sg_fail(error, "--fps %d: %s takes from 1 to %d frames a second", o->rate,
                       film->format->ending, film->format->most_rate);
    }
    if (film->numbers.digits == 0)
        return sg_cli_may_write(o->path, o->force, error);
    number_path(path, o->path, &film->numbers, 0);
    return sg_cli_may_write(path, o->force, error);
}

/* An empty file beside the one to be, to know that it can be written. ffmpeg is told its name. */
static bool try_to_write(sg_film *film, sg_error *error)
{
    if (!sg_fresh_open(&film->fresh, film->path, error))
        return false;
    if (!film->format->encoding)
        sg_fresh_discard(&film->fresh);
    return true;
}

sg_film *sg_film_open(const sg_film_options *o, sg_error *error)
{
    if (strlen(o->path) > SG_PATH_SIZE - 32) {
        sg_fail(error, "--out is too long (at most %d bytes)", SG_PATH_SIZE - 32);
        return NULL;
    }
    sg_film *film = sg_alloc(sizeof *film);
    film->format = find_format(o->path, error);
    film->force = o->force;
    film->numbers = (numbering){0};
    snprintf(film->path, sizeof film->path, "%s", o->path);
    film->size = (sg_picture){.width = o->width, .height = o->height};
    bool ok = film->format != NULL;
    if (ok && film->format->encode)
        ok = read_numbering(film->path, o->base, &film->numbers, error);
    ok = ok && check(film, o, error) && try_to_write(film, error);
    if (ok && film->format->encoding) {
        film->ffmpeg =
            sg_ffmpeg_start(&film->size, o->rate, film->format->encoding, film->fresh.path, error);
        ok = film->ffmpeg != NULL;
        if (!ok)
            sg_fresh_discard(&film->fresh);
    }
    if (ok)
        return film;
    free(film);
    return NULL;
}

/* ---- frames ---- */

/* As a whole or not at all. */
static bool put_in_place(const char *path, const char *data, size_t size, sg_error *error)
{
    sg_fresh fresh;
    if (!sg_fresh_open(&fresh, path, error))
        return false;
    if (sg_file_write_all(fresh.descriptor, data, size))
        return sg_fresh_install(&fresh, path, error);
    sg_fail(error, "cannot write %.300s: %s", path, strerror(errno));
    sg_fresh_discard(&fresh);
    return false;
}

/* Encoded in memory first. */
static bool write_picture(const sg_film *film, const char *path, const sg_picture *picture,
                          sg_error *error)
{
    char *data = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&data, &size);
    bool ok = out && film->format->encode(picture, out);
    if (out && fclose(out) != 0)
        ok = false;
    ok = ok ? put_in_place(path, data, size, error) : sg_fail(error, "cannot encode %.300s", path);
    free(data);
    return ok;
}

/* Of a full disk ffmpeg need not say more than that it could not begin: the disk is asked, by more
 * bytes at the end of the file that is given up. */
static bool tell_failure(const sg_film *film, const sg_error *said, sg_error *error)
{
    static const char more[1 << 16];
    int file = film->fresh.descriptor;
    if (lseek(file, 0, SEEK_END) < 0 || !sg_file_write_all(file, more, sizeof more))
        return sg_fail(error, "cannot write %.300s: %s", film->path, strerror(errno));
    return sg_fail(error, "ffmpeg could not write %.300s: %.300s", film->path, said->text);
}

bool sg_film_wants_all(const sg_film *film) { return film->ffmpeg || film->numbers.digits > 0; }

bool sg_film_add(sg_film *film, const sg_picture *picture, sg_error *error)
{
    char path[SG_PATH_SIZE];
    int frame = film->frames++;
    if (picture->width != film->size.width || picture->height != film->size.height)
        sg_misuse("sg_film_add: a frame of another size than the film");
    sg_error said;
    if (film->ffmpeg)
        return sg_ffmpeg_add(film->ffmpeg, picture, &said) || tell_failure(film, &said, error);
    if (film->numbers.digits == 0)
        return write_picture(film, film->path, picture, error);
    number_path(path, film->path, &film->numbers, frame);
    return sg_cli_may_write(path, film->force, error) && write_picture(film, path, picture, error);
}

/* ---- the end ---- */

void sg_film_discard(sg_film *film)
{
    if (!film)
        return;
    sg_ffmpeg_kill(film->ffmpeg);
    if (film->format->encoding && !film->named)
        sg_fresh_discard(&film->fresh);
    free(film);
}

/* A film is whole before it gets its name. */
bool sg_film_close(sg_film *film, sg_error *error)
{
    bool ok = true;
    sg_error said;
    if (film->ffmpeg) {
        ok = sg_ffmpeg_finish(film->ffmpeg, &said) || tell_failure(film, &said, error);
        film->ffmpeg = NULL;
        film->named = ok; /* or gone */
        ok = ok && sg_fresh_install(&film->fresh, film->path, error);
    }
    sg_film_discard(film);
    return ok;
}
