/* registry.c - the list of environments: a new one is a line here and a declaration in tasks.h. */
#include <stdio.h>
#include <string.h>

#include "envs/env.h"
#include "envs/plugin_file.h"
#include "envs/tasks.h"
#include "tensor/nearest.h"

static const sg_env_entry entries[] = {
    /* MuJoCo */
    {"HalfCheetah-v4", "a planar two-legged cheetah runs", sg_half_cheetah_make},
    {"HalfCheetah-v5", "as v4", sg_half_cheetah_make},
    {"Hopper-v4", "a planar leg hops", sg_hopper_make},
    {"Hopper-v5", "no reward for being healthy on the last step", sg_hopper_make},
    {"Walker2d-v4", "a planar pair of legs walks", sg_walker2d_make},
    {"Walker2d-v5", "both feet with equal friction; healthy reward as Hopper-v5", sg_walker2d_make},
    {"Ant-v4", "a four-legged ant walks", sg_ant_make},
    {"Ant-v5", "contact forces observed and penalised", sg_ant_make},
    {"Humanoid-v4", "a human figure walks", sg_humanoid_make},
    {"Humanoid-v5", "contact forces penalised, constant observations left out", sg_humanoid_make},
    {"HumanoidStandup-v4", "a human figure gets up from the floor", sg_humanoid_standup_make},
    {"HumanoidStandup-v5", "constant observations left out", sg_humanoid_standup_make},
    {"Swimmer-v4", "three rods swim in a thick fluid", sg_swimmer_make},
    {"Swimmer-v5", "as v4", sg_swimmer_make},
    {"Reacher-v4", "a planar arm reaches a target", sg_reacher_make},
    {"Reacher-v5", "pays for the distance after the step", sg_reacher_make},
    {"Pusher-v4", "an arm pushes an object to a goal; MuJoCo 2 only", sg_pusher_make},
    {"Pusher-v5", "heavier object; pays for the distances after the step", sg_pusher_make},
    {"InvertedPendulum-v4", "a cart balances a pole", sg_inverted_pendulum_make},
    {"InvertedPendulum-v5", "no reward on the last step", sg_inverted_pendulum_make},
    {"InvertedDoublePendulum-v4", "a cart balances two poles", sg_inverted_double_pendulum_make},
    {"InvertedDoublePendulum-v5", "no reward for being upright on the last step",
     sg_inverted_double_pendulum_make},
    /* classic control */
    {"CartPole-v1", "a cart balances a pole; two discrete actions", sg_cartpole_make},
    {"Acrobot-v1", "a two-link robot swings up; three discrete actions", sg_acrobot_make},
    {"MountainCar-v0", "a car leaves a valley; three discrete actions", sg_mountain_car_make},
    {"MountainCarContinuous-v0", "a car leaves a valley", sg_mountain_car_continuous_make},
    {"Pendulum-v1", "a torque-limited pendulum swings up", sg_pendulum_make},
    /* dots */
    {"DotReacherEasy-v0", "a dot comes to rest in the middle; -1 a step", sg_dot_reacher_make},
    {"DotReacherHard-v0", "as Easy, nearer and slower", sg_dot_reacher_make},
    {"DotSeeker-v0", "a dot catches a wandering goal; -1 a step", sg_dot_seeker_make},
    /* DeepMind Control, by the names of Gymnasium's bridge */
    {"dm_control/cartpole-balance-v0", "a cart keeps a pole upright", sg_dm_cartpole_make},
    {"dm_control/cartpole-balance_sparse-v0", "pays only near upright", sg_dm_cartpole_make},
    {"dm_control/cartpole-swingup-v0", "a cart swings a pole up", sg_dm_cartpole_make},
    {"dm_control/cartpole-swingup_sparse-v0", "pays only near upright", sg_dm_cartpole_make},
    {"dm_control/cheetah-run-v0", "a planar two-legged cheetah runs at 10 m/s", sg_dm_cheetah_make},
    {"dm_control/finger-spin-v0", "a planar finger keeps a spinner turning", sg_dm_finger_make},
    {"dm_control/finger-turn_easy-v0", "a planar finger turns a spinner to a large target",
     sg_dm_finger_make},
    {"dm_control/finger-turn_hard-v0", "a planar finger turns a spinner to a small target",
     sg_dm_finger_make},
    {"dm_control/fish-upright-v0", "a fish rights itself", sg_dm_fish_make},
    {"dm_control/fish-swim-v0", "a fish swims to a target", sg_dm_fish_make},
    {"dm_control/hopper-stand-v0", "a planar leg stands", sg_dm_hopper_make},
    {"dm_control/hopper-hop-v0", "a planar leg hops at 2 m/s", sg_dm_hopper_make},
    {"dm_control/reacher-easy-v0", "a planar arm reaches a large target", sg_dm_reacher_make},
    {"dm_control/reacher-hard-v0", "a planar arm reaches a small target", sg_dm_reacher_make},
    {"dm_control/walker-stand-v0", "a planar pair of legs stands", sg_dm_walker_make},
    {"dm_control/walker-walk-v0", "a planar pair of legs walks at 1 m/s", sg_dm_walker_make},
    {"dm_control/walker-run-v0", "a planar pair of legs runs at 8 m/s", sg_dm_walker_make},
    /* MinAtar */
    {"MinAtar/Breakout-v0", "a ball and a paddle break bricks", sg_minatar_breakout_make},
    {"MinAtar/Breakout-v1", "with the three actions that it uses", sg_minatar_breakout_make},
    {"MinAtar/Asterix-v0", "gold crosses the board, and enemies", sg_minatar_asterix_make},
    {"MinAtar/Asterix-v1", "with the five actions that it uses", sg_minatar_asterix_make},
    {"MinAtar/Freeway-v0", "a chicken crosses eight lanes of cars", sg_minatar_freeway_make},
    {"MinAtar/Freeway-v1", "with the three actions that it uses", sg_minatar_freeway_make},
    {"MinAtar/Seaquest-v0", "a submarine among divers and enemies", sg_minatar_seaquest_make},
    {"MinAtar/Seaquest-v1", "as v0: it uses all six actions", sg_minatar_seaquest_make},
    {"MinAtar/SpaceInvaders-v0", "a cannon shoots at aliens", sg_minatar_space_invaders_make},
    {"MinAtar/SpaceInvaders-v1", "with the four actions that it uses",
     sg_minatar_space_invaders_make},
};

enum { ENTRY_COUNT = sizeof entries / sizeof entries[0] };

/* For listings; the order is that of the table. */
int sg_env_count(void) { return ENTRY_COUNT; }

const sg_env_entry *sg_env_entry_at(int index)
{
    return index >= 0 && index < ENTRY_COUNT ? &entries[index] : NULL;
}

/* NULL if there is none of that name. */
static const sg_env_entry *find(const char *id)
{
    for (int i = 0; i < ENTRY_COUNT; i++) {
        if (strcmp(entries[i].id, id) == 0)
            return &entries[i];
    }
    return NULL;
}

/* Of an id with a family before a slash, "MinAtar/Breakout-v1", the name alone is as good. */
static int distance_to_entry(const char *id, const char *known)
{
    const char *slash = strchr(known, '/');
    int whole = sg_edit_distance(id, known), name = slash ? sg_edit_distance(id, slash + 1) : whole;
    return name < whole ? name : whole;
}

/* The three nearest known ids, "A, B or C". */
static void nearest(const char *id, char *text, size_t size)
{
    const char *name[3] = {"", "", ""};
    int best[3] = {1 << 20, 1 << 20, 1 << 20};
    for (int i = 0; i < ENTRY_COUNT; i++) {
        /* pushed down from the third place while nearer than the one above */
        int d = distance_to_entry(id, entries[i].id);
        if (d >= best[2])
            continue;
        int place = 2;
        for (; place > 0 && d < best[place - 1]; place--) {
            best[place] = best[place - 1];
            name[place] = name[place - 1];
        }
        best[place] = d;
        name[place] = entries[i].id;
    }
    snprintf(text, size, "%s, %s or %s", name[0], name[1], name[2]);
}

/* Names first, since a file may be called anything. */
const sg_env_entry *sg_env_find(const char *id, sg_error *error)
{
    if (!id)
        sg_misuse("sg_env_find: id is NULL");
    const sg_env_entry *entry = find(id);
    if (entry)
        return entry;
    if (sg_plugin_is_path(id))
        return sg_plugin_load(id, error);

    /* the nearest names, or what a plugin's file would be called */
    char known[200];
    nearest(id, known, sizeof known);
    const char *ending = strrchr(id, '.');
    if (ending && strcmp(ending, ".so") == 0) {
        sg_fail(error, "unknown environment '%.100s'; a plugin in this folder is ./%.100s", id, id);
    } else if (strchr("./~", id[0]) && id[0]) {
        sg_fail(error, "unknown environment '%.100s'; a plugin's file ends in .so", id);
    } else {
        sg_fail(error, "unknown environment '%.100s'; nearest are %s; `streamgrad envs` lists all",
                id, known);
    }
    return NULL;
}

sg_env *sg_env_make(const char *id, const char *options, sg_error *error)
{
    const sg_env_entry *entry = sg_env_find(id, error);
    return entry ? sg_env_make_entry(entry, options, error) : NULL;
}
