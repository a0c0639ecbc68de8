/* test_render.c - pictures of environments: shapes by their areas, tasks by the colours where their
 * parts must be, MuJoCo by what must and must not move in the picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/check_internal.h"
#include "envs/classic/classic.h"
#include "envs/mujoco/mujoco_env.h"
#include "envs/wrappers.h"
#include "tensor/tensor.h"
#include "tests/envs/script_env.h"
#include "tests/not_run.h"

static const sg_color WHITE = {255, 255, 255}, BLACK = {0, 0, 0};

static sg_picture picture_new(int width, int height)
{
    sg_picture p = {width, height, sg_alloc(3 * (size_t)width * (size_t)height)};
    sg_picture_fill(&p, WHITE);
    return p;
}

static size_t picture_bytes(const sg_picture *p)
{
    return 3 * (size_t)p->width * (size_t)p->height;
}

static const unsigned char *pixel(const sg_picture *p, int column, int row)
{
    cr_assert(column >= 0 && column < p->width && row >= 0 && row < p->height);
    return p->rgb + 3 * (row * p->width + column);
}

/* ---- shapes ---- */

/* How much of a white picture was made black, in pixels. */
static double blackened(const sg_picture *p)
{
    double sum = 0;
    for (size_t i = 0; i < picture_bytes(p); i += 3)
        sum += (255 - p->rgb[i]) / 255.0;
    return sum;
}

/* What the shape covers must be its area; then the picture is wiped. */
static void assert_area(sg_picture *p, double area)
{
    double covered = blackened(p);
    cr_assert(fabs(covered - area) < 0.01 * area, "%g pixels covered, and not %g", covered, area);
    sg_picture_fill(p, WHITE);
}

Test(render, shapes_cover_their_area)
{
    sg_picture p = picture_new(120, 90);
    /* 10 pixels to a unit; the origin in the middle */
    sg_canvas c = sg_canvas_fit(&p, -6, 6, -4, 4);
    cr_assert(c.unit == 10 && c.x == 60 && c.y == 45);
    const double triangle[3][2] = {{-3, -2}, {3, -1}, {0.5, 3}};
    const double backwards[3][2] = {{0.5, 3}, {3, -1}, {-3, -2}};

    sg_draw_disk(&c, 0.33, -0.21, 3, BLACK);
    assert_area(&p, M_PI * 900);
    sg_draw_line(&c, -3, -1, 2, 2, 0.8, BLACK);
    assert_area(&p, hypot(50, 30) * 8 + M_PI * 16);
    sg_draw_polygon(&c, triangle, 3, BLACK);
    assert_area(&p, 100 * (6 * 5 - 3.5 * 1) / 2);
    sg_draw_polygon(&c, backwards, 3, BLACK);
    assert_area(&p, 100 * (6 * 5 - 3.5 * 1) / 2);
    sg_draw_box(&c, 0.4, 0.1, 0.7, (double[]){-2, 1}, (double[]){-1, 1.5}, BLACK);
    assert_area(&p, 30 * 25);
    /* half of it lies outside */
    sg_draw_box(&c, 6, 0, 0, (double[]){-1, 1}, (double[]){-1, 1}, BLACK);
    assert_area(&p, 200);
    free(p.rgb);
}

Test(render, nothing_is_drawn_outside_or_nowhere)
{
    sg_picture p = picture_new(50, 50);
    sg_canvas c = sg_canvas_fit(&p, -1, 1, -1, 1);
    sg_draw_disk(&c, 1e9, -1e300, 1, BLACK);
    sg_draw_disk(&c, NAN, 0, 1, BLACK);
    sg_draw_line(&c, INFINITY, 0, 0, -INFINITY, 0.1, BLACK);
    sg_draw_box(&c, 0, 0, NAN, (double[]){-1, 1}, (double[]){-1, 1}, BLACK);
    cr_assert_eq(blackened(&p), 0);
    free(p.rgb);
}

/* Up is up: what lies at positive y is in the upper half. */
Test(render, y_points_up)
{
    sg_picture p = picture_new(40, 40);
    sg_canvas c = sg_canvas_fit(&p, -1, 1, -1, 1);
    sg_draw_disk(&c, 0.5, 0.5, 0.1, BLACK);
    cr_assert_eq(pixel(&p, 30, 10)[0], 0);
    cr_assert_eq(pixel(&p, 30, 30)[0], 255);
    cr_assert_eq(pixel(&p, 10, 10)[0], 255);
    free(p.rgb);
}

/* ---- classic control ---- */

typedef struct {
    const char *id;
    double state[4];
    double left, right, bottom, top; /* what of the world is seen */
    struct {
        double x, y;
        sg_color color;
    } there[5];
} scene;

#define PAPER         \
    {                 \
        255, 255, 255 \
    }
#define INK        \
    {              \
        48, 48, 52 \
    }
#define WOOD          \
    {                 \
        202, 152, 101 \
    }
#define RED         \
    {               \
        204, 77, 77 \
    }
#define BLUE          \
    {                 \
        112, 128, 204 \
    }
#define YELLOW       \
    {                \
        220, 170, 30 \
    }

/* The parts of each task, where its equations put them. */
static const scene scenes[] = {
    {"CartPole-v1",
     {0},
     -2.4,
     2.4,
     -0.8,
     1.6,
     {{0, 0.6, WOOD}, {0, -0.05, INK}, {0.3, 0.6, PAPER}, {0, 1.3, PAPER}, {0, 0.1, BLUE}}},
    {"CartPole-v1",
     {-1, 0, 0.2, 0},
     -2.4,
     2.4,
     -0.8,
     1.6,
     {{-0.84, 0.88, WOOD},
      {-1, -0.05, INK},
      {-1.16, 0.88, PAPER},
      {0, -0.05, PAPER},
      {-1, 0.88, PAPER}}},
    {"Acrobot-v1",
     {0},
     -2.2,
     2.2,
     -2.2,
     2.2,
     {{0, -0.5, BLUE}, {0, -1.5, RED}, {0, 0, INK}, {0, 0.5, PAPER}, {1, 0.5, PAPER}}},
    {"Acrobot-v1",
     {M_PI / 2, M_PI / 2},
     -2.2,
     2.2,
     -2.2,
     2.2,
     {{0.5, 0, BLUE}, {1, 0.5, RED}, {1, 0, INK}, {-0.5, 0, PAPER}, {1, -0.5, PAPER}}},
    {"MountainCar-v0",
     {-0.5, 0},
     -1.25,
     0.65,
     -0.05,
     1.25,
     {{-0.5, 0.16, RED},
      {-0.5, 0.3, PAPER},
      {0.52, 1.133, YELLOW},
      {0.2, 0.85, PAPER},
      {0.3, 0.9025, INK}}},
    {"MountainCarContinuous-v0",
     {0.2, 0},
     -1.25,
     0.65,
     -0.05,
     1.25,
     {{0.15, 0.86, RED},
      {-0.5, 0.16, PAPER},
      {0.47, 1.122, YELLOW},
      {0, 0.75, PAPER},
      {-0.3, 0.1975, INK}}},
    {"Pendulum-v1",
     {0},
     -1.4,
     1.4,
     -1.4,
     1.4,
     {{0, 0.5, RED}, {0, 0.95, RED}, {0, 0, INK}, {0, -0.5, PAPER}, {0.5, 0, PAPER}}},
    {"Pendulum-v1",
     {M_PI / 2},
     -1.4,
     1.4,
     -1.4,
     1.4,
     {{-0.5, 0, RED}, {-0.95, 0, RED}, {0, 0, INK}, {0.5, 0, PAPER}, {0, 0.5, PAPER}}},
};

/* Draws the task in that state and looks at the five places. */
static int check_scene(const scene *s, int width, int height)
{
    sg_error error;
    sg_picture p = picture_new(width, height);
    sg_env *env = sg_env_make(s->id, NULL, &error);
    cr_assert_not_null(env, "%s", error.text);
    memcpy(((sg_classic *)env->inner)->s, s->state, sizeof s->state);
    cr_assert(sg_env_render(env, NULL, &p, &error), "%s", error.text);

    double unit = fmin(width / (s->right - s->left), height / (s->top - s->bottom));
    for (int i = 0; i < 5; i++) {
        double x = width / 2.0 + unit * (s->there[i].x - (s->left + s->right) / 2);
        double y = height / 2.0 - unit * (s->there[i].y - (s->bottom + s->top) / 2);
        const unsigned char *found = pixel(&p, (int)floor(x), (int)floor(y));
        cr_assert(memcmp(found, &s->there[i].color, 3) == 0, "%s at %g, %g (%d x %d): %d %d %d",
                  s->id, s->there[i].x, s->there[i].y, width, height, found[0], found[1], found[2]);
    }
    sg_env_close(env);
    free(p.rgb);
    return 5;
}

Test(render, classic_tasks_show_their_parts)
{
    int looked = 0;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        looked += check_scene(&scenes[i], 480, 480);
        looked += check_scene(&scenes[i], 640, 401);
    }
    cr_assert_eq(looked, 80);
}

/* ---- images as observations ---- */

/* Three channels of 2 x 4 cells; the last channel lies on top. */
static const double cells[24] = {1, 0, 0, 0, 0, 0, 0,   1, 0, 1, 0, 0,
                                 0, 0, 0, 1, 0, 0, 0.5, 0, 0, 0, 0, 0};

Test(render, each_channel_has_a_colour)
{
    const int dim[3] = {3, 2, 4};
    sg_picture p = picture_new(43, 41);
    sg_draw_channels(&p, cells, dim);
    /* 10 pixels to a cell; 1 and 10 pixels of margin before the first */
    const unsigned char *empty = pixel(&p, 1, 20), *first = pixel(&p, 1, 10);
    const unsigned char *second = pixel(&p, 11, 10), *third = pixel(&p, 25, 15);
    cr_assert(memcmp(first, second, 3) != 0 && memcmp(first, empty, 3) != 0);
    cr_assert(memcmp(second, empty, 3) != 0 && memcmp(third, empty, 3) != 0);
    cr_assert(memcmp(pixel(&p, 40, 29), second, 3) == 0, "the second channel covers the first");
    cr_assert(memcmp(pixel(&p, 10, 19), first, 3) == 0, "a cell is 10 pixels wide");
    cr_assert(memcmp(pixel(&p, 20, 19), second, 3) == 0);
    const unsigned char *margin = pixel(&p, 0, 0);
    cr_assert(memcmp(pixel(&p, 41, 10), margin, 3) == 0 &&
              memcmp(pixel(&p, 1, 9), margin, 3) == 0 && memcmp(pixel(&p, 1, 30), margin, 3) == 0);
    /* more cells than pixels */
    sg_picture small = picture_new(3, 1);
    sg_draw_channels(&small, cells, dim);
    free(small.rgb);
    free(p.rgb);
}

/* The task's own image is drawn, whatever wrappers make of it. */
Test(render, an_image_is_drawn_as_the_task_saw_it)
{
    sg_error error;
    script_env script;
    const double *seen;
    double obs[SCRIPT_MOST];
    sg_env *task = script_env_init(&script, 8);
    task->spec.obs_rank = 3;
    memcpy(task->spec.obs_dim, (int[]){2, 2, 2}, sizeof task->spec.obs_dim);
    sg_env *env = sg_normalize_observation(task, SG_NORMALIZE_STREAMING);
    sg_picture p = picture_new(40, 40), expected = picture_new(40, 40);

    cr_assert_not(sg_env_render(env, NULL, &p, &error));
    cr_assert(strstr(error.text, "its observation is not known"), "%s", error.text);
    cr_assert_eq(sg_watch_task(env, &seen), env);
    for (int i = 0; i < 8; i++)
        script.obs[i] = i % 3 == 0;
    cr_assert(sg_env_reset(env, NULL, obs, &error), "%s", error.text);
    cr_assert(memcmp(obs, script.obs, sizeof(double[8])) != 0, "the wrapper changes nothing");
    cr_assert(sg_env_render(env, seen, &p, &error), "%s", error.text);
    sg_draw_channels(&expected, script.obs, task->spec.obs_dim);
    cr_assert(memcmp(p.rgb, expected.rgb, picture_bytes(&p)) == 0);
    sg_env_close(env);
    free(p.rgb);
    free(expected.rgb);
}

Test(render, without_a_picture_there_is_a_line)
{
    sg_error error;
    script_env script;
    const double *seen;
    sg_env *env = sg_watch_task(script_env_init(&script, 3), &seen);
    sg_picture p = picture_new(16, 16);
    cr_assert_not(sg_env_render(env, seen, &p, &error));
    cr_assert(strstr(error.text, "has no pictures"), "%s", error.text);
    cr_assert_eq(blackened(&p), 0);
    sg_env_close(env);
    free(p.rgb);
}

/* ---- MuJoCo ---- */

static sg_env *make(const char *id)
{
    sg_error error;
    sg_env *env = sg_env_make(id, NULL, &error);
    cr_assert_not_null(env, "%s", error.text);
    return env;
}

/* Ends the test where EGL is missing; any other failure is one. */
static void need_egl(void)
{
    sg_error error = {""};
    static double obs[64];
    sg_env *env = make("Hopper-v4");
    sg_picture p = picture_new(16, 16);
    cr_assert(sg_env_reset(env, NULL, obs, &error), "%s", error.text);
    bool drawn = sg_env_render(env, NULL, &p, &error);
    free(p.rgb);
    sg_env_close(env);
    if (!drawn && strstr(error.text, "apt-get install libegl1"))
        NOT_RUN("MuJoCo's pictures: %s", error.text);
    cr_assert(drawn, "%s", error.text);
}

/* The environment in the given qpos, drawn. */
static void paint(sg_env *env, const double *qpos, sg_picture *p)
{
    sg_error error;
    static double obs[64], still[64];
    cr_assert(sg_mujoco_set_state(env, qpos, still, obs, &error), "%s", error.text);
    cr_assert(sg_env_render(env, NULL, p, &error), "%s", error.text);
}

/* The pixels of the cheetah's colour: how many, and where their middle is. */
static int find_cheetah(const sg_picture *p, double *column, double *row)
{
    int count = 0;
    *column = *row = 0;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            const unsigned char *c = pixel(p, x, y);
            if (c[0] > c[2] + 25) {
                count++;
                *column += x;
                *row += y;
            }
        }
    }
    *column /= count;
    *row /= count;
    return count;
}

/* How many of a row's pixels differ by more than a shade. */
static int differences(const sg_picture *a, const sg_picture *b, int row)
{
    int count = 0;
    for (int x = 0; x < a->width; x++)
        count += abs(pixel(a, x, row)[0] - pixel(b, x, row)[0]) > 8;
    return count;
}

Test(render, the_camera_follows_the_cheetah)
{
    need_egl();
    double qpos[9] = {0}, x, y, x_later, y_later;
    sg_env *env = make("HalfCheetah-v4");
    sg_picture p = picture_new(240, 240), later = picture_new(240, 240);
    paint(env, qpos, &p);
    int count = find_cheetah(&p, &x, &y);
    cr_assert(count > 1000 && count < 6000, "%d pixels of cheetah", count);
    cr_assert(x > 80 && x < 160 && y > 130 && y < 210, "its middle at %g, %g", x, y);

    /* half a tile on: it stays in the middle and the floor moves; a whole chequer: all as before */
    qpos[0] = 0.5;
    paint(env, qpos, &later);
    find_cheetah(&later, &x_later, &y_later);
    cr_assert(fabs(x - x_later) < 1 && fabs(y - y_later) < 1, "%g, %g", x_later, y_later);
    cr_assert(differences(&p, &later, 230) > 60);
    qpos[0] = 2;
    paint(env, qpos, &later);
    cr_assert(differences(&p, &later, 230) < 5);

    /* a jump is seen from where it stood: the sky above, the floor below */
    const unsigned char *sky = pixel(&p, 5, 5), *floor_pixel = pixel(&p, 5, 235);
    cr_assert(sky[2] > sky[0] && sky[0] > 190, "%d %d %d", sky[0], sky[1], sky[2]);
    cr_assert(floor_pixel[0] < 190, "%d", floor_pixel[0]);
    sg_env_close(env);
    free(p.rgb);
    free(later.rgb);
}

/* Tells how far they are apart, should they differ. */
static void assert_same_picture(const sg_picture *a, const sg_picture *b)
{
    int count = 0, most = 0;
    for (size_t i = 0; i < picture_bytes(a); i++) {
        int apart = abs(a->rgb[i] - b->rgb[i]);
        count += apart > 0;
        most = apart > most ? apart : most;
    }
    cr_assert_eq(count, 0, "%d bytes differ, by %d at most", count, most);
}

/* Two at once, another size in between, and again: the same state is the same picture. */
Test(render, a_state_has_one_picture)
{
    need_egl();
    const double cheetah[9] = {0, 0.1, 0.3}, hopper[6] = {0, 1.3, 0.1, -0.2, -0.3, 0.2};
    sg_env *a = make("HalfCheetah-v4"), *b = make("Hopper-v4");
    sg_picture first = picture_new(90, 60), second = picture_new(90, 60),
               other = picture_new(31, 77);
    paint(a, cheetah, &first);
    paint(b, hopper, &other);
    paint(a, cheetah, &second);
    assert_same_picture(&first, &second);
    paint(b, hopper, &second);
    cr_assert(memcmp(first.rgb, second.rgb, picture_bytes(&first)) != 0);
    paint(a, cheetah, &other);
    sg_env_close(b);
    paint(a, cheetah, &second);
    assert_same_picture(&first, &second);
    sg_env_close(a);
    free(first.rgb);
    free(second.rgb);
    free(other.rgb);
}

/* A picture of a state that was loaded shows that state, before any step. */
Test(render, a_loaded_state_is_seen)
{
    need_egl();
    const double qpos[6] = {0, 1.3, 0.1, -0.2, -0.3, 0.2};
    sg_env *env = make("Hopper-v4"), *copy = make("Hopper-v4");
    sg_picture first = picture_new(60, 60), second = picture_new(60, 60);
    paint(env, qpos, &first);
    sg_archive *archive = sg_archive_new();
    sg_env_state(env, archive);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(copy, archive);
    cr_assert(sg_env_render(copy, NULL, &second, NULL));
    assert_same_picture(&first, &second);
    sg_archive_free(archive);
    sg_env_close(env);
    sg_env_close(copy);
    free(first.rgb);
    free(second.rgb);
}

/* ---- looking on ---- */

/* Steps with random actions; `p` NULL: without pictures. Writes all observations, of which it
 * returns the size. */
static int roll(const char *id, int steps, sg_picture *p, double *all)
{
    sg_error error;
    sg_transition t;
    sg_random random;
    double action[SG_MAX_ACTIONS];
    const uint64_t seed = 5;
    sg_env *env = make(id);
    int n = env->spec.obs_size;
    sg_random_seed(&random, 1);
    cr_assert(sg_env_reset(env, &seed, all, &error), "%s", error.text);
    for (int i = 0; i < steps; i++) {
        sg_player_draw(&env->spec, &random, action);
        cr_assert(sg_env_step(env, action, all + n * i, &t, &error), "%s", error.text);
        cr_assert(!p || sg_env_render(env, NULL, p, &error), "%s", error.text);
    }
    sg_env_close(env);
    return n;
}

/* To the bit, contact forces included. */
static void assert_unmoved(const char *id)
{
    enum { STEPS = 12, MOST = 512 };
    static double alone[STEPS * MOST], watched[STEPS * MOST];
    sg_picture p = picture_new(32, 32);
    int n = roll(id, STEPS, NULL, alone);
    roll(id, STEPS, &p, watched);
    cr_assert(memcmp(alone, watched, sizeof alone) == 0, "%s", id);
    cr_assert(memcmp(alone, alone + n * (STEPS - 1), (size_t)n * sizeof *alone) != 0);
    free(p.rgb);
}

Test(render, looking_changes_no_classic_task)
{
    assert_unmoved("Acrobot-v1");
    assert_unmoved("Pendulum-v1");
    assert_unmoved("DotSeeker-v0");
}

Test(render, looking_changes_no_mujoco_task)
{
    need_egl();
    assert_unmoved("HalfCheetah-v4");
    assert_unmoved("Humanoid-v4");
    assert_unmoved("Ant-v5");
}
