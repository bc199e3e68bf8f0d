// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_SUMMARY_CAPACITY_H
#define SURETY_ENGINE_SUMMARY_CAPACITY_H

#include "sim/engine/saturation.h"
#include "sim/engine/summary.h"

// How full the limited providers of architecture `index` are, into out->capacity. False when memory is out.
bool surety_summary_capacity(const struct surety_summary *summary, const struct surety_saturation *saturation,
                             size_t index, struct surety_architecture_result *out);

#endif
