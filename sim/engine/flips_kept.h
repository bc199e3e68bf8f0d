// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_FLIPS_KEPT_H
#define SURETY_ENGINE_FLIPS_KEPT_H

#include "sim/engine/result.h"
#include "sim/engine/runner.h"

// What all evaluations of a search for flips share: which terms of the run they look at, the draws of the uncertain
// inputs behind these, and the episodes of the terms as they are. An evaluation changes one input: one source draws new
// episodes, the others' are lent.

struct surety_flip_kept {
    uint64_t n_terms;               // of the largest evaluation
    uint64_t n_groups;              // with uncertain inputs, else 1
    uint64_t terms_a_group;         // so many of each
    uint64_t *groups;               // their numbers in the run
    struct surety_plan_draw *draws; // of each group; NULL: nothing is uncertain
    const struct surety_plan *plan; // of the scenario as it is
    const int64_t **boundaries;     // [term][effect]: as in timeline.h; NULL: not kept
    int64_t **blocks;               // of each group: what they stand in
    const struct surety_run_options *options;
};

// The terms of an evaluation: at most n_wanted, whole groups' shares. With uncertain inputs they are spread over groups
// from the best to the worst of the run, which stand for all of them; the first 16th of the groups, the first 256th, ...
// do so as well. `result` and `plan`: of the run, to outlive this.
enum surety_err surety_flip_kept_init(struct surety_flip_kept *kept, const struct surety_scenario *scenario,
                                      const struct surety_plan *plan, const struct surety_run_options *options,
                                      const struct surety_result *result, uint64_t n_wanted);
void surety_flip_kept_finish(struct surety_flip_kept *kept);

// Threads that a search may use.
unsigned surety_flip_threads(const struct surety_run_options *options);

// The replication behind term `term`.
uint64_t surety_flip_kept_replication(const struct surety_flip_kept *kept, uint64_t term);

#endif
