// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_RECORD_EPISODES_H
#define SURETY_RECORD_EPISODES_H

#include "sim/record/severity.h"

// From incidents to outages: chosen, put together where they overlap, cut to what was watched. A page opens several
// incidents for one outage, and one incident stands once per component; their lengths must not be added.

enum surety_record_merge {
    SURETY_MERGE_PER_GRADE, // overlapping or touching incidents of one grade are one outage; grades stay apart and may
                            // overlap each other
    SURETY_MERGE_UNION,     // of all grades: an outage begins with the first and ends with the last, its grade is the
                            // worst one that occurs
    SURETY_MERGE_WORST      // at each instant the worst share counts; an outage is a stretch of one grade and share
};

struct surety_episode_options {
    // Filters. An incident passes that names one of the components (compared without case); one without any component
    // does not, and is counted. provider NULL: any.
    const char *const *components;
    size_t n_components; // 0: all, named or not
    const char *provider;
    unsigned grades; // bits 1 << grade; 0: those that fail a positive share
    bool has_from, has_until;
    int64_t from_us, until_us;                     // in place of the record's span
    const struct surety_severity_profile *profile; // NULL: the default
    enum surety_record_merge merge;
    // Winsorising: an outage longer than the cap ends with it. cap_us 0: none. cap_quantile in (0, 1): the cap of a
    // grade is that quantile (nearest rank) of its closed outages; 0: none. The smaller one counts.
    int64_t cap_us;
    double cap_quantile;
    bool drop_open; // incidents that the record does not close are left out; else they last until its end
};

struct surety_record_episode {
    int64_t from_us, to_us; // from < to
    enum surety_grade grade;
    double share;       // of requests failing: its mean over the outage, at each instant the worst incident's
    bool censored;      // still on when the record ends: it lasted at least so long
    bool cut_at_start;  // on when the record begins
    size_t n_incidents; // that were put together
};

// An outage that winsorising shortened.
struct surety_record_capped {
    int64_t from_us, to_us, new_to_us;
    enum surety_grade grade;
};

// By start, then grade; disjoint and apart within a grade (per grade) or altogether (union, worst: those may touch).
struct surety_record_episodes {
    struct surety_record_episode *list;
    size_t n;
    struct surety_record_capped *capped;
    size_t n_capped;
    int64_t from_us, until_us; // watched
    size_t n_incidents;        // that passed the filters and have a length inside the span
    size_t n_united;           // of those, left out as the same outage of another component (same times and grade)
    size_t n_open;             // of those, still open at the end of the record
    size_t n_instants;         // passed the filters, but have no length
    size_t n_unnamed;          // named no component while components were asked for
    size_t n_outside;          // left out because they lie outside the span that was watched
    size_t n_failing_nothing;  // left out because no request fails under their grade
};

// The outages in several records of the same service(s). Errors: SURETY_D_RECORD_SPAN when nothing was watched,
// SURETY_D_RECORD_FORMAT when components are asked for and the records name none of them. Cost n log n. The caller
// destroys *out.
enum surety_err surety_record_episodes_create(const struct surety_record *const *records, size_t n_records,
                                              const struct surety_episode_options *options, struct surety_diags *diags,
                                              struct surety_record_episodes **out);

void surety_record_episodes_destroy(struct surety_record_episodes *episodes); // accepts NULL

#endif
