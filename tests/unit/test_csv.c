// SPDX-License-Identifier: GPL-3.0-or-later
#include "result_fixture.h"

#include "plots/csv.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static char *table_of(const struct surety_csv_table *table, const struct surety_result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    table->write(result, out);
    fclose(out);
    return text;
}

static const struct surety_csv_table *find(const char *name)
{
    for (const struct surety_csv_table *table = surety_csv_tables; table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

Test(plots_csv, cells_are_quoted)
{
    static const char *const cells[][2] = {
        {"plain", "plain"}, {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""}, {"a\nb", "\"a\nb\""},
        {"=1+1", "'=1+1"},  {"-", "'-"},        {"@x,", "\"'@x,\""},    {"", ""}};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        surety_csv_text(out, cells[i][0]);
        fclose(out);
        cr_assert_str_eq(text, cells[i][1]);
        free(text);
    }
}

// Every line has as many cells as the head, ends in CRLF, and no cell holds "nan" or "inf".
Test(plots_csv, tables_are_tidy)
{
    struct surety_result *result = result_fixture("x", "y");
    for (const struct surety_csv_table *table = surety_csv_tables; table->name != NULL; table++) {
        if (!table->has_rows(result))
            continue;
        char *text = table_of(table, result);
        size_t n_cells = 0, n_rows = 0, n_head = 0;
        bool quoted = false;
        for (const char *p = text; *p != '\0'; p++) {
            quoted = *p == '"' ? !quoted : quoted;
            n_cells += !quoted && (*p == ',' || *p == '\n');
            if (quoted || *p != '\n')
                continue;
            cr_assert(p > text && p[-1] == '\r', "%s", table->name);
            n_head = n_rows == 0 ? n_cells : n_head;
            cr_assert_eq(n_cells, n_head, "%s, row %zu: %zu cells", table->name, n_rows, n_cells);
            n_cells = 0;
            n_rows++;
        }
        cr_assert(n_rows > 1, "%s", table->name);
        cr_assert_null(strstr(text, "nan"), "%s", table->name);
        cr_assert_null(strstr(text, "inf,"), "%s", table->name);
        free(text);
    }
    surety_result_destroy(result);
}

Test(plots_csv, what_is_absent_is_empty_or_left_out)
{
    struct surety_result *result = result_fixture_bare();
    static const char *const absent[] = {"causes.csv", "phases.csv", "credits.csv", "flips.csv", "bad_month.csv"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        cr_assert_not(find(absent[i])->has_rows(result), "%s", absent[i]);
    char *text = table_of(find("tiers.csv"), result);
    cr_assert_not_null(strstr(text, "openai,standard,0.995,,no,"));
    free(text);
    surety_result_destroy(result);
}

// The error of a flip where it is told, nothing where it is not.
Test(plots_csv, flips_tell_their_error)
{
    struct surety_result *result = result_fixture("x", "y");
    char *text = table_of(find("flips.csv"), result);
    cr_assert_not_null(strstr(text, ",changes_at,error,becomes,"));
    cr_assert_not_null(strstr(text, ",3336,9200,0.25,priced,"));
    cr_assert_not_null(strstr(text, ",7.1,14.2,,priced,"));
    free(text);
    surety_result_destroy(result);
}
