// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_RUN_OUTAGE_H
#define SURETY_CLI_RUN_OUTAGE_H

#include "sim/requests/requests.h"

// `--outage NAME=DURATION` into the run's options. NAME: an outage as results call it ("openai.major"), a common cause, or
// a provider, which stands for that of its outages that fails the largest share (the first of several). SURETY_E_INPUT with
// a diagnostic.
enum surety_err surety_run_outage(const char *text, const struct surety_plan *plan, struct surety_diags *diags,
                                  struct surety_requests_options *run);

#endif
