// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_CAPACITY_H
#define SURETY_PLOTS_CAPACITY_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

#include <stdio.h>

// How full the limited providers of an architecture are, in words, numbers and tables.

// "b carries 31 % of what it can ...", one sentence; n bytes at `text`.
#define SURETY_CAPACITY_TEXT 1024
void surety_capacity_sentence(const struct surety_capacity_result *capacity, char text[SURETY_CAPACITY_TEXT]);

// `capacity` of an architecture; nothing without limits.
void surety_capacity_json(struct surety_json *json, const struct surety_architecture_result *architecture);

// Tables of plots/csv.c: one row a provider; an hour of the week; a load.
void surety_capacity_csv(const struct surety_result *result, FILE *out);
void surety_capacity_hours_csv(const struct surety_result *result, FILE *out);
void surety_capacity_loads_csv(const struct surety_result *result, FILE *out);
bool surety_capacity_has_rows(const struct surety_result *result);

#endif
