// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_BACKTEST_RECORD_H
#define SURETY_ENGINE_BACKTEST_RECORD_H

#include "sim/engine/backtest.h"
#include "sim/record/episodes.h"

// From records of incidents to what a backtest is run on.

// Which incidents of a record are a provider's.
struct surety_backtest_binding {
    const char *provider; // of the scenario
    const struct surety_record *record;
    const char *const *components;
    size_t n_components; // 0: all of them
};

struct surety_backtest_records {
    struct surety_arena arena; // holds everything below
    struct surety_history *histories;
    size_t n_histories;
    struct surety_date first; // month 0: the first that a record covers as a whole
    int64_t *months_us;       // n_months + 1, first instants of months in the term's zone
    size_t n_months;
    double *realised; // [architecture][month], NAN: not covered
};

// Outages per grade, overlapping ones of one grade put together, each with the share of requests that the profile gives
// its grade. profile NULL: the default. SURETY_E_INPUT with diagnostics: two bindings of one provider, one of a provider
// that the scenario does not have, records that have no outages of the components, no whole month. The caller
// destroys *out.
enum surety_err surety_backtest_records_make(const struct surety_scenario *scenario,
                                             const struct surety_backtest_binding *bindings, size_t n_bindings,
                                             const struct surety_severity_profile *profile, struct surety_diags *diags,
                                             struct surety_backtest_records **out);

void surety_backtest_records_destroy(struct surety_backtest_records *records); // accepts NULL

#endif
