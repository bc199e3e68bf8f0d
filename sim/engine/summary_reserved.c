// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/summary_reserved.h"

#include "models/reserved_books.h"
#include "sim/base/calendar.h"
#include "sim/engine/books_reserved.h"

#include <math.h>

static bool has_provider(const struct surety_plan_architecture *a, uint32_t provider)
{
    bool has = false;
    for (uint32_t i = 0; i < a->n_nodes; i++)
        has = has || (a->nodes[i].type == NULL && a->nodes[i].provider == provider);
    return has;
}

// Load and overflow of one hour of the week at a share of the requests, means over the term.
static struct surety_reserved_hour look(const struct surety_plan *plan, const struct surety_plan_reserved *reserved,
                                        size_t hour, double share, double *rates)
{
    const struct surety_plan_week *week = &plan->week;
    const size_t per_hour = (size_t)(SURETY_US_PER_HOUR / week->cell_us), n = plan->n_demands;
    double offered = 0, over = 0, weight = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double length = (double)(plan->window_us[w + 1] - plan->window_us[w]);
        for (size_t c = hour * per_hour; c < (hour + 1) * per_hour; c++) {
            double tokens = 0;
            for (size_t d = 0; d < n; d++) {
                rates[d] = week->growth[week->window_class[w] * n + d] * week->rate_per_s[week->level[c] * n + d];
                tokens += 60 * share * rates[d] * reserved->pools[0].request[d].k1;
            }
            offered += length * tokens;
            over += length * tokens * surety_reserved_overflow(plan, reserved, rates, share);
            weight += length;
        }
    }
    return (struct surety_reserved_hour){offered / weight / reserved->pools[0].limit,
                                         (offered - over) / weight / reserved->pools[0].limit,
                                         offered > 0 ? over / offered : 0};
}

// Utilisation from which the fee is less than the same tokens on demand, in the mix of the term's demand; NAN: those
// are free.
static double break_even(const struct surety_plan *plan, const struct surety_plan_reserved *reserved)
{
    double fee = 0, tokens = 0, cost = 0;
    for (size_t w = 0; w < plan->n_windows; w++) {
        const double length = (double)(plan->window_us[w + 1] - plan->window_us[w]);
        fee += reserved->fee[w];
        for (size_t d = 0; d < plan->n_demands; d++) {
            const struct surety_plan_demand *demand = &plan->demands[d];
            const double requests = length * demand->growth[w] * demand->cumulative[SURETY_HOURS_A_WEEK];
            tokens += requests * reserved->pools[0].request[d].k1;
            cost += requests * reserved->token_cost[d];
        }
    }
    return cost > 0 ? fee / (reserved->pools[0].limit * (double)plan->term_us / 6e7 * cost / tokens) : NAN;
}

static void fill(const struct surety_plan *plan, const struct surety_plan_reserved *reserved, const double *sums,
                 double n, double a_month, struct surety_reserved_result *out)
{
    const double per_window = a_month / (n * (double)plan->n_windows), moved_s = sums[SURETY_SUM_MOVED_S];
    out->rejects = reserved->rejects;
    out->tokens_per_minute = reserved->pools[0].limit;
    out->output_tokens_per_minute = reserved->n_pools > 1 ? reserved->pools[1].limit : NAN;
    out->fee_per_month = sums[SURETY_SUM_FEE] * per_window;
    out->utilisation = sums[SURETY_SUM_CARRIED] / n;
    out->output_utilisation = reserved->n_pools > 1 ? sums[SURETY_SUM_CARRIED_OUTPUT] / n : NAN;
    out->overflow = sums[SURETY_SUM_SENT] > 0 ? sums[SURETY_SUM_OVER] / sums[SURETY_SUM_SENT] : 0;
    out->overflow_cost_per_month = sums[SURETY_SUM_OVER_COST] * per_window;
    out->without_per_month = sums[SURETY_SUM_WITHOUT_COST] * per_window;
    out->break_even = break_even(plan, reserved);
    out->moved_time = moved_s / n / ((double)plan->term_us * 1e-6);
    out->moved_utilisation = out->moved_overflow = NAN;
    if (moved_s > 0 && sums[SURETY_SUM_MOVED_SENT] > 0) {
        const double carried = sums[SURETY_SUM_MOVED_SENT] - sums[SURETY_SUM_MOVED_OVER];
        out->moved_utilisation = carried / (reserved->pools[0].limit * moved_s / 60);
        out->moved_overflow = sums[SURETY_SUM_MOVED_OVER] / sums[SURETY_SUM_MOVED_SENT];
    }
}

bool surety_summary_reserved(const struct surety_summary *summary, const struct surety_books *books,
                             const double *totals, const struct surety_plan_architecture *architecture, double a_month,
                             struct surety_architecture_result *out)
{
    const struct surety_plan *plan = summary->plan;
    struct surety_arena *arena = &summary->result->arena;
    if (plan->n_reserved == 0)
        return true;
    double *rates = surety_arena_calloc(arena, plan->n_demands, sizeof *rates);
    out->reserved = surety_arena_calloc(arena, plan->n_reserved, sizeof *out->reserved);
    if (rates == NULL || out->reserved == NULL)
        return false;
    for (size_t r = 0; r < plan->n_reserved; r++) {
        const struct surety_plan_reserved *reserved = &plan->reserved[r];
        const struct surety_provider *provider = &summary->scenario->providers[reserved->provider];
        struct surety_reserved_result *result = &out->reserved[out->n_reserved];
        if (!has_provider(architecture, reserved->provider))
            continue;
        fill(plan, reserved, &totals[surety_reserved_sums(plan, r)], (double)books->n_terms, a_month, result);
        result->provider = surety_arena_printf(arena, "%s", provider->name);
        result->units = provider->reserved.units.units;
        result->output_units = provider->reserved.has_output ? provider->reserved.output.units : NAN;
        result->normal_share = books->normal_share[r];
        result->most_share = books->most_share[r];
        for (size_t h = 0; h < SURETY_HOURS_A_WEEK; h++) {
            result->normal[h] = look(plan, reserved, h, result->normal_share, rates);
            result->most[h] = look(plan, reserved, h, result->most_share, rates);
        }
        if (result->provider == NULL)
            return false;
        out->n_reserved++;
        out->reserved_per_month += result->fee_per_month;
    }
    return true;
}
