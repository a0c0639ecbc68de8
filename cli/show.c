/* show.c - an environment with somebody who acts in it: a trained agent, or chance. */
#include "cli/show.h"

#include <stdlib.h>

#include "envs/check_internal.h"
#include "envs/wrappers.h"
#include "rl/training/checkpoint.h"

/* The environment is complete, but for the layer that looks on. */
static void set_stage(sg_show *show)
{
    show->env = sg_watch_task(show->env, &show->task_obs);
    show->obs = sg_alloc((size_t)show->env->spec.obs_size * sizeof(double));
    show->action = sg_alloc((size_t)show->env->spec.action_size * sizeof(double));
}

bool sg_show_open(sg_show *show, const char *id, const char *options, uint64_t seed,
                  sg_error *error)
{
    *show = (sg_show){0};
    sg_env *task = sg_env_make(id, options, error);
    if (!task)
        return false;
    show->env = sg_record_episode_statistics(sg_require_valid(task));
    sg_random_seed_named(&show->random, seed, "render/actions");
    set_stage(show);
    return true;
}

/* As `eval` does: made from run.json, then filled from the checkpoint. */
static bool open_run(sg_show *show, const sg_experiment *run, const char *folder, sg_error *error)
{
    sg_env *monitor;
    show->env = sg_experiment_make_env(run, &monitor, error);
    if (!show->env)
        return false;
    set_stage(show);
    show->agent = sg_experiment_make_agent(run, &show->env->spec, error);
    sg_training_state state = {.agent = show->agent, .env = show->env, .run = run};
    if (!show->agent || !sg_checkpoint_load(folder, &state, error))
        return false;
    sg_env_freeze(show->env, true);
    return true;
}

bool sg_show_open_run(sg_show *show, const char *folder, const char *id, sg_error *error)
{
    sg_experiment run;
    char full[SG_PATH_SIZE];
    *show = (sg_show){0};
    /* The environment may go elsewhere before the checkpoint is read. */
    if (!sg_path_absolute(full, folder, error) || !sg_experiment_read(&run, folder, error))
        return false;
    bool ok = !id || sg_experiment_move_environment(&run, id, error);
    ok = ok && open_run(show, &run, full, error);
    sg_experiment_release(&run);
    if (!ok)
        sg_show_close(show);
    return ok;
}

/* Also one that was opened half-way. */
void sg_show_close(sg_show *show)
{
    if (show->agent)
        sg_agent_free(show->agent);
    sg_env_close(show->env);
    free(show->obs);
    free(show->action);
    *show = (sg_show){0};
}

bool sg_show_reset(sg_show *show, const uint64_t *seed, sg_error *error)
{
    return sg_env_reset(show->env, seed, show->obs, error);
}

bool sg_show_step(sg_show *show, sg_transition *t, sg_error *error)
{
    if (show->agent)
        sg_agent_act_greedy(show->agent, show->obs, show->action);
    else
        sg_player_draw(&show->env->spec, &show->random, show->action);
    return sg_env_step(show->env, show->action, show->obs, t, error);
}

bool sg_show_render(sg_show *show, sg_picture *picture, sg_error *error)
{
    return sg_env_render(show->env, show->task_obs, picture, error);
}
