/* graph.c - building: memory, nodes, equal nodes merged. */
#include "autograd/graph_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

struct sg_arena_block {
    sg_arena_block *next;
    _Alignas(SG_ALIGNMENT) char data[];
};

void *sg_graph_alloc(sg_graph *g, size_t bytes)
{
    sg_arena_block *block = sg_alloc(sizeof(sg_arena_block) + bytes);
    block->next = g->arena;
    g->arena = block;
    return block->data;
}

/* Names stand in lines of messages, of printed graphs and of a run's files. */
char *sg_graph_text(sg_graph *g, const char *text)
{
    size_t bytes = strlen(text) + 1;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            sg_misuse("the name '%.60s' has control characters", text);
    return memcpy(sg_graph_alloc(g, bytes), text, bytes);
}

void *sg_grow(void *items, int count, int *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 16;
    void *grown = sg_alloc((size_t)*capacity * size);
    if (count)
        memcpy(grown, items, (size_t)count * size);
    free(items);
    return grown;
}

sg_graph *sg_graph_new(sg_dtype dtype)
{
    sg_graph *g = sg_alloc(sizeof *g);
    g->dtype = dtype;
    g->table_size = 1024;
    g->table = sg_alloc((size_t)g->table_size * sizeof *g->table);
    return g;
}

static void *copy_of(const void *items, int count, size_t size)
{
    void *copy = sg_alloc((size_t)(count + 1) * size);
    return count ? memcpy(copy, items, (size_t)count * size) : copy;
}

sg_graph *sg_graph_snapshot(const sg_graph *g)
{
    sg_graph *copy = sg_alloc(sizeof *copy);
    *copy = (sg_graph){.dtype = g->dtype,
                       .node_count = g->node_count,
                       .phase_count = g->phase_count,
                       .report_count = g->report_count};
    copy->nodes = copy_of(g->nodes, g->node_count, sizeof *g->nodes);
    copy->phases = copy_of(g->phases, g->phase_count, sizeof *g->phases);
    copy->reports = copy_of(g->reports, g->report_count, sizeof *g->reports);
    for (int p = 0; p < g->phase_count; p++) {
        sg_phase_info *phase = &copy->phases[p];
        phase->values = copy_of(phase->values, phase->value_count, sizeof *phase->values);
        phase->updates = copy_of(phase->updates, phase->update_count, sizeof *phase->updates);
    }
    return copy;
}

static void free_lists(sg_graph *g)
{
    for (int p = 0; p < g->phase_count; p++) {
        free(g->phases[p].values);
        free(g->phases[p].updates);
    }
    free(g->phases);
    free(g->reports);
    free(g->nodes);
}

void sg_graph_snapshot_free(sg_graph *g)
{
    free_lists(g);
    free(g);
}

void sg_graph_free(sg_graph *g)
{
    if (!g)
        return;
    for (sg_arena_block *block = g->arena, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free_lists(g);
    free(g->gradients);
    free(g->table);
    free(g);
}

/* ---- nodes ---- */

sg_dtype sg_graph_dtype(const sg_graph *g) { return g->dtype; }
int sg_graph_node_count(const sg_graph *g) { return g->node_count; }
sg_shape sg_node_shape(sg_node node) { return sg_info(node)->shape; }
sg_dtype sg_node_dtype(sg_node node) { return sg_info(node)->dtype; }
const char *sg_node_name(sg_node node) { return sg_info(node)->name; }
int sg_node_op(sg_node node) { return sg_info(node)->op; }
int sg_node_input_count(sg_node node) { return sg_info(node)->input_count; }
const sg_attributes *sg_node_attributes(sg_node node) { return &sg_info(node)->attr; }

sg_node sg_node_input(sg_node node, int index)
{
    return (sg_node){node.graph, sg_info(node)->inputs[index]};
}

bool sg_is_constant(sg_node node, double value)
{
    const sg_node_info *info = sg_info(node);
    return info->op == SG_OP_constant && !info->values && info->attr.number[0] == value;
}

sg_node sg_named(sg_node node, const char *name)
{
    const sg_node_info *info = sg_info(node);
    if (!name)
        sg_misuse("named: a name is needed");
    if (!info->name || !sg_op_get(info->op)->is_source)
        node.graph->nodes[node.id].name = sg_graph_text(node.graph, name);
    return node;
}

const char *sg_node_text(const sg_graph *g, int id, char text[160])
{
    char shape[64];
    const sg_node_info *info = &g->nodes[id];
    snprintf(text, 160, "%%%d %s%s%.64s%s %s", id, sg_op_get(info->op)->name,
             info->name ? " '" : "", info->name ? info->name : "", info->name ? "'" : "",
             sg_shape_text(info->shape, shape));
    return text;
}

void sg_graph_take_any_size(sg_graph *g) { g->any_size = true; }

/* Elements are counted in ints, which a product of dimensions may exceed, and 64 bits too. */
static int size_of(sg_graph *g, sg_shape shape)
{
    char text[64];
    double size = 1;
    for (int d = 0; d < shape.rank; d++)
        size *= shape.dim[d];
    if (size <= INT_MAX)
        return (int)size;
    if (!g->any_size)
        sg_misuse("node: %s has more than %d elements", sg_shape_text(shape, text), INT_MAX);
    if (!g->too_large)
        g->too_large = g->node_count + 1;
    return INT_MAX;
}

sg_node sg_append(sg_graph *g, sg_node_info info)
{
    if (info.dtype != SG_F32 && info.dtype != SG_F64)
        sg_misuse("node: number type %d is neither SG_F32 nor SG_F64", (int)info.dtype);
    info.size = size_of(g, info.shape);
    g->nodes = sg_grow(g->nodes, g->node_count, &g->node_capacity, sizeof *g->nodes);
    g->nodes[g->node_count] = info;
    return (sg_node){g, g->node_count++};
}

/* ---- equal nodes are one node ---- */

/* FNV-1a over what makes a node what it is. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ ((const unsigned char *)data)[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t node_hash(const sg_node_info *n)
{
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, &n->op, sizeof n->op);
    hash = hash_bytes(hash, &n->dtype, sizeof n->dtype);
    hash = hash_bytes(hash, &n->shape, sizeof n->shape);
    hash = hash_bytes(hash, n->inputs, (size_t)n->input_count * sizeof n->inputs[0]);
    return hash_bytes(hash, &n->attr, sizeof n->attr);
}

static bool node_equal(const sg_node_info *a, const sg_node_info *b)
{
    return a->op == b->op && a->dtype == b->dtype && a->input_count == b->input_count &&
           !a->values && !b->values && !memcmp(&a->shape, &b->shape, sizeof a->shape) &&
           !memcmp(a->inputs, b->inputs, (size_t)a->input_count * sizeof a->inputs[0]) &&
           !memcmp(&a->attr, &b->attr, sizeof a->attr);
}

/* The slot of an equal node, or the empty one where it belongs. */
static int *find_slot(const sg_graph *g, const sg_node_info *info)
{
    int mask = g->table_size - 1;
    int at = (int)(node_hash(info) & (uint64_t)mask);
    while (g->table[at] && !node_equal(&g->nodes[g->table[at] - 1], info))
        at = (at + 1) & mask;
    return &g->table[at];
}

/* Doubles the table while it is more than half full. */
static void grow_table(sg_graph *g)
{
    if (2 * g->node_count < g->table_size)
        return;
    int *old = g->table, old_size = g->table_size;
    g->table_size *= 2;
    g->table = sg_alloc((size_t)g->table_size * sizeof *g->table);
    for (int i = 0; i < old_size; i++)
        if (old[i])
            *find_slot(g, &g->nodes[old[i] - 1]) = old[i];
    free(old);
}

/* As sg_shape_make would have it: shapes are compared as bytes, their unused dimensions being 0. */
static sg_shape checked_shape(sg_shape shape) { return sg_shape_make(shape.rank, shape.dim); }

static sg_node merge(sg_graph *g, sg_node_info info)
{
    info.shape = checked_shape(info.shape);
    grow_table(g);
    int *slot = find_slot(g, &info);
    if (!*slot)
        *slot = sg_append(g, info).id + 1;
    return (sg_node){g, *slot - 1};
}

sg_node sg_apply(int op, const sg_node *inputs, int count, sg_shape shape, sg_dtype dtype,
                 sg_attributes attr)
{
    sg_node_info info = {
        .op = op, .dtype = dtype, .shape = shape, .input_count = count, .attr = attr};
    for (int i = 0; i < count; i++) {
        if (!inputs[i].graph || inputs[i].graph != inputs[0].graph)
            sg_misuse("%s: input %d is %s", sg_op_get(op)->name, i,
                      inputs[i].graph ? "a node of another graph" : "not a node");
        info.inputs[i] = inputs[i].id;
    }
    return merge(inputs[0].graph, info);
}

sg_node sg_apply_like(int op, sg_node x, sg_attributes attr)
{
    sg_require_node(sg_op_get(op)->name, x);
    return sg_apply(op, &x, 1, sg_node_shape(x), sg_node_dtype(x), attr);
}

static sg_node constant(sg_graph *g, sg_dtype dtype, sg_shape shape, double value)
{
    return merge(
        g, (sg_node_info){
               .op = SG_OP_constant, .dtype = dtype, .shape = shape, .attr = {.number = {value}}});
}

sg_node sg_fill(sg_graph *g, sg_shape shape, double value)
{
    return constant(g, g->dtype, shape, value);
}

sg_node sg_constant(sg_graph *g, double value) { return sg_fill(g, sg_vector(1), value); }

sg_node sg_constant_of(sg_graph *g, sg_dtype dtype, double value)
{
    return constant(g, dtype, sg_vector(1), value);
}

sg_node sg_constant_like(sg_node like, sg_shape shape, double value)
{
    return constant(like.graph, sg_node_dtype(like), shape, value);
}

sg_node sg_constant_array(sg_graph *g, sg_shape shape, const double *values)
{
    size_t bytes = (size_t)size_of(g, checked_shape(shape)) * sizeof *values;
    double *copy = memcpy(sg_graph_alloc(g, bytes), values, bytes);
    return sg_append(g, (sg_node_info){.op = SG_OP_constant,
                                       .dtype = g->dtype,
                                       .shape = checked_shape(shape),
                                       .values = copy});
}

/* ---- named sources ---- */

static bool name_taken(const sg_graph *g, const char *name)
{
    for (int i = 0; i < g->node_count; i++)
        if (g->nodes[i].name && sg_op_get(g->nodes[i].op)->is_source &&
            !strcmp(g->nodes[i].name, name))
            return true;
    return false;
}

static sg_node named_source(sg_graph *g, const char *name, sg_node_info info)
{
    if (!name || !*name)
        sg_misuse("%s: a name is needed", sg_op_get(info.op)->name);
    if (strlen(name) > SG_LONGEST_NAME)
        sg_misuse("%s '%.60s...': names have at most %d letters", sg_op_get(info.op)->name, name,
                  SG_LONGEST_NAME);
    if (name_taken(g, name))
        sg_misuse("%s '%s': the graph has that name already", sg_op_get(info.op)->name, name);
    info.name = sg_graph_text(g, name);
    info.shape = checked_shape(info.shape);
    return sg_append(g, info);
}

sg_node sg_input(sg_graph *g, const char *name, int n)
{
    return sg_input_shaped(g, name, sg_vector(n));
}

sg_node sg_input_shaped(sg_graph *g, const char *name, sg_shape shape)
{
    return named_source(g, name,
                        (sg_node_info){.op = SG_OP_input, .dtype = g->dtype, .shape = shape});
}

sg_node sg_parameter(sg_graph *g, const char *name, sg_shape shape, sg_init init)
{
    return named_source(
        g, name,
        (sg_node_info){.op = SG_OP_parameter, .dtype = g->dtype, .shape = shape, .init = init});
}

sg_node sg_state(sg_graph *g, const char *name, sg_shape shape, sg_dtype dtype, double initial)
{
    return named_source(
        g, name,
        (sg_node_info){
            .op = SG_OP_state, .dtype = dtype, .shape = shape, .init = sg_init_constant(initial)});
}

sg_node sg_state_copy(const char *name, sg_node parameter)
{
    char text[160];
    if (!parameter.graph || sg_node_op(parameter) != SG_OP_parameter)
        sg_misuse("state '%s': %s is not a parameter to be copied", name,
                  parameter.graph ? sg_node_text(parameter.graph, parameter.id, text) : "nothing");
    return named_source(parameter.graph, name,
                        (sg_node_info){.op = SG_OP_state,
                                       .dtype = sg_node_dtype(parameter),
                                       .shape = sg_node_shape(parameter),
                                       .copy_of = parameter.id + 1});
}

/* Draws of the same name are numbered: "noise", "noise.2", "noise.3". */
static sg_node random_source(sg_graph *g, int op, const char *name, sg_shape shape)
{
    char numbered[SG_NAME_SIZE];
    snprintf(numbered, sizeof numbered, "%s", name);
    for (int k = 2; name_taken(g, numbered); k++)
        snprintf(numbered, sizeof numbered, "%s.%d", name, k);
    return named_source(g, numbered, (sg_node_info){.op = op, .dtype = g->dtype, .shape = shape});
}

sg_node sg_normal(sg_graph *g, const char *name, sg_shape shape)
{
    return random_source(g, SG_OP_normal, name, shape);
}

sg_node sg_uniform(sg_graph *g, const char *name, sg_shape shape)
{
    return random_source(g, SG_OP_uniform, name, shape);
}
