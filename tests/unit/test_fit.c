// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/outages.h"

#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

static const double whole[] = {0.5, 1.2, 2.0, 3.1, 4.4, 5.0, 7.5, 9.0};
static const double cut[] = {6, 10};
static const double rest[] = {4};

#define close_to(got, want, tolerance)                                                                                 \
    cr_assert(fabs((got) / (want)-1) <= (tolerance), "%s = %.12g, wanted %.12g", #got, (double)(got), (double)(want))

static struct surety_fit fit_of(enum surety_fit_kind kind, size_t n_cut, size_t n_rest)
{
    const struct surety_sample sample = {whole, 8, cut, n_cut, rest, n_rest};
    struct surety_sums sums;
    gsl_set_error_handler_off();
    cr_assert(surety_sums_init(&sums, &sample));
    struct surety_fit fit = surety_fit_maximum(kind, &sums);
    surety_fit_intervals(&fit, &sums, 0.95);
    cr_assert(surety_fit_distances(&fit, &sample) == SURETY_OK);
    surety_sums_finish(&sums);
    return fit;
}

// Time on test over outages; the chi-squared quantiles are those of any table.
Test(fit, exponential_is_count_over_time_with_the_exact_interval)
{
    struct surety_fit fit = fit_of(SURETY_FIT_EXPONENTIAL, 0, 0);
    close_to(fit.value[0], 32.7 / 8, 1e-9);
    close_to(fit.interval[0].low, 2.26726312420723, 1e-9);
    close_to(fit.interval[0].high, 9.46774432763099, 1e-9);
    fit = fit_of(SURETY_FIT_EXPONENTIAL, 2, 0); // 8 in 48.7, the time being fixed: Garwood's ends
    close_to(fit.value[0], 48.7 / 8, 1e-9);
    close_to(fit.interval[0].low, 3.0894763311991, 1e-9);
    close_to(fit.interval[0].high, 14.1002797784596, 1e-9);
    close_to(fit.log_likelihood, -8 * log(48.7 / 8) - 8, 1e-9);
    close_to(fit.aic, 2 - 2 * fit.log_likelihood, 1e-12);
    // what a record's beginning leaves of a period is one more event of a memoryless law
    close_to(fit_of(SURETY_FIT_EXPONENTIAL, 2, 1).value[0], 52.7 / 9, 1e-9);
}

// Maxima by another optimiser (Nelder-Mead, 1e-12) on likelihoods written out with scipy's densities.
Test(fit, censored_maxima_are_those_of_another_program)
{
    static const struct {
        enum surety_fit_kind kind;
        size_t n_rest;
        double a, b, log_likelihood;
    } rows[] = {
        {SURETY_FIT_WEIBULL, 0, 1.252199647, 5.709304079, -22.195330614},
        {SURETY_FIT_GAMMA, 0, 1.382755215, 5.811929518, -22.206942257},
        {SURETY_FIT_LOGNORMAL, 0, 4.075447814, 1.078635703, -22.426291547},
        {SURETY_FIT_WEIBULL, 1, 1.307710869, 5.576790751, -24.509240345},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct surety_fit fit = fit_of(rows[i].kind, 2, rows[i].n_rest);
        close_to(fit.value[0], rows[i].a, 1e-6);
        close_to(fit.value[1], rows[i].b, 1e-6);
        close_to(fit.log_likelihood, rows[i].log_likelihood, 1e-9);
    }
}

Test(fit, profile_interval_of_a_shape)
{
    const struct surety_fit fit = fit_of(SURETY_FIT_WEIBULL, 0, 0);
    close_to(fit.value[0], 1.41589760761444, 1e-6);
    close_to(fit.interval[0].low, 0.741942307492491, 1e-5);
    close_to(fit.interval[0].high, 2.35273249812054, 1e-5);
}

// The classical formulas on the same numbers.
Test(fit, distances)
{
    const struct surety_fit fit = fit_of(SURETY_FIT_EXPONENTIAL, 0, 0);
    close_to(fit.ks, 0.159197653707089, 1e-9);
    close_to(fit.ad, 0.282406394877054, 1e-9);
    const struct surety_fit later = fit_of(SURETY_FIT_EXPONENTIAL, 2, 0);
    cr_assert(later.ks > 0 && later.ks < 0.3 && later.ad > 0 && later.ad < 1);
}

// By hand: 10 at risk, one dies at each of 0.5 ... 5.0; at 7.5 the one cut at 6 is gone, three are at risk; at 9 two.
Test(fit, kaplan_meier)
{
    const struct surety_sample sample = {whole, 8, cut, 2, NULL, 0};
    struct surety_km_step steps[8];
    cr_assert_eq(surety_km(&sample, steps), 8);
    close_to(steps[5].share, 0.6, 1e-12);
    close_to(steps[6].share, 1 - 0.4 * 2 / 3, 1e-12);
    close_to(steps[7].share, 1 - 0.4 * 2 / 3 / 2, 1e-12);
}

Test(fit, says_why_there_is_no_fit)
{
    static const double same[] = {3, 3, 3, 3, 3, 3};
    const struct surety_sample none = {.cut = cut, .n_cut = 2}, few = {.whole = whole, .n_whole = 4},
                               alike = {.whole = same, .n_whole = 6};
    struct surety_sums sums;
    cr_assert(surety_sums_init(&sums, &none));
    cr_assert_str_eq(surety_fit_maximum(SURETY_FIT_EXPONENTIAL, &sums).why_not, "no duration that ended was seen");
    surety_sums_finish(&sums);
    cr_assert(surety_sums_init(&sums, &few));
    cr_assert_str_eq(surety_fit_maximum(SURETY_FIT_WEIBULL, &sums).why_not, "too few durations");
    cr_assert_null(surety_fit_maximum(SURETY_FIT_EXPONENTIAL, &sums).why_not);
    surety_sums_finish(&sums);
    cr_assert(surety_sums_init(&sums, &alike));
    cr_assert_str_eq(surety_fit_maximum(SURETY_FIT_GAMMA, &sums).why_not, "all durations are the same");
    surety_sums_finish(&sums);
}

// The least AICc, but a mixture only when it is lower by its margin.
Test(fit, choice)
{
    struct surety_fit fits[SURETY_N_FITS];
    memset(fits, 0, sizeof fits);
    static const double aicc[] = {110, 104, 105, 103, 97};
    for (size_t k = 0; k < SURETY_N_FITS; k++)
        fits[k].aicc = aicc[k];
    cr_assert_eq(surety_fit_choose(fits, SURETY_FIT_ALL_LAWS), SURETY_FIT_LOGNORMAL);
    fits[SURETY_FIT_MIXTURE].aicc = 95.9;
    cr_assert_eq(surety_fit_choose(fits, SURETY_FIT_ALL_LAWS), SURETY_FIT_MIXTURE);
    cr_assert_eq(surety_fit_choose(fits, 1u << SURETY_FIT_WEIBULL | 1u << SURETY_FIT_GAMMA), SURETY_FIT_WEIBULL);
    fits[SURETY_FIT_MIXTURE].at_limit = true;
    cr_assert_eq(surety_fit_choose(fits, SURETY_FIT_ALL_LAWS), SURETY_FIT_LOGNORMAL);
    for (size_t k = 0; k < SURETY_N_FITS; k++)
        fits[k].why_not = "too few durations";
    cr_assert_eq(surety_fit_choose(fits, SURETY_FIT_ALL_LAWS), SURETY_N_FITS);
}

Test(fit, a_law_of_each_kind_has_the_mean_it_says)
{
    struct surety_law_part parts[2];
    struct surety_fit fit = {.kind = SURETY_FIT_WEIBULL, .value = {0.7, 5}};
    close_to(surety_fit_mean(&fit), 5, 1e-12);
    fit.kind = SURETY_FIT_GAMMA;
    close_to(surety_fit_mean(&fit), 5, 1e-12);
    fit = (struct surety_fit){.kind = SURETY_FIT_MIXTURE, .value = {0.25, 1, 0.6, 20, 0.7}};
    const struct surety_law law = surety_fit_law(&fit, parts);
    cr_assert_null(surety_law_check(&law));
    close_to(surety_law_mean(&law), 0.75 * exp(0.18) + 0.25 * 20 * exp(0.245), 1e-12);
}

// --- outages of a record ----------------------------------------------------------------------------------------------

#define HOUR INT64_C(3600000000)

// Two outages in 1000 h, of 1 and 3 h, the second still on: the exposures by hand.
Test(fit, outages_of_a_record)
{
    static const struct surety_episode list[] = {{100 * HOUR, 101 * HOUR}, {997 * HOUR, 1000 * HOUR}};
    struct surety_outage_series series = {
        .name = "major", .list = list, .n = 2, .last_is_open = true, .until_us = 1000 * HOUR, .from_is_known = true};
    struct surety_outage_options options = surety_outage_options_default();
    const struct surety_rhythm flat = surety_rhythm_flat();
    struct surety_outage_model model;
    struct surety_arena arena;
    gsl_set_error_handler_off();
    surety_arena_init(&arena);
    options.n_replicates = 0;
    cr_assert(surety_outage_fit(&series, &flat, &options, &arena, &model) == SURETY_OK);
    cr_assert_eq(model.up.chosen, SURETY_FIT_EXPONENTIAL);
    close_to(model.up.mean, 996 * 3600.0 / 2, 1e-9); // two failures in 996 h up
    close_to(model.repair.mean, 4 * 3600.0, 1e-9);   // one repair in 4 h down: what is open is no repair
    close_to(model.share_down, 0.004, 1e-9);
    series.n = 0; // nothing at all: half an outage
    cr_assert(surety_outage_fit(&series, &flat, &options, &arena, &model) == SURETY_OK);
    cr_assert_eq(model.up.chosen, SURETY_N_FITS);
    close_to(model.up.mean, 2000 * 3600.0, 1e-9);
    cr_assert(isnan(model.repair.mean));
    surety_arena_finish(&arena);
}
