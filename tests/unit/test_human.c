// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/human.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    double share;
    int digits;
    const char *text;
} percents[] = {
    {0.999712, 3, "99.9712 %"},
    {0.9981, 3, "99.810 %"},
    {0.412, 2, "41.2 %"},
    {0.973, 2, "97.3 %"},
    {0.9996, 2, "99.960 %"},
    {1.0, 3, "100 %"},
    {0.0, 3, "0 %"},
    {0.99999999, 3, "99.99999900 %"},
    {1.0 - 1e-13, 3, "> 99.999999999 %"},
    {1e-13, 3, "< 0.000000001 %"},
    {0.5, 2, "50.0 %"},
    {0.00042, 2, "0.042 %"},
    {NAN, 2, "-"},
};

Test(plots_human, percent)
{
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        char text[SURETY_HUMAN_SIZE];
        surety_human_percent(text, percents[i].share, percents[i].digits);
        cr_assert_str_eq(text, percents[i].text, "row %zu: got \"%s\", expected \"%s\"", i, text, percents[i].text);
    }
}

// Whatever is shown for a share below 1 must not read as 100 %, and above 0 not as 0 %.
Test(plots_human, percent_never_rounds_to_certainty)
{
    for (int e = 1; e <= 16; e++) {
        for (double m = 1.0; m < 10.0; m += 0.0371) {
            char near_one[SURETY_HUMAN_SIZE], near_zero[SURETY_HUMAN_SIZE];
            double distance = m * pow(10.0, -e);
            if (distance >= 0.5 || 1.0 - distance >= 1.0)
                continue;
            surety_human_percent(near_one, 1.0 - distance, 2);
            surety_human_percent(near_zero, distance, 2);
            cr_assert(strtod(near_one, NULL) < 100.0, "%.17g shown as %s", 1.0 - distance, near_one);
            cr_assert(near_zero[0] == '<' || strtod(near_zero, NULL) > 0.0, "%.17g shown as %s", distance, near_zero);
        }
    }
}

Test(plots_human, interval)
{
    static const struct {
        double lo, p, hi;
        const char *text;
    } rows[] = {{0.971, 0.973, 0.975, "97.1 to 97.5 %"},          {0.99974, 0.99984, 0.999902, "99.974 to 99.990 %"},
                {0.99983, 1.0, 1.0, "99.983 to 100 %"},           {0.0, 0.0, 0.00037, "0 to 0.037 %"},
                {0.000083, 0.00014, 0.00024, "0.008 to 0.024 %"}, {0.98, 0.99, 0.99999, "98.0 to 99.999 %"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[2 * SURETY_HUMAN_SIZE];
        surety_human_interval(text, rows[i].lo, rows[i].p, rows[i].hi);
        cr_assert_str_eq(text, rows[i].text, "row %zu: got \"%s\"", i, text);
    }
}

Test(plots_human, range_ends_where_the_trials_do)
{
    static const struct {
        double lo, hi;
        uint64_t n;
        const char *text;
    } rows[] = {{0.942, 0.9999943, 12800, "94.2 to > 99.99 %"}, {0.0869, 0.99999987, 131072, "8.7 to > 99.999 %"},
                {1e-7, 0.25, 12800, "< 0.01 to 25.0 %"},        {0.0007, 0.856, 12800, "0.07 to 85.6 %"},
                {0.0007, 0.9992, 9999, "< 0.1 to > 99.9 %"},    {0.2, 0.3, 64, "20.0 to 30.0 %"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[2 * SURETY_HUMAN_SIZE];
        surety_human_range(text, rows[i].lo, rows[i].hi, rows[i].n);
        cr_assert_str_eq(text, rows[i].text, "row %zu: got \"%s\"", i, text);
    }
}

Test(plots_human, target)
{
    static const struct {
        double share;
        const char *text;
    } rows[] = {{0.9995, "99.95 %"},           {0.999, "99.9 %"}, {1.0, "100 %"}, {0.95, "95 %"},
                {0.999999999, "99.9999999 %"}, {0.0, "0 %"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[SURETY_HUMAN_SIZE];
        surety_human_target(text, rows[i].share);
        cr_assert_str_eq(text, rows[i].text, "row %zu: got \"%s\"", i, text);
    }
}

Test(plots_human, duration)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{0.0, "0 s"},      {1e-6, "0.0 ms"},   {0.0123, "12 ms"},   {1.5, "1.5 s"},     {45.0, "45 s"},
                {99.4, "99 s"},    {99.6, "1.7 min"},  {2580.0, "43 min"},  {5969.0, "99 min"}, {5971.0, "1.7 h"},
                {7560.0, "2.1 h"}, {170000.0, "47 h"}, {172800.0, "2.0 d"}, {2.6e6, "30 d"},    {NAN, "-"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[SURETY_HUMAN_SIZE];
        surety_human_duration(text, rows[i].seconds);
        cr_assert_str_eq(text, rows[i].text, "row %zu: got \"%s\"", i, text);
    }
}

Test(plots_human, count)
{
    static const struct {
        uint64_t n;
        const char *text;
    } rows[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {100000, "100,000"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[SURETY_HUMAN_SIZE];
        surety_human_count(text, rows[i].n);
        cr_assert_str_eq(text, rows[i].text);
    }
}

static char *wrapped(const char *lead, const char *text)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    cr_assert_not_null(out);
    surety_human_wrapped(out, lead, text);
    fclose(out);
    return written;
}

Test(plots_human, wrapped_breaks_at_spaces)
{
    char text[400] = "", *written;
    for (int i = 0; i < 40; i++)
        strcat(text, i % 3 == 0 ? "word " : "another ");
    written = wrapped("note: ", text);
    char *line = strtok(written, "\n");
    cr_assert(strncmp(line, "note: word another", 18) == 0);
    for (int n = 0; line != NULL; line = strtok(NULL, "\n"), n++) {
        cr_assert(strlen(line) <= SURETY_REPORT_COLUMNS);
        cr_assert(n == 0 || strncmp(line, "      ", 6) == 0);
        cr_assert(line[strlen(line) - 1] != ' ');
    }
    free(written);
}

Test(plots_human, wrapped_counts_code_points_and_shows_controls)
{
    char *written = wrapped("", "a\x1b[31mb\n");
    cr_assert_str_eq(written, "a\\x1b[31mb\\x0a\n");
    free(written);
    char text[2 * SURETY_REPORT_COLUMNS + 3] = ""; // one word of 101 two-byte letters is cut after 100
    for (int i = 0; i <= SURETY_REPORT_COLUMNS; i++)
        strcat(text, "\xc3\xa9");
    written = wrapped("", text);
    cr_assert_eq(strcspn(written, "\n"), 2 * (size_t)SURETY_REPORT_COLUMNS);
    free(written);
    written = wrapped("", "");
    cr_assert_str_eq(written, "\n");
    free(written);
}
