// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/distance.h"

#include "sim/base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EDGE 1e-15 // a law that says "never" about what was seen is far away, but not infinitely

// The antiderivative of (a - u)^2 / (u (1 - u)) in u.
static double weighed(double a, double u)
{
    return (a > 0 ? a * a * log(u) : 0) - (a < 1 ? (1 - a) * (1 - a) * log1p(-u) : 0) - u;
}

enum surety_err surety_fit_distances(struct surety_fit *fit, const struct surety_sample *sample)
{
    struct surety_law_part parts[2];
    if (fit->why_not != NULL || sample->n_whole == 0)
        return SURETY_OK;
    struct surety_km_step *steps = malloc(sample->n_whole * sizeof *steps);
    const size_t n = steps == NULL ? SIZE_MAX : surety_km(sample, steps);
    if (n == SIZE_MAX) {
        free(steps);
        return SURETY_E_MEMORY;
    }
    const struct surety_law law = surety_fit_law(fit, parts);
    double ks = 0, ad = 0, share = 0, from = EDGE;
    for (size_t i = 0; i <= n; i++) {
        if (i == n && !(share > 1 - 1e-12))
            break;
        const double u = i == n ? 1 - EDGE : fmin(fmax(surety_law_cdf(&law, steps[i].x), EDGE), 1 - EDGE);
        const double level = i == n ? 1 : share;
        ad += weighed(level, u) - weighed(level, from);
        if (i == n)
            break;
        ks = fmax(ks, fmax(fabs(share - u), fabs(steps[i].share - u)));
        share = steps[i].share;
        from = u;
    }
    fit->ks = ks;
    fit->ad = (double)(sample->n_whole + sample->n_cut) * ad;
    free(steps);
    return SURETY_OK;
}

void surety_fit_draw(const struct surety_fit *fit, uint64_t seed, uint64_t replicate, double *x, size_t n)
{
    char path[32] = "fit.bootstrap.";
    struct surety_law_part parts[2];
    const struct surety_law law = surety_fit_law(fit, parts);
    struct surety_rng rng = {
        .key = surety_philox_key(seed),
        .stream = surety_philox_stream(strncat(path, surety_fit_kinds[fit->kind].name, 15), 0),
        .replication = replicate,
    };
    for (size_t i = 0; i < n; i++) {
        const double which = fit->kind == SURETY_FIT_MIXTURE ? surety_rng_uniform(&rng) : 0;
        const struct surety_law *from =
            fit->kind != SURETY_FIT_MIXTURE ? &law : &parts[which < fit->value[0] ? 1 : 0].of;
        // a duration of 0 has no logarithm; below 1e-300 nobody can tell
        x[i] = fmax(surety_law_quantile(from, surety_rng_uniform(&rng)), 1e-300);
    }
}

// The sample of one replicate, from n_whole + n_cut draws: x keeps what is whole, `cut` what is not.
static struct surety_sample replicate_of(const struct surety_sample *sample, double *x, double *cut)
{
    struct surety_sample drawn = {x, sample->n_whole, cut, 0, sample->rest, sample->n_rest};
    for (size_t i = 0; i < sample->n_cut; i++) {
        const double value = x[sample->n_whole + i];
        if (value > sample->cut[i])
            cut[drawn.n_cut++] = sample->cut[i];
        else
            x[drawn.n_whole++] = value;
    }
    return drawn;
}

enum surety_err surety_fit_bootstrap(struct surety_fit *fit, const struct surety_sample *sample, size_t n_replicates,
                                     uint64_t seed)
{
    if (fit->why_not != NULL || isnan(fit->ks) || n_replicates == 0)
        return SURETY_OK;
    const size_t n = sample->n_whole + sample->n_cut;
    double *x = malloc(n * sizeof *x), *cut = malloc((sample->n_cut + 1) * sizeof *cut);
    size_t ks_as_far = 0, ad_as_far = 0, fitted = 0;
    enum surety_err err = x == NULL || cut == NULL ? SURETY_E_MEMORY : SURETY_OK;
    for (size_t b = 0; err == SURETY_OK && b < n_replicates; b++) {
        struct surety_sums sums;
        surety_fit_draw(fit, seed, b, x, n);
        const struct surety_sample drawn = replicate_of(sample, x, cut);
        if (!surety_sums_init(&sums, &drawn)) {
            err = SURETY_E_MEMORY;
            break;
        }
        struct surety_fit again = surety_fit_maximum_near(fit, &sums);
        err = surety_fit_distances(&again, &drawn);
        surety_sums_finish(&sums);
        if (again.why_not != NULL)
            continue;
        fitted++;
        ks_as_far += again.ks >= fit->ks;
        ad_as_far += again.ad >= fit->ad;
    }
    if (err == SURETY_OK && fitted > 0) {
        fit->p_ks = (1 + (double)ks_as_far) / (1 + (double)fitted);
        fit->p_ad = (1 + (double)ad_as_far) / (1 + (double)fitted);
    }
    free(x);
    free(cut);
    return err;
}

enum surety_fit_kind surety_fit_choose(const struct surety_fit fits[SURETY_N_FITS], unsigned mask)
{
    enum surety_fit_kind best = SURETY_N_FITS;
    for (int with_margin = 0; with_margin < 2; with_margin++)
        for (enum surety_fit_kind kind = 0; kind < SURETY_N_FITS; kind++) {
            const double margin = surety_fit_kinds[kind].margin;
            if ((mask >> kind & 1) == 0 || fits[kind].why_not != NULL || (margin > 0) != (with_margin == 1) ||
                (fits[kind].at_limit && kind != SURETY_FIT_EXPONENTIAL))
                continue;
            if (best == SURETY_N_FITS || fits[kind].aicc < fits[best].aicc - margin)
                best = kind;
        }
    return best;
}
