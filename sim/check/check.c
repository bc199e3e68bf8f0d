// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/checking.h"

#include "models/measurement.h"
#include "sim/base/ppb.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *print(struct surety_check *check, const char *format, va_list arguments)
{
    char text[1000];
    vsnprintf(text, sizeof text, format, arguments);
    const char *copy = surety_arena_strndup(&check->out->arena, text, strlen(text));
    check->out_of_memory = check->out_of_memory || copy == NULL;
    return copy != NULL ? copy : "";
}

const char *surety_check_printf(struct surety_check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = print(check, format, arguments);
    va_end(arguments);
    return text;
}

const char *surety_check_path(struct surety_check *check, const char *key)
{
    return surety_check_printf(check, "%s.%s", check->located.contract, key);
}

const char *surety_check_tier_path(struct surety_check *check, const struct surety_tier *tier, const char *key)
{
    return surety_check_printf(check, "%s.tiers.%s.%s", check->located.contract, tier->name, key);
}

const char *surety_check_percent(struct surety_check *check, double share)
{
    char text[32];
    snprintf(text, sizeof text, "%.7f", 100 * share); // shares are held to 1e-9
    for (size_t n = strlen(text); n > 0 && (text[n - 1] == '0' || text[n - 1] == '.'); n--) {
        const bool is_point = text[n - 1] == '.';
        text[n - 1] = '\0';
        if (is_point)
            break;
    }
    return surety_check_printf(check, "%s %%", text);
}

const char *surety_check_duration(struct surety_check *check, double seconds)
{
    static const struct {
        double from_s, unit_s;
        const char *unit;
    } rows[] = {{2 * 86400, 86400, "d"}, {2 * 3600, 3600, "h"}, {120, 60, "min"}, {1, 1, "s"}, {0, 0.001, "ms"}};
    size_t i = 0;
    while (seconds < rows[i].from_s)
        i++;
    return surety_check_printf(check, "%.3g %s", seconds / rows[i].unit_s, rows[i].unit);
}

void surety_found(struct surety_check *check, const struct surety_check_rule *rule, const char *path,
                  const char *format, ...)
{
    struct surety_checked *out = check->out;
    va_list arguments;
    va_start(arguments, format);
    const char *what = print(check, format, arguments);
    va_end(arguments);
    if (out->n_findings == out->room) {
        const size_t room = out->room == 0 ? 16 : 2 * out->room;
        struct surety_finding *more = surety_arena_calloc(&out->arena, room, sizeof *more);
        if (more == NULL) {
            check->out_of_memory = true;
            return;
        }
        if (out->n_findings > 0)
            memcpy(more, out->findings, out->n_findings * sizeof *more);
        out->findings = more;
        out->room = room;
    }
    out->findings[out->n_findings++] = (struct surety_finding){.rule = rule,
                                                               .place = surety_located_place(&check->located, path),
                                                               .path = surety_check_printf(check, "%s", path),
                                                               .what = what};
}

// The bound on what the contract's measure reads in the long run; NAN: the measure forgives what a bound would need.
static double bound_by_measure(const struct surety_check *check, const struct surety_bound *bound)
{
    const struct surety_contract *contract = &check->scenario->contract;
    if (contract->exclude_upstream || contract->n_exclude_causes > 0 || contract->hours.n > 0)
        return NAN;
    switch (contract->measure) {
    case SURETY_METER_TIME:
        return contract->minimum_outage_s > 0 ? NAN : bound->by_time;
    case SURETY_METER_REQUESTS:
    case SURETY_METER_INTERVALS:
    case SURETY_METER_TASKS: // a task fails more often than each of its requests
        return bound->by_requests;
    default:
        return NAN;
    }
}

// Copies what reporters print beside the findings.
static enum surety_err describe(struct surety_check *check, size_t architecture)
{
    const struct surety_contract *contract = &check->scenario->contract;
    struct surety_checked *out = check->out;
    out->n_tiers = contract->n_tiers;
    out->tiers = surety_arena_calloc(&out->arena, out->n_tiers, sizeof *out->tiers);
    out->targets = surety_arena_calloc(&out->arena, out->n_tiers, sizeof *out->targets);
    out->bounds = surety_arena_calloc(&out->arena, check->plan->n_architectures, sizeof *out->bounds);
    out->index = surety_arena_calloc(&out->arena, check->plan->n_architectures, sizeof *out->index);
    if (out->tiers == NULL || out->targets == NULL || out->bounds == NULL || out->index == NULL)
        return SURETY_E_MEMORY;
    for (size_t t = 0; t < out->n_tiers; t++) {
        out->tiers[t] = surety_check_printf(check, "%s", contract->tiers[t].name);
        out->targets[t] = (double)contract->tiers[t].availability_ppb / (double)SURETY_PPB_ONE;
    }
    if (check->scenario->n_contract_names > 0)
        out->contract = surety_check_printf(check, "%s", strchr(check->scenario->contract_path, '.') + 1);
    enum surety_err err = SURETY_OK;
    for (size_t a = 0; err == SURETY_OK && a < check->plan->n_architectures; a++) {
        if (architecture != SIZE_MAX && a != architecture)
            continue;
        out->index[out->n_bounds] = a;
        struct surety_bound *bound = &out->bounds[out->n_bounds++];
        err = surety_bound_find(check->plan, a, &out->arena, bound);
        bound->by_measure = bound_by_measure(check, bound);
    }
    return err;
}

enum surety_err surety_check_run(const struct surety_registry *registry, const struct surety_scenario *scenario,
                                 const struct surety_plan *plan, size_t architecture, struct surety_checked **out)
{
    struct surety_checked *checked = calloc(1, sizeof *checked);
    if (checked == NULL)
        return SURETY_E_MEMORY;
    surety_arena_init(&checked->arena);
    struct surety_check check = {.registry = registry, .scenario = scenario, .plan = plan, .out = checked};
    enum surety_err err = surety_located_read(&checked->arena, registry, scenario, &check.located);
    if (err == SURETY_OK)
        err = describe(&check, architecture);
    for (const struct surety_check_rule *rule = surety_check_rules; err == SURETY_OK && rule->id != NULL; rule++)
        rule->look(&check, rule);
    if (err == SURETY_OK && check.out_of_memory)
        err = SURETY_E_MEMORY;
    if (err == SURETY_OK)
        *out = checked;
    else
        surety_checked_destroy(checked);
    return err;
}

void surety_checked_destroy(struct surety_checked *checked)
{
    if (checked == NULL)
        return;
    surety_arena_finish(&checked->arena);
    free(checked);
}
