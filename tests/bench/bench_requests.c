// SPDX-License-Identifier: GPL-3.0-or-later
// Requests a second of the request-level engine on one thread, of processor time, medians of 5: one provider, gateways over two. Usage:
// bench_requests [millions of requests]
#include "models/registry.h"
#include "sim/requests/requests.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_REPEATS 5

#define HEAD                                                                                                           \
    "surety: 1\nname: bench\nterm: {start: 2027-01-01, months: 12}\n"                                                  \
    "workloads: {calls: {demand: 1000/s, tokens: {output: {lognormal: {mean: 160, cv: 0.7}}}}}\nproviders:\n"          \
    "  one: {outages: {all: {time_to_failure: 20d, time_to_repair: 1h, failing: 50%}}, request_errors: 0.1%,\n"        \
    "        latency: {first_token: {lognormal: {p50: 210ms, p95: 420ms}}"
#define BETWEEN                                                                                                        \
    "}}\n  two: {outages: {all: {time_to_failure: 30d, time_to_repair: 2h}},\n"                                        \
    "        latency: {first_token: {lognormal: {p50: 300ms, p95: 700ms}}"
#define TAIL "}}\ncontract: {tiers: {t: {availability: 99%}}, availability: {measure: time}}\narchitectures: {a: "
#define TOKENS ", per_output_token: {lognormal: {p50: 14ms, p95: 25ms}}"

static const struct {
    const char *title, *text;
} works[] = {
    {"one provider, first token", HEAD BETWEEN TAIL "one}\n"},
    {"one provider, end to end", HEAD TOKENS BETWEEN TAIL "one}\n"},
    {"one provider, 3000 places", HEAD TOKENS "}, capacity: {concurrency: 3000, queue: 1000" BETWEEN TAIL "one}\n"},
    {"one provider, a batch", HEAD
     "}, capacity: {concurrency: 3000, queue: 1000, batch: {step: 10ms, per_request: 0.001ms}" BETWEEN TAIL "one}\n"},
    {"fallback over two, timeout", HEAD BETWEEN TAIL "{fallback: {order: [one, two], timeout: 1s}}}\n"},
    {"fallback over two, end to end",
     HEAD TOKENS BETWEEN TOKENS TAIL "{fallback: {order: [one, two], timeout: 1s}}}\n"},
    {"fallback over two, cooldown",
     HEAD BETWEEN TAIL "{fallback: {order: [one, two], timeout: 1s, cooldown: 10s, allowed_fails: 200, per: 10s}}}\n"},
    {"hedge over two", HEAD BETWEEN TAIL "{hedge: {order: [one, two], after: 400ms}}}\n"},
    {"failover over two", HEAD BETWEEN TAIL "{failover: {order: [one, two], detect: 60s}}}\n"},
};

// Processor time: one thread works, and who else uses the machine does not matter.
static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const double millions = argc > 1 ? strtod(argv[1], NULL) : 10;
    gsl_set_error_handler_off();
    printf("%-32s %12s %12s\n", "one thread", "requests/s", "ns a request");
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        struct surety_diags diags;
        struct surety_scenario *scenario = NULL;
        struct surety_plan *plan = NULL;
        double rates[N_REPEATS];
        surety_diags_init(&diags, "bench.yaml");
        if (surety_scenario_read(surety_registry_get(), "bench.yaml", works[i].text, strlen(works[i].text), NULL, 0,
                                 &diags, &scenario) != SURETY_OK ||
            surety_plan_create(scenario, &diags, &plan) != SURETY_OK) {
            surety_diags_print(&diags, stderr);
            return 1;
        }
        for (int k = 0; k < N_REPEATS; k++) {
            struct surety_requests_options options;
            struct surety_requests_result *result = NULL;
            surety_requests_options_default(&options);
            options.n_threads = 1;
            options.n_worlds = 10;
            options.horizon_s = 1e6 * millions / 1000 / 10;
            const double start_s = now_s();
            if (surety_requests_run(scenario, plan, &options, &diags, &result) != SURETY_OK) {
                surety_diags_print(&diags, stderr);
                return 1;
            }
            rates[k] = (double)result->rows[0].n / (now_s() - start_s);
            surety_requests_result_destroy(result);
        }
        qsort(rates, N_REPEATS, sizeof *rates, compare);
        printf("%-32s %10.1f M %12.1f\n", works[i].title, 1e-6 * rates[N_REPEATS / 2], 1e9 / rates[N_REPEATS / 2]);
        surety_plan_destroy(plan);
        surety_scenario_destroy(scenario);
        surety_diags_finish(&diags);
    }
    return 0;
}
