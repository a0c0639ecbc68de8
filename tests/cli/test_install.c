/* test_install.c - `make install` into folders whose names have blanks, and programs in C and C++
 * built against what it leaves there, or against the tree. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/cli/program.h"
#include "tests/not_run.h"
#include "tests/training/scratch.h"

#if !defined(__SANITIZE_ADDRESS__) /* programs would need the sanitizers' libraries, too */

/* Runs a line in the shell and keeps what it prints; its exit code. */
static int shell(char printed[4096], const char *format, ...) __attribute__((format(printf, 2, 3)));

static int shell(char printed[4096], const char *format, ...)
{
    char line[4000];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    cr_assert(length < (int)sizeof line);
    FILE *output = popen(line, "r");
    cr_assert_not_null(output);
    printed[fread(printed, 1, 4095, output)] = '\0';
    return WEXITSTATUS(pclose(output));
}

/* The build folder. */
static const char *build(void)
{
    static char folder[4096];
    snprintf(folder, sizeof folder, "%s", program_path());
    *strrchr(folder, '/') = '\0';
    return folder;
}

static void need(const char *program)
{
    char printed[4096];
    if (shell(printed, "command -v %s", program) != 0)
        NOT_RUN("programs against the installed library: there is no %s", program);
}

/* `make install` of the build that is tested, as it is: tests run side by side. */
static void install(const char *variables)
{
    char printed[4096];
    int code = shell(printed,
                     "env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -o all install BUILD='%s' %s "
                     "MUJOCO_DIR=\"$(cat '%s/obj/mujoco_dir')\" 2>&1",
                     build(), variables, build());
    cr_assert_eq(code, 0, "%s", printed);
}

/* Compiles and runs agent.cpp with what pkg-config finds in a folder; libraries are in another. */
static void assert_builds(const char *folder, const char *compiler, const char *source,
                          const char *config, const char *library, const char *told)
{
    char printed[4096];
    int code = shell(printed,
                     "export PKG_CONFIG_PATH='%s'; eval %s -Wall -Wextra -pedantic -Werror %s "
                     "$(pkg-config --cflags --libs streamgrad) -o %s/program 2>&1 && "
                     "LD_LIBRARY_PATH='%s' %s/program 2>&1",
                     config, compiler, source, folder, library, folder);
    cr_assert_eq(code, 0, "%s: %s", compiler, printed);
    cr_assert(strstr(printed, told), "%s: %s", compiler, printed);
}

Test(install, programs_are_built_against_it_in_c_and_cpp)
{
    char *folder = scratch_make(), variables[600], config[600], library[600], printed[4096];
    const char *prefix = scratch_path(folder, "a prefix");
    need("pkg-config");
    snprintf(variables, sizeof variables, "PREFIX='%s'", prefix);
    snprintf(config, sizeof config, "%s/lib/pkgconfig", prefix);
    snprintf(library, sizeof library, "%s/lib", prefix);
    /* Twice is as good as once. */
    install(variables);
    install(variables);

    int code = shell(printed, "'%s/bin/streamgrad' --version", prefix);
    cr_assert(code == 0 && strncmp(printed, "streamgrad ", 11) == 0, "%s", printed);
    scratch_write(scratch_path(folder, "c.c"),
                  "#include \"streamgrad.h\"\nint main(void) { return puts(\"in C\") < 0; }\n", 67);
    assert_builds(folder, "cc -std=c11", scratch_path(folder, "c.c"), config, library, "in C");
    assert_builds(folder, "cc", "examples/stream_regression.c -lm", config, library, " 0 wrong");
    need("g++");
    assert_builds(folder, "g++ -std=c++17", "tests/cli/programs/agent.cpp", config, library,
                  "gradients ok");
    assert_builds(folder, "g++ -std=c++11", "tests/cli/programs/graph.cpp", config, library,
                  "y = 2.000 x + 1.000");
    scratch_remove(folder);
}

Test(install, programs_are_built_against_the_tree)
{
    char *folder = scratch_make();
    need("pkg-config");
    need("g++");
    assert_builds(folder, "g++ -std=c++17", "tests/cli/programs/agent.cpp", build(), build(),
                  "gradients ok");
    assert_builds(folder, "g++ -std=c++20", "tests/cli/programs/graph.cpp", build(), build(),
                  "y = 2.000 x + 1.000");
    scratch_remove(folder);
}

Test(install, graphs_are_built_by_clang_too)
{
    char *folder = scratch_make();
    need("pkg-config");
    need("clang++");
    assert_builds(folder, "clang++ -std=c++11", "tests/cli/programs/graph.cpp", build(), build(),
                  "y = 2.000 x + 1.000");
    assert_builds(folder, "clang++ -std=c++20", "tests/cli/programs/graph.cpp", build(), build(),
                  "y = 2.000 x + 1.000");
    scratch_remove(folder);
}

Test(install, environments_are_written_in_cpp)
{
    char *folder = scratch_make(), printed[4096];
    need("g++");
    int code = shell(printed,
                     "g++ -std=c++17 -Wall -Wextra -pedantic -Werror -shared -fPIC -I. "
                     "tests/cli/programs/walk.cpp -o %s/walk.so 2>&1 && "
                     "'%s' check-env %s/walk.so --steps 200 2>&1",
                     folder, program_path(), folder);
    cr_assert_eq(code, 0, "%s", printed);
    cr_assert(strstr(printed, "Walk-v0: ") && strstr(printed, " 0 failed"), "%s", printed);
    scratch_remove(folder);
}

/* What a package is made from: files below DESTDIR that speak of PREFIX only. */
Test(install, destdir_is_in_front_of_everything)
{
    char *folder = scratch_make(), variables[600], printed[4096];
    snprintf(variables, sizeof variables, "DESTDIR='%s/the root' PREFIX=/opt/sg", folder);
    install(variables);
    cr_assert_eq(shell(printed, "cd '%s' && find . -type d | sort | head -n 6", folder), 0);
    cr_assert_str_eq(printed, ".\n./the root\n./the root/opt\n./the root/opt/sg\n"
                              "./the root/opt/sg/bin\n./the root/opt/sg/include\n");
    cr_assert_eq(shell(printed, "cat '%s/the root/opt/sg/lib/pkgconfig/streamgrad.pc'", folder), 0);
    cr_assert(strstr(printed, "prefix=/opt/sg\n") && !strstr(printed, folder), "%s", printed);
    scratch_remove(folder);
}

/* Every header that is installed is in it, but for the two lists. */
Test(install, one_header_has_them_all)
{
    char *folder = scratch_make(), variables[600], printed[4096];
    const char *prefix = scratch_path(folder, "prefix");
    snprintf(variables, sizeof variables, "PREFIX='%s'", prefix);
    install(variables);
    int code = shell(printed,
                     "cd '%s/include/streamgrad' && for h in $(find . -name '*.h'); do "
                     "grep -qF \"\\\"${h#./}\\\"\" streamgrad.h || echo ${h#./}; done | sort",
                     prefix);
    cr_assert_eq(code, 0);
    cr_assert_str_eq(printed, "autograd/ops_list.h\nrl/algorithms/list.h\nstreamgrad.h\n");
    scratch_remove(folder);
}

#endif
