// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips_kept.h"

#include "sim/base/sampler_table.h"
#include "sim/engine/timeline.h"
#include "sim/scenario/uncertain.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TERMS_A_GROUP 4     // groups differ more than terms
#define CERTAIN_BLOCK 64    // terms that are drawn at a time where nothing is uncertain
#define MOST_KEPT (1 << 22) // instants of episodes, 32 MB; terms beyond draw theirs again

// --- which terms -----------------------------------------------------------------------------------------------

struct ranked {
    uint32_t met;
    uint64_t group;
};

static int rising(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->met != y->met)
        return x->met < y->met ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

// `n` of the run's groups, evenly from the worst to the best; in an order whose beginnings are even as well: the n
// ranks are taken by their digits in base 2, the last digit first.
static bool choose(const struct surety_result *result, uint64_t n, uint64_t *groups)
{
    const uint64_t n_whole = result->n_replications / SURETY_GROUP;
    struct ranked *list = calloc(n_whole, sizeof *list);
    if (list == NULL)
        return false;
    for (uint64_t g = 0; g < n_whole; g++)
        list[g] = (struct ranked){result->group_met[g], g};
    qsort(list, n_whole, sizeof *list, rising);
    unsigned n_bits = 0;
    while (UINT64_C(1) << n_bits < n)
        n_bits++;
    uint64_t n_chosen = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << n_bits; i++) {
        uint64_t rank = 0;
        for (unsigned k = 0; k < n_bits; k++)
            rank |= (i >> k & 1) << (n_bits - 1 - k);
        if (rank < n)
            groups[n_chosen++] = list[(2 * rank + 1) * n_whole / (2 * n)].group;
    }
    free(list);
    return true;
}

uint64_t surety_flip_kept_replication(const struct surety_flip_kept *kept, uint64_t term)
{
    if (kept->draws == NULL)
        return term;
    return kept->groups[term / kept->terms_a_group] * SURETY_GROUP + term % kept->terms_a_group;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static enum surety_err plan_terms(struct surety_flip_kept *kept, const struct surety_result *result, bool uncertain,
                                  uint64_t n_wanted)
{
    const uint64_t n_run = result->n_replications, n_whole = n_run / SURETY_GROUP;
    if (!uncertain) {
        kept->n_terms = smaller(n_wanted, n_run);
        kept->terms_a_group = CERTAIN_BLOCK;
        kept->n_groups = (kept->n_terms + CERTAIN_BLOCK - 1) / CERTAIN_BLOCK;
        return SURETY_OK;
    }
    if (n_whole == 0) { // part of one
        kept->n_groups = 1;
        kept->terms_a_group = smaller(n_wanted, n_run);
    } else {
        kept->n_groups = smaller((n_wanted + TERMS_A_GROUP - 1) / TERMS_A_GROUP, n_whole);
        kept->terms_a_group = smaller((n_wanted + kept->n_groups - 1) / kept->n_groups, SURETY_GROUP);
    }
    kept->n_terms = kept->n_groups * kept->terms_a_group;
    kept->groups = calloc(kept->n_groups, sizeof *kept->groups);
    kept->draws = calloc(kept->n_groups, sizeof *kept->draws);
    if (kept->groups == NULL || kept->draws == NULL)
        return SURETY_E_MEMORY;
    return n_whole == 0 || choose(result, kept->n_groups, kept->groups) ? SURETY_OK : SURETY_E_MEMORY;
}

// --- their draws and episodes ----------------------------------------------------------------------------------

struct work {
    struct surety_flip_kept *kept;
    const struct surety_scenario *scenario;
    const bool *is_wanted; // of each effect
    atomic_uint_fast64_t next, n_kept;
    atomic_int err;
};

// What of one group is kept, before it has its place.
struct pile {
    int64_t *list;
    size_t n, capacity;
};

static bool put(struct pile *pile, const int64_t *boundaries, size_t *at)
{
    size_t n = 0;
    while (boundaries[n] != SURETY_NEVER)
        n++;
    if (pile->n + n + 2 > pile->capacity) {
        const size_t capacity = 2 * (pile->n + n) + 1024;
        int64_t *list = realloc(pile->list, capacity * sizeof *list);
        if (list == NULL)
            return false;
        pile->list = list;
        pile->capacity = capacity;
    }
    *at = pile->n;
    memcpy(pile->list + pile->n, boundaries, n * sizeof *boundaries);
    pile->list[pile->n + n] = pile->list[pile->n + n + 1] = SURETY_NEVER;
    pile->n += n + 2;
    return true;
}

static enum surety_err keep_episodes(struct work *work, uint64_t group, const struct surety_plan *plan)
{
    struct surety_flip_kept *kept = work->kept;
    const uint64_t from = group * kept->terms_a_group, end = smaller(from + kept->terms_a_group, kept->n_terms);
    const struct surety_kernel *kernel =
        kept->options->kernel != NULL ? surety_kernel_by_name(kept->options->kernel) : surety_kernel_best();
    struct surety_timeline timeline;
    struct pile pile = {.list = NULL};
    size_t *at = calloc((end - from) * plan->n_effects + 1, sizeof *at);
    enum surety_err err =
        at != NULL ? surety_timeline_init(&timeline, plan, kernel, kept->options->seed) : SURETY_E_MEMORY;
    if (err != SURETY_OK) {
        free(at);
        return err;
    }
    for (uint64_t term = from; err == SURETY_OK && term < end; term++) {
        surety_timeline_begin(&timeline, surety_flip_kept_replication(kept, term));
        for (uint32_t e = 0; err == SURETY_OK && e < plan->n_effects; e++) {
            const int64_t *boundaries = work->is_wanted[e] ? surety_timeline_boundaries(&timeline, e) : NULL;
            if (work->is_wanted[e] &&
                (boundaries == NULL || !put(&pile, boundaries, &at[(term - from) * plan->n_effects + e])))
                err = SURETY_E_MEMORY;
        }
    }
    surety_timeline_finish(&timeline);
    kept->blocks[group] = pile.list;
    for (uint64_t term = from; err == SURETY_OK && term < end; term++)
        for (uint32_t e = 0; e < plan->n_effects; e++)
            if (work->is_wanted[e])
                kept->boundaries[term * plan->n_effects + e] = pile.list + at[(term - from) * plan->n_effects + e];
    atomic_fetch_add(&work->n_kept, pile.n);
    free(at);
    return err;
}

static void *keep_groups(void *argument)
{
    struct work *work = argument;
    struct surety_flip_kept *kept = work->kept;
    const struct surety_uncertain *uncertain = kept->draws != NULL ? work->scenario->uncertain : NULL;
    struct surety_table_cache *tables = surety_table_cache_create();
    double *values = uncertain != NULL ? calloc(2 * uncertain->n, sizeof *values) : NULL;
    enum surety_err err = tables == NULL || (uncertain != NULL && values == NULL) ? SURETY_E_MEMORY : SURETY_OK;
    for (uint64_t group; err == SURETY_OK && atomic_load(&work->err) == SURETY_OK &&
                         (group = atomic_fetch_add(&work->next, 1)) < kept->n_groups;) {
        const struct surety_plan *plan = kept->plan;
        if (uncertain != NULL) {
            err = surety_plan_draw(work->scenario, plan, kept->options->seed, kept->groups[group], tables, values,
                                   &kept->draws[group]);
            plan = kept->draws[group].plan;
        }
        if (err == SURETY_OK && atomic_load(&work->n_kept) < MOST_KEPT)
            err = keep_episodes(work, group, plan);
    }
    if (err != SURETY_OK)
        atomic_store(&work->err, (int)err);
    surety_table_cache_destroy(tables);
    free(values);
    return NULL;
}

static enum surety_err keep_all(struct work *work)
{
    pthread_t threads[SURETY_MAX_THREADS];
    const uint64_t n = smaller(surety_flip_threads(work->kept->options), work->kept->n_groups);
    uint64_t n_started = 0;
    while (n_started + 1 < n && pthread_create(&threads[n_started], NULL, keep_groups, work) == 0)
        n_started++;
    keep_groups(work); // this thread is one of them
    for (uint64_t i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    return (enum surety_err)atomic_load(&work->err);
}

// Effects on the providers of the verdict's architecture.
static void want(const struct surety_plan *plan, size_t architecture, bool *is_wanted)
{
    const struct surety_plan_architecture *a = &plan->architectures[architecture];
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const struct surety_plan_provider *p = a->nodes[i].type == NULL ? &plan->providers[a->nodes[i].provider] : NULL;
        for (uint32_t e = 0; p != NULL && e < p->n_effects; e++)
            is_wanted[p->first_effect + e] = true;
    }
}

unsigned surety_flip_threads(const struct surety_run_options *options)
{
    const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    const uint64_t n = options->n_threads > 0 ? options->n_threads : n_processors > 0 ? (uint64_t)n_processors : 1;
    return (unsigned)smaller(n, SURETY_MAX_THREADS);
}

enum surety_err surety_flip_kept_init(struct surety_flip_kept *kept, const struct surety_scenario *scenario,
                                      const struct surety_plan *plan, const struct surety_run_options *options,
                                      const struct surety_result *result, uint64_t n_wanted)
{
    *kept = (struct surety_flip_kept){.plan = plan, .options = options};
    enum surety_err err = plan_terms(kept, result, scenario->uncertain != NULL && !options->central, n_wanted);
    if (err != SURETY_OK)
        return err;
    bool *is_wanted = calloc(plan->n_effects + 1, sizeof *is_wanted);
    kept->boundaries = calloc(kept->n_terms * plan->n_effects + 1, sizeof *kept->boundaries);
    kept->blocks = calloc(kept->n_groups, sizeof *kept->blocks);
    if (is_wanted != NULL && kept->boundaries != NULL && kept->blocks != NULL) {
        struct work work = {.kept = kept, .scenario = scenario, .is_wanted = is_wanted};
        want(plan, result->verdict.architecture, is_wanted);
        err = keep_all(&work);
    } else {
        err = SURETY_E_MEMORY;
    }
    free(is_wanted);
    return err;
}

void surety_flip_kept_finish(struct surety_flip_kept *kept)
{
    for (uint64_t g = 0; g < kept->n_groups; g++) {
        if (kept->blocks != NULL)
            free(kept->blocks[g]);
        if (kept->draws != NULL)
            surety_plan_draw_finish(&kept->draws[g]);
    }
    free(kept->groups);
    free(kept->draws);
    free(kept->blocks);
    free((void *)kept->boundaries);
    *kept = (struct surety_flip_kept){.plan = NULL};
}
