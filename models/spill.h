// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_SPILL_H
#define SURETY_MODELS_SPILL_H

#include "sim/base/ppb.h"
#include "sim/base/registry.h"

// Requests that a full route turns away and that go on to the next one (`overload: next`): in the order of the routes, the
// first behind the last, to each healthy one once. What finds no other fails.

// Share of the requests at route i that fail for good: what it turns away is not its failure. A route is healthy while
// this is below the threshold.
static inline double surety_spill_kept(const struct surety_node_view *view, size_t i)
{
    return view->child_spill == NULL ? *view->child_f[i] : *view->child_f[i] - *view->child_spill[i];
}

static inline bool surety_spill_healthy(const struct surety_node_view *view, size_t i, int64_t trip_ppb)
{
    return !surety_reaches(surety_spill_kept(view, i), trip_ppb);
}

// Share failing of the requests that are sent to route `from` first.
double surety_spill_failing(const struct surety_node_view *view, size_t from, int64_t trip_ppb);

// Adds what `share` of the requests, sent to route `from` first, bring to each route.
void surety_spill_load(const struct surety_node_view *view, size_t from, double share, int64_t trip_ppb, double *load);

#endif
