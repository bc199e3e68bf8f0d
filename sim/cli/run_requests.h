// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_RUN_REQUESTS_H
#define SURETY_CLI_RUN_REQUESTS_H

#include "sim/cli/command.h"

// `run --engine ...`: which engine is meant, and whether the options fit it. *requests: the request-level one.
enum surety_err surety_run_engine(const struct surety_options *options, struct surety_diags *diags, bool *requests);

// `run --engine requests`.
enum surety_err surety_run_requests(const struct surety_options *options, struct surety_diags *diags);

#endif
