/* render.c - `streamgrad render ID --out FILE`: what an environment looks like, as film or picture.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/film.h"
#include "cli/options.h"
#include "cli/show.h"
#include "envs/wrappers.h"
#include "rl/training/stop.h"
#include "tensor/tensor.h"

/* Sides of a picture in pixels; what is shown where nothing is said. */
enum { LEAST_SIDE = 16, MOST_SIDE = 4096, USUAL_SIDE = 480, USUAL_RATE = 30, USUAL_STEPS = 1000 };

typedef struct {
    sg_option_value arguments, policy, out, steps, episodes, seed, size, fps, env_set, force;
} render_options;

/* ---- options ---- */

/* "480x360": both sides, and nothing after them. */
static bool read_size(const sg_option_value *size, sg_picture *picture, sg_error *error)
{
    char after;
    picture->width = picture->height = USUAL_SIDE;
    if (!size->given)
        return true;
    bool ok = size->text[0] != '-' && strlen(size->text) < 12 &&
              sscanf(size->text, "%dx%d%c", &picture->width, &picture->height, &after) == 2;
    ok = ok && picture->width >= LEAST_SIDE && picture->width <= MOST_SIDE &&
         picture->height >= LEAST_SIDE && picture->height <= MOST_SIDE;
    return ok || sg_fail(error,
                         "--size cannot be '%.60s': it must be WIDTHxHEIGHT in pixels, each from "
                         "%d to %d",
                         size->text, LEAST_SIDE, MOST_SIDE);
}

/* What contradicts itself or is missing. */
static bool check(const render_options *o, sg_error *error)
{
    if (o->arguments.word_count == 0 && !o->policy.given)
        return sg_fail(error, "name an environment (see streamgrad envs), or --policy DIR");
    if (!o->out.given)
        return sg_fail(error, "name the file: --out FILE.mp4, .gif, .png or .ppm");
    if (o->steps.given && o->episodes.given)
        return sg_fail(error, "--steps and --episodes exclude each other");
    if (o->policy.given && o->env_set.given)
        return sg_fail(error, "--env-set and --policy exclude each other: the run has its own");
    return true;
}

/* A random agent or that of a run. */
static bool open_show(sg_show *show, const render_options *o, sg_error *error)
{
    const char *id = o->arguments.word_count > 0 ? o->arguments.words[0] : NULL;
    if (o->policy.given)
        return sg_show_open_run(show, o->policy.text, id, error);
    char *options = sg_option_join(&o->env_set);
    bool ok = sg_show_open(show, id, options, o->seed.seed, error);
    free(options);
    return ok;
}

/* In real time as far as the format can; a picture has no rate. */
static int usual_rate(const sg_env *env, int most)
{
    if (most == 0)
        return 0;
    double rate = env->spec.step_seconds > 0 ? round(1 / env->spec.step_seconds) : USUAL_RATE;
    return (int)fmin(fmax(rate, 1), most);
}

/* The film for this show; the format is known before the rate. */
static sg_film *open_film(const render_options *o, const sg_env *env, const sg_picture *picture,
                          int *rate, sg_error *error)
{
    int most;
    if (!sg_film_most_rate(o->out.text, &most, error))
        return NULL;
    if (most == 0 && o->fps.given) {
        sg_fail(error, "--fps is for films: --out FILE.mp4 or .gif");
        return NULL;
    }
    *rate = o->fps.given ? (int)o->fps.count : usual_rate(env, most);
    sg_film_options options = {.path = o->out.text,
                               .width = picture->width,
                               .height = picture->height,
                               .rate = *rate,
                               .force = o->force.given};
    return sg_film_open(&options, error);
}

/* ---- the show ---- */

/* How long it goes on, and how far it is. */
typedef struct {
    int64_t steps, most_steps; /* most 0: no limit */
    int episodes, most_episodes;
    int64_t frames;
} progress;

/* One episode of at most 1000 steps, unless told otherwise. */
static progress plan(const render_options *o)
{
    progress p = {.most_steps = USUAL_STEPS, .most_episodes = 1};
    if (o->steps.given)
        p = (progress){.most_steps = o->steps.count};
    if (o->episodes.given)
        p = (progress){.most_episodes = (int)o->episodes.count};
    return p;
}

/* Either limit ends it, and so does a signal. */
static bool goes_on(const progress *p)
{
    return (p->most_steps == 0 || p->steps < p->most_steps) &&
           (p->most_episodes == 0 || p->episodes < p->most_episodes) && !sg_stop_asked();
}

/* What is to be seen now. */
static bool shoot(sg_show *show, sg_film *film, sg_picture *picture, progress *p, sg_error *error)
{
    p->frames++;
    return sg_show_render(show, picture, error) && sg_film_add(film, picture, error);
}

/* Nothing where only the last frame is wanted. */
static bool shoot_each(sg_show *show, sg_film *film, sg_picture *picture, progress *p,
                       sg_error *error)
{
    return !sg_film_wants_all(film) || shoot(show, film, picture, p, error);
}

/* To the episode's end or the show's; a frame of the beginning and one after every step. */
static bool play_episode(sg_show *show, sg_film *film, sg_picture *picture, progress *p,
                         sg_error *error)
{
    sg_transition t = {0};
    if (!shoot_each(show, film, picture, p, error))
        return false;
    while (!t.terminated && !t.truncated && goes_on(p)) {
        if (!sg_show_step(show, &t, error) || !shoot_each(show, film, picture, p, error))
            return false;
        p->steps++;
    }
    if (t.terminated || t.truncated) {
        p->episodes++;
        sg_cli_print_episode(p->episodes, sg_episode_return(show->env),
                             sg_episode_length(show->env));
    }
    return true;
}

/* Episode after episode, the first one from the seed. */
static bool play(sg_show *show, sg_film *film, sg_picture *picture, progress *p, uint64_t seed,
                 sg_error *error)
{
    do {
        if (!sg_show_reset(show, p->steps == 0 ? &seed : NULL, error) ||
            !play_episode(show, film, picture, p, error))
            return false;
    } while (goes_on(p));
    return sg_film_wants_all(film) || sg_stop_asked() || shoot(show, film, picture, p, error);
}

/* "walk.mp4: 201 frames of 480 x 480, 20 a second"; pictures have no rate. */
static void print_result(const char *path, const sg_picture *picture, int64_t frames, int rate)
{
    printf("%s: %" PRId64 " frame%s of %d x %d", path, frames, frames == 1 ? "" : "s",
           picture->width, picture->height);
    if (rate > 0)
        printf(", %d a second", rate);
    printf("\n");
}

/* Plays into the film; a show that was stopped has none. */
static int show_into(sg_film *film, sg_show *show, sg_picture *picture, const render_options *o,
                     int rate)
{
    sg_error error;
    progress p = plan(o);
    sg_stop_handlers before = sg_stop_watch();
    bool ok = play(show, film, picture, &p, o->seed.seed, &error), stopped = sg_stop_asked();
    if (!ok || stopped)
        sg_film_discard(film);
    else
        ok = sg_film_close(film, &error);
    sg_stop_unwatch(&before);

    if (!ok)
        return sg_cli_fail("render", SG_EXIT_FAILED, &error);
    if (stopped) {
        fprintf(stderr, "streamgrad render: stopped; %s is not written\n", o->out.text);
        return SG_EXIT_STOPPED;
    }
    print_result(o->out.text, picture, p.frames, rate);
    return SG_EXIT_OK;
}

/* Everything that can be refused is, before the first step. */
static int render(const render_options *o, sg_picture *picture)
{
    sg_error error;
    sg_show show;
    int rate;
    if (!open_show(&show, o, &error))
        return sg_cli_fail("render", SG_EXIT_BAD_INPUT, &error);
    sg_film *film = open_film(o, show.env, picture, &rate, &error);
    int code = film ? show_into(film, &show, picture, o, rate)
                    : sg_cli_fail("render", SG_EXIT_BAD_INPUT, &error);
    sg_show_close(&show);
    return code;
}

/* The command line. */
static sg_options_result read_line(int argc, char **argv, render_options *o, sg_error *error)
{
    const sg_option options[] = {
        {"out", SG_OPTION_TEXT, "FILE",
         "film FILE.mp4 or .gif; last frame FILE.png or .ppm; or "
         "all of them F%04d.png",
         0, 0, &o->out},
        {"policy", SG_OPTION_TEXT, "DIR", "the trained agent of a run acts, without noise", 0, 0,
         &o->policy},
        {"episodes", SG_OPTION_COUNT, "N", "whole episodes to show", 1, 1000000, &o->episodes},
        {"steps", SG_OPTION_COUNT, "N", "steps to show (default: one episode, at most 1000 steps)",
         1, 0, &o->steps},
        {"seed", SG_OPTION_SEED, "S", "seed of beginnings and random actions (default 0)", 0, 0,
         &o->seed},
        {"size", SG_OPTION_TEXT, "WxH", "width and height in pixels (default 480x480)", 0, 0,
         &o->size},
        {"fps", SG_OPTION_COUNT, "N", "frames a second (default: real time, else 30)", 1, 1000,
         &o->fps},
        {"env-set", SG_OPTION_TEXT, "NAME=VALUE", "an option of the environment; repeatable", 0, 0,
         &o->env_set},
        {"force", SG_OPTION_FLAG, NULL, "replace an existing file", 0, 0, &o->force},
    };
    const sg_command_line line = {
        .usage = "render ID --out FILE [options]\n       streamgrad render --policy DIR --out FILE "
                 "[options]",
        .summary = "Shows an environment with random actions or a trained agent, a frame a step,\n"
                   "and prints the episodes' returns. MuJoCo's tasks need Mesa's EGL, and films\n"
                   "ffmpeg (docs/render.md).",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
    };
    return sg_options_read(&line, argc, argv, &o->arguments, error);
}

/* Options, then the show. */
int sg_cli_render(int argc, char **argv)
{
    static render_options o;
    sg_error error;
    sg_picture picture;

    sg_options_result read = read_line(argc, argv, &o, &error);
    if (read == SG_OPTIONS_HELP)
        return SG_EXIT_OK;
    if (read == SG_OPTIONS_BAD || !check(&o, &error) || !read_size(&o.size, &picture, &error))
        return sg_cli_fail("render", SG_EXIT_BAD_INPUT, &error);
    picture.rgb = sg_alloc(3 * (size_t)picture.width * (size_t)picture.height);
    int code = render(&o, &picture);
    free(picture.rgb);
    return code;
}
