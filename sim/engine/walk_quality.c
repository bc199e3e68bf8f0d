// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/walk_quality.h"

#include "models/hours.h"
#include "sim/base/binomial.h"
#include "sim/base/ppb.h"
#include "sim/base/rng.h"
#include "sim/engine/model_events.h"
#include "sim/engine/walk_latency.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- life ------------------------------------------------------------------------------------------------------

enum surety_err surety_walk_quality_create(const struct surety_plan *plan,
                                           const struct surety_plan_architecture *architecture,
                                           struct surety_walk_quality **out)
{
    const struct surety_plan_quality *p = &plan->quality;
    *out = NULL;
    if (p->n_suites == 0)
        return SURETY_OK;
    struct surety_walk_quality *q = calloc(1, sizeof *q);
    if (q == NULL)
        return SURETY_E_MEMORY;
    q->plan = plan;
    const size_t n = plan->n_windows * p->n_checks, n_targets = plan->n_windows * p->n_targets + 1;
    const struct {
        void *array;
        size_t n, size;
    } table[] = {
        {&q->is_known, p->n_suites, sizeof *q->is_known},
        {&q->rate, p->n_checks, sizeof *q->rate},
        {&q->rate_normal, p->n_checks, sizeof *q->rate_normal},
        {&q->node_rate, architecture->n_nodes * p->n_checks, sizeof *q->node_rate},
        {&q->child_rate, architecture->n_nodes, sizeof *q->child_rate},
        {&q->leaves, architecture->n_nodes, sizeof *q->leaves},
        {&q->shifting, plan->n_providers, sizeof *q->shifting},
        {&q->load, architecture->n_nodes, sizeof *q->load},
        {&q->tables, p->n_checks, sizeof *q->tables},
        {&q->run, p->n_suites, sizeof *q->run},
        {&q->drop, plan->n_providers, sizeof *q->drop},
        {&q->right, n, sizeof *q->right},
        {&q->answered, n, sizeof *q->answered},
        {&q->right_normal, n, sizeof *q->right_normal},
        {&q->answered_normal, n, sizeof *q->answered_normal},
        {&q->passed, n, sizeof *q->passed},
        {&q->cases, n, sizeof *q->cases},
        {&q->reads_miss, n_targets, sizeof *q->reads_miss},
        {&q->is_miss, n_targets, sizeof *q->is_miss},
        {&q->missed, plan->n_windows * plan->n_tiers, sizeof *q->missed},
    };
    bool all = true;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        all = (*(void **)table[i].array = calloc(table[i].n, table[i].size)) != NULL && all;
    if (!all) {
        surety_walk_quality_destroy(q);
        return SURETY_E_MEMORY;
    }
    for (uint32_t i = 0; i < plan->n_providers; i++)
        for (uint32_t e = 0; e < plan->providers[i].n_effects; e++)
            if (plan->effects[plan->providers[i].first_effect + e].quality_shift != 0)
                q->shifting[i] |= UINT64_C(1) << e;
    for (size_t s = 0; s < p->n_suites; s++)
        q->is_known[s] = true;
    for (uint32_t i = 0; i < architecture->n_nodes; i++)
        for (size_t c = 0; c < p->n_checks && architecture->nodes[i].type == NULL; c++)
            if (p->checks[c].rate[architecture->nodes[i].provider] < 0)
                q->is_known[p->checks[c].suite] = false;
    *out = q;
    return SURETY_OK;
}

void surety_walk_quality_destroy(struct surety_walk_quality *q)
{
    if (q == NULL)
        return;
    for (size_t c = 0; q->tables != NULL && c < q->plan->quality.n_checks; c++)
        free(q->tables[c].cdf);
    void *const arrays[] = {q->is_known, q->rate,       q->rate_normal, q->node_rate,    (void *)q->child_rate,
                            q->load,     q->leaves,     q->shifting,    q->tables,       q->run,
                            q->right,    q->answered,   q->passed,      q->right_normal, q->answered_normal,
                            q->cases,    q->reads_miss, q->is_miss,     q->missed,       q->drop,
                            q->events};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(q);
}

// --- the rate of a state ---------------------------------------------------------------------------------------

// A few doubles: a call would cost more than the comparison.
static inline bool same(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static double held(double rate)
{
    return rate < 0 ? 0 : rate > 1 ? 1 : rate;
}

// A provider's rates: they are those of before unless an outage that shifts them came or went, or the model changed.
static void leaf_rates(const struct surety_walk *walk, uint32_t node, double *rates)
{
    const struct surety_plan *plan = walk->plan;
    const uint32_t provider = walk->architecture->nodes[node].provider;
    const uint64_t shifting = walk->active[provider] & walk->quality->shifting[provider];
    const double drop = walk->quality->drop[provider];
    struct surety_quality_leaf *leaf = &walk->quality->leaves[node];
    if (leaf->is_known && leaf->shifting == shifting && leaf->drop == drop)
        return;
    *leaf = (struct surety_quality_leaf){shifting, drop, true};
    double shift = -drop;
    for (uint64_t active = shifting; active != 0; active &= active - 1)
        shift +=
            plan->effects[plan->providers[provider].first_effect + (uint32_t)__builtin_ctzll(active)].quality_shift;
    for (size_t c = 0; c < plan->quality.n_checks; c++)
        rates[c] = held(plan->quality.checks[c].rate[provider] + shift);
}

// The mean over the answers of all children, of every check. child_rate: their rows of n_checks.
static void mean_rates(size_t n, const double *load, const double *const *child_f, const double *const *child_rate,
                       size_t n_checks, double *rates)
{
    double answers = 0;
    size_t n_answering = 0, only = 0;
    for (size_t k = 0; k < n; k++) {
        const double answered = load[k] * (1 - *child_f[k]);
        answers += answered;
        n_answering += answered != 0;
        only = answered != 0 ? k : only;
    }
    if (n_answering == 1) { // nearly always
        for (size_t c = 0; c < n_checks; c++)
            rates[c] = child_rate[only][c];
        return;
    }
    for (size_t c = 0; c < n_checks; c++)
        rates[c] = 0;
    for (size_t k = 0; k < n && answers > 0; k++) {
        const double weight = load[k] * (1 - *child_f[k]) / answers;
        for (size_t c = 0; c < n_checks; c++)
            rates[c] += weight * child_rate[k][c];
    }
}

static void node_rates(struct surety_walk *walk, uint32_t node, double *rates)
{
    struct surety_walk_quality *q = walk->quality;
    const struct surety_plan_node *n = &walk->architecture->nodes[node];
    const uint32_t *children = &walk->architecture->children[n->first_child];
    const double *const *child_f = walk->views[node].child_f;
    const size_t n_checks = q->plan->quality.n_checks;
    const double *load = NULL;
    if (walk->latency != NULL && walk->latency->overrides[node])
        load = surety_walk_latency_load(walk, node);
    if (load == NULL) {
        n->type->route(&walk->views[node], q->load);
        load = q->load;
    }
    for (uint32_t k = 0; k < n->n_children; k++)
        q->child_rate[k] = &q->node_rate[children[k] * n_checks];
    if (n->type->blend == NULL) {
        mean_rates(n->n_children, load, child_f, q->child_rate, n_checks, rates);
        return;
    }
    for (size_t c = 0; c < n_checks; c++) {
        rates[c] = n->type->blend(n->n_children, load, child_f, q->child_rate);
        for (uint32_t k = 0; k < n->n_children; k++)
            q->child_rate[k]++;
    }
}

// The rates of the tree as it stands into q->rate. True when they or the share that is answered are not as before.
static bool look(struct surety_walk *walk)
{
    struct surety_walk_quality *q = walk->quality;
    const size_t n_checks = q->plan->quality.n_checks;
    const uint32_t n = walk->architecture->n_nodes;
    for (uint32_t i = 0; i < n; i++) {
        const struct surety_plan_node *node = &walk->architecture->nodes[i];
        if (node->type == NULL)
            leaf_rates(walk, i, &q->node_rate[i * n_checks]);
        else
            node_rates(walk, i, &q->node_rate[i * n_checks]);
    }
    const double *rate = &q->node_rate[(n - 1) * n_checks], served = 1 - walk->f[n - 1];
    return served != q->served || !same(rate, q->rate, n_checks);
}

// What `look` found holds from now on.
static void take(struct surety_walk *walk)
{
    struct surety_walk_quality *q = walk->quality;
    const size_t n_checks = q->plan->quality.n_checks;
    const uint32_t root = walk->architecture->n_nodes - 1;
    for (size_t c = 0; c < n_checks; c++)
        q->rate[c] = q->node_rate[root * n_checks + c];
    q->served = 1 - walk->f[root];
}

// --- books -----------------------------------------------------------------------------------------------------

// Requests of the suite's workload, or of all, that count.
static double requests(const struct surety_plan *plan, const struct surety_plan_suite *suite, size_t w, int64_t a_us,
                       int64_t b_us)
{
    return suite->demand != UINT32_MAX ? surety_hours_demand_of(plan, suite->demand, w, a_us, b_us)
                                       : surety_hours_demand(plan, w, a_us, b_us);
}

// Adds what the stretch up to now_us was beyond the normal state.
static void book(struct surety_walk_quality *q, int64_t now_us)
{
    const struct surety_plan *plan = q->plan;
    const size_t n_checks = plan->quality.n_checks;
    const int64_t *boundary = plan->window_us;
    int64_t a_us = q->since_us;
    q->since_us = now_us;
    if (now_us <= a_us || (q->served == q->served_normal && same(q->rate, q->rate_normal, n_checks)))
        return;
    while (boundary[q->window + 1] <= a_us)
        q->window++;
    for (size_t w = q->window; a_us < now_us; w++) {
        const int64_t b_us = now_us < boundary[w + 1] ? now_us : boundary[w + 1];
        double n = 0;
        for (size_t s = 0; s < plan->quality.n_suites; s++) {
            const struct surety_plan_suite *suite = &plan->quality.suites[s];
            if (s == 0 || suite->demand != suite[-1].demand)
                n = requests(plan, suite, w, a_us, b_us);
            for (size_t c = suite->first_check; c < suite->first_check + suite->n_checks; c++) {
                q->right[w * n_checks + c] += (q->served * q->rate[c] - q->served_normal * q->rate_normal[c]) * n;
                q->answered[w * n_checks + c] += (q->served - q->served_normal) * n;
            }
        }
        a_us = b_us;
    }
}

// --- runs ------------------------------------------------------------------------------------------------------

static enum surety_err make_table(struct surety_run_table *table, int64_t n, double p)
{
    const double reach = 9 * sqrt((double)n * p * (1 - p)) + 40;
    const double low = (double)n * p - reach, high = (double)n * p + reach;
    *table = (struct surety_run_table){.p = p, .first = low > 0 ? (int64_t)low : 0};
    const int64_t last = high < (double)n ? (int64_t)high : n;
    table->cdf = calloc((size_t)(last - table->first) + 1, sizeof *table->cdf);
    if (table->cdf == NULL)
        return SURETY_E_MEMORY;
    double sum = 0;
    for (int64_t k = table->first; k <= last; k++)
        table->cdf[table->n++] = sum += surety_binomial_pmf(n, k, p);
    return SURETY_OK;
}

// The smallest k with P(X <= k) >= u.
static int64_t passes(const struct surety_run_table *table, int64_t n, double p, double u)
{
    if (p != table->p || table->cdf == NULL)
        return surety_binomial_quantile(n, p, u);
    size_t low = 0, high = table->n - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (table->cdf[middle] >= u)
            high = middle;
        else
            low = middle + 1;
    }
    return table->first + (int64_t)low;
}

static double draw(const struct surety_walk *walk, const struct surety_plan_check *check, int64_t index)
{
    struct surety_rng rng = {walk->meters[0].key, check->stream, (uint32_t)index, walk->meters[0].replication};
    return surety_rng_uniform(&rng);
}

static int64_t run_us(const struct surety_walk_quality *q, size_t suite)
{
    const int64_t every_us = q->plan->quality.suites[suite].every_us;
    if (every_us == SURETY_NEVER || (q->run[suite] > 0 && every_us > q->plan->term_us / q->run[suite]))
        return SURETY_NEVER;
    return q->run[suite] * every_us;
}

static void find_next_run(struct surety_walk_quality *q)
{
    q->next_run_us = SURETY_NEVER;
    for (size_t s = 0; s < q->plan->quality.n_suites; s++) {
        const int64_t at_us = run_us(q, s);
        q->next_run_us = at_us < q->next_run_us ? at_us : q->next_run_us;
    }
}

// The suites that are due at q->next_run_us are run. One at which nothing is answered yields nothing.
static void run_suites(struct surety_walk *walk, size_t w)
{
    struct surety_walk_quality *q = walk->quality;
    const struct surety_plan_quality *p = &q->plan->quality;
    for (size_t s = 0; s < p->n_suites; s++) {
        const struct surety_plan_suite *suite = &p->suites[s];
        if (run_us(q, s) != q->next_run_us)
            continue;
        const int64_t number = q->run[s]++;
        for (size_t c = suite->first_check; q->served > 0 && c < suite->first_check + suite->n_checks; c++) {
            const double judged = held(surety_judged(q->rate[c], suite->sensitivity, suite->specificity));
            const int64_t passed = passes(&q->tables[c], suite->n_cases, judged, draw(walk, &p->checks[c], number));
            q->cases[w * p->n_checks + c] += suite->n_cases;
            q->passed[w * p->n_checks + c] += passed;
            if (q->told != NULL)
                q->told(q->context, q, c, q->next_run_us, passed);
        }
    }
    find_next_run(q);
}

// From the event's instant on; the tree is as it was.
static void change_model(struct surety_walk *walk, const struct surety_model_event *event)
{
    struct surety_walk_quality *q = walk->quality;
    book(q, event->at_us);
    q->drop[event->provider] = event->drop;
    look(walk);
    take(walk);
}

void surety_walk_quality_pass(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_quality *q = walk->quality;
    const int64_t *boundary = q->plan->window_us;
    size_t w = q->window;
    for (;;) { // at now_us the tree is another
        const bool is_event = q->next_event < q->n_events && q->events[q->next_event].at_us <= q->next_run_us;
        const int64_t at_us = is_event ? q->events[q->next_event].at_us : q->next_run_us;
        if (at_us >= now_us)
            return;
        if (is_event) {
            change_model(walk, &q->events[q->next_event++]);
            continue;
        }
        while (boundary[w + 1] <= at_us)
            w++;
        run_suites(walk, w);
    }
}

// --- a replication ---------------------------------------------------------------------------------------------

enum surety_err surety_walk_quality_normal(struct surety_walk *walk)
{
    struct surety_walk_quality *q = walk->quality;
    const struct surety_plan *plan = q->plan;
    const size_t n_checks = plan->quality.n_checks;
    look(walk);
    take(walk);
    memcpy(q->rate_normal, q->rate, n_checks * sizeof *q->rate);
    q->served_normal = q->served;
    for (size_t c = 0; c < n_checks; c++) {
        const struct surety_plan_suite *suite = &plan->quality.suites[plan->quality.checks[c].suite];
        const double judged = held(surety_judged(q->rate[c], suite->sensitivity, suite->specificity));
        if (!suite->issues && make_table(&q->tables[c], suite->n_cases, judged) != SURETY_OK)
            return SURETY_E_MEMORY;
        for (size_t w = 0; w < plan->n_windows; w++) {
            const double n = requests(plan, suite, w, plan->window_us[w], plan->window_us[w + 1]);
            q->answered_normal[w * n_checks + c] = q->served * n;
            q->right_normal[w * n_checks + c] = q->served * q->rate[c] * n;
        }
    }
    return SURETY_OK;
}

void surety_walk_quality_start(struct surety_walk *walk)
{
    struct surety_walk_quality *q = walk->quality;
    const struct surety_plan *plan = q->plan;
    const size_t n = plan->n_windows * plan->quality.n_checks;
    memcpy(q->right, q->right_normal, n * sizeof *q->right);
    memcpy(q->answered, q->answered_normal, n * sizeof *q->answered);
    memset(q->passed, 0, n * sizeof *q->passed);
    memset(q->cases, 0, n * sizeof *q->cases);
    memset(q->run, 0, plan->quality.n_suites * sizeof *q->run);
    memset(q->drop, 0, plan->n_providers * sizeof *q->drop);
    surety_model_events_draw(walk);
    find_next_run(q);
    q->since_us = 0;
    q->window = 0;
    look(walk);
    take(walk);
}

void surety_walk_quality_turn(struct surety_walk *walk, int64_t now_us)
{
    struct surety_walk_quality *q = walk->quality;
    if (!look(walk))
        return;
    book(q, now_us);
    take(walk);
}

// Tasks of the window that were answered, in whole tasks.
static int64_t tasks(const struct surety_plan *plan, const struct surety_plan_suite *suite, size_t w, double answered)
{
    double all = 0, n_tasks = 0;
    for (size_t d = 0; d < plan->n_demands; d++) {
        if (suite->demand != UINT32_MAX && suite->demand != d)
            continue;
        const double n = surety_hours_demand_of(plan, d, w, plan->window_us[w], plan->window_us[w + 1]);
        all += n;
        n_tasks += n / plan->demands[d].requests_per_task;
    }
    return all > 0 && answered > 0 ? (int64_t)(n_tasks * answered / all + 0.5) : 0;
}

double surety_walk_quality_true_rate(const struct surety_walk_quality *q, size_t at)
{
    return q->answered[at] > 0 ? held(q->right[at] / q->answered[at]) : 1;
}

static void report_issues(struct surety_walk *walk, size_t w)
{
    struct surety_walk_quality *q = walk->quality;
    const struct surety_plan_quality *p = &q->plan->quality;
    for (size_t c = 0; c < p->n_checks; c++) {
        const struct surety_plan_suite *suite = &p->suites[p->checks[c].suite];
        const size_t at = w * p->n_checks + c;
        if (!suite->issues)
            continue;
        const double silent =
            held(surety_judged(surety_walk_quality_true_rate(q, at), suite->sensitivity, suite->specificity));
        q->cases[at] = tasks(q->plan, suite, w, q->answered[at]);
        q->passed[at] = surety_binomial_quantile(q->cases[at], silent, draw(walk, &p->checks[c], (int64_t)w));
    }
}

static void judge(struct surety_walk_quality *q, size_t w, size_t i)
{
    const struct surety_plan_quality *p = &q->plan->quality;
    const struct surety_plan_quality_target *t = &p->targets[i];
    const struct surety_plan_suite *suite = &p->suites[t->suite];
    bool reads_miss = false, is_miss = false;
    for (size_t c = suite->first_check; c < suite->first_check + suite->n_checks; c++) {
        const size_t at = w * p->n_checks + c;
        const double rate = surety_walk_quality_true_rate(q, at);
        // What is promised of issues is the rate of reports itself.
        const double promised = suite->issues ? surety_judged(rate, suite->sensitivity, suite->specificity) : rate;
        is_miss = is_miss || (q->answered[at] > 0 && surety_ppb(promised) < t->rate_ppb);
        reads_miss = reads_miss || (__int128)q->passed[at] * SURETY_PPB_ONE < (__int128)t->bar_ppb * q->cases[at];
    }
    q->is_miss[w * p->n_targets + i] = is_miss;
    q->reads_miss[w * p->n_targets + i] = reads_miss;
    bool *tier = &q->missed[w * q->plan->n_tiers + t->tier];
    *tier = *tier || reads_miss;
}

void surety_walk_quality_close(struct surety_walk *walk)
{
    struct surety_walk_quality *q = walk->quality;
    const struct surety_plan *plan = q->plan;
    surety_walk_quality_pass(walk, plan->term_us);
    book(q, plan->term_us);
    memset(q->missed, 0, plan->n_windows * plan->n_tiers * sizeof *q->missed);
    for (size_t w = 0; w < plan->n_windows; w++) {
        report_issues(walk, w);
        for (size_t i = 0; i < plan->quality.n_targets; i++)
            judge(q, w, i);
    }
}
