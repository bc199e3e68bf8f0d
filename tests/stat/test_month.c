// SPDX-License-Identifier: GPL-3.0-or-later
// docs/month.md, worked by hand, against scenarios/month.yaml.
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AVAILABILITY "{measure: time, down_at: 5%}"

static char scenario[8192];

static void read_scenario(void)
{
    FILE *f = fopen("scenarios/month.yaml", "r");
    cr_assert_not_null(f, "scenarios/month.yaml: run from the source root");
    scenario[fread(scenario, 1, sizeof scenario - 1, f)] = '\0';
    fclose(f);
}

// The scenario with another clause of availability.
static void open_with(struct world *world, const char *availability)
{
    char text[9000];
    const char *at = strstr(scenario, AVAILABILITY);
    cr_assert_not_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - scenario), scenario, availability, at + strlen(AVAILABILITY));
    world_open(world, "%s", text);
}

// The row of the page that begins with "| key |": its cells behind that, as numbers.
static void page(const char *key, double *cells, int n)
{
    char line[512], start[256];
    bool found = false;
    FILE *f = fopen("docs/month.md", "r");
    cr_assert_not_null(f);
    snprintf(start, sizeof start, "| %s |", key);
    while (!found && fgets(line, sizeof line, f) != NULL)
        found = strncmp(line, start, strlen(start)) == 0;
    fclose(f);
    cr_assert(found, "%s is not on the page", key);
    const char *at = line + strlen(start);
    for (int i = 0; i < n; i++, at = strchr(at, '|') + 1)
        cr_assert_eq(sscanf(at, " %lf", &cells[i]), 1, "%s", line);
}

static double page_of(const char *key)
{
    double value;
    page(key, &value, 1);
    return value;
}

Test(stat_month, readings_and_credits)
{
    static const char *const clauses[] = {AVAILABILITY,
                                          "{measure: time, down_at: 5%, minimum_outage: 5m}",
                                          "{measure: time, down_at: 50%}",
                                          "{measure: requests, counts: expected}",
                                          "{measure: intervals}",
                                          "{measure: minutes, down_at: 5%, minimum_outage: 5m}",
                                          "{measure: tasks, counts: expected}",
                                          "{measure: time, down_at: 5%, minimum_outage: 5m, round: 0.1%}"};
    read_scenario();
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
        char key[128];
        double row[4];
        struct world world;
        snprintf(key, sizeof key, "`%s`", clauses[i]);
        page(key, row, 4);
        open_with(&world, clauses[i]);
        struct surety_result *r = world_run(&world, 3, 1);
        const struct surety_architecture_result *a = &r->architectures[0];
        // the page agrees with itself, and the program with the page
        cr_assert_float_eq(100 * (1 - row[0] / row[1]), row[2], 6e-6, "%s", key);
        cr_assert_float_eq(100 * a->availability.mean, row[2], 6e-6, "%s: %.6f", key, 100 * a->availability.mean);
        cr_assert_float_eq(a->tiers[0].credits_per_term.mean, row[3], 1e-9, "%s", key);
        cr_assert_eq(a->tiers[0].month_met.p, 0);
        surety_result_destroy(r);
        world_close(&world);
    }
}

Test(stat_month, quality_cost_and_exposure)
{
    enum { N = 40000 };
    struct world world;
    double met = 0;
    for (unsigned k = 0; k <= 200; k++) // by convolution
        met += gsl_ran_binomial_pdf(k, 0.86, 200) * gsl_cdf_binomial_Q(949 - k, 0.96, 800);
    cr_assert_float_eq(100 * met, page_of("P(read as met)"), 6e-5);
    read_scenario();
    open_with(&world, AVAILABILITY);
    struct surety_result *r = world_run(&world, N, 2);
    const struct surety_architecture_result *a = &r->architectures[0];
    const struct surety_tier_result *all = &a->tiers[1];
    const struct surety_quality_promise *q = &all->joint.quality[0];
    cr_assert_float_eq(100 * a->quality[0].mean, page_of("true pass rate"), 6e-6);
    holds_share("read as met", q->month_met, N, met, 13 * sqrt(met * (1 - met) / N));
    holds_share("false breach", q->p_false_breach, N, page_of("P(false breach)") / 100, 13 * sqrt(met * (1 - met) / N));
    cr_assert_eq(q->p_missed_breach, 0);
    cr_assert_float_eq(a->cost_per_month.mean, page_of("bill of the month"), 1e-6);
    cr_assert_float_eq(page_of("answers") + page_of("runs of the suite"), page_of("bill of the month"), 1e-9);
    cr_assert_float_eq(a->recovered_per_term.mean,
                       page_of("the provider's credit: 84 minutes at 50 % or more, 99.812 %, "
                               "10 % of the answers"),
                       1e-4);
    cr_assert_float_eq(all->net_exposure_per_term.mean, page_of("net exposure"), 1e-4);
    cr_assert(all->joint.n_cost == 2 && all->joint.cost[0].month_met == 0 && all->joint.cost[1].month_met == 1);
    cr_assert(page_of("bill of the month") < page_of("forecast, when everything works"));
    cr_assert(page_of("bill of the month") / 669600 > 0.00401);
    surety_result_destroy(r);
    world_close(&world);
}
