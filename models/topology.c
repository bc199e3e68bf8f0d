// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/topology.h"

#include "models/combine.h"
#include "models/failover.h"

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

// --- fallback -------------------------------------------------------------------------------------------------

static const struct surety_field fallback_rows[] = {
    {.name = "order",
     .kind = SURETY_KIND_ROUTES,
     .required = true,
     .help = "The routes that a request tries one after another.",
     .example = "[openai, anthropic]"},
    {.name = "retries",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_fallback_params, retries),
     .fallback = "0",
     .min = 0,
     .max = 100,
     .help = "Further attempts at each route before the next one. They fail independently given the state.",
     .example = "1"},
    {.name = "timeout", .later = true, .help = "Longest wait for the first token.", .example = "8s"},
    {.name = "cooldown", .later = true, .help = "How long a failing route is skipped.", .example = "30s"},
    {.name = "allowed_fails", .later = true, .help = "Failures before that.", .example = "3"},
    {.name = "per", .later = true, .help = "Time in which they are counted.", .example = "1m"},
    {.name = "backoff", .later = true, .help = "Wait between attempts.", .example = "1s"},
};

static const struct surety_fields fallback_fields = {
    .title = "fallback", .rows = fallback_rows, .n = sizeof fallback_rows / sizeof *fallback_rows};

// --- the types ------------------------------------------------------------------------------------------------

static const struct surety_node_type series = {
    .name = "series",
    .help = "A request needs all of these routes.",
    .example = "{series: [speech, openai]}",
    .min_children = 1,
    .update = surety_series_update,
    .route = surety_series_route,
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
    .state_size = surety_failover_state_size,
    .start = surety_failover_start,
    .watch = surety_failover_watch,
    .update = surety_failover_update,
    .route = surety_failover_route,
    .explain = surety_failover_explain,
};

static const struct surety_node_type fallback = {
    .name = "fallback",
    .help = "Each request that fails at a route tries the next one.",
    .example = "{fallback: {order: [openai, anthropic], retries: 1}}",
    .fields = &fallback_fields,
    .children_key = "order",
    .min_children = 1,
    .params_size = sizeof(struct surety_fallback_params),
    .update = surety_fallback_update,
    .route = surety_fallback_route,
    .explain = surety_combined_explain,
};

static const struct surety_node_type balance = {
    .name = "balance", .help = "Traffic is shared out among routes.", .later = true};
static const struct surety_node_type hedge = {
    .name = "hedge", .help = "A copy of a slow request goes to the next route.", .later = true};
static const struct surety_node_type degrade = {
    .name = "degrade", .help = "People or a simpler service take over.", .later = true};
static const struct surety_node_type cache = {
    .name = "cache", .help = "A share of the requests is answered from a cache.", .later = true};

const struct surety_node_type *const surety_node_types[] = {&series,  &parallel, &k_of_n,  &failover, &fallback,
                                                            &balance, &hedge,    &degrade, &cache,    NULL};
