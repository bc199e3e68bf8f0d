// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/books_measures.h"

#include "models/credit.h"
#include "sim/base/rng.h"
#include "sim/engine/walk_missed.h"

#include <math.h>
#include <stdlib.h>

#define PPT 1e12

enum surety_err surety_measure_books_init(struct surety_measure_books *books, const struct surety_plan *plan)
{
    *books = (struct surety_measure_books){.plan = plan};
    for (size_t m = 0; m < SURETY_MAX_METERS; m++) {
        struct surety_measured *of = &books->of[m];
        of->n_windows_met = calloc(plan->n_tiers, sizeof *of->n_windows_met);
        of->credits = calloc(plan->n_tiers, sizeof *of->credits);
        of->credits_squared = calloc(plan->n_tiers, sizeof *of->credits_squared);
        if (of->n_windows_met == NULL || of->credits == NULL || of->credits_squared == NULL) {
            surety_measure_books_finish(books);
            return SURETY_E_MEMORY;
        }
    }
    return SURETY_OK;
}

void surety_measure_books_finish(struct surety_measure_books *books)
{
    for (size_t m = 0; m < SURETY_MAX_METERS; m++) {
        free(books->of[m].n_windows_met);
        free(books->of[m].credits);
        free(books->of[m].credits_squared);
    }
    *books = (struct surety_measure_books){0};
}

// Credits of a term, as the money books reckon them: capped, and claimed by the same draws.
static int64_t term_credits(const struct surety_plan *plan, const struct surety_walk *walk,
                            const struct surety_meter *meter, size_t tier)
{
    const struct surety_plan_tier *t = &plan->tiers[tier];
    const int64_t cap = surety_credit_cap_term(&plan->credits, t->fee_micro, plan->n_windows);
    int64_t sum = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const bool is_late = surety_walk_missed(walk, tier, w);
        if (meter->readings[w].bad <= 0 && !is_late)
            continue;
        int64_t credit = surety_credit(&plan->credits, t->availability_ppb, meter->readings[w], t->fee_micro[w]);
        const int64_t late = is_late ? surety_credit_for_miss(&plan->credits, t->fee_micro[w]) : 0;
        credit = late > credit ? late : credit;
        struct surety_rng rng = {meter->key, plan->credits.claims_stream, (uint32_t)w, meter->replication};
        if (credit > 0 && plan->credits.p_claimed < 1 && surety_rng_uniform(&rng) >= plan->credits.p_claimed)
            credit = 0;
        sum += credit < cap - sum ? credit : cap - sum;
    }
    return sum;
}

static void enter(struct surety_measured *of, const struct surety_plan *plan, const struct surety_walk *walk,
                  const struct surety_meter *meter)
{
    int64_t bad = 0, counted = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        bad += meter->readings[w].bad;
        counted += meter->readings[w].counted;
    }
    const uint64_t u = counted > 0 ? (uint64_t)((double)bad / (double)counted * PPT + 0.5) : 0;
    of->unavailability_ppt += u;
    of->unavailability_squared += (unsigned __int128)u * u;
    for (size_t t = 0; t < plan->n_tiers; t++) {
        for (size_t w = 0; w < plan->n_windows; w++)
            of->n_windows_met[t] +=
                meter->readings[w].bad <= surety_budget(plan->tiers[t].availability_ppb, meter->readings[w].counted) &&
                !surety_walk_missed(walk, t, w);
        if (!plan->tiers[t].has_fee || !plan->credits.given)
            continue;
        const int64_t more =
            term_credits(plan, walk, meter, t) - term_credits(plan, walk, &walk->meters[walk->contract_meter], t);
        of->credits[t] += more;
        of->credits_squared[t] += (__int128)(more / 1000) * (more / 1000);
    }
}

void surety_measure_books_enter(struct surety_measure_books *books, const struct surety_walk *walk)
{
    books->n_terms++;
    for (size_t m = 0; m < walk->n_meters; m++)
        if (m != walk->contract_meter)
            enter(&books->of[m], books->plan, walk, &walk->meters[m]);
}

void surety_measure_books_merge(struct surety_measure_books *into, const struct surety_measure_books *from)
{
    into->n_terms += from->n_terms;
    for (size_t m = 0; m < SURETY_MAX_METERS; m++) {
        into->of[m].unavailability_ppt += from->of[m].unavailability_ppt;
        into->of[m].unavailability_squared += from->of[m].unavailability_squared;
        for (size_t t = 0; t < into->plan->n_tiers; t++) {
            into->of[m].n_windows_met[t] += from->of[m].n_windows_met[t];
            into->of[m].credits[t] += from->of[m].credits[t];
            into->of[m].credits_squared[t] += from->of[m].credits_squared[t];
        }
    }
}

// Mean and its standard error of n values by their sum and sum of squares, both in the unit's powers.
static struct surety_mean mean_of(double sum, double sum_squared, double n)
{
    const double mean = sum / n, variance = n > 1 ? (sum_squared - sum * mean) / (n - 1) : 0;
    return (struct surety_mean){mean, variance > 0 ? sqrt(variance / n) : 0};
}

bool surety_measure_books_report(const struct surety_summary *summary, const struct surety_measure_books *books,
                                 const struct surety_walk *walk, struct surety_architecture_result *out)
{
    const struct surety_plan *plan = summary->plan;
    struct surety_arena *arena = &summary->result->arena;
    const double n = (double)books->n_terms, n_windows = (double)plan->n_windows;
    out->by_measure = surety_arena_calloc(arena, SURETY_MAX_METERS, sizeof *out->by_measure);
    if (out->by_measure == NULL)
        return false;
    summary->result->n_measured = books->n_terms;
    for (size_t m = 0; m < SURETY_MAX_METERS && n > 0; m++) {
        if (walk->meters[m].type == NULL || m == walk->contract_meter)
            continue;
        const struct surety_measured *of = &books->of[m];
        struct surety_measure_result *r = &out->by_measure[out->n_by_measure++];
        r->name = walk->meters[m].type->name;
        r->availability =
            mean_of((double)of->unavailability_ppt / PPT, (double)of->unavailability_squared / (PPT * PPT), n);
        r->availability.mean = 1 - r->availability.mean;
        r->month_met = surety_arena_calloc(arena, plan->n_tiers, sizeof *r->month_met);
        r->more_credits_per_term = surety_arena_calloc(arena, plan->n_tiers, sizeof *r->more_credits_per_term);
        if (r->month_met == NULL || r->more_credits_per_term == NULL)
            return false;
        for (size_t t = 0; t < plan->n_tiers; t++) {
            r->month_met[t] = (double)of->n_windows_met[t] / (n * n_windows);
            r->more_credits_per_term[t] =
                mean_of((double)of->credits[t] / SURETY_MICRO, (double)of->credits_squared[t] * 1e-6, n);
        }
    }
    return true;
}

#define MOST_PROBES 2e7  // played in all, about a second
#define MOST_OUTAGES 2e6 // read in all, likewise
#define LEAST_TERMS 64

uint64_t surety_measured_terms(const struct surety_plan *plan)
{
    double share_down = 0, n_outages = 1; // of a term
    for (size_t i = 0; i < plan->n_sources; i++) {
        const struct surety_plan_source *s = &plan->sources[i];
        if (s->kind == SURETY_SOURCE_MAINTENANCE)
            continue;
        share_down += 1 - s->p_up;
        n_outages += (double)plan->term_us * 1e-6 / (s->mean_up_s + s->mean_down_s);
    }
    const double n_architectures = (double)plan->n_architectures;
    const double probes = share_down * (double)plan->term_us / 60e6 * n_architectures + 1;
    const double by_probes = MOST_PROBES / probes, by_outages = MOST_OUTAGES / (n_outages * n_architectures);
    const double n = by_probes < by_outages ? by_probes : by_outages;
    return n > SURETY_MEASURED_TERMS ? SURETY_MEASURED_TERMS : n < LEAST_TERMS ? LEAST_TERMS : (uint64_t)n;
}
