// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/base/rng.h"
#include "sim/fit/dependence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHIFTS 200
#define MOST_WEEKS 52

// An end of an outage of one member, for a sweep over all of them.
struct mark {
    int64_t at;
    size_t member;
    int change; // 1: goes out, -1: is back
    double share;
};

static int by_time(const void *a, const void *b)
{
    const struct mark *l = a, *r = b;
    if (l->at != r->at)
        return l->at < r->at ? -1 : 1;
    if (l->change != r->change)
        return l->change - r->change; // back before out: what only touches is not together
    return l->member < r->member ? -1 : l->member > r->member;
}

struct group {
    const struct surety_track *tracks;
    const size_t *members;
    size_t n;
    int64_t from_us, until_us;
    struct mark *marks;
    size_t *down; // outages of each member going on
    bool *hit;    // members hit by the cluster so far
};

// What clusters (outages of the group that follow each other without a moment when all are up) tell.
struct tally {
    size_t n;                 // clusters that hit at least two
    double sum_members;       // members hit in them
    double *lengths, *shares; // NULL: not wanted
};

static size_t fill_marks(const struct group *group, const int64_t *shifts)
{
    const int64_t length = group->until_us - group->from_us;
    size_t n = 0;
    for (size_t m = 0; m < group->n; m++) {
        const struct surety_track *track = &group->tracks[group->members[m]];
        for (size_t i = 0; i < track->n; i++) {
            const int64_t from = track->list[i].from_us, to = track->list[i].to_us;
            if (from < group->from_us || from >= group->until_us)
                continue;
            int64_t moved = (from - group->from_us + shifts[m]) % length;
            moved = group->from_us + (moved < 0 ? moved + length : moved);
            const int64_t end = moved + (to - from) < group->until_us ? moved + (to - from) : group->until_us;
            const double share = track->shares != NULL ? track->shares[i] : 1;
            group->marks[n++] = (struct mark){moved, m, 1, share};
            group->marks[n++] = (struct mark){end, m, -1, share};
        }
    }
    qsort(group->marks, n, sizeof *group->marks, by_time);
    return n;
}

static void sweep(const struct group *group, size_t n_marks, struct tally *tally)
{
    size_t out = 0, n_hit = 0;
    int64_t since = 0;
    double both = 0, share = 0;
    memset(group->down, 0, group->n * sizeof *group->down);
    memset(group->hit, 0, group->n * sizeof *group->hit);
    for (size_t i = 0; i < n_marks; i++) {
        const struct mark *mark = &group->marks[i];
        if (out >= 2)
            both += (double)(mark->at - since) / 1e6;
        since = mark->at;
        size_t *down = &group->down[mark->member];
        if (mark->change > 0) {
            out += *down == 0;
            (*down)++;
            n_hit += !group->hit[mark->member];
            group->hit[mark->member] = true;
            share = fmax(share, mark->share);
        } else {
            (*down)--;
            out -= *down == 0;
        }
        if (out > 0)
            continue;
        if (n_hit >= 2 && both > 0) {
            if (tally->lengths != NULL) {
                tally->lengths[tally->n] = both;
                tally->shares[tally->n] = share;
            }
            tally->n++;
            tally->sum_members += (double)n_hit;
        }
        n_hit = 0;
        both = share = 0;
        memset(group->hit, 0, group->n * sizeof *group->hit);
    }
}

// The probability that an event hits at least two of m.
static double two_of(double hits, double m)
{
    return 1 - pow(1 - hits, m) - m * hits * pow(1 - hits, m - 1);
}

double surety_cause_events_per_s(const struct surety_cause *cause)
{
    return cause->rate_per_s * two_of(cause->hits, (double)cause->n_members);
}

void surety_cause_fit_in(struct surety_cause *cause, double events_per_s, double most_per_s)
{
    const double m = (double)cause->n_members;
    if (events_per_s / two_of(cause->hits, m) * cause->hits > most_per_s) {
        double low = cause->hits, high = 1; // two_of(h) / h rises from 0 to 1
        for (int i = 0; i < 60; i++) {
            const double h = (low + high) / 2;
            *(two_of(h, m) / h < events_per_s / most_per_s ? &low : &high) = h;
        }
        cause->hits = high;
    }
    cause->rate_per_s = events_per_s / two_of(cause->hits, m);
}

// The probability of a hit for which a binomial number of m members, given at least two, has this mean.
static double hits_of(double mean, double m)
{
    double low = 1e-6, high = 1;
    for (int i = 0; i < 60; i++) {
        const double h = (low + high) / 2, none = pow(1 - h, m), one = m * h * pow(1 - h, m - 1);
        *((m * h - one) / (1 - none - one) < mean ? &low : &high) = h;
    }
    return high > 1 - 1e-9 ? 1 : high;
}

// Events beyond chance. What the shifts expect is of members that fail on their own throughout; the events that are
// common leave them less to coincide: x = seen - expected (1 - x / n)^2, n the mean number of their outages.
static double beyond_chance(double seen, double expected, double n)
{
    double low = 0, high = seen;
    for (int i = 0; i < 60; i++) {
        const double x = (low + high) / 2, own = fmax(1 - x / n, 0);
        *(x < seen - expected * own * own ? &low : &high) = x;
    }
    return seen > expected ? high : 0;
}

static enum surety_err measure(struct group *group, uint64_t seed, struct surety_arena *arena,
                               struct surety_cause *cause)
{
    int64_t *shifts = surety_arena_calloc(arena, group->n, sizeof *shifts);
    size_t most = 0;
    for (size_t m = 0; m < group->n; m++)
        most += group->tracks[group->members[m]].n;
    group->marks = surety_arena_calloc(arena, 2 * most + 1, sizeof *group->marks);
    group->down = surety_arena_calloc(arena, group->n, sizeof *group->down);
    group->hit = surety_arena_calloc(arena, group->n, sizeof *group->hit);
    double *lengths = surety_arena_calloc(arena, most + 1, sizeof *lengths);
    double *shares = surety_arena_calloc(arena, most + 1, sizeof *shares);
    if (shifts == NULL || group->marks == NULL || group->down == NULL || group->hit == NULL || lengths == NULL ||
        shares == NULL)
        return SURETY_E_MEMORY;
    const int64_t weeks = (group->until_us - group->from_us) / SURETY_US_PER_WEEK;
    const int64_t reach = (weeks - 1) / 2 < MOST_WEEKS ? (weeks - 1) / 2 : MOST_WEEKS;
    struct tally seen = {.lengths = lengths, .shares = shares}, chance = {0};
    sweep(group, fill_marks(group, shifts), &seen);
    for (size_t b = 0; b < SHIFTS; b++) {
        struct surety_rng rng = {.key = surety_philox_key(seed),
                                 .stream = surety_philox_stream("fit.cause", (uint32_t)group->members[0]),
                                 .replication = b};
        for (size_t m = 1; m < group->n; m++) { // 1 to reach weeks, to either side, from where the first stays
            const int64_t k = (int64_t)(surety_rng_uniform(&rng) * (double)(2 * reach));
            shifts[m] = (k < reach ? k - reach : k - reach + 1) * SURETY_US_PER_WEEK;
        }
        sweep(group, fill_marks(group, shifts), &chance);
    }
    const double expected = (double)chance.n / SHIFTS;
    const double excess = beyond_chance((double)seen.n, expected, (double)most / (double)group->n);
    const double m = (double)group->n, n = (double)seen.n;
    const double hits = group->n == 2 || seen.n == 0 ? 1 : hits_of(seen.sum_members / n, m);
    *cause = (struct surety_cause){
        .members = group->members,
        .n_members = group->n,
        .together = seen.n,
        .expected = expected,
        .from_us = group->from_us,
        .until_us = group->until_us,
        .seconds = (double)(group->until_us - group->from_us) / 1e6,
        .hits = hits,
        .rate_per_s = excess / ((double)(group->until_us - group->from_us) / 1e6) / two_of(hits, m),
        .included = true,
        .shares = shares,
        .lengths = lengths,
    };
    return SURETY_OK;
}

// All tracks that significant pairs connect with `first`, into `members`, which has room for all; their number.
static size_t connected(size_t n, const struct surety_pair *pairs, size_t n_pairs, size_t first, bool *in,
                        size_t *members)
{
    size_t count = 0;
    in[first] = true;
    for (bool grows = true; grows;) {
        grows = false;
        for (size_t i = 0; i < n_pairs; i++)
            if (pairs[i].significant && in[pairs[i].a] != in[pairs[i].b]) {
                in[pairs[i].a] = in[pairs[i].b] = true;
                grows = true;
            }
    }
    for (size_t i = 0; i < n; i++)
        if (in[i])
            members[count++] = i;
    return count;
}

enum surety_err surety_dependence_causes(const struct surety_track *tracks, size_t n, const struct surety_pair *pairs,
                                         size_t n_pairs, uint64_t seed, struct surety_arena *arena,
                                         struct surety_cause *causes, size_t *n_causes)
{
    bool *done = surety_arena_calloc(arena, n + 1, sizeof *done), *in = surety_arena_calloc(arena, n + 1, sizeof *in);
    if (done == NULL || in == NULL)
        return SURETY_E_MEMORY;
    *n_causes = 0;
    for (size_t first = 0; first < n; first++) {
        size_t *members = surety_arena_calloc(arena, n, sizeof *members);
        if (members == NULL)
            return SURETY_E_MEMORY;
        if (done[first])
            continue;
        memset(in, 0, n * sizeof *in);
        struct group group = {
            tracks, members, connected(n, pairs, n_pairs, first, in, members), INT64_MIN, INT64_MAX, NULL, NULL, NULL};
        for (size_t m = 0; m < group.n; m++) {
            const struct surety_track *track = &tracks[members[m]];
            done[members[m]] = true;
            group.from_us = track->from_us > group.from_us ? track->from_us : group.from_us;
            group.until_us = track->until_us < group.until_us ? track->until_us : group.until_us;
        }
        const int64_t weeks =
            group.until_us > group.from_us ? (group.until_us - group.from_us) / SURETY_US_PER_WEEK : 0;
        if (group.n < 2 || weeks < 3)
            continue;
        group.until_us = group.from_us + weeks * SURETY_US_PER_WEEK;
        const enum surety_err err = measure(&group, seed, arena, &causes[*n_causes]);
        if (err != SURETY_OK)
            return err;
        *n_causes += causes[*n_causes].rate_per_s > 0;
    }
    return SURETY_OK;
}
