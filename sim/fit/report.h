// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_REPORT_H
#define SURETY_FIT_REPORT_H

#include "sim/fit/outages.h"
#include "sim/record/episodes.h"

// What records of incidents say about a set of providers: everything that `surety fit outages` prints, and that
// whoever forecasts from records needs. Plain data; writers are in plots/.

// One provider to be fitted: which incidents of which record.
struct surety_fit_wish {
    const char *name; // [A-Za-z][A-Za-z0-9_-]*
    const struct surety_record *record;
    const char *provider;          // incidents of this provider only; NULL: all
    const char *const *components; // n_components; 0: all
    size_t n_components;
};

// How all of them are read.
struct surety_fit_request {
    const struct surety_fit_wish *wishes;
    size_t n;
    struct surety_episode_options cleaning; // provider and components are taken from the wishes, merge is per grade
    struct surety_outage_options fitting;
    size_t n_rhythm_replicates; // usually 999
    bool skip_empty;            // a provider without outages, or watched for less than a day, is left out, not an error
    bool recent;                // rates will be written as surety_outage_recent has them: causes have to fit in
};

struct surety_fit_provider {
    const struct surety_fit_wish *wish;
    struct surety_record_episodes *episodes; // cleaned, per grade
    int64_t from_us, until_us; // watched: from the first incident of any grade where nobody says since when
    bool from_is_known;
    struct surety_rhythm rhythm;
    struct surety_outage_model *sources; // n_sources, worst grade first
    size_t n_sources;
    struct surety_track track; // outages of all grades together, for the dependence
    size_t n_outages;          // of all sources
    // What a scenario multiplies the starts of its outages by, >= 1. Causes that are included take as many starts away,
    // but are over when one member is up again: the factor makes up for the time that the others stay down.
    double own_starts;
};

struct surety_fitted_cause {
    struct surety_cause cause; // members are indices of providers
    struct surety_fitted length;
};

struct surety_fit_report {
    struct surety_arena arena;
    const struct surety_severity_profile *profile;
    double confidence;
    size_t n_replicates;
    struct surety_fit_provider *providers;
    size_t n;
    const char **skipped; // names of providers that were left out, n_skipped
    size_t n_skipped;
    struct surety_rhythm rhythm; // of all together
    const char *rhythm_note;     // why no rhythm was looked for; NULL: it was
    struct surety_pair *pairs;
    size_t n_pairs;
    struct surety_fitted_cause *causes;
    size_t n_causes;
};

// Cleans, fits and tests. Errors of the cleaning; SURETY_E_INPUT when a provider has no outage at all; SURETY_E_MEMORY.
// The wishes and their records must outlive the report. The caller destroys *out.
enum surety_err surety_fit_report_create(const struct surety_fit_request *request, struct surety_diags *diags,
                                         struct surety_fit_report **out);

void surety_fit_report_destroy(struct surety_fit_report *report); // accepts NULL

#endif
