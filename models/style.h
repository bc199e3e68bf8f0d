// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_STYLE_H
#define SURETY_MODELS_STYLE_H

#include "sim/base/registry.h"

// The styles of contract, with where each clause was read. A row with name NULL at the end.
extern const struct surety_style surety_styles[];

// Their names, NULL at the end.
extern const char *const surety_style_words[];

#endif
