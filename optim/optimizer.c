/* optimizer.c - the table of optimisers, and how each takes a lesson. */
#include "optim/optimizer.h"

#include <stdio.h>

#include "autograd/grad.h"
#include "autograd/op.h"
#include "autograd/ops.h"

/* ---- gradient methods: what they descend ---- */

/* -delta z for each parameter. */
static sg_nodes td_gradients(sg_nodes parameters, sg_lesson l, sg_updates *updates)
{
    sg_nodes g = sg_grad(l.output, parameters);
    sg_nodes z = sg_traces(parameters, g, l.td.decay, l.td.reset, updates);
    return sg_scale_all(z, sg_neg(l.td.delta));
}

/* Traces, where asked for, are of the output; otherwise the loss says all. */
static sg_nodes gradients_of(sg_nodes parameters, sg_lesson l, sg_updates *updates)
{
    if (l.gradients.graph)
        return l.gradients;
    bool traced = l.output.graph && l.td.decay > 0;
    return l.loss.graph && !traced ? sg_grad(l.loss, parameters)
                                   : td_gradients(parameters, l, updates);
}

static sg_updates sgd(const sg_optimizer *o, sg_nodes p, sg_nodes g, sg_node rate)
{
    sg_sgd_config c = {.lr = o->lr, .momentum = o->beta1, .weight_decay = o->l2, .rate = rate};
    return sg_sgd(p, g, c);
}

static sg_updates adam(const sg_optimizer *o, sg_nodes p, sg_nodes g, sg_node rate)
{
    sg_adam_config c = {.lr = o->lr,
                        .beta1 = o->beta1,
                        .beta2 = o->beta2,
                        .eps = o->eps,
                        .weight_decay = o->l2,
                        .decoupled = o->kind == SG_OPTIMIZER_ADAMW,
                        .rate = rate};
    return sg_adam(p, g, c);
}

static sg_updates adamax(const sg_optimizer *o, sg_nodes p, sg_nodes g, sg_node rate)
{
    sg_adamax_config c = {.lr = o->lr, .beta2 = o->beta2, .eps = o->eps, .rate = rate};
    return sg_adamax(p, g, c);
}

static sg_updates upgd(const sg_optimizer *o, sg_nodes p, sg_nodes g, sg_node rate)
{
    sg_upgd_config c = sg_upgd_config_default();
    c.lr = o->lr;
    c.beta = o->beta1;
    c.sigma = o->noise;
    c.weight_decay = o->l2;
    c.rate = rate;
    return sg_upgd(p, g, c);
}

/* ---- TD methods ---- */

static sg_updates obgd(const sg_optimizer *o, sg_nodes p, sg_lesson l)
{
    sg_obgd_config c = {.lr = o->lr, .gamma = l.td.decay, .lambda = 1, .kappa = o->kappa};
    return sg_obgd(p, sg_grad(l.output, p), l.td.delta, l.td.reset, c);
}

static sg_updates adaptive_obgd(const sg_optimizer *o, sg_nodes p, sg_lesson l)
{
    sg_adaptive_obgd_config c = {.lr = o->lr,
                                 .gamma = l.td.decay,
                                 .lambda = 1,
                                 .kappa = o->kappa,
                                 .beta2 = o->beta2,
                                 .eps = o->eps};
    return sg_adaptive_obgd(p, sg_grad(l.output, p), l.td.delta, l.td.reset, c);
}

static sg_updates intentional(const sg_optimizer *o, sg_nodes p, sg_lesson l)
{
    sg_intentional_config c = o->intentional ? *o->intentional : sg_intentional_value_config();
    c.eta = o->lr;
    c.beta2 = o->beta2;
    c.eps = o->eps;
    c.gamma = l.td.decay;
    c.lambda = 1;
    c.normalize_delta = l.role == SG_POLICY;
    return sg_intentional(p, sg_grad(l.output, p), l.td.delta, l.td.reset, c);
}

/* ---- the table ---- */

typedef sg_updates gradient_method(const sg_optimizer *optimizer, sg_nodes parameters,
                                   sg_nodes gradients, sg_node rate);
typedef sg_updates td_method(const sg_optimizer *optimizer, sg_nodes parameters, sg_lesson lesson);

#define BOTH(values)   \
    {                  \
        values, values \
    }
#define INTENTIONAL_VALUE "lr,beta2,eps,clip,beta_clip,clip_start,adaptive_clip,rmsprop,sigma"
static const struct {
    sg_optimizer_info info;
    gradient_method *descend; /* or, where info.needs_td: */
    td_method *learn;
} optimizers[SG_OPTIMIZER_COUNT] = {
    {{"sgd", "stochastic gradient descent; beta1 is its momentum", BOTH("lr,beta1,l2"),
      BOTH("lr=1e-2,beta1=0,l2=0"), false},
     .descend = sgd},
    {{"adam", "Adam (Kingma & Ba 2015)", BOTH("lr,beta1,beta2,eps,l2"),
      BOTH("lr=1e-3,beta1=0.9,beta2=0.999,eps=1e-8,l2=0"), false},
     .descend = adam},
    {{"adamw", "Adam with decoupled weight decay l2 (Loshchilov & Hutter 2019)",
      BOTH("lr,beta1,beta2,eps,l2"), BOTH("lr=1e-3,beta1=0.9,beta2=0.999,eps=1e-8,l2=0"), false},
     .descend = adam},
    {{"adamax",
      "steps divided by the decaying maximum of past ones (Stream-X, version of 2026)",
      BOTH("lr,beta2,eps"),
      {"lr=1e-4,beta2=0.99995,eps=1e-8", "lr=2e-4,beta2=0.99995,eps=1e-8"},
      false},
     .descend = adamax},
    {{"upgd", "gradients and noise where weights are of little use (Elsayed & Mahmood 2024)",
      BOTH("lr,beta1,l2,noise"), BOTH("lr=1e-2,beta1=0.99,l2=1e-3,noise=0.05"), false},
     .descend = upgd},
    {{"obgd",
      "overshooting-bounded gradient descent (Elsayed et al. 2024)",
      BOTH("lr,kappa"),
      {"lr=1,kappa=3", "lr=1,kappa=2"},
      true},
     .learn = obgd},
    {{"adaptive_obgd",
      "ObGD scaled weight by weight (Elsayed et al. 2024)",
      BOTH("lr,kappa,beta2,eps"),
      {"lr=1,kappa=3,beta2=0.999,eps=1e-8", "lr=1,kappa=2,beta2=0.999,eps=1e-8"},
      true},
     .learn = adaptive_obgd},
    {{"intentional",
      "a set fraction lr (eta) of the error a step (Sharifnassab et al. 2026)",
      {INTENTIONAL_VALUE ",beta_norm", INTENTIONAL_VALUE},
      {"lr=0.05,beta2=0.999,eps=1e-8", "lr=0.5,beta2=0.999,eps=1e-8"},
      true},
     .learn = intentional},
};

const sg_optimizer_info *sg_optimizer_get(int kind)
{
    if (kind < 0 || kind >= SG_OPTIMIZER_COUNT)
        sg_misuse("optimizer: %d of %d", kind, SG_OPTIMIZER_COUNT);
    return &optimizers[kind].info;
}

sg_optimizer sg_optimizer_with(sg_optimizer optimizer, const sg_intentional_config *intentional)
{
    optimizer.intentional = intentional;
    return optimizer;
}

/* Of what the lesson has. */
static void require_number(const char *optimizer, const char *what, sg_node node)
{
    char text[96];
    snprintf(text, sizeof text, "%s: the lesson's %s", optimizer, what);
    if (node.graph)
        sg_require_number(text, node);
}

sg_updates sg_optimize(const sg_optimizer *optimizer, sg_nodes parameters, sg_lesson lesson)
{
    const sg_optimizer_info *info = sg_optimizer_get(optimizer->kind);
    bool td = lesson.output.graph && lesson.td.delta.graph && lesson.td.reset.graph;
    bool loss = lesson.loss.graph || lesson.gradients.graph;
    if (!td && (info->needs_td || !loss))
        sg_misuse("%s: the lesson has no %s", info->name, info->needs_td ? "TD error" : "loss");
    if (info->needs_td && (lesson.gradients.graph || lesson.rate.graph))
        sg_misuse("%s: gradients and rates are for gradient methods", info->name);
    require_number(info->name, "loss", lesson.loss);
    require_number(info->name, "rate", lesson.rate);
    require_number(info->name, "output", lesson.output);
    require_number(info->name, "td.delta", lesson.td.delta);
    require_number(info->name, "td.reset", lesson.td.reset);
    if (info->needs_td)
        return optimizers[optimizer->kind].learn(optimizer, parameters, lesson);
    sg_updates traces = {0};
    sg_nodes gradients = gradients_of(parameters, lesson, &traces);
    sg_updates steps =
        optimizers[optimizer->kind].descend(optimizer, parameters, gradients, lesson.rate);
    return sg_join(steps, traces);
}
