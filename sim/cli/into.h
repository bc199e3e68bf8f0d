// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_INTO_H
#define SURETY_CLI_INTO_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "plots/responses.h"

#include <stdbool.h>

// The text of the scenario `path` with the report's providers in it: `outages`, `weekly_rhythm`, `source` and `note` of
// the providers of these names are replaced or added, as are the common causes; all other text, comments among it, stays
// as it is. Where there is no such file, a whole scenario. The result was read as a scenario and has no mistake; else
// SURETY_E_INPUT and nothing is to be written. *text is heap, the caller's.
enum surety_err surety_into_text(const char *path, const struct surety_fit_report *report, bool uncertain,
                                 struct surety_diags *diags, char **text);

// The same with measured latencies: `latency` of the providers of these names, which the scenario must have, and `note`
// where they have none: else the data's name stands as a comment behind `latency`.
enum surety_err surety_into_latency(const char *path, const struct surety_response_fit *fits, size_t n,
                                    struct surety_diags *diags, char **text);

#endif
