// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips_search.h"

#include <math.h>

// The choice of an architecture as a price moves.

// What an architecture costs more a month when the price doubles, and beyond today's at the value itself.
static enum surety_err slope_of(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                size_t architecture, double *slope)
{
    struct surety_flip_question q = probe->question;
    struct surety_flip_sample once, twice;
    q.architecture = architecture;
    q.n_terms = probe->n_coarse;
    q.credits = false;
    q.money = true;
    enum surety_err err = surety_flip_evaluate(&q, input, 1, &once);
    if (err == SURETY_OK)
        err = surety_flip_evaluate(&q, input, 2, &twice);
    if (err == SURETY_OK)
        *slope = twice.cost_per_month - once.cost_per_month;
    return err;
}

// What the verdict prefers one architecture for.
static double worth(const struct surety_flip_probe *probe, size_t architecture)
{
    const struct surety_architecture_result *a = &probe->result->architectures[architecture];
    const struct surety_tier_result *tier = &a->tiers[probe->result->verdict.tier];
    return tier->has_margin ? tier->margin_per_month.mean : -a->cost_per_month.mean;
}

// Whether the tier would have the verdict's outcome there: safe depends on no price, priced on the margin.
static enum surety_err is_rival(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                size_t architecture, double factor, bool *out)
{
    *out = true;
    if (probe->result->verdict.outcome == SURETY_OUTCOME_SAFE)
        return SURETY_OK;
    struct surety_flip_question q = probe->question;
    struct surety_flip_sample sample;
    q.architecture = architecture;
    q.n_terms = probe->n_coarse;
    q.money = true;
    const enum surety_err err = surety_flip_evaluate(&q, input, factor, &sample);
    *out = err == SURETY_OK && sample.margin_p05 > 0;
    return err;
}

enum surety_err surety_flip_choose(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                   struct surety_flip_choice found[2])
{
    const struct surety_verdict *v = &probe->result->verdict;
    double own;
    found[0] = found[1] = (struct surety_flip_choice){NAN, SIZE_MAX};
    enum surety_err err = slope_of(probe, input, v->architecture, &own);
    for (size_t i = 0; err == SURETY_OK && i < probe->result->n_architectures; i++) {
        if (i == v->architecture || probe->result->architectures[i].tiers[v->tier].outcome != v->outcome)
            continue;
        double slope;
        err = slope_of(probe, input, i, &slope);
        if (err != SURETY_OK || own == slope)
            continue;
        const double factor = 1 + (worth(probe, v->architecture) - worth(probe, i)) / (own - slope);
        struct surety_flip_choice *side = &found[factor > 1];
        if (!(factor >= 1 / SURETY_FLIP_FARTHEST && factor <= SURETY_FLIP_FARTHEST) ||
            (side->architecture != SIZE_MAX && fabs(log(side->factor)) <= fabs(log(factor))))
            continue;
        bool good;
        err = is_rival(probe, input, i, factor, &good);
        if (err == SURETY_OK && good)
            *side = (struct surety_flip_choice){factor, i};
    }
    return err == SURETY_E_INPUT ? SURETY_OK : err;
}
