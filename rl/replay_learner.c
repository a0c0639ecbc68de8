/* replay_learner.c - stores transitions, draws batches, runs the phases that are due. */
#include "rl/replay_learner.h"

#include <stdlib.h>
#include <string.h>

/* A line of the timetable, settled for one program. */
typedef struct {
    int phase; /* of the program */
    int every;
    bool repeated;
} line;

struct sg_replay_learner {
    sg_program *program;
    sg_replay *replay;
    line lines[SG_TIMETABLE_MAX];
    int line_count;
    sg_node inputs[SG_BATCH_PARTS]; /* graph NULL: the algorithm does not use it */
    int learn_phase;
    int64_t step;    /* t: transitions so far */
    int64_t updates; /* runs of "learn" since the learner was made */
    int learning_starts;
    int obs_size, action_size;
    double *obs, *action; /* of the transition to come */
    const int *slots;     /* of the next batch; NULL: drawn */
    sg_phase_listener *listener;
    void *context; /* the listener's */
};

/* The lines whose phases the graph has. */
static void settle(sg_replay_learner *l, const sg_timetable_line *timetable, const void *config)
{
    for (; timetable->phase; timetable++) {
        int phase = sg_phase_find(l->program, timetable->phase);
        if (phase < 0)
            continue;
        if (l->line_count == SG_TIMETABLE_MAX)
            sg_misuse("timetable: more than %d phases", SG_TIMETABLE_MAX);
        int every = timetable->every == SG_EACH_STEP
                        ? 1
                        : *(const int *)((const char *)config + timetable->every);
        l->lines[l->line_count++] = (line){phase, every, timetable->repeated};
    }
}

/* A phase that nobody runs, or that could see values from before another's updates, is a mistake.
 * The agent runs act and act_greedy. */
static void require_timetable(const sg_replay_learner *l)
{
    const sg_graph *graph = l->inputs[SG_BATCH_OBS].graph;
    for (int p = 0; p < sg_phase_count(l->program); p++) {
        const char *name = sg_phase_name(l->program, p);
        bool listed = !strcmp(name, "act") || !strcmp(name, "act_greedy");
        for (int k = 0; k < l->line_count; k++)
            if (l->lines[k].phase == p) {
                listed = true;
                if (!sg_phase_is_alone(graph, p))
                    sg_misuse("timetable: phase '%s' must be alone (sg_update_alone)", name);
            }
        if (!listed)
            sg_misuse("timetable: phase '%s' of the graph is not in it", name);
    }
}

/* The batch's inputs, which must be of the ring's sizes. */
static void find_inputs(sg_replay_learner *l, const sg_env_spec *spec, int batch)
{
    const int sizes[SG_BATCH_PARTS] = {spec->obs_size, spec->action_size, 1, spec->obs_size, 1};
    for (int k = 0; k < SG_BATCH_PARTS; k++) {
        char text[64];
        sg_node input = l->inputs[k] = sg_find(l->program, sg_batch_names[k]);
        if (input.graph && (int)sg_shape_size(sg_node_shape(input)) != batch * sizes[k])
            sg_misuse("replay: %s has shape %s where [%d, %d] is needed", sg_batch_names[k],
                      sg_shape_text(sg_node_shape(input), text), batch, sizes[k]);
    }
    if (!l->inputs[SG_BATCH_OBS].graph)
        sg_misuse("replay: the graph has no input '%s'", sg_batch_names[SG_BATCH_OBS]);
}

sg_replay_learner *sg_replay_learner_new(sg_program *program, const sg_timetable_line *timetable,
                                         const void *config, size_t replay_offset,
                                         const sg_env_spec *spec, uint64_t seed, sg_error *error)
{
    const sg_replay_config *c = (const void *)((const char *)config + replay_offset);
    sg_replay_learner *l = sg_alloc(sizeof *l);
    *l = (sg_replay_learner){.program = program,
                             .learning_starts = c->learning_starts,
                             .obs_size = spec->obs_size,
                             .action_size = spec->action_size};
    l->obs = sg_alloc((size_t)spec->obs_size * sizeof(double));
    l->action = sg_alloc((size_t)spec->action_size * sizeof(double));
    l->learn_phase = sg_phase_find(program, "learn");
    settle(l, timetable, config);
    find_inputs(l, spec, c->batch);
    require_timetable(l);
    l->replay = sg_replay_new(c, spec, sg_node_dtype(l->inputs[SG_BATCH_OBS]), seed, error);
    if (l->replay)
        return l;
    sg_replay_learner_free(l);
    return NULL;
}

void sg_replay_learner_free(sg_replay_learner *l)
{
    if (!l)
        return;
    sg_replay_free(l->replay);
    free(l->obs);
    free(l->action);
    free(l);
}

void sg_replay_learner_acted(sg_replay_learner *l, const double *obs, const double *action)
{
    memcpy(l->obs, obs, (size_t)l->obs_size * sizeof *obs);
    memcpy(l->action, action, (size_t)l->action_size * sizeof *action);
}

/* ---- learning ---- */

void sg_replay_learner_take_next(sg_replay_learner *l, const int *slots) { l->slots = slots; }

void sg_replay_learner_listen(sg_replay_learner *l, sg_phase_listener *listener, void *context)
{
    l->listener = listener;
    l->context = context;
}

void sg_replay_learner_draw(sg_replay_learner *l)
{
    if (l->slots)
        sg_replay_take(l->replay, l->slots);
    else
        sg_replay_draw(l->replay);
    l->slots = NULL;
    for (int k = 0; k < SG_BATCH_PARTS; k++)
        if (l->inputs[k].graph)
            sg_set(l->program, l->inputs[k], sg_replay_part(l->replay, k));
}

static bool is_due(const sg_replay_learner *l, int at) { return l->step % l->lines[at].every == 0; }

/* The end of the lines from `at` that run in turn. */
static int end_of_turn(const sg_replay_learner *l, int at)
{
    int end = at + 1;
    while (l->lines[at].repeated && end < l->line_count && l->lines[end].repeated && is_due(l, end))
        end++;
    return end;
}

static void tell(const sg_replay_learner *l, int phase, int repetition, bool done)
{
    if (l->listener)
        l->listener(l->context, sg_phase_name(l->program, phase), repetition, done);
}

/* The lines from `from` to before `end`, once or as often as the first's period. */
static bool run_turn(sg_replay_learner *l, int from, int end)
{
    int times = l->lines[from].repeated ? l->lines[from].every : 1;
    for (int k = 0; k < times; k++)
        for (int at = from; at < end; at++) {
            tell(l, l->lines[at].phase, k, false);
            if (!sg_run(l->program, l->lines[at].phase))
                return false;
            l->updates += l->lines[at].phase == l->learn_phase;
            tell(l, l->lines[at].phase, k, true);
        }
    return true;
}

static bool run_due(sg_replay_learner *l)
{
    bool drawn = false;
    for (int at = 0, end; at < l->line_count; at = end) {
        end = at + 1;
        if (!is_due(l, at))
            continue;
        end = end_of_turn(l, at);
        if (!drawn)
            sg_replay_learner_draw(l);
        drawn = true;
        if (!run_turn(l, at, end))
            return false;
    }
    return true;
}

bool sg_replay_learner_learn(sg_replay_learner *l, const sg_transition *t, const double *next_obs)
{
    sg_replay_add(l->replay, l->obs, l->action, t, next_obs);
    bool ok = l->step <= l->learning_starts || run_due(l);
    l->step++;
    return ok;
}

int64_t sg_replay_learner_updates(const sg_replay_learner *l) { return l->updates; }

void sg_replay_learner_state(sg_replay_learner *l, sg_archive *archive)
{
    sg_archive_i64(archive, "replay/step", &l->step, 1);
    sg_replay_state(l->replay, archive);
}
