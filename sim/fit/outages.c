// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/outages.h"

#include <math.h>

struct surety_outage_options surety_outage_options_default(void)
{
    return (struct surety_outage_options){SURETY_FIT_ALL_LAWS, 199, 0.95, 1};
}

enum surety_err surety_fit_all(const struct surety_sample *sample, const struct surety_outage_options *options,
                               struct surety_fitted *out)
{
    struct surety_sums sums;
    struct surety_fitted fitted = {.sample = *sample, .mean = NAN};
    if (!surety_sums_init(&sums, sample))
        return SURETY_E_MEMORY;
    enum surety_err err = SURETY_OK;
    for (enum surety_fit_kind kind = 0; err == SURETY_OK && kind < SURETY_N_FITS; kind++) {
        fitted.fits[kind] = surety_fit_maximum(kind, &sums);
        surety_fit_intervals(&fitted.fits[kind], &sums, options->confidence);
        err = surety_fit_distances(&fitted.fits[kind], sample);
        if (err == SURETY_OK && (options->laws >> kind & 1) != 0)
            err = surety_fit_bootstrap(&fitted.fits[kind], sample, options->n_replicates, options->seed);
    }
    surety_sums_finish(&sums);
    fitted.chosen = surety_fit_choose(fitted.fits, options->laws);
    if (fitted.chosen == SURETY_N_FITS && fitted.fits[SURETY_FIT_EXPONENTIAL].why_not == NULL)
        fitted.chosen = SURETY_FIT_EXPONENTIAL; // too few for the laws that were asked for
    if (fitted.chosen < SURETY_N_FITS)
        fitted.mean = surety_fit_mean(&fitted.fits[fitted.chosen]);
    if (err == SURETY_OK)
        *out = fitted;
    return err;
}

// Up times: between outages whole, after the last one cut, before the first one the rest of a period.
static bool up_sample(const struct surety_outage_series *s, const struct surety_rhythm *rhythm,
                      struct surety_arena *arena, struct surety_sample *out)
{
    double *whole = surety_arena_calloc(arena, s->n + 1, sizeof *whole);
    double *ends = surety_arena_calloc(arena, 2, sizeof *ends);
    if (whole == NULL || ends == NULL)
        return false;
    *out = (struct surety_sample){.whole = whole, .cut = &ends[0], .rest = &ends[1]};
    for (size_t i = 0; i + 1 < s->n; i++) {
        const double x = surety_rhythm_between(rhythm, s->list[i].to_us, s->list[i + 1].from_us);
        if (x > 0)
            whole[out->n_whole++] = x;
    }
    if (s->n == 0)
        return true;
    ends[0] = s->last_is_open ? 0 : surety_rhythm_between(rhythm, s->list[s->n - 1].to_us, s->until_us);
    ends[1] = s->from_is_known ? surety_rhythm_between(rhythm, s->from_us, s->list[0].from_us) : 0;
    out->n_cut = ends[0] > 0;
    out->n_rest = ends[1] > 0;
    return true;
}

static bool repair_sample(const struct surety_outage_series *s, struct surety_arena *arena, struct surety_sample *out)
{
    double *whole = surety_arena_calloc(arena, s->n + 1, sizeof *whole);
    double *cut = surety_arena_calloc(arena, 1, sizeof *cut);
    if (whole == NULL || cut == NULL)
        return false;
    *out = (struct surety_sample){.whole = whole, .cut = cut};
    for (size_t i = 0; i < s->n; i++) {
        const double x = s->lengths != NULL ? s->lengths[i] : (double)(s->list[i].to_us - s->list[i].from_us) / 1e6;
        if (!(x > 0))
            continue;
        if (i + 1 == s->n && s->last_is_open)
            cut[out->n_cut++] = x;
        else
            whole[out->n_whole++] = x;
    }
    return true;
}

enum surety_err surety_outage_fit(const struct surety_outage_series *series, const struct surety_rhythm *rhythm,
                                  const struct surety_outage_options *options, struct surety_arena *arena,
                                  struct surety_outage_model *out)
{
    struct surety_outage_model model = {.series = *series};
    struct surety_sample up, repair;
    if (!up_sample(series, rhythm, arena, &up) || !repair_sample(series, arena, &repair))
        return SURETY_E_MEMORY;
    double down_s = 0;
    for (size_t i = 0; i < series->n; i++)
        down_s += (double)(series->list[i].to_us - series->list[i].from_us) / 1e6;
    const double watched_s = (double)(series->until_us - series->from_us) / 1e6;
    model.up_s = fmax(watched_s - down_s, 0);
    model.share_down = down_s / watched_s;
    enum surety_err err = surety_fit_all(&up, options, &model.up);
    if (err == SURETY_OK)
        err = surety_fit_all(&repair, options, &model.repair);
    if (err != SURETY_OK)
        return err;
    if (model.up.chosen == SURETY_N_FITS) // one outage, of which neither before nor after is known, counts as one
        model.up.mean = model.up_s / (series->n > 0 ? (double)series->n : 0.5);
    if (model.repair.chosen == SURETY_N_FITS && repair.n_cut > 0)
        model.repair.mean = repair.cut[0] / 0.5;
    model.share_down_by_laws = model.repair.mean / (model.up.mean + model.repair.mean);
    *out = model;
    return SURETY_OK;
}
