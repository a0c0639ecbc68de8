/* test_render.c - `streamgrad render` as its users meet it: pictures by their bytes, films by what
 * ffmpeg reads back from them, refusals, and what a failure leaves behind. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rl/training/files.h"
#include "tests/cli/program.h"
#include "tests/not_run.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* ---- help ---- */

static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* The pixels of a PPM file of that size (free them). */
static unsigned char *read_ppm(const char *path, int width, int height)
{
    char header[64];
    size_t size, bytes = 3 * (size_t)width * (size_t)height;
    char *file = scratch_read(path, &size);
    size_t start = (size_t)snprintf(header, sizeof header, "P6\n%d %d\n255\n", width, height);
    cr_assert_eq(size, start + bytes, "%s: %zu bytes", path, size);
    cr_assert(strncmp(file, header, start) == 0, "%s", path);
    memmove(file, file + start, bytes);
    return (unsigned char *)file;
}

/* Looks through PATH, as the program does. */
static bool has_ffmpeg(void)
{
    char line[] = "command -v ffmpeg >/dev/null";
    return system(line) == 0;
}

/* A program named ffmpeg that is none, first in PATH. */
static void put_ffmpeg(const char *folder, const char *script)
{
    char path[8192];
    const char *usual = getenv("PATH"), *bin = scratch_path(folder, "bin");
    const char *program = scratch_path(folder, "bin/ffmpeg");
    cr_assert_eq(mkdir(bin, 0700), 0);
    scratch_write(program, script, strlen(script));
    cr_assert_eq(chmod(program, 0700), 0);
    snprintf(path, sizeof path, "%s:%s", bin, usual);
    setenv("PATH", path, 1);
}

/* Nothing of a name that begins so: neither the file nor one on its way to it. */
static void assert_nothing(const char *path)
{
    char line[300];
    snprintf(line, sizeof line, "ls %s* 2>/dev/null", path);
    cr_assert_neq(system(line), 0, "something is left behind");
}

/* ---- lines that are refused ---- */

/* %s is a file that does not exist, without its ending. */
static const struct {
    const char *line, *told;
} refused[] = {
    {"render", "name an environment"},
    {"render --out %s.png", "name an environment"},
    {"render CartPole-v1", "--out FILE"},
    {"render CartPole-v9 --out %s.png", "CartPole-v1"},
    {"render CartPole-v1 Acrobot-v1 --out %s.png", "Acrobot-v1"},
    {"render CartPole-v1 --out %s.jpg", ".mp4, .gif, .png or .ppm"},
    {"render CartPole-v1 --out %s", ".mp4, .gif, .png or .ppm"},
    {"render CartPole-v1 --out .png", "must end in"},
    {"render CartPole-v1 --out %s/no/folder.png", "No such file or directory"},
    {"render CartPole-v1 --out %s/no/folder.mp4", "No such file or directory"},
    {"render CartPole-v1 --out /dev/null/a.png", "/dev/null"},
    {"render CartPole-v1 --out %s%%s.png", "%04d"},
    {"render CartPole-v1 --out %s%%03d%%03d.png", "%04d"},
    {"render CartPole-v1 --out %s%%012d.png", "%04d"},
    {"render CartPole-v1 --out %s.png --size 100", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size 100x", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size 100x50x", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size -100x50", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size 100x\t100", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size +100x+100", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size 100x100x100", "WIDTHxHEIGHT"},
    {"render CartPole-v1 --out %s.png --size 100x4097", "16 to 4096"},
    {"render CartPole-v1 --out %s.png --size 15x100", "16 to 4096"},
    {"render CartPole-v1 --out %s.mp4 --size 101x100", "even"},
    {"render CartPole-v1 --out %s.mp4 --size 100x101", "even"},
    {"render CartPole-v1 --out %s.png --fps 30", "--fps is for films"},
    {"render CartPole-v1 --out %s.gif --fps 51", "1 to 50"},
    {"render CartPole-v1 --out %s.mp4 --fps 0", "at least 1"},
    {"render CartPole-v1 --out %s.png --steps 0", "at least 1"},
    {"render CartPole-v1 --out %s.png --steps 5 --episodes 2", "exclude each other"},
    {"render CartPole-v1 --out %s.png --env-set g=9", "CartPole-v1"},
    {"render --policy %s --out %s.png", "run.json"},
    {"render --policy x --env-set g=9 --out %s.png", "exclude each other"},
};

Test(render_command, bad_lines_are_told_in_one_line_and_leave_nothing)
{
    char *folder = scratch_make();
    char line[8192];
    const char *target = scratch_path(folder, "run");

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(line, sizeof line, refused[i].line, target, target);
        const program_result *r = program_run(folder, "%s", line);
        cr_assert_eq(r->code, 2, "exit code %d for: %s (%s)", r->code, line, r->err);
        cr_assert(strstr(r->err, refused[i].told), "'%s' lacks '%s', for: %s", r->err,
                  refused[i].told, line);
        cr_assert_eq(count_lines(r->err), 1, "not one line: %s", r->err);
        cr_assert_str_empty(r->out);
    }
    /* stdout and stderr of the program, and nothing else */
    cr_assert_eq(unlink(scratch_path(folder, "stdout")), 0);
    cr_assert_eq(unlink(scratch_path(folder, "stderr")), 0);
    cr_assert_eq(rmdir(folder), 0, "something is left behind");
    free(folder);
}

/* ---- pictures ---- */

#define POLE "render CartPole-v1 --size 120x80 --seed 3 "

/* Nothing but the last frame, which is also the last of the numbered ones. */
Test(render_command, a_picture_is_the_last_frame)
{
    char *folder = scratch_make();
    const program_result *r =
        program_run(folder, POLE "--steps 4 --out %s", scratch_path(folder, "last.ppm"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "last.ppm: 1 frame of 120 x 80\n"), "%s", r->out);
    r = program_run(folder, POLE "--steps 4 --out %s", scratch_path(folder, "all%02d.ppm"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "5 frames of 120 x 80\n"), "%s", r->out);

    unsigned char *last = read_ppm(scratch_path(folder, "last.ppm"), 120, 80);
    unsigned char *first = read_ppm(scratch_path(folder, "all00.ppm"), 120, 80);
    unsigned char *fourth = read_ppm(scratch_path(folder, "all04.ppm"), 120, 80);
    cr_assert(memcmp(last, fourth, 3 * 120 * 80) == 0);
    cr_assert(memcmp(first, fourth, 3 * 120 * 80) != 0);
    cr_assert_not(sg_file_exists(scratch_path(folder, "all05.ppm")));
    free(last);
    free(first);
    free(fourth);
    scratch_remove(folder);
}

/* 0 if `path` is a PNG that says that size. */
static void assert_png(const char *path, int width, int height)
{
    size_t size;
    unsigned char *data = (unsigned char *)scratch_read(path, &size);
    cr_assert(size > 60 && memcmp(data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) == 0, "%s", path);
    cr_assert_eq(data[18] << 8 | data[19], width);
    cr_assert_eq(data[22] << 8 | data[23], height);
    cr_assert(memcmp(data + size - 8, "IEND", 4) == 0);
    free(data);
}

Test(render_command, an_existing_file_stays_without_force)
{
    char *folder = scratch_make();
    size_t size;
    const char *path = scratch_path(folder, "a.png");
    scratch_write(path, "mine", 4);
    const program_result *r = program_run(folder, POLE "--steps 4 --out %s", path);
    cr_assert(r->code == 2 && strstr(r->err, "exists already (--force"), "%s", r->err);
    char *kept = scratch_read(path, &size);
    cr_assert(size == 4 && memcmp(kept, "mine", 4) == 0);
    free(kept);
    r = program_run(folder, POLE "--steps 4 --force --out %s", path);
    cr_assert_eq(r->code, 0, "%s", r->err);
    assert_png(path, 120, 80);

    /* a folder stays a folder */
    const char *inner = scratch_path(folder, "b.png");
    cr_assert_eq(mkdir(inner, 0700), 0);
    r = program_run(folder, POLE "--force --out %s", inner);
    cr_assert(r->code == 2 && strstr(r->err, "is a folder"), "%s", r->err);
    scratch_remove(folder);
}

/* The user's own, or a link to what is theirs. */
Test(render_command, a_file_beside_the_picture_is_not_touched)
{
    static const char *const NAMES[] = {"a.png", "a.ppm", "a.mp4"};
    char *folder = scratch_make(), name[32];
    const char *notes = scratch_path(folder, "notes");
    size_t size;
    put_ffmpeg(folder, "#!/bin/sh\nexec cat >/dev/null\n");
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "%s.tmp", NAMES[i % 3]);
        const char *path = scratch_path(folder, NAMES[i % 3]), *own = scratch_path(folder, name);
        scratch_write(notes, "mine", 4);
        cr_assert(i < 3 || (unlink(own) == 0 && symlink(notes, own) == 0));
        if (i < 3)
            scratch_write(own, "mine", 4);
        const program_result *r = program_run(folder, POLE "--steps 2 --force --out %s", path);
        cr_assert_eq(r->code, 0, "%s", r->err);
        char *kept = scratch_read(own, &size);
        cr_assert_str_eq(kept, "mine", "%s", own);
        free(kept);
        cr_assert_eq(unlink(path), 0);
    }
    scratch_remove(folder);
}

/* ---- whose actions ---- */

/* The lines of the episodes are those of eval. */
Test(render_command, the_trained_agent_plays_as_in_eval)
{
    char *folder = scratch_make();
    const char *run = runs_train_whole(folder, "run"), *path = scratch_path(folder, "a.ppm");
    const program_result *r = program_run(folder, "eval %s --episodes 2 --seed 9", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    char *expected = strdup(r->out);
    *strstr(expected, "2 episodes:") = '\0';
    r = program_run(folder, "render --policy %s --episodes 2 --seed 9 --out %s", run, path);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strncmp(r->out, expected, strlen(expected)) == 0, "%s and not %s", r->out, expected);

    r = program_run(folder, "render Pendulum-v1 --policy %s --steps 2 --force --out %s", run, path);
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = program_run(folder, "render CartPole-v1 --policy %s --force --out %s", run, path);
    cr_assert(r->code == 2 && strstr(r->err, "Pendulum-v1"), "%s", r->err);
    free(expected);
    scratch_remove(folder);
}

Test(render_command, random_actions_depend_on_the_seed)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.ppm");
#define EPISODE "render Pendulum-v1 --episodes 1 --force --out %s --seed "
    char *first = strdup(program_run(folder, EPISODE "1", path)->out);
    cr_assert(strstr(first, "episode 1  return -"), "%s", first);
    cr_assert_str_eq(program_run(folder, EPISODE "1", path)->out, first);
    cr_assert_str_neq(program_run(folder, EPISODE "2", path)->out, first);
    cr_assert_str_neq(program_run(folder, EPISODE "1 --env-set g=5", path)->out, first);
    free(first);
    scratch_remove(folder);
}

/* ---- films ---- */

/* Makes the film and lets ffmpeg turn it back into raw frames; the greatest mean difference of a
 * frame from the picture of the same step. */
static double compare_film(const char *folder, const char *ending, int frames)
{
    enum { BYTES = 3 * 120 * 80 };
    char line[1024], name[32];
    size_t size;
    double worst = 0;
    snprintf(name, sizeof name, "film%s", ending);
    const char *film = scratch_path(folder, name), *raw = scratch_path(folder, "raw");
    const program_result *r = program_run(folder, POLE "--steps %d --out %s", frames - 1, film);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, ", 50 a second\n"), "%s", r->out);
    snprintf(line, sizeof line,
             "ffmpeg -nostdin -loglevel error -y -i %s -f rawvideo -pix_fmt rgb24 %s", film, raw);
    cr_assert_eq(system(line), 0);

    unsigned char *seen = (unsigned char *)scratch_read(raw, &size);
    cr_assert_eq(size, (size_t)frames * BYTES, "%zu bytes", size);
    for (int i = 0; i < frames; i++) {
        snprintf(name, sizeof name, "all%02d.ppm", i);
        unsigned char *frame = read_ppm(scratch_path(folder, name), 120, 80);
        double sum = 0;
        for (int j = 0; j < BYTES; j++)
            sum += abs(frame[j] - seen[i * BYTES + j]);
        worst = sum / BYTES > worst ? sum / BYTES : worst;
        free(frame);
    }
    free(seen);
    return worst;
}

Test(render_command, films_hold_every_frame)
{
    if (!has_ffmpeg())
        NOT_RUN("films: there is no ffmpeg (apt-get install ffmpeg)");
    char *folder = scratch_make();
    const program_result *r =
        program_run(folder, POLE "--steps 9 --out %s", scratch_path(folder, "all%02d.ppm"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    double mp4 = compare_film(folder, ".mp4", 10), gif = compare_film(folder, ".gif", 10);
    cr_assert(mp4 < 4 && gif < 1, "shades off: %g in mp4, %g in gif", mp4, gif);
    scratch_remove(folder);
}

/* The packages of ffmpeg are named; pictures do without. */
Test(render_command, without_ffmpeg_there_is_a_line)
{
    char *folder = scratch_make();
    const char *film = scratch_path(folder, "a.mp4");
    setenv("PATH", "/nonexistent", 1);
    const program_result *r = program_run(folder, POLE "--out %s", film);
    cr_assert_eq(r->code, 2);
    cr_assert(strstr(r->err, "apt-get install ffmpeg") && count_lines(r->err) == 1, "%s", r->err);
    assert_nothing(film);
    r = program_run(folder, POLE "--out %s", scratch_path(folder, "a.png"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    assert_png(scratch_path(folder, "a.png"), 120, 80);
    scratch_remove(folder);
}

/* It ends at once, in the middle, or after the last frame: its last words are told. */
static const char *const faults[] = {
    "#!/bin/sh\necho first >&2\necho no such codec >&2\nexit 3\n",
    "#!/bin/sh\nhead -c 100000 >/dev/null\necho no such codec >&2\nexit 3\n",
    "#!/bin/sh\ncat >/dev/null\necho no such codec >&2\nexit 3\n",
    "#!/bin/sh\ncat >/dev/null\necho no such codec >&2\n",
};

Test(render_command, a_failing_ffmpeg_leaves_the_old_file)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char *folder = scratch_make();
        char told[600];
        size_t size;
        const char *film = scratch_path(folder, "a.mp4"), *old = scratch_path(folder, "old.mp4");
        put_ffmpeg(folder, faults[i]);
        scratch_write(old, "mine", 4);
        const program_result *r = program_run(folder, POLE "--episodes 30 --out %s", film);
        cr_assert_eq(r->code, 1, "%s", r->err);
        snprintf(told, sizeof told, "ffmpeg could not write %s: no such codec\n", film);
        cr_assert(strstr(r->err, told), "%s", r->err);
        cr_assert_eq(count_lines(r->err), 1, "%s", r->err);
        assert_nothing(film);
        r = program_run(folder, POLE "--episodes 30 --force --out %s", old);
        cr_assert_eq(r->code, 1, "%s", r->err);
        char *kept = scratch_read(old, &size);
        cr_assert(size == 4 && memcmp(kept, "mine", 4) == 0);
        free(kept);
        scratch_remove(folder);
    }
}

/* ffmpeg need not name the reason. */
Test(render_command, a_full_disk_is_told_as_such)
{
    char *folder = scratch_make(), told[600];
    const char *film = scratch_path(folder, "a.mp4");
    put_ffmpeg(folder, "#!/bin/sh\ncat >/dev/null\necho Error initializing output >&2\nexit 1\n");
    scratch_limit_files(4096);
    const program_result *r = program_run(folder, POLE "--steps 2 --out %s", film);
    scratch_limit_files(RLIM_INFINITY);
    snprintf(told, sizeof told, "streamgrad render: cannot write %s: File too large\n", film);
    cr_assert_eq(r->code, 1, "%s", r->err);
    cr_assert_str_eq(r->err, told);
    assert_nothing(film);
    scratch_remove(folder);
}

/* A film that is stopped is none, and its ffmpeg is gone. */
Test(render_command, a_signal_leaves_nothing)
{
    char *folder = scratch_make();
    const char *film = scratch_path(folder, "a.mp4"), *alive = scratch_path(folder, "alive");
    char script[512];
    /* a process that has ended lets go of its lock */
    snprintf(script, sizeof script, "#!/bin/sh\nexec 9>%s\nflock 9\nexec cat >/dev/null\n", alive);
    put_ffmpeg(folder, script);
    pid_t child = program_start(folder, POLE "--episodes 100000 --out %s", film);
    for (int i = 0; i < 500 && !sg_file_exists(alive); i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    cr_assert_eq(kill(child, SIGINT), 0);
    const program_result *r = program_wait(folder, child);
    cr_assert_eq(r->code, 130, "%d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "stopped before"), "%s", r->err);
    assert_nothing(film);
    char line[512];
    snprintf(line, sizeof line, "flock --nonblock %s true", alive);
    cr_assert_eq(system(line), 0, "ffmpeg is still there");
    scratch_remove(folder);
}

/* ---- MuJoCo ---- */

Test(render_command, mujoco_tasks_are_drawn_without_a_display)
{
    char *folder = scratch_make();
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    const char *path = scratch_path(folder, "a.ppm");
    const program_result *r =
        program_run(folder, "render Ant-v4 --steps 3 --size 64x48 --out %s", path);
    if (r->code == 2 && strstr(r->err, "apt-get install libegl1")) {
        scratch_remove(folder);
        NOT_RUN("MuJoCo's pictures: %s", r->err);
    }
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_str_empty(r->err);
    unsigned char *pixels = read_ppm(path, 64, 48);
    cr_assert(memcmp(pixels, pixels + 3 * 64 * 24, 3 * 64) != 0, "no ant and no floor");
    free(pixels);
    scratch_remove(folder);
}

/* EGL without any driver stands for a machine without Mesa. */
Test(render_command, without_egl_there_is_a_line)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.png");
    setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/dev/null", 1);
    setenv("LIBGL_DRIVERS_PATH", "/nonexistent", 1);
    const program_result *r = program_run(folder, "render Hopper-v4 --out %s", path);
    cr_assert_eq(r->code, 2);
    cr_assert(strstr(r->err, "apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri"), "%s", r->err);
    cr_assert_eq(count_lines(r->err), 1, "%s", r->err);
    assert_nothing(path);
    scratch_remove(folder);
}
