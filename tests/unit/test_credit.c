// SPDX-License-Identifier: GPL-3.0-or-later
// Credits, caps and margins: docs/semantics.md, "Credits, worked by hand", is read and played through the books.
#include "models/credit.h"
#include "sim/base/ppb.h"
#include "sim/engine/books.h"
#include "tests/stat/worlds.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROWS 8

// One row of the table in the docs, money in currency.
struct row {
    char window[32];
    int days;
    double down_s, fee, availability, band, capped, paid, cost, margin;
};

// Rows of the n-th table of the section.
static size_t read_table(int n, struct row *rows)
{
    FILE *f = fopen("docs/semantics.md", "r");
    cr_assert_not_null(f, "docs/semantics.md: run from the source root");
    char line[512];
    bool in_section = false, in_table = false;
    int tables = 0;
    size_t n_rows = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "## ", 3) == 0)
            in_section = strcmp(line, "## Credits, worked by hand\n") == 0;
        const bool is_table = in_section && line[0] == '|';
        tables += is_table && !in_table;
        in_table = is_table;
        struct row r;
        if (!is_table || tables != n ||
            sscanf(line, "| %31[^|] | %d | %lf | %lf | %lf %% | %lf %% | %lf | %lf | %lf | %lf |", r.window, &r.days,
                   &r.down_s, &r.fee, &r.availability, &r.band, &r.capped, &r.paid, &r.cost, &r.margin) != 10)
            continue;
        cr_assert_lt(n_rows, MAX_ROWS);
        rows[n_rows++] = r;
    }
    fclose(f);
    return n_rows;
}

// Readings and costs that stand in for a walk.
struct stand_in {
    struct surety_walk walk;
    struct surety_reading readings[MAX_ROWS];
    double cost[MAX_ROWS];
};

static void stand_in(struct stand_in *s, const struct surety_plan *plan, const struct row *rows)
{
    memset(s, 0, sizeof *s);
    for (size_t w = 0; w < plan->n_windows; w++) {
        s->readings[w].counted = plan->window_us[w + 1] - plan->window_us[w];
        s->readings[w].bad = (int64_t)(rows[w].down_s * 1e6 + 0.5);
        s->cost[w] = rows[w].cost;
    }
    s->walk.plan = plan;
    s->walk.architecture = &plan->architectures[0];
    s->walk.meters[0].readings = s->readings;
    s->walk.ledger.cost = s->cost;
}

static void near(const char *what, const char *window, double got, double want)
{
    cr_assert(fabs(got - want) <= 0.005 + 1e-6, "%s of %s: got %.6f, the table says %.2f", what, window, got, want);
}

static double micro(int64_t money)
{
    return (double)money / SURETY_MICRO;
}

// What the books pay for the first n windows alone: the others without downtime.
static void pay(const struct surety_plan *plan, const struct row *rows, size_t n, double *credits, double *margin)
{
    struct stand_in s;
    struct surety_books books;
    stand_in(&s, plan, rows);
    for (size_t w = n; w < plan->n_windows; w++)
        s.readings[w].bad = 0;
    double *sums = calloc(surety_n_sums(plan), sizeof *sums);
    cr_assert_eq(surety_books_init(&books, plan, &s.walk), SURETY_OK);
    surety_books_enter(&books, &s.walk, sums);
    *credits = sums[surety_tier_sum(0, SURETY_SUM_CREDITS)];
    *margin = sums[surety_tier_sum(0, SURETY_SUM_MARGIN)] * (double)plan->n_windows;
    surety_books_finish(&books);
    free(sums);
}

static void follows_the_table(const struct surety_plan *plan, const struct row *rows, size_t n_rows)
{
    cr_assert_eq(n_rows, plan->n_windows, "%d rows, %d windows", (int)n_rows, (int)plan->n_windows);
    double before = 0, margins = 0, no_credits, no_credits_margin;
    pay(plan, rows, 0, &no_credits, &no_credits_margin);
    cr_assert_eq(no_credits, 0);
    for (size_t w = 0; w < n_rows; w++) {
        const struct row *r = &rows[w];
        const int64_t length_us = plan->window_us[w + 1] - plan->window_us[w];
        const struct surety_reading reading = {(int64_t)(r->down_s * 1e6 + 0.5), length_us};
        cr_assert_eq(length_us, r->days * INT64_C(86400000000), "%s has %d days", r->window, r->days);
        near("the fee", r->window, micro(plan->tiers[0].fee_micro[w]), r->fee);
        cr_assert(fabs(100 * (1 - (double)reading.bad / (double)length_us) - r->availability) < 0.5000001e-6, "%s",
                  r->window);
        // the band alone, by a copy of the credits without a cap
        struct surety_plan_credits uncapped = plan->credits;
        uncapped.cap_ppb = SURETY_PPB_ONE;
        const int64_t fee_micro = plan->tiers[0].fee_micro[w];
        const int64_t band_micro = surety_credit(&uncapped, plan->tiers[0].availability_ppb, reading, fee_micro);
        cr_assert(fabs((double)band_micro - r->band / 100 * (double)fee_micro) <= 1, "%s: band %g of the fee",
                  r->window, (double)band_micro / (double)fee_micro);
        near("the credit", r->window,
             micro(surety_credit(&plan->credits, plan->tiers[0].availability_ppb, reading, fee_micro)), r->capped);
        double credits, margin;
        pay(plan, rows, w + 1, &credits, &margin);
        near("what is paid", r->window, credits - before, r->paid);
        before = credits;
        margins += r->margin;
        near("the margin", r->window, micro(fee_micro) - r->cost - r->paid, r->margin);
        if (w + 1 == n_rows)
            cr_assert(fabs(margin - margins) <= 0.005 * (double)n_rows + 1e-6, "margins %.6f, the table says %.2f",
                      margin, margins);
    }
}

static const char terms[] = "surety: 1\n"
                            "term: {%s}\n"
                            "workloads: {w: {demand: 1/min}}\n"
                            "providers: {a: {outages: none, price: {per_request: 0.01 USD/request}}}\n"
                            "architectures: {alone: a}\n"
                            "contract:\n"
                            "  %s\n"
                            "  tiers: {premium: {availability: 99.9%%}}\n"
                            "  availability: {measure: time}\n"
                            "  credits: {ladder: [{below: target, credit: 10%%}, {below: 99%%, credit: 25%%}, "
                            "{below: 95%%, credit: 100%%}], %s}\n";

Test(credit, the_term_that_starts_in_a_month_is_as_by_hand)
{
    struct world world;
    struct row rows[MAX_ROWS];
    world_open(&world, terms, "start: 2027-01-17, months: 5", "fee: 30000 USD/month", "cap: 50%, cap_term: 80%");
    follows_the_table(world.plan, rows, read_table(1, rows));
    // 80 % of the mean window's fee, 150,516.13 / 6
    cr_assert(fabs(micro(surety_credit_cap_term(&world.plan->credits, world.plan->tiers[0].fee_micro, 6)) -
                   20068.817204) < 2e-6);
    world_close(&world);
}

Test(credit, windows_of_30_days_are_as_by_hand)
{
    struct world world;
    struct row rows[MAX_ROWS];
    world_open(&world, terms, "start: 2027-01-01, months: 4", "fee: 24000 USD/month\n  window: 30d", "cap_term: 120%");
    follows_the_table(world.plan, rows, read_table(2, rows));
    world_close(&world);
}

// In 1e-9 of the fee.
static int64_t share(const struct surety_plan_credits *credits, double target, double down_s)
{
    const struct surety_reading reading = {(int64_t)(down_s * 1e6 + 0.5), INT64_C(2592000000000)}; // 30 days
    return surety_credit(credits, surety_ppb(target), reading, SURETY_PPB_ONE);
}

Test(credit, bands_are_strict_and_the_deepest_counts)
{
    struct surety_credit_band ladder[] = {{SURETY_BELOW_TARGET, surety_ppb(0.1)},
                                          {surety_ppb(0.95), surety_ppb(1)},
                                          {surety_ppb(0.99), surety_ppb(0.25)}};
    struct surety_plan_credits credits = {true, ladder, 3, SURETY_PPB_ONE, INT64_MAX, 0, 1, 0};
    cr_assert_eq(share(&credits, 0.999, 2592), 0);
    cr_assert_eq(share(&credits, 0.999, 2592.000001), surety_ppb(0.1));
    cr_assert_eq(share(&credits, 0.999, 25920), surety_ppb(0.1));
    cr_assert_eq(share(&credits, 0.999, 25920.000001), surety_ppb(0.25));
    cr_assert_eq(share(&credits, 0.999, 129600), surety_ppb(0.25));
    cr_assert_eq(share(&credits, 0.999, 129600.000001), surety_ppb(1)); // the order of the bands does not matter
    cr_assert_eq(share(&credits, 0.999, 2592000), surety_ppb(1));
    // the band of the target moves with the tier, also below another band
    cr_assert_eq(share(&credits, 0.995, 12960), 0);
    cr_assert_eq(share(&credits, 0.995, 12960.000001), surety_ppb(0.1));
    cr_assert_eq(share(&credits, 0.98, 30000), surety_ppb(0.25));
    cr_assert_eq(share(&credits, 0.98, 60000), surety_ppb(0.1)); // deepest is lowest, not dearest
    // a cap of the window
    credits.cap_ppb = surety_ppb(0.3);
    cr_assert_eq(share(&credits, 0.999, 26000), surety_ppb(0.25));
    cr_assert_eq(share(&credits, 0.999, 130000), surety_ppb(0.3));
    credits.cap_ppb = 0;
    cr_assert_eq(share(&credits, 0.999, 130000), 0);
    // "below 100 %" is any downtime
    ladder[0].below_ppb = SURETY_PPB_ONE;
    credits = (struct surety_plan_credits){true, ladder, 1, SURETY_PPB_ONE, INT64_MAX, 0, 1, 0};
    cr_assert_eq(share(&credits, 0.999, 0), 0);
    cr_assert_eq(share(&credits, 0.999, 0.000001), surety_ppb(0.1));
}

// What nobody claims is not paid; without `cap_term` there is no limit; a limit of nothing pays nothing.
Test(credit, claims_and_limits_of_the_term)
{
    static const struct {
        const char *keys;
        double paid;
    } cases[] = {{"claimed: 0%", 0},
                 {"claimed: 100%", 4 * 23671.232876},
                 {"cap_term: 0%", 0},
                 {"cap_term: none", 4 * 23671.232876},
                 {"cap: 25%, cap_term: 1", 23671.232876},
                 {"cap_term: 100000%", 4 * 23671.232876}};
    static const struct row rows[4] = {{.down_s = 2e6}, {.down_s = 2e6}, {.down_s = 2e6}, {.down_s = 2e6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        double credits, margin;
        world_open(&world, terms, "start: 2027-01-01, months: 4", "fee: 24000 USD/month\n  window: 30d", cases[i].keys);
        pay(world.plan, rows, 4, &credits, &margin);
        cr_assert(fabs(credits - cases[i].paid) < 1e-5, "%s: %.6f", cases[i].keys, credits);
        cr_assert(fabs(margin - (4 * 23671.232876 - cases[i].paid)) < 2e-5, "%s: %.6f", cases[i].keys, margin);
        world_close(&world);
    }
}

// The largest money that is taken: sums beyond 64 bits are cut off, not wrapped.
Test(credit, the_largest_limit_does_not_wrap)
{
    const struct surety_plan_credits credits = {true, NULL, 0, SURETY_PPB_ONE, 1000 * SURETY_PPB_ONE, 0, 1, 0};
    int64_t fees[128];
    for (int i = 0; i < 128; i++)
        fees[i] = INT64_C(100000000000000000);
    const int64_t cap = surety_credit_cap_term(&credits, fees, 128);
    cr_assert(cap >= INT64_C(1000000000000000000), "%" PRId64, cap);
}
