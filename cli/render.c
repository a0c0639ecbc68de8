/* render.c - `streamgrad render ID --out FILE`: what an environment looks like, as film or picture.
 */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/film.h"
#include "cli/options.h"
#include "cli/show.h"
#include "envs/wrappers.h"
#include "rl/training/stop.h"
#include "tensor/number.h"
#include "tensor/tensor.h"

/* Sides of a picture in pixels; what is shown where nothing is said. */
enum { LEAST_SIDE = 16, MOST_SIDE = 4096, USUAL_SIDE = 480, USUAL_RATE = 30, USUAL_STEPS = 1000 };

typedef struct {
    sg_cli_value arguments, policy, out, steps, episodes, seed, size, fps, env_set, force;
} render_options;

/* ---- options ---- */

/* One side, in plain digits. */
static bool read_side(const char *text, int *side)
{
    uint64_t number;
    if (!sg_number_u64(text, &number) || number < LEAST_SIDE || number > MOST_SIDE)
        return false;
    *side = (int)number;
    return true;
}

/* "480x360": both sides, and nothing after them. */
static bool read_size(const sg_cli_value *size, sg_picture *picture, sg_error *error)
{
    char width[16];
    picture->width = picture->height = USUAL_SIDE;
    if (!size->given)
        return true;
    const char *cross = strchr(size->text, 'x');
    bool ok = cross && cross - size->text < (ptrdiff_t)sizeof width;
    if (ok) {
        snprintf(width, sizeof width, "%.*s", (int)(cross - size->text), size->text);
        ok = read_side(width, &picture->width) && read_side(cross + 1, &picture->height);
    }
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
    char *options = sg_cli_join(&o->env_set);
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
static sg_film *open_film(const render_options *o, const char *path, const sg_env *env,
                          const sg_picture *picture, int *rate, sg_error *error)
{
    int most;
    if (!sg_film_most_rate(o->out.text, &most, error))
        return NULL;
    if (most == 0 && o->fps.given) {
        sg_fail(error, "--fps is for films: --out FILE.mp4 or .gif");
        return NULL;
    }
    *rate = o->fps.given ? (int)o->fps.count : usual_rate(env, most);
    sg_film_options options = {.path = path,
                               .base = (int)(strlen(path) - strlen(o->out.text)),
                               .width = picture->width,
                               .height = picture->height,
                               .rate = *rate,
                               .force = o->force.given};
    return sg_film_open(&options, error);
}

/* ---- the show ---- */

/* Who acts, where the frames go, how long it goes on and how far it is. */
typedef struct {
    sg_show *show;
    sg_film *film;
    sg_picture *picture;
    int64_t steps, most_steps; /* most 0: no limit */
    int episodes, most_episodes;
    int64_t frames;
} showing;

/* One episode of at most 1000 steps, unless told otherwise. */
static void plan(showing *s, const render_options *o)
{
    bool told = o->steps.given || o->episodes.given;
    s->most_steps = told ? o->steps.count : USUAL_STEPS;
    s->most_episodes = told ? (int)o->episodes.count : 1;
}

/* Either limit ends it, and so does a signal. */
static bool goes_on(const showing *s)
{
    return (s->most_steps == 0 || s->steps < s->most_steps) &&
           (s->most_episodes == 0 || s->episodes < s->most_episodes) && !sg_stop_asked();
}

/* What is to be seen now. */
static bool shoot(showing *s, sg_error *error)
{
    s->frames++;
    return sg_show_render(s->show, s->picture, error) && sg_film_add(s->film, s->picture, error);
}

/* Nothing where only the last frame is wanted. */
static bool shoot_each(showing *s, sg_error *error)
{
    return !sg_film_wants_all(s->film) || shoot(s, error);
}

/* To the episode's end or the show's; a frame of the beginning and one after every step. */
static bool play_episode(showing *s, sg_error *error)
{
    sg_transition t = {0};
    if (!shoot_each(s, error))
        return false;
    while (!t.terminated && !t.truncated && goes_on(s)) {
        if (!sg_show_step(s->show, &t, error) || !shoot_each(s, error))
            return false;
        s->steps++;
    }
    /* an episode that the show cuts short has no return to tell */
    const sg_env *env = s->show->env;
    if (t.terminated || t.truncated)
        sg_cli_print_episode(++s->episodes, sg_episode_return(env), sg_episode_length(env));
    return true;
}

/* Episode after episode, the first one from the seed. */
static bool play(showing *s, uint64_t seed, sg_error *error)
{
    do {
        if (!sg_show_reset(s->show, s->steps == 0 ? &seed : NULL, error) || !play_episode(s, error))
            return false;
    } while (goes_on(s));
    return sg_film_wants_all(s->film) || sg_stop_asked() || shoot(s, error);
}

/* "walk.mp4: 201 frames of 480 x 480, 20 a second"; pictures have no rate. */
static void print_result(const char *path, const showing *s, int rate)
{
    printf("%s: %" PRId64 " frame%s of %d x %d", path, s->frames, s->frames == 1 ? "" : "s",
           s->picture->width, s->picture->height);
    if (rate > 0)
        printf(", %d a second", rate);
    printf("\n");
}

/* Plays into the film; a show that was stopped has none. */
static int show_all(showing *s, const render_options *o, int rate)
{
    sg_error error;
    sg_stop_handlers before = sg_stop_watch();
    plan(s, o);
    bool ok = play(s, o->seed.seed, &error), stopped = sg_stop_asked();
    if (!ok || stopped)
        sg_film_discard(s->film);
    else
        ok = sg_film_close(s->film, &error);
    sg_stop_unwatch(&before);

    if (!ok)
        return sg_cli_fail("render", SG_EXIT_FAILED, &error);
    if (stopped) {
        sg_fail(&error, "stopped before %.300s was complete", o->out.text);
        return sg_cli_fail("render", SG_EXIT_STOPPED, &error);
    }
    print_result(o->out.text, s, rate);
    return SG_EXIT_OK;
}

/* Whether there are pictures at all. The show begins with the same reset once more. */
static bool try_picture(sg_show *show, uint64_t seed, sg_picture *picture, sg_error *error)
{
    return sg_show_reset(show, &seed, error) && sg_show_render(show, picture, error);
}

/* Everything that can be refused is, before the first step. */
static int render(const render_options *o, sg_picture *picture)
{
    sg_error error;
    sg_show show;
    int rate;
    char path[SG_PATH_SIZE];
    /* The environment may go elsewhere before the first picture is written. */
    if (!sg_path_absolute(path, o->out.text, &error) || !open_show(&show, o, &error))
        return sg_cli_fail("render", SG_EXIT_BAD_INPUT, &error);
    bool seen = try_picture(&show, o->seed.seed, picture, &error);
    sg_film *film = seen ? open_film(o, path, show.env, picture, &rate, &error) : NULL;
    showing s = {.show = &show, .film = film, .picture = picture};
    int code = film ? show_all(&s, o, rate) : sg_cli_fail("render", SG_EXIT_BAD_INPUT, &error);
    sg_show_close(&show);
    return code;
}

/* The command line. */
static sg_cli_outcome read_line(int argc, char **argv, render_options *o, sg_error *error)
{
    const sg_cli_option options[] = {
        {"out", SG_CLI_TEXT, "FILE",
         "film FILE.mp4 or .gif; picture FILE.png or .ppm; pictures F%04d.png", 0, 0, &o->out},
        {"policy", SG_CLI_TEXT, "DIR", "the trained agent of a run acts, without noise", 0, 0,
         &o->policy},
        {"episodes", SG_CLI_COUNT, "N", "whole episodes to show", 1, 1000000, &o->episodes},
        {"steps", SG_CLI_COUNT, "N", "steps to show (default: one episode, at most 1000 steps)", 1,
         0, &o->steps},
        {"seed", SG_CLI_SEED, "S", "seed of beginnings and random actions (default 0)", 0, 0,
         &o->seed},
        {"size", SG_CLI_TEXT, "WxH", "width and height in pixels (default 480x480)", 0, 0,
         &o->size},
        {"fps", SG_CLI_COUNT, "N", "frames a second (default: real time, else 30)", 1, 1000,
         &o->fps},
        SG_CLI_ENV_SET(&o->env_set),
        SG_CLI_FORCE(&o->force),
    };
    const sg_cli_line line = {
        .usage = "render ID --out FILE [options]\n       streamgrad render [ID] --policy DIR --out "
                 "FILE [options]",
        .summary = "Shows an environment with random actions or a trained agent, a frame a step,\n"
                   "and prints the episodes' returns. MuJoCo's tasks need Mesa's EGL, and films\n"
                   "ffmpeg (docs/render.md). Beside --policy, ID says where the run's own\n"
                   "environment (.so) is now; any other than the run's is refused.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
    };
    return sg_cli_read(&line, argc, argv, &o->arguments, error);
}

/* Options, then the show. */
int sg_cli_render(int argc, char **argv)
{
    static render_options o;
    sg_error error;
    sg_picture picture;

    sg_cli_outcome read = read_line(argc, argv, &o, &error);
    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_BAD || !check(&o, &error) || !read_size(&o.size, &picture, &error))
        return sg_cli_fail("render", SG_EXIT_BAD_INPUT, &error);
    /* Mesa's own words would stand beside our line, which says what to do. */
    setenv("EGL_LOG_LEVEL", "fatal", 0);
    picture.rgb = sg_alloc(3 * (size_t)picture.width * (size_t)picture.height);
    int code = render(&o, &picture);
    free(picture.rgb);
    return code;
}
