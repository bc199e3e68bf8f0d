// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_RECORDED_SPAN_H
#define SURETY_SCENARIO_RECORDED_SPAN_H

#include "sim/scenario/schema.h"

// Finds the whole weeks that records with blocks of one length have in common, of all providers that an architecture
// uses, into common_from_us and n_weeks; says what was cut. Reports records that do not overlap by a week, and blocks
// longer than what is left.
void surety_settle_records(struct surety_reader *reader);

#endif
