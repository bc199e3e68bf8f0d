// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_OUTAGES_H
#define SURETY_FIT_OUTAGES_H

#include "sim/fit/dependence.h"
#include "sim/fit/distance.h"
#include "sim/fit/rhythm.h"

// From the cleaned outages of a record to what a scenario says about them: laws of up and repair times, the weekly
// rhythm and common causes. Plain data in, plain data out; whoever forecasts from a record calls this too.

// The outages of one kind at one provider: what becomes an entry of `outages`.
struct surety_outage_series {
    const char *name;                  // "major"
    const struct surety_episode *list; // n, rising and disjoint, in [from, until); Unix microseconds
    size_t n;
    const double *lengths; // seconds, n: as they are to be fitted (winsorised, say); NULL: those of the list.
                           // Not positive: the record does not tell it
    bool last_is_open;     // the last one had not ended when the record did: a lower bound
    double failing;        // share of the requests that fail, [0, 1]
    double failing_low, failing_high; // what it may be
    int64_t from_us, until_us;
    bool from_is_known; // watched since `from` whether or not anything happened; else the record begins with an outage
                        // and the time before the first one is not used
};

#define SURETY_FIT_ALL_LAWS ((1u << SURETY_N_FITS) - 1)

struct surety_outage_options {
    unsigned laws;       // bit i: enum surety_fit_kind i may be chosen
    size_t n_replicates; // of the bootstraps; 0: no p-values
    double confidence;
    uint64_t seed;
};

// All laws, 199 replicates, 95 %, seed 1.
struct surety_outage_options surety_outage_options_default(void);

// The laws of one kind of duration.
struct surety_fitted {
    struct surety_fit fits[SURETY_N_FITS]; // those that were not asked for too
    enum surety_fit_kind chosen;           // SURETY_N_FITS: none
    struct surety_sample sample;           // in the arena, seconds; up times in operational time
    double mean;                           // of the chosen law, or, without one, of what is said below; seconds
};

struct surety_outage_model {
    struct surety_outage_series series;
    // Up times, in operational time under the rhythm. Without a law (no outage at all) the mean is that of half an
    // outage in the time watched: the mean of Jeffreys' posterior of a rate.
    struct surety_fitted up;
    struct surety_fitted
        repair;                // without a law: all that was seen of them is open, and the mean is that of half an end
                               // in that time; NAN: the record tells nothing
    double up_s;               // time watched without an outage of this kind: the exposure of the rate
    double share_down;         // of the time watched, in the record
    double share_down_by_laws; // E[D] / (E[U] + E[D]); NAN without laws
};

// Fits up and repair times; both samples live in the arena. SURETY_E_MEMORY.
enum surety_err surety_outage_fit(const struct surety_outage_series *series, const struct surety_rhythm *rhythm,
                                  const struct surety_outage_options *options, struct surety_arena *arena,
                                  struct surety_outage_model *out);

// Fits a sample with all laws and chooses: what surety_outage_fit does twice. SURETY_E_MEMORY.
enum surety_err surety_fit_all(const struct surety_sample *sample, const struct surety_outage_options *options,
                               struct surety_fitted *out);

#endif
