// SPDX-License-Identifier: GPL-3.0-or-later
#include "histogram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GROUP ((size_t)1 << SURETY_HISTOGRAM_BITS)

bool surety_histogram_init(struct surety_histogram *h, int64_t max_value)
{
    assert(max_value >= 0);
    size_t n_groups = (surety_histogram_bucket(max_value) >> SURETY_HISTOGRAM_BITS) + 1;
    uint64_t *counts = calloc(n_groups * GROUP, sizeof *counts);

    if (!counts)
        return false;
    *h = (struct surety_histogram){.counts = counts, .n_buckets = n_groups * GROUP, .top = max_value};
    return true;
}

void surety_histogram_finish(struct surety_histogram *h)
{
    free(h->counts);
    *h = (struct surety_histogram){0};
}

/* The lowest group of a mask, and the mask without it. */
static size_t pop_group(uint64_t *mask)
{
    size_t g = (size_t)__builtin_ctzll(*mask);

    *mask &= *mask - 1;
    return g;
}

void surety_histogram_clear(struct surety_histogram *h)
{
    for (uint64_t mask = h->touched; mask;)
        memset(h->counts + pop_group(&mask) * GROUP, 0, GROUP * sizeof *h->counts);
    h->touched = 0;
    h->n = 0;
}

void surety_histogram_merge(struct surety_histogram *into, const struct surety_histogram *from)
{
    assert(into->top == from->top);
    for (uint64_t mask = from->touched; mask;) {
        size_t first = pop_group(&mask) * GROUP;
        for (size_t k = first; k < first + GROUP; k++)
            into->counts[k] += from->counts[k];
    }
    into->touched |= from->touched;
    into->n += from->n;
}

/* Smallest value of a bucket, and one past its largest. */
static void bucket_range(size_t k, uint64_t *first, uint64_t *end)
{
    unsigned s = k < 2 * GROUP ? 0u : (unsigned)(k >> SURETY_HISTOGRAM_BITS) - 1u;

    *first = (uint64_t)(k - ((size_t)s << SURETY_HISTOGRAM_BITS)) << s;
    *end = *first + ((uint64_t)1 << s);
}

int64_t surety_histogram_middle(size_t bucket)
{
    uint64_t first;
    uint64_t end;

    bucket_range(bucket, &first, &end);
    return (int64_t)(first + (end - 1 - first) / 2);
}

/* Nearest rank of a share of n values, from 1 on. */
static uint64_t nearest_rank(double share, uint64_t n)
{
    /* share n may land a rounding above a whole number, as 0.07 x 100 does: that is not the next rank */
    double rank = ceil(share * (double)n * (1.0 - 0x1p-51));

    return rank < 1 ? 1 : rank >= (double)n ? n : (uint64_t)rank;
}

/* The value of a rank; 0 when there are fewer. */
static int64_t at_rank(const struct surety_histogram *h, uint64_t rank)
{
    uint64_t left = rank;

    for (uint64_t mask = h->touched; mask;) {
        size_t begin = pop_group(&mask) * GROUP;
        for (size_t k = begin; k < begin + GROUP; k++) {
            if (h->counts[k] >= left)
                return surety_histogram_middle(k);
            left -= h->counts[k];
        }
    }
    return 0;
}

int64_t surety_histogram_quantile(const struct surety_histogram *h, double share)
{
    return at_rank(h, nearest_rank(share, h->n));
}

uint64_t surety_histogram_n_at_most(const struct surety_histogram *h, int64_t value)
{
    uint64_t n = 0;

    if (value < 0)
        return 0;
    for (uint64_t mask = h->touched; mask;) {
        size_t begin = pop_group(&mask) * GROUP;
        for (size_t k = begin; k < begin + GROUP; k++) {
            uint64_t first;
            uint64_t end;
            bucket_range(k, &first, &end);
            if (end - 1 > (uint64_t)value)
                return n;
            n += h->counts[k];
        }
    }
    return n;
}

bool surety_signed_histogram_init(struct surety_signed_histogram *h, int64_t max_size)
{
    *h = (struct surety_signed_histogram){{0}, {0}};
    return surety_histogram_init(&h->below, max_size) && surety_histogram_init(&h->above, max_size);
}

void surety_signed_histogram_finish(struct surety_signed_histogram *h)
{
    surety_histogram_finish(&h->below);
    surety_histogram_finish(&h->above);
}

void surety_signed_histogram_add(struct surety_signed_histogram *h, int64_t value, uint64_t n)
{
    surety_histogram_add(value < 0 ? &h->below : &h->above, value < 0 ? -value : value, n);
}

void surety_signed_histogram_merge(struct surety_signed_histogram *into, const struct surety_signed_histogram *from)
{
    surety_histogram_merge(&into->below, &from->below);
    surety_histogram_merge(&into->above, &from->above);
}

int64_t surety_signed_histogram_quantile(const struct surety_signed_histogram *h, double share)
{
    const uint64_t rank = nearest_rank(share, h->below.n + h->above.n);

    return rank <= h->below.n ? -at_rank(&h->below, h->below.n - rank + 1) : at_rank(&h->above, rank - h->below.n);
}
