/* pusher.c - Pusher: an arm of seven joints pushes an object to a goal. Never ends by itself.
 *
 * Observation: the arm's qpos (7) and qvel (7), where tips, object and goal are (9). Reward:
 * - distance of object and goal - 0.5 distance of object and tips - 0.1 |action|^2; the distances
 * are those before the step in v4, after it in v5. The object of v4 has almost no mass, which
 * MuJoCo 3 does not bear: there is no Pusher-v4 with it, here as in Gymnasium.
 */
#include <math.h>
#include <string.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* Bodies, and how many joints there are in the arm and in the places of object and goal. */
enum { TIPS, OBJECT, GOAL, ARM = 7, PLACES = 4 };

static bool find_bodies(sg_mujoco *env, sg_error *error)
{
    return sg_mujoco_find_body(env, "tips_arm", &env->body[TIPS], error) &&
           sg_mujoco_find_body(env, "object", &env->body[OBJECT], error) &&
           sg_mujoco_find_body(env, "goal", &env->body[GOAL], error);
}

/* ---- the start ---- */

/* In a rectangle, but not at the goal, which is at 0: by rejection. */
static void draw_object(sg_random *random, double object[2])
{
    do {
        object[0] = sg_random_uniform(random, -0.3, 0);
        object[1] = sg_random_uniform(random, -0.2, 0.2);
    } while (sqrt(object[0] * object[0] + object[1] * object[1]) <= 0.17);
}

/* Object and goal lie still. */
static void place(sg_mujoco *env)
{
    double *places = env->data->qpos + env->model->nq - PLACES;
    double *speeds = env->data->qvel + env->model->nv - PLACES;
    draw_object(&env->random, places);
    places[2] = places[3] = 0;
    sg_mujoco_add_uniform(env, env->data->qvel, env->model->nv, 0.005);
    memset(speeds, 0, PLACES * sizeof *speeds);
}

/* ---- observation and reward ---- */

static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, ARM);
    obs = sg_mujoco_put(obs, env->data->qvel, ARM);
    for (int i = TIPS; i <= GOAL; i++)
        obs = sg_mujoco_put(obs, env->data->xpos + 3 * env->body[i], 3);
    return obs;
}

/* How far the object is from the tips, and from the goal. */
static void remember(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    now[0] = sg_mujoco_distance(env, env->body[OBJECT], env->body[TIPS]);
    now[1] = sg_mujoco_distance(env, env->body[OBJECT], env->body[GOAL]);
}

/* The object at the goal, the tips at the object, and little effort. */
static double reward_at(const sg_mujoco *env, const double memory[SG_MUJOCO_MEMORY])
{
    const sg_mujoco_config *c = &env->config;
    return -memory[1] * c->reward_dist_weight - sg_mujoco_ctrl_cost(env) -
           memory[0] * c->reward_near_weight;
}

static void reward_v4(const sg_mujoco *env, sg_transition *t)
{
    t->reward = reward_at(env, env->before);
}

static void reward_v5(const sg_mujoco *env, sg_transition *t)
{
    t->reward = reward_at(env, env->now);
}

/* ---- the task ---- */

static const char *const options_v4[] = {"numpy", NULL};
static const char *const options_v5[] = {"reward_near_weight", "reward_dist_weight",
                                         "reward_control_weight", "numpy", NULL};

static const sg_mujoco_task v4 = {.time_limit = 100,
                                  .least_nq = ARM + PLACES,
                                  .least_nv = ARM + PLACES,
                                  .options = options_v4,
                                  .prepare = find_bodies,
                                  .place = place,
                                  .observe = observe,
                                  .remember = remember,
                                  .reward = reward_v4,
                                  .defaults = {.xml_file = "pusher.xml",
                                               .frame_skip = 5,
                                               .reward_dist_weight = 1,
                                               .reward_near_weight = 0.5,
                                               .ctrl_cost_weight = 0.1}};

/* v5 has a heavier object, and pays for where the step led. */
sg_env *sg_pusher_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        strcpy(task.defaults.xml_file, "pusher_v5.xml");
        task.options = options_v5;
        task.reward = reward_v5;
    } else if (mj_version() >= 300) {
        sg_fail(error,
                "%s: its object has too little mass for MuJoCo %s; Pusher-v5 works, or "
                "MuJoCo 2",
                id, mj_versionString());
        return NULL;
    }
    return sg_mujoco_make(&task, id, text, error);
}
