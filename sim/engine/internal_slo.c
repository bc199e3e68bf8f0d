// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/internal_slo.h"

#include "sim/base/fmath.h"
#include "sim/engine/flips_search.h"
#include "sim/engine/summary_capacity.h"

#include <math.h>
#include <stdlib.h>

#define N_TERMS 16384    // of one evaluation
#define N_DRAWN 4096     // with uncertain inputs, each few terms on a draw of their own
#define LEAST_TERMS 512  // where each has very many outages
#define MOST_OUTAGES 8e5 // drawn in one evaluation
#define COARSER 8        // of the search for about where: so many times fewer
#define FARTHEST 64.0    // factor on the frequency of failures
#define STEP 0.5         // of the logarithm, outwards
#define ABOUT 0.1        // of the logarithm: the search with few terms
#define CLOSE 0.01       // to 1 %: that with many

struct search {
    struct surety_flip_probe probe;
    const struct surety_result *result;
};

// A point: the logarithm of the intensity, the surplus over the rules there (negative: not signable), the mean.
struct point {
    double u, surplus, unavailability, se;
};

static enum surety_err look(struct search *s, bool fine, double u, struct point *out)
{
    struct surety_flip_question q = s->probe.question;
    struct surety_flip_sample sample;
    const struct surety_flip_sample *as_is = fine ? &s->probe.now_fine : &s->probe.now_coarse;
    q.n_terms = fine ? s->probe.n_fine : s->probe.n_coarse;
    q.intensity = surety_exp(u);
    q.compare = s->probe.met;
    const enum surety_err err = surety_flip_evaluate(&q, NULL, 1, &sample);
    if (err != SURETY_OK)
        return err;
    const struct surety_result *r = s->result;
    const double whole = 1 - r->architectures[r->verdict.architecture].availability.mean;
    const double now = as_is->unavailability, ratio = now > 0 ? whole / now : 1;
    *out = (struct point){u, surety_flip_safe_surplus(&s->probe, as_is, &sample), ratio * sample.unavailability,
                          ratio * sample.unavailability_se};
    return SURETY_OK;
}

// From u outwards until the surplus changes its sign; *found false: it does not within the limit.
static enum surety_err spread(struct search *s, bool fine, double u, double step, struct point *good, struct point *bad,
                              bool *found)
{
    const double limit = surety_log(FARTHEST);
    struct point at, next;
    enum surety_err err = look(s, fine, u, &at);
    while (err == SURETY_OK) {
        const bool is_good = at.surplus >= 0;
        const double to = is_good ? fmin(at.u + step, limit) : fmax(at.u - step, -limit);
        *found = to != at.u;
        if (!*found) {
            *(is_good ? good : bad) = at;
            return SURETY_OK;
        }
        err = look(s, fine, to, &next);
        if (err == SURETY_OK && (next.surplus >= 0) != is_good) {
            *good = is_good ? at : next;
            *bad = is_good ? next : at;
            return SURETY_OK;
        }
        at = next;
    }
    return err;
}

// Between a signable point and one that is not. The last signable one stays.
static enum surety_err narrow(struct search *s, bool fine, double close, struct point *good, struct point *bad)
{
    enum surety_err err = SURETY_OK;
    while (err == SURETY_OK && fabs(bad->u - good->u) > close) {
        struct point middle;
        err = look(s, fine, (good->u + bad->u) / 2, &middle);
        if (err == SURETY_OK)
            *(middle.surplus >= 0 ? good : bad) = middle;
    }
    return err;
}

static enum surety_err search(struct search *s, struct surety_internal_slo *slo)
{
    struct point good = {0}, bad = {0};
    bool found;
    enum surety_err err = spread(s, false, 0, STEP, &good, &bad, &found);
    if (err == SURETY_OK && found)
        err = narrow(s, false, ABOUT, &good, &bad);
    if (err == SURETY_OK) // few terms may be wrong about it: the search with many begins anew, near what they say
        err = spread(s, true, found ? (good.u + bad.u) / 2 : good.u + bad.u, found ? ABOUT : STEP, &good, &bad, &found);
    if (err == SURETY_OK && !found) {
        slo->because = good.u > 0 ? "the tier stays signable with 64 times as many failures"
                                  : "the tier is not signable with a 64th of the failures either: what is left comes "
                                    "from request errors, maintenance, a record or another dimension";
        return SURETY_OK;
    }
    if (err == SURETY_OK)
        err = narrow(s, true, CLOSE, &good, &bad);
    if (err != SURETY_OK)
        return err;
    slo->availability = 1 - good.unavailability;
    slo->se = good.se;
    slo->intensity = surety_exp(good.u);
    return SURETY_OK;
}

// Whole groups' shares.
static uint64_t coarse_terms(const struct surety_flip_kept *kept)
{
    const uint64_t k = kept->draws != NULL ? kept->terms_a_group : 1;
    const uint64_t n = kept->n_terms / COARSER > LEAST_TERMS ? kept->n_terms / COARSER : LEAST_TERMS;
    return n < kept->n_terms ? (n + k - 1) / k * k : kept->n_terms;
}

enum surety_err surety_internal_slo_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                         const struct surety_run_options *options, struct surety_diags *diags,
                                         struct surety_result *result)
{
    const struct surety_verdict *v = &result->verdict;
    struct surety_architecture_result *architecture = &result->architectures[v->architecture];
    const struct surety_tier_result *tier = &architecture->tiers[v->tier];
    struct surety_flip_kept kept = {.plan = plan};
    struct search s = {
        .result = result,
        .probe = {.result = result,
                  .question = {.scenario = scenario,
                               .plan = plan,
                               .options = options,
                               .architecture = v->architecture,
                               .tier = v->tier,
                               .kept = &kept,
                               .n_threads = surety_flip_threads(options),
                               .credits = tier->has_credits && !isnan(plan->credits_at_most)}},
    };
    struct surety_internal_slo *slo = surety_arena_alloc(&result->arena, sizeof *slo);
    enum surety_err err = slo != NULL ? SURETY_OK : SURETY_E_MEMORY;
    if (err == SURETY_OK)
        err = surety_flip_kept_init(&kept, scenario, plan, options, result,
                                    surety_search_terms(plan, result, scenario->uncertain != NULL ? N_DRAWN : N_TERMS,
                                                        LEAST_TERMS, MOST_OUTAGES));
    const uint64_t n = kept.n_terms;
    s.probe.n_fine = n;
    s.probe.n_coarse = coarse_terms(&kept);
    if (err == SURETY_OK && (s.probe.met = calloc(n, 1)) == NULL)
        err = SURETY_E_MEMORY;
    for (size_t w = 0; plan->tiers[v->tier].has_fee && w < plan->n_windows; w++)
        s.probe.fees += (double)plan->tiers[v->tier].fee_micro[w] / SURETY_MICRO;
    if (err == SURETY_OK) {
        struct surety_flip_question now = s.probe.question;
        now.n_terms = s.probe.n_coarse;
        err = surety_flip_evaluate(&now, NULL, 1, &s.probe.now_coarse);
        now.n_terms = n;
        now.record = s.probe.met;
        if (err == SURETY_OK)
            err = surety_flip_evaluate(&now, NULL, 1, &s.probe.now_fine);
    }
    if (err == SURETY_OK) {
        *slo = (struct surety_internal_slo){
            .tier = tier->name, .availability = NAN, .se = NAN, .intensity = NAN, .n_terms = n};
        err = search(&s, slo);
    }
    if (err == SURETY_OK)
        architecture->internal_slo = slo;
    else if (err == SURETY_E_MEMORY)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    surety_flip_kept_finish(&kept);
    free(s.probe.met);
    return err;
}
