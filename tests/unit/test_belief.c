// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/belief.h"

#include <criterion/criterion.h>

#include <math.h>

#define DAY_S 86400.0

Test(fit_belief, evidence_without_and_with_a_half_life)
{
    const struct surety_past_outage outages[] = {{90 * DAY_S, 600, false}, {180 * DAY_S, 2400, false}, {60, 60, true}};
    const struct surety_outage_evidence all = surety_outage_evidence(outages, 3, 360 * DAY_S, 0);
    cr_assert_float_eq(all.count, 3, 1e-15);
    cr_assert_float_eq(all.exposure_s, 360 * DAY_S, 1e-6);
    cr_assert_float_eq(all.n_lengths, 2, 1e-15, "the one that goes on has no length yet");
    cr_assert_float_eq(all.sum_log, log(600) + log(2400), 1e-12);
    const struct surety_outage_evidence recent = surety_outage_evidence(outages, 2, 360 * DAY_S, 90 * DAY_S);
    cr_assert_float_eq(recent.count, 0.75, 1e-12);
    cr_assert_float_eq(recent.exposure_s, 90 * DAY_S / log(2) * (1 - 1 / 16.0), 1e-3);
}

// By hand: 2 outages of 600 and 2400 s in 100 d, a pool of 8 in 400 d whose 4 lengths are all 1200 s; nothing ages.
Test(fit_belief, own_pool_and_general)
{
    struct surety_belief_settings settings;
    surety_belief_settings_default(&settings);
    settings.pool_most_s = 60 * DAY_S;
    const struct surety_outage_evidence own = {2, 100 * DAY_S, 2, log(600) + log(2400),
                                               log(600) * log(600) + log(2400) * log(2400)};
    const struct surety_outage_evidence pool = {8, 400 * DAY_S, 4, 4 * log(1200), 4 * log(1200) * log(1200)};
    const struct surety_general_outage general = {
        .per_s = 1 / (100 * DAY_S), .outages = 1, .median_s = 2400, .lengths = 4, .sigma = 1.5, .sigma_lengths = 4};
    const struct surety_outage_belief belief = surety_outage_belief(&own, &pool, &general, &settings);
    cr_assert_float_eq(belief.prior_count, 1, 1e-12);
    cr_assert_float_eq(belief.prior_over_s, 500.0 / 9.0 * DAY_S, 1e-3); // (8 + 1) / (400 + 100) a day
    settings.pool_most_s = 25 * DAY_S;
    const struct surety_outage_belief capped = surety_outage_belief(&own, &pool, &general, &settings);
    cr_assert_float_eq(capped.prior_over_s, 25 * DAY_S, 1e-6);
    cr_assert_float_eq(capped.prior_count, 25 * 9.0 / 500.0, 1e-12, "the same rate, less of it");
    cr_assert_float_eq(belief.count, 2, 0);
    cr_assert_float_eq(belief.over_s, 100 * DAY_S, 0);
    const double pool_median = 0.5 * (log(1200) + log(2400));
    const double pool_variance = (4 * pow(0.5 * log(2), 2) + 4 * 2.25) / 8;
    const double median = (log(600) + log(2400) + 20 * pool_median) / 22;
    const double squares = pow(log(600) - median, 2) + pow(log(2400) - median, 2);
    cr_assert_float_eq(log(belief.median_s), median, 1e-12);
    cr_assert_float_eq(belief.sigma * belief.sigma, (squares + 10 * pool_variance) / 12, 1e-12);
    cr_assert_float_eq(belief.median_log_sd, belief.sigma / sqrt(22), 1e-12);
}

// With nothing known the general assumption is what remains.
Test(fit_belief, nothing_known)
{
    struct surety_belief_settings settings;
    surety_belief_settings_default(&settings);
    const struct surety_outage_evidence none = {0};
    const struct surety_general_outage general = surety_general_outage(true);
    const struct surety_outage_belief belief = surety_outage_belief(&none, &none, &general, &settings);
    cr_assert_float_eq(belief.prior_over_s * general.per_s, belief.prior_count, 1e-12);
    cr_assert_float_eq(belief.prior_over_s, 60 * DAY_S, 1e-6);
    cr_assert_float_eq(belief.median_s, 2400, 1e-9);
    cr_assert_float_eq(belief.sigma, 1.25, 1e-12);
    cr_assert_eq(belief.count, 0);
}

Test(fit_belief, evidence_adds_up)
{
    const struct surety_past_outage outages[] = {{5 * DAY_S, 600, false}, {7 * DAY_S, 2400, false}};
    const struct surety_outage_evidence both = surety_outage_evidence(outages, 2, 10 * DAY_S, 0);
    struct surety_outage_evidence sum = surety_outage_evidence(outages, 1, 4 * DAY_S, 0);
    const struct surety_outage_evidence other = surety_outage_evidence(outages + 1, 1, 6 * DAY_S, 0);
    surety_outage_evidence_add(&sum, &other);
    cr_assert_float_eq(sum.count, both.count, 1e-12);
    cr_assert_float_eq(sum.exposure_s, both.exposure_s, 1e-6);
    cr_assert_float_eq(sum.sum_log_2, both.sum_log_2, 1e-9);
}
