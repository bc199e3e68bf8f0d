// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/tally.h"

#include <math.h>

bool surety_tally_init(struct surety_tally *tally, struct surety_world_counts *worlds, bool has_first, bool has_whole)
{
    *tally = (struct surety_tally){.worlds = worlds, .has_first = has_first, .has_whole = has_whole};
    if (!surety_histogram_init(&tally->first, SURETY_REQUESTS_LONGEST_US))
        return false;
    if (surety_histogram_init(&tally->whole, SURETY_REQUESTS_LONGEST_US))
        return true;
    surety_histogram_finish(&tally->first);
    return false;
}

void surety_tally_finish(struct surety_tally *tally)
{
    surety_histogram_finish(&tally->first);
    surety_histogram_finish(&tally->whole);
}

struct surety_requests_mean surety_requests_ratio(const double *y, const double *x, size_t n)
{
    double sum_x = 0, sum_y = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum_x += x[i];
        sum_y += y[i];
    }
    if (!(sum_x > 0))
        return (struct surety_requests_mean){NAN, NAN};
    const double mean = sum_y / sum_x;
    for (size_t i = 0; i < n; i++)
        squares += (y[i] - mean * x[i]) * (y[i] - mean * x[i]);
    const double se = n > 1 ? sqrt((double)n / (double)(n - 1) * squares) / sum_x : INFINITY;
    return (struct surety_requests_mean){mean, se};
}

// --- inside a bucket -------------------------------------------------------------------------------------------

static double low_end(size_t bucket)
{
    const unsigned s = bucket < 2u << SURETY_HISTOGRAM_BITS ? 0 : (unsigned)(bucket >> SURETY_HISTOGRAM_BITS) - 1;
    return (double)((uint64_t)(bucket - ((size_t)s << SURETY_HISTOGRAM_BITS)) << s) - 0.5; // values are whole
}

double surety_requests_interpolate(const struct surety_histogram *h, double share)
{
    const double rank = share * (double)h->n;
    double below = 0;
    if (h->n == 0)
        return NAN;
    for (size_t k = 0; k < h->n_buckets; k++) {
        if (k % 512 == 0)
            while (k + 512 < h->n_buckets && !(h->touched >> (k >> SURETY_HISTOGRAM_BITS) & 1))
                k += 512;
        const double n = (double)h->counts[k];
        if (n > 0 && below + n >= rank) {
            const double low = low_end(k), at = low + (low_end(k + 1) - low) * (rank - below) / n;
            return at > 0 ? at : 0;
        }
        below += n;
    }
    return (double)h->top;
}

double surety_requests_n_below(const struct surety_histogram *h, double x_us)
{
    double n = 0;
    for (size_t k = 0; k < h->n_buckets; k++) {
        if (k % 512 == 0)
            while (k + 512 < h->n_buckets && !(h->touched >> (k >> SURETY_HISTOGRAM_BITS) & 1))
                k += 512;
        const double low = low_end(k);
        if (low >= x_us)
            break;
        const double width = low_end(k + 1) - low, part = (x_us - low) / width;
        n += (double)h->counts[k] * (part < 1 ? part : 1);
    }
    return n;
}

// The two-sided point of Student's law with `freedom` degrees, from the normal one: Abramowitz and Stegun, 26.7.5, two
// terms; 44 % short at one degree, 10 % at two, 4 % at three.
static double student(double z, double freedom)
{
    const double z2 = z * z;
    return z + z * (z2 + 1) / (4 * freedom) + z * ((5 * z2 + 16) * z2 + 3) / (96 * freedom * freedom);
}

#define MOST_GROUPS 64

struct surety_requests_quantile surety_requests_quantile_of(const struct surety_histogram *all,
                                                            const struct surety_histogram *const *groups, size_t n,
                                                            double share, double confidence)
{
    double below[MOST_GROUPS], counts[MOST_GROUPS];
    if (all->n == 0)
        return (struct surety_requests_quantile){share, NAN, NAN, NAN};
    const double x_us = surety_requests_interpolate(all, share), z = surety_interval_z(confidence);
    n = n < MOST_GROUPS ? n : MOST_GROUPS;
    for (size_t g = 0; g < n; g++) {
        counts[g] = (double)groups[g]->n;
        below[g] = surety_requests_n_below(groups[g], x_us);
    }
    const double alone = z * sqrt(share * (1 - share) / (double)all->n);
    const double over = n > 1 ? student(z, (double)(n - 1)) * surety_requests_ratio(below, counts, n).se : 0;
    const double half = fmax(alone, over);
    return (struct surety_requests_quantile){
        .share = share,
        .value_s = 1e-6 * x_us,
        .lo_s = 1e-6 * surety_requests_interpolate(all, fmax(share - half, 0)),
        .hi_s = share + half < 1 ? 1e-6 * surety_requests_interpolate(all, share + half) : NAN,
    };
}
