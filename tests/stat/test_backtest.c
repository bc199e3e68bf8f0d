// SPDX-License-Identifier: GPL-3.0-or-later
#include "worlds.h"

#include "models/registry.h"
#include "sim/base/fmath.h"
#include "sim/base/philox.h"
#include "sim/engine/backtest.h"

#include <criterion/criterion.h>

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The backtest on histories that its own model made: every rate is a draw of the prior, every median one of the pool's
// spread, up times are exponential, nothing drifts. Then the 90 % intervals hold 90 % of the months and forecast
// probabilities are the shares that come true, up to the error of few parameter draws. Providers are independent, so
// the standard error over forecasts is the plain one.

#define N_PROVIDERS 40
#define N_RUNS 12
#define N_MONTHS 13
#define FORECAST 12 // the month that is forecast; the one before is its climatology
#define MOST_OUTAGES 4000
#define DAY_US INT64_C(86400000000)

struct made {
    struct surety_history histories[N_PROVIDERS];
    struct surety_history_source sources[N_PROVIDERS];
    struct surety_history_outage outages[N_PROVIDERS][MOST_OUTAGES];
    char names[N_PROVIDERS][8];
    int64_t months_us[N_MONTHS + 1];
    double realised[N_PROVIDERS * N_MONTHS];
};

static double uniform(uint32_t stream, uint64_t world, uint32_t index)
{
    double u[2];
    surety_philox_uniforms(surety_philox_key(20261123), index, stream, world, u);
    return u[0];
}

// One provider's outages. `late` multiplies the rate in the month that is forecast: 1 is the model's world.
static void make_outages(struct made *made, size_t p, uint64_t world, double late)
{
    const struct surety_general_outage general = surety_general_outage(true);
    // Gamma(1, 1 / rate) is exponential; the median's spread is that of 20 lengths
    const double per_s = -surety_log(uniform(1, world, 0)) * general.per_s;
    const double median_s =
        general.median_s * surety_exp(surety_norminv(uniform(2, world, 0)) * general.sigma / sqrt(20.0));
    const double mean_s = median_s * surety_exp(0.5 * general.sigma * general.sigma);
    const double up_s = fmax(1.0 / per_s - mean_s, 60.0);
    struct surety_history_source *source = &made->sources[p];
    int64_t now = made->months_us[0], border_us = made->months_us[FORECAST];
    *source = (struct surety_history_source){.name = "major", .failing = 1.0, .major = true};
    source->outages = made->outages[p];
    for (uint32_t i = 0; source->n < MOST_OUTAGES; i++) {
        const double x = -surety_log(uniform(3, world, i)) * up_s / (now >= border_us ? late : 1.0);
        const int64_t start = now + 1 + (int64_t)(x * 1e6);
        if (now < border_us && start > border_us) { // exponential: it may begin anew
            now = border_us;
            continue;
        }
        const double length_s = median_s * surety_exp(surety_norminv(uniform(4, world, i)) * general.sigma);
        now = start + 1 + (int64_t)(length_s * 1e6);
        if (start >= made->months_us[N_MONTHS])
            break;
        made->outages[p][source->n++] = (struct surety_history_outage){start, now};
    }
}

static double availability(const struct surety_history_source *source, int64_t from_us, int64_t to_us)
{
    int64_t down_us = 0;
    for (size_t i = 0; i < source->n; i++) {
        const int64_t from = source->outages[i].start_us > from_us ? source->outages[i].start_us : from_us;
        const int64_t to = source->outages[i].end_us < to_us ? source->outages[i].end_us : to_us;
        down_us += to > from ? to - from : 0;
    }
    return 1.0 - (double)down_us / (double)(to_us - from_us);
}

static void make(struct made *made, uint64_t run, double late)
{
    const struct surety_date first = {2027, 1, 1};
    for (size_t m = 0; m <= N_MONTHS; m++)
        made->months_us[m] = surety_date_days(surety_date_month_start(first, (int64_t)m)) * DAY_US;
    for (size_t p = 0; p < N_PROVIDERS; p++) {
        make_outages(made, p, run * N_PROVIDERS + p, late);
        snprintf(made->names[p], sizeof made->names[p], "p%zu", p);
        made->histories[p] = (struct surety_history){made->names[p], made->months_us[0], made->months_us[N_MONTHS],
                                                     &made->sources[p], 1};
        for (size_t m = 0; m < N_MONTHS; m++)
            made->realised[p * N_MONTHS + m] =
                m < FORECAST - 1 ? (double)NAN
                                 : availability(&made->sources[p], made->months_us[m], made->months_us[m + 1]);
    }
}

static char *scenario_text(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("surety: 1\nname: Made\nworkloads: {calls: {demand: {rate: 1000/min, profile: flat}}}\nproviders:\n", out);
    for (int p = 0; p < N_PROVIDERS; p++)
        fprintf(out, "  p%d: {outages: none}\n", p);
    fputs("architectures:\n", out);
    for (int p = 0; p < N_PROVIDERS; p++)
        fprintf(out, "  a%d: p%d\n", p, p);
    fputs("contract:\n  availability: {measure: requests, counts: expected}\n"
          "  tiers: {low: {availability: 99%}, mid: {availability: 99.9%}}\n",
          out);
    fclose(out);
    return text;
}

static struct surety_backtest *backtest(struct made *made, const char *text, uint64_t run)
{
    struct surety_diags diags;
    struct surety_backtest_options options;
    struct surety_backtest *result = NULL;
    surety_diags_init(&diags, "made");
    surety_backtest_options_default(&options);
    options.seed = 1000 * run;
    options.n_threads = 1;
    options.belief.half_life_s = 0;
    options.belief.drift = 0;
    options.belief.up_shape = 1;
    options.belief.pool_most_s = 1e9; // the prior that the rates are drawn from
    const struct surety_backtest_input input = {.registry = surety_registry_get(),
                                                .file = "made",
                                                .text = text,
                                                .first = {2027, 1, 1},
                                                .months_us = made->months_us,
                                                .n_months = N_MONTHS,
                                                .histories = made->histories,
                                                .n_histories = N_PROVIDERS,
                                                .realised = made->realised};
    const enum surety_err err = surety_backtest_run(&input, &options, &diags, &result);
    if (err != SURETY_OK)
        surety_diags_print(&diags, stderr);
    cr_assert_eq(err, SURETY_OK);
    surety_diags_finish(&diags);
    return result;
}

struct found {
    struct tally central, crps[SURETY_N_FORECASTERS], error[2];
};

static struct found find(double late, uint64_t n_runs)
{
    struct found found = {0};
    struct made *made = calloc(1, sizeof *made);
    char *text = scenario_text();
    gsl_set_error_handler_off();
    for (uint64_t run = 0; run < n_runs; run++) {
        make(made, run, late);
        struct surety_backtest *result = backtest(made, text, run);
        cr_assert_eq(result->n, N_PROVIDERS);
        for (size_t i = 0; i < result->n; i++) {
            const struct surety_backtest_forecast *forecast = &result->forecasts[i];
            tally_add(&found.central, forecast->scores[SURETY_BY_MODEL].levels[2].central_share);
            for (size_t t = 0; t < 2; t++)
                tally_add(&found.error[t], forecast->scores[SURETY_BY_MODEL].targets[t].p -
                                               forecast->scores[SURETY_BY_MODEL].targets[t].happened);
            for (size_t f = 0; f < SURETY_N_FORECASTERS; f++)
                tally_add(&found.crps[f], forecast->scores[f].crps);
        }
        surety_backtest_destroy(result);
    }
    free(text);
    free(made);
    return found;
}

// 480 forecasts: 6.1 standard errors of the coverage are 7 points.
Test(stat_backtest, holds_what_it_says_on_its_own_histories, .timeout = 300)
{
    const struct found found = find(1.0, N_RUNS);
    cr_log_info("coverage %.4f +- %.4f", tally_mean(&found.central), tally_se(&found.central));
    cr_assert(within(tally_mean(&found.central), 0.9, tally_se(&found.central)), "coverage %.4f +- %.4f",
              tally_mean(&found.central), tally_se(&found.central));
    cr_assert_lt(tally_se(&found.central), 0.013);
    for (size_t t = 0; t < 2; t++)
        cr_assert(within(tally_mean(&found.error[t]), 0.0, tally_se(&found.error[t])), "tier %zu: %.4f +- %.4f", t,
                  tally_mean(&found.error[t]), tally_se(&found.error[t]));
    cr_assert_lt(tally_mean(&found.crps[SURETY_BY_MODEL]), tally_mean(&found.crps[SURETY_BY_PUBLISHED]));
}

// The twin: in the month that is forecast outages are five times as frequent. Coverage and probabilities must fail.
Test(stat_backtest, finds_a_wrong_rate, .timeout = 300)
{
    const struct found found = find(5.0, N_RUNS / 4);
    cr_log_info("coverage %.4f +- %.4f", tally_mean(&found.central), tally_se(&found.central));
    cr_assert_not(within(tally_mean(&found.central), 0.9, tally_se(&found.central)), "coverage %.4f +- %.4f",
                  tally_mean(&found.central), tally_se(&found.central));
    cr_assert_gt(tally_mean(&found.error[1]), 6.1 * tally_se(&found.error[1]), "tier: %.4f +- %.4f",
                 tally_mean(&found.error[1]), tally_se(&found.error[1]));
}
