// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/spill.h"

// Walks the routes that requests sent to `from` try; load may be NULL. Returns the share that fails.
static double follow(const struct surety_node_view *view, size_t from, double share, int64_t trip_ppb, double *load)
{
    const size_t n = view->n_children;
    double left = share, failing = 0;
    size_t i = from;
    do {
        const double turned_away = view->child_spill == NULL ? 0 : *view->child_spill[i];
        if (load != NULL)
            load[i] += left;
        failing += left * (*view->child_f[i] - turned_away);
        left *= turned_away;
        do
            i = (i + 1) % n;
        while (i != from && !surety_spill_healthy(view, i, trip_ppb));
    } while (i != from && left > 0);
    return failing + left;
}

double surety_spill_failing(const struct surety_node_view *view, size_t from, int64_t trip_ppb)
{
    return view->child_spill == NULL ? *view->child_f[from] : follow(view, from, 1, trip_ppb, NULL);
}

void surety_spill_load(const struct surety_node_view *view, size_t from, double share, int64_t trip_ppb, double *load)
{
    follow(view, from, share, trip_ppb, load);
}
