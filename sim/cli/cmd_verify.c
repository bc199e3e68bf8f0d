// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/embed.h"
#include "plots/portfolio.h"
#include "sim/cli/answering.h"
#include "sim/cli/command.h"
#include "sim/cli/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)64 << 20)
#define NOWHERE ((struct surety_place){0, 0})

static enum surety_err refuse(struct surety_diags *diags, enum surety_diag_id id, const char *what)
{
    surety_diag_add(diags, id, NOWHERE, NULL, NULL, "%s", what);
    return SURETY_E_INPUT;
}

// The file's bytes and a 0, on the heap.
static enum surety_err read_file(const char *path, struct surety_diags *diags, char **out, size_t *n)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t capacity = 0, used = 0, got = 1;
    char *bytes = NULL;
    if (file == NULL)
        return refuse(diags, SURETY_D_FILE, strerror(errno));
    while (got > 0 && used <= MOST_BYTES) {
        if (used + 1 >= capacity) {
            capacity = capacity == 0 ? (size_t)1 << 20 : 2 * capacity;
            char *grown = realloc(bytes, capacity);
            if (grown == NULL)
                break;
            bytes = grown;
        }
        got = fread(bytes + used, 1, capacity - used - 1, file);
        used += got;
    }
    const bool failed = ferror(file) != 0;
    if (file != stdin)
        fclose(file);
    if (failed || used > MOST_BYTES || got > 0) {
        free(bytes);
        return failed              ? refuse(diags, SURETY_D_FILE, "cannot read the file")
               : used > MOST_BYTES ? refuse(diags, SURETY_D_FILE, "it is larger than any surety report: over 64 MiB")
                                   : SURETY_E_MEMORY;
    }
    bytes[used] = '\0';
    *out = bytes;
    *n = used;
    return SURETY_OK;
}

// Where files that the scenario names are looked for: beside the report.
static char *scenario_path(const char *report, const char *name)
{
    const char *slash = strrchr(report, '/');
    const size_t n_folder = slash == NULL ? 0 : (size_t)(slash + 1 - report);
    name = surety_digest_file_name(name);
    char *path = malloc(n_folder + strlen(name) + 1);
    if (path == NULL)
        return NULL;
    const size_t n = strcmp(name, "-") == 0 ? 0 : n_folder; // standard input stays
    memcpy(path, report, n);
    strcpy(path + n, name);
    return path;
}

static enum surety_err parse_overrides(const struct surety_embed *embed, struct surety_arena *arena,
                                       struct surety_override **out)
{
    struct surety_override *list = surety_arena_calloc(arena, embed->n_overrides, sizeof *list);
    for (size_t i = 0; list != NULL && i < embed->n_overrides; i++) {
        const char *text = embed->overrides[i], *equals = strchr(text, '=');
        list[i] = (struct surety_override){surety_arena_strndup(arena, text, (size_t)(equals - text)), equals + 1};
        if (list[i].path == NULL)
            return SURETY_E_MEMORY;
    }
    *out = list;
    return list != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

// Runs again what the report says it was made from.
static enum surety_err rerun(const struct surety_options *options, const struct surety_embed *embed, const char *path,
                             struct surety_diags *diags, struct surety_answering *out)
{
    struct surety_arena arena;
    struct surety_override *overrides = NULL;
    struct surety_run_options run;
    surety_arena_init(&arena);
    surety_run_options_default(&run);
    run.seed = embed->seed;
    run.n_replications = embed->n_replications;
    run.n_threads = options->threads;
    run.offers = embed->has_offers;
    enum surety_err err = parse_overrides(embed, &arena, &overrides);
    if (err == SURETY_OK)
        err =
            surety_answering_read(path, embed->scenario, embed->n_scenario, overrides, embed->n_overrides, diags, out);
    if (err == SURETY_OK)
        err = surety_answering_run(out, &run, true, options->quiet, diags);
    surety_arena_finish(&arena);
    return err;
}

// The last `id="..."` before `at`: which part of the report that is.
static void part_of(const char *page, size_t at, char *out, size_t size)
{
    const char *found = NULL;
    for (const char *p = page; (p = strstr(p, " id=\"")) != NULL && (size_t)(p - page) < at; p++)
        found = p + strlen(" id=\"");
    const int n = found != NULL ? (int)strcspn(found, "\"") : 0;
    if (n > 0 && n < 40)
        snprintf(out, size, " (behind \"%.*s\")", n, found);
    else
        out[0] = '\0';
}

// Compares; says where they part. *same takes the answer.
static void compare(const char *name, const char *theirs, size_t n_theirs, const char *ours, size_t n_ours,
                    const struct surety_embed *embed, const struct surety_answering *answering, bool *same)
{
    const char *const version = surety_answering_first(answering)->version;
    char digest[SURETY_DIGEST_SIZE], part[64];
    size_t at = 0, line = 1;
    while (at < n_theirs && at < n_ours && theirs[at] == ours[at])
        line += theirs[at++] == '\n';
    *same = at == n_theirs && at == n_ours;
    if (*same) {
        printf("%s: the same, byte by byte: seed %llu, %llu simulated terms, surety %s\n", name,
               (unsigned long long)embed->seed, (unsigned long long)embed->n_replications, version);
        return;
    }
    part_of(ours, at < n_ours ? at : n_ours, part, sizeof part);
    printf("%s: different from line %zu on, byte %zu%s\n", name, line, at + 1, part);
    if (strcmp(embed->version, version) != 0)
        printf("  it was written by another version, %s; this is %s\n", embed->version, version);
    if (answering->several ? surety_digest_portfolio(&answering->portfolio, digest)
                           : surety_digest_result(answering->result, digest))
        printf(strcmp(digest, embed->digest) == 0
                   ? "  the run gives the result that this report names: its page was changed, or drawn by another "
                     "gnuplot\n"
                   : "  the numbers differ: the result's SHA-256 is another than the report's\n");
}

static enum surety_err check(const struct surety_options *options, const char *original, char *html, size_t n,
                             struct surety_diags *diags)
{
    const char *const report = options->arguments[0];
    struct surety_embed embed = {0};
    struct surety_answering answering = {0};
    char digest[SURETY_DIGEST_SIZE], *page = NULL, *path = NULL;
    size_t size = 0;
    const char *problem =
        n >= 5 && memcmp(html, "%PDF-", 5) == 0
            ? "a PDF does not hold the scenario: keep the .html, it is the report that can be verified"
            : surety_embed_read(html, n, &embed);
    if (problem != NULL)
        return refuse(diags, SURETY_D_VALUE, problem);
    enum surety_err err = SURETY_OK;
    surety_digest_bytes(embed.scenario, embed.n_scenario, digest);
    if (strcmp(digest, embed.sha256) != 0) {
        printf("%s: different: the scenario in it is not the one it names (SHA-256)\n", report);
        *options->refuted = true;
        surety_embed_finish(&embed);
        return SURETY_OK;
    }
    path = scenario_path(report, embed.file);
    FILE *stream = open_memstream(&page, &size);
    if (path == NULL || stream == NULL)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = rerun(options, &embed, path, diags, &answering);
    if (err == SURETY_OK)
        err = surety_exports_html(&answering, NULL, stream, diags);
    if (stream != NULL && fclose(stream) != 0 && err == SURETY_OK)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK) {
        bool same;
        compare(report, original, n, page, size, &embed, &answering, &same);
        *options->refuted = !same;
    }
    free(page);
    free(path);
    surety_answering_finish(&answering);
    surety_embed_finish(&embed);
    return err;
}

enum surety_err surety_cmd_verify(const struct surety_options *options, struct surety_diags *diags)
{
    char *original = NULL, *html = NULL;
    size_t n = 0;
    diags->file = options->arguments[0];
    enum surety_err err = read_file(options->arguments[0], diags, &original, &n);
    if (err != SURETY_OK)
        return err;
    html = malloc(n + 1);
    if (html != NULL) {
        memcpy(html, original, n + 1);
        err = check(options, original, html, n, diags);
    } else {
        err = SURETY_E_MEMORY;
    }
    diags->source = NULL; // the caret lines' text went
    free(html);
    free(original);
    return err;
}
