// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/dependence.h"

#include "sim/base/calendar.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define MOST_SHIFTS 52 // to each side
#define LEAST_WEEKS 13 // below, the shifts are too few to know what is usual
#define LEVEL 0.05     // share of false ones among the pairs that are called dependent

// Stretches in which both are out; `b` was moved by `shift` around the window, where what crosses its end is cut.
static size_t overlaps(const struct surety_track *a, const struct surety_track *b, const struct surety_pair *window,
                       int64_t shift)
{
    const int64_t length = window->until_us - window->from_us;
    size_t count = 0, i = 0, first = 0;
    // the rotation keeps the order but for its beginning: go through b from the first that stays inside
    while (first < b->n && b->list[first].from_us < window->from_us + (shift > 0 ? length - shift : -shift))
        first++;
    for (size_t k = 0; k < b->n; k++) {
        const size_t j = (first + k) % b->n;
        const int64_t from = b->list[j].from_us, to = b->list[j].to_us;
        if (from < window->from_us || from >= window->until_us)
            continue;
        int64_t moved = from - window->from_us + shift;
        moved = window->from_us + (moved < 0 ? moved + length : moved >= length ? moved - length : moved);
        const int64_t end = moved + (to - from) < window->until_us ? moved + (to - from) : window->until_us;
        while (i < a->n && a->list[i].to_us <= moved)
            i++;
        for (size_t m = i; m < a->n && a->list[m].from_us < end; m++)
            count += a->list[m].from_us < window->until_us;
    }
    return count;
}

// P(at least `seen`) of a count with the shifts' mean and variance: negative binomial, or Poisson where they vary less.
static double tail(size_t seen, double mean, double variance)
{
    const double most = fmax(mean, 0.02); // no shift with any: fewer than one in fifty
    if (seen == 0)
        return 1;
    if (variance > most * 1.001)
        return gsl_cdf_negative_binomial_Q((unsigned)seen - 1, most / variance, most * most / (variance - most));
    return gsl_cdf_poisson_Q((unsigned)seen - 1, most);
}

static void test_pair(const struct surety_track *tracks, struct surety_pair *pair)
{
    const struct surety_track *a = &tracks[pair->a], *b = &tracks[pair->b];
    pair->from_us = a->from_us > b->from_us ? a->from_us : b->from_us;
    pair->until_us = a->until_us < b->until_us ? a->until_us : b->until_us;
    const int64_t weeks = pair->until_us > pair->from_us ? (pair->until_us - pair->from_us) / SURETY_US_PER_WEEK : 0;
    pair->until_us = pair->from_us + weeks * SURETY_US_PER_WEEK;
    pair->p = NAN;
    pair->expected = NAN;
    if (weeks < 1)
        return;
    pair->together = overlaps(a, b, pair, 0);
    if (weeks < LEAST_WEEKS)
        return;
    const int64_t most = (weeks - 1) / 2 < MOST_SHIFTS ? (weeks - 1) / 2 : MOST_SHIFTS;
    size_t as_many = 0;
    double sum = 0, squares = 0;
    for (int64_t k = -most; k <= most; k++) {
        if (k == 0)
            continue;
        const size_t count = overlaps(a, b, pair, k * SURETY_US_PER_WEEK);
        sum += (double)count;
        squares += (double)count * (double)count;
        as_many += count >= pair->together;
    }
    pair->n_shifts = (size_t)(2 * most);
    const double n = (double)pair->n_shifts;
    pair->expected = sum / n;
    pair->p = (1 + (double)as_many) / (1 + n);
    if (as_many == 0)
        pair->p = fmin(pair->p, fmax(tail(pair->together, pair->expected, squares / n - sum / n * sum / n), 1e-9));
}

static int by_value(const void *a, const void *b)
{
    const double l = *(const double *)a, r = *(const double *)b;
    return (l > r) - (l < r);
}

size_t surety_dependence_pairs(const struct surety_track *tracks, size_t n, struct surety_pair *pairs)
{
    size_t n_pairs = 0, n_tested = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            pairs[n_pairs] = (struct surety_pair){.a = a, .b = b};
            test_pair(tracks, &pairs[n_pairs++]);
        }
    double *p = malloc((n_pairs + 1) * sizeof *p), threshold = -1;
    if (p == NULL)
        return SIZE_MAX;
    for (size_t i = 0; i < n_pairs; i++)
        if (!isnan(pairs[i].p))
            p[n_tested++] = pairs[i].p;
    qsort(p, n_tested, sizeof *p, by_value);
    for (size_t i = 0; i < n_tested; i++)
        if (p[i] <= LEVEL * (double)(i + 1) / (double)n_tested)
            threshold = p[i];
    free(p);
    for (size_t i = 0; i < n_pairs; i++)
        pairs[i].significant =
            pairs[i].p <= threshold && pairs[i].together >= 2 && (double)pairs[i].together > pairs[i].expected;
    return n_pairs;
}
