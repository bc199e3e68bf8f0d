// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/provider_down.h"

#include "sim/base/ppb.h"
#include "sim/engine/walk_tree.h"

int64_t surety_provider_down_us(struct surety_walk *walk, uint32_t provider, int64_t down_at_ppb, size_t window)
{
    const struct surety_plan *plan = walk->plan;
    const struct surety_plan_provider *p = &plan->providers[provider];
    const int64_t *next[64]; // a provider has at most 64 effects
    const int64_t end_us = plan->window_us[window + 1];
    int64_t at_us = plan->window_us[window], down_us = 0;
    uint64_t active = 0;
    if (walk->timeline == NULL)
        return 0;
    for (uint32_t e = 0; e < p->n_effects; e++) {
        const int64_t *first = surety_timeline_boundaries(walk->timeline, p->first_effect + e);
        if (first == NULL) {
            walk->err = SURETY_E_MEMORY;
            return 0;
        }
        next[e] = first;
        while (*next[e] <= at_us)
            next[e]++;
        active |= (next[e] - first) % 2 == 1 ? UINT64_C(1) << e : 0;
    }
    while (at_us < end_us) {
        int64_t to_us = end_us;
        for (uint32_t e = 0; e < p->n_effects; e++)
            to_us = *next[e] < to_us ? *next[e] : to_us;
        if (surety_reaches(surety_walk_share_failing(plan, provider, active), down_at_ppb))
            down_us += to_us - at_us;
        for (uint32_t e = 0; e < p->n_effects; e++)
            if (*next[e] == to_us) {
                active ^= UINT64_C(1) << e;
                next[e]++;
            }
        at_us = to_us;
    }
    return down_us;
}
