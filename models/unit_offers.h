// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_UNIT_OFFERS_H
#define SURETY_MODELS_UNIT_OFFERS_H

#include "sim/base/registry.h"

// Offers of reserved units for `reserved: {use: NAME}`; a row with name NULL at the end.
extern const struct surety_unit_offer surety_unit_offers[];

// A price that is told and not used: whoever believes it writes it.
struct surety_hearsay {
    const char *what, *price, *as_of, *source;
    const char *standing; // "third party", "unverified"
};

// A row with what NULL at the end.
extern const struct surety_hearsay surety_hearsay[];

#endif
