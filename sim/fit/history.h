// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_HISTORY_H
#define SURETY_FIT_HISTORY_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/fit/belief.h"
#include "sim/record/episodes.h"

#include <stdint.h>

// Records side by side, and what is believed of one of them at an instant: forecasts (`surety backtest`) and scenarios
// (`surety fit outages --uncertain`) are made of the same numbers.

// Outages of one kind in a provider's record; times are microseconds of Unix time.
struct surety_history_outage {
    int64_t start_us, end_us; // end_us > start_us; beyond the record's end: it was still going on
};

struct surety_history_source {
    const char *name;                            // of the outage in the scenario: "partial"
    double failing;                              // share of requests that fail meanwhile, in (0, 1]
    bool major;                                  // which general assumption holds where nothing is known
    const struct surety_history_outage *outages; // n, by start
    size_t n;
};

// A provider's record, watched in [from_us, until_us). Its sources replace the provider's outages in the scenario.
struct surety_history {
    const char *provider;
    int64_t from_us, until_us;
    const struct surety_history_source *sources;
    size_t n_sources;
};

// A source for each grade that occurs, and for partial and major outages in any case: none so far is no rate of zero.
// Grades under which no request fails are none. `episodes` are per grade. All of it is in the arena, but for
// `provider`, which is borrowed. SURETY_E_MEMORY.
enum surety_err surety_history_make(struct surety_arena *arena, const char *provider,
                                    const struct surety_record_episodes *episodes,
                                    const struct surety_severity_profile *profile, struct surety_history *out);

// What is believed of a source of history `index` at `origin_us`, from nothing later: its own outages, aged, and as
// the pool those of that name in the other histories. SURETY_E_MEMORY.
enum surety_err surety_history_belief(const struct surety_history *histories, size_t n_histories, size_t index,
                                      size_t source, int64_t origin_us, const struct surety_belief_settings *settings,
                                      struct surety_outage_belief *out);

#endif
