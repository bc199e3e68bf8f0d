// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips.h"

#include "sim/engine/flips_search.h"
#include "sim/engine/verdict.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define N_FINE 4096      // replications of one evaluation
#define N_DRAWN 2048     // with uncertain inputs, each few terms on a draw of their own
#define COARSER 16       // of the coarse search, so many times fewer
#define LEAST_TERMS 256  // of the fine one
#define LEAST_COARSE 64  // of the coarse one
#define MOST_OUTAGES 4e5 // drawn in one evaluation

// What was found for one input: in the worse and in the better direction, and where the verdict moves.
struct found {
    struct surety_flip_found worse, better;
    struct surety_flip_choice choice[2];
};

struct searches {
    struct surety_flip_probe probe;
    const struct surety_flip_input *inputs;
    struct found *found; // of each input
    size_t n;
    atomic_size_t next;
    atomic_int err; // enum surety_err
};

// Money decides between priced and nothing, and is what architectures are chosen by.
static enum surety_err search_price(const struct searches *all, const struct surety_flip_input *input,
                                    struct found *out)
{
    const struct surety_verdict *v = &all->probe.result->verdict;
    enum surety_err err = SURETY_OK;
    if (all->probe.question.credits && input->is_served && v->outcome == SURETY_OUTCOME_PRICED)
        err = surety_flip_search(&all->probe, input, false, &out->worse);
    if (all->probe.question.credits && input->is_served && v->outcome == SURETY_OUTCOME_NO)
        err = surety_flip_search(&all->probe, input, true, &out->better);
    if (err == SURETY_OK && v->is_any)
        err = surety_flip_choose(&all->probe, input, out->choice);
    return err;
}

static enum surety_err search(const struct searches *all, const struct surety_flip_input *input, struct found *out)
{
    const enum surety_outcome now = all->probe.result->verdict.outcome;
    out->worse = out->better = (struct surety_flip_found){.factor = NAN};
    out->choice[0] = out->choice[1] = (struct surety_flip_choice){NAN, SIZE_MAX};
    if (input->is_price)
        return search_price(all, input, out);
    enum surety_err err = SURETY_OK;
    if (now != SURETY_OUTCOME_NO)
        err = surety_flip_search(&all->probe, input, false, &out->worse);
    if (err == SURETY_OK && now != SURETY_OUTCOME_SAFE)
        err = surety_flip_search(&all->probe, input, true, &out->better);
    return err;
}

static void *work(void *argument)
{
    struct searches *all = argument;
    for (size_t i; atomic_load(&all->err) == SURETY_OK && (i = atomic_fetch_add(&all->next, 1)) < all->n;) {
        const enum surety_err err = search(all, &all->inputs[i], &all->found[i]);
        if (err != SURETY_OK)
            atomic_store(&all->err, (int)err);
    }
    return NULL;
}

static enum surety_err search_all(struct searches *all)
{
    pthread_t threads[SURETY_MAX_THREADS];
    size_t n = surety_flip_threads(all->probe.question.options), n_started = 0;
    n = n < all->n ? n : all->n;
    while (n_started + 1 < n && pthread_create(&threads[n_started], NULL, work, all) == 0)
        n_started++;
    work(all); // this thread is one of them
    for (size_t i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    return (enum surety_err)atomic_load(&all->err);
}

// --- the answer ------------------------------------------------------------------------------------------------

static bool add(struct surety_result *result, const struct surety_flip_input *input, struct surety_flip_found found,
                const char *architecture)
{
    struct surety_verdict *v = &result->verdict;
    char *value = surety_flip_input_value(input, found.factor);
    const char *set = value != NULL ? surety_arena_printf(&result->arena, "%s=%s", input->path, value) : NULL;
    free(value);
    v->flips[v->n_flips++] = (struct surety_flip){.input = input->path,
                                                  .what = input->what,
                                                  .unit = input->unit,
                                                  .now = input->now,
                                                  .at = input->now * found.factor,
                                                  .error = exp(1.96 * found.se) - 1,
                                                  .outcome = surety_outcome_name(found.outcome),
                                                  .architecture = architecture,
                                                  .set = set};
    return set != NULL;
}

// At most four an input: a price that moves the verdict is not also one that ends it on that side.
static bool report(struct surety_result *result, const struct surety_flip_input *input, const struct found *found)
{
    struct surety_verdict *v = &result->verdict;
    const size_t n = v->n_flips;
    bool all = true;
    for (size_t side = 0; side < 2; side++) {
        const struct surety_flip_choice *choice = &found->choice[side];
        const bool first = choice->architecture != SIZE_MAX &&
                           !(found->worse.factor > 1 && side == 1 && found->worse.factor < choice->factor);
        if (first)
            all = all && add(result, input, (struct surety_flip_found){choice->factor, NAN, v->outcome},
                             result->architectures[choice->architecture].name);
    }
    if (!isnan(found->worse.factor) && !(found->choice[1].architecture != SIZE_MAX && v->n_flips > n &&
                                         found->choice[1].factor <= found->worse.factor))
        all = all && add(result, input, found->worse, NULL);
    if (!isnan(found->better.factor))
        all = all && add(result, input, found->better, NULL);
    if (v->n_flips == n && !input->is_price)
        v->steady[v->n_steady++] = input->what;
    return all;
}

// Fewer terms where each has very many outages: a search is dozens of evaluations.
static uint64_t search_terms(const struct surety_scenario *scenario, const struct surety_plan *plan, uint64_t n_run)
{
    const double wanted = scenario->uncertain != NULL ? N_DRAWN : N_FINE;
    double n_outages = 1;
    for (size_t i = 0; i < plan->n_sources; i++)
        if (plan->sources[i].kind != SURETY_SOURCE_MAINTENANCE)
            n_outages += (double)plan->term_us * 1e-6 / (plan->sources[i].mean_up_s + plan->sources[i].mean_down_s);
    const double n = fmax(LEAST_TERMS, fmin(wanted, MOST_OUTAGES / n_outages));
    return n < (double)n_run ? (uint64_t)n : n_run;
}

static enum surety_err find(struct searches *all, struct surety_result *result)
{
    struct surety_verdict *v = &result->verdict;
    v->flips = surety_arena_calloc(&result->arena, 4 * all->n, sizeof *v->flips);
    v->steady = surety_arena_calloc(&result->arena, all->n, sizeof *v->steady);
    all->found = calloc(all->n + 1, sizeof *all->found);
    all->probe.met = calloc(all->probe.n_fine + 1, sizeof *all->probe.met);
    if (v->flips == NULL || v->steady == NULL || all->found == NULL || all->probe.met == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = all->n > 0 ? surety_flip_probe_start(&all->probe) : SURETY_OK;
    if (err == SURETY_OK)
        err = search_all(all);
    for (size_t i = 0; err == SURETY_OK && i < all->n; i++)
        if (!report(result, &all->inputs[i], &all->found[i]))
            err = SURETY_E_MEMORY;
    return err;
}

// Whole groups, as many as stand for all.
static uint64_t coarse_terms(const struct surety_flip_kept *kept)
{
    const uint64_t k = kept->draws != NULL ? kept->terms_a_group : 1;
    const uint64_t n = kept->n_terms / COARSER > LEAST_COARSE ? kept->n_terms / COARSER : LEAST_COARSE;
    return n < kept->n_terms ? (n + k - 1) / k * k : kept->n_terms;
}

static enum surety_err search_inputs(struct searches *all, struct surety_flip_kept *kept, struct surety_result *result)
{
    const struct surety_flip_question *q = &all->probe.question;
    struct surety_flip_input *inputs;
    if (!surety_flip_inputs_list(q->scenario, q->plan, result, &inputs, &all->n))
        return SURETY_E_MEMORY;
    all->inputs = inputs;
    enum surety_err err = SURETY_OK;
    if (all->n > 0)
        err = surety_flip_kept_init(kept, q->scenario, q->plan, q->options, result,
                                    search_terms(q->scenario, q->plan, result->n_replications));
    all->probe.n_fine = kept->n_terms;
    all->probe.n_coarse = coarse_terms(kept);
    if (err == SURETY_OK)
        err = find(all, result);
    free(inputs);
    return err;
}

enum surety_err surety_flips_find(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                  const struct surety_run_options *options, struct surety_diags *diags,
                                  struct surety_result *result)
{
    const struct surety_verdict *v = &result->verdict;
    const struct surety_tier_result *tier = &result->architectures[v->architecture].tiers[v->tier];
    struct surety_flip_kept kept = {.plan = plan};
    struct searches all = {.probe = {.result = result,
                                     .question = {.scenario = scenario,
                                                  .plan = plan,
                                                  .options = options,
                                                  .kept = &kept,
                                                  .architecture = v->architecture,
                                                  .tier = v->tier,
                                                  .credits = tier->has_credits}}};
    for (size_t w = 0; plan->tiers[v->tier].has_fee && w < plan->n_windows; w++)
        all.probe.fees += (double)plan->tiers[v->tier].fee_micro[w] / SURETY_MICRO;
    const enum surety_err err = search_inputs(&all, &kept, result);
    surety_flip_kept_finish(&kept);
    free(all.found);
    free(all.probe.met);
    if (err == SURETY_E_MEMORY)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "out of memory");
    return err;
}
