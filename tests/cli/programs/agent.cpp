/* agent.cpp - a C++ program against the installed library: an agent that learns, and a gradient
 * check. */
#include "streamgrad.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

/* Trains for some steps; the number of episodes, or -1 with a line. */
static int train(const char *algorithm_name, const char *id, int steps)
{
    sg_error error = {};
    const char *settings[] = {"hidden=8"};
    const sg_algorithm *algorithm = sg_algorithm_find(algorithm_name, &error);
    std::unique_ptr<void, void (*)(void *)> config(
        algorithm ? sg_algorithm_config(algorithm, id, settings, 1, &error) : nullptr, std::free);
    sg_env *env = config ? sg_env_make(id, nullptr, &error) : nullptr;
    env = env ? sg_algorithm_wrap(algorithm, config.get(), env, &error) : nullptr;
    sg_agent *agent =
        env ? sg_agent_new(algorithm, config.get(), &env->spec, sg_agent_options_default(), &error)
            : nullptr;
    if (!agent) {
        std::fprintf(stderr, "%s\n", error.text);
        return -1;
    }
    std::vector<double> obs(static_cast<size_t>(env->spec.obs_size)), action(SG_MAX_ACTIONS);
    uint64_t seed = 1;
    int episodes = 0;
    bool ok = sg_env_reset(env, &seed, obs.data(), &error);
    for (int i = 0; ok && i < steps; i++) {
        sg_transition t;
        sg_agent_act(agent, obs.data(), action.data());
        ok = sg_env_step(env, action.data(), obs.data(), &t, &error) &&
             sg_agent_learn(agent, &t, obs.data(), &error);
        if (!ok || (!t.terminated && !t.truncated))
            continue;
        episodes++;
        ok = sg_env_reset(env, nullptr, obs.data(), &error);
    }
    sg_agent_free(agent);
    sg_env_close(env);
    return ok ? episodes : -1;
}

/* The gradient of a small expression against differences. */
static bool check()
{
    std::unique_ptr<sg_graph, void (*)(sg_graph *)> graph(sg_graph_new(SG_F64), sg_graph_free);
    sg_node x = sg_parameter(graph.get(), "x", sg_vector(3), sg_init_normal(0, 0.5));
    sg_node loss = sg_sum(sg_square(sg_tanh(x)));
    const sg_check_report report =
        sg_gradcheck(loss, sg_nodes_of(&x, 1), sg_check_config_default());
    return sg_check_passed(&report) && report.checked == 3;
}

int main()
{
    const int episodes = train("stream_q", "CartPole-v1", 500);
    const bool checked = check();
    std::printf("%d episodes, gradients %s\n", episodes, checked ? "ok" : "wrong");
    return episodes > 5 && checked ? 0 : 1;
}
