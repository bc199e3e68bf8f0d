// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_TERM_H
#define SURETY_MODELS_TERM_H

#include "sim/base/registry.h"

// Rows of `term`, into struct surety_term.
extern const struct surety_fields surety_term_fields;

#endif
