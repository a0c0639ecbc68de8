/* streamgrad.h - everything that a program built against the library can use, in one header for C
 * and C++.
 *
 *     cc  program.c   $(pkg-config --cflags --libs streamgrad)
 *     c++ program.cpp $(pkg-config --cflags --libs streamgrad)
 *
 * C++, from C++11 on, includes this header only: it declares the functions with C's linkage. Graphs
 * are built and environments written in C++ as in C (sg_list, sg_join; SG_ENV_PLUGIN); tables of
 * settings and options by field names need C or C++20.
 */
#ifndef STREAMGRAD_H
#define STREAMGRAD_H

/* What the headers below include, before C's linkage begins. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#ifdef __cplusplus
#include <initializer_list>
#endif

/* Tasks on MuJoCo are for those who have its headers. */
#if __has_include(<mujoco/mujoco.h>)
#define SG_HAS_MUJOCO
#include <mujoco/mujoco.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/* tensor: shapes, random streams, kernels, the archive of saved state, errors */
#include "tensor/archive.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/mt19937.h"
#include "tensor/nearest.h"
#include "tensor/number.h"
#include "tensor/random.h"
#include "tensor/tensor.h"

/* autograd: graph, ops, gradients, program, gradient checker, layers */
#include "autograd/check.h"
#include "autograd/grad.h"
#include "autograd/graph.h"
#include "autograd/init.h"
#include "autograd/layers.h"
#include "autograd/op.h"
#include "autograd/ops.h"
#include "autograd/parallel.h"
#include "autograd/program.h"
#include "autograd/sparse.h"
#include "autograd/substitute.h"

/* optim: updates from gradients */
#include "optim/optim.h"
#include "optim/optimizer.h"

/* rl: agents, policies, values, settings */
#include "rl/action_box.h"
#include "rl/agent.h"
#include "rl/algorithm.h"
#include "rl/answer.h"
#include "rl/deterministic.h"
#include "rl/exploration.h"
#include "rl/incremental.h"
#include "rl/network.h"
#include "rl/optimizers.h"
#include "rl/overshoot.h"
#include "rl/policy.h"
#include "rl/replay.h"
#include "rl/replay_learner.h"
#include "rl/rollout.h"
#include "rl/rollout_learner.h"
#include "rl/settings.h"
#include "rl/statistics.h"
#include "rl/stream.h"
#include "rl/surrogate.h"
#include "rl/target.h"
#include "rl/temperature.h"
#include "rl/twin_values.h"

/* rl/training: the loop, checkpoints, records, evaluation */
#include "rl/training/checkpoint.h"
#include "rl/training/counters.h"
#include "rl/training/crc32c.h"
#include "rl/training/evaluation.h"
#include "rl/training/experiment.h"
#include "rl/training/files.h"
#include "rl/training/folder.h"
#include "rl/training/hash.h"
#include "rl/training/log_file.h"
#include "rl/training/loop.h"
#include "rl/training/machine.h"
#include "rl/training/piece.h"
#include "rl/training/progress.h"
#include "rl/training/records.h"
#include "rl/training/records_find.h"
#include "rl/training/safetensors.h"
#include "rl/training/tables.h"
#include "rl/training/tensorboard.h"

/* envs: the environment interface, wrappers, plugins */
#include "envs/arithmetic.h"
#include "envs/check.h"
#include "envs/env.h"
#include "envs/options.h"
#include "envs/picture.h"
#include "envs/plugin.h"
#include "envs/plugin_file.h"
#include "envs/running.h"
#include "envs/wrap.h"
#include "envs/wrappers.h"

/* envs/mujoco: what a task with a model of one's own is made of */
#ifdef SG_HAS_MUJOCO
#include "envs/mujoco/mujoco_env.h"
#include "envs/mujoco/task.h"
#endif
/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif
