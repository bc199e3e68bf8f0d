// SPDX-License-Identifier: GPL-3.0-or-later
// What is simulated from a law is found again: intervals cover what they promise, and p-values are uniform.
#include "sim/fit/outages.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>

// 2,000 histories a law. The share of 95 % intervals that hold the truth has to lie between 93.5 and 96.5 %: 3.1
// standard errors of 0.49 %. The histories are fixed by the seed, so the test is not a gamble.
#define HISTORIES 2000
#define LOW 0.935
#define HIGH 0.965
#define MOST 400

struct truth {
    enum surety_fit_kind kind;
    double value[SURETY_FIT_PARAMETERS];
    size_t n;        // durations of a history
    double p_cut_at; // each is cut at this quantile of the law
};

static const struct truth truths[] = {
    {SURETY_FIT_EXPONENTIAL, {3}, 150, 0.8},
    {SURETY_FIT_WEIBULL, {0.7, 5}, 150, 0.8},
    {SURETY_FIT_GAMMA, {0.6, 5}, 150, 0.8},
    {SURETY_FIT_LOGNORMAL, {1.2, 1.3}, 150, 0.8},
    {SURETY_FIT_MIXTURE, {0.25, 1, 0.6, 20, 0.7}, 300, 0.97},
};
#define N_TRUTHS (sizeof truths / sizeof *truths)

enum mistake { NONE, CUT_TAKEN_AS_WHOLE, CUT_DROPPED };

// Counts the intervals that hold the truth, a number for each parameter.
static void count_covered(const struct truth *truth, enum mistake mistake, size_t n_histories,
                          size_t covered[SURETY_FIT_PARAMETERS])
{
    struct surety_fit law = {.kind = truth->kind};
    struct surety_law_part parts[2];
    gsl_set_error_handler_off();
    memcpy(law.value, truth->value, sizeof law.value);
    const struct surety_law exact = surety_fit_law(&law, parts);
    const double end = surety_law_quantile(&exact, truth->p_cut_at);
    for (uint64_t history = 0; history < n_histories; history++) {
        double x[MOST], whole[MOST], cut[MOST];
        struct surety_sample sample = {.whole = whole, .cut = cut};
        struct surety_sums sums;
        surety_fit_draw(&law, 2027, history, x, truth->n);
        for (size_t i = 0; i < truth->n; i++) {
            if (x[i] <= end)
                whole[sample.n_whole++] = x[i];
            else if (mistake == CUT_TAKEN_AS_WHOLE)
                whole[sample.n_whole++] = end;
            else if (mistake == NONE)
                cut[sample.n_cut++] = end;
        }
        cr_assert(surety_sums_init(&sums, &sample));
        struct surety_fit fit = surety_fit_maximum(truth->kind, &sums);
        surety_fit_intervals(&fit, &sums, 0.95);
        for (size_t j = 0; j < surety_fit_kinds[truth->kind].n; j++)
            covered[j] += fit.interval[j].low <= truth->value[j] && truth->value[j] <= fit.interval[j].high;
        surety_sums_finish(&sums);
    }
}

static void intervals_cover(size_t i)
{
    size_t covered[SURETY_FIT_PARAMETERS] = {0};
    count_covered(&truths[i], NONE, HISTORIES, covered);
    const struct surety_fit_kind_row *row = &surety_fit_kinds[truths[i].kind];
    for (size_t j = 0; j < row->n; j++) {
        const double share = (double)covered[j] / HISTORIES;
        cr_log_info("%s %s: %.2f %%\n", row->name, row->parameters[j].name, 100 * share);
        cr_expect(LOW <= share && share <= HIGH, "%s %s is covered by %.2f %% of the 95 %% intervals", row->name,
                  row->parameters[j].name, 100 * share);
    }
}

Test(stat_fit_recovery, intervals_of_the_exponential_cover)
{
    intervals_cover(0);
}

Test(stat_fit_recovery, intervals_of_the_weibull_cover)
{
    intervals_cover(1);
}

Test(stat_fit_recovery, intervals_of_the_gamma_cover)
{
    intervals_cover(2);
}

Test(stat_fit_recovery, intervals_of_the_lognormal_cover)
{
    intervals_cover(3);
}

Test(stat_fit_recovery, intervals_of_the_mixture_cover)
{
    intervals_cover(4);
}

// The twin: the same histories read as most people would read them have to be found out, for each law.
Test(stat_fit_recovery, what_is_cut_must_not_be_dropped_nor_taken_as_whole)
{
    for (size_t i = 0; i < N_TRUTHS; i++)
        for (enum mistake mistake = CUT_TAKEN_AS_WHOLE; mistake <= CUT_DROPPED; mistake++) {
            size_t covered[SURETY_FIT_PARAMETERS] = {0}, least = SIZE_MAX;
            const size_t n = truths[i].kind == SURETY_FIT_MIXTURE ? 200 : 500;
            count_covered(&truths[i], mistake, n, covered);
            for (size_t j = 0; j < surety_fit_kinds[truths[i].kind].n; j++)
                least = covered[j] < least ? covered[j] : least;
            cr_expect((double)least < (LOW - 0.05) * (double)n, "%s, mistake %d: %zu of %zu covered",
                      surety_fit_kinds[truths[i].kind].name, (int)mistake, least, n);
        }
}

// --- p-values and choice ----------------------------------------------------------------------------------------------

// Counts how many of n samples from `law` are called badly fitted at 5 % by their own law, and how often a mixture is
// chosen.
static void count_verdicts(const struct surety_fit *law, enum surety_fit_kind fitted, size_t n, size_t *by_ks,
                           size_t *by_ad, size_t *mixtures)
{
    for (uint64_t history = 0; history < n; history++) {
        double x[60];
        const struct surety_sample sample = {.whole = x, .n_whole = 60};
        struct surety_sums sums;
        struct surety_fit fits[SURETY_N_FITS];
        surety_fit_draw(law, 99, history, x, 60);
        cr_assert(surety_sums_init(&sums, &sample));
        for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++)
            fits[kind] = surety_fit_maximum(kind, &sums);
        cr_assert(surety_fit_distances(&fits[fitted], &sample) == SURETY_OK);
        cr_assert(surety_fit_bootstrap(&fits[fitted], &sample, 39, history) == SURETY_OK);
        *by_ks += fits[fitted].p_ks <= 0.05;
        *by_ad += fits[fitted].p_ad <= 0.05;
        *mixtures += surety_fit_choose(fits, SURETY_FIT_ALL_LAWS) == SURETY_FIT_MIXTURE;
        surety_sums_finish(&sums);
    }
}

// 400 lognormal samples of 60: 5 % are rejected, s.e. 1.1 %; with tabulated p-values, which take the parameters for
// known, it would be less than one in a thousand. A mixture is chosen in at most 5 % of them.
Test(stat_fit_recovery, p_values_are_uniform_and_mixtures_are_rare_under_one_lognormal)
{
    const struct surety_fit law = {.kind = SURETY_FIT_LOGNORMAL, .value = {1.2, 1.3}};
    size_t by_ks = 0, by_ad = 0, mixtures = 0;
    gsl_set_error_handler_off();
    count_verdicts(&law, SURETY_FIT_LOGNORMAL, 400, &by_ks, &by_ad, &mixtures);
    cr_log_info("rejected by KS %zu, by AD %zu of 400; mixtures %zu\n", by_ks, by_ad, mixtures);
    cr_expect(by_ks >= 7 && by_ks <= 36, "KS rejects %zu of 400", by_ks); // 3 standard errors and the grid of 1/40
    cr_expect(by_ad >= 7 && by_ad <= 36, "AD rejects %zu of 400", by_ad);
    cr_expect(mixtures <= 20, "%zu of 400 lognormals were taken for mixtures", mixtures);
}

// The twin: the wrong law has to be found out.
Test(stat_fit_recovery, a_wrong_law_has_small_p_values)
{
    const struct surety_fit law = {.kind = SURETY_FIT_LOGNORMAL, .value = {1.2, 1.3}};
    size_t by_ks = 0, by_ad = 0, mixtures = 0;
    gsl_set_error_handler_off();
    count_verdicts(&law, SURETY_FIT_EXPONENTIAL, 100, &by_ks, &by_ad, &mixtures);
    cr_expect(by_ks >= 60 && by_ad >= 60, "KS rejects the exponential %zu times of 100, AD %zu times", by_ks, by_ad);
}
