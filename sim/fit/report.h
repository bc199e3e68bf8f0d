// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_REPORT_H
#define SURETY_FIT_REPORT_H

#include "sim/fit/history.h"
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
    bool uncertain;             // what is written are beliefs in the place of laws: causes have to fit into these
};

struct surety_fit_provider {
    const struct surety_fit_wish *wish;
    struct surety_record_episodes *episodes; // cleaned, per grade
    int64_t from_us, until_us; // watched: from the first incident of any grade where nobody says since when
    bool from_is_known;
    struct surety_rhythm rhythm;
    struct surety_outage_model *sources; // n_sources, worst grade first
    size_t n_sources;
    struct surety_track track;            // outages of all grades together, for the dependence
    size_t n_outages;                     // of all sources
    struct surety_history history;        // with `uncertain`, else empty
    struct surety_outage_belief *beliefs; // of history.n_sources at until_us; NULL without `uncertain`
    // What is common is taken out of a provider's own outages, so that it is down for as long as without. A scenario
    // multiplies their starts by own_starts; where causes are included it also lowers them by the causes' hits.
    double own_starts; // 1: nothing is common
    double taken_out;  // share of its downtime that comes from causes, [0, 1)
    bool causes_included;
};

struct surety_fitted_cause {
    struct surety_cause cause; // members are indices of providers
    struct surety_fitted length;
    double length_scale; // times of the law x this have the mean of what was seen
    double failing;      // largest share that failed, its mean over the time in which two or more were down
    double seconds;      // of that time in the record
    const char *grade;   // "severe" or "mild" where events of both kinds were told apart, else NULL
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

// The repair law of a source; another source's where the record tells none.
const struct surety_fitted *surety_fit_repair_of(const struct surety_fit_provider *provider, size_t source);

// The source of that name; n_sources: the record has no such outage.
size_t surety_fit_source_of(const struct surety_fit_provider *provider, const char *name);

// So much of the time may be repairs that a draw of the rate could leave no up time: then laws are written, with ranges.
bool surety_fit_is_busy(const struct surety_outage_belief *belief);

void surety_fit_report_destroy(struct surety_fit_report *report); // accepts NULL

#endif
