// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/story.h"

#include "sim/base/ppb.h"
#include "sim/engine/group_world.h"
#include "sim/engine/story_words.h"
#include "sim/engine/walk_missed.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A term and how bad it was: unavailability by the contract's measure.
struct term {
    double unavailability;
    uint64_t replication;
};

static double unavailability(const struct surety_walk *walk)
{
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    int64_t bad = 0, counted = 0;
    for (size_t w = 0; w < walk->plan->n_windows; w++) {
        bad += readings[w].bad;
        counted += readings[w].counted;
    }
    return counted > 0 ? (double)bad / (double)counted : 0;
}

static bool breaches(const struct surety_walk *walk, size_t tier)
{
    const struct surety_reading *readings = walk->meters[walk->contract_meter].readings;
    const int64_t target_ppb = walk->plan->tiers[tier].availability_ppb;
    for (size_t w = 0; w < walk->plan->n_windows; w++)
        if (surety_misses(target_ppb, readings[w]) || surety_walk_missed(walk, tier, w))
            return true;
    return false;
}

// Worst first; equal ones by their numbers.
static int compare_terms(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    if (x->unavailability != y->unavailability)
        return x->unavailability > y->unavailability ? -1 : 1;
    return x->replication < y->replication ? -1 : x->replication > y->replication;
}

// Nearest rank from the worst, 1..n. The product is first freed of its last bits: 1 % of 700 terms is the seventh.
static uint64_t rank_of(double share, uint64_t n)
{
    const double rank = ceil(share * (double)n * (1 - 1e-12));
    return rank < 1 ? 1 : rank > (double)n ? n : (uint64_t)rank;
}

static enum surety_err walk_one(struct surety_group_world *world, uint64_t replication)
{
    const enum surety_err err = surety_group_world_visit(world, replication);
    if (err != SURETY_OK)
        return err;
    surety_timeline_begin(&world->timeline, replication);
    return surety_walk_run(&world->walk, &world->timeline);
}

static enum surety_err find_worst(struct surety_group_world *world, uint64_t n, double share, uint64_t *out)
{
    struct term *terms = n <= SIZE_MAX / sizeof *terms ? malloc((size_t)n * sizeof *terms) : NULL;
    enum surety_err err = terms != NULL ? SURETY_OK : SURETY_E_MEMORY;
    for (uint64_t i = 0; err == SURETY_OK && i < n; i++) {
        err = walk_one(world, i);
        if (err == SURETY_OK)
            terms[i] = (struct term){unavailability(&world->walk), i};
    }
    if (err == SURETY_OK) {
        qsort(terms, (size_t)n, sizeof *terms, compare_terms);
        *out = terms[rank_of(share, n) - 1].replication;
    }
    free(terms);
    return err;
}

static enum surety_err find_breach(struct surety_group_world *world, uint64_t n, size_t tier,
                                   struct surety_diags *diags, uint64_t *out)
{
    for (uint64_t i = 0; i < n; i++) {
        const enum surety_err err = walk_one(world, i);
        if (err != SURETY_OK)
            return err;
        if (breaches(&world->walk, tier)) {
            *out = i;
            return SURETY_OK;
        }
    }
    surety_diag_add(diags, SURETY_D_USAGE, (struct surety_place){0, 0}, NULL,
                    "look through more with --replications, or see --worst 1%",
                    "none of %" PRIu64 " simulated terms breaches tier \"%s\" on architecture \"%s\"", n,
                    world->base->tiers[tier].name, world->base->architectures[world->architecture].name);
    return SURETY_E_INPUT;
}

enum surety_err surety_story_choose(const struct surety_scenario *scenario, const struct surety_plan *plan,
                                    size_t architecture, uint64_t seed, uint64_t n_replications,
                                    const struct surety_story_choice *choice, struct surety_diags *diags, uint64_t *out)
{
    if (choice->by == SURETY_STORY_NUMBER) {
        *out = choice->replication;
        return SURETY_OK;
    }
    struct surety_group_world world;
    enum surety_err err = surety_group_world_init(&world, scenario, plan, architecture, seed, true);
    if (err == SURETY_OK)
        err = choice->by == SURETY_STORY_WORST ? find_worst(&world, n_replications, choice->share, out)
                                               : find_breach(&world, n_replications, choice->tier, diags, out);
    surety_group_world_finish(&world);
    if (err != SURETY_OK)
        surety_story_failed(diags, err);
    return err;
}

// "1st", "2nd", "1,000th".
static void ordinal(char out[SURETY_SPAN_SIZE], uint64_t n)
{
    const char *ending = n / 10 % 10 == 1 ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    snprintf(out + used, SURETY_SPAN_SIZE - used, "%s", ending);
}

enum surety_err surety_story_justify(struct surety_story *story, const struct surety_story_choice *choice,
                                     uint64_t n_replications)
{
    char rank[SURETY_SPAN_SIZE], n[SURETY_SPAN_SIZE];
    const uint64_t from_worst = rank_of(choice->share, n_replications);
    ordinal(rank, from_worst);
    ordinal(n, n_replications);
    n[strlen(n) - 2] = '\0'; // without its ending
    switch (choice->by) {
    case SURETY_STORY_NUMBER:
        story->because = surety_arena_printf(&story->arena, "the term that was asked for");
        break;
    case SURETY_STORY_WORST:
        story->because = from_worst == 1 ? surety_arena_printf(&story->arena, "the worst of %s terms", n)
                                         : surety_arena_printf(&story->arena, "the %s worst of %s terms", rank, n);
        break;
    case SURETY_STORY_BREACH:
        story->because =
            surety_arena_printf(&story->arena, "the first term that breaches %s", story->tiers[choice->tier]);
        break;
    }
    return story->because != NULL ? SURETY_OK : SURETY_E_MEMORY;
}
