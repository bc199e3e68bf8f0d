// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/embed.h"

#include "plots/html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RUN_BLOCK "<pre id=\"surety-run\">"
#define SCENARIO_BLOCK "<pre id=\"surety-scenario\">"
#define MOST_OVERRIDES ((size_t)1000)

static void put_line(FILE *out, const char *key, const char *value)
{
    fprintf(out, "%s: ", key);
    surety_html_exact(out, value, false);
    putc('\n', out);
}

void surety_embed_write(const struct surety_result *result, const char *digest, FILE *out)
{
    fputs("<details><summary>What <code>surety verify</code> reads: run and scenario</summary>\n" RUN_BLOCK, out);
    put_line(out, "surety-report", "1");
    put_line(out, "version", result->version);
    put_line(out, "file", surety_digest_file_name(result->file));
    put_line(out, "sha256", result->sha256);
    fprintf(out, "seed: %" PRIu64 "\nreplications: %" PRIu64 "\n", result->seed, result->n_replications);
    if (result->has_offers)
        put_line(out, "offers", "yes");
    put_line(out, "result-sha256", digest);
    for (size_t i = 0; i < result->n_overrides; i++)
        put_line(out, "set", result->overrides[i]);
    fputs("</pre>\n", out);
    if (result->scenario_text != NULL) {
        fputs(SCENARIO_BLOCK, out);
        surety_html_exact(out, result->scenario_text, true);
        fputs("</pre>\n", out);
    }
    fputs("</details>\n", out);
}

// The text of a block, unescaped, with a 0 behind it; NULL when there is none. *n: its length.
static char *block_of(char *html, const char *opening, size_t *n)
{
    char *begin = strstr(html, opening); // the first: text of the scenario has no "<"
    if (begin == NULL)
        return NULL;
    begin += strlen(opening);
    char *end = strstr(begin, "</pre>");
    if (end == NULL)
        return NULL;
    *n = (size_t)(end - begin);
    return begin;
}

static bool read_number(const char *text, uint64_t *out)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *out = value;
    return true;
}

// One "key: value" line; false when the value is wrong. Unknown keys are of later versions.
static bool read_line(struct surety_embed *embed, const char *key, const char *value)
{
    if (strcmp(key, "version") == 0)
        embed->version = value;
    else if (strcmp(key, "file") == 0)
        embed->file = value;
    else if (strcmp(key, "sha256") == 0)
        embed->sha256 = value;
    else if (strcmp(key, "result-sha256") == 0)
        embed->digest = value;
    else if (strcmp(key, "offers") == 0)
        embed->has_offers = strcmp(value, "yes") == 0;
    else if (strcmp(key, "seed") == 0)
        return read_number(value, &embed->seed);
    else if (strcmp(key, "replications") == 0)
        return read_number(value, &embed->n_replications) && embed->n_replications > 0;
    else if (strcmp(key, "set") == 0) {
        if (embed->n_overrides == MOST_OVERRIDES || strchr(value, '=') == NULL || value[0] == '=')
            return false;
        embed->overrides[embed->n_overrides++] = value;
    }
    return true;
}

static bool read_run(struct surety_embed *embed, char *text, size_t n)
{
    char *const end = text + n;
    while (text < end) {
        char *next = memchr(text, '\n', (size_t)(end - text));
        if (next == NULL)
            return false;
        const size_t length = surety_html_unescape(text, (size_t)(next - text));
        if (length == SIZE_MAX)
            return false;
        text[length] = '\0';
        char *colon = strstr(text, ": ");
        if (colon == NULL)
            return false;
        *colon = '\0';
        if (!read_line(embed, text, colon + 2))
            return false;
        text = next + 1;
    }
    return embed->version != NULL && embed->file != NULL && embed->sha256 != NULL && embed->digest != NULL &&
           embed->n_replications > 0;
}

const char *surety_embed_read(char *html, size_t n, struct surety_embed *out)
{
    struct surety_embed embed = {0};
    size_t n_run = 0, n_scenario = 0;
    if (strlen(html) != n)
        return "it is no surety report: it holds a 0 byte";
    char *run = block_of(html, RUN_BLOCK, &n_run);
    char *scenario = block_of(html, SCENARIO_BLOCK, &n_scenario);
    if (run == NULL)
        return "it is no surety report";
    if (scenario == NULL)
        return "it does not hold the scenario it was made from";
    embed.overrides = calloc(MOST_OVERRIDES, sizeof *embed.overrides);
    if (embed.overrides == NULL)
        return "memory is out";
    embed.n_scenario = surety_html_unescape(scenario, n_scenario);
    if (embed.n_scenario == SIZE_MAX || !read_run(&embed, run, n_run)) {
        free(embed.overrides);
        return "it is no whole surety report: the blocks for verification are broken";
    }
    scenario[embed.n_scenario] = '\0';
    embed.scenario = scenario;
    *out = embed;
    return NULL;
}

void surety_embed_finish(struct surety_embed *embed)
{
    free(embed->overrides);
    *embed = (struct surety_embed){0};
}
