// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_REQUIRING_H
#define SURETY_CLI_REQUIRING_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/cli/answering.h"
#include "sim/engine/verdict.h"

// What `--require [CONTRACT.]TIER[@ARCHITECTURE][:safe|priced]` asks for. A scenario with one `contract` has no name
// for it; of several `contracts` one has to be named.
struct surety_required {
    const char *text; // as given; NULL: nothing is required
    size_t contract;  // index; 0 for one contract
    struct surety_requirement requirement;
};

// Reads it before the run, so that a slip of the pen is found at once. SURETY_E_INPUT with a diagnostic.
enum surety_err surety_required_read(const char *text, const struct surety_answering *answering,
                                     struct surety_diags *diags, struct surety_required *out);

// Whether it holds; true when nothing is required.
bool surety_required_holds(const struct surety_required *required, const struct surety_answering *answering);

#endif
