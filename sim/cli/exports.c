// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/exports.h"

#include "plots/csv.h"
#include "plots/html.h"
#include "plots/html_portfolio.h"
#include "plots/portfolio.h"
#include "plots/terminal_plot.h"
#include "sim/cli/output.h"
#include "sim/cli/pdf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOWHERE ((struct surety_place){0, 0})

static bool ends_in(const char *text, const char *ending)
{
    size_t n = strlen(text), k = strlen(ending);
    return n >= k && strcasecmp(text + n - k, ending) == 0;
}

// A device or a pipe: written directly, whatever its name.
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static enum surety_err check_report(const char *path, struct surety_diags *diags)
{
    if (is_special(path))
        return SURETY_OK;
    if (!ends_in(path, ".html") && !ends_in(path, ".htm") && !ends_in(path, ".pdf")) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "a file name that ends in .html or .pdf",
                        "\"%s\" is not a value for --report", path);
        return SURETY_E_INPUT;
    }
    struct surety_output probe;
    enum surety_err err = surety_output_open(&probe, path, diags);
    if (err == SURETY_OK)
        surety_output_abandon(&probe);
    return err;
}

// The folder is there, made when it was not.
enum surety_err surety_exports_folder(const char *path, struct surety_diags *diags)
{
    struct stat info;
    int error = mkdir(path, 0777) == 0 ? 0 : errno;
    if (error == EEXIST && stat(path, &info) == 0)
        error = S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
    if (error == 0 && access(path, W_OK | X_OK) != 0)
        error = errno;
    if (error == 0)
        return SURETY_OK;
    surety_diag_add(diags, SURETY_D_FILE, NOWHERE, NULL, NULL, "cannot write into %s: %s", path, strerror(error));
    return SURETY_E_SYSTEM;
}

// The same, leaving no empty folder behind when the run fails.
static enum surety_err check_folder(const char *path, struct surety_diags *diags)
{
    enum surety_err err = surety_exports_folder(path, diags);
    if (err == SURETY_OK)
        (void)rmdir(path); // fails when it is not empty: it was there
    return err;
}

enum surety_err surety_exports_check(const struct surety_options *options, struct surety_diags *diags)
{
    if (options->plot && options->json != NULL && strcmp(options->json, "-") == 0) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "--json PATH leaves it to --plot",
                        "--json - and --plot both want standard output");
        return SURETY_E_INPUT;
    }
    enum surety_err err = options->report != NULL ? check_report(options->report, diags) : SURETY_OK;
    if (err == SURETY_OK && options->csv != NULL)
        err = check_folder(options->csv, diags);
    if (err == SURETY_OK && options->keep_plots != NULL)
        err = check_folder(options->keep_plots, diags);
    return err;
}

// FOLDER/PREFIX NAME ENDING on the heap.
static char *join(const char *folder, const char *prefix, const char *name, const char *ending)
{
    size_t size = strlen(folder) + strlen(prefix) + strlen(name) + strlen(ending) + 2;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s%s%s", folder, prefix, name, ending);
    return path;
}

static enum surety_err write_csv(const char *folder, const struct surety_result *result, struct surety_diags *diags)
{
    enum surety_err err = surety_exports_folder(folder, diags);
    for (const struct surety_csv_table *table = surety_csv_tables; err == SURETY_OK && table->name != NULL; table++) {
        struct surety_output output;
        if (!table->has_rows(result))
            continue;
        char *path = join(folder, table->name, "", "");
        err = path != NULL ? surety_output_open(&output, path, diags) : SURETY_E_MEMORY;
        if (err == SURETY_OK) {
            table->write(result, output.file);
            err = surety_output_commit(&output, diags);
        }
        free(path);
    }
    return err;
}

static enum surety_err write_portfolio_csv(const char *folder, const struct surety_portfolio *portfolio,
                                           struct surety_diags *diags)
{
    enum surety_err err = surety_exports_folder(folder, diags);
    for (const struct surety_portfolio_table *t = surety_portfolio_tables; err == SURETY_OK && t->name != NULL; t++) {
        struct surety_output output;
        char *path = join(folder, t->name, "", "");
        err = path != NULL ? surety_output_open(&output, path, diags) : SURETY_E_MEMORY;
        if (err == SURETY_OK) {
            t->write(portfolio, output.file);
            err = surety_output_commit(&output, diags);
        }
        free(path);
    }
    for (size_t i = 0; err == SURETY_OK && i < portfolio->n_contracts; i++) {
        char *path = join(folder, portfolio->contracts[i].name, "", "");
        err = path != NULL ? write_csv(path, portfolio->contracts[i].result, diags) : SURETY_E_MEMORY;
        free(path);
    }
    return err;
}

static enum surety_err keep_scripts(const char *folder, const struct surety_figures *figures,
                                    struct surety_diags *diags)
{
    enum surety_err err = surety_exports_folder(folder, diags);
    for (size_t i = 0; err == SURETY_OK && i < figures->n; i++) {
        struct surety_output output;
        char *path = join(folder, figures->prefix, figures->list[i].name, ".gp");
        err = path != NULL ? surety_output_open(&output, path, diags) : SURETY_E_MEMORY;
        if (err == SURETY_OK) {
            fputs(figures->list[i].script, output.file);
            err = surety_output_commit(&output, diags);
        }
        free(path);
    }
    return err;
}

// What gnuplot did not take, with the numbers that its message counts in.
static void show_script(const char *script)
{
    for (unsigned line = 1; *script != '\0'; line++) {
        int n = (int)strcspn(script, "\n");
        fprintf(stderr, "%5u  %.*s\n", line, n, script);
        script += n + (script[n] == '\n');
    }
}

static enum surety_err draw(struct surety_figures *figures, const char *keep, struct surety_diags *diags)
{
    enum surety_err err = keep != NULL ? keep_scripts(keep, figures, diags) : SURETY_OK;
    if (err == SURETY_OK)
        err = surety_figures_draw(figures, diags);
    if (figures->n_failed_script > 0 && keep == NULL)
        show_script(figures->list[figures->n_failed_script - 1].script);
    return err;
}

static enum surety_err portfolio_html(const struct surety_portfolio *portfolio, const char *keep, FILE *out,
                                      struct surety_diags *diags)
{
    struct surety_portfolio_figures figures;
    enum surety_err err = surety_portfolio_figures_make(portfolio, &figures);
    for (size_t i = 0; err == SURETY_OK && i < figures.n; i++)
        err = draw(&figures.list[i], keep, diags);
    if (err == SURETY_OK)
        err = surety_report_portfolio_html(portfolio, &figures, out);
    surety_portfolio_figures_finish(&figures);
    return err;
}

enum surety_err surety_exports_html(const struct surety_answering *answering, const char *keep, FILE *out,
                                    struct surety_diags *diags)
{
    struct surety_figures figures;
    if (answering->several)
        return portfolio_html(&answering->portfolio, keep, out, diags);
    enum surety_err err = surety_figures_make(answering->result, &figures);
    if (err == SURETY_OK)
        err = draw(&figures, keep, diags);
    if (err == SURETY_OK)
        err = surety_report_html(answering->result, &figures, out);
    surety_figures_finish(&figures);
    return err;
}

// Drawn before the file is opened: nothing of it is touched when a figure fails.
static enum surety_err write_report(const struct surety_options *options, const struct surety_answering *answering,
                                    struct surety_diags *diags)
{
    char *page = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&page, &size);
    if (stream == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = surety_exports_html(answering, options->keep_plots, stream, diags);
    bool written = ferror(stream) == 0;
    if ((fclose(stream) != 0 || !written) && err == SURETY_OK)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK && ends_in(options->report, ".pdf")) {
        char *pdf = NULL;
        err = surety_pdf_print(page, size, diags, &pdf, &size);
        free(page);
        page = pdf;
    }
    struct surety_output output;
    if (err == SURETY_OK)
        err = surety_output_open(&output, options->report, diags);
    if (err == SURETY_OK) {
        fwrite(page, 1, size, output.file);
        err = surety_output_commit(&output, diags);
    }
    free(page);
    return err;
}

// The terminal shows block characters when its locale says UTF-8.
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return ends_in(value, "utf-8") || ends_in(value, "utf8"); // "en_GB.UTF-8", "C.utf8"
    }
    return false;
}

static void plot(const struct surety_answering *answering)
{
    const struct surety_portfolio *p = &answering->portfolio;
    for (size_t i = 0; i < p->n_contracts; i++) {
        fprintf(stdout, "\nCONTRACT %s\n", p->contracts[i].name); // a name of the scenario: letters, digits, _ and -
        surety_terminal_plot(p->contracts[i].result, is_utf8(), stdout);
    }
    if (!answering->several)
        surety_terminal_plot(answering->result, is_utf8(), stdout);
    fflush(stdout); // errors show at the end
}

enum surety_err surety_exports_write(const struct surety_options *options, const struct surety_answering *answering,
                                     struct surety_diags *diags)
{
    enum surety_err err = SURETY_OK;
    // The warnings of the scenario are in text and JSON: what is said from here on is about writing.
    surety_diags_finish(diags);
    surety_diags_init(diags, "surety");
    if (options->plot)
        plot(answering);
    if (options->csv != NULL)
        err = answering->several ? write_portfolio_csv(options->csv, &answering->portfolio, diags)
                                 : write_csv(options->csv, answering->result, diags);
    if (options->report != NULL) {
        enum surety_err report = write_report(options, answering, diags);
        err = err == SURETY_OK ? report : err;
    }
    return err;
}
