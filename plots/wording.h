// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_WORDING_H
#define SURETY_PLOTS_WORDING_H

#include "plots/human.h"
#include "sim/engine/result.h"

#include <stdbool.h>
#include <stddef.h>

// What the report, its figures and the terminal plots say in the same words, and the numbers they read off a result.

// A copy of `text` fit for one line: control characters as \xNN, bytes that are no UTF-8 as U+FFFD, cut to `most`
// characters with an ellipsis (0: never). Heap, the caller's; NULL when memory is out.
char *surety_wording_clean(const char *text, size_t most);

// Length in bytes of the UTF-8 sequence at `text` (shortest form, no surrogates), 0 when there is none, or when
// it turns the writing direction.
size_t surety_wording_utf8_length(const char *text);

// An amount with its currency, three significant digits or whole units: 14000 -> "14,000 USD", 0.0471 -> "0.0471 USD".
// NaN -> "-".
void surety_wording_money(char out[SURETY_HUMAN_SIZE], double amount, const char *currency);

// The value of an input in the unit of its flip: durations and shares in words, {9, "1/year"} -> "9/year".
void surety_wording_flip_value(char out[SURETY_HUMAN_SIZE], double value, const char *unit);

// "month", "quarter" or "window": what a window of the contract is called.
const char *surety_wording_window(const struct surety_result *result);

// "safe", "priced", "no".
const char *surety_wording_outcome(enum surety_outcome outcome);

// A tier's outcome; `signable` alone is enough for safe.
enum surety_outcome surety_wording_tier_outcome(const struct surety_tier_result *tier);

// What the report is about: the verdict's architecture and tier.
struct surety_focus {
    const struct surety_architecture_result *architecture; // NULL: the result has none, or no tiers
    const struct surety_tier_result *tier;
    size_t i_architecture, i_tier;
    enum surety_outcome outcome;
};
struct surety_focus surety_wording_focus(const struct surety_result *result);

// The `i`-th architecture in the order of the figures: the verdict's first, then the file's order.
size_t surety_wording_order(const struct surety_result *result, size_t i);

// Share of the windows with more downtime than `downtime_s`, from the histogram; NAN without one.
double surety_wording_exceedance(const struct surety_architecture_result *architecture, double downtime_s);

// "first_token" -> "the first token"; an unknown one is itself.
const char *surety_wording_metric(const char *metric);

// Which of the uncertain inputs go with the verdict's tier: "Of the uncertain inputs ... matters most". "" without any
// that does.
void surety_wording_inputs(char *out, size_t size, const struct surety_result *result);

// What a phase of downtime is called for readers: "detection" -> "until noticed"; an unknown one is itself.
const char *surety_wording_phase(const char *phase);

#endif
