// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_TESTS_RESULT_FIXTURE_H
#define SURETY_TESTS_RESULT_FIXTURE_H

#include "sim/engine/result.h"

// A full result, made up, with every block: four architectures, three tiers, credits, margin, causes, phases, flips, a
// bad month. `name` and `note` are put where a scenario's texts go. To be given to surety_result_destroy.
struct surety_result *result_fixture(const char *name, const char *note);

// The same without everything that may be absent.
struct surety_result *result_fixture_bare(void);

#endif
