// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_OUTAGE_H
#define SURETY_MODELS_OUTAGE_H

#include "sim/base/registry.h"

// Rows of one outage of a provider, into struct surety_outage. `incidents: r` becomes a time to failure with the mean
// 1/r - E[time to repair]: 9/year with 1h gives 3503000 s.
extern const struct surety_fields surety_outage_fields;

// What outage_rows.inc needs, and the check of several keys, for tables that begin with the same rows.
extern const struct surety_fields surety_outage_incident_fields;
extern const char *const surety_outage_fails_words[], *const surety_outage_fails_later[];
bool surety_outage_read_incidents(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                                  void *out);
void surety_outage_check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                         bool clean);

// Solves incidents_per_s and incidents_shape, with time_to_repair, into time_to_failure. NULL, or what is wrong.
struct surety_outage;
const char *surety_outage_solve(struct surety_outage *outage);

#endif
