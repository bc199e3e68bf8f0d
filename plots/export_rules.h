// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_EXPORT_RULES_H
#define SURETY_PLOTS_EXPORT_RULES_H

#include "plots/export.h"

#include <stdio.h>

// Rules of Prometheus for what a tier promises beside availability, and what all rules share.

#define SURETY_RULE_MOST_WINDOWS 64

struct surety_rule_windows {
    double s[SURETY_RULE_MOST_WINDOWS];
    size_t n;
};

// The text as a part of a rule's name: a slug with '_' in the place of '-'.
void surety_rule_name(char out[SURETY_SLUG_SIZE], const char *text);

// The head of a recording rule, up to its expression.
void surety_rule_record(FILE *out, const char *name, const char *service);

// A multiwindow alert: `ratio` over both windows is at least the alert's burn times the budget. of: what burns.
void surety_rule_alert(const struct surety_alert *alert, const char *service, const char *ratio, const char *title,
                       double budget, const char *of, FILE *out);

// Labels and annotation of an alert.
void surety_rule_labels(const char *service, const char *severity, const char *name, const char *summary, FILE *out);

// The metrics that the promises' rules read, as the rest of a comment.
void surety_rules_needs(const struct surety_export *e, FILE *out);

// A group for each promise of latency, quality and cost. window_s: of the contract, whole days.
void surety_rules_of_promises(const struct surety_export *e, const char *service,
                              const struct surety_rule_windows *windows, double window_s, FILE *out);

#endif
