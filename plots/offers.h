// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_OFFERS_H
#define SURETY_PLOTS_OFFERS_H

#include "plots/json_writer.h"
#include "sim/engine/result.h"

#include <stdio.h>

// Counter-offers: what can be signed in the place of a tier that cannot. Each writes nothing where none were asked for.

void surety_offers_text(const struct surety_result *result, FILE *out);

// The member "counter_offers" of the map that is open.
void surety_offers_json(struct surety_json *json, const struct surety_result *result);

// The section of the report; `level` as in html_sections.h.
void surety_offers_html(const struct surety_result *result, unsigned level, FILE *out);

// offers.csv, with its head.
void surety_offers_csv(const struct surety_result *result, FILE *out);

#endif
