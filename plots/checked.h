// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_CHECKED_H
#define SURETY_PLOTS_CHECKED_H

#include "sim/check/check.h"

#include <stdio.h>

// What `surety check` writes of n contracts of one scenario. sets: paths of the `--set` options, for places.
void surety_report_checked_text(const struct surety_scenario *scenario, struct surety_checked *const *checked, size_t n,
                                FILE *out);
void surety_report_checked_json(const struct surety_scenario *scenario, struct surety_checked *const *checked, size_t n,
                                FILE *out);

// What `surety explain ID` prints of a rule.
void surety_report_rule(const struct surety_check_rule *rule, FILE *out);

// Findings of all n contracts.
size_t surety_checked_count(struct surety_checked *const *checked, size_t n);

#endif
