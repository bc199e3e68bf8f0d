// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/internal_slo.h"

#include "sim/base/fmath.h"
#include "sim/engine/flips_search.h"
#include "sim/engine/internal_levels.h"
#include "sim/engine/latency_pool.h"
#include "sim/engine/summary_capacity.h"

#include <math.h>
#include <stdlib.h>

#define N_TERMS 16384    // of one evaluation
#define N_DRAWN 4096     // with uncertain inputs, each few terms on a draw of their own
#define N_LEVELS 2048    // where the others than availability are looked for: they change at once, or slowly
#define LEAST_TERMS 512  // where each has very many outages
#define MOST_OUTAGES 8e5 // drawn in one evaluation
#define COARSER 8        // of the search for about where: so many times fewer
#define MOST_STEPS 20    // of narrowing
#define TOLD_TERMS 1024  // behind what the promises read at a level

// One respect in which the world is run at another level, u: 0 is as it is, more is worse.
struct knob {
    const char *dimension;
    double farthest, step;    // of u, outwards
    double about, close;      // the search with few terms, that with many
    bool is_log;              // u is the logarithm of a factor, else in shares
    size_t offset;            // of the member of struct surety_level
    const char *stays, *not ; // why there is none
};

static const struct knob knobs[] = {
    {"availability", 4.1588830833596715, 0.5, 0.1, 0.01, true, offsetof(struct surety_level, failures), // log 64
     "the tier stays signable with 64 times as many failures",
     "the tier is not signable with a 64th of the failures either: what is left comes from request errors, "
     "maintenance, a record or another dimension"},
    {"latency", 2.0794415416798357, 0.3, 0.02, 0.003, true, offsetof(struct surety_level, latency), // log 8
     "the tier stays signable with 8 times the latency",
     "no latency makes the tier signable: what is left comes from outages or another dimension"},
    {"quality", 0.4, 0.02, 0.003, 0.0003, false, offsetof(struct surety_level, wrong),
     "the tier stays signable with pass rates lower by 40 points",
     "no pass rate makes the tier signable: what is left comes from outages or another dimension"},
    {"cost", 4.1588830833596715, 0.3, 0.02, 0.003, true, offsetof(struct surety_level, prices),
     "the tier stays signable at 64 times the cost",
     "no price makes the tier signable: what is left comes from outages or another dimension"},
};

struct search {
    struct surety_flip_probe probe;
    const struct surety_result *result;
    const struct knob *knob;
};

// A point: u, the surplus over the rules there (negative: not signable), the mean.
struct point {
    double u, surplus, unavailability, se;
};

static struct surety_level level_of(const struct knob *knob, double u)
{
    struct surety_level level = {.failures = 0};
    *(double *)((char *)&level + knob->offset) = knob->is_log ? surety_exp(u) : u;
    return level;
}

static enum surety_err look(struct search *s, bool fine, double u, struct point *out)
{
    struct surety_flip_question q = s->probe.question;
    struct surety_flip_sample sample;
    const struct surety_flip_sample *as_is = fine ? &s->probe.now_fine : &s->probe.now_coarse;
    q.n_terms = fine ? s->probe.n_fine : s->probe.n_coarse;
    q.level = level_of(s->knob, u);
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
    const double limit = s->knob->farthest;
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
        step *= 1.5; // few starts are far off
    }
    return err;
}

// Between a signable point and one that is not, by the Illinois variant of false position, halving now and then. The last
// signable one stays.
static enum surety_err narrow(struct search *s, bool fine, double close, struct point *good, struct point *bad)
{
    double f_good = good->surplus, f_bad = bad->surplus;
    enum surety_err err = SURETY_OK;
    for (int step = 0, side = 0; err == SURETY_OK && fabs(bad->u - good->u) > close && step < MOST_STEPS; step++) {
        const double low = fmin(good->u, bad->u) + close / 4, high = fmax(good->u, bad->u) - close / 4;
        const bool halve = step % 3 == 2 || !(f_good > f_bad);
        const double u = halve ? (good->u + bad->u) / 2 : (bad->u * f_good - good->u * f_bad) / (f_good - f_bad);
        struct point at;
        err = look(s, fine, fmin(fmax(u, low), high), &at);
        if (err != SURETY_OK)
            break;
        if (at.surplus >= 0) {
            *good = at;
            f_good = at.surplus;
            f_bad = side == 1 ? f_bad / 2 : f_bad;
            side = 1;
        } else {
            *bad = at;
            f_bad = at.surplus;
            f_good = side == -1 ? f_good / 2 : f_good;
            side = -1;
        }
    }
    return err;
}

// The last signable point. *because: why there is none.
static enum surety_err search(struct search *s, struct point *good, const char **because)
{
    const struct knob *k = s->knob;
    struct point bad = {0};
    bool found;
    *good = bad;
    enum surety_err err = spread(s, false, 0, k->step, good, &bad, &found);
    if (err == SURETY_OK && found)
        err = narrow(s, false, k->about, good, &bad);
    if (err == SURETY_OK) // few terms may be wrong about it: the search with many begins anew, near what they say
        err = spread(s, true, found ? (good->u + bad.u) / 2 : good->u + bad.u, found ? k->about : k->step, good, &bad,
                     &found);
    if (err == SURETY_OK && !found)
        *because = good->u > 0 ? k->stays : k->not ;
    else if (err == SURETY_OK)
        err = narrow(s, true, k->close, good, &bad);
    return err;
}

// --- the dimensions --------------------------------------------------------------------------------------------

static enum surety_err find_availability(struct search *s, struct surety_internal_slo *slo)
{
    struct point good;
    s->knob = &knobs[0];
    const enum surety_err err = search(s, &good, &slo->because);
    if (err != SURETY_OK || slo->because != NULL)
        return err;
    slo->availability = 1 - good.unavailability;
    slo->se = good.se;
    slo->intensity = surety_exp(good.u);
    return SURETY_OK;
}

// What the promises read at a level, in the first terms.
static enum surety_err read_promises(struct search *s, const struct surety_level *level, size_t dimension, bool there,
                                     struct surety_internal_dimension *out)
{
    struct surety_internal_reader reader;
    struct surety_flip_question q = s->probe.question;
    struct surety_flip_sample sample;
    const uint64_t group = q.kept->draws != NULL ? q.kept->terms_a_group : 1;
    q.n_terms = s->probe.n_fine < TOLD_TERMS ? s->probe.n_fine : TOLD_TERMS / group * group;
    q.level = *level;
    enum surety_err err = surety_internal_reader_init(&reader, dimension, q.plan, s->result, &q.level, there);
    q.n_threads = 0; // the reader adds up in the order of the terms
    q.term = surety_internal_reader_enter;
    q.context = &reader;
    if (err == SURETY_OK)
        err = surety_flip_evaluate(&q, NULL, 1, &sample);
    if (err == SURETY_OK)
        surety_internal_reader_report(&reader, out);
    surety_internal_reader_finish(&reader);
    return err;
}

static enum surety_err find_dimension(struct search *s, size_t dimension, struct surety_arena *arena,
                                      struct surety_internal_slo *slo)
{
    const struct surety_plan *plan = s->probe.question.plan;
    struct surety_internal_dimension *out = &slo->dimensions[slo->n_dimensions];
    struct point good;
    *out = (struct surety_internal_dimension){
        .name = knobs[dimension].dimension, .change = NAN, .n_terms = s->probe.n_fine};
    enum surety_err err = surety_internal_promises(plan, s->result, dimension, arena, out);
    if (err != SURETY_OK || out->n_promises == 0)
        return err;
    slo->n_dimensions++;
    s->knob = &knobs[dimension];
    if (out->because == NULL)
        err = search(s, &good, &out->because);
    const struct surety_level now = {.failures = 0};
    if (err == SURETY_OK)
        err = read_promises(s, &now, dimension, false, out);
    if (err != SURETY_OK || out->because != NULL)
        return err;
    const struct surety_level there = level_of(s->knob, good.u);
    out->change = s->knob->is_log ? surety_exp(good.u) : good.u;
    return read_promises(s, &there, dimension, true, out);
}

// --- all of it -------------------------------------------------------------------------------------------------

// Whole groups' shares.
static uint64_t fewer_terms(const struct surety_flip_kept *kept, uint64_t wanted)
{
    const uint64_t k = kept->draws != NULL ? kept->terms_a_group : 1;
    const uint64_t n = wanted > LEAST_TERMS ? wanted : LEAST_TERMS;
    return n < kept->n_terms ? (n + k - 1) / k * k : kept->n_terms;
}

// What the searches compare with: the terms as they are.
static enum surety_err start(struct search *s, uint64_t n_fine)
{
    struct surety_flip_question now = s->probe.question;
    s->probe.n_fine = n_fine;
    s->probe.n_coarse = fewer_terms(now.kept, n_fine / COARSER);
    now.n_terms = s->probe.n_coarse;
    enum surety_err err = surety_flip_evaluate(&now, NULL, 1, &s->probe.now_coarse);
    now.n_terms = n_fine;
    now.record = s->probe.met;
    if (err == SURETY_OK)
        err = surety_flip_evaluate(&now, NULL, 1, &s->probe.now_fine);
    return err;
}

static enum surety_err find(const struct surety_scenario *scenario, const struct surety_plan *plan,
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
    if (err == SURETY_OK && (s.probe.met = calloc(kept.n_terms, 1)) == NULL)
        err = SURETY_E_MEMORY;
    for (size_t w = 0; plan->tiers[v->tier].has_fee && w < plan->n_windows; w++)
        s.probe.fees += (double)plan->tiers[v->tier].fee_micro[w] / SURETY_MICRO;
    if (err == SURETY_OK)
        err = start(&s, kept.n_terms);
    if (err == SURETY_OK) {
        *slo = (struct surety_internal_slo){
            .tier = tier->name, .availability = NAN, .se = NAN, .intensity = NAN, .n_terms = kept.n_terms};
        err = find_availability(&s, slo);
    }
    if (err == SURETY_OK && surety_internal_has_others(plan, result))
        err = start(&s, fewer_terms(&kept, N_LEVELS));
    for (size_t d = 1; err == SURETY_OK && d < sizeof knobs / sizeof *knobs; d++)
        err = find_dimension(&s, d, &result->arena, slo);
    if (err == SURETY_OK)
        architecture->internal_slo = slo;
    else if (err == SURETY_E_MEMORY)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    surety_flip_kept_finish(&kept);
    free(s.probe.met);
    return err;
}

enum surety_err surety_internal_slo_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                         const struct surety_run_options *options, struct surety_diags *diags,
                                         struct surety_result *result)
{
    struct surety_plan pooled = *plan; // each state is composed once a level
    const bool own = plan->latency.on && plan->latency.pool == NULL;
    if (own)
        pooled.latency.pool = surety_latency_pool_create();
    const enum surety_err err = find(scenario, &pooled, options, diags, result);
    if (own)
        surety_latency_pool_destroy(pooled.latency.pool);
    return err;
}
