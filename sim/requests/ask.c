// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/requests/ask.h"

#include "models/combine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MEMBERS 64       // of k_of_n
#define MOST_QUESTIONS 100000 // of one request

static void to(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    ask->rules[node](ask, node, at_s, out);
}

static uint32_t child(const struct surety_ask *ask, uint32_t node, uint32_t k)
{
    return ask->architecture->children[ask->architecture->nodes[node].first_child + k];
}

static double draw(struct surety_ask *ask, uint32_t node)
{
    return surety_draws_node(ask->draws, ask->node_streams[node], ask->request, ask->n_node_draws[node]++);
}

// --- nodes without memory --------------------------------------------------------------------------------------

// A member is asked when the one before it has begun to answer; what follows the first tokens adds up.
static void ask_series(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    double rest_s = 0;
    uint32_t job = 0;
    for (uint32_t k = 0; k < ask->architecture->nodes[node].n_children; k++) {
        to(ask, child(ask, node, k), at_s, out);
        if (ask->stopped || out->first_s == INFINITY)
            return;
        rest_s += out->rest_s;
        job = out->job != 0 ? out->job : job;
        at_s = out->first_s;
    }
    out->rest_s = rest_s;
    out->job = job; // of one member at most: surety_ask_init
}

// A bound: the next member is asked as soon as it is known that the one before it fails.
static void ask_parallel(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    for (uint32_t k = 0; k < ask->architecture->nodes[node].n_children; k++) {
        to(ask, child(ask, node, k), at_s, out);
        if (ask->stopped || out->first_s < INFINITY || out->failed_s == INFINITY)
            return;
        at_s = out->failed_s;
    }
}

static void insert(double *sorted, uint32_t n, double x)
{
    for (; n > 0 && sorted[n - 1] > x; n--)
        sorted[n] = sorted[n - 1];
    sorted[n] = x;
}

// All members are asked at once; the k-th first token counts, and the k-th last one. It has failed when too many have.
static void ask_k_of_n(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    const struct surety_k_of_n_params *p = ask->architecture->nodes[node].params;
    const uint32_t n = ask->architecture->nodes[node].n_children, needed = (uint32_t)p->k;
    double first_s[MOST_MEMBERS], last_s[MOST_MEMBERS], failed_s[MOST_MEMBERS];
    for (uint32_t k = 0; k < n; k++) {
        struct surety_reply reply;
        to(ask, child(ask, node, k), at_s, &reply);
        if (ask->stopped)
            return;
        insert(first_s, k, reply.first_s);
        insert(last_s, k, reply.first_s + reply.rest_s);
        insert(failed_s, k, reply.failed_s);
    }
    *out =
        first_s[needed - 1] < INFINITY
            ? (struct surety_reply){first_s[needed - 1], last_s[needed - 1] - first_s[needed - 1], INFINITY, false, 0}
            : (struct surety_reply){INFINITY, 0, failed_s[n - needed], false, 0};
}

static void ask_cache(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    const struct surety_cache_params *p = ask->architecture->nodes[node].params;
    if (draw(ask, node) < p->share_hit)
        *out = (struct surety_reply){at_s, 0, INFINITY, false, 0};
    else
        to(ask, child(ask, node, 0), at_s, out);
}

// --- where a controller sends it -------------------------------------------------------------------------------

// `overload: next`: what a full provider that is itself a route refuses goes on to the next healthy one.
static bool passes_on(const struct surety_ask *ask, uint32_t node, const struct surety_reply *reply)
{
    const struct surety_plan_node *n = &ask->architecture->nodes[node];
    return !ask->stopped && reply->refused && n->type == NULL && ask->plan->loads.on &&
           ask->plan->loads.limits[n->provider].next;
}

static void ask_choice(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    const struct surety_plan_node *n = &ask->architecture->nodes[node];
    const double *share = &surety_shares_at(ask->routes, surety_ask_instant(ask, at_s))[n->first_child];
    const double *healthy = share + ask->architecture->n_nodes;
    uint32_t route = 0, last = 0;
    for (uint32_t k = 0; k < n->n_children; k++)
        last = share[k] > 0 ? k : last;
    if (share[last] < 1) {
        double left = draw(ask, node);
        while (route < last && left >= share[route])
            left -= share[route++];
    } else {
        route = last;
    }
    to(ask, child(ask, node, route), at_s, out);
    for (uint32_t k = route; passes_on(ask, child(ask, node, k), out);) {
        do
            k = (k + 1) % n->n_children;
        while (k != route && healthy[k] == 0);
        if (k == route)
            return;
        to(ask, child(ask, node, k), at_s, out);
    }
}

// Counted as down, the other route's help changes nothing for the contract: a request fails that `normal` fails.
static void ask_degrade(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    enum { NORMAL, TO };
    const struct surety_plan_node *n = &ask->architecture->nodes[node];
    const struct surety_degrade_params *p = n->params;
    const double *share = &surety_shares_at(ask->routes, surety_ask_instant(ask, at_s))[n->first_child];
    if (!(share[TO] > 0)) {
        to(ask, child(ask, node, NORMAL), at_s, out);
        return;
    }
    to(ask, child(ask, node, TO), at_s, out);
    if (p->counts_as != SURETY_COUNTS_DOWN || ask->stopped || out->first_s == INFINITY)
        return;
    const uint32_t n_attempts = ask->n_attempts; // nobody asks `normal`: what it would do is looked up
    const double cost = ask->cost;
    struct surety_reply normal;
    to(ask, child(ask, node, NORMAL), at_s, &normal);
    ask->n_attempts = n_attempts;
    ask->cost = cost;
    if (!ask->stopped && normal.first_s == INFINITY)
        *out = normal;
}

// --- gateways --------------------------------------------------------------------------------------------------

// What does the route do with the request at this instant? False: that lies in the future, and the request stops.
static bool may_pass(struct surety_ask *ask, uint32_t link, const struct surety_fallback_params *params, double at_s,
                     enum surety_passage *out)
{
    const double *known;
    if (!surety_ask_question(ask, at_s, &known))
        return false;
    *out = (enum surety_passage)(known != NULL
                                     ? *known
                                     : surety_ask_answer(ask, surety_cooldown_pass(&ask->cooldowns[link], params,
                                                                                   surety_ask_instant(ask, at_s))));
    return true;
}

// Tells the gateway, once, how an attempt ended, when that is known.
static void note(struct surety_ask *ask, uint32_t link, const struct surety_fallback_params *params, double at_s,
                 bool fails, bool is_trial)
{
    if (ask->n_told++ < ask->n_noted || (!fails && !is_trial))
        return;
    ask->n_noted = ask->n_told;
    if (at_s == INFINITY) {
        if (is_trial)
            surety_cooldown_lose_trial(&ask->cooldowns[link]);
        return;
    }
    const int64_t at_us = surety_ask_instant(ask, at_s);
    if (at_us <= ask->now_us) {
        surety_cooldown_note(&ask->cooldowns[link], params, at_us, fails, is_trial);
        return;
    }
    const enum surety_err err = surety_request_events_push(
        &ask->events, (struct surety_request_event){
                          .at_us = at_us, .params = params, .index = link, .fails = fails, .is_trial = is_trial});
    ask->err = err != SURETY_OK ? err : ask->err;
}

// The wait before the k-th repeated attempt: min(first x growth^k, most), the share `jitter` of it uniform.
static double wait_s(struct surety_ask *ask, uint32_t node, const struct surety_fallback_params *p, uint32_t k)
{
    double s = p->backoff_s;
    for (; k > 0 && s < p->backoff_most_s; k--)
        s *= p->backoff_growth;
    s = s < p->backoff_most_s ? s : p->backoff_most_s;
    return p->jitter > 0 ? s * (1 - p->jitter * draw(ask, node)) : s;
}

// All attempts at one route, from *at_s on, which moves to where the gateway goes on. False: the request has ended, as
// *out says, or stopped.
static bool try_route(struct surety_ask *ask, uint32_t node, uint32_t k, enum surety_passage passage, double *at_s,
                      uint32_t *n_waits, struct surety_reply *out)
{
    const struct surety_plan_node *n = &ask->architecture->nodes[node];
    const struct surety_fallback_params *p = n->params;
    for (int64_t attempt = 0; attempt <= p->retries; attempt++) {
        const double until_s = *at_s + p->timeout_s;
        to(ask, child(ask, node, k), *at_s, out);
        if (ask->stopped)
            return false;
        const bool answers = out->first_s < INFINITY && out->first_s <= until_s;
        const double known_s = answers ? out->first_s : out->failed_s < until_s ? out->failed_s : until_s;
        if (p->cooldown_s > 0)
            note(ask, n->first_child + k, p, known_s, !answers, passage == SURETY_TRIES && attempt == 0);
        if (answers)
            return false;
        *out = (struct surety_reply){INFINITY, 0, known_s, false, 0};
        if (known_s == INFINITY)
            return false;
        *at_s = known_s;
        const bool again = attempt < p->retries;
        if (p->backoff_s > 0 && (again || (k + 1 < n->n_children && p->backoff_before == SURETY_BACKOFF_ATTEMPT)))
            *at_s += wait_s(ask, node, p, (*n_waits)++);
    }
    return true;
}

static void ask_fallback(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    const struct surety_plan_node *n = &ask->architecture->nodes[node];
    const struct surety_fallback_params *p = n->params;
    uint32_t n_waits = 0;
    *out = (struct surety_reply){INFINITY, 0, at_s, false, 0};
    for (uint32_t k = 0; k < n->n_children; k++) {
        enum surety_passage passage = SURETY_PASSES;
        if (p->cooldown_s > 0 && !may_pass(ask, n->first_child + k, p, at_s, &passage))
            return;
        if (passage == SURETY_SKIPS)
            continue;
        if (!try_route(ask, node, k, passage, &at_s, &n_waits, out))
            return;
        n_waits = p->backoff_before == SURETY_BACKOFF_ATTEMPT ? n_waits : 0;
    }
    out->failed_s = at_s; // a wait for a route that was then skipped is part of it
}

// The k-th copy goes out k x after_s later, unless a first token has come.
static void ask_hedge(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out)
{
    const struct surety_plan_node *n = &ask->architecture->nodes[node];
    const struct surety_hedge_params *p = n->params;
    to(ask, child(ask, node, 0), at_s, out);
    for (uint32_t k = 1; k < n->n_children && !ask->stopped; k++) {
        const double copy_s = at_s + k * p->after_s;
        struct surety_reply copy;
        if (out->first_s <= copy_s)
            return;
        to(ask, child(ask, node, k), copy_s, &copy);
        const double failed_s = out->failed_s > copy.failed_s ? out->failed_s : copy.failed_s;
        if (copy.first_s < out->first_s)
            *out = copy;
        else
            out->failed_s = failed_s;
    }
}

// --- all of it -------------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    surety_ask_rule *rule;
} table[] = {
    {"series", ask_series},     {"parallel", ask_parallel}, {"k_of_n", ask_k_of_n},
    {"failover", ask_choice},   {"balance", ask_choice},    {"degrade", ask_degrade},
    {"fallback", ask_fallback}, {"hedge", ask_hedge},       {"cache", ask_cache},
};

static surety_ask_rule *rule_of(const struct surety_node_type *type, bool limited)
{
    if (type == NULL)
        return limited ? surety_ask_limited_provider : surety_ask_free_provider;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, type->name) == 0)
            return table[i].rule;
    return NULL;
}

static bool is_limited(const struct surety_plan *plan, const struct surety_plan_node *leaf)
{
    return surety_ask_is_limited(plan, leaf->provider);
}

static bool has_batch(const struct surety_plan *plan, const struct surety_plan_node *leaf)
{
    return plan->loads.on && plan->loads.limits[leaf->provider].step_s > 0;
}

// Questions that a request may put below a node.
static double questions(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node)
{
    const struct surety_plan_node *n = &a->nodes[node];
    if (n->type == NULL)
        return is_limited(plan, n) ? 3 : 0;
    const bool is_fallback = n->type != NULL && strcmp(n->type->name, "fallback") == 0;
    const struct surety_fallback_params *p = is_fallback ? n->params : NULL;
    double sum = 0;
    for (uint32_t k = 0; k < n->n_children; k++)
        sum += questions(plan, a, a->children[n->first_child + k]) * (p != NULL ? 1 + (double)p->retries : 1) +
               (p != NULL && p->cooldown_s > 0);
    return sum;
}

// Batches that one answer of a node may come from, the most.
static unsigned batches_below(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node,
                              surety_ask_rule *const *rules)
{
    const struct surety_plan_node *n = &a->nodes[node];
    unsigned most = n->type == NULL && has_batch(plan, n), sum = 0;
    for (uint32_t k = 0; k < n->n_children; k++) {
        const unsigned below = batches_below(plan, a, a->children[n->first_child + k], rules);
        sum += below;
        most = below > most ? below : most;
    }
    return rules[node] == ask_series ? sum : most;
}

// Whether all questions below a node are put at the instant at which a request comes to it.
static bool asks_at_once(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node,
                         surety_ask_rule *const *rules)
{
    const struct surety_plan_node *n = &a->nodes[node];
    if (n->type == NULL || questions(plan, a, node) == 0)
        return true;
    if (rules[node] != ask_choice && rules[node] != ask_degrade && rules[node] != ask_cache &&
        rules[node] != ask_k_of_n)
        return false;
    for (uint32_t k = 0; k < n->n_children; k++)
        if (!asks_at_once(plan, a, a->children[n->first_child + k], rules))
            return false;
    return true;
}

// Questions are put one after the other: below nodes that ask several routes at a time, none may put any after one that
// puts some later. What a degrade looks up without sending it must put none.
static bool asks_in_order(const struct surety_plan *plan, const struct surety_plan_architecture *a, uint32_t node,
                          surety_ask_rule *const *rules)
{
    const struct surety_plan_node *n = &a->nodes[node];
    bool later = false;
    if (rules[node] == ask_degrade)
        return ((const struct surety_degrade_params *)n->params)->counts_as != SURETY_COUNTS_DOWN ||
               questions(plan, a, node) == 0;
    if (rules[node] != ask_hedge && rules[node] != ask_k_of_n)
        return true;
    for (uint32_t k = 0; k < n->n_children; k++) {
        const uint32_t route = a->children[n->first_child + k];
        if (later && questions(plan, a, route) > 0)
            return false;
        later = later || !asks_at_once(plan, a, route, rules);
    }
    return true;
}

// Where the scenario has the node of that path.
static struct surety_place place_of(const struct surety_node *node, const char *path)
{
    struct surety_place place = {0, 0};
    if (strcmp(node->path, path) == 0)
        return node->place;
    for (size_t i = 0; i < node->n_children && place.line == 0; i++)
        place = place_of(node->children[i], path);
    return place;
}

static enum surety_err refuse(const struct surety_ask *ask, struct surety_diags *diags, uint32_t node, const char *what)
{
    const struct surety_scenario *s = ask->world->scenario;
    const char *path = ask->architecture->nodes[node].path;
    struct surety_place place = {0, 0};
    for (size_t i = 0; i < s->n_architectures && place.line == 0; i++)
        place = place_of(s->architectures[i].root, path);
    surety_diag_add(diags, SURETY_D_UNSUPPORTED, place, path, "leave the architecture out, or use --engine events",
                    "request by request, %s", what);
    return SURETY_E_INPUT;
}

enum surety_err surety_ask_init(struct surety_ask *ask, const struct surety_plan *plan, size_t architecture,
                                const struct surety_request_laws *laws, struct surety_requests_world *world,
                                struct surety_diags *diags)
{
    const struct surety_plan_architecture *a = &plan->architectures[architecture];
    const double most_questions = questions(plan, a, a->n_nodes - 1);
    *ask = (struct surety_ask){.plan = plan,
                               .architecture = a,
                               .laws = laws,
                               .node_streams = laws->node_streams[architecture],
                               .world = world,
                               .routes = &world->routes[architecture],
                               .remembers = most_questions > 0,
                               .most_questions = (size_t)most_questions,
                               .rules = calloc(a->n_nodes, sizeof *ask->rules),
                               .cooldowns = calloc(a->n_nodes, sizeof *ask->cooldowns),
                               .n_visits = calloc(plan->n_providers, sizeof *ask->n_visits),
                               .n_node_draws = calloc(a->n_nodes, sizeof *ask->n_node_draws)};
    if (ask->rules == NULL || ask->cooldowns == NULL || ask->n_visits == NULL || ask->n_node_draws == NULL)
        return SURETY_E_MEMORY;
    if (most_questions > MOST_QUESTIONS)
        return refuse(ask, diags, a->n_nodes - 1, "gateways with a cooldown this deep are not supported yet");
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        ask->rules[i] = rule_of(a->nodes[i].type, a->nodes[i].type == NULL && is_limited(plan, &a->nodes[i]));
        if (ask->rules[i] == NULL)
            return refuse(ask, diags, i, "this kind of node is not supported yet");
        if (batches_below(plan, a, i, ask->rules) > (ask->rules[i] != ask_k_of_n))
            return refuse(ask, diags, i, "several batches in a series, or one in a k_of_n, are not supported yet");
        if (ask->rules[i] == ask_k_of_n && a->nodes[i].n_children > MOST_MEMBERS)
            return refuse(ask, diags, i, "k_of_n has at most 64 members");
        if (!asks_in_order(plan, a, i, ask->rules))
            return refuse(ask, diags, i,
                          plan->loads.on || plan->n_reserved > 0
                              ? "limits behind the retries of several of its routes are not supported yet"
                              : "gateways with a cooldown on several routes of it are not supported yet");
    }
    return plan->loads.on || plan->n_reserved > 0 ? surety_ask_init_limits(ask) : SURETY_OK;
}

void surety_ask_finish(struct surety_ask *ask)
{
    surety_ask_finish_limits(ask);
    free(ask->rules);
    free(ask->cooldowns);
    free(ask->n_visits);
    free(ask->n_node_draws);
    free(ask->events.list);
}

void surety_ask_begin(struct surety_ask *ask, int64_t from_us)
{
    memset(ask->cooldowns, 0, ask->architecture->n_nodes * sizeof *ask->cooldowns);
    for (uint32_t i = 0; i < ask->architecture->n_nodes; i++)
        ask->cooldowns[i].cools_until_us = INT64_MIN;
    if (ask->limits != NULL)
        surety_ask_begin_limits(ask, from_us);
    ask->events.n = 0;
    ask->events.order = 0;
}

void surety_ask_run_out(struct surety_ask *ask)
{
    for (size_t p = 0; ask->batches != NULL && p < ask->plan->n_providers; p++)
        surety_batch_run_out(&ask->batches[p]);
}

void surety_ask_play(struct surety_ask *ask, struct surety_draws *draws, uint32_t request, int64_t arrival_us,
                     struct surety_reply *out)
{
    ask->draws = draws;
    ask->request = request;
    ask->arrival_us = arrival_us;
    ask->n_attempts = ask->n_refused = 0;
    ask->n_own_jobs = 0;
    ask->cost = 0;
    ask->n_asked = 0;
    ask->n_told = 0;
    ask->stopped = false;
    memset(ask->n_visits, 0, ask->plan->n_providers * sizeof *ask->n_visits);
    memset(ask->n_node_draws, 0, ask->architecture->n_nodes * sizeof *ask->n_node_draws);
    to(ask, ask->architecture->n_nodes - 1, 0, out);
}
