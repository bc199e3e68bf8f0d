// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/replay.h"

#include "sim/base/calendar.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#define MOST_NOTES 16 // of the replay itself, beside the scenario's assumptions

// --- what cannot be replayed ------------------------------------------------------------------------------------

static bool check_records(const struct surety_scenario *scenario, bool perfect, struct surety_diags *diags)
{
    static const char hint[] = "give its record (--incidents NAME=FILE, or `record` in the scenario), or take what has "
                               "none as never failing with --others-perfect";
    const size_t before = diags->n_errors;
    size_t n_records = 0;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *p = &scenario->providers[i];
        n_records += p->used && p->record.given;
        if (p->used && !p->record.given && p->n_outages > 0 && !perfect)
            surety_diag_add(diags, SURETY_D_MISSING_KEY, p->place, p->name, hint,
                            "'%s' has laws and no record: a replay draws nothing", p->name);
    }
    for (size_t i = 0; i < scenario->n_common_causes && !perfect; i++)
        surety_diag_add(diags, SURETY_D_MISSING_KEY, scenario->common_causes[i].outage.place,
                        scenario->common_causes[i].outage.name, "leave common causes out with --others-perfect",
                        "the common cause '%s' is a law: a replay draws nothing",
                        scenario->common_causes[i].outage.name);
    if (n_records == 0 && diags->n_errors == before)
        surety_diag_add(diags, SURETY_D_MISSING_KEY, (struct surety_place){0, 0}, NULL, "give --incidents NAME=FILE",
                        "no provider that is used has a record: there is nothing to replay");
    return diags->n_errors == before;
}

// --- days -------------------------------------------------------------------------------------------------------

// The first instant of day d of the term, from its start.
static int64_t day_us(const struct surety_scenario *scenario, size_t d)
{
    const struct surety_term *term = &scenario->term;
    const struct surety_date date = surety_date_from_days(surety_date_days(term->start) + (int64_t)d);
    return (surety_tz_day_start_s(term->zone, date) - surety_tz_day_start_s(term->zone, term->start)) * SURETY_US_PER_S;
}

static bool list_days(struct surety_replay *replay, const struct surety_scenario *scenario, int64_t term_us)
{
    while (day_us(scenario, replay->n_days) < term_us)
        replay->n_days++;
    replay->dates = surety_arena_calloc(&replay->arena, replay->n_days, sizeof *replay->dates);
    for (size_t d = 0; replay->dates != NULL && d < replay->n_days; d++) {
        char text[11];
        surety_date_format(surety_date_from_days(surety_date_days(scenario->term.start) + (int64_t)d), text);
        replay->dates[d] = surety_arena_printf(&replay->arena, "%s", text);
        if (replay->dates[d] == NULL)
            return false;
    }
    return replay->dates != NULL;
}

// The service's bars by day.
static bool count_days(struct surety_replay *replay, const struct surety_scenario *scenario,
                       struct surety_replay_architecture *a)
{
    const struct surety_story *story = a->story;
    a->days = surety_arena_calloc(&replay->arena, replay->n_days, sizeof *a->days);
    size_t d = 0;
    for (size_t i = 0; a->days != NULL && i < story->n_bars; i++) {
        const struct surety_story_bar *bar = &story->bars[i];
        if (!bar->is_service)
            continue;
        while (d > 0 && day_us(scenario, d) > bar->from_us)
            d--;
        for (; d < replay->n_days && day_us(scenario, d) < bar->to_us; d++) {
            const int64_t begin_us = day_us(scenario, d), end_us = day_us(scenario, d + 1);
            const int64_t from_us = bar->from_us > begin_us ? bar->from_us : begin_us;
            const int64_t to_us = bar->to_us < end_us ? bar->to_us : end_us;
            if (from_us >= to_us)
                continue;
            a->days[d].lost_s += bar->share_failing * (double)(to_us - from_us) * 1e-6;
            a->days[d].down_s += bar->is_down ? (double)(to_us - from_us) * 1e-6 : 0;
        }
    }
    for (d = 0; a->days != NULL && d < replay->n_days; d++)
        if (a->days[d].lost_s > a->days[a->worst_day].lost_s)
            a->worst_day = d;
    return a->days != NULL;
}

static bool sum_tiers(struct surety_replay *replay, struct surety_replay_architecture *a)
{
    const struct surety_story *story = a->story;
    a->n_met = surety_arena_calloc(&replay->arena, story->n_tiers, sizeof *a->n_met);
    a->credits = surety_arena_calloc(&replay->arena, story->n_tiers, sizeof *a->credits);
    if (a->n_met == NULL || a->credits == NULL)
        return false;
    for (size_t w = 0; w < story->n_windows; w++)
        for (size_t t = 0; t < story->n_tiers; t++) {
            a->n_met[t] += story->windows[w].met[t];
            a->credits[t] += story->windows[w].credit[t]; // NAN stays
        }
    return true;
}

// --- notes ------------------------------------------------------------------------------------------------------

__attribute__((format(printf, 2, 3))) static bool add_note(struct surety_replay *replay, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *copy = surety_arena_printf(&replay->arena, "%s", text);
    if (copy != NULL)
        replay->notes[replay->n_notes++] = copy;
    return copy != NULL;
}

static bool add_notes(struct surety_replay *replay, const struct surety_scenario *written,
                      const struct surety_plan *plan, bool perfect, uint64_t seed)
{
    replay->notes = surety_arena_calloc(&replay->arena, written->n_assumptions + MOST_NOTES, sizeof *replay->notes);
    bool good = replay->notes != NULL;
    for (size_t i = 0; good && i + written->n_block_assumptions < written->n_assumptions; i++)
        good = add_note(replay, "%s", written->assumptions[i]);
    good = good && add_note(replay, "the records are played with their own dates: one history, not a forecast");
    good = good && add_note(replay,
                            "counts of requests are expected ones; attempts to switch that may fail, and phases "
                            "of probes, are drawn with seed %llu",
                            (unsigned long long)seed);
    if (good && plan->credits.given)
        good = add_note(replay, "every credit is claimed");
    if (good && plan->quality.n_targets + plan->cost.n_targets > 0)
        good = add_note(replay, "promises of quality and cost are not judged: met is what keeps the availability");
    if (good && written->uncertain != NULL)
        good = add_note(replay, "uncertain inputs are taken at their means");
    if (good && perfect)
        good = add_note(replay, "providers without a record, and common causes, are taken as never failing");
    return good;
}

// --- all of it --------------------------------------------------------------------------------------------------

static enum surety_err play(struct surety_replay *replay, const struct surety_scenario *scenario,
                            struct surety_plan *plan, uint64_t seed, struct surety_diags *diags)
{
    replay->architectures = surety_arena_calloc(&replay->arena, plan->n_architectures, sizeof *replay->architectures);
    replay->timezone = surety_arena_printf(&replay->arena, "%s", scenario->term.timezone);
    if (replay->architectures == NULL || replay->timezone == NULL || !list_days(replay, scenario, plan->term_us))
        return SURETY_E_MEMORY;
    // Nothing is left to chance that has an expectation.
    plan->expected_counts = true;
    plan->credits.p_claimed = 1;
    for (size_t i = 0; i < plan->n_architectures; i++) {
        struct surety_replay_architecture *a = &replay->architectures[replay->n_architectures];
        const enum surety_err err = surety_story_tell(scenario, plan, i, seed, 0, diags, &a->story);
        if (err != SURETY_OK)
            return err;
        replay->n_architectures++;
        if (!count_days(replay, scenario, a) || !sum_tiers(replay, a))
            return SURETY_E_MEMORY;
    }
    return SURETY_OK;
}

enum surety_err surety_replay_create(const struct surety_scenario *written, bool perfect, uint64_t seed,
                                     struct surety_diags *diags, struct surety_replay **out)
{
    struct surety_plan *plan = NULL;
    if (!check_records(written, perfect, diags))
        return SURETY_E_INPUT;
    // Uncertain inputs are taken at their means: a record leaves nothing to draw.
    struct surety_scenario certain = *written;
    certain.uncertain = NULL;
    const struct surety_scenario *const scenario = &certain;
    enum surety_err err = surety_plan_create_with(scenario, SURETY_RECORDS_DATED, diags, &plan);
    if (err != SURETY_OK)
        return err;
    struct surety_replay *replay = calloc(1, sizeof *replay);
    if (replay != NULL) {
        surety_arena_init(&replay->arena);
        err = play(replay, scenario, plan, seed, diags);
        if (err == SURETY_OK && !add_notes(replay, written, plan, perfect, seed))
            err = SURETY_E_MEMORY;
    } else {
        err = SURETY_E_MEMORY;
    }
    surety_plan_destroy(plan);
    if (err == SURETY_OK)
        *out = replay;
    else
        surety_replay_destroy(replay);
    return err;
}

void surety_replay_destroy(struct surety_replay *replay)
{
    if (replay == NULL)
        return;
    for (size_t i = 0; i < replay->n_architectures; i++)
        surety_story_destroy(replay->architectures[i].story);
    surety_arena_finish(&replay->arena);
    free(replay);
}
