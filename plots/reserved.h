// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_RESERVED_H
#define SURETY_PLOTS_RESERVED_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

#include <stdio.h>

// Reserved units in the reports.

// Sentences, indented.
void surety_reserved_text(const struct surety_reserved_result *reserved, const char *currency, FILE *out);

// From which utilisation reserving pays, a sentence without a full stop: "reserving pays from 63 % utilisation".
#define SURETY_BREAK_EVEN_SIZE 160
void surety_reserved_break_even(char out[SURETY_BREAK_EVEN_SIZE], const struct surety_reserved_result *reserved);

// The list "reserved" of an architecture; nothing where it reserves none.
void surety_json_reserved(struct surety_json *json, const struct surety_architecture_result *architecture);

#endif
