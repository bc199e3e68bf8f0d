// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/checking.h"

#include "models/demand.h"
#include "models/failover.h"
#include "models/balance.h"
#include "models/measurement.h"
#include "sim/base/calendar.h"
#include "sim/base/ppb.h"
#include "sim/check/published.h"

#include <math.h>
#include <string.h>

// What can be signed and will hurt.

#define ONE_CLOUD_PPB 999500000 // more than this needs something beside one cloud
#define CRITICAL_PPB 995000000  // less than this suits only what is not critical
#define BUFFER 0.5              // of the budget: what the mean may use (sign 99.9, run 99.95)
#define FEWEST_LATE 5           // late probes that a percentile is read off

static double target_of(const struct surety_tier *tier)
{
    return (double)tier->availability_ppb / (double)SURETY_PPB_ONE;
}

static double mean_window_s(const struct surety_plan *plan)
{
    return (double)plan->term_us * 1e-6 / (double)plan->n_windows;
}

// The architecture for which `value` is largest; values that are no numbers stand apart. SIZE_MAX: there is none.
static size_t best_of(const double *value, size_t n)
{
    size_t best = SIZE_MAX;
    for (size_t a = 0; a < n; a++)
        if (!isnan(value[a]) && (best == SIZE_MAX || value[a] > value[best]))
            best = a;
    return best;
}

// "alone", or with others beside it "even failover".
static const char *even(struct surety_check *check, size_t architecture)
{
    return surety_check_printf(check, "%s%s", check->out->n_bounds > 1 ? "even " : "",
                               check->out->bounds[architecture].architecture);
}

static double *numbers(struct surety_check *check)
{
    double *list = surety_arena_calloc(&check->out->arena, check->out->n_bounds, sizeof *list);
    check->out_of_memory = check->out_of_memory || list == NULL;
    return list;
}

void surety_rule_latency_reach(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    double *most = numbers(check);
    for (size_t t = 0; most != NULL && t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_latency; i++) {
            const struct surety_latency_target *target = &contract->tiers[t].latency[i];
            for (size_t a = 0; a < check->out->n_bounds; a++)
                most[a] = surety_bound_in_time(check->scenario, check->out->index[a], target->target_s);
            const size_t best = best_of(most, check->out->n_bounds);
            const char *key = surety_check_printf(check, "latency.%s.target", target->name);
            if (most[best] < target->percentile / 100)
                surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], key),
                             "%s promises %s for %.5g %% of %s, and on %s at most %.3g %% of the first tokens come so "
                             "early when everything works",
                             contract->tiers[t].name, surety_check_duration(check, target->target_s),
                             target->percentile, target->name, even(check, best), 100 * most[best]);
        }
}

// What alone takes all of the architecture down, a provider or a common cause; NULL: nothing does.
static const char *culprit_of(const struct surety_check *check, size_t a)
{
    const struct surety_bound *bound = &check->out->bounds[a];
    for (size_t p = 0; p < check->scenario->n_providers; p++)
        if (bound->single_point[p])
            return check->scenario->providers[p].name;
    return bound->common;
}

void surety_rule_one_cloud(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    const size_t n = check->out->n_bounds;
    for (size_t a = 0; a < n; a++)
        if (culprit_of(check, a) == NULL)
            return;
    for (size_t t = 0; t < contract->n_tiers; t++)
        if (contract->tiers[t].availability_ppb > ONE_CLOUD_PPB)
            surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], "availability"),
                         "%s promises %s, and on %s `%s` alone takes everything down", contract->tiers[t].name,
                         surety_check_percent(check, target_of(&contract->tiers[t])), even(check, n - 1),
                         culprit_of(check, n - 1));
}

void surety_rule_too_low(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_scenario *scenario = check->scenario;
    for (size_t w = 0; w < scenario->n_workloads; w++) {
        const int kind = scenario->workloads[w].kind;
        if (kind < 0 || strcmp(surety_workload_kinds[kind].name, "voice") != 0)
            continue;
        for (size_t t = 0; t < scenario->contract.n_tiers; t++) {
            const struct surety_tier *tier = &scenario->contract.tiers[t];
            if (tier->availability_ppb < CRITICAL_PPB)
                surety_found(check, rule, surety_check_tier_path(check, tier, "availability"),
                             "%s promises %s for %s, and a phone that is dead for %s a month is noticed by everybody",
                             tier->name, surety_check_percent(check, target_of(tier)), scenario->workloads[w].name,
                             surety_check_duration(check, (1 - target_of(tier)) * mean_window_s(check->plan)));
        }
    }
}

// What is promised to us: the scenario's word, else what the vendor of the catalogue entry publishes. NAN: nothing.
static double promised_to_us(struct surety_check *check, size_t provider, const char **source)
{
    const struct surety_provider *p = &check->scenario->providers[provider];
    *source = "the scenario";
    if (p->sla.availability_ppb > 0)
        return (double)p->sla.availability_ppb / (double)SURETY_PPB_ONE;
    const struct surety_ynode *use =
        surety_located_find(&check->located, surety_check_printf(check, "providers.%s.use", p->name));
    const struct surety_published_sla *row =
        use != NULL && use->kind == SURETY_Y_SCALAR ? surety_published_sla(use->text) : NULL;
    if (row == NULL)
        return NAN;
    *source = surety_check_printf(check, "%s, %s", row->source, row->as_of);
    return row->availability;
}

// The least that the providers which alone take the architecture down promise us, and whose it is. INFINITY: none
// does; NAN: nothing is known of them.
static double least_promised(struct surety_check *check, size_t a, size_t *provider, const char **source)
{
    double least = INFINITY;
    bool any = false;
    for (size_t p = 0; p < check->scenario->n_providers; p++) {
        const char *from;
        if (!check->out->bounds[a].single_point[p])
            continue;
        const double ours = promised_to_us(check, p, &from);
        any = true;
        if (ours < least) {
            least = ours;
            *provider = p;
            *source = from;
        }
    }
    return any && isinf(least) ? NAN : least;
}

void surety_rule_provider_sla(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    size_t best = SIZE_MAX, provider = 0;
    double most = 0;
    const char *source = "";
    for (size_t a = 0; a < check->out->n_bounds; a++) {
        size_t whose = 0;
        const char *from = "";
        const double ours = least_promised(check, a, &whose, &from);
        if (isinf(ours))
            return; // an architecture that stands on nobody alone
        if (ours > most) {
            most = ours;
            best = a;
            provider = whose;
            source = from;
        }
    }
    for (size_t t = 0; best != SIZE_MAX && t < contract->n_tiers; t++)
        if (target_of(&contract->tiers[t]) > most + 1e-12)
            surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], "availability"),
                         "%s promises %s; %s stands on %s alone, and that promises us %s (%s)", contract->tiers[t].name,
                         surety_check_percent(check, target_of(&contract->tiers[t])), even(check, best),
                         check->scenario->providers[provider].name, surety_check_percent(check, most), source);
}

// The best architecture by that bound, and the bound; SIZE_MAX: there is none.
static size_t best_by_measure(struct surety_check *check, double *most)
{
    double *bound = numbers(check);
    if (bound == NULL)
        return SIZE_MAX;
    for (size_t a = 0; a < check->out->n_bounds; a++)
        bound[a] = check->out->bounds[a].by_measure;
    const size_t best = best_of(bound, check->out->n_bounds);
    *most = best != SIZE_MAX ? bound[best] : NAN;
    return best;
}

void surety_rule_out_of_reach(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    double most;
    const size_t best = best_by_measure(check, &most);
    for (size_t t = 0; best != SIZE_MAX && t < contract->n_tiers; t++)
        if (most < target_of(&contract->tiers[t]))
            surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], "availability"),
                         "%s promises %s, and %s reaches at most %.6g %% in the mean, if it switched at once",
                         contract->tiers[t].name, surety_check_percent(check, target_of(&contract->tiers[t])),
                         even(check, best), 100 * most);
}

void surety_rule_buffer(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    double most;
    const size_t best = best_by_measure(check, &most);
    for (size_t t = 0; best != SIZE_MAX && t < contract->n_tiers; t++) {
        const double target = target_of(&contract->tiers[t]);
        const double used = target < 1 ? (1 - most) / (1 - target) : INFINITY;
        if (used > BUFFER && used <= 1)
            surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], "availability"),
                         "%s promises %s, and on %s the outages that no switching avoids use %.0f %% of its error "
                         "budget in the mean",
                         contract->tiers[t].name, surety_check_percent(check, target), even(check, best), 100 * used);
    }
}

void surety_rule_slow_probes(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    if (contract->measure != SURETY_METER_PROBES)
        return;
    const double needs_s = contract->interval_s * (double)contract->failures;
    for (size_t t = 0; t < contract->n_tiers; t++) {
        const double budget_s = (1 - target_of(&contract->tiers[t])) * mean_window_s(check->plan);
        if (needs_s > budget_s)
            surety_found(check, rule, surety_check_path(check, "availability.interval"),
                         "%lld failures %s apart take %s, and the whole budget of %s is %s a window: the outage that "
                         "decides may end before it is seen",
                         (long long)contract->failures, surety_check_duration(check, contract->interval_s),
                         surety_check_duration(check, needs_s), contract->tiers[t].name,
                         surety_check_duration(check, budget_s));
    }
}

// How long the node waits before it moves traffic, seconds; 0: it does not wait.
static double waits_s(const struct surety_node *node)
{
    if (node->type == NULL)
        return 0;
    if (strcmp(node->type->name, "failover") == 0) {
        const struct surety_failover_params *p = node->params;
        return (double)(p->detect_us + p->switch_us) * 1e-6;
    }
    return strcmp(node->type->name, "balance") == 0
               ? (double)((const struct surety_balance_params *)node->params)->detect_us * 1e-6
               : 0;
}

static void look_at_node(struct surety_check *check, const struct surety_check_rule *rule,
                         const struct surety_node *node)
{
    const struct surety_contract *contract = &check->scenario->contract;
    const double wait_s = waits_s(node);
    for (size_t i = 0; i < node->n_children; i++)
        look_at_node(check, rule, node->children[i]);
    for (size_t t = 0; wait_s > 0 && t < contract->n_tiers; t++) {
        const double budget_s = (1 - target_of(&contract->tiers[t])) * mean_window_s(check->plan);
        if (budget_s > 0 && wait_s > budget_s)
            surety_found(check, rule, surety_check_printf(check, "%s.detect", node->path),
                         "it takes %s until the traffic has moved, and the whole budget of %s is %s a window",
                         surety_check_duration(check, wait_s), contract->tiers[t].name,
                         surety_check_duration(check, budget_s));
    }
}

void surety_rule_slow_detection(struct surety_check *check, const struct surety_check_rule *rule)
{
    for (size_t a = 0; a < check->out->n_bounds; a++)
        look_at_node(check, rule, check->scenario->architectures[check->out->index[a]].root);
}

void surety_rule_few_probes(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_contract *contract = &check->scenario->contract;
    for (size_t t = 0; t < contract->n_tiers; t++)
        for (size_t i = 0; i < contract->tiers[t].n_latency; i++) {
            const struct surety_latency_target *target = &contract->tiers[t].latency[i];
            const double late = (double)target->n_probes * (1 - target->percentile / 100);
            const char *key = surety_check_printf(check, "latency.%s.probes", target->name);
            if (target->n_probes > 0 && late < FEWEST_LATE)
                surety_found(check, rule, surety_check_tier_path(check, &contract->tiers[t], key),
                             "%s: of %lld probes a window %.2g may be late, so chance decides; %lld would tell more",
                             contract->tiers[t].name, (long long)target->n_probes, late,
                             (long long)ceil(FEWEST_LATE / (1 - target->percentile / 100) - 1e-9));
        }
}

void surety_rule_retires(struct surety_check *check, const struct surety_check_rule *rule)
{
    const struct surety_scenario *scenario = check->scenario;
    const int64_t first = surety_date_days(scenario->term.start);
    const int64_t last = first + (check->plan->term_us + SURETY_US_PER_DAY / 2) / SURETY_US_PER_DAY;
    for (size_t p = 0; p < scenario->n_providers; p++) {
        const struct surety_provider *provider = &scenario->providers[p];
        if (!provider->used || !provider->has_retires || surety_date_days(provider->retires) >= last)
            continue;
        char day[11];
        surety_date_format(provider->retires, day);
        surety_found(check, rule, surety_check_printf(check, "providers.%s.retires", provider->name),
                     "%s retires on %s, %lld days before the term ends; the simulation lets it serve to the end",
                     provider->name, day, (long long)(last - surety_date_days(provider->retires)));
    }
}
