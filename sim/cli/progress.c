// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_COLUMNS 60
#define PATIENCE_S 1.0

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void surety_progress_init(struct surety_progress *progress, bool quiet)
{
    *progress = (struct surety_progress){.enabled = !quiet && isatty(STDERR_FILENO), .start_s = now_s()};
}

void surety_progress_update(void *context, uint64_t n_done, uint64_t n_total)
{
    struct surety_progress *progress = context;
    double elapsed_s = now_s() - progress->start_s;
    if (!progress->enabled || elapsed_s < PATIENCE_S || n_done == 0 || n_total == 0)
        return;
    double rate = (double)n_done / elapsed_s;
    double left_s = n_done < n_total ? (double)(n_total - n_done) / rate : 0.0;
    bool millions = rate >= 1e6;
    char line[LINE_COLUMNS + 1];
    snprintf(line, sizeof line, "%3.0f %%  %.*f %s terms/s  %.0f s left", 100.0 * (double)n_done / (double)n_total,
             millions ? 1 : 0, millions ? rate * 1e-6 : rate * 1e-3, millions ? "M" : "k", left_s);
    fprintf(stderr, "\r%-*s", LINE_COLUMNS, line);
    fflush(stderr);
    progress->shown = true;
}

void surety_progress_finish(struct surety_progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r%*s\r", LINE_COLUMNS, "");
    progress->shown = false;
}
