/* nearest.c - edit distance with neighbour swaps (optimal string alignment), for error messages. */
#include "tensor/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Longer words are compared by their beginnings. */
enum { MAX_WORD = 63 };

/* As far as words are compared. */
static int length_of(const char *word)
{
    size_t length = strlen(word);
    return length > MAX_WORD ? MAX_WORD : (int)length;
}

/* Letter case is a common slip and counts nothing. */
static bool same(char a, char b) { return tolower((unsigned char)a) == tolower((unsigned char)b); }

static int smaller(int a, int b) { return a < b ? a : b; }

/* Dynamic programming over all pairs of beginnings. */
int sg_edit_distance(const char *a, const char *b)
{
    int rows = length_of(a), cols = length_of(b);
    int cost[MAX_WORD + 1][MAX_WORD + 1];

    /* cost[i][j]: edits between the first i letters of a and the first j of b. */
    for (int i = 0; i <= rows; i++)
        cost[i][0] = i;
    for (int j = 0; j <= cols; j++)
        cost[0][j] = j;
    for (int i = 1; i <= rows; i++) {
        for (int j = 1; j <= cols; j++) {
            int replace = cost[i - 1][j - 1] + !same(a[i - 1], b[j - 1]);
            int best = smaller(replace, 1 + smaller(cost[i - 1][j], cost[i][j - 1]));
            bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
            cost[i][j] = swapped ? smaller(best, cost[i - 2][j - 2] + 1) : best;
        }
    }
    return cost[rows][cols];
}

/* Nothing has been offered yet. */
sg_nearest sg_nearest_start(const char *word) { return (sg_nearest){.word = word}; }

/* Of equally near names the first stays. */
void sg_nearest_offer(sg_nearest *search, const char *name)
{
    int distance = sg_edit_distance(search->word, name);

    /* More than half of the letters wrong is no resemblance. */
    if (distance > (length_of(name) + 1) / 2)
        return;
    if (search->best && distance >= search->distance)
        return;
    search->best = name;
    search->distance = distance;
}
