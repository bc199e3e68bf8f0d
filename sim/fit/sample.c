// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/sample.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

bool surety_sums_init(struct surety_sums *sums, const struct surety_sample *sample)
{
    const double *const parts[] = {sample->whole, sample->cut, sample->rest};
    const size_t counts[] = {sample->n_whole, sample->n_cut, sample->n_rest};
    *sums = (struct surety_sums){.sample = *sample, .least = INFINITY};
    sums->logs = malloc((counts[0] + counts[1] + counts[2] + 1) * sizeof *sums->logs);
    if (sums->logs == NULL)
        return false;
    double *log_of = sums->logs, all_logs = 0;
    for (size_t p = 0; p < 3; p++)
        for (size_t i = 0; i < counts[p]; i++) {
            const double x = parts[p][i];
            *log_of = log(x);
            all_logs += *log_of;
            sums->exposure += x;
            sums->least = fmin(sums->least, x);
            sums->most = fmax(sums->most, x);
            if (p == 0) {
                sums->sum += x;
                sums->sum_log += *log_of;
                sums->sum_log_2 += *log_of * *log_of;
            }
            log_of++;
        }
    const size_t n = counts[0] + counts[1] + counts[2];
    sums->scale = counts[0] > 0 ? exp(sums->sum_log / (double)counts[0]) : n > 0 ? exp(all_logs / (double)n) : 1;
    return true;
}

void surety_sums_finish(struct surety_sums *sums)
{
    free(sums->logs);
    sums->logs = NULL;
}

struct mark {
    double x;
    bool cut;
};

static int by_x(const void *a, const void *b)
{
    const struct mark *l = a, *r = b;
    if (l->x != r->x)
        return l->x < r->x ? -1 : 1;
    return (int)l->cut - (int)r->cut;
}

size_t surety_km(const struct surety_sample *sample, struct surety_km_step *steps)
{
    const size_t n = sample->n_whole + sample->n_cut;
    struct mark *marks = malloc((n + 1) * sizeof *marks);
    if (marks == NULL)
        return SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        marks[i] = i < sample->n_whole ? (struct mark){sample->whole[i], false}
                                       : (struct mark){sample->cut[i - sample->n_whole], true};
    qsort(marks, n, sizeof *marks, by_x);
    size_t n_steps = 0;
    double surviving = 1;
    for (size_t i = 0; i < n;) {
        size_t deaths = 0, at_risk = n - i;
        const double x = marks[i].x;
        for (; i < n && marks[i].x == x; i++)
            deaths += !marks[i].cut;
        if (deaths == 0)
            continue;
        surviving *= (double)(at_risk - deaths) / (double)at_risk;
        steps[n_steps++] = (struct surety_km_step){x, 1 - surviving, deaths};
    }
    free(marks);
    return n_steps;
}
