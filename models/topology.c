// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/topology.h"

#include "models/balance.h"
#include "models/combine.h"
#include "models/failover.h"
#include "models/gateway.h"
#include "models/response.h"
#include "sim/scenario/stand_in.h"

// --- k of n ---------------------------------------------------------------------------------------------------

static const struct surety_field k_of_n_rows[] = {
    {.name = "k",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_k_of_n_params, k),
     .required = true,
     .min = 1,
     .max = 4096,
     .help = "How many of the routes must succeed.",
     .example = "2"},
    {.name = "of",
     .kind = SURETY_KIND_ROUTES,
     .required = true,
     .help = "The routes that are all asked.",
     .example = "[openai, anthropic, azure]"},
};

static const struct surety_fields k_of_n_fields = {
    .title = "k_of_n", .rows = k_of_n_rows, .n = sizeof k_of_n_rows / sizeof *k_of_n_rows};

// --- failover -------------------------------------------------------------------------------------------------

static const char *const never_word[] = {"never", NULL};
static const char *const retry_words[] = {"never", "detect", NULL};
static const char *const trip_words[] = {"down_at", NULL};

static const struct surety_field failover_rows[] = {
    {.name = "order",
     .kind = SURETY_KIND_ROUTES,
     .required = true,
     .help = "The routes, the preferred one first.",
     .example = "[openai, anthropic]"},
    {.name = "detect",
     .kind = SURETY_KIND_DURATION_US,
     .offset = offsetof(struct surety_failover_params, detect_us),
     .required = true,
     .help = "How long the active route must be failing before that is noticed. It has no default: most of the "
             "remaining downtime hangs on it.",
     .example = "60s"},
    {.name = "switch",
     .kind = SURETY_KIND_DURATION_US,
     .offset = offsetof(struct surety_failover_params, switch_us),
     .fallback = "15s",
     .help = "How long moving the traffic takes, after the detection.",
     .example = "15s"},
    {.name = "failback",
     .kind = SURETY_KIND_DURATION_US,
     .offset = offsetof(struct surety_failover_params, failback_us),
     .fallback = "10m",
     .words = never_word,
     .help = "How long a preferred route must be healthy before traffic returns to it, or `never`.",
     .example = "10m"},
    {.name = "success",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_failover_params, p_success),
     .fallback = "98%",
     .max = 1,
     .help = "Probability that one attempt to switch works.",
     .example = "98%"},
    {.name = "retry_switch",
     .kind = SURETY_KIND_DURATION_US,
     .offset = offsetof(struct surety_failover_params, retry_us),
     .fallback = "detect",
     .words = retry_words,
     .help = "After a failed attempt, when it is tried again: a duration, `detect` (as long as `detect`), or `never`: "
             "service stays until the active route recovers.",
     .example = "60s"},
    {.name = "trip",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_failover_params, trip_ppb),
     .fallback = "down_at",
     .words = trip_words,
     .above_min = true,
     .max = 1,
     .help = "From which share of failing requests on a route counts as failing; `down_at`: what the contract calls "
             "down.",
     .example = "5%"},
};

static const struct surety_fields failover_fields = {
    .title = "failover", .rows = failover_rows, .n = sizeof failover_rows / sizeof *failover_rows};

// --- balance --------------------------------------------------------------------------------------------------

// One route of the list form of `shares`.
static const struct surety_field shared_rows[] = {
    {.name = "share",
     .kind = SURETY_KIND_PPB,
     .offset = 0,
     .required = true,
     .above_min = true,
     .max = 1,
     .help = "Share of the requests that this route takes while all routes are in the pool.",
     .example = "70%"},
    {.name = "of", .kind = SURETY_KIND_ROUTE, .required = true, .help = "The route.", .example = "openai"},
};

static const struct surety_fields shared_fields = {
    .title = "a share", .rows = shared_rows, .n = sizeof shared_rows / sizeof *shared_rows};

static const struct surety_field balance_rows[] = {
    {.name = "shares",
     .kind = SURETY_KIND_SHARED_ROUTES,
     .offset = offsetof(struct surety_balance_params, share_ppb),
     .required = true,
     .min = 1,
     .max = SURETY_BALANCE_MOST,
     .sub = &shared_fields,
     .help =
         "What each route takes, which must sum to 100%: providers by name, or a list like [{share: 70%, of: openai}, "
         "...] when a route is more than a provider.",
     .example = "{openai: 70%, anthropic: 30%}"},
    {.name = "detect",
     .kind = SURETY_KIND_DURATION_US,
     .offset = offsetof(struct surety_balance_params, detect_us),
     .required = true,
     .help = "How long a route must be failing before it leaves the pool; until then its share of the requests fails "
             "with it. It has no default.",
     .example = "30s"},
    {.name = "failback",
     .kind = SURETY_KIND_DURATION_US,
     .offset = offsetof(struct surety_balance_params, failback_us),
     .fallback = "10m",
     .words = never_word,
     .help = "How long a route that left must be healthy before it comes back, or `never`.",
     .example = "10m"},
    {.name = "trip",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_balance_params, trip_ppb),
     .fallback = "down_at",
     .words = trip_words,
     .above_min = true,
     .max = 1,
     .help = "From which share of failing requests on a route counts as failing; `down_at`: what the contract calls "
             "down.",
     .example = "5%"},
};

static const struct surety_fields balance_fields = {
    .title = "balance", .rows = balance_rows, .n = sizeof balance_rows / sizeof *balance_rows};

// --- degrade --------------------------------------------------------------------------------------------------

static const char *const counts_as_words[] = {"up", "degraded", "down", NULL}; // enum surety_counts_as

static const char *const unlimited_words[] = {"unlimited", NULL};

// A provider that stands under `to`: it never fails.
static const struct surety_field stand_in_rows[] = {
    {.name = "price",
     .kind = SURETY_KIND_MONEY,
     .offset = SURETY_NOWHERE,
     .per = "task",
     .help = "Price of a task while it serves: a request costs its part, by requests_per_task. Default: 0, with a "
             "warning.",
     .example = "4 USD/task"},
    {.name = "seats",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_stand_in_keys, seats),
     .min = 1,
     .max = 4096,
     .words = unlimited_words,
     .help = "How many tasks it can work on at a time; who finds all seats taken fails. Default: unlimited.",
     .example = "40"},
    {.name = "task_time",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_stand_in_keys, task_s),
     .above_min = true,
     .help = "How long a task takes a seat on average. Default: the workload's `task_time`.",
     .example = "6m"},
};

static const struct surety_fields stand_in_fields = {
    .title = "a stand-in", .rows = stand_in_rows, .n = sizeof stand_in_rows / sizeof *stand_in_rows};

static const struct surety_field degrade_rows[] = {
    {.name = "normal",
     .kind = SURETY_KIND_ROUTE,
     .required = true,
     .help = "The route that serves while it is healthy.",
     .example = "openai"},
    {.name = "to",
     .kind = SURETY_KIND_ROUTE,
     .required = true,
     .sub = &stand_in_fields,
     .help = "What serves all requests while `normal` is not healthy: a route, or people and the like under a name of "
             "their own, who never fail and have a price per task.",
     .example = "{human: {price: 4 USD/task}}"},
    {.name = "counts_as",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_degrade_params, counts_as),
     .fallback = "down",
     .words = counts_as_words,
     .help =
         "What the contract calls the time in which `to` serves. `down`: availability is that of `normal`. `up` and "
         "`degraded`: requests fail as they do at `to`; `degraded` is no worse for availability, it is for quality.",
     .example = "up"},
    {.name = "trip",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_degrade_params, trip_ppb),
     .fallback = "down_at",
     .words = trip_words,
     .above_min = true,
     .max = 1,
     .help =
         "From which share of failing requests on `normal` is not healthy; `down_at`: what the contract calls down.",
     .example = "5%"},
};

static const struct surety_fields degrade_fields = {
    .title = "degrade", .rows = degrade_rows, .n = sizeof degrade_rows / sizeof *degrade_rows};

// --- cache ----------------------------------------------------------------------------------------------------

static const struct surety_field cache_rows[] = {
    {.name = "hit",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_cache_params, share_hit),
     .required = true,
     .max = 1,
     .help = "Share of the requests that the cache answers, at no cost and without failing.",
     .example = "12%"},
    {.name = "of",
     .kind = SURETY_KIND_ROUTE,
     .required = true,
     .help = "The route that the other requests take.",
     .example = "openai"},
};

static const struct surety_fields cache_fields = {
    .title = "cache", .rows = cache_rows, .n = sizeof cache_rows / sizeof *cache_rows};

// --- the types ------------------------------------------------------------------------------------------------

static const struct surety_node_type series = {
    .name = "series",
    .help = "A request needs all of these routes.",
    .example = "{series: [speech, openai]}",
    .min_children = 1,
    .update = surety_series_update,
    .route = surety_series_route,
    .blend = surety_series_blend,
    .compose = surety_series_compose,
    .asks_all = true,
    .explain = surety_series_explain,
};

static const struct surety_node_type parallel = {
    .name = "parallel",
    .help = "A request succeeds when any of these routes does: a bound, not a design, since nothing has to be noticed.",
    .example = "{parallel: [openai, anthropic]}",
    .min_children = 1,
    .params_size = sizeof(struct surety_parallel_params),
    .settle = surety_parallel_settle,
    .update = surety_parallel_update,
    .route = surety_parallel_route,
    .compose = surety_parallel_compose,
    .splits_answers = true,
    .asks_all = true,
    .explain = surety_combined_explain,
};

static const struct surety_node_type k_of_n = {
    .name = "k_of_n",
    .help = "All routes are asked, k of them must succeed.",
    .example = "{k_of_n: {k: 2, of: [openai, anthropic, azure]}}",
    .fields = &k_of_n_fields,
    .children_key = "of",
    .min_children = 1,
    .params_size = sizeof(struct surety_k_of_n_params),
    .settle = surety_k_of_n_settle,
    .update = surety_k_of_n_update,
    .route = surety_k_of_n_route,
    .compose = surety_k_of_n_compose,
    .whole_is_no_sum = true,
    .asks_all = true,
    .explain = surety_combined_explain,
};

static const struct surety_node_type failover = {
    .name = "failover",
    .help = "One route is active; when it fails for long enough, traffic moves to the next healthy one.",
    .example = "{failover: {order: [openai, anthropic], detect: 60s}}",
    .fields = &failover_fields,
    .children_key = "order",
    .min_children = 2,
    .params_size = sizeof(struct surety_failover_params),
    .settle = surety_failover_settle,
    .attempts = surety_failover_attempts,
    .state_size = surety_failover_state_size,
    .start = surety_failover_start,
    .watch = surety_failover_watch,
    .mode = surety_failover_mode,
    .mode_bits = surety_failover_mode_bits,
    .update = surety_failover_update,
    .failing = surety_failover_failing,
    .route = surety_failover_route,
    .compose = surety_choice_compose,
    .explain = surety_failover_explain,
};

static const struct surety_node_type balance = {
    .name = "balance",
    .help = "Every route takes a share of the traffic; one that fails for long enough leaves the pool.",
    .example = "{balance: {shares: {openai: 70%, anthropic: 30%}, detect: 30s}}",
    .fields = &balance_fields,
    .min_children = 1,
    .params_size = sizeof(struct surety_balance_params),
    .settle = surety_balance_settle,
    .state_size = surety_balance_state_size,
    .start = surety_balance_start,
    .watch = surety_balance_watch,
    .mode = surety_balance_mode,
    .mode_bits = surety_balance_mode_bits,
    .update = surety_balance_update,
    .failing = surety_balance_failing,
    .route = surety_balance_route,
    .compose = surety_choice_compose,
    .explain = surety_balance_explain,
};

static const struct surety_node_type degrade = {
    .name = "degrade",
    .help = "People or a simpler service take over while the normal route is not healthy.",
    .example = "{degrade: {normal: openai, to: {human: {price: 4 USD/task}}, counts_as: up}}",
    .fields = &degrade_fields,
    .min_children = 2,
    .params_size = sizeof(struct surety_degrade_params),
    .settle = surety_degrade_settle,
    .update = surety_degrade_update,
    .route = surety_degrade_route,
    .compose = surety_choice_compose,
    .explain = surety_degrade_explain,
};

static const struct surety_node_type cache = {
    .name = "cache",
    .help = "A share of the requests is answered from a cache.",
    .example = "{cache: {hit: 12%, of: openai}}",
    .fields = &cache_fields,
    .min_children = 1,
    .params_size = sizeof(struct surety_cache_params),
    .update = surety_cache_update,
    .route = surety_cache_route,
    .compose = surety_choice_compose,
    .explain = surety_cache_explain,
};

const struct surety_node_type *const surety_node_types[] = {
    &series,  &parallel,          &k_of_n,  &failover, &surety_fallback_type,
    &balance, &surety_hedge_type, &degrade, &cache,    NULL};
