// SPDX-License-Identifier: GPL-3.0-or-later
// Two scenarios, one with uncertain inputs, at many numbers of threads and on every instruction
// set: the whole JSON result has to be the same bytes. A plain main, because ThreadSanitizer cannot run the test framework.
#include "models/registry.h"
#include "plots/reporter.h"
#include "sim/base/kernel.h"
#include "sim/engine/runner.h"

#include <gsl/gsl_errno.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Two full chunks of work and a part of a third, so that threads meet.
#define N_REPLICATIONS (2 * SURETY_CHUNK + 1000)

static const char certain[] =
    "surety: 1\n"
    "term: {start: 2027-01-15, months: 3}\n"
    "workloads: {calls: {demand: {rate: 30/min, profile: business-hours, growth: 1%/month}}}\n"
    "providers:\n"
    "  one: {outages: {a: {time_to_failure: {weibull: {shape: 0.7, mean: 20d}}, time_to_repair: {lognormal: {median: "
    "1h, p95: 9h}}}, b: {time_to_failure: 3d, time_to_repair: 20m, failing: 30%}}, weekly_rhythm: working-hours}\n"
    "  two: {outages: {a: {time_to_failure: {gamma: {shape: 0.8, mean: 9d}}, time_to_repair: {pareto: {shape: 3, "
    "scale: 20m}}}}}\n"
    "architectures: {alone: one, moved: {failover: {order: [one, two], detect: 60s}}, tried: {fallback: {order: [one, "
    "two], retries: 1}}}\n"
    "contract: {availability: {measure: requests}}\n";

// Every thread reads the scenario again for each group of terms; the search for flips does so too.
static const char uncertain[] =
    "surety: 1\n"
    "term: {start: 2027-01-15, months: 3}\n"
    "workloads: {calls: {kind: voice, demand: {between: [20/min, 40/min]}}}\n"
    "providers:\n"
    "  one: {outages: {a: {incidents: {shape: 0.7, rate: {observed: {count: 8, over: 365d, until: 2026-07-01}}}, "
    "time_to_repair: {lognormal: {mean: {law: {lognormal: {mean: 1h, sigma: 0.3}}}, sigma: 1.2}}, failing: {between: "
    "[10%, 60%]}}}, weekly_rhythm: working-hours, price: {input: 1 USD/Mtok, output: {between: [5 USD/Mtok, 8 "
    "USD/Mtok]}}}\n"
    "  two: {outages: {a: {incidents: {observed: {count: 0, over: 150d, until: 2026-07-01, spread: none}}, "
    "time_to_repair: 20m}}, price: {input: 1 USD/Mtok, output: 5 USD/Mtok}}\n"
    "architectures: {alone: one, moved: {failover: {order: [one, two], detect: {between: [30s, 120s]}}}}\n"
    "contract: {fee: 1000 USD/month, availability: {measure: requests}}\n";

// The JSON of a run, without what may differ; NULL when it failed.
static char *run(const struct surety_scenario *scenario, const struct surety_plan *plan, unsigned n_threads,
                 const char *kernel, struct surety_diags *diags)
{
    struct surety_run_options options;
    struct surety_result *result = NULL;
    surety_run_options_default(&options);
    options.n_replications = N_REPLICATIONS;
    options.n_threads = n_threads;
    options.kernel = kernel;
    if (surety_run(scenario, plan, &options, diags, &result) != SURETY_OK)
        return NULL;
    char *json = NULL;
    size_t size = 0;
    result->wall_s = 0.0;
    result->n_threads = 0;
    FILE *out = open_memstream(&json, &size);
    if (out != NULL) {
        surety_report_json(result, out);
        fclose(out);
    }
    surety_result_destroy(result);
    return json;
}

// Counts one comparison; prints what differs.
static void compare(const char *expected, char *got, const char *kernel, unsigned n_threads, int counts[2])
{
    bool equal = expected != NULL && got != NULL && strcmp(expected, got) == 0;
    counts[equal ? 0 : 1]++;
    if (!equal)
        printf("FAILED: other bytes on kernel %s at %u threads\n", kernel, n_threads);
    free(got);
}

// One scenario on all kernels at all numbers of threads.
static void check(const char *text, struct surety_diags *diags, int counts[2])
{
    static const char *const kernels[] = {"baseline", "avx2", "avx512"};
    static const unsigned n_threads[] = {1, 2, 3, 7, 16};
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    const int before = counts[0];
    if (surety_scenario_read(surety_registry_get(), "stress.yaml", text, strlen(text), NULL, 0, diags, &scenario) ==
            SURETY_OK &&
        surety_plan_create(scenario, diags, &plan) == SURETY_OK) {
        char *expected = run(scenario, plan, 1, "baseline", diags);
        for (size_t k = 0; k < sizeof kernels / sizeof kernels[0]; k++) {
            if (surety_kernel_by_name(kernels[k]) == NULL)
                continue; // not compiled in, or not on this processor
            for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++)
                compare(expected, run(scenario, plan, n_threads[t], kernels[k], diags), kernels[k], n_threads[t],
                        counts);
        }
        free(expected);
    }
    counts[1] += counts[0] == before;
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
}

int main(void)
{
    struct surety_diags diags;
    int counts[2] = {0, 0}; // passed, failed
    gsl_set_error_handler_off();
    surety_diags_init(&diags, "stress");
    check(certain, &diags, counts);
    check(uncertain, &diags, counts);
    counts[1] += diags.n_errors > 0;
    if (diags.n_errors > 0)
        surety_diags_print(&diags, stderr);
    surety_diags_finish(&diags);
    printf("threads and kernels: %d passed, %d failed\n", counts[0], counts[1]);
    return counts[1] == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
