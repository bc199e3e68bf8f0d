// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/combine.h"

#include "sim/base/ppb.h"

// The largest k an update keeps on the stack; a larger k_of_n is refused by its settle function.
#define MAX_K 256

double surety_series_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    double served = 1;
    for (size_t i = 0; i < view->n_children; i++)
        served *= 1 - *view->child_f[i];
    return 1 - served;
}

double surety_series_blend(size_t n_children, const double *load, const double *const *child_f,
                           const double *const *rate)
{
    (void)load, (void)child_f;
    double right = 1;
    for (size_t i = 0; i < n_children; i++)
        right *= *rate[i];
    return right;
}

double surety_hedge_blend(size_t n_children, const double *load, const double *const *child_f,
                          const double *const *rate)
{
    double sum = 0, first = 0, before = 0, worst = 1;
    for (size_t i = 0; i < n_children; i++) {
        if (!(load[i] > 0) || !(*child_f[i] < 1))
            continue; // never answers
        if (first > 0)
            sum += (before - load[i]) * worst; // those that asked no further
        else
            first = load[i];
        worst = *rate[i] < worst ? *rate[i] : worst;
        before = load[i];
    }
    return first > 0 ? (sum + before * worst) / first : 0;
}

void surety_series_route(const struct surety_node_view *view, double *load)
{
    for (size_t i = 0; i < view->n_children; i++)
        load[i] = 1;
}

double surety_parallel_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    double failed = 1;
    for (size_t i = 0; i < view->n_children; i++)
        failed *= *view->child_f[i];
    return failed;
}

void surety_parallel_route(const struct surety_node_view *view, double *load)
{
    const struct surety_parallel_params *p = view->params;
    size_t best = 0;
    for (size_t i = 0; i < view->n_children; i++) {
        load[i] = 0;
        if (surety_ppb(*view->child_f[i]) < surety_ppb(*view->child_f[best]))
            best = i;
    }
    for (size_t i = 0; i < view->n_children; i++)
        if (surety_ppb(*view->child_f[i]) < p->trip_ppb) {
            best = i;
            break;
        }
    load[best] = 1;
}

bool surety_parallel_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                            const char **problem)
{
    (void)n_children, (void)key, (void)problem;
    ((struct surety_parallel_params *)params)->trip_ppb = down_at_ppb;
    return true;
}

double surety_k_of_n_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    const size_t k = (size_t)((const struct surety_k_of_n_params *)view->params)->k;
    double p_successes[MAX_K] = {1}; // p_successes[j]: exactly j < k of the members looked at succeed
    for (size_t i = 0; i < view->n_children; i++) {
        const double f = *view->child_f[i];
        for (size_t j = k; j-- > 0;)
            p_successes[j] = p_successes[j] * f + (j > 0 ? p_successes[j - 1] * (1 - f) : 0);
    }
    double failed = 0;
    for (size_t j = k; j-- > 0;)
        failed += p_successes[j];
    return failed < 1 ? failed : 1; // the sum may round up past 1
}

void surety_k_of_n_route(const struct surety_node_view *view, double *load)
{
    surety_series_route(view, load);
}

bool surety_k_of_n_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key, const char **problem)
{
    (void)down_at_ppb;
    const struct surety_k_of_n_params *p = params;
    if (p->k >= 1 && (size_t)p->k <= n_children && p->k <= MAX_K)
        return true;
    *key = "k";
    *problem = p->k > MAX_K ? "k is larger than 256" : "k must be at least 1 and at most the number of members";
    return false;
}

void surety_series_explain(const struct surety_node_view *view, struct surety_explanation *explanation)
{
    uint32_t worst = 0;
    for (uint32_t i = 1; i < view->n_children; i++)
        if (*view->child_f[i] > *view->child_f[worst])
            worst = i;
    *explanation = (struct surety_explanation){
        .phase = SURETY_PHASE_ALL_ROUTES_DOWN, .ask_child = true, .all_children = true, .child = worst};
}

void surety_combined_explain(const struct surety_node_view *view, struct surety_explanation *explanation)
{
    (void)view;
    *explanation = (struct surety_explanation){.phase = SURETY_PHASE_ALL_ROUTES_DOWN, .all_children = true};
}

// --- cache -----------------------------------------------------------------------------------------------------

double surety_cache_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    const struct surety_cache_params *p = view->params;
    return (1 - p->share_hit) * *view->child_f[0];
}

void surety_cache_route(const struct surety_node_view *view, double *load)
{
    const struct surety_cache_params *p = view->params;
    load[0] = 1 - p->share_hit;
}

void surety_cache_explain(const struct surety_node_view *view, struct surety_explanation *explanation)
{
    (void)view;
    *explanation = (struct surety_explanation){.phase = SURETY_PHASE_ALL_ROUTES_DOWN, .ask_child = true};
}

// --- degrade ---------------------------------------------------------------------------------------------------

enum { NORMAL, TO };

static bool is_degraded(const struct surety_node_view *view)
{
    const struct surety_degrade_params *p = view->params;
    return surety_reaches(*view->child_f[NORMAL], p->trip_ppb);
}

double surety_degrade_update(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us)
{
    (void)now_us, (void)timer_us;
    const struct surety_degrade_params *p = view->params;
    const bool counts = is_degraded(view) && p->counts_as != SURETY_COUNTS_DOWN;
    return *view->child_f[counts ? TO : NORMAL];
}

void surety_degrade_route(const struct surety_node_view *view, double *load)
{
    load[NORMAL] = !is_degraded(view);
    load[TO] = is_degraded(view);
}

// Where `to` does not help, the causes lie with `normal` too.
void surety_degrade_explain(const struct surety_node_view *view, struct surety_explanation *explanation)
{
    const struct surety_degrade_params *p = view->params;
    if (!is_degraded(view))
        *explanation =
            (struct surety_explanation){.phase = SURETY_PHASE_BELOW_TRIP, .ask_child = true, .child = NORMAL};
    else
        *explanation = (struct surety_explanation){.phase = SURETY_PHASE_ALL_ROUTES_DOWN,
                                                   .ask_child = true,
                                                   .all_children = p->counts_as != SURETY_COUNTS_DOWN,
                                                   .child = p->counts_as == SURETY_COUNTS_DOWN ? NORMAL : TO};
}

bool surety_degrade_settle(void *params, size_t n_children, int64_t down_at_ppb, const char **key, const char **problem)
{
    (void)n_children, (void)key, (void)problem;
    struct surety_degrade_params *p = params;
    if (p->trip_ppb < 0)
        p->trip_ppb = down_at_ppb;
    return true;
}
