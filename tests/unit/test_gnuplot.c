// SPDX-License-Identifier: GPL-3.0-or-later
#include "result_fixture.h"

#include "plots/figures.h"
#include "plots/gnuplot.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char evil[] = "'; system \"touch pwned\" # `touch pwned` \n!touch pwned\n <b> & %s \x1b";

static char *quoted(const char *text, size_t most)
{
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    surety_gnuplot_quote(stream, text, most);
    fclose(stream);
    return out;
}

static bool is_installed(void)
{
    struct surety_diags diags;
    struct surety_gnuplot_output output;
    surety_diags_init(&diags, "test");
    enum surety_err err = surety_gnuplot_run("set terminal dumb\nplot 1\n", "x", &diags, &output);
    surety_gnuplot_output_finish(&output);
    surety_diags_finish(&diags);
    return err == SURETY_OK;
}

Test(plots_gnuplot, text_stays_in_its_quotes)
{
    static const char *const rows[][2] = {{"a", "'a'"},
                                          {"it's", "'it''s'"},
                                          {"'x''", "'\xe2\x80\x8b''x''\xe2\x80\x8b'''"},
                                          {"a\nb", "'a\\x0ab'"},
                                          {"\x1b[0m", "'\\x1b[0m'"},
                                          {"`id` \"x\"", "'`id` \"x\"'"},
                                          {"\xff", "'\xef\xbf\xbd'"},
                                          {"", "''"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = quoted(rows[i][0], 0);
        cr_assert_str_eq(text, rows[i][1]);
        free(text);
    }
    char *text = quoted("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 3);
    cr_assert_str_eq(text, "'\xc3\xa4\xc3\xa4\xe2\x80\xa6'");
    free(text);
}

Test(plots_gnuplot, scripts_hold_text_in_single_quotes_only)
{
    struct surety_result *result = result_fixture(evil, evil);
    struct surety_figures figures;
    result->currency = "`touch pwned`";
    for (size_t a = 0; a < result->n_architectures; a++) {
        result->architectures[a].name = evil;
        for (size_t t = 0; t < result->n_tiers; t++)
            result->architectures[a].tiers[t].name = evil;
    }
    result->bad_month->bars[2].lane = evil;
    result->bad_month->routes[0].name = evil;
    result->bad_month->windows[1].label = evil;
    cr_assert_eq(surety_figures_make(result, &figures), SURETY_OK);
    cr_assert_eq(figures.n, 6);
    for (size_t i = 0; i < figures.n; i++) {
        for (const char *line = figures.list[i].script; *line != '\0'; line += strcspn(line, "\n") + 1) {
            bool inside = false;
            for (const char *p = line; *p != '\n'; p++) {
                inside = *p == '\'' ? !inside : inside;
                cr_assert(inside || (*p != '`' && *p != '"' && *p != '!'), "%s: %.80s", figures.list[i].name, line);
            }
            cr_assert_not(inside, "%s: an open quote: %.80s", figures.list[i].name, line);
        }
    }
    // and the program itself sees it as text
    struct surety_diags diags;
    surety_diags_init(&diags, "test");
    bool installed = is_installed();
    unlink("pwned");
    if (installed) {
        enum surety_err err = surety_figures_draw(&figures, &diags);
        cr_assert_eq(err, SURETY_OK, "%s", diags.n > 0 ? diags.list[0].message : "");
        for (size_t i = 0; i < figures.n; i++)
            cr_assert_null(strstr(figures.list[i].svg, "<b>"), "%s", figures.list[i].name);
    }
    cr_assert_neq(access("pwned", F_OK), 0);
    surety_diags_finish(&diags);
    surety_figures_finish(&figures);
    surety_result_destroy(result);
    if (!installed)
        cr_skip_test("no gnuplot here");
}

Test(plots_gnuplot, figures_draw_data_without_warnings)
{
    if (!is_installed())
        cr_skip_test("no gnuplot here");
    for (int bare = 0; bare < 2; bare++) {
        struct surety_result *result = bare ? result_fixture_bare() : result_fixture("x", "y");
        struct surety_figures figures;
        cr_assert_eq(surety_figures_make(result, &figures), SURETY_OK);
        for (size_t i = 0; i < figures.n; i++) {
            struct surety_diags diags;
            struct surety_gnuplot_output output;
            surety_diags_init(&diags, "test");
            cr_assert_eq(surety_gnuplot_run(figures.list[i].script, "x", &diags, &output), SURETY_OK, "%s: %s",
                         figures.list[i].name, output.said.messages);
            cr_assert_str_eq(output.said.messages, "", "%s: %s", figures.list[i].name, output.said.messages);
            surety_gnuplot_output_finish(&output);
            surety_diags_finish(&diags);
        }
        surety_figures_finish(&figures);
        surety_result_destroy(result);
    }
}

// Puts a program named gnuplot in front of all others.
static void fake(const char *folder, const char *text)
{
    char path[256];
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/gnuplot", folder);
    unlink(path);
    if (text != NULL) {
        FILE *file = fopen(path, "w");
        fputs(text, file);
        fclose(file);
        chmod(path, 0755);
    }
    setenv("PATH", folder, 1);
}

Test(plots_gnuplot, failures_are_one_line)
{
    static const struct {
        const char *program, *says;
        bool script_error;
    } rows[] = {
        {NULL, "gnuplot is not found (Debian: apt-get install gnuplot-nox)", false},
        {"#!/bin/sh\nexit 3\n", "gnuplot failed with status 3", false},
        {"#!/bin/sh\nkill -9 $$\n", "gnuplot was ended by signal 9", false},
        {"#!/bin/sh\nexec <&-\necho half\nkill -15 $$\n", "gnuplot was ended by signal 15", false},
        {"#!/bin/sh\nexit 0\n", "gnuplot ended without a drawing", false},
        {"#!/bin/sh\necho 'line 7: no such thing' >&2\nexit 1\n", "status 1: line 7: no such thing", true},
    };
    char folder[] = "/tmp/surety-test-XXXXXX", path[64];
    cr_assert_not_null(mkdtemp(folder));
    char *script = calloc(1, 1 << 20); // more than a pipe holds
    memset(script, '\n', (1 << 20) - 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct surety_diags diags;
        struct surety_gnuplot_output output;
        fake(folder, rows[i].program);
        surety_diags_init(&diags, "test");
        cr_assert_eq(surety_gnuplot_run(script, "figure \"x\"", &diags, &output), SURETY_E_SYSTEM, "row %zu", i);
        cr_assert_eq(diags.n_errors, 1);
        cr_assert_not_null(strstr(diags.list[0].message, rows[i].says), "%s", diags.list[0].message);
        cr_assert_eq(output.script_error, rows[i].script_error, "row %zu", i);
        surety_gnuplot_output_finish(&output);
        surety_diags_finish(&diags);
    }
    free(script);
    snprintf(path, sizeof path, "%s/gnuplot", folder);
    unlink(path);
    rmdir(folder);
}
