// SPDX-License-Identifier: GPL-3.0-or-later
// The same scenario gives the same bytes: flat loops or not, any instruction set, any number of threads (all pairs of
// those two: tests/stress).
#include "tests/stat/worlds.h"

#include "sim/base/kernel.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char text[] =
    "surety: 1\n"
    "term: {start: 2027-02-10, months: 1}\n"
    "workloads: {calls: {demand: {rate: 20/min, profile: business-hours, growth: 3%%/month}}}\n"
    "providers:\n"
    "  a: {outages: {x: {time_to_failure: {weibull: {shape: 0.7, mean: 4d}}, time_to_repair: {lognormal: {median: 1h, "
    "p95: 9h}}}, y: {time_to_failure: 3d, time_to_repair: 20m, failing: 30%%, hits: 60%%}}, weekly_rhythm: "
    "working-hours}\n"
    "  b: {outages: {x: {time_to_failure: {gamma: {shape: 0.8, mean: 5d}}, time_to_repair: {pareto: {shape: 3, scale: "
    "20m}}}}, request_errors: 0.1%%}\n"
    "  c: {outages: {x: {time_to_failure: 6d, time_to_repair: {uniform: {min: 10m, max: 5h}}}}}\n"
    "architectures:\n"
    "  alone: a\n"
    "  moved: {failover: {order: [a, b, c], detect: 60s, success: 80%%}}\n"
    "  nested: {failover: {order: [{series: [c, {failover: {order: [a, b], detect: 5m}}]}, b], detect: 30s}}\n"
    "  tried: {fallback: {order: [a, b], retries: 1}}\n"
    "contract: {availability: {%s}}\n";

// Latencies on the grid and as single times, under outages of uncertain severity: compositions shared by groups.
static const char late[] =
    "surety: 1\n"
    "term: {start: 2027-02-10, months: 1}\n"
    "workloads: {calls: {demand: {rate: 20/min, profile: business-hours}}}\n"
    "providers:\n"
    "  a: {outages: {x: {time_to_failure: 4d, time_to_repair: 1h, failing: {between: [20%%, 90%%]}, latency: 2x}}, "
    "latency: {first_token: {lognormal: {p50: 200ms, p95: 500ms}}}, price: {per_request: 0.01 USD/request}}\n"
    "  b: {outages: {x: {time_to_failure: 5d, time_to_repair: 20m, fails: hang}}, request_errors: {between: [0.1%%, "
    "1%%]}, "
    "latency: 80ms}\n"
    "  c: {outages: {x: {time_to_failure: 6d, time_to_repair: {uniform: {min: 10m, max: 5h}}}}, latency: 300ms}\n"
    "architectures:\n"
    "  chain: {series: [b, {failover: {order: [a, c], detect: 60s, success: 80%%}}]}\n"
    "  shared: {balance: {shares: {a: 60%%, c: 40%%}, detect: 5m}}\n"
    "  hedged: {hedge: {order: [b, c], after: 100ms}}\n"
    "contract: {availability: {%s}, tiers: {t: {availability: 99%%, latency: {calls: {metric: first_token, percentile: "
    "90, target: 700ms}}}}}\n";

// Limits: trees under load are looked up where they are known and calm time is skipped. One route that its load fills, with
// waits that hang on the hour; one that passes on; one that flaps; seats. The walk without short cuts has to agree.
static const char full[] =
    "surety: 1\n"
    "term: {start: 2027-02-10, months: 1}\n"
    "workloads: {calls: {demand: {rate: 20/s, profile: business-hours, burstiness: 1.3}, tokens: {input: 100, output: "
    "{gamma: {mean: 100, cv: 0.5}}}, requests_per_task: 5, task_time: 2m}}\n"
    "providers:\n"
    "  a: {outages: {x: {time_to_failure: 4d, time_to_repair: 3h}, y: {time_to_failure: 3d, time_to_repair: 40m, "
    "failing: "
    "30%%, latency: 2x}}, latency: {first_token: 60ms}, capacity: {concurrency: 64, queue: 40, overload: next, batch: "
    "{step: 6ms, per_request: 0.1ms}}, price: {per_request: 0.001 USD/request}}\n"
    "  b: {outages: {x: {time_to_failure: 5d, time_to_repair: 2h}}, latency: 300ms, capacity: {requests_per_minute: "
    "1.5k, "
    "overload: next}, price: {per_request: 0.002 USD/request}}\n"
    "  c: {outages: {x: {time_to_failure: 6d, time_to_repair: {uniform: {min: 10m, max: 5h}}}}, latency: 200ms, "
    "capacity: "
    "{requests_per_minute: 1.2k}}\n"
    "  d: {outages: {x: {time_to_failure: 6d, time_to_repair: 1h}}, latency: {first_token: 80ms}, capacity: "
    "{concurrency: "
    "256, queue: 100, batch: {step: 6ms, per_request: 0.02ms}}}\n"
    "architectures:\n"
    "  alone: a\n"
    "  light: {failover: {order: [d, a], detect: 60s}}\n"
    "  moved: {failover: {order: [a, b, c], detect: 60s, success: 80%%}}\n"
    "  stays: {failover: {order: [c, b, a], detect: 60s, failback: never}}\n"
    "  shared: {balance: {shares: {b: 60%%, c: 40%%}, detect: 5m, failback: 4h}}\n"
    "  tried: {fallback: {order: [b, c], retries: 1}}\n"
    "  helped: {degrade: {normal: c, to: {human: {price: 4 USD/task, seats: 300}}, counts_as: up}}\n"
    "contract: {availability: {%s}, fee: 9000 USD/month, tiers: {t: {availability: 99%%}}}\n";

static void check_terms(const char *scenario, const char *availability, uint64_t n)
{
    static const char *const kernels[] = {"baseline", "avx2", "avx512"};
    struct world world;
    world_open(&world, scenario, availability);
    struct surety_run_options options;
    surety_run_options_default(&options);
    options.n_replications = n;
    options.n_threads = 1;
    options.kernel = "baseline";
    char *expected = world_json(&world, &options);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        if (surety_kernel_by_name(kernels[k]) == NULL)
            continue; // not on this processor
        for (int general = 0; general < 2; general++) {
            options.kernel = kernels[k];
            options.general_walk = general == 1;
            options.n_threads = k == 0 ? 1 : general == 1 ? 7 : 2;
            char *got = world_json(&world, &options);
            cr_assert_str_eq(got, expected, "%s: other bytes on %s, %u threads, general walk %d", availability,
                             kernels[k], options.n_threads, general);
            free(got);
        }
    }
    options.seed = 2; // the twin: another seed is another text
    char *other = world_json(&world, &options);
    cr_assert(strcmp(other, expected) != 0);
    free(other);
    free(expected);
    world_close(&world);
}

static void check(const char *scenario, const char *availability)
{
    check_terms(scenario, availability, 2 * SURETY_CHUNK + 777);
}

Test(stat_same_bytes, by_time)
{
    check(text, "measure: time, minimum_outage: 30s");
}

Test(stat_same_bytes, by_requests)
{
    check(text, "measure: requests");
}

Test(stat_same_bytes, with_latencies)
{
    check(late, "measure: requests");
}

Test(stat_same_bytes, under_load)
{
    check_terms(full, "measure: requests", 200);
    check_terms(full, "measure: time, down_at: 2%", 60);
}
