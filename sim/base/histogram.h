// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_HISTOGRAM_H
#define SURETY_BASE_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Log-linear histogram of integers: 512 equal buckets per octave, every value below 1024 has a bucket of its own.
 * Exact counts, exact merge in any order; quantiles within 1/1024 < 0.1 %. */

#define SURETY_HISTOGRAM_BITS 9 /* 2^9 buckets per octave */

/** A histogram on the caller's storage; its buckets are on the heap (zero pages until touched). */
struct surety_histogram {
    uint64_t *counts;
    size_t n_buckets;
    uint64_t n;       /* values added */
    uint64_t touched; /* bit g: some bucket in group g (512 buckets) is not zero */
    int64_t top;      /* values above go to the last bucket */
};

/** Bucket of a value >= 0: v itself below 1024, else 512 (e - 9) + (v >> (e - 9)), e the position of the highest
 * bit. Example: 1025 gives 1024, as 1024 does. */
static inline size_t surety_histogram_bucket(int64_t value)
{
    uint64_t v = (uint64_t)value;
    unsigned e = 63u - (unsigned)__builtin_clzll(v | (1u << SURETY_HISTOGRAM_BITS));
    unsigned s = e - SURETY_HISTOGRAM_BITS;

    return ((size_t)s << SURETY_HISTOGRAM_BITS) + (size_t)(v >> s);
}

/** Make an empty histogram for values 0..max_value; larger ones count as max_value. max_value >= 0.
 * False when memory is short, *h untouched. Address space: 4 KiB per octave (36 octaves, 147 KB, for a year of
 * microseconds). */
bool surety_histogram_init(struct surety_histogram *h, int64_t max_value);

/** Release the buckets. A zeroed struct is fine. */
void surety_histogram_finish(struct surety_histogram *h);

/** Forget all values, keep the storage. Cost: 4 KiB of stores per touched octave. */
void surety_histogram_clear(struct surety_histogram *h);

/** Count `n` times a value; value < 0 counts as 0. Cost: about 1 ns. No allocation. */
static inline void surety_histogram_add(struct surety_histogram *h, int64_t value, uint64_t n)
{
    size_t k;

    value = value < 0 ? 0 : value;
    k = surety_histogram_bucket(value < h->top ? value : h->top);
    h->counts[k] += n;
    h->touched |= (uint64_t)1 << (k >> SURETY_HISTOGRAM_BITS);
    h->n += n;
}

/** into += from, exactly; both made for the same max_value (asserted). Cost: the touched octaves. */
void surety_histogram_merge(struct surety_histogram *into, const struct surety_histogram *from);

/** Midpoint of a bucket, the value that stands for what was counted in it. Example: bucket 1024 gives 1024. */
int64_t surety_histogram_middle(size_t bucket);

/** Nearest-rank quantile: the midpoint of the bucket that holds the value of rank ceil(share n), at least 1.
 * share in [0,1]. Exact below 1024, relative error <= 1/1024 above. Empty: 0.
 * Example: of 1..1000, share 0.95 gives 950. */
int64_t surety_histogram_quantile(const struct surety_histogram *h, double share);

/** Number of values in buckets that lie wholly at or below `value`; exact for value < 1024. */
uint64_t surety_histogram_n_at_most(const struct surety_histogram *h, int64_t value);

/** The same for values of either sign: the sizes of those below 0, and the others. */
struct surety_signed_histogram {
    struct surety_histogram below, above;
};

/** For -max_size..max_size; what is beyond counts as the end. False when memory is short; finish it then too. */
bool surety_signed_histogram_init(struct surety_signed_histogram *h, int64_t max_size);

/** Release the buckets. A zeroed struct is fine. */
void surety_signed_histogram_finish(struct surety_signed_histogram *h);

/** Count `n` times a value above INT64_MIN. */
void surety_signed_histogram_add(struct surety_signed_histogram *h, int64_t value, uint64_t n);

/** into += from, exactly; both made for the same max_size. */
void surety_signed_histogram_merge(struct surety_signed_histogram *into, const struct surety_signed_histogram *from);

/** Nearest-rank quantile, as surety_histogram_quantile. Example: of -50..49, share 0.05 gives -46. */
int64_t surety_signed_histogram_quantile(const struct surety_signed_histogram *h, double share);

#endif
