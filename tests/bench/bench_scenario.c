// SPDX-License-Identifier: GPL-3.0-or-later
// Terms a second of a scenario, each of its architectures alone on one thread: the simulation without the reading, the
// flips and the report, by the time that the processor was at it. The laws of the states that an architecture meets are
// composed once, so that more terms come cheaper: the second figure leaves the first tenth of the terms out.
//
// usage: bench_scenario FILE [replications]
#include "models/registry.h"
#include "sim/engine/latency_pool.h"
#include "sim/engine/runner.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_TERMS 100000

// Processor seconds of n terms; negative on an error.
static double run(const struct surety_scenario *scenario, const struct surety_plan *plan, uint64_t n,
                  struct surety_diags *diags)
{
    struct surety_run_options options;
    struct surety_result *result = NULL;
    surety_run_options_default(&options);
    options.n_threads = 1;
    options.n_replications = n;
    struct surety_plan own = *plan;
    own.latency.pool = plan->latency.on ? surety_latency_pool_create() : NULL; // as surety_answer has one
    const clock_t start = clock();
    const enum surety_err err = surety_run(scenario, &own, &options, diags, &result);
    const clock_t end = clock();
    surety_result_destroy(result);
    surety_latency_pool_destroy(own.latency.pool);
    return err == SURETY_OK ? (double)(end - start) / CLOCKS_PER_SEC : -1;
}

int main(int argc, char **argv)
{
    struct surety_diags diags;
    struct surety_scenario *scenario;
    struct surety_plan *plan;
    if (argc < 2) {
        fputs("usage: bench_scenario FILE [replications]\n", stderr);
        return 2;
    }
    gsl_set_error_handler_off();
    surety_diags_init(&diags, argv[1]);
    if (surety_scenario_load(surety_registry_get(), argv[1], NULL, 0, &diags, &scenario) != SURETY_OK ||
        surety_plan_create(scenario, &diags, &plan) != SURETY_OK) {
        surety_diags_print(&diags, stderr);
        return 2;
    }
    const uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : N_TERMS, n_first = n / 10;
    // A draw of uncertain inputs has all architectures: those run together.
    const size_t n_at_once = scenario->uncertain != NULL ? plan->n_architectures : 1;
    for (size_t i = 0; i < plan->n_architectures; i += n_at_once) {
        struct surety_plan some = *plan;
        some.architectures = &plan->architectures[i];
        some.n_architectures = n_at_once;
        const double first_s = run(scenario, &some, n_first, &diags), all_s = run(scenario, &some, n, &diags);
        if (first_s < 0 || all_s < 0)
            return 3;
        printf("%-20s %12.0f terms/s of an architecture, %12.0f after the first %llu\n",
               n_at_once == 1 ? plan->architectures[i].name : "all together", (double)(n * n_at_once) / all_s,
               (double)((n - n_first) * n_at_once) / (all_s - first_s), (unsigned long long)n_first);
    }
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    return 0;
}
