// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_PROGRESS_H
#define SURETY_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

// The line that shows a long run on a terminal: share done, rate, time left.
struct surety_progress {
    bool enabled; // standard error is a terminal and nobody asked for quiet
    bool shown;
    double start_s; // monotonic clock
};

void surety_progress_init(struct surety_progress *progress, bool quiet);

// The runner's callback; `context` is the struct surety_progress. Shows nothing in the first second.
void surety_progress_update(void *context, uint64_t n_done, uint64_t n_total);

// Clears the line.
void surety_progress_finish(struct surety_progress *progress);

#endif
