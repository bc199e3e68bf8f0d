// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/groups.h"

#include <math.h>
#include <stdlib.h>

enum surety_err surety_groups_init(struct surety_groups *groups, const struct surety_plan *plan, size_t n_inputs,
                                   uint64_t n_replications, uint64_t n_chunks)
{
    const uint64_t n = (n_replications + SURETY_GROUP - 1) / SURETY_GROUP;
    *groups = (struct surety_groups){
        .plan = plan,
        .n = n,
        .n_inputs = n_inputs,
        .met = calloc(n * plan->n_architectures * plan->n_tiers * SURETY_GROUPS_N * 2, sizeof *groups->met),
        .values = calloc(n * n_inputs, sizeof *groups->values),
        .spread = calloc(n_chunks * plan->n_architectures * 2 * surety_n_sums(plan), sizeof *groups->spread),
    };
    return groups->met != NULL && groups->values != NULL && groups->spread != NULL ? SURETY_OK : SURETY_E_MEMORY;
}

void surety_groups_finish(struct surety_groups *groups)
{
    free(groups->met);
    free(groups->values);
    free(groups->spread);
}

uint32_t *surety_groups_met(const struct surety_groups *groups, uint64_t group, size_t architecture, size_t tier)
{
    const struct surety_plan *plan = groups->plan;
    return &groups->met[((group * plan->n_architectures + architecture) * plan->n_tiers + tier) * SURETY_GROUPS_N * 2];
}

double *surety_groups_spread(const struct surety_groups *groups, uint64_t chunk, size_t architecture)
{
    return &groups->spread[(chunk * groups->plan->n_architectures + architecture) * 2 * surety_n_sums(groups->plan)];
}

static uint64_t size_of(uint64_t group, uint64_t n_replications)
{
    const uint64_t left = n_replications - group * SURETY_GROUP;
    return left < SURETY_GROUP ? left : SURETY_GROUP;
}

static uint64_t groups_of(uint64_t n_replications)
{
    return (n_replications + SURETY_GROUP - 1) / SURETY_GROUP;
}

struct surety_groups_share surety_groups_share(const struct surety_groups *groups, uint64_t n_replications,
                                               size_t architecture, size_t tier, unsigned what, bool windows,
                                               uint64_t sum_missed_squared)
{
    const double n = (double)n_replications, n_windows = windows ? (double)groups->plan->n_windows : 1;
    const uint64_t n_groups = groups_of(n_replications);
    uint64_t met = 0;
    for (uint64_t g = 0; g < n_groups; g++)
        met += surety_groups_met(groups, g, architecture, tier)[2 * what + windows];
    struct surety_groups_share share = {.p = (double)met / (n * n_windows)};
    if (n_groups < 2)
        return share;
    // Sums of squares: of groups around the mean, of terms around their groups.
    double between = 0, own = 0, sizes = 0, se = 0;
    for (uint64_t g = 0; g < n_groups; g++) {
        const double k = (double)size_of(g, n_replications);
        const double met_here = surety_groups_met(groups, g, architecture, tier)[2 * what + windows],
                     p = met_here / (k * n_windows);
        between += k * (p - share.p) * (p - share.p);
        own += k * p * p;
        se += k * k * (p - share.p) * (p - share.p);
        sizes += k * k;
    }
    // A term's share is met or not; of windows it is 1 - missed / n_windows.
    const double squares =
        windows ? n - 2 * (n - n * share.p) + (double)sum_missed_squared / (n_windows * n_windows) : n * share.p;
    const double df = (double)n_groups - 1, size = (n - sizes / n) / df;
    share.within = n > (double)n_groups ? fmax(0, (squares - own) / (n - (double)n_groups)) : 0;
    share.between = fmax(0, (between / df - share.within) / size);
    share.se = sqrt((df + 1) / df * se) / n;
    return share;
}

void surety_groups_widen(const struct surety_groups *groups, uint64_t n_replications, uint64_t n_chunks,
                         size_t architecture, double *totals)
{
    const size_t n_tiers = groups->plan->n_tiers;
    const double n = (double)n_replications, n_groups = (double)groups_of(n_replications);
    double sizes = 0;
    for (uint64_t g = 0; g < groups_of(n_replications); g++)
        sizes += (double)(size_of(g, n_replications) * size_of(g, n_replications));
    const size_t n_pairs = SURETY_N_FIXED_SUMS + n_tiers * SURETY_N_TIER_SUMS; // value, square, value, square
    for (size_t i = 0; i < n_pairs; i += 2) {
        double squares = 0, cross = 0;
        for (uint64_t c = 0; c < n_chunks; c++) {
            squares += surety_groups_spread(groups, c, architecture)[2 * i];
            cross += surety_groups_spread(groups, c, architecture)[2 * i + 1];
        }
        const double mean = totals[i] / n;
        const double deviations = fmax(0, squares - 2 * mean * cross + mean * mean * sizes);
        const double se_squared = n_groups > 1 ? n_groups / (n_groups - 1) * deviations / (n * n) : 0;
        totals[i + 1] = totals[i] * mean + (n - 1) * n * se_squared; // what surety_summary_mean undoes
    }
}

// --- which input matters ---------------------------------------------------------------------------------------

struct ranked {
    double value;
    uint64_t group;
};

static int rising(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

// Ranks from -1 to 1, ties at their mean.
static void rank(struct ranked *list, uint64_t n, double *ranks)
{
    qsort(list, n, sizeof *list, rising);
    for (uint64_t i = 0; i < n;) {
        uint64_t end = i + 1;
        while (end < n && list[end].value == list[i].value)
            end++;
        for (uint64_t k = i; k < end; k++)
            ranks[list[k].group] = ((double)(i + end - 1) - (double)(n - 1)) / (double)n;
        i = end;
    }
}

double surety_groups_correlation(const struct surety_groups *groups, uint64_t n_replications, size_t input,
                                 size_t architecture, size_t tier)
{
    const uint64_t n = n_replications / SURETY_GROUP; // whole groups
    struct ranked *list = calloc(n + 1, sizeof *list);
    double *x = calloc(n + 1, sizeof *x), *y = calloc(n + 1, sizeof *y), xx = 0, yy = 0, xy = 0;
    for (uint64_t g = 0; list != NULL && x != NULL && y != NULL && g < n; g++)
        list[g] = (struct ranked){groups->values[g * groups->n_inputs + input], g};
    if (list != NULL && x != NULL && y != NULL) {
        rank(list, n, x);
        for (uint64_t g = 0; g < n; g++)
            list[g] = (struct ranked){surety_groups_met(groups, g, architecture, tier)[1], g};
        rank(list, n, y);
        for (uint64_t g = 0; g < n; g++) {
            xx += x[g] * x[g];
            yy += y[g] * y[g];
            xy += x[g] * y[g];
        }
    }
    free(list);
    free(x);
    free(y);
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}
