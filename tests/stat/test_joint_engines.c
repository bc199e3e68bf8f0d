// SPDX-License-Identifier: GPL-3.0-or-later
// The joint probability of all dimensions, and how they hang together, against requests played one by one: windows of an
// hour, whose shares of failed and late requests and whose costs are counted.
#include "tests/stat/request_worlds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_WINDOWS 10000 // each in a world of its own
#define N_BLOCKS 40     // of windows, for the jackknife
#define N_SEEDS 6       // of the event engine
#define N_TERMS 2000    // of 12 windows, for each of them
#define BOUND 5.0       // standard errors: two-sided 6e-7

enum { AVAILABILITY, LATENCY, COST, N_DIMENSIONS };

#define HEAD                                                                                                           \
    "surety: 1\nterm: {start: 2027-01-01, months: 12}\nworkloads: {calls: {demand: {rate: 1/s, profile: flat}}}\n"
#define LAW "{first_token: {lognormal: {p50: 400ms, p95: 900ms}}}"
#define CONTRACT                                                                                                       \
    "contract: {window: 1h, availability: {measure: requests, down_at: 5%%}, tiers: {t: {availability: 97%%, "         \
    "latency: "                                                                                                        \
    "{calls: {metric: first_token, percentile: 95, target: 1.2s}}%s}}}\n"

// What one window met, of each dimension and of pairs and all.
struct estimate {
    double p[N_DIMENSIONS], all, phi[N_DIMENSIONS][N_DIMENSIONS];
};

// --- requests --------------------------------------------------------------------------------------------------

struct windows {
    double target_us, ceiling; // NAN: no ceiling
    double before;             // answers within the target in the group's worlds before
    uint64_t last;
    bool met[N_WINDOWS][N_DIMENSIONS];
};

static void note(void *context, uint64_t world, size_t architecture, const struct surety_tally *tally)
{
    struct windows *w = context;
    const struct surety_world_counts *c = &tally->worlds[world];
    const double now = surety_requests_n_below(&tally->first, w->target_us), answered = (double)(c->n - c->n_failed);
    const double within = now < w->before ? now : now - w->before; // a new group begins at 0
    cr_assert(architecture == 0 && (world == 0 || world == w->last + 1), "worlds come in order");
    w->before = now;
    w->last = world;
    bool *met = w->met[world];
    met[AVAILABILITY] = answered >= 0.97 * (double)c->n;
    met[LATENCY] = within >= 0.95 * answered;
    met[COST] = isnan(w->ceiling) || c->cost <= w->ceiling * (double)c->n;
}

// Of the windows outside [from, to).
static struct estimate without(const struct windows *w, size_t from, size_t to)
{
    struct estimate e = {.all = 0};
    double both[N_DIMENSIONS][N_DIMENSIONS] = {0}, n = 0;
    for (size_t i = 0; i < N_WINDOWS; i++) {
        if (i >= from && i < to)
            continue;
        const bool *met = w->met[i];
        n++;
        e.all += met[0] && met[1] && met[2];
        for (size_t a = 0; a < N_DIMENSIONS; a++)
            for (size_t b = 0; b < N_DIMENSIONS; b++)
                both[a][b] += met[a] && met[b];
    }
    e.all /= n;
    for (size_t a = 0; a < N_DIMENSIONS; a++)
        e.p[a] = both[a][a] / n;
    for (size_t a = 0; a < N_DIMENSIONS; a++)
        for (size_t b = 0; b < N_DIMENSIONS; b++)
            e.phi[a][b] = (both[a][b] / n - e.p[a] * e.p[b]) /
                          sqrt(e.p[a] * (1 - e.p[a]) * e.p[b] * (1 - e.p[b])); // NAN: one is certain
    return e;
}

// --- events ----------------------------------------------------------------------------------------------------

static struct estimate by_events(struct world *world, uint64_t seed)
{
    struct surety_result *r = world_run(world, N_TERMS, seed);
    const struct surety_tier_result *t = &r->architectures[0].tiers[0];
    struct estimate e = {.all = t->month_met.p, .p = {t->availability.month_met.p, t->latency.month_met.p, 1}};
    e.phi[AVAILABILITY][LATENCY] = t->dimension_correlation;
    if (t->joint.given) {
        static const int at[N_DIMENSIONS] = {0, 1, 3};
        for (size_t a = 0; a < N_DIMENSIONS; a++) {
            e.p[a] = t->joint.dimension[at[a]].month_met.p;
            for (size_t b = 0; b < N_DIMENSIONS; b++)
                e.phi[a][b] = t->joint.correlation[at[a]][at[b]];
        }
    }
    surety_result_destroy(r);
    return e;
}

// --- both ------------------------------------------------------------------------------------------------------

// A number of both engines, with its standard errors: over the jackknife's blocks, over seeds.
struct both {
    double requests, requests_se, events, events_se;
};

#define FOLD(member)                                                                                                   \
    fold(requests.member, &blocks[0].member, &seeds[0].member, sizeof(struct estimate) / sizeof(double))

static struct both fold(double requests, const double *blocks, const double *seeds, size_t stride)
{
    struct both b = {.requests = requests};
    double mean = 0, squares = 0, sum = 0, sum_squared = 0;
    for (size_t i = 0; i < N_BLOCKS; i++)
        mean += blocks[i * stride] / N_BLOCKS;
    for (size_t i = 0; i < N_BLOCKS; i++)
        squares += pow(blocks[i * stride] - mean, 2);
    b.requests_se = sqrt(squares * (N_BLOCKS - 1) / N_BLOCKS);
    for (size_t i = 0; i < N_SEEDS; i++) {
        sum += seeds[i * stride];
        sum_squared += seeds[i * stride] * seeds[i * stride];
    }
    b.events = sum / N_SEEDS;
    b.events_se = sqrt(fmax(0, sum_squared - sum * b.events) / (N_SEEDS - 1) / N_SEEDS);
    return b;
}

// Both agree, and the other one moved by `twin` does not.
static void agree(const char *what, struct both b, double twin)
{
    const double se = hypot(b.requests_se, b.events_se), d = b.requests - b.events;
    cr_log_info("%s: requests %.4f (%.4f), events %.4f (%.4f), %+.2f s.e.", what, b.requests, b.requests_se, b.events,
                b.events_se, d / se);
    cr_assert(fabs(d) <= BOUND * se, "%s: requests %.4f, events %.4f, s.e. %.4f", what, b.requests, b.events, se);
    cr_assert(fabs(d - twin) > BOUND * se && fabs(d + twin) > BOUND * se, "%s: a shift of %g is not found", what, twin);
}

// The sign of a dependence: surely positive, surely negative, or (0) within the error of none.
static void has_sign(const char *what, struct both b, int sign)
{
    const double r = b.requests / b.requests_se, e = b.events / b.events_se;
    cr_assert(sign == 0  ? fabs(r) < BOUND && fabs(e) < BOUND
              : sign > 0 ? r > BOUND && e > BOUND
                         : r < -BOUND && e < -BOUND,
              "%s: requests %.4f (%.4f), events %.4f (%.4f)", what, b.requests, b.requests_se, b.events, b.events_se);
}

// signs: of availability with latency; of latency with cost, where there is a ceiling.
static void compare(const char *text, const char *promise, double ceiling, int with_latency, int with_cost)
{
    static struct windows windows;
    static struct estimate blocks[N_BLOCKS], seeds[N_SEEDS];
    struct world world;
    struct surety_requests_options options;
    struct surety_requests_result *result = NULL;
    world_open(&world, text, promise);
    surety_requests_options_default(&options);
    windows.target_us = 1.2e6;
    windows.ceiling = ceiling;
    windows.before = 0;
    options.n_worlds = N_WINDOWS;
    options.horizon_s = 3600;
    options.n_threads = 1;
    options.booked = note;
    options.booked_context = &windows;
    cr_assert_eq(surety_requests_run(world.scenario, world.plan, &options, &world.diags, &result), SURETY_OK);
    surety_requests_result_destroy(result);
    const struct estimate requests = without(&windows, 0, 0);
    for (size_t i = 0; i < N_BLOCKS; i++)
        blocks[i] = without(&windows, i * (N_WINDOWS / N_BLOCKS), (i + 1) * (N_WINDOWS / N_BLOCKS));
    for (size_t i = 0; i < N_SEEDS; i++)
        seeds[i] = by_events(&world, 100 + i);
    agree("availability", FOLD(p[AVAILABILITY]), 0.08);
    agree("latency", FOLD(p[LATENCY]), 0.08);
    const struct both all = FOLD(all), phi = FOLD(phi[AVAILABILITY][LATENCY]);
    agree("all", all, 0.08);
    agree("availability with latency", phi, 0.2);
    has_sign("availability with latency", phi, with_latency);
    if (!isnan(ceiling)) {
        const struct both cost = FOLD(phi[LATENCY][COST]);
        agree("cost", FOLD(p[COST]), 0.08);
        agree("latency with cost", cost, 0.2);
        has_sign("latency with cost", cost, with_cost);
    }
    // the twin: as if all were independent
    const double product = requests.p[0] * requests.p[1] * requests.p[2];
    const bool differs = fabs(all.events - product) > BOUND * hypot(all.events_se, all.requests_se);
    cr_log_info("product %.4f", product);
    cr_assert_eq(differs, with_latency != 0 || with_cost != 0, "all %.4f, as if independent %.4f", all.events, product);
    world_close(&world);
}

// A provider that is degraded is slow and fails.
Test(stat_joint_engines, one_cause)
{
    compare(HEAD
            "providers: {a: {outages: {x: {time_to_failure: 4h, time_to_repair: 30m, failing: 20%%, latency: 3x}}, "
            "latency: " LAW "}}\narchitectures: {a: a}\n" CONTRACT,
            "", NAN, 1, 0);
}

// Failures and slow times come by themselves.
Test(stat_joint_engines, two_causes)
{
    compare(HEAD "providers: {a: {outages: {x: {time_to_failure: 4h, time_to_repair: 30m, failing: 20%%}, y: "
                 "{time_to_failure: 4h, time_to_repair: 30m, failing: 0.001%%, latency: 3x}}, latency: " LAW
                 "}}\narchitectures: {a: a}\n" CONTRACT,
            "", NAN, 0, 0);
}

// Half of the requests go to a route that is often slow. While it fails, at once, nobody waits for it.
Test(stat_joint_engines, who_fails_does_not_wait)
{
    compare(HEAD "providers: {a: {outages: none, latency: " LAW "}, b: {outages: {x: {time_to_failure: 4h, "
                 "time_to_repair: 2h}, y: {time_to_failure: 2h, time_to_repair: 4h, failing: 0.001%%, latency: 3x}}, "
                 "latency: " LAW "}}\narchitectures: {half: {balance: {shares: {a: 50%%, b: 50%%}, detect: "
                 "30d}}}\n" CONTRACT,
            "", NAN, -1, 0);
}

// While the first route hangs, answers of the second come late and cost a tenth; it fails at times itself.
Test(stat_joint_engines, a_cheap_second_route)
{
    compare(HEAD "providers: {a: {outages: {x: {time_to_failure: 4h, time_to_repair: 1h, fails: hang}}, price: "
                 "{per_request: 0.02 USD/request}, latency: " LAW "}, b: {outages: {y: {time_to_failure: 5h, "
                 "time_to_repair: 2h, failing: 40%%}}, price: {per_request: 0.002 USD/request}, latency: " LAW
                 "}}\narchitectures: {both: {fallback: {order: [a, b], timeout: 2s}}}\n" CONTRACT,
            ", cost: {per_task: 0.0196 USD/task}", 0.0196, 1, -1);
}
