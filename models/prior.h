// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_PRIOR_H
#define SURETY_MODELS_PRIOR_H

#include "sim/base/registry.h"

// Classes of services for `observed.prior`; a row with name NULL at the end.
extern const struct surety_prior surety_priors[];

#endif
