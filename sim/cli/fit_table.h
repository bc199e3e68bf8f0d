// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_FIT_TABLE_H
#define SURETY_CLI_FIT_TABLE_H

#include "sim/cli/options.h"

// `surety fit outages --table icpe25 FILE`: the table that Chu et al. (ICPE 2025, arXiv 2501.12469) print of a record,
// by their rules, as CSV; with --json also the laws of both series, by maximum likelihood.
//
// Of incidents: those whose stage times go backwards are dropped, an incident counts for each of its services; mttr_h is
// the mean of resolved - min(investigating, identified, monitoring), mtbf_d the mean difference of consecutive starts.
// Of minutes a day: the mean, over days, of 1 - minutes / 1440, partial outages weighed 0.3; the lowest day; days
// without an outage and with one.
enum surety_err surety_fit_table(const struct surety_options *options, struct surety_diags *diags);

#endif
