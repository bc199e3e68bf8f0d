// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>

#define SENTENCE_SIZE 1000

static void put_internal_slo(const struct surety_result *result, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const struct surety_internal_slo *slo = focus.architecture->internal_slo;
    char text[SENTENCE_SIZE], now[SURETY_HUMAN_SIZE], goal[SURETY_HUMAN_SIZE];
    if (slo == NULL)
        return;
    surety_human_percent(now, focus.architecture->availability.mean, 2);
    surety_human_percent(goal, slo->availability, 2);
    if (slo->because != NULL)
        snprintf(text, sizeof text, "There is no internal SLO for %s: %s.", slo->tier, slo->because);
    else if (slo->intensity >= 1)
        snprintf(text, sizeof text,
                 "Internal SLO: run %s at %s or better on average (now: %s). There %s is just signable, with failures "
                 "%.2f times as often as now.",
                 focus.architecture->name, goal, now, slo->tier, slo->intensity);
    else
        snprintf(
            text, sizeof text,
            "Internal SLO: %s is just signable on %s at %s on average (now: %s), with failures %.2f times as often "
            "as now.",
            slo->tier, focus.architecture->name, goal, now, slo->intensity);
    surety_human_wrapped(out, "", text);
}

void surety_budget_text(const struct surety_result *result, FILE *out)
{
    if (result->n_tiers > 0 && result->n_architectures > 0)
        put_internal_slo(result, out);
}

void surety_budget_json(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    const struct surety_internal_slo *slo = architecture->internal_slo;
    if (slo == NULL)
        return;
    surety_json_open_map(json, "internal_slo", true);
    surety_json_text(json, "tier", slo->tier);
    surety_json_number(json, "availability", slo->availability);
    surety_json_number(json, "se", slo->se);
    surety_json_number(json, "intensity", slo->intensity);
    surety_json_integer(json, "replications", slo->n_terms);
    if (slo->because != NULL)
        surety_json_text(json, "because", slo->because);
    surety_json_close(json);
}
