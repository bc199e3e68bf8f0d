// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_EXPLAIN_H
#define SURETY_SCENARIO_EXPLAIN_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/base/registry.h"

#include <stdio.h>

// Writes what `word` means to `out`: a key ("detect"), a path ("providers.openai.outages"), a type of route, a law, or
// the id of a message ("unknown-key"). When there is no such thing, SURETY_E_INPUT and a message with the nearest word.
enum surety_err surety_explain(const struct surety_registry *registry, const char *word, struct surety_diags *diags,
                               FILE *out);

#endif
