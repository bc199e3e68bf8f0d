// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/gnuplot.h"

#include "plots/wording.h"

#include <stdlib.h>
#include <string.h>

static void quote(FILE *script, const char *text, size_t most, const char *doubled)
{
    char *clean = surety_wording_clean(text, most);
    char before = '\'';
    putc('\'', script);
    for (const char *p = clean != NULL ? clean : "?"; *p != '\0'; before = *p++) {
        // gnuplot 5.4 reads '' wrongly at the beginning and behind another: a space of no width keeps them apart
        if (*p == '\'' && before == '\'')
            fputs("\xe2\x80\x8b", script);
        if (strchr(doubled, *p) != NULL)
            putc(*p, script);
        putc(*p, script);
    }
    putc('\'', script);
    free(clean);
}

void surety_gnuplot_quote(FILE *script, const char *text, size_t most)
{
    quote(script, text, most, "'");
}

void surety_gnuplot_quote_tick(FILE *script, const char *text, size_t most)
{
    quote(script, text, most, "'%");
}

enum surety_err surety_gnuplot_run(const char *script, const char *what, struct surety_diags *diags,
                                   struct surety_gnuplot_output *output)
{
    static const char *const names[] = {"gnuplot", NULL};
    static char defaults[] = "-d", from_stdin[] = "-";
    static char *const arguments[] = {defaults, from_stdin, NULL};
    static const struct surety_tool tool = {names, "gnuplot-nox", "is not drawn", arguments};
    *output = (struct surety_gnuplot_output){0};
    const size_t n_errors = diags->n_errors;
    enum surety_err err = surety_tool_run(&tool, script, what, diags, &output->said);
    output->script_error =
        diags->n_errors > n_errors && output->said.messages != NULL && strstr(output->said.messages, "line ") != NULL;
    if (err == SURETY_OK && output->said.size == 0)
        err = surety_tool_fail(&tool, what, "ended without a drawing", diags, &output->said);
    return err;
}

void surety_gnuplot_output_finish(struct surety_gnuplot_output *output)
{
    surety_tool_output_finish(&output->said);
}
