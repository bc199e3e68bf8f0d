// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/offers.h"

#include "sim/engine/changed.h"
#include "sim/engine/clause.h"
#include "sim/engine/offer_kinds.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PART 4           // an offer is simulated with so many times fewer terms than the run
#define LEAST_TERMS 8192 // but with so many, where the run has them
#define COARSER 8        // the search for figures, again
#define MOST_STEPS 40    // of such a search
#define LEAST_PASS_RATE_PPB 500000000
#define PASS_RATE_STEP_PPB 10000000 // a percentage point
#define COST_STEP 0.1               // of the ceiling that was asked for
#define MOST_DEARER 20

// A tier in need of an offer, and the promises that it is at in the search for figures.
struct seeker {
    size_t tier;
    int64_t availability_ppb; // 0: nothing lower is left
    double *targets_s;        // of its promises of latency
    int64_t *pass_rates_ppb;  // of its promises of quality; rates of issues stay as they are
    int n_dearer;             // so many times the ceilings of cost were raised by COST_STEP
    bool is_settled;
};

struct search {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    const struct surety_run_options *options;
    struct surety_diags *diags;
    struct surety_result *result;
    uint64_t n_terms; // of a trial
    struct seeker *seekers;
    size_t n_seekers;
};

// A scenario with something changed, and how it did.
struct trial {
    struct surety_scenario *scenario;
    struct surety_plan *plan;
    struct surety_result *result; // NULL: the change cannot be made
};

static void trial_finish(struct trial *trial)
{
    surety_result_destroy(trial->result);
    surety_plan_destroy(trial->plan);
    surety_scenario_destroy(trial->scenario);
}

static enum surety_err try(const struct search *s, const char *const *sets, size_t n_sets, uint64_t n_terms,
                           struct trial *out)
{
    *out = (struct trial){0};
    enum surety_err err = surety_changed_read(s->scenario, sets, n_sets, &out->scenario, &out->plan);
    if (err == SURETY_E_INPUT) {
        *out = (struct trial){0};
        return SURETY_OK; // a contract that cannot be written so
    }
    if (err != SURETY_OK)
        return err;
    struct surety_run_options run = *s->options;
    run.seed = s->options->seed + 1;
    run.n_replications = n_terms;
    run.precision = 0;
    run.measures = false;
    run.record = NULL;
    run.progress = NULL;
    struct surety_plan pooled = *out->plan;
    pooled.latency.pool = s->plan->latency.pool;
    err = surety_run(out->scenario, &pooled, &run, s->diags, &out->result);
    if (err != SURETY_OK)
        trial_finish(out);
    return err;
}

// --- what a trial says of a tier --------------------------------------------------------------------------------

static size_t index_of(const struct surety_result *result, const char *tier)
{
    for (size_t t = 0; t < result->n_tiers; t++)
        if (strcmp(result->architectures[0].tiers[t].name, tier) == 0)
            return t;
    return SIZE_MAX;
}

// What the verdict chooses architectures by: the margin, without fees the cost.
static double merit(const struct surety_architecture_result *a, const struct surety_tier_result *tier)
{
    return tier->has_margin ? tier->margin_per_month.mean : a->has_cost ? -a->cost_per_month.mean : 0;
}

// The architecture with the largest merit on which the tier is safe; SIZE_MAX: there is none.
static size_t safe_on(const struct surety_result *result, size_t tier)
{
    size_t best = SIZE_MAX;
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *now = &result->architectures[a];
        if (now->tiers[tier].outcome == SURETY_OUTCOME_SAFE &&
            (best == SIZE_MAX || merit(now, &now->tiers[tier]) >
                                     merit(&result->architectures[best], &result->architectures[best].tiers[tier])))
            best = a;
    }
    return best;
}

// The dimension that fails the tier where it holds most often.
static const char *binding(const struct surety_result *result, size_t tier)
{
    const struct surety_tier_result *best = &result->architectures[0].tiers[tier];
    for (size_t a = 1; a < result->n_architectures; a++)
        if (result->architectures[a].tiers[tier].term_met.p > best->term_met.p)
            best = &result->architectures[a].tiers[tier];
    return best->binds != NULL ? best->binds : "availability";
}

static enum surety_err add(struct search *s, const struct trial *trial, const char *tier_name, const char *kind,
                           const char *change, const char *const *sets, size_t n_sets)
{
    struct surety_arena *arena = &s->result->arena;
    const size_t t = index_of(trial->result, tier_name), a = safe_on(trial->result, t);
    const struct surety_architecture_result *architecture = &trial->result->architectures[a];
    const struct surety_tier_result *tier = &architecture->tiers[t];
    struct surety_offer *grown = surety_arena_calloc(arena, s->result->n_offers + 1, sizeof *grown);
    const char **copies = surety_arena_calloc(arena, n_sets, sizeof *copies);
    if (grown == NULL || copies == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < n_sets; i++)
        if ((copies[i] = surety_arena_printf(arena, "%s", sets[i])) == NULL)
            return SURETY_E_MEMORY;
    if (s->result->n_offers > 0)
        memcpy(grown, s->result->offers, s->result->n_offers * sizeof *grown);
    struct surety_offer *offer = &grown[s->result->n_offers++];
    *offer = (struct surety_offer){
        .tier = surety_arena_printf(arena, "%s", tier_name),
        .kind = kind,
        .change = change,
        .architecture = surety_arena_printf(arena, "%s", architecture->name),
        .clause = surety_clause_text(arena, trial->scenario, &trial->scenario->contract.tiers[t]),
        .sets = copies,
        .n_sets = n_sets,
        .month_met = tier->month_met,
        .term_met = tier->term_met,
        .fee_per_month = tier->fee_per_month,
        .credits_per_term = tier->has_credits ? tier->credits_per_term.mean : NAN,
        .credits_cvar95 = tier->has_credits ? tier->credits_cvar95 : NAN,
        .margin_per_month = tier->has_margin ? tier->margin_per_month.mean : NAN,
    };
    s->result->offers = grown;
    return change != NULL && offer->tier != NULL && offer->architecture != NULL && offer->clause != NULL
               ? SURETY_OK
               : SURETY_E_MEMORY;
}

// --- other figures in the same clause ---------------------------------------------------------------------------

static const struct surety_tier *tier_of(const struct search *s, const struct seeker *seeker)
{
    return &s->scenario->contract.tiers[seeker->tier];
}

// What tier t promises in a trial of the seekers that are not settled (of `only`, where it is not NULL): a contract lists
// the lowest tier first, so no tier may promise more than those behind it.
static int64_t promised(const struct search *s, const struct seeker *only, size_t tier)
{
    int64_t least = INT64_MAX;
    for (size_t t = tier; t < s->result->n_tiers; t++) {
        int64_t own = s->scenario->contract.tiers[t].availability_ppb;
        for (size_t i = 0; i < s->n_seekers; i++)
            if (s->seekers[i].tier == t && (only != NULL ? &s->seekers[i] == only : !s->seekers[i].is_settled))
                own = s->seekers[i].availability_ppb;
        least = own < least ? own : least;
    }
    return least;
}

// A ceiling of cost: its key, and what it is when raised so many times; share: in percent, as over_forecast.
static const struct ceiling {
    const char *key, *per;
    size_t offset;
    bool share;
} ceilings[] = {{"per_task", "/task", offsetof(struct surety_cost_promise, per_task), false},
                {"per_request", "/request", offsetof(struct surety_cost_promise, per_request), false},
                {"per_month", "/month", offsetof(struct surety_cost_promise, per_month), false},
                {"over_forecast", "", offsetof(struct surety_cost_promise, over_forecast), true}};
#define N_CEILINGS (sizeof ceilings / sizeof *ceilings)

static double asked(const struct surety_tier *tier, size_t ceiling)
{
    return tier->cost.given ? *(const double *)((const char *)&tier->cost + ceilings[ceiling].offset) : NAN;
}

// A share is of the forecast: a tenth of all of it is a step, not a tenth of the share.
static double raised(double limit, size_t ceiling, int times)
{
    return ceilings[ceiling].share ? fmin(1, limit + COST_STEP * times) : limit * (1 + COST_STEP * times);
}

static const char *ceiling_text(const struct search *s, size_t ceiling, double value)
{
    struct surety_arena *arena = &s->result->arena;
    return ceilings[ceiling].share
               ? surety_arena_printf(arena, "%.10g%%", 100 * value)
               : surety_arena_printf(arena, "%.10g %s%s", value, s->scenario->currency, ceilings[ceiling].per);
}

// The figures of quality and cost as --set arguments, from the n-th on. Their number then.
static size_t further_figures(const struct search *s, const struct seeker *seeker, const char **sets, size_t n,
                              size_t room)
{
    struct surety_arena *arena = &s->result->arena;
    const struct surety_tier *tier = tier_of(s, seeker);
    const char *path = s->scenario->contract_path;
    for (size_t k = 0; k < tier->n_quality && n < room; k++)
        if (tier->quality[k].has_pass_rate && seeker->pass_rates_ppb[k] < tier->quality[k].pass_rate_ppb)
            sets[n++] = surety_arena_printf(arena, "%s.tiers.%s.quality.%s.pass_rate=%.10g%%", path, tier->name,
                                            tier->quality[k].name, (double)seeker->pass_rates_ppb[k] / 1e7);
    for (size_t i = 0; i < N_CEILINGS && seeker->n_dearer > 0 && n < room; i++)
        if (!isnan(asked(tier, i)))
            sets[n++] = surety_arena_printf(arena, "%s.tiers.%s.cost.%s=%s", path, tier->name, ceilings[i].key,
                                            ceiling_text(s, i, raised(asked(tier, i), i, seeker->n_dearer)));
    return n;
}

// The same in words, after `text`.
static const char *further_text(const struct search *s, const struct seeker *seeker, const char *text)
{
    struct surety_arena *arena = &s->result->arena;
    const struct surety_tier *tier = tier_of(s, seeker);
    for (size_t k = 0; text != NULL && k < tier->n_quality; k++)
        if (tier->quality[k].has_pass_rate && seeker->pass_rates_ppb[k] < tier->quality[k].pass_rate_ppb)
            text = surety_arena_printf(arena, "%s%s%s passed to %.10g %% in place of %.10g %%", text,
                                       text[0] != '\0' ? ", " : "", tier->quality[k].name,
                                       (double)seeker->pass_rates_ppb[k] / 1e7,
                                       (double)tier->quality[k].pass_rate_ppb / 1e7);
    for (size_t i = 0; i < N_CEILINGS && text != NULL && seeker->n_dearer > 0; i++)
        if (!isnan(asked(tier, i)))
            text = surety_arena_printf(arena, "%s%scost %s in place of %s", text, text[0] != '\0' ? ", " : "",
                                       ceiling_text(s, i, raised(asked(tier, i), i, seeker->n_dearer)),
                                       ceiling_text(s, i, asked(tier, i)));
    return text;
}

// The figures of such a trial as --set arguments. Their number.
static size_t figures(const struct search *s, const struct seeker *only, const char **sets, size_t room)
{
    struct surety_arena *arena = &s->result->arena;
    size_t n = 0;
    for (size_t t = 0; t < s->result->n_tiers && n < room; t++) {
        const struct surety_tier *tier = &s->scenario->contract.tiers[t];
        const int64_t now = promised(s, only, t);
        if (now != tier->availability_ppb)
            sets[n++] = surety_arena_printf(arena, "%s.tiers.%s.availability=%.10g%%", s->scenario->contract_path,
                                            tier->name, (double)now / 1e7);
    }
    for (size_t i = 0; i < s->n_seekers; i++) {
        const struct seeker *seeker = &s->seekers[i];
        const struct surety_tier *tier = tier_of(s, seeker);
        if (only != NULL ? seeker != only : seeker->is_settled)
            continue;
        for (size_t k = 0; k < tier->n_latency && n < room; k++)
            if (seeker->targets_s[k] > tier->latency[k].target_s)
                sets[n++] =
                    surety_arena_printf(arena, "%s.tiers.%s.latency.%s.target=%.10gms", s->scenario->contract_path,
                                        tier->name, tier->latency[k].name, seeker->targets_s[k] * 1e3);
        n = further_figures(s, seeker, sets, n, room);
    }
    return n;
}

// The change in words.
static const char *figures_text(const struct search *s, const struct seeker *seeker)
{
    struct surety_arena *arena = &s->result->arena;
    const struct surety_tier *tier = tier_of(s, seeker);
    const char *text = "";
    if (seeker->availability_ppb != tier->availability_ppb)
        text = surety_arena_printf(arena, "%.10g %% in place of %.10g %%", (double)seeker->availability_ppb / 1e7,
                                   (double)tier->availability_ppb / 1e7);
    for (size_t k = 0; text != NULL && k < tier->n_latency; k++)
        if (seeker->targets_s[k] > tier->latency[k].target_s)
            text = surety_arena_printf(arena, "%s%s%s within %.6g ms in place of %.6g ms", text,
                                       text[0] != '\0' ? ", " : "", tier->latency[k].name, seeker->targets_s[k] * 1e3,
                                       tier->latency[k].target_s * 1e3);
    return text != NULL ? further_text(s, seeker, text) : NULL;
}

static bool step_quality(struct seeker *seeker, const struct surety_tier *tier)
{
    size_t n_steps = 0;
    for (size_t k = 0; k < tier->n_quality; k++)
        if (tier->quality[k].has_pass_rate && seeker->pass_rates_ppb[k] >= LEAST_PASS_RATE_PPB + PASS_RATE_STEP_PPB) {
            seeker->pass_rates_ppb[k] -= PASS_RATE_STEP_PPB;
            n_steps++;
        }
    return n_steps > 0;
}

// Takes what fails one step back; false when nothing is left to take back.
static bool step_back(const struct search *s, struct seeker *seeker, const char *binds)
{
    const struct surety_tier *tier = tier_of(s, seeker);
    if (strcmp(binds, "latency") == 0 && tier->n_latency > 0) {
        for (size_t k = 0; k < tier->n_latency; k++)
            seeker->targets_s[k] = surety_offer_longer(seeker->targets_s[k]);
        return true;
    }
    if (strcmp(binds, "quality") == 0)
        return step_quality(seeker, tier);
    if (strcmp(binds, "cost") == 0)
        return tier->cost.given && seeker->n_dearer++ < MOST_DEARER;
    if (strcmp(binds, "availability") != 0)
        return false;
    seeker->availability_ppb = surety_offer_lower(seeker->availability_ppb);
    return seeker->availability_ppb > 0;
}

static bool all_settled(const struct search *s)
{
    for (size_t i = 0; i < s->n_seekers; i++)
        if (!s->seekers[i].is_settled)
            return false;
    return true;
}

// Looks at what a trial says of each seeker that took part with its own figures: settled when safe, else a step further.
static enum surety_err judge(struct search *s, const struct trial *trial, const bool *took_part, bool is_final)
{
    for (size_t i = 0; i < s->n_seekers; i++) {
        struct seeker *seeker = &s->seekers[i];
        const char *name = tier_of(s, seeker)->name;
        if (!took_part[i])
            continue;
        const size_t t = index_of(trial->result, name);
        seeker->is_settled = true;
        if (t == SIZE_MAX)
            continue;
        if (safe_on(trial->result, t) == SIZE_MAX) {
            seeker->is_settled = !step_back(s, seeker, binding(trial->result, t));
            if (seeker->is_settled)
                seeker->availability_ppb = 0;
        } else if (is_final) {
            const char *sets[SURETY_MAX_OFFER_SETS];
            const size_t n = figures(s, seeker, sets, SURETY_MAX_OFFER_SETS);
            const enum surety_err err = add(s, trial, name, "target", figures_text(s, seeker), sets, n);
            if (err != SURETY_OK)
                return err;
        }
    }
    return SURETY_OK;
}

// One trial of the seekers' present figures; the last of them always takes part with its own. Sets settled what is safe. *possible: the contract can be written so.
static enum surety_err try_figures(struct search *s, uint64_t n_terms, bool is_final, bool *possible)
{
    const char *sets[4 * SURETY_MAX_OFFER_SETS];
    bool *took_part = calloc(s->n_seekers, sizeof *took_part);
    if (took_part == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < s->n_seekers; i++)
        took_part[i] =
            !s->seekers[i].is_settled && promised(s, NULL, s->seekers[i].tier) == s->seekers[i].availability_ppb;
    const size_t n = figures(s, NULL, sets, sizeof sets / sizeof *sets);
    struct trial trial;
    enum surety_err err = try(s, sets, n, n_terms, &trial);
    *possible = trial.result != NULL;
    if (err == SURETY_OK && *possible) {
        err = judge(s, &trial, took_part, is_final);
        trial_finish(&trial);
    }
    free(took_part);
    return err;
}

// Nothing is looked for any more where nothing is left to take back.
static void mark_ended(struct search *s)
{
    for (size_t i = 0; i < s->n_seekers; i++)
        s->seekers[i].is_settled = s->seekers[i].availability_ppb == 0;
}

// Step by step with few terms, until every tier is safe or at its end; then with all the terms, and further where few had
// been too kind.
static enum surety_err search_figures(struct search *s)
{
    const uint64_t coarse = s->n_terms / COARSER > LEAST_TERMS ? s->n_terms / COARSER : s->n_terms;
    bool possible = true;
    enum surety_err err = SURETY_OK;
    mark_ended(s);
    for (size_t i = 0; err == SURETY_OK && possible && !all_settled(s) && i < MOST_STEPS; i++)
        err = try_figures(s, coarse, false, &possible);
    mark_ended(s);
    for (size_t i = 0; err == SURETY_OK && possible && !all_settled(s) && i < MOST_STEPS; i++)
        err = try_figures(s, s->n_terms, true, &possible);
    return err;
}

// --- the rows of the table ----------------------------------------------------------------------------------------

static enum surety_err search_kind(struct search *s, const struct surety_offer_base *base,
                                   const struct surety_offer_kind *kind)
{
    enum surety_err err = SURETY_OK;
    for (size_t i = 0; i < s->n_seekers; i++)
        s->seekers[i].is_settled = false;
    for (size_t number = 0; err == SURETY_OK && !all_settled(s); number++) {
        struct surety_offer_step step = {.n_sets = 0};
        struct trial trial;
        if (!kind->step(base, number, &step))
            break;
        for (size_t i = 0; i < step.n_sets; i++)
            if (step.sets[i] == NULL)
                return SURETY_E_MEMORY;
        err = try(s, step.sets, step.n_sets, s->n_terms, &trial);
        if (err != SURETY_OK || trial.result == NULL)
            continue;
        for (size_t i = 0; err == SURETY_OK && i < s->n_seekers; i++) {
            const char *name = tier_of(s, &s->seekers[i])->name;
            const size_t t = index_of(trial.result, name);
            if (s->seekers[i].is_settled || t == SIZE_MAX || safe_on(trial.result, t) == SIZE_MAX)
                continue;
            s->seekers[i].is_settled = !kind->is_choice;
            err = add(s, &trial, name, kind->name, step.change, step.sets, step.n_sets);
        }
        trial_finish(&trial);
    }
    return err;
}

static bool list_seekers(struct search *s)
{
    const struct surety_result *result = s->result;
    s->seekers = surety_arena_calloc(&s->result->arena, result->n_tiers, sizeof *s->seekers);
    for (size_t t = 0; s->seekers != NULL && t < result->n_tiers; t++) {
        const struct surety_tier *tier = &s->scenario->contract.tiers[t];
        struct seeker *seeker = &s->seekers[s->n_seekers];
        if (safe_on(result, t) != SIZE_MAX)
            continue;
        *seeker = (struct seeker){.tier = t, .availability_ppb = tier->availability_ppb};
        seeker->targets_s = surety_arena_calloc(&s->result->arena, tier->n_latency + 1, sizeof *seeker->targets_s);
        seeker->pass_rates_ppb =
            surety_arena_calloc(&s->result->arena, tier->n_quality + 1, sizeof *seeker->pass_rates_ppb);
        if (seeker->targets_s == NULL || seeker->pass_rates_ppb == NULL)
            return false;
        for (size_t k = 0; k < tier->n_latency; k++)
            seeker->targets_s[k] = tier->latency[k].target_s;
        for (size_t k = 0; k < tier->n_quality; k++)
            seeker->pass_rates_ppb[k] = tier->quality[k].pass_rate_ppb;
        if (!step_back(s, seeker, binding(result, t))) // as it is it has failed
            seeker->availability_ppb = 0;
        s->n_seekers++;
    }
    return s->seekers != NULL;
}

// In the order of the tiers; those of one tier in the order in which they were found.
static void sort_by_tier(const struct search *s, struct surety_offer *sorted)
{
    struct surety_result *result = s->result;
    size_t n = 0;
    for (size_t i = 0; i < s->n_seekers; i++)
        for (size_t k = 0; k < result->n_offers; k++)
            if (strcmp(result->offers[k].tier, tier_of(s, &s->seekers[i])->name) == 0)
                sorted[n++] = result->offers[k];
    result->offers = sorted;
}

enum surety_err surety_offers_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                   const struct surety_run_options *options, struct surety_diags *diags,
                                   struct surety_result *result)
{
    const uint64_t part = result->n_replications / PART;
    struct search search = {.scenario = scenario, .plan = plan, .options = options, .diags = diags, .result = result};
    const struct surety_offer_base base = {scenario, plan, result};
    search.n_terms = part > LEAST_TERMS                     ? part
                     : result->n_replications < LEAST_TERMS ? result->n_replications
                                                            : LEAST_TERMS;
    result->has_offers = true;
    result->n_offer_terms = search.n_terms;
    if (result->n_tiers == 0 || result->n_architectures == 0)
        return SURETY_OK;
    if (!list_seekers(&search))
        return SURETY_E_MEMORY;
    enum surety_err err = search.n_seekers > 0 ? search_figures(&search) : SURETY_OK;
    const struct surety_offer_kind *kind = surety_offer_kinds;
    for (; err == SURETY_OK && search.n_seekers > 0 && kind->name != NULL; kind++)
        err = search_kind(&search, &base, kind);
    struct surety_offer *sorted = surety_arena_calloc(&result->arena, result->n_offers + 1, sizeof *sorted);
    if (err != SURETY_OK || sorted == NULL)
        return err != SURETY_OK ? err : SURETY_E_MEMORY;
    sort_by_tier(&search, sorted);
    return SURETY_OK;
}
