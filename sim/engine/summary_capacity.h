// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SUMMARY_CAPACITY_H
#define SURETY_ENGINE_SUMMARY_CAPACITY_H

#include "sim/engine/saturation.h"
#include "sim/engine/summary.h"

// How full the limited providers of architecture `index` are, into out->capacity. False when memory is out.
bool surety_summary_capacity(const struct surety_summary *summary, const struct surety_saturation *saturation,
                             size_t index, struct surety_architecture_result *out);

// Of `wanted` terms so many that the searches behind a run end in time: at least `least`, and about `most_outages` outages
// in all. Controllers that their load keeps moving to and fro count as outages do, and then the least is 64.
uint64_t surety_search_terms(const struct surety_plan *plan, const struct surety_result *result, double wanted,
                             double least, double most_outages);

#endif
