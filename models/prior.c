// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/prior.h"

#define DAY_S 86400.0

// A class counts as one outage in the time that it takes on average: the shape 1 scored best of 0.25, 0.5, 1, 2 and 4 in
// one-month-ahead forecasts (continuous ranked probability score of monthly availability; 193 forecasts from rolling
// origins, the class pooled over the other services before the origin). The same forecasts gave the defaults of
// half_life (90 d; 60 to 120 d are equal), dispersion (1), drift (1 a year) and spread (1.1), see docs/semantics.md.
#define LLM                                                                                                            \
    "Pooled rate of eight services of three vendors, public status pages 2021-02 to 2024-08 (Chu et al., ICPE 2025)"
#define PLATFORM "Rate of GitHub's API requests and Git operations, public status page 2022-03 to 2026-08"
#define ASSUMED "An assumption: no record"

const struct surety_prior surety_priors[] = {
    {"llm-api", "model APIs and their applications, any outage", 1, 15.5 * DAY_S, LLM},
    {"llm-api-partial", "model APIs and their applications, partial outages", 1, 21.9 * DAY_S, LLM},
    {"llm-api-major", "model APIs and their applications, major outages", 1, 52.9 * DAY_S, LLM},
    {"developer-platform-partial", "platforms for developers, partial outages", 1, 18.3 * DAY_S, PLATFORM},
    {"developer-platform-major", "platforms for developers, major outages", 1, 42.5 * DAY_S, PLATFORM},
    {"general-partial", "any service, partial outages", 1, 30.4 * DAY_S, ASSUMED},
    {"general-major", "any service, major outages", 1, 60.9 * DAY_S, ASSUMED},
    {"jeffreys", "nothing is known: Jeffreys' prior of a Poisson rate", 0.5, 0, "Jeffreys (1961)"},
    {NULL, NULL, 0, 0, NULL},
};
