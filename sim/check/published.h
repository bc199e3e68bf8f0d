// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CHECK_PUBLISHED_H
#define SURETY_CHECK_PUBLISHED_H

// What vendors publish of the availability of catalogue entries: a threshold for a refund, not an estimate.
struct surety_published_sla {
    const char *entry;   // of the catalogue
    double availability; // in [0, 1]
    const char *source, *as_of;
};

// The row of a catalogue entry; NULL: nothing is known, or nothing is published.
const struct surety_published_sla *surety_published_sla(const char *entry);

#endif
