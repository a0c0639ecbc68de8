/* progress.c - the live line on a terminal, plain lines elsewhere. */
#include "rl/training/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Seconds between lines. */
static const double LIVE_INTERVAL = 0.1, PLAIN_INTERVAL = 5;
/* Limits of the bar; from WIDE columns on words are not shortened. */
enum { LEAST_CELLS = 4, MOST_CELLS = 30, WIDE = 110, DEFAULT_WIDTH = 80, LINE_SIZE = 256 };

double sg_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Rounded to seconds; hours only where there are some. */
const char *sg_duration_text(double seconds, char text[32])
{
    long long whole = seconds > 0 && seconds < 1e12 ? (long long)(seconds + 0.5) : 0;
    if (whole >= 3600) {
        snprintf(text, 32, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        snprintf(text, 32, "%lld:%02lld", whole / 60, whole % 60);
    }
    return text;
}

/* The first line comes after an interval, when there is something to tell. */
sg_progress sg_progress_start(bool quiet, int64_t steps, int64_t first_step)
{
    double now = sg_clock();
    return (sg_progress){
        .out = quiet ? NULL : stdout,
        .live = !quiet && isatty(STDOUT_FILENO),
        .steps = steps,
        .first_step = first_step,
        .start = now,
        .shown = now,
    };
}

/* ---- the line ---- */

/* Over this part of the run. */
static double steps_per_second(const sg_progress *p, const sg_counters *c, double now)
{
    double elapsed = now - p->start;
    return elapsed > 0 ? (double)(c->step - p->first_step) / elapsed : 0;
}

/* "9500", "126k", "1.25M". */
static const char *short_count(int64_t count, char text[32])
{
    if (count < 10000)
        snprintf(text, 32, "%" PRId64, count);
    else if (count < 1000000)
        snprintf(text, 32, "%" PRId64 "k", count / 1000);
    else
        snprintf(text, 32, "%.4gM", (double)(count / 10000) / 100);
    return text;
}

/* "step 126000/300000  42%", in brief "126k/300k  42%". */
static void write_steps(char text[96], const sg_progress *p, const sg_counters *c, bool brief)
{
    char done[32], all[32];
    double percent = p->steps > 0 ? 100.0 * (double)c->step / (double)p->steps : 100;

    if (brief) {
        snprintf(text, 96, "%s/%s %3.0f%%", short_count(c->step, done), short_count(p->steps, all),
                 percent);
    } else {
        snprintf(text, 96, "step %" PRId64 "/%" PRId64 " %3.0f%%", c->step, p->steps, percent);
    }
}

/* "...  16320 steps/s  episode 126  return 812.4  length 1000  left 0:10"; brief, for 80 columns:
 * "...  16320/s  ep 126  return 812.4  len 1000  left 0:10". */
static void write_line(char line[LINE_SIZE], const sg_progress *p, const sg_counters *c, double now,
                       bool brief)
{
    char steps[96], recent[80] = "", left[32] = "?";
    double rate = steps_per_second(p, c, now);

    write_steps(steps, p, c, brief);
    /* Before the first episode there is no mean to tell. */
    if (c->episode > 0) {
        snprintf(recent, sizeof recent, "  return %.1f  %s %.0f", sg_counters_mean_return(c),
                 brief ? "len" : "length", sg_counters_mean_length(c));
    }
    /* What is left, at the speed so far. */
    if (rate > 0)
        sg_duration_text((double)(p->steps - c->step) / rate, left);
    snprintf(line, LINE_SIZE, "%s  %.0f%s/s  %s %" PRId64 "%s  left %s", steps, rate,
             brief ? "" : " steps", brief ? "ep" : "episode", c->episode, recent, left);
}

/* Asked anew for each line: windows change their size. */
static int terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return DEFAULT_WIDTH;
    return size.ws_col;
}

/* A bar of so many cells, filled as far as the run has come. */
static void draw_bar(const sg_progress *p, const sg_counters *c, int cells)
{
    int filled = p->steps > 0 ? (int)(c->step * cells / p->steps) : cells;
    fputc('[', p->out);
    for (int i = 0; i < cells; i++)
        fputc(i < filled ? '#' : '-', p->out);
    fputs("] ", p->out);
}

/* The line over the old one, with a bar before it as long as there is room. */
static void draw_live(sg_progress *p, const sg_counters *c, double now)
{
    char line[LINE_SIZE];
    int width = terminal_width() - 1;

    write_line(line, p, c, now, width < WIDE);
    /* Brackets and a blank take three columns. */
    int room = width - (int)strlen(line) - 3;
    fputs("\r\033[K", p->out);
    if (room >= LEAST_CELLS)
        draw_bar(p, c, room < MOST_CELLS ? room : MOST_CELLS);
    fprintf(p->out, "%.*s", width, line);
    p->drawn = true;
}

/* For files and pipes: no control codes, one line after another. */
static void draw_plain(const sg_progress *p, const sg_counters *c, double now)
{
    char line[LINE_SIZE];
    write_line(line, p, c, now, false);
    fprintf(p->out, "%s\n", line);
}

/* Whoever reads along sees it at once. Where nobody can, the run goes on in silence. */
static void hand_over(sg_progress *p)
{
    if (fflush(p->out) != 0 || ferror(p->out))
        p->out = NULL;
}

/* The line of the kind that fits. */
static void show(sg_progress *p, const sg_counters *c, double now)
{
    if (p->live)
        draw_live(p, c, now);
    else
        draw_plain(p, c, now);
    hand_over(p);
    p->shown = now;
}

/* Cheap when it is not time yet. */
void sg_progress_update(sg_progress *p, const sg_counters *c, double now)
{
    if (p->out && now - p->shown >= (p->live ? LIVE_INTERVAL : PLAIN_INTERVAL))
        show(p, c, now);
}

/* What is printed next starts on a line of its own. */
void sg_progress_finish(sg_progress *p, const sg_counters *c)
{
    if (!p->out)
        return;
    show(p, c, sg_clock());
    if (p->drawn && p->out)
        fputc('\n', p->out);
    p->drawn = false;
}

/* The live line is taken away first, and comes back with the next update. */
void sg_progress_note(sg_progress *p, const char *format, ...)
{
    char text[3 * SG_PATH_SIZE]; /* folders stand in it */
    va_list arguments;
    if (!p->out)
        return;
    /* Back to the line's start, and clear it. */
    if (p->drawn)
        fprintf(p->out, "\r\033[K");
    p->drawn = false;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sg_keep_to_one_line(text);
    fprintf(p->out, "%s\n", text);
    hand_over(p);
}
