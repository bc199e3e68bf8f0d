// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_FIT_LATENCY_H
#define SURETY_CLI_FIT_LATENCY_H

#include "sim/cli/options.h"

// `surety fit latency [NAME=]FILE...`: laws of measured latencies, printed or put into a scenario.
enum surety_err surety_fit_latency(const struct surety_options *options, struct surety_diags *diags);

// Whether all options that were given go with `fit WHAT`; false after a message for each that does not.
bool surety_fit_knows(const char *what, const struct surety_options *options, struct surety_diags *diags);

#endif
