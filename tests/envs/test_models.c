/* test_models.c - the MJCF models against recorded numbers of the published models' compiled form.
 *
 * tests/golden/models has what MuJoCo 2.2.2 made of Gymnasium's models, and of the DeepMind Control
 * Suite's: sizes, options, statistics, names and arrays. Every number must be equal to the last
 * bit. Left out are the memory sizes, which are our own choice (the last tests are about them), and
 * custom numbers, which physics never reads. Newer engines keep some of it otherwise and round
 * otherwise: there the rest must agree to 1e-9.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <mujoco/mjxmacro.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <string.h>

#include "envs/mujoco/models.h"
#include "envs/mujoco/mujoco_env.h"
#include "tensor/random.h"
#include "tests/envs/engine.h"

/* Every model, and how many numbers its recording has. */
static const struct {
    const char *name;
    size_t numbers;
} models[] = {
    {"ant", 2080},
    {"half_cheetah", 1446},
    {"hopper", 870},
    {"humanoid", 3219},
    {"humanoidstandup", 3219},
    {"inverted_double_pendulum", 611},
    {"inverted_pendulum", 432},
    {"point", 498},
    {"pusher", 2292},
    {"pusher_v5", 2247},
    {"reacher", 954},
    {"swimmer", 693},
    {"walker2d", 1401},
    {"dm_control/cartpole", 523},
    {"dm_control/cheetah", 1458},
    {"dm_control/finger", 978},
    {"dm_control/fish", 1618},
    {"dm_control/hopper", 1154},
    {"dm_control/reacher", 838},
    {"dm_control/walker", 1413},
};

enum { MODEL_COUNT = sizeof models / sizeof models[0] };

/* What newer engines have given up, write or number in another way of equal worth, or (invweight0)
 * compute otherwise for bodies without mass. */
static bool kept_otherwise(const char *name)
{
    static const char *const names[] = {
        "apirate",         "mpr_tolerance",  "mpr_iterations", "collision",   "body_sameframe",
        "geom_sameframe",  "site_sameframe", "body_simple",    "body_iquat",  "tendon_lengthspring",
        "body_invweight0", "dof_invweight0", "sensor_type",    "disableflags"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return !recorded_engine();
    }
    return false;
}

static mjModel *load(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "%s.xml", name);
    sg_error error = {""};
    mjModel *model = sg_mujoco_load(file, &error);
    cr_assert(model != NULL, "%s", error.text);
    return model;
}

/* ---- fields of mjModel by name ---- */

typedef enum { NOTHING, DOUBLES, FLOATS, INTS, LONGS, BYTES } kind;

/* Where a field's numbers are. */
typedef struct {
    kind kind;
    const void *data;
    size_t count;
} field;

static double field_at(field f, size_t i)
{
    switch (f.kind) {
    case DOUBLES: return ((const double *)f.data)[i];
    case FLOATS: return (double)((const float *)f.data)[i];
    case INTS: return ((const int *)f.data)[i];
    case LONGS: return (double)((const int64_t *)f.data)[i];
    case BYTES: return ((const unsigned char *)f.data)[i];
    default: return NAN;
    }
}

/* The kind of a number; text has none. */
#define KIND(x)                    \
    _Generic((x), double           \
             : DOUBLES, float      \
             : FLOATS, int         \
             : INTS, unsigned char \
             : BYTES, bool         \
             : BYTES, default      \
             : NOTHING)

static field find_size(const mjModel *m, const char *name)
{
#define X(n)                   \
    if (strcmp(name, #n) == 0) \
        return (field){sizeof m->n == sizeof(int) ? INTS : LONGS, &m->n, 1};
#ifdef MJMODEL_SIZES
    MJMODEL_SIZES
#else
    MJMODEL_INTS
#endif
#undef X
    return (field){NOTHING, NULL, 0};
}

#ifdef MJOPTION_FIELDS
/* As newer engines list them. */
static field find_option(const mjModel *m, const char *name)
{
#define X(type, n, size)       \
    if (strcmp(name, #n) == 0) \
        return (field){KIND(m->opt.n), &m->opt.n, size};
#define XVEC(type, n, size)    \
    if (strcmp(name, #n) == 0) \
        return (field){DOUBLES, m->opt.n, size};
    MJOPTION_FIELDS
#undef X
#undef XVEC
    return (field){NOTHING, NULL, 0};
}
#else
static field find_option(const mjModel *m, const char *name)
{
#define X(type, n)             \
    if (strcmp(name, #n) == 0) \
        return (field){KIND(m->opt.n), &m->opt.n, 1};
    MJOPTION_SCALARS
#undef X
#define X(n, size)             \
    if (strcmp(name, #n) == 0) \
        return (field){DOUBLES, m->opt.n, size};
    MJOPTION_VECTORS
#undef X
    return (field){NOTHING, NULL, 0};
}
#endif

static field find_statistic(const mjModel *m, const char *name)
{
#define X(n)                   \
    if (strcmp(name, #n) == 0) \
    return (field){DOUBLES, &m->stat.n, sizeof m->stat.n / 8}
    X(meaninertia);
    X(meanmass);
    X(meansize);
    X(extent);
    X(center);
#undef X
    return (field){NOTHING, NULL, 0};
}

static field find_array(const mjModel *m, const char *name)
{
    MJMODEL_POINTERS_PREAMBLE(m)
#define X(type, n, rows, columns) \
    if (strcmp(name, #n) == 0)    \
        return (field){KIND(*m->n), m->n, (size_t)m->rows * (size_t)(columns)};
    MJMODEL_POINTERS
#undef X
    return (field){NOTHING, NULL, 0};
}

/* ---- comparison ---- */

/* Rounded otherwise by another engine. Of a body's three inertias any will do, as its axes may come
 * in another order. */
static bool close_enough(const char *what, field f, size_t i, double was)
{
    size_t first = i, count = 1;
    if (strcmp(what, "body_inertia") == 0) {
        first = i - i % 3;
        count = 3;
    }
    for (size_t k = first; k < first + count; k++) {
        if (fabs(field_at(f, k) - was) <= 1e-9 * (fabs(was) + 1e-3))
            return true;
    }
    return false;
}

/* Nested lists are rows of numbers: compares them from number `i` on, returns where it stopped. */
static size_t compare_from(size_t i, const json_t *expected, field f, const char *what)
{
    if (json_is_array(expected)) {
        for (size_t k = 0; k < json_array_size(expected); k++) {
            i = compare_from(i, json_array_get(expected, k), f, what);
        }
        return i;
    }
    cr_assert(json_is_number(expected) && i < f.count, "%s has %zu numbers", what, f.count);
    double was = json_number_value(expected), is = field_at(f, i);
    bool same = is == was && !signbit(is) == !signbit(was);
    if (!recorded_engine())
        same = close_enough(what, f, i, was);
    cr_assert(same, "%s, number %zu: %.17g instead of %.17g", what, i, is, was);
    return i + 1;
}

/* All fields of one section of the recording; returns how many numbers were compared. */
static size_t compare_section(const mjModel *model, const json_t *recording, const char *section,
                              field find(const mjModel *, const char *))
{
    size_t total = 0;
    const char *key;
    json_t *expected;
    json_t *fields = json_object_get(recording, section);
    cr_assert(json_object_size(fields) > 0, "the recording has no %s", section);
    json_object_foreach(fields, key, expected)
    {
        if (kept_otherwise(key))
            continue;
        field f = find(model, key);
        cr_assert(f.kind != NOTHING, "mjModel has no %s", key);
        size_t compared = compare_from(0, expected, f, key);
        cr_assert(compared == f.count, "%s: %zu numbers, recorded %zu", key, f.count, compared);
        total += compared;
    }
    return total;
}

/* Things are found by name and told apart by number. */
static void compare_names(const mjModel *model, const json_t *recording)
{
    static const struct {
        const char *key;
        mjtObj type;
    } kinds[] = {{"body", mjOBJ_BODY}, {"joint", mjOBJ_JOINT},       {"geom", mjOBJ_GEOM},
                 {"site", mjOBJ_SITE}, {"actuator", mjOBJ_ACTUATOR}, {"tendon", mjOBJ_TENDON}};
    const json_t *names = json_object_get(recording, "names");
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const json_t *list = json_object_get(names, kinds[k].key);
        cr_assert(json_is_array(list), "the recording has no names of %s", kinds[k].key);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *is = mj_id2name(model, kinds[k].type, (int)i);
            const char *was = json_string_value(json_array_get(list, i));
            cr_assert_str_eq(is ? is : "", was, "%s %zu is '%s', not '%s'", kinds[k].key, i,
                             is ? is : "", was);
        }
    }
}

/* The whole recording; returns how many numbers were compared. */
static size_t compare_model(const mjModel *model, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "tests/golden/models/%s.json", name);
    json_error_t reason;
    json_t *recording = json_load_file(path, 0, &reason);
    cr_assert(recording != NULL, "%s: %s", path, reason.text);

    size_t numbers = compare_section(model, recording, "sizes", find_size);
    numbers += compare_section(model, recording, "option", find_option);
    numbers += compare_section(model, recording, "stat", find_statistic);
    numbers += compare_section(model, recording, "arrays", find_array);
    compare_names(model, recording);
    json_decref(recording);
    printf("%s: %zu numbers %s\n", name, numbers,
           recorded_engine() ? "equal" : "close (another engine than recorded)");
    return numbers;
}

/* All of them, or most of them where the engine is another. */
static bool enough(size_t numbers, size_t recorded)
{
    return numbers == recorded || (!recorded_engine() && 10 * numbers > 9 * recorded);
}

Test(models, equal_the_recorded_numbers)
{
    for (int i = 0; i < MODEL_COUNT; i++) {
        mjModel *model = load(models[i].name);
        size_t numbers = compare_model(model, models[i].name);
        cr_assert(enough(numbers, models[i].numbers), "%s: %zu numbers compared", models[i].name,
                  numbers);
        mj_deleteModel(model);
    }
}

/* Version 5 of the walker is the same file with one number changed, whichever task has it. */
Test(models, the_walker_of_version_5)
{
    static const char *const tasks[][2] = {{"Walker2d-v5", NULL},
                                           {"HalfCheetah-v5", "xml_file=walker2d_v5.xml"}};
    for (int i = 0; i < 2; i++) {
        sg_error error = {""};
        sg_env *env = sg_env_make(tasks[i][0], tasks[i][1], &error);
        cr_assert(env != NULL, "%s", error.text);
        cr_assert(enough(compare_model(sg_mujoco_model(env), "walker2d_v5"), 1401));
        sg_env_close(env);
    }
}

/* ---- memory: small, and enough ---- */

/* A reset clears all of mjData: with MuJoCo's default sizes these are 3 MB. */
Test(models, data_is_small)
{
    for (int i = 0; i < MODEL_COUNT; i++) {
        mjModel *model = load(models[i].name);
        mjData *data = mj_makeData(model);
        cr_assert_leq(data->nbuffer, 600000, "%s: %d bytes", models[i].name, data->nbuffer);
        mj_deleteData(data);
        mj_deleteModel(model);
    }
}

/* Turns a free body to any orientation; others start as they are. */
static void tumble(const mjModel *model, mjData *data, sg_random *random)
{
    mj_resetData(model, data);
    if (model->jnt_type[0] != mjJNT_FREE)
        return;
    for (int i = 3; i < 7; i++)
        data->qpos[i] = sg_random_normal(random);
}

/* Full controls, held long enough to bring every part to its limits and to the floor. */
static void thrash(const mjModel *model, mjData *data, sg_random *random)
{
    for (int i = 0; i < model->nu; i++) {
        int side = sg_random_integer(random, 0, 2) == 1;
        data->ctrl[i] = model->actuator_ctrlrange[2 * i + side];
    }
    for (int i = 0; i < 25; i++)
        mj_step(model, data);
}

Test(models, room_for_contacts_is_never_used_up)
{
    sg_random random;
    sg_random_seed(&random, 0);
    for (int i = 0; i < MODEL_COUNT; i++) {
        mjModel *model = load(models[i].name);
        mjData *data = mj_makeData(model);
        for (int k = 0; k < 200; k++) {
            if (k % 20 == 0)
                tumble(model, data, &random);
            thrash(model, data, &random);
            cr_assert_eq(data->warning[mjWARN_CONTACTFULL].number, 0, "%s", models[i].name);
            cr_assert_eq(data->warning[mjWARN_CNSTRFULL].number, 0, "%s", models[i].name);
        }
        mj_deleteData(data);
        mj_deleteModel(model);
    }
}

/* ---- looking a model up ---- */

Test(models, text_is_the_whole_file)
{
    FILE *file = fopen("envs/mujoco/models/ant.xml", "rb");
    cr_assert(file != NULL);
    char text[16384] = "";
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    cr_assert_gt(size, 1000);
    cr_assert_str_eq(sg_mujoco_model_xml("ant.xml"), text);
}

Test(models, unknown_name_is_an_error)
{
    sg_error error = {""};
    cr_assert_null(sg_mujoco_model_xml("unicorn.xml"));
    cr_assert_null(sg_mujoco_load("unicorn.xml", &error));
    cr_assert(strstr(error.text, "unicorn.xml") != NULL, "%s", error.text);
}
