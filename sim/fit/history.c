// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/history.h"

#include <stdlib.h>
#include <string.h>

static bool is_source(const struct surety_record_episodes *episodes, const struct surety_severity_profile *profile,
                      enum surety_grade grade)
{
    bool occurs = grade == SURETY_GRADE_PARTIAL || grade == SURETY_GRADE_MAJOR;
    for (size_t i = 0; i < episodes->n; i++)
        occurs = occurs || episodes->list[i].grade == grade;
    return occurs && profile->grade[grade].share > 0.0;
}

static bool fill_source(struct surety_arena *arena, const struct surety_record_episodes *episodes,
                        const struct surety_severity_profile *profile, enum surety_grade grade,
                        struct surety_history_source *source)
{
    struct surety_history_outage *outages = surety_arena_calloc(arena, episodes->n + 1, sizeof *outages);
    if (outages == NULL)
        return false;
    *source = (struct surety_history_source){.name = surety_grade_name(grade),
                                             .failing = profile->grade[grade].share,
                                             .major = grade == SURETY_GRADE_MAJOR,
                                             .outages = outages};
    for (size_t i = 0; i < episodes->n; i++) {
        const struct surety_record_episode *e = &episodes->list[i];
        if (e->grade == grade)
            outages[source->n++] = (struct surety_history_outage){e->from_us, e->to_us + e->censored};
    }
    return true;
}

enum surety_err surety_history_make(struct surety_arena *arena, const char *provider,
                                    const struct surety_record_episodes *episodes,
                                    const struct surety_severity_profile *profile, struct surety_history *out)
{
    struct surety_history_source *sources = surety_arena_calloc(arena, SURETY_N_GRADES, sizeof *sources);
    if (sources == NULL)
        return SURETY_E_MEMORY;
    size_t n = 0;
    for (int grade = 0; grade < SURETY_N_GRADES; grade++) {
        if (is_source(episodes, profile, (enum surety_grade)grade) &&
            !fill_source(arena, episodes, profile, (enum surety_grade)grade, &sources[n++]))
            return SURETY_E_MEMORY;
    }
    *out = (struct surety_history){provider, episodes->from_us, episodes->until_us, sources, n};
    return SURETY_OK;
}

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

enum surety_err surety_history_belief(const struct surety_history *histories, size_t n_histories, size_t index,
                                      size_t source, int64_t origin_us, const struct surety_belief_settings *settings,
                                      struct surety_outage_belief *out)
{
    const struct surety_history_source *of = &histories[index].sources[source];
    const struct surety_general_outage general = surety_general_outage(of->major);
    struct surety_outage_evidence own = {0}, pool = {0};
    enum surety_err err = add_evidence(&histories[index], of, origin_us, settings->half_life_s, &own);
    if (err == SURETY_OK)
        err = pool_of(histories, n_histories, index, of->name, origin_us, &pool);
    if (err == SURETY_OK)
        *out = surety_outage_belief(&own, &pool, &general, settings);
    return err;
}
