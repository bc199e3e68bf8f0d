// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/story.h"

#include "models/credit.h"
#include "sim/engine/books_joint.h"
#include "sim/engine/books_money.h"
#include "sim/engine/group_world.h"

#include "sim/base/ppb.h"
#include "sim/engine/story_words.h"
#include "sim/engine/story_watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- where it comes from ---------------------------------------------------------------------------------------

static const char *copy(struct surety_story *story, const char *text)
{
    return surety_arena_printf(&story->arena, "%s", text);
}

static bool describe(struct surety_story *story, const struct surety_scenario *scenario, const struct surety_plan *plan,
                     size_t architecture)
{
    char start[11];
    surety_date_format(scenario->term.start, start);
    story->name = copy(story, scenario->name);
    story->file = copy(story, scenario->file);
    story->sha256 = copy(story, scenario->sha256);
    story->plan_hash = surety_arena_printf(&story->arena, "%016" PRIx64, plan->hash);
    story->version = SURETY_VERSION;
    story->currency = copy(story, scenario->currency);
    story->measure = surety_meter_types[plan->measure]->name;
    story->timezone = copy(story, scenario->term.timezone);
    story->clock.start = scenario->term.start;
    // The scenario's zone goes with it: the story has its own.
    if (surety_tz_load(&story->arena, scenario->term.timezone, &story->clock.tz) != SURETY_TZ_OK)
        return false;
    story->clock.start_s = surety_tz_day_start_s(story->clock.tz, scenario->term.start);
    story->start = copy(story, start);
    story->window = scenario->contract.window_months == 1   ? "month"
                    : scenario->contract.window_months == 3 ? "quarter"
                                                            : "window";
    story->down_at = (double)plan->down_at_ppb / (double)SURETY_PPB_ONE;
    story->minimum_outage_s = (double)plan->minimum_outage_us * 1e-6;
    story->architecture = copy(story, plan->architectures[architecture].name);
    story->term_us = plan->term_us;
    story->n_tiers = plan->n_tiers;
    story->tiers = surety_arena_calloc(&story->arena, plan->n_tiers, sizeof *story->tiers);
    story->targets = surety_arena_calloc(&story->arena, plan->n_tiers, sizeof *story->targets);
    if (story->name == NULL || story->file == NULL || story->sha256 == NULL || story->plan_hash == NULL ||
        story->currency == NULL || story->timezone == NULL || story->start == NULL || story->architecture == NULL ||
        story->tiers == NULL || story->targets == NULL)
        return false;
    for (size_t t = 0; t < plan->n_tiers; t++) {
        story->targets[t] = (double)plan->tiers[t].promised_ppb / (double)SURETY_PPB_ONE;
        if ((story->tiers[t] = copy(story, plan->tiers[t].name)) == NULL)
            return false;
    }
    return true;
}

// --- outages ---------------------------------------------------------------------------------------------------

// A source's name; a common cause is told with the provider that it hits.
static const char *lane_of(struct surety_story *story, const struct surety_plan *plan, uint32_t effect)
{
    const struct surety_plan_source *source = &plan->sources[plan->effects[effect].source];
    return source->kind != SURETY_SOURCE_COMMON_CAUSE
               ? copy(story, source->name)
               : surety_arena_printf(&story->arena, "%s at %s", source->name,
                                     plan->providers[plan->effects[effect].provider].name);
}

static void tell_outage(struct surety_story_teller *teller, const char *lane, const struct surety_plan_effect *effect,
                        const int64_t boundary[2], bool hurt)
{
    const int64_t from_us = boundary[0], to_us = boundary[1], term_us = teller->plan->term_us;
    char share[SURETY_SPAN_SIZE], span[SURETY_SPAN_SIZE];
    surety_story_percent(share, effect->failing);
    surety_story_span(span, to_us - from_us);
    surety_story_add(teller, from_us, SURETY_STORY_OUTAGE_BEGINS, hurt,
                     from_us > 0 ? "%s begins: %s of its requests fail"
                                 : "%s is on as the term begins: %s of its requests fail",
                     lane, share);
    if (to_us < term_us) {
        surety_story_add(teller, to_us, SURETY_STORY_OUTAGE_ENDS, hurt,
                         from_us > 0 ? "%s ends after %s" : "%s ends, %s into the term", lane, span);
    }
    struct surety_story_bar *bar = surety_story_room(teller, &teller->bars);
    if (bar != NULL)
        *bar = (struct surety_story_bar){.lane = lane,
                                         .from_us = from_us,
                                         .to_us = to_us < term_us ? to_us : term_us,
                                         .share_failing = effect->failing,
                                         .hurt = hurt};
}

// All outages of the architecture's providers, in sight of the walk or not.
static void tell_outages(struct surety_story_teller *teller, const struct surety_walk *walk)
{
    for (size_t c = 0; c < walk->n_cursors && teller->err == SURETY_OK; c++) {
        const uint32_t id = walk->cursors[c].effect;
        const struct surety_plan_effect *effect = &teller->plan->effects[id];
        const char *lane = lane_of(teller->story, teller->plan, id);
        const int64_t *boundary = surety_timeline_boundaries(walk->timeline, id);
        if (lane == NULL || boundary == NULL) {
            teller->err = SURETY_E_MEMORY;
            return;
        }
        for (size_t i = 0; boundary[2 * i] < teller->plan->term_us; i++)
            tell_outage(teller, lane, effect, &boundary[2 * i], teller->hurt[id] != NULL && teller->hurt[id][i]);
    }
}

// --- windows ---------------------------------------------------------------------------------------------------

// Fills the credits that the tier owes in each window; NAN where the contract has none.
static void tell_credits(struct surety_story *story, const struct surety_plan *plan, const struct surety_walk *walk,
                         size_t tier)
{
    const bool has_credits = plan->credits.given && plan->tiers[tier].has_fee;
    const int64_t cap_micro =
        has_credits ? surety_credit_cap_term(&plan->credits, plan->tiers[tier].fee_micro, plan->n_windows) : 0;
    int64_t given = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const int64_t credit = has_credits ? surety_money_credit(plan, walk, tier, w, given, cap_micro) : 0;
        given += credit;
        story->windows[w].credit[tier] = has_credits ? (double)credit / SURETY_MICRO : NAN;
    }
}

// What the providers bill for the window; NAN: no prices.
static double window_cost(const struct surety_plan *plan, const struct surety_walk *walk, size_t window)
{
    if (!plan->has_costs)
        return NAN;
    double cost = 0;
    for (size_t d = 0; d < plan->n_demands; d++)
        cost += walk->ledger.cost[window * plan->n_demands + d];
    return cost;
}

static const char *window_label(struct surety_story *story, const struct surety_plan *plan, size_t w)
{
    char when[SURETY_SPAN_SIZE];
    if (strcmp(story->window, "month") != 0)
        return surety_arena_printf(&story->arena, "%s %zu", story->window, w + 1);
    surety_story_date(when, &story->clock, plan->window_us[w]);
    return surety_arena_printf(&story->arena, "%.7s", when);
}

// What the tier missed in the window, NULL: nothing but availability, or nothing. False when memory is out.
static bool name_missed(struct surety_story *story, unsigned bits, const char **out)
{
    const char *text = NULL;
    *out = NULL;
    if (bits >> SURETY_DIMENSION_LATENCY == 0)
        return true;
    for (unsigned d = 0; d < SURETY_N_DIMENSIONS; d++)
        if (bits >> d & 1) {
            text = surety_arena_printf(&story->arena, "%s%s%s", text != NULL ? text : "", text != NULL ? ", " : "",
                                       surety_dimension_names[d]);
            if (text == NULL)
                return false;
        }
    *out = text;
    return true;
}

static void tell_window_end(struct surety_story_teller *teller, const struct surety_story_window *window)
{
    const struct surety_story *story = teller->story;
    char tiers[256] = "", span[SURETY_SPAN_SIZE];
    for (size_t t = 0; t < story->n_tiers; t++) {
        const size_t used = strlen(tiers);
        snprintf(tiers + used, sizeof tiers - used, "%s %s %s%s%s%s", t == 0 ? ";" : ",", story->tiers[t],
                 window->met[t] ? "met" : "missed", window->missed[t] != NULL ? " (" : "",
                 window->missed[t] != NULL ? window->missed[t] : "", window->missed[t] != NULL ? ")" : "");
    }
    surety_story_span(span, (int64_t)(window->downtime_s * 1e6 + 0.5));
    surety_story_add(teller, window->to_us, SURETY_STORY_WINDOW, true, "%s ends: %s down, availability %.8g %%%s",
                     window->label, span, window->availability * 100, tiers);
}

static bool tell_windows(struct surety_story_teller *teller, const struct surety_walk *walk)
{
    struct surety_story *story = teller->story;
    const struct surety_plan *plan = teller->plan;
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    const size_t n = plan->n_tiers;
    int64_t bad = 0, counted = 0, down_us = 0;
    story->n_windows = plan->n_windows;
    story->windows = surety_arena_calloc(&story->arena, plan->n_windows, sizeof *story->windows);
    for (size_t w = 0; story->windows != NULL && w < plan->n_windows; w++) {
        struct surety_story_window *window = &story->windows[w];
        const struct surety_reading *reading = &readings[w];
        *window = (struct surety_story_window){
            .label = window_label(story, plan, w),
            .from_us = plan->window_us[w],
            .to_us = plan->window_us[w + 1],
            .availability = reading->counted > 0 ? 1 - (double)reading->bad / (double)reading->counted : 1,
            .downtime_s = (double)walk->meters[0].readings[w].bad * 1e-6,
            .met = surety_arena_calloc(&story->arena, n, sizeof *window->met),
            .missed = surety_arena_calloc(&story->arena, n, sizeof *window->missed),
            .budget_s = surety_arena_calloc(&story->arena, n, sizeof *window->budget_s),
            .credit = surety_arena_calloc(&story->arena, n, sizeof *window->credit),
            .cost = window_cost(plan, walk, w),
        };
        if (window->label == NULL || window->met == NULL || window->missed == NULL || window->budget_s == NULL ||
            window->credit == NULL)
            return false;
        for (size_t t = 0; t < n; t++) {
            const int64_t budget = surety_budget(plan->tiers[t].availability_ppb, reading->counted);
            const unsigned missed = surety_missed_dimensions(walk, t, w);
            window->met[t] = missed == 0;
            if (!name_missed(story, missed, &window->missed[t]))
                return false;
            window->budget_s[t] = plan->measure == SURETY_METER_TIME ? (double)budget * 1e-6 : NAN;
        }
        bad += reading->bad;
        counted += reading->counted;
        down_us += walk->meters[0].readings[w].bad;
        if (window->availability < story->windows[story->worst_window].availability)
            story->worst_window = w;
    }
    if (story->windows == NULL)
        return false;
    for (size_t t = 0; t < n; t++)
        tell_credits(story, plan, walk, t);
    for (size_t w = 0; w < plan->n_windows; w++)
        tell_window_end(teller, &story->windows[w]);
    story->availability = counted > 0 ? 1 - (double)bad / (double)counted : 1;
    story->downtime_s = (double)down_us * 1e-6;
    return true;
}

// --- the whole -------------------------------------------------------------------------------------------------

// What is told first of what happens in one instant: causes before what follows from them.
static int rank_of(enum surety_story_kind kind)
{
    static const int ranks[SURETY_N_STORY_KINDS] = {
        [SURETY_STORY_WINDOW] = 0,   [SURETY_STORY_OUTAGE_ENDS] = 1, [SURETY_STORY_OUTAGE_BEGINS] = 2,
        [SURETY_STORY_DOWN] = 3,     [SURETY_STORY_DETECTED] = 4,    [SURETY_STORY_SWITCH_FAILED] = 5,
        [SURETY_STORY_LEFT] = 6,     [SURETY_STORY_NO_ROUTE] = 7,    [SURETY_STORY_SWITCHED] = 8,
        [SURETY_STORY_FAILBACK] = 9, [SURETY_STORY_REJOINED] = 10,   [SURETY_STORY_DEGRADED] = 11,
        [SURETY_STORY_NORMAL] = 12,  [SURETY_STORY_UP] = 13,
    };
    return ranks[kind];
}

static int compare_events(const void *a, const void *b)
{
    const struct surety_story_event *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    if (x->kind != y->kind)
        return rank_of(x->kind) - rank_of(y->kind);
    return strcmp(x->text, y->text);
}

// The lists become the story's arrays; the service's bars stand behind those of the outages.
static bool collect(struct surety_story_teller *teller)
{
    struct surety_story *story = teller->story;
    const size_t n_outages = teller->bars.n, n_service = teller->service.n;
    story->bars = surety_arena_calloc(&story->arena, n_outages + n_service, sizeof *story->bars);
    if (story->bars == NULL)
        return false;
    if (n_outages > 0)
        memcpy(story->bars, teller->bars.items, n_outages * sizeof *story->bars);
    if (n_service > 0)
        memcpy(story->bars + n_outages, teller->service.items, n_service * sizeof *story->bars);
    story->n_bars = n_outages + n_service;
    story->events = teller->events.items;
    story->n_events = teller->events.n;
    story->routes = teller->routes.items;
    story->n_routes = teller->routes.n;
    if (story->n_events > 0)
        qsort(story->events, story->n_events, sizeof *story->events, compare_events);
    return true;
}

// Walks the replication under the teller's eyes.
static enum surety_err tell(struct surety_story_teller *teller, struct surety_timeline *timeline,
                            struct surety_walk *walk)
{
    const struct surety_walk_observer observer = {surety_story_watch_instant, teller};
    enum surety_err err = surety_story_watch_init(teller, walk);
    if (err != SURETY_OK)
        return err;
    walk->observer = &observer;
    surety_timeline_begin(timeline, teller->story->replication);
    err = surety_walk_run(walk, timeline);
    if (err != SURETY_OK)
        return err;
    surety_story_watch_end(teller, walk);
    tell_outages(teller, walk);
    if (!tell_windows(teller, walk) || !collect(teller))
        return SURETY_E_MEMORY;
    return teller->err;
}

enum surety_err surety_story_tell(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                  size_t architecture, uint64_t seed, uint64_t replication, struct surety_diags *diags,
                                  struct surety_story **out)
{
    struct surety_group_world world;
    struct surety_story *story = calloc(1, sizeof *story);
    enum surety_err err = surety_group_world_init(&world, scenario, plan, architecture, seed, false);
    if (story == NULL)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK) {
        surety_arena_init(&story->arena);
        story->seed = seed;
        story->replication = replication;
        err = describe(story, scenario, plan, architecture) ? SURETY_OK : SURETY_E_MEMORY;
    }
    if (err == SURETY_OK)
        err = surety_group_world_visit(&world, replication);
    if (err == SURETY_OK) {
        struct surety_story_teller teller = {.story = story, .plan = world.plan};
        err = tell(&teller, &world.timeline, &world.walk);
    }
    surety_group_world_finish(&world);
    if (err == SURETY_OK) {
        *out = story;
        return SURETY_OK;
    }
    surety_story_destroy(story);
    surety_story_failed(diags, err);
    return err;
}

void surety_story_failed(struct surety_diags *diags, enum surety_err err)
{
    const struct surety_place nowhere = {0, 0};
    if (err == SURETY_E_MEMORY)
        surety_diag_add(diags, SURETY_D_MEMORY, nowhere, NULL, NULL, "out of memory");
    else if (diags->n_errors == 0)
        surety_diag_add(diags, SURETY_D_UNCERTAIN, nowhere, NULL, "narrow the ranges",
                        "the uncertain inputs contradict each other in nearly all of their draws");
}

void surety_story_destroy(struct surety_story *story)
{
    if (story == NULL)
        return;
    surety_arena_finish(&story->arena);
    free(story);
}
