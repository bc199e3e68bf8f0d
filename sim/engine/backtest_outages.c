// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/backtest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// From records to what is believed at an origin, as a scenario writes it.

#define DAY_US INT64_C(86400000000)

// The outages of a source that began in [from_us, origin_us), as past ones; an outage that goes on is cut there.
static enum surety_err past_of(const struct surety_history_source *source, int64_t from_us, int64_t origin_us,
                               struct surety_past_outage **out, size_t *n)
{
    *n = 0;
    *out = calloc(source->n + 1, sizeof **out);
    if (*out == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < source->n; i++) {
        const struct surety_history_outage *outage = &source->outages[i];
        if (outage->start_us < from_us || outage->start_us >= origin_us)
            continue;
        const bool cut = outage->end_us > origin_us;
        const int64_t end_us = cut ? origin_us : outage->end_us;
        (*out)[(*n)++] = (struct surety_past_outage){.age_s = (double)(origin_us - outage->start_us) * 1e-6,
                                                     .length_s = (double)(end_us - outage->start_us) * 1e-6,
                                                     .cut = cut};
    }
    return SURETY_OK;
}

// Adds what a source shows between the record's beginning and the origin or, for another service, the record's end.
static enum surety_err add_evidence(const struct surety_history *history, const struct surety_history_source *source,
                                    int64_t origin_us, double half_life_s, struct surety_outage_evidence *evidence)
{
    const int64_t end_us = history->until_us < origin_us ? history->until_us : origin_us;
    struct surety_past_outage *past;
    size_t n;
    if (end_us <= history->from_us)
        return SURETY_OK;
    const enum surety_err err = past_of(source, history->from_us, end_us, &past, &n);
    if (err != SURETY_OK)
        return err;
    const struct surety_outage_evidence own =
        surety_outage_evidence(past, n, (double)(end_us - history->from_us) * 1e-6, half_life_s);
    surety_outage_evidence_add(evidence, &own);
    free(past);
    return SURETY_OK;
}

// What the other histories show of their sources of that name before the origin.
static enum surety_err pool_of(const struct surety_history *histories, size_t n_histories, size_t index,
                               const char *source, int64_t origin_us, struct surety_outage_evidence *pool)
{
    enum surety_err err = SURETY_OK;
    for (size_t h = 0; h < n_histories && err == SURETY_OK; h++) {
        for (size_t s = 0; h != index && s < histories[h].n_sources && err == SURETY_OK; s++) {
            if (strcmp(histories[h].sources[s].name, source) == 0)
                err = add_evidence(&histories[h], &histories[h].sources[s], origin_us, 0.0, pool);
        }
    }
    return err;
}

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
        const struct surety_history_source *source = &history->sources[s];
        const struct surety_general_outage general = surety_general_outage(source->major);
        struct surety_outage_evidence own = {0}, pool = {0};
        err = add_evidence(history, source, origin_us, settings->half_life_s, &own);
        if (err == SURETY_OK)
            err = pool_of(histories, n_histories, index, source->name, origin_us, &pool);
        const struct surety_outage_belief belief = surety_outage_belief(&own, &pool, &general, settings);
        fputs(s == 0 ? "{" : ", ", out);
        write_source(out, source, &belief, until);
    }
    fputs("}", out);
    const bool written = ferror(out) == 0;
    const char *copy = NULL;
    if (fclose(out) == 0 && written && err == SURETY_OK)
        copy = surety_arena_printf(arena, "%s", text);
    free(text);
    return copy;
}
