// SPDX-License-Identifier: GPL-3.0-or-later
// Terms a second of a scenario, each of its architectures alone on one thread: the simulation without the reading, the
// flips and the report.
//
// usage: bench_scenario FILE [replications]
#include "models/registry.h"
#include "sim/engine/latency_pool.h"
#include "sim/engine/runner.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>

#define N_TERMS 100000

int main(int argc, char **argv)
{
    struct surety_diags diags;
    struct surety_scenario *scenario;
    struct surety_plan *plan;
    struct surety_run_options options;
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
    surety_run_options_default(&options);
    options.n_threads = 1;
    plan->latency.pool = plan->latency.on ? surety_latency_pool_create() : NULL; // as surety_answer has one
    struct surety_latency_pool *pool = plan->latency.pool;
    options.n_replications = argc > 2 ? strtoull(argv[2], NULL, 10) : N_TERMS;
    for (size_t i = 0; i < plan->n_architectures; i++) {
        struct surety_plan one = *plan;
        struct surety_result *result = NULL;
        one.architectures = &plan->architectures[i];
        one.n_architectures = 1;
        if (surety_run(scenario, &one, &options, &diags, &result) != SURETY_OK)
            return 3;
        printf("%-20s %12.0f terms/s\n", plan->architectures[i].name, (double)options.n_replications / result->wall_s);
        surety_result_destroy(result);
    }
    surety_latency_pool_destroy(pool);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    return 0;
}
