// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/recorded_episodes.h"
#include "models/registry.h"
#include "sim/base/calendar.h"
#include "sim/record/severity.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define W SURETY_US_PER_WEEK

static void assert_list(const struct surety_episodes *e, size_t n, const int64_t *expected)
{
    cr_assert_eq(e->n, n, "%zu episodes", e->n);
    for (size_t i = 0; i < n; i++)
        cr_assert(e->list[i].from_us == expected[2 * i] && e->list[i].to_us == expected[2 * i + 1], "%zu: %lld %lld", i,
                  (long long)e->list[i].from_us, (long long)e->list[i].to_us);
    cr_assert_eq(e->list[n].from_us, SURETY_NEVER);
}

Test(recorded, own_dates)
{
    const struct surety_episode list[] = {{0, 5}, {10, 20}, {95, 130}};
    const struct surety_plan_source source = {.kind = SURETY_SOURCE_RECORD, .recorded = list, .n_recorded = 3};
    struct surety_episodes out = {.n = 0};
    cr_assert_eq(surety_episodes_of_record(&source, surety_philox_key(1), 0, 100, &out), SURETY_OK);
    assert_list(&out, 3, (const int64_t[]){0, 5, 10, 20, 95, 100});
    free(out.list);
}

// A circle of one week leaves the draw no choice: the record repeats, from the term's point of the week on.
Test(recorded, blocks_of_one_week)
{
    const struct surety_episode list[] = {{0, 3}, {W - 4, W}};
    struct surety_plan_source source = {
        .kind = SURETY_SOURCE_RECORD, .recorded = list, .n_recorded = 2, .circle_us = W, .block_us = W, .phase_us = 2};
    struct surety_episodes out = {.n = 0};
    cr_assert_eq(surety_episodes_of_record(&source, surety_philox_key(1), 0, 2 * W, &out), SURETY_OK);
    // In sight of the edge [W - 4, W + 3) is one outage; the term begins 2 us into the week.
    assert_list(&out, 3, (const int64_t[]){0, 1, W - 6, W + 1, 2 * W - 6, 2 * W});
    source.block_us = W / 2; // edges inside a week change nothing either
    cr_assert_eq(surety_episodes_of_record(&source, surety_philox_key(1), 0, 2 * W, &out), SURETY_OK);
    assert_list(&out, 3, (const int64_t[]){0, 1, W - 6, W + 1, 2 * W - 6, 2 * W});
    free(out.list);
}

// Each week of the circle comes up, and an outage over its end goes on at its start.
Test(recorded, weeks_are_drawn)
{
    const struct surety_episode list[] = {{5, 6}, {W + 7, W + 9}, {3 * W - 2, 3 * W}};
    const struct surety_plan_source source = {
        .kind = SURETY_SOURCE_RECORD, .recorded = list, .n_recorded = 3, .circle_us = 3 * W, .block_us = 2 * W};
    struct surety_episodes out = {.n = 0};
    size_t seen[3] = {0};
    for (uint64_t r = 0; r < 300; r++) {
        cr_assert_eq(surety_episodes_of_record(&source, surety_philox_key(1), r, 2 * W, &out), SURETY_OK);
        const size_t k = out.list[0].from_us == 5 ? 0 : out.list[0].from_us == 7 ? 1 : 2;
        const int64_t *const expected[] = {
            (const int64_t[]){5, 6, W + 7, W + 9},
            (const int64_t[]){7, 9, 2 * W - 2, 2 * W},
            (const int64_t[]){W - 2, W, W + 5, W + 6},
        };
        seen[k]++;
        assert_list(&out, 2, expected[k]);
    }
    cr_assert(seen[0] > 60 && seen[1] > 60 && seen[2] > 60);
    free(out.list);
}

// --- the keys ---------------------------------------------------------------------------------------------------

static char file[] = "/tmp/surety-recorded-XXXXXX";

static void write_file(void)
{
    FILE *out = fdopen(mkstemp(file), "w");
    cr_assert_not_null(out);
    fputs("provider,severity,start,end,share\na,minor,2025-01-07T00:00:00Z,2025-01-07T01:00:00Z,\n"
          "a,major,2025-01-09T00:00:00Z,2025-01-09T01:00:00Z,0.25\nb,minor,2026-05-01,2026-05-02,\n",
          out);
    fclose(out);
}

static void remove_file(void)
{
    unlink(file);
}

TestSuite(recorded_keys, .init = write_file, .fini = remove_file);

static struct surety_diags diags;

// Reads a scenario whose providers a and b are as said; the first error's id, or SURETY_N_DIAG.
static enum surety_diag_id read_providers(const char *a, const char *b, struct surety_scenario **out)
{
    char text[2000];
    struct surety_plan *plan = NULL;
    snprintf(text, sizeof text,
             "surety: 1\nterm: {start: 2027-01-01, months: 1}\nworkloads: {w: {demand: 1/min}}\n"
             "providers: {a: {%s, price: {per_request: 1 USD/request}}, b: {%s, price: {per_request: 1 USD/request}}}\n"
             "architectures: {x: {parallel: [a, b]}}\ncontract: {availability: {measure: time}}\n",
             a, b);
    struct surety_scenario *scenario = NULL;
    surety_diags_init(&diags, "x.yaml");
    enum surety_err err =
        surety_scenario_read(surety_registry_get(), "x.yaml", text, strlen(text), NULL, 0, &diags, &scenario);
    if (err == SURETY_OK)
        err = surety_plan_create(scenario, &diags, &plan);
    cr_assert_eq(err == SURETY_OK, diags.n_errors == 0);
    surety_plan_destroy(plan);
    enum surety_diag_id id = SURETY_N_DIAG;
    for (size_t i = diags.n; i-- > 0;)
        if (surety_diag_kind(diags.list[i].id)->severity == SURETY_ERROR)
            id = diags.list[i].id;
    if (out != NULL)
        *out = scenario;
    else
        surety_scenario_destroy(scenario);
    return id;
}

static enum surety_diag_id read_record(const char *format_a, const char *format_b)
{
    char a[500], b[500];
    snprintf(a, sizeof a, format_a, file);
    snprintf(b, sizeof b, format_b, file);
    const enum surety_diag_id id = read_providers(a, b, NULL);
    surety_diags_finish(&diags);
    return id;
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

Test(recorded_keys, mistakes)
{
    static const char none[] = "outages: none";
    cr_assert_eq(read_record("record: {file: %s, provider: a, bootstrap: 1w, until: 2025-02-25}", none), SURETY_N_DIAG);
    cr_assert_eq(read_record("record: {file: nowhere.csv, bootstrap: 1w}", none), SURETY_D_FILE);
    cr_assert_eq(read_record("record: {file: /dev/zero, bootstrap: 1w}", none), SURETY_D_FILE);
    cr_assert_eq(read_record("record: {bootstrap: 1w}", none), SURETY_D_MISSING_KEY);
    cr_assert_eq(read_record("record: {file: %s, bootstrap: 1w, format: tabel}", none), SURETY_D_RECORD_FORMAT);
    cr_assert_eq(read_record("record: {file: %s, bootstrap: 1w, columns: {start: begun}}", none),
                 SURETY_D_RECORD_FORMAT);
    cr_assert_eq(read_record("record: {file: %s, bootstrap: 1w, severities: rosy}", none), SURETY_D_CHOICE);
    cr_assert_eq(read_record("record: {file: %s, bootstrap: 1w, grades: {minor: small}}", none), SURETY_D_CHOICE);
    cr_assert_eq(read_record("record: {file: %s, bootstrap: 1w, grades: minor}", none), SURETY_D_TYPE);
    // without `bootstrap` it has its own dates, and the term is elsewhere
    cr_assert_eq(read_record("record: {file: %s, provider: a}", none), SURETY_D_RECORD_SPAN);
    // too short, blocks longer than the record, no outage in it
    cr_assert_eq(read_record("record: {file: %s, provider: a, bootstrap: 1w, until: 2025-01-10}", none),
                 SURETY_D_RECORD_SPAN);
    cr_assert_eq(read_record("record: {file: %s, provider: a, bootstrap: 9w, until: 2025-02-25}", none),
                 SURETY_D_RANGE);
    cr_assert_eq(read_record("record: {file: %s, provider: a, bootstrap: 1w, from: 2025-02-01}", none),
                 SURETY_D_RECORD_SPAN);
    // records that share blocks have to overlap
    cr_assert_eq(read_record("record: {file: %s, provider: a, bootstrap: 1w, until: 2025-02-25}",
                             "record: {file: %s, provider: b, bootstrap: 1w, from: 2026-04-01, until: 2026-06-01}"),
                 SURETY_D_RECORD_SPAN);
    cr_assert_eq(
        read_record("record: {file: %s, provider: a, bootstrap: 1w, until: 2025-02-25}",
                    "record: {file: %s, provider: b, bootstrap: 1w, from: 2026-04-01, until: 2026-06-01, shared: no}"),
        SURETY_N_DIAG);
    cr_assert_eq(read_record("outages: none, record: {file: %s, bootstrap: 1w}", none), SURETY_D_CONFLICT);
    cr_assert_eq(read_record("weekly_rhythm: consumer, record: {file: %s, bootstrap: 1w}", none), SURETY_D_CONFLICT);
}

// Grades and shares become sources; a share that the file knows wins over its grade.
Test(recorded_keys, sources)
{
    char a[500];
    struct surety_scenario *scenario = NULL;
    snprintf(a, sizeof a, "record: {file: %s, provider: a, bootstrap: 1w, until: 2025-02-25, failing: {partial: 40%%}}",
             file);
    cr_assert_eq(read_providers(a, "outages: none", &scenario), SURETY_N_DIAG);
    const struct surety_provider_record *r = &scenario->providers[0].record;
    cr_assert_eq(r->n_sources, 2);
    cr_assert_str_eq(r->sources[0].name, "partial");
    cr_assert_eq(r->sources[0].failing_ppb, 400000000);
    cr_assert_str_eq(r->sources[1].name, "major");
    cr_assert_eq(r->sources[1].failing_ppb, 250000000);
    cr_assert_eq(r->n_weeks, 7);
    cr_assert_eq(strlen(r->sha256), 64);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    snprintf(a, sizeof a,
             "record: {file: %s, provider: a, bootstrap: 1w, until: 2025-02-25, grades: {minor: major}, columns: "
             "{share: \"\"}}",
             file);
    cr_assert_eq(read_providers(a, "outages: none", &scenario), SURETY_N_DIAG);
    cr_assert_eq(scenario->providers[0].record.n_sources, 1);
    cr_assert_eq(scenario->providers[0].record.sources[0].n, 2);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

// The words of `severities` are the profiles in their order.
Test(recorded_keys, profiles)
{
    char a[500];
    for (size_t i = 0; surety_severity_profiles[i].name != NULL; i++) {
        struct surety_scenario *scenario = NULL;
        snprintf(a, sizeof a, "record: {file: %s, provider: a, bootstrap: 1w, until: 2025-02-25, severities: %s}", file,
                 surety_severity_profiles[i].name);
        cr_assert_eq(read_providers(a, "outages: none", &scenario), SURETY_N_DIAG);
        cr_assert_eq(scenario->providers[0].record.severities, (int)i);
        surety_scenario_destroy(scenario);
        surety_diags_finish(&diags);
    }
}
