// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_SCENARIO_UNITS_H
#define SURETY_SCENARIO_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Values with units, as SCENARIO.md "Values" defines them. Each parser reads the whole text; trailing text is an
// error. Numbers are plain decimals in any locale: `010` is ten, `1e-3` is fine, hexadecimal is not. On failure the
// out-parameters stay untouched and `problem` says what is wrong and what to write.

// What is wrong with a value, for a reader who is not a programmer.
struct surety_problem {
    char what[200], hint[200]; // hint "": none
};

// No duration is longer: 1e12 s is about 31,700 years, and its microseconds fit an int64_t.
#define SURETY_LONGEST_S 1e12

// `0.77` -> 0.77. Any finite number.
bool surety_parse_number(const char *text, double *out, struct surety_problem *problem);

// `12` -> 12. A whole number with |x| <= 9e15.
bool surety_parse_integer(const char *text, int64_t *out, struct surety_problem *problem);

// `350ms` `45s` `5m` `1.5h` `30d` `2w` -> seconds; `1.5h` -> 5400. A bare number is refused.
bool surety_parse_duration(const char *text, double *out_s, struct surety_problem *problem);

// `99.95%` or `0.9995` -> 1e-9: 999500000. In [0, 1]; finer than 1e-9 next to 0 or 1 is refused.
bool surety_parse_share(const char *text, int64_t *out_ppb, struct surety_problem *problem);

// `1.6x` -> 1.6. Greater than 0.
bool surety_parse_factor(const char *text, double *out, struct surety_problem *problem);

// `-2pp` -> -0.02, rounded to 1e-9. In [-1, 1].
bool surety_parse_points(const char *text, double *out, struct surety_problem *problem);

// `2%/month` -> 0.02. Greater than -1.
bool surety_parse_growth(const char *text, double *out, struct surety_problem *problem);

// `40/min`, `9/year`, `200k/month` -> per second; a year is 365 days, a month 365/12.
bool surety_parse_rate(const char *text, double *out_per_s, struct surety_problem *problem);

// `200`, `1.1k`, `2M` -> 200, 1100, 2000000. Not negative.
bool surety_parse_count(const char *text, double *out, struct surety_problem *problem);

// `24000 USD/month` -> 24000 and "USD". `per` lists the allowed denominators, separated by blanks, the usual one first:
// "month year week day hour", "Mtok ktok tok", "min s h", "request", "task". The amount is per month (365/12 days), token,
// second, request, task.
bool surety_parse_money(const char *text, const char *per, double *out, char currency[4],
                        struct surety_problem *problem);

// Writes a duration for a reader: 5400 -> "1.5h", 45 -> "45s", 3504000 -> "40.5556d" (six digits).
void surety_format_duration(double seconds, char out[32]);

#endif
