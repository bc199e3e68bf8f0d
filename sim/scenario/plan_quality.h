// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_PLAN_QUALITY_H
#define SURETY_SCENARIO_PLAN_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the plan knows of quality.

struct surety_provider;
struct surety_sampler;
struct surety_suite;

// What is counted by itself: a suite, or one named scenario of it.
struct surety_plan_check {
    const char *name;
    uint32_t suite;
    double *rate;    // true pass rate at each provider; negative: not known
    uint32_t stream; // index = number of the run; of issues: the window
};

struct surety_plan_suite {
    const char *name;
    int kind;           // enum surety_suite_kind
    int64_t n_cases;    // of a run and check
    int64_t every_us;   // runs at 0, every, 2 every, ...; of issues SURETY_NEVER
    double sensitivity; // P(passed | right); of issues: no report of a task that is right
    double specificity; // P(failed | wrong); of issues: a report of a task that is not
    bool adjusted;
    bool issues;
    uint32_t demand; // whose requests weigh; UINT32_MAX: all
    uint32_t first_check, n_checks;
    double per_case; // NAN: what a request costs in the normal state
};

// One promise of a tier. A window's reading of a check is met when passed x 1e9 >= bar_ppb x cases.
struct surety_plan_quality_target {
    uint32_t tier, suite;
    int64_t rate_ppb; // promised: of issues 1 - their rate
    int64_t bar_ppb;  // of the share that the judge passes: rate_ppb, or with `adjusted` what that is judged as
};

// New versions of a provider's model.
struct surety_plan_model_changes {
    uint32_t provider;
    double mean_gap_us, p_worse;
    struct surety_sampler *drop; // percentage points
    uint64_t law_hash;           // of that law
    // streams: index = number of the change; of the run
    uint32_t gap_stream, worse_stream, drop_stream, eval_stream;
    bool has_evals;
    uint32_t suite, check; // of the evals
    int64_t n_cases, every_us, below_ppb, rollback_us;
};

struct surety_plan_quality {
    struct surety_plan_model_changes *changes;
    size_t n_changes;
    bool borrows_changes; // another plan owns their laws
    struct surety_plan_suite *suites;
    struct surety_plan_check *checks;
    struct surety_plan_quality_target *targets;
    size_t n_suites, n_checks, n_targets;
    double wrong_at_most;
};

// Whether the provider says how well it does in the suite or, with `scenario`, in that named scenario of it; then the
// share in *out. The scenario's own entry counts before the suite's.
bool surety_pass_rate_of(const struct surety_provider *provider, const struct surety_suite *suite, const char *scenario,
                         double *out);

#endif
