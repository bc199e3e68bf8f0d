// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/backtest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// From records to what is believed at an origin, as a scenario writes it.

#define DAY_US INT64_C(86400000000)

static void write_source(FILE *out, const struct surety_history_source *source, const struct surety_outage_belief *b,
                         const char *until)
{
    fprintf(out, "%s: {incidents: {rate: {observed: {count: %.9g, over: %.9gs, until: %s, ", source->name, b->count,
            b->over_s, until);
    fprintf(out, "prior: {count: %.9g, over: %.9gs}, dispersion: %.9g, half_life: none, drift: %.9g}}, shape: %.9g}, ",
            b->prior_count, b->prior_over_s, b->dispersion, b->drift, b->up_shape);
    fprintf(out, "time_to_repair: {lognormal: {median: {law: {lognormal: {median: %.9gs, sigma: %.9g}}}, ", b->median_s,
            b->median_log_sd);
    fprintf(out, "sigma: %.9g}}, failing: %.9g%%}", b->sigma, 100.0 * source->failing);
}

const char *surety_backtest_outages(struct surety_arena *arena, const struct surety_history *histories,
                                    size_t n_histories, size_t index, int64_t origin_us,
                                    const struct surety_belief_settings *settings)
{
    const struct surety_history *history = &histories[index];
    char *text = NULL, until[11];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    // The day before the origin is the last that was seen. (Zones shift it by a day at most: the rate drifts for years.)
    surety_date_format(surety_date_from_days((origin_us - 1) / DAY_US), until);
    enum surety_err err = SURETY_OK;
    for (size_t s = 0; s < history->n_sources && err == SURETY_OK; s++) {
        struct surety_outage_belief belief = {0};
        err = surety_history_belief(histories, n_histories, index, s, origin_us, settings, &belief);
        fputs(s == 0 ? "{" : ", ", out);
        write_source(out, &history->sources[s], &belief, until);
    }
    fputs("}", out);
    const bool written = ferror(out) == 0;
    const char *copy = NULL;
    if (fclose(out) == 0 && written && err == SURETY_OK)
        copy = surety_arena_printf(arena, "%s", text);
    free(text);
    return copy;
}
