// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of balance, cache and degrade: shares, single routes, stand-ins.
#include "models/balance.h"
#include "models/combine.h"
#include "models/registry.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_scenario *scenario;

static enum surety_err read_route_of(const char *route)
{
    char text[1000];
    snprintf(text, sizeof text,
             "surety: 1\n"
             "currency: USD\n"
             "workloads: {calls: {demand: 30/min, requests_per_task: 8}}\n"
             "providers: {a: {outages: none, price: {per_task: 4 USD/task}}, b: {outages: none}}\n"
             "architectures: {x: %s}\n"
             "contract: {availability: {measure: time, down_at: 7%%}}\n",
             route);
    gsl_set_error_handler_off();
    scenario = NULL;
    surety_diags_init(&diags, "test.yaml");
    return surety_scenario_read(surety_registry_get(), "test.yaml", text, strlen(text), NULL, 0, &diags, &scenario);
}

static const struct surety_node *accept(const char *route)
{
    cr_assert_eq(read_route_of(route), SURETY_OK, "refused: %s", route);
    return scenario->architectures[0].root;
}

static void done(void)
{
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
}

// The route has exactly one error: this id and path, with `part` in message or hint.
static void refuse(const char *route, enum surety_diag_id id, const char *path, const char *part)
{
    cr_assert_eq(read_route_of(route), SURETY_E_INPUT, "accepted: %s", route);
    cr_assert_eq(diags.n_errors, 1, "%zu errors: %s", diags.n_errors, route);
    bool found = false;
    for (size_t i = 0; i < diags.n; i++) {
        const struct surety_diag *d = &diags.list[i];
        found = found || (d->id == id && strcmp(d->path, path) == 0 &&
                          (strstr(d->message, part) != NULL || (d->hint != NULL && strstr(d->hint, part) != NULL)));
    }
    cr_assert(found, "%s", route);
    done();
}

static bool used_default(const char *line)
{
    for (size_t i = 0; i < scenario->n_defaults_used; i++)
        if (strcmp(scenario->defaults_used[i], line) == 0)
            return true;
    return false;
}

Test(routes, balance_by_name_and_as_a_list)
{
    const struct surety_node *x = accept("{balance: {shares: {b: 70%, a: 30%}, detect: 30s}}");
    const struct surety_balance_params *p = x->params;
    cr_assert(p->share_ppb[0] == 700000000 && p->share_ppb[1] == 300000000);
    cr_assert(p->detect_us == 30000000 && p->failback_us == 600000000 && p->trip_ppb == 70000000);
    cr_assert(x->n_children == 2 && x->children[0]->provider == 1 && x->children[1]->provider == 0);
    cr_assert_str_eq(x->children[1]->path, "architectures.x.balance.shares.a");
    cr_assert(used_default("architectures.x.balance.failback: 10m"));
    done();
    x = accept("{balance: {shares: [{share: 33.3333333%, of: {series: [a, b]}}, {of: a, share: 66.6666666%}], detect: "
               "0s, failback: never, trip: 50%}}");
    p = x->params;
    cr_assert(p->failback_us == SURETY_NEVER && p->trip_ppb == 500000000);
    cr_assert_str_eq(x->children[0]->path, "architectures.x.balance.shares[0].of");
    cr_assert_eq(x->children[0]->n_children, 2);
    done();
}

#define X "architectures.x."

Test(routes, balance_refused)
{
    refuse("{balance: {shares: {a: 70%, b: 20%}, detect: 1s}}", SURETY_D_CONFLICT, X "balance.shares", "sum to 90%");
    refuse("{balance: {shares: {a: 70%, c: 30%}, detect: 1s}}", SURETY_D_REFERENCE, X "balance.shares.c", "a, b");
    refuse("{balance: {shares: {a: 100%, b: 0%}, detect: 1s}}", SURETY_D_RANGE, X "balance.shares.b", "above 0%");
    refuse("{balance: {shares: {a: 100%}}}", SURETY_D_MISSING_KEY, X "balance.detect", "30s");
    refuse("{balance: {detect: 1s}}", SURETY_D_MISSING_KEY, X "balance.shares", "shares");
    refuse("{balance: {shares: {}, detect: 1s}}", SURETY_D_RANGE, X "balance.shares", "at least 1");
    refuse("{balance: {shares: a, detect: 1s}}", SURETY_D_TYPE, X "balance.shares", "a map or a list");
    refuse("{balance: {shares: [a], detect: 1s}}", SURETY_D_TYPE, X "balance.shares[0]", "share, of");
    refuse("{balance: {shares: [{of: a}], detect: 1s}}", SURETY_D_MISSING_KEY, X "balance.shares[0].share", "70%");
    refuse("{balance: {shares: [{share: 100%}], detect: 1s}}", SURETY_D_MISSING_KEY, X "balance.shares[0].of",
           "openai");
    refuse("{balance: {shares: [{share: 100%, of: c}], detect: 1s}}", SURETY_D_REFERENCE, X "balance.shares[0].of",
           "a, b");
    char many[1000] = "{balance: {detect: 1s, shares: [{share: 4%, of: a}";
    for (int i = 1; i < 33; i++)
        strcat(many, ", {share: 3%, of: a}");
    strcat(many, "]}}");
    refuse(many, SURETY_D_TOO_LARGE, X "balance.shares", "32");
}

Test(routes, cache)
{
    const struct surety_node *x = accept("{cache: {hit: 12%, of: {series: [a, b]}}}");
    cr_assert_eq(((const struct surety_cache_params *)x->params)->share_hit, 0.12);
    cr_assert_str_eq(x->children[0]->path, "architectures.x.cache.of");
    done();
    refuse("{cache: {hit: 112%, of: a}}", SURETY_D_RANGE, X "cache.hit", "");
    refuse("{cache: {of: a}}", SURETY_D_MISSING_KEY, X "cache.hit", "12%");
    refuse("{cache: {hit: 12%}}", SURETY_D_MISSING_KEY, X "cache.of", "of");
    refuse("{cache: {hit: 12%, of: [a, b]}}", SURETY_D_TYPE, X "cache.of", "no route");
}

// People are a provider behind those of the file, with the price of a request as their part of a task's.
Test(routes, degrade_and_its_stand_ins)
{
    const struct surety_node *x = accept("{degrade: {normal: {degrade: {normal: b, to: {human: {price: 4 USD/task}}}}, "
                                         "to: {night-shift: {price: 6 USD/task}}, counts_as: up}}");
    const struct surety_degrade_params *p = x->params;
    cr_assert(p->counts_as == SURETY_COUNTS_UP && p->trip_ppb == 70000000);
    cr_assert_eq(((const struct surety_degrade_params *)x->children[0]->params)->counts_as, SURETY_COUNTS_DOWN);
    cr_assert(used_default("architectures.x.degrade.normal.degrade.counts_as: down"));
    cr_assert(used_default("architectures.x.degrade.to.night-shift.seats: unlimited"));
    cr_assert(scenario->n_providers == 4 && x->children[1]->provider == 3 &&
              x->children[0]->children[1]->provider == 2);
    cr_assert_str_eq(scenario->providers[2].name, "human");
    cr_assert_str_eq(scenario->providers[3].name, "night-shift");
    cr_assert(scenario->providers[2].n_outages == 0 && scenario->providers[2].price.per_task == 4);
    struct surety_plan *plan = NULL;
    cr_assert_eq(surety_plan_create(scenario, &diags, &plan), SURETY_OK);
    cr_assert_eq(plan->demands[0].cost_per_request[0], 0.5); // a provider by the task, the same key
    cr_assert_eq(plan->demands[0].cost_per_request[2], 0.5);
    cr_assert_eq(plan->demands[0].cost_per_request[3], 0.75);
    surety_plan_destroy(plan);
    done();
    accept("{degrade: {normal: a, to: {human: {}}}}");
    cr_assert(used_default("architectures.x.degrade.to.human.price: 0"));
    bool warned = false;
    for (size_t i = 0; i < diags.n; i++)
        warned = warned ||
                 (diags.list[i].id == SURETY_D_WARN_PRICE && strcmp(diags.list[i].path, X "degrade.to.human") == 0);
    cr_assert(warned);
    done();
    accept("{degrade: {normal: a, to: {human: {price: 4 USD/task, seats: unlimited}}}}");
    cr_assert(!scenario->providers[2].capacity.given &&
              !used_default("architectures.x.degrade.to.human.seats: unlimited"));
    done();
    accept("{degrade: {normal: a, to: {human: {price: 4 USD/task, seats: 40, task_time: 6m}}}}");
    cr_assert(scenario->providers[2].capacity.given && scenario->providers[2].capacity.concurrency == 40 &&
              scenario->providers[2].capacity.queue == 0 && scenario->providers[2].seat_s == 360);
    done();
    x = accept("{degrade: {normal: a, to: {failover: {order: [b, a], detect: 1s}}}}");
    cr_assert_eq(x->children[1]->n_children, 2);
    done();
}

Test(routes, degrade_refused)
{
    refuse("{degrade: {normal: a}}", SURETY_D_MISSING_KEY, X "degrade.to", "human");
    refuse("{degrade: {normal: a, to: human}}", SURETY_D_REFERENCE, X "degrade.to", "a, b");
    refuse("{degrade: {normal: a, to: {human: {seats: 40}}}}", SURETY_D_MISSING_KEY, X "degrade.to.human.task_time",
           "takes a seat");
    refuse("{degrade: {normal: a, to: {human: {seats: 0, task_time: 6m}}}}", SURETY_D_RANGE, X "degrade.to.human.seats",
           "1");
    refuse("{degrade: {normal: a, to: {human: {task_time: 6m}}}}", SURETY_D_CONFLICT, X "degrade.to.human.task_time",
           "only with `seats`");
    refuse("{degrade: {normal: a, to: {human: {seats: unlimited, task_time: 6m}}}}", SURETY_D_CONFLICT,
           X "degrade.to.human.task_time", "only with `seats`");
    refuse("{degrade: {normal: a, to: {human: {pric: 4 USD/task}}}}", SURETY_D_UNKNOWN_KEY, X "degrade.to.human.pric",
           "'price'?");
    refuse("{degrade: {normal: a, to: {human: {price: 4 USD/h}}}}", SURETY_D_VALUE, X "degrade.to.human.price",
           "USD/task");
    refuse("{degrade: {normal: a, to: {human: {price: 4 EUR/task}}}}", SURETY_D_CURRENCY, X "degrade.to.human.price",
           "USD");
    refuse("{degrade: {normal: a, to: {b: {price: 4 USD/task}}}}", SURETY_D_CONFLICT, X "degrade.to.b", "already");
    refuse("{degrade: {normal: a, to: {9x: {price: 4 USD/task}}}}", SURETY_D_NAME, X "degrade.to.9x", "a letter");
    refuse("{degrade: {normal: a, to: {failovr: {order: [a, b]}}}}", SURETY_D_UNKNOWN_KEY, X "degrade.to.failovr",
           "'failover'?");
    refuse("{degrade: {normal: {human: {price: 4 USD/task}}, to: a}}", SURETY_D_UNKNOWN_KEY, X "degrade.normal.human",
           "no type of route");
    refuse("{degrade: {normal: a, to: b, counts_as: upp}}", SURETY_D_CHOICE, X "degrade.counts_as", "degraded");
}
