// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/demand.h"
#include "models/registry.h"
#include "models/style.h"
#include "sim/cli/catalog_view.h"
#include "sim/cli/command.h"
#include "sim/scenario/presets.h"
#include "sim/scenario/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define MOST_PROVIDERS 5 // so that the scenario stays a page
#define DEFAULT_PROVIDERS "openai,anthropic"
#define DEFAULT_FEE "24000 USD/month"

// What a kind of workload is called, and a demand to start from.
static const struct {
    const char *name, *demand;
} starts[] = {{"calls", "30/min"}, {"chats", "20/min"}, {"steps", "10/min"}, {"jobs", "5/min"}};

struct wish {
    size_t kind;
    const struct surety_style *style;
    const char *fee;
    bool fee_given;
    const char *names[MOST_PROVIDERS]; // as the scenario calls them
    const struct surety_catalog_entry *entries[MOST_PROVIDERS];
    size_t n;
};

static void refuse(struct surety_diags *diags, const char *what, const char *word, const void *first, size_t n,
                   size_t stride)
{
    char hint[300] = "allowed:";
    size_t used = strlen(hint);
    for (size_t i = 0; i < n && used < sizeof hint; i++)
        used += (size_t)snprintf(hint + used, sizeof hint - used, "%s %s", i == 0 ? "" : ",",
                                 *(const char *const *)(const void *)((const char *)first + i * stride));
    const char *near = surety_did_you_mean(word, first, n, stride);
    if (near != NULL && used < sizeof hint)
        snprintf(hint + used, sizeof hint - used, "; did you mean \"%s\"?", near);
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "there is no %s \"%.40s\"", what, word);
}

static void read_providers(struct surety_arena *arena, const char *list, struct surety_diags *diags, struct wish *wish)
{
    for (const char *at = list; *at != '\0';) {
        const size_t length = strcspn(at, ",");
        const char *name = surety_arena_strndup(arena, at, length);
        at += length + (at[length] == ',');
        if (name == NULL) {
            diags->out_of_memory = true;
            return;
        }
        if (wish->n == MOST_PROVIDERS) {
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "add more to what init writes",
                            "--providers takes at most %d", MOST_PROVIDERS);
            return;
        }
        const struct surety_catalog_entry *entry = surety_catalog_entry_of(name, diags);
        for (size_t i = 0; i < wish->n && entry != NULL; i++)
            if (wish->entries[i] == entry)
                surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "a provider cannot stand in for itself",
                                "--providers names %s twice", entry->name);
        wish->names[wish->n] = name;
        wish->entries[wish->n] = entry;
        wish->n++;
    }
    if (wish->n == 0)
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, "write --providers " DEFAULT_PROVIDERS,
                        "--providers names no provider");
}

// All mistakes of the command line at once.
static enum surety_err read_wish(const struct surety_options *options, struct surety_arena *arena,
                                 struct surety_diags *diags, struct wish *wish)
{
    const char *kind = options->arguments[0], *style = options->style != NULL ? options->style : "aws";
    size_t n_styles = 0;
    while (surety_style_words[n_styles] != NULL)
        n_styles++;
    *wish = (struct wish){.fee = options->fee != NULL ? options->fee : DEFAULT_FEE, .fee_given = options->fee != NULL};
    while (wish->kind < surety_n_workload_kinds && strcmp(surety_workload_kinds[wish->kind].name, kind) != 0)
        wish->kind++;
    if (wish->kind == surety_n_workload_kinds)
        refuse(diags, "kind of workload", kind, surety_workload_kinds, surety_n_workload_kinds,
               sizeof *surety_workload_kinds);
    wish->style = surety_style_find(surety_registry_get(), style);
    if (wish->style == NULL)
        refuse(diags, "style", style, surety_style_words, n_styles, sizeof *surety_style_words);
    double amount;
    char currency[4];
    struct surety_problem problem = {{0}, {0}};
    if (!surety_parse_money(wish->fee, "month year", &amount, currency, &problem))
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                        problem.hint[0] != '\0' ? problem.hint : "write --fee \"" DEFAULT_FEE "\"",
                        "\"%.40s\" is not a value for --fee: %s", wish->fee, problem.what);
    read_providers(arena, options->providers != NULL ? options->providers : DEFAULT_PROVIDERS, diags, wish);
    if (diags->out_of_memory)
        return SURETY_E_MEMORY;
    return diags->n_errors > 0 ? SURETY_E_INPUT : SURETY_OK;
}

static const struct surety_provider *facts_of(const struct surety_scenario *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->n_providers; i++)
        if (strcmp(catalog->providers[i].name, name) == 0)
            return &catalog->providers[i];
    return NULL;
}

static void put_facts(FILE *out, const struct surety_scenario *catalog, const char *name)
{
    const struct surety_provider *provider = facts_of(catalog, name);
    char window[32];
    if (provider == NULL)
        return;
    surety_catalog_window(provider, window);
    fprintf(out, "  # %s: %s", name, window);
    if (provider->source.n_incidents > 0)
        fprintf(out, ", %lld outages", (long long)provider->source.n_incidents);
    fprintf(out, ", long-run %.3f %% of requests%s\n", 100 * surety_catalog_by_requests(provider),
            provider->price.given ? "" : "; no list price");
}

static void put_providers(FILE *out, const struct wish *wish, const struct surety_scenario *catalog)
{
    const bool one_line = wish->n > 2;
    fprintf(out,
            "\n# Entries of the catalogue; `surety catalog NAME` shows laws, source, price and note. They are records"
            " of the past:\n# rates are uncertain and drift, and `by inputs` in the answer is what that leaves open."
            " Availability is at their means.\n# What you write beside `use` wins, key by key:\n"
            "#   {use: %s, price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}}\n",
            wish->entries[0]->name);
    fprintf(out, "providers:%s", one_line ? " {" : "\n");
    for (size_t i = 0; i < wish->n && !one_line; i++) {
        put_facts(out, catalog, wish->entries[i]->name);
        fprintf(out, "  %s: {use: %s}\n", wish->names[i], wish->entries[i]->name);
    }
    for (size_t i = 0; i < wish->n && one_line; i++)
        fprintf(out, "%s%s: {use: %s}", i == 0 ? "" : ", ", wish->names[i], wish->entries[i]->name);
    if (one_line)
        fputs("}\n", out);
    for (size_t i = 0; i < wish->n && one_line; i++)
        put_facts(out, catalog, wish->entries[i]->name);
}

static void put_architectures(FILE *out, const struct wish *wish)
{
    fputs("\n# Ways to serve the requests, all tried on the same simulated outages.\n", out);
    if (wish->n > 1)
        fputs("# detect is how long a provider has to fail before the controller believes it; moving the traffic takes"
              " another 15s.\n",
              out);
    fputs("architectures:\n", out);
    for (size_t i = 0; i < wish->n; i++)
        fprintf(out, "  %s-alone: %s\n", wish->names[i], wish->names[i]);
    if (wish->n < 2)
        return;
    fputs("  failover: {failover: {order: [", out);
    for (size_t i = 0; i < wish->n; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ", ", wish->names[i]);
    fputs("], detect: 60s}}\n", out);
}

static void put_scenario(FILE *out, const struct wish *wish, const struct surety_scenario *catalog)
{
    const struct surety_workload_kind *kind = &surety_workload_kinds[wish->kind];
    fprintf(out,
            "# Which SLA can be signed? Written by `surety init %s`; ask with `surety run FILE`.\n"
            "# What is not written has a default, and the result lists it; `surety explain KEY` tells what a key is.\n"
            "surety: 1\n\n"
            "# %s\n# The demand is an example: put your own mean rate of model requests over the week.\n"
            "workloads:\n  %s: {kind: %s, demand: %s}\n",
            kind->name, kind->help, starts[wish->kind].name, kind->name, starts[wish->kind].demand);
    put_providers(out, wish, catalog);
    put_architectures(out, wish);
    fprintf(out,
            "\n# style %s: %s, and a ladder of credits.\n# The result lists each clause with its source.\n"
            "# Tiers are standard 99.5 %%, premium 99.9 %% and enterprise 99.95 %%; write `tiers` for others. Twelve"
            " months from\n# 2027-01-01; write `term` for others.%s\n"
            "contract: {style: %s, fee: %s}\n",
            wish->style->name, wish->style->help, wish->fee_given ? "" : " The fee is an example.", wish->style->name,
            wish->fee);
}

// What init writes runs: it is read before it is printed.
static enum surety_err check_scenario(const char *text, size_t length, struct surety_diags *diags)
{
    struct surety_scenario *scenario = NULL;
    diags->file = "what init would write";
    const enum surety_err err =
        surety_scenario_read(surety_registry_get(), "init.yaml", text, length, NULL, 0, diags, &scenario);
    surety_scenario_destroy(scenario);
    return err;
}

enum surety_err surety_cmd_init(const struct surety_options *options, struct surety_diags *diags)
{
    struct surety_arena arena;
    struct surety_diags catalog_diags; // its warnings are not about what is asked for
    struct surety_scenario *catalog = NULL;
    struct wish wish;
    char *text = NULL;
    size_t length = 0;
    surety_arena_init(&arena);
    surety_diags_init(&catalog_diags, "catalogue");
    enum surety_err err = read_wish(options, &arena, diags, &wish);
    if (err == SURETY_OK)
        err = surety_catalog_view(&catalog_diags, &catalog);
    if (err == SURETY_OK) {
        FILE *stream = open_memstream(&text, &length);
        if (stream != NULL)
            put_scenario(stream, &wish, catalog);
        if (stream == NULL || fclose(stream) != 0)
            err = SURETY_E_MEMORY;
    }
    if (err == SURETY_OK)
        err = check_scenario(text, length, diags);
    if (err == SURETY_OK)
        fputs(text, stdout);
    free(text);
    surety_scenario_destroy(catalog);
    surety_diags_finish(&catalog_diags);
    surety_arena_finish(&arena);
    return err;
}
