// SPDX-License-Identifier: GPL-3.0-or-later
// The request-level engine at many numbers of threads: the whole JSON result has to be the same bytes. A plain main,
// because ThreadSanitizer cannot run the test framework.
#include "models/registry.h"
#include "plots/requests.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

static const char text[] =
    "surety: 1\n"
    "term: {start: 2027-01-15, months: 1}\n"
    "workloads: {calls: {demand: {rate: 2/s, burstiness: 2}, tokens: {output: 60}}, notes: {demand: 1/s, tokens: "
    "{output: 90}}}\n"
    "providers:\n"
    "  one: {outages: {a: {time_to_failure: 2h, time_to_repair: 20m, failing: 50%, fails: hang, latency: 2x}},\n"
    "        latency: {first_token: {lognormal: {median: 200ms, sigma: 0.5}}}, capacity: {requests_per_minute: 170, "
    "overload: "
    "next}}\n"
    "  two: {outages: {a: {time_to_failure: 3h, time_to_repair: 20m}}, latency: {first_token: {gamma: {mean: 300ms, "
    "cv: "
    "0.7}}}, capacity: {concurrency: 2, queue: 4, overload: next}}\n"
    "  own: {outages: none, latency: {first_token: 50ms}, capacity: {concurrency: 8, queue: 2, batch: {step: 4ms, "
    "per_request: 1ms}}}\n"
    "architectures: {alone: one, moved: {failover: {order: [one, two], detect: 60s}}, cooled: {fallback: {order: [one, "
    "two], timeout: 1s, cooldown: 5s}},\n"
    "  stormy: {fallback: {order: [two, own], timeout: 300ms, retries: 2}}}\n"
    "contract: {availability: {measure: requests}}\n";

// The JSON of a run, without what may differ; NULL when it failed.
static char *run(const struct surety_scenario *scenario, const struct surety_plan *plan, unsigned n_threads,
                 struct surety_diags *diags)
{
    struct surety_requests_options options;
    struct surety_requests_result *result = NULL;
    surety_requests_options_default(&options);
    options.n_worlds = 75; // groups of unequal size
    options.horizon_s = 600;
    options.n_threads = n_threads;
    if (surety_requests_run(scenario, plan, &options, diags, &result) != SURETY_OK)
        return NULL;
    char *json = NULL;
    size_t size = 0;
    result->wall_s = 0.0;
    result->n_threads = 0;
    FILE *out = open_memstream(&json, &size);
    if (out != NULL) {
        surety_report_requests_json(result, out);
        fclose(out);
    }
    surety_requests_result_destroy(result);
    return json;
}

int main(void)
{
    static const unsigned n_threads[] = {2, 3, 7, 16, 64};
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    int n_passed = 0, n_failed = 0;
    gsl_set_error_handler_off();
    surety_diags_init(&diags, "stress");
    if (surety_scenario_read(surety_registry_get(), "stress.yaml", text, strlen(text), NULL, 0, &diags, &scenario) ==
            SURETY_OK &&
        surety_plan_create(scenario, &diags, &plan) == SURETY_OK) {
        char *expected = run(scenario, plan, 1, &diags);
        for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
            char *got = run(scenario, plan, n_threads[t], &diags);
            const bool equal = expected != NULL && got != NULL && strcmp(expected, got) == 0;
            n_passed += equal;
            n_failed += !equal;
            if (!equal)
                printf("FAILED: other bytes at %u threads\n", n_threads[t]);
            free(got);
        }
        free(expected);
    }
    if (n_passed == 0)
        surety_diags_print(&diags, stderr);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    printf("requests and threads: %d passed, %d failed\n", n_passed, n_failed);
    return n_failed == 0 && n_passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
