// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/offer_kinds.h"

#include "models/measurement.h"
#include "models/registry.h"
#include "sim/engine/flips_inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DETECT "60s" // of a second route that is added
#define HOURS "Mon-Fri 08:00-18:00"

// --- round values ----------------------------------------------------------------------------------------------

int64_t surety_offer_lower(int64_t availability_ppb)
{
    static const int64_t promises[] = {999990000, 999950000, 999900000, 999500000, 999000000, 998000000,
                                       997000000, 995000000, 990000000, 985000000, 980000000, 970000000,
                                       960000000, 950000000, 900000000, 850000000, 800000000};
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        if (promises[i] < availability_ppb)
            return promises[i];
    return 0;
}

double surety_offer_longer(double seconds)
{
    static const double steps[] = {1, 1.2, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10};
    const double unit = pow(10, floor(log10(seconds) + 1e-9));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * unit > seconds * (1 + 1e-9))
            return steps[i] * unit;
    return 10 * unit;
}

// --- steps -----------------------------------------------------------------------------------------------------

// Adds PATH=VALUE, PATH below the contract.
static void set_contract(const struct surety_offer_base *base, struct surety_offer_step *step, const char *key,
                         const char *value)
{
    step->sets[step->n_sets++] =
        surety_arena_printf(&base->result->arena, "%s.%s=%s", base->scenario->contract_path, key, value);
}

static bool by_measure(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    const int now = base->scenario->contract.measure;
    const size_t measure = number + (number >= (size_t)now);
    if (measure >= SURETY_N_METERS)
        return false;
    const char *name = surety_meter_types[measure]->name;
    set_contract(base, out, "availability.measure", name);
    if (measure == SURETY_METER_PROBES)
        set_contract(base, out, "availability.interval", "1m");
    out->change =
        surety_arena_printf(&base->result->arena, "measured by %s in place of %s", name, surety_meter_types[now]->name);
    return true;
}

static bool by_quarter(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    if (number > 0 || base->scenario->contract.window_months != 1 || base->plan->n_windows < 3)
        return false;
    set_contract(base, out, "window", "calendar-quarter");
    out->change = "judged by the quarter in place of the month";
    return true;
}

static bool without_maintenance(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    bool any = false;
    for (size_t i = 0; i < base->scenario->n_providers; i++)
        any = any || (base->scenario->providers[i].used && base->scenario->providers[i].maintenance.given);
    if (number > 0 || !any || base->scenario->contract.maintenance != SURETY_MAINTENANCE_DOWN)
        return false;
    set_contract(base, out, "availability.maintenance", "excluded");
    out->change = "planned maintenance does not count";
    return true;
}

static bool without_upstream(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    if (number > 0 || base->scenario->contract.exclude_upstream)
        return false;
    set_contract(base, out, "exclude", "[upstream]");
    out->change = "failures of the upstream providers do not count";
    return true;
}

static bool in_hours(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    if (number > 0 || base->scenario->contract.hours.n > 0)
        return false;
    set_contract(base, out, "hours", HOURS);
    out->change = "promised " HOURS " only";
    return true;
}

// A cap decides only where the credits are part of the rule for signing.
static bool capped(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    static const int64_t caps[] = {500000000, 300000000, 200000000, 150000000, 100000000, 50000000};
    const struct surety_contract *contract = &base->scenario->contract;
    if (!contract->credits.given || isnan(contract->sign_when.credits_at_most))
        return false;
    for (size_t i = 0, n = 0; i < sizeof caps / sizeof *caps; i++) {
        if (caps[i] >= contract->credits.cap_ppb || n++ < number)
            continue;
        const char *share = surety_arena_printf(&base->result->arena, "%g%%", (double)caps[i] / 1e7);
        set_contract(base, out, "credits.cap", share);
        out->change = surety_arena_printf(&base->result->arena, "credits of a window capped at %g %% of its fee",
                                          (double)caps[i] / 1e7);
        return true;
    }
    return false;
}

static bool ends_in(const char *text, const char *ending)
{
    const size_t n = strlen(text), k = strlen(ending);
    return n >= k && strcmp(text + n - k, ending) == 0;
}

// Every failover of the verdict's architecture notices so much sooner.
static bool faster(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    static const double seconds[] = {60, 30, 15, 10, 5, 2, 1};
    struct surety_flip_input *inputs = NULL;
    size_t n_inputs = 0;
    double slowest = 0, at = 0;
    const bool listed = surety_flip_inputs_list(base->scenario, base->plan, base->result, &inputs, &n_inputs);
    for (size_t i = 0; listed && i < n_inputs; i++)
        if (ends_in(inputs[i].path, ".detect"))
            slowest = fmax(slowest, inputs[i].now);
    for (size_t i = 0, n = 0; i < sizeof seconds / sizeof *seconds && !(at > 0); i++)
        if (seconds[i] < slowest && n++ == number)
            at = seconds[i];
    for (size_t i = 0; at > 0 && i < n_inputs; i++)
        if (ends_in(inputs[i].path, ".detect") && inputs[i].now > at && out->n_sets < SURETY_MAX_OFFER_SETS)
            out->sets[out->n_sets++] = surety_arena_printf(&base->result->arena, "%s=%gs", inputs[i].path, at);
    if (listed)
        free(inputs);
    out->change =
        surety_arena_printf(&base->result->arena, "a failing route noticed after %g s in place of %g s", at, slowest);
    return at > 0;
}

// A failover from the verdict's provider to each of the others, where the architecture is one provider alone.
static bool second_route(const struct surety_offer_base *base, size_t number, struct surety_offer_step *out)
{
    const struct surety_scenario *scenario = base->scenario;
    const struct surety_node *root = scenario->architectures[base->result->verdict.architecture].root;
    if (root->type != NULL)
        return false;
    size_t other = 0;
    for (size_t n = 0; other < scenario->n_providers; other++)
        if (other != root->provider && !scenario->providers[other].is_stand_in && n++ == number)
            break;
    if (other == scenario->n_providers)
        return false;
    const char *a = scenario->providers[root->provider].name, *b = scenario->providers[other].name;
    out->sets[out->n_sets++] = surety_arena_printf(
        &base->result->arena, "architectures.%s-then-%s={failover: {order: [%s, %s], detect: " DETECT "}}", a, b, a, b);
    out->change = surety_arena_printf(&base->result->arena, "%s behind %s as a second route, used after " DETECT, b, a);
    return true;
}

const struct surety_offer_kind surety_offer_kinds[] = {
    {"detection", false, faster},  {"second-route", true, second_route},        {"window", false, by_quarter},
    {"measure", true, by_measure}, {"maintenance", false, without_maintenance}, {"cap", false, capped},
    {"hours", false, in_hours},    {"upstream", false, without_upstream},       {NULL, false, NULL},
};
