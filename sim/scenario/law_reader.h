// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_LAW_READER_H
#define SURETY_SCENARIO_LAW_READER_H

#include "sim/base/law.h"
#include "sim/scenario/schema.h"

// Laws as a scenario writes them: `30d`, `{lognormal: {median: 1.2h, p95: 9h, max: 3d}}`, `{mixture: [...]}`,
// `{empirical: {values: [...]}}`. The reader itself is surety_read_law in schema.h.

// Most values that an empirical law may have.
#define SURETY_LAW_MAX_VALUES ((size_t)1000000)

// A duration or a count, as `counts` says, into *out; the value of one parameter or list item.
bool surety_read_quantity(struct surety_reader *reader, const struct surety_ynode *node, const char *path, bool counts,
                          double *out);

// Reads the column `column` of the CSV file `name` beside the scenario. Values have units, or the column's name ends in
// one (`_ms`, `_s`, `_min`, `_h`, `_d`). Empty cells are left out and an assumption says how many. *values is in the
// reader's arena, in the order of the file. Messages are placed at `node`.
bool surety_read_column(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        const char *name, const char *column, bool counts, double **values, size_t *n);

#endif
