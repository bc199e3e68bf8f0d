// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_INTO_CUT_H
#define SURETY_CLI_INTO_CUT_H

#include "plots/responses.h"
#include "sim/base/arena.h"
#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/scenario/ytree.h"

#include <stdbool.h>
#include <stdio.h>

// Sets one key of a scenario's text and leaves every other byte, comments among them, as it is.

// A scenario's text under the knife. After each cut it is read anew, so that all places are true.
struct surety_patient {
    const char *path;
    char *text; // heap
    struct surety_arena arena;
    struct surety_diags *diags;
    struct surety_ynode *root;
};

// What a key is to be set to, laid out both ways.
struct surety_setting {
    const char *key;
    void (*put)(const struct surety_setting *setting, struct surety_fit_style style, FILE *out); // as surety_fit_value
    const struct surety_fit_report *report;
    size_t index;
    enum surety_fit_key which;
    bool uncertain;
    const struct surety_response_fit *latency; // in the place of the report
    enum surety_response_key latency_key;
};

// Reads the tree anew from the text. SURETY_E_INPUT with messages, SURETY_E_MEMORY.
enum surety_err surety_patient_read(struct surety_patient *p);

// Replaces the key of `map`, a node of the patient's tree, or adds it; nodes known before are gone afterwards.
// SURETY_E_INPUT with a message where `map` cannot take a key, SURETY_E_MEMORY.
enum surety_err surety_patient_set(struct surety_patient *p, const struct surety_ynode *map,
                                   const struct surety_setting *setting);

#endif
