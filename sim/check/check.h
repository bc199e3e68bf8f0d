// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CHECK_CHECK_H
#define SURETY_CHECK_CHECK_H

#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/check/bounds.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stddef.h>

// A contract read without a simulation, as a lawyer and an engineer read it before they sign: what is not said, what
// nobody can keep, what will end in a dispute. One row of surety_check_rules is one rule and one function.

enum surety_finding_grade {
    SURETY_FINDING_REFUSED, // cannot be kept by anybody
    SURETY_FINDING_MISSING, // the clause leaves open what a court or a bill will ask
    SURETY_FINDING_WARNING
};

struct surety_check;

struct surety_check_rule {
    const char *id; // kebab-case, for `explain` and to silence nothing: "perfect-availability"
    enum surety_finding_grade grade;
    const char *clause; // the part of the contract: "availability"
    const char *why;    // one or two sentences
    const char *fix;    // what to write instead
    void (*look)(struct surety_check *check, const struct surety_check_rule *rule);
};

// All rules in the order in which findings are listed; a row with id NULL at the end.
extern const struct surety_check_rule surety_check_rules[];

// The rule with this id; NULL when there is none.
const struct surety_check_rule *surety_check_find(const char *id);

// "refused", "missing", "warning".
const char *surety_finding_grade_name(enum surety_finding_grade grade);

struct surety_finding {
    const struct surety_check_rule *rule;
    struct surety_place place; // of the key, or of the nearest thing that stands above where it is missing
    const char *path;          // of the key, whether it is there or not
    const char *what;          // one sentence, with the numbers
};

// What was found in one contract; everything lives in its arena.
struct surety_checked {
    struct surety_arena arena;
    const char *contract; // its name among several; NULL: the only one
    struct surety_finding *findings;
    size_t n_findings, room;
    struct surety_bound *bounds; // of each architecture that is looked at
    size_t *index;               // its number in the scenario
    size_t n_bounds;
    const char **tiers; // names, and targets in [0, 1]
    double *targets;
    size_t n_tiers;
};

// Applies all rules to the scenario's contract. `plan` is the scenario's; `architecture`: only this one, SIZE_MAX: all. A
// promise is found fault with when no architecture that is looked at can carry it. SURETY_E_MEMORY, or SURETY_E_INPUT when the
// scenario's text cannot be read again. On success the caller calls surety_checked_destroy.
enum surety_err surety_check_run(const struct surety_registry *registry, const struct surety_scenario *scenario,
                                 const struct surety_plan *plan, size_t architecture, struct surety_checked **out);
void surety_checked_destroy(struct surety_checked *checked); // accepts NULL

#endif
