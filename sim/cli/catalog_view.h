// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_CATALOG_VIEW_H
#define SURETY_CLI_CATALOG_VIEW_H

#include "sim/scenario/scenario.h"

// The entries of the catalogue as a scenario reads them.

// A scenario whose i-th provider is the i-th entry; to be given to surety_scenario_destroy. SURETY_E_MEMORY, or
// SURETY_E_INPUT when an entry has a mistake, with its diagnostics.
enum surety_err surety_catalog_view(struct surety_diags *diags, struct surety_scenario **out);

// Long-run availability by the laws, in [0, 1]: the product over the outages of 1 - hits x D / (U + D) x weight.
// Weight is the share that fails (by requests; request errors count too), or 1 from down_at on and else 0 (by time).
double surety_catalog_by_requests(const struct surety_provider *provider);
double surety_catalog_by_time(const struct surety_provider *provider, double down_at);

// "2021-02-11 to 2024-08-31", or "assumed" for an entry without dates.
void surety_catalog_window(const struct surety_provider *provider, char out[32]);

// The entry called `word`, `word`-api or `word`-ai; a diagnostic with what is near when there is none.
const struct surety_catalog_entry *surety_catalog_entry_of(const char *word, struct surety_diags *diags);

#endif
