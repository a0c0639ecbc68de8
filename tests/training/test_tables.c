/* test_tables.c - the tables of a run are read back strictly: numbers to the bit, faults by line.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "rl/training/tables.h"

/* Opens a table of episodes with these rows. */
static sg_table open_rows(const char *rows, char text[400])
{
    sg_table table;
    sg_error error = {""};
    snprintf(text, 400, "%s%s", SG_EPISODES_HEADER, rows);
    cr_assert(sg_table_open(&table, "e.csv", text, strlen(text), SG_EPISODES_HEADER, &error), "%s",
              error.text);
    return table;
}

Test(tables, rows_are_read_as_they_were_written)
{
    char text[400];
    sg_table table = open_rows("200,1,-0.10000000000000001,200,0.013\n"
                               "9223372036854775807,2,1e+308,1,1e+300\n"
                               "9223372036854775807,3,1,1,1",
                               text);
    sg_episode_record row;
    sg_error error;
    cr_assert_eq(sg_table_episode(&table, &row, &error), SG_TABLE_ROW, "%s", error.text);
    cr_assert(row.step == 200 && row.episode == 1 && row.episode_return == -0.1);
    cr_assert(row.length == 200 && row.seconds == 0.013);
    cr_assert_eq(sg_table_episode(&table, &row, &error), SG_TABLE_ROW, "%s", error.text);
    cr_assert(row.step == INT64_MAX && row.episode_return == 1e308 && row.seconds == 1e300);
    /* The last one is still being written. */
    cr_assert_eq(sg_table_episode(&table, &row, &error), SG_TABLE_END);
    cr_assert(strncmp(table.at, "9223372036854775807,3", 21) == 0);
}

Test(tables, faults_are_told_by_line)
{
    static const char *const BAD[][2] = {
        {"9223372036854775808,1,1,1,1\n", "e.csv: line 2: step '9223372036854775808' is not a"},
        {"-1,1,1,1,1\n", "line 2: step '-1'"},
        {"1.0,1,1,1,1\n", "line 2: step '1.0'"},
        {"1,1,nan,1,1\n", "line 2: return 'nan' is not a number"},
        {"1,1,inf,1,1\n", "line 2: return 'inf' is not a number"},
        {"1,2,1,1,1\n", "line 2: episode 2 does not follow 0"},
        {"1,1,1,1,1\n2,3,1,1,1\n", "line 3: episode 3 does not follow 1"},
        {"1,1,1,1,1\n2,1,1,1,1\n", "line 3: episode 1 does not follow 1"},
        {"1,1,0x10,1,1\n", "line 2: return '0x10'"},
        {"1,1,1e,1,1\n", "line 2: return '1e'"},
        {"1,1,1,1,\n", "line 2: seconds ''"},
        {"1,1,1,1,1\r\n", "line 2: seconds '1?'"},
        {"1,1,1,1\n", "line 2 is not step,episode,return,length,seconds"},
        {"1,1,1,1,1,1\n", "line 2 is not step,"},
        {"\n", "line 2 is not step,"},
        {"1,1,1,1,1\n1,2,1,1,1\n", "line 3: step 1 does not come after 1"},
        {"1,1,1,1,1\n8,2,1,1,1\n", "line 3: step 8 is beyond the run's last, 7"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char text[400];
        sg_episode_record row;
        sg_error error = {""};
        sg_table_outcome outcome;
        sg_table table = open_rows(BAD[i][0], text);
        table.most = 7;
        table.limit = "the run's";
        while ((outcome = sg_table_episode(&table, &row, &error)) == SG_TABLE_ROW)
            continue;
        cr_assert_eq(outcome, SG_TABLE_BAD, "%s", BAD[i][0]);
        cr_assert(strstr(error.text, BAD[i][1]), "%s", error.text);
    }
}

/* Where rows were given up their numbers are left out; they grow all the same. */
Test(tables, numbers_may_be_left_out_where_that_is_known)
{
    char text[400];
    sg_table table = open_rows("1,4,1,1,1\n2,9,1,1,1\n3,9,1,1,1\n", text);
    sg_episode_record row;
    sg_error error;
    table.gaps = true;
    cr_assert_eq(sg_table_episode(&table, &row, &error), SG_TABLE_ROW);
    cr_assert_eq(sg_table_episode(&table, &row, &error), SG_TABLE_ROW);
    cr_assert_eq(sg_table_episode(&table, &row, &error), SG_TABLE_BAD);
    cr_assert(strstr(error.text, "line 4: episode 9 does not follow 9"), "%s", error.text);
}

Test(tables, a_header_is_needed)
{
    sg_table table;
    sg_error error;
    static const char *const BAD[] = {"", "step", "step,episode,return,length\n",
                                      "Step,episode,return,length,seconds\n1,1,1,1,1\n"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        cr_assert_not(
            sg_table_open(&table, "e.csv", BAD[i], strlen(BAD[i]), SG_EPISODES_HEADER, &error));
        cr_assert(strstr(error.text, "e.csv: line 1 is not step,episode,return,length,seconds"));
    }
}
