// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/catalog.h"

#include "models/registry.h"
#include "models/style.h"
#include "sim/scenario/presets.h"
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_scenario *scenario;

static enum surety_err read_from(const struct surety_registry *registry, const char *provider, const char *contract)
{
    char text[1000];
    snprintf(text, sizeof text,
             "surety: 1\nworkloads: {calls: {kind: voice, demand: 30/min}}\nproviders:\n  a: %s\n"
             "architectures: {alone: a}\ncontract: %s\n",
             provider, contract);
    surety_diags_init(&diags, "test.yaml");
    scenario = NULL;
    return surety_scenario_read(registry, "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario);
}

static enum surety_err read_provider(const char *provider)
{
    return read_from(surety_registry_get(), provider, "{availability: {measure: time}}");
}

static void accept_provider(const char *provider)
{
    cr_assert_eq(read_provider(provider), SURETY_OK, "refused: %s: %s", provider,
                 diags.n > 0 ? diags.list[0].message : "");
}

static enum surety_err read_contract(const char *contract)
{
    return read_from(surety_registry_get(), "{outages: none, price: {per_request: 0 USD/request}}", contract);
}

static void done(void)
{
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

static bool assumed(const char *part)
{
    for (size_t i = 0; i < scenario->n_assumptions; i++)
        if (strstr(scenario->assumptions[i], part) != NULL)
            return true;
    return false;
}

static const struct surety_outage *outage(const char *name)
{
    for (size_t i = 0; i < scenario->providers[0].n_outages; i++)
        if (strcmp(scenario->providers[0].outages[i].name, name) == 0)
            return &scenario->providers[0].outages[i];
    cr_assert(false, "no outage %s", name);
    return NULL;
}

Test(catalog, every_entry_loads)
{
    size_t n = 0;
    for (const struct surety_catalog_entry *entry = surety_catalog_entries; entry->name != NULL; entry++, n++) {
        char provider[100];
        snprintf(provider, sizeof provider, "{use: %s}", entry->name);
        accept_provider(provider);
        const struct surety_provider *a = &scenario->providers[0];
        cr_assert(a->n_outages > 0 && a->note != NULL, "%s", entry->name);
        cr_assert(a->source.what != NULL && a->source.licence != NULL, "%s", entry->name);
        cr_assert(a->source.n_incidents == 0 || (a->source.has_from && a->source.has_until), "%s", entry->name);
        cr_assert(assumed(a->note) && assumed("a: catalogue entry "), "%s", entry->name);
        cr_assert_null(strstr(entry->text, "use:"), "%s", entry->name); // entries do not use each other
        done();
    }
    static const char *const names[] = {
        "openai-api",     "openai-api-2026", "chatgpt", "chatgpt-2026", "anthropic-api",      "claude-ai",
        "claude-ai-2026", "groq-api",        "github",  "cloud-region", "anthropic-api-2026", "own-gateway"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_assert_not_null(surety_catalog_find(surety_registry_get(), names[i]), "%s", names[i]);
    cr_assert(n >= sizeof names / sizeof *names);
}

Test(catalog, keys_of_the_scenario_win)
{
    accept_provider("{use: openai-api}");
    const double up_s = surety_law_mean(&outage("major")->time_to_failure);
    const double down_s = surety_law_mean(&outage("major")->time_to_repair);
    const double output = scenario->providers[0].price.output_per_token;
    cr_assert(scenario->providers[0].n_outages == 2 && outage("partial")->failing_ppb == 300000000);
    cr_assert(assumed("a: catalogue entry openai-api, unchanged"));
    cr_assert(!scenario->providers[0].weekly_rhythm.flat && scenario->providers[0].source.until.year == 2024);
    cr_assert_eq(scenario->providers[0].place.line, 4);
    done();

    accept_provider(
        "{use: openai-api, outages: {major: {failing: 50%}, own: {incidents: 2/year, time_to_repair: 1h}}}");
    cr_assert(scenario->providers[0].n_outages == 3 && outage("major")->failing_ppb == 500000000);
    cr_assert_float_eq(surety_law_mean(&outage("major")->time_to_failure), up_s, 1e-6);
    cr_assert_float_eq(surety_law_mean(&outage("major")->time_to_repair), down_s, 1e-6);
    cr_assert(assumed("a: catalogue entry openai-api, except for outages.major.failing, outages.own"));
    done();

    accept_provider("{outages: none, use: openai-api, weekly_rhythm: flat}");
    cr_assert(scenario->providers[0].n_outages == 0 && scenario->providers[0].weekly_rhythm.flat);
    cr_assert_eq(scenario->providers[0].price.output_per_token, output);
    done();
}

Test(catalog, laws_are_replaced_whole)
{
    accept_provider("{use: openai-api, outages: {major: {time_to_repair: {lognormal: {median: 1h, p95: 3h}}}}}");
    cr_assert_float_eq(surety_law_quantile(&outage("major")->time_to_repair, 0.5), 3600, 1e-6);
    done();
    // Either way of saying how often displaces the other.
    accept_provider("{use: openai-api, outages: {major: {incidents: 4/year}}}");
    const struct surety_outage *major = outage("major");
    cr_assert_float_eq(surety_law_mean(&major->time_to_failure) + surety_law_mean(&major->time_to_repair),
                       31536000.0 / 4, 1e-3);
    done();
    accept_provider("{use: own-gateway, outages: {all: {time_to_failure: 30d}}}");
    cr_assert_float_eq(surety_law_mean(&outage("all")->time_to_failure), 30 * 86400.0, 1e-6);
    done();
    // The entry's cached price belongs to the entry's input price.
    accept_provider("{use: openai-api, price: {input: 2 USD/Mtok}}");
    const struct surety_price *price = &scenario->providers[0].price;
    cr_assert(price->input_per_token == 2e-6 && price->cached_input_per_token == 2e-6 && price->output_per_token > 0);
    done();
    accept_provider("{use: openai-api, price: {input: 2 EUR/Mtok, output: 4 EUR/Mtok}}");
    cr_assert_str_eq(scenario->currency, "EUR");
    done();
}

static void expect(enum surety_err err, enum surety_diag_id id, const char *path, const char *part)
{
    cr_assert_eq(err, SURETY_E_INPUT);
    for (size_t i = 0; i < diags.n; i++) {
        const struct surety_diag *d = &diags.list[i];
        if (d->id == id && strcmp(d->path, path) == 0 &&
            (strstr(d->message, part) != NULL || (d->hint != NULL && strstr(d->hint, part) != NULL))) {
            done();
            return;
        }
    }
    cr_assert(false, "no message %d at %s with %s; first: %s", id, path, part, diags.list[0].message);
}

Test(catalog, mistakes)
{
    expect(read_provider("{use: opnai-api}"), SURETY_D_REFERENCE, "providers.a.use", "did you mean 'openai-api'?");
    expect(read_provider("{use: nothing}"), SURETY_D_REFERENCE, "providers.a.use", "surety catalog");
    expect(read_provider("{use: [openai-api]}"), SURETY_D_TYPE, "providers.a.use", "a list");
    expect(read_provider("{use: openai-api, outages: {major: {time_to_repiar: 1h}}}"), SURETY_D_UNKNOWN_KEY,
           "providers.a.outages.major.time_to_repiar", "'time_to_repair'?");
    expect(read_provider("{use: openai-api, price: 5}"), SURETY_D_TYPE, "providers.a.price", "map of a price");
}

Test(catalog, messages_inside_an_entry_point_at_use)
{
    static const struct surety_catalog_entry entries[] = {{"bad", "outages: {all: {time_to_repiar: 1h}}\n"},
                                                          {NULL, NULL}};
    struct surety_registry registry = *surety_registry_get();
    registry.catalog = entries;
    cr_assert_eq(read_from(&registry, "{use: bad}", "{availability: {measure: time}}"), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_UNKNOWN_KEY);
    cr_assert(diags.list[0].place.line == 4 && diags.list[0].place.column == 12);
    done();
    registry.catalog = NULL;
    cr_assert_eq(read_from(&registry, "{use: bad}", "{availability: {measure: time}}"), SURETY_E_INPUT);
    done();
}

Test(style, keys_and_sources)
{
    size_t n = 0;
    for (const struct surety_style *style = surety_styles; style->name != NULL; style++, n++) {
        char contract[200], line[400];
        cr_assert_str_eq(style->name, surety_style_words[n]);
        cr_assert(style->n <= 32);
        snprintf(contract, sizeof contract, "{style: %s, fee: 1000 USD/month}", style->name);
        cr_assert_eq(read_contract(contract), SURETY_OK, "%s: %s", style->name,
                     diags.n > 0 ? diags.list[0].message : "");
        for (size_t i = 0; i < style->n; i++) {
            const struct surety_style_key *key = &style->keys[i];
            snprintf(line, sizeof line, "contract.style %s: %s: %s - source %s, as of %s, %s", style->name, key->path,
                     key->value, key->source, key->as_of, key->seen);
            cr_assert(assumed(line), "%s", line);
        }
        cr_assert(scenario->contract.credits.given && scenario->contract.credits.n_ladder >= 2);
        done();
    }
    cr_assert_null(surety_style_words[n]);
}

Test(style, keys_of_the_scenario_win)
{
    cr_assert_eq(read_contract("{style: aws, fee: 1000 USD/month, availability: {measure: time}}"), SURETY_OK);
    cr_assert(!assumed("availability.measure") && !assumed("availability.cell"));
    cr_assert(scenario->contract.credits.n_ladder == 3 &&
              scenario->contract.credits.ladder[2].credit_ppb == 1000000000);
    done();
    cr_assert_eq(read_contract("{style: google, availability: {measure: time}, tiers: {t: {availability: 99%, fee: 9 "
                               "USD/month}}, credits: {ladder: [{below: target, credit: 5%}]}}"),
                 SURETY_OK);
    cr_assert(scenario->contract.credits.n_ladder == 1 && scenario->contract.credits.ladder[0].credit_ppb == 50000000);
    done();
    // Credits are shares of a fee.
    cr_assert_eq(read_contract("{style: aws, availability: {measure: time}}"), SURETY_OK);
    cr_assert(!scenario->contract.credits.given && scenario->contract.n_tiers == 3);
    done();
}

Test(style, mistakes)
{
    expect(read_contract("{style: amazon}"), SURETY_D_CHOICE, "contract.style", "aws, google, azure, probes");
    expect(read_contract("{style: {a: 1}}"), SURETY_D_TYPE, "contract.style", "");
    expect(read_contract("{style: aws, availability: time}"), SURETY_D_TYPE, "contract.availability", "");
}
