/* machine.c - what a run's last bits may depend on beside the run itself. */
#include "rl/training/machine.h"

#include <mujoco/mujoco.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "tensor/kernels.h"

#if defined(__clang__)
#define COMPILER __VERSION__ /* begins with the name */
#else
#define COMPILER "gcc " __VERSION__
#endif

/* The processor's name as Linux tells it, else the kind of machine. */
static void find_cpu(char *name, size_t size)
{
    char line[256];
    struct utsname system;
    FILE *info = fopen("/proc/cpuinfo", "r");

    snprintf(name, size, "%s", uname(&system) == 0 ? system.machine : "unknown");
    /* The first processor speaks for all. */
    while (info && fgets(line, sizeof line, info)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (info)
        fclose(info);
}

sg_machine sg_machine_here(void)
{
    sg_machine here = {.program = STREAMGRAD_VERSION};
    snprintf(here.compiler, sizeof here.compiler, "%s", COMPILER);
    snprintf(here.mujoco, sizeof here.mujoco, "%s", mj_versionString());
    snprintf(here.instruction_set, sizeof here.instruction_set, "%s", sg_isa_name(sg_isa_best()));
    find_cpu(here.cpu, sizeof here.cpu);
    return here;
}

/* What the parts are called in the line. */
static const struct {
    const char *name;
    size_t offset;
    bool of_processor;
} PARTS[] = {
    {"streamgrad", offsetof(sg_machine, program), false},
    {"compiler", offsetof(sg_machine, compiler), false},
    {"MuJoCo", offsetof(sg_machine, mujoco), false},
    {"instruction set", offsetof(sg_machine, instruction_set), true},
    {"processor", offsetof(sg_machine, cpu), true},
};

/* Of the sets whose kernels give the same bits; the C library, too, has functions of its own for
 * processors that have AVX2, whichever they are. */
static bool rounds_alike(const char *set)
{
    return strcmp(set, "avx2") == 0 || strcmp(set, "avx512") == 0;
}

/* "MuJoCo 2.2.2, now 3.1.0; processor ..., now ..." */
bool sg_machine_same(const sg_machine *then, const sg_machine *here, sg_error *line)
{
    char list[400] = "";
    bool any_processor = rounds_alike(then->instruction_set) && rounds_alike(here->instruction_set);
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        const char *was = (const char *)then + PARTS[i].offset;
        const char *is = (const char *)here + PARTS[i].offset;
        size_t used = strlen(list);
        if (strcmp(was, is) != 0 && !(any_processor && PARTS[i].of_processor))
            snprintf(list + used, sizeof list - used, "%s%s %s, now %s", used ? "; " : "",
                     PARTS[i].name, was, is);
    }
    return !*list || sg_fail(line, "the run began with %s: results may differ", list);
}
