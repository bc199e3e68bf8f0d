// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/checking.h"

#include "models/measurement.h"

#include <string.h>

// What a clause has to say: metric, measurement, window, exclusions, remedy. A default stands in a simulation, not in a
// contract.

void surety_rule_down_at(struct surety_check *check, const struct surety_check_rule *rule)
{
    const int measure = check->scenario->contract.measure;
    if ((measure == SURETY_METER_TIME || measure == SURETY_METER_MINUTES) &&
        !surety_located_says(&check->located, "availability.down_at"))
        surety_found(check, rule, surety_check_path(check, "availability.down_at"),
                     "it is not said from which share of failing requests on the service counts as down; the default "
                     "of %s was taken",
                     surety_check_percent(check, (double)check->scenario->contract.down_at_ppb * 1e-9));
}

void surety_rule_meter(struct surety_check *check, const struct surety_check_rule *rule)
{
    static const struct {
        int measure;
        const char *key;
    } rows[] = {
        {SURETY_METER_INTERVALS, "cell"},  {SURETY_METER_MINUTES, "minimum_outage"}, {SURETY_METER_PROBES, "interval"},
        {SURETY_METER_PROBES, "failures"}, {SURETY_METER_PROBES, "sites"},           {SURETY_METER_PROBES, "quorum"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *key = surety_check_printf(check, "availability.%s", rows[i].key);
        if (rows[i].measure == check->scenario->contract.measure && !surety_located_says(&check->located, key))
            surety_found(check, rule, surety_check_path(check, key),
                         "`%s` of the measure `%s` is not said: two meters would read different numbers", rows[i].key,
                         surety_meter_types[rows[i].measure]->name);
    }
}

void surety_rule_latency_meter(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_latency; i++) {
            const char *name = contract->tiers[t].latency[i].name;
            const char *of = surety_check_printf(check, "tiers.%s.latency.%s", contract->tiers[t].name, name);
            const char *failed = surety_check_printf(check, "%s.failed_as", of);
            const char *over = surety_check_printf(check, "%s.over", of),
                       *probes = surety_check_printf(check, "%s.probes", of);
            if (!surety_located_says(&check->located, failed))
                surety_found(check, rule, surety_check_path(check, failed),
                             "%s: it is not said what a failed request is to the percentile of %s",
                             contract->tiers[t].name, name);
            if (!surety_located_says(&check->located, over) && !surety_located_says(&check->located, probes))
                surety_found(check, rule, surety_check_path(check, over),
                             "%s: it is not said over what the percentile of %s is taken: all requests of the window, "
                             "cells of 5 minutes, or probes",
                             contract->tiers[t].name, name);
        }
}

void surety_rule_window(struct surety_check *check, const struct surety_check_rule *rule)
{
    if (!surety_located_says(&check->located, "window"))
        surety_found(check, rule, surety_check_path(check, "window"),
                     "it is not said over which window the promises are judged; calendar months were taken");
}

void surety_rule_exclusions(struct surety_check *check, const struct surety_check_rule *rule)
{
    if (!surety_located_says(&check->located, "exclude"))
        surety_found(check, rule, surety_check_path(check, "exclude"),
                     "it is not said what does not count; nothing was left out");
}

void surety_rule_maintenance(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_scenario *scenario = check->scenario;
    if (surety_located_says(&check->located, "availability.maintenance"))
        return;
    for (size_t i = 0; i < scenario->n_providers; i++)
        if (scenario->providers[i].used && scenario->providers[i].maintenance.given) {
            surety_found(check, rule, surety_check_path(check, "availability.maintenance"),
                         "%s has planned downtime, and it is not said whether that counts; it was counted as down",
                         scenario->providers[i].name);
            return;
        }
}

void surety_rule_remedy(struct surety_check *check, const struct surety_check_rule *rule)
{
    if (!check->scenario->contract.credits.given)
        surety_found(check, rule, surety_check_path(check, "credits"),
                     "it is not said what a missed window gives back");
}

void surety_rule_partial_remedy(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    const struct surety_credits *credits = &contract->credits;
    if (!credits->given)
        return;
    for (size_t i = 0; i < credits->n_ladder; i++)
        if (credits->ladder[i].below_ppb == SURETY_BELOW_TARGET)
            return;
    for (size_t t = 0; t < contract->n_tiers; t++) {
        int64_t first_ppb = 0;
        for (size_t i = 0; i < credits->n_ladder; i++)
            if (credits->ladder[i].below_ppb > first_ppb)
                first_ppb = credits->ladder[i].below_ppb;
        if (contract->tiers[t].n_latency > 0 || contract->tiers[t].n_quality > 0 || contract->tiers[t].cost.given)
            surety_found(check, rule, surety_check_path(check, "credits.ladder"),
                         "%s promises more than availability, and a window that misses only that gives nothing back",
                         contract->tiers[t].name);
        else if (first_ppb < contract->tiers[t].availability_ppb)
            surety_found(check, rule, surety_check_path(check, "credits.ladder"),
                         "%s promises %s, and the first credit is due below %s: in between a miss costs nothing",
                         contract->tiers[t].name,
                         surety_check_percent(check, (double)contract->tiers[t].availability_ppb * 1e-9),
                         surety_check_percent(check, (double)first_ppb * 1e-9));
    }
}
