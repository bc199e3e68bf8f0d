// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/run_outage.h"

#include "sim/scenario/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE ((struct surety_place){0, 0})
#define MOST_NAME 200

// The outage of a provider that fails the largest share of its requests; SIZE_MAX: it has none.
static size_t worst_of(const struct surety_plan *plan, uint32_t provider)
{
    size_t worst = SIZE_MAX;
    double most = 0;
    for (size_t s = 0; s < plan->n_sources; s++) {
        const struct surety_plan_source *source = &plan->sources[s];
        const struct surety_plan_effect *effect = &plan->effects[source->effects[0]];
        if (source->kind == SURETY_SOURCE_COMMON_CAUSE || source->kind == SURETY_SOURCE_MAINTENANCE ||
            effect->provider != provider || effect->failing <= most)
            continue;
        worst = s;
        most = effect->failing;
    }
    return worst;
}

static size_t find(const struct surety_plan *plan, const char *name)
{
    for (size_t s = 0; s < plan->n_sources; s++)
        if (strcmp(plan->sources[s].name, name) == 0)
            return s;
    for (uint32_t p = 0; p < plan->n_providers; p++)
        if (strcmp(plan->providers[p].name, name) == 0)
            return worst_of(plan, p);
    return SIZE_MAX;
}

// What there is, for who wrote something else.
static enum surety_err no_such(const char *name, const struct surety_plan *plan, struct surety_diags *diags)
{
    char hint[400];
    const char **names = calloc(plan->n_sources + 1, sizeof *names);
    size_t at = 0;
    for (size_t s = 0; names != NULL && s < plan->n_sources; s++)
        names[s] = plan->sources[s].name;
    const char *near =
        names != NULL && plan->n_sources > 0 ? surety_did_you_mean(name, names, plan->n_sources, sizeof *names) : NULL;
    hint[0] = '\0';
    if (near != NULL)
        at += (size_t)snprintf(hint, sizeof hint, "did you mean \"%.*s\"?", MOST_NAME, near);
    else if (plan->n_sources == 0)
        at += (size_t)snprintf(hint, sizeof hint, "give a provider an outage, such as `outages: {crash: {...}}`");
    for (size_t s = 0; near == NULL && s < plan->n_sources && at + MOST_NAME < sizeof hint; s++)
        at += (size_t)snprintf(hint + at, sizeof hint - at, "%s%.*s", s > 0 ? ", " : "one of ", MOST_NAME / 2,
                               plan->sources[s].name);
    free(names);
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "--outage: the scenario has no outage \"%.*s\"",
                    MOST_NAME, name);
    return SURETY_E_INPUT;
}

enum surety_err surety_run_outage(const char *text, const struct surety_plan *plan, struct surety_diags *diags,
                                  struct surety_requests_options *run)
{
    char name[MOST_NAME];
    struct surety_problem problem = {"", ""};
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof name ||
        !surety_parse_duration(equals + 1, &run->outage_s, &problem) || !(run->outage_s >= 1e-3)) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL,
                        "an outage and how long it lasts, such as openai.major=20m",
                        "\"%.*s\" is not a value for --outage", MOST_NAME, text);
        return SURETY_E_INPUT;
    }
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = '\0';
    run->outage = find(plan, name);
    return run->outage == SIZE_MAX ? no_such(name, plan, diags) : SURETY_OK;
}
