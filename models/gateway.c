// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/gateway.h"

#include "models/combine.h"
#include "models/fallback.h"

#include <math.h>

// --- profiles --------------------------------------------------------------------------------------------------

// What a gateway does unless it is told otherwise, put into the keys that come nearest.

#define READ_ON "2026-11-23" // the day on which a source without a date of its own was read
#define LITELLM_CONSTANTS "LiteLLM, litellm/constants.py (github.com/BerriAI/litellm, commit 000db7e8)"
#define LITELLM_DOCS "LiteLLM, \"Retries, fallbacks and cooldowns\" (docs.litellm.ai/docs/router/learn/reliability)"
#define LITELLM_DOCS_DATE "2026-11-05"
#define ENVOY_EXAMPLE                                                                                                  \
    "Envoy AI Gateway, examples/provider_fallback/fallback.yaml (github.com/envoyproxy/ai-gateway, commit 047d16a9), " \
    "the example of its page \"Provider Fallback\""
#define ENVOY_ROUTER                                                                                                   \
    ENVOY_EXAMPLE                                                                                                      \
    "; Envoy, \"Router\" (docs/root/configuration/http/http_filters/router_filter.rst, commit 040783c8) "              \
    "and source/common/common/backoff_strategy.cc"

static const struct surety_style_key litellm_keys[] = {
    {.path = "retries",
     .value = "2",
     .source = LITELLM_CONSTANTS,
     .as_of = READ_ON,
     .seen = "source seen: DEFAULT_MAX_RETRIES (num_retries)"},
    {.path = "backoff",
     .value = "{first: 500ms, growth: 2x, most: 8s, before: retry}",
     .source = LITELLM_CONSTANTS,
     .as_of = READ_ON,
     .seen = "source seen: INITIAL_RETRY_DELAY, MAX_RETRY_DELAY, between which waits double; for a route that is one "
             "deployment (another healthy one of the same group is tried at once); its JITTER, and Retry-After of the "
             "provider, are not modelled"},
    {.path = "allowed_fails",
     .value = "3",
     .source = LITELLM_CONSTANTS,
     .as_of = READ_ON,
     .seen = "source seen: DEFAULT_ALLOWED_FAILS; by default the rule is a share of failures in the current minute "
             "instead (DEFAULT_FAILURE_THRESHOLD_PERCENT 0.5 of at least 5), which this count stands for"},
    {.path = "per",
     .value = "1m",
     .source = LITELLM_DOCS,
     .as_of = LITELLM_DOCS_DATE,
     .seen = "documentation seen: allowed_fails counts the failures of a minute"},
    {.path = "cooldown",
     .value = "5s",
     .source = LITELLM_CONSTANTS,
     .as_of = READ_ON,
     .seen = "source seen: DEFAULT_COOLDOWN_TIME_SECONDS (cooldown_time)"},
    {.path = "half_open",
     .value = "no",
     .source = LITELLM_DOCS,
     .as_of = LITELLM_DOCS_DATE,
     .seen = "documentation seen: a cooldown takes a deployment out for some seconds and ends by its time alone"},
};

static const struct surety_style_key envoy_keys[] = {
    {.path = "retries",
     .value = "0",
     .source = ENVOY_EXAMPLE,
     .as_of = READ_ON,
     .seen = "example seen: numRetries 5 over all backends, by their priority; one failure ejects a backend, so each "
             "retry meets the next"},
    {.path = "timeout",
     .value = "30s",
     .source = ENVOY_EXAMPLE,
     .as_of = READ_ON,
     .seen = "example seen: perRetry.timeout"},
    {.path = "backoff",
     .value = "{first: 100ms, growth: 2x, most: 10s, jitter: 100%, before: attempt}",
     .source = ENVOY_ROUTER,
     .as_of = READ_ON,
     .seen =
         "example seen: backOff.baseInterval 100ms, maxInterval 10s; documentation and source seen: a retry waits a "
         "time uniform in [0, interval), which doubles with each. The documentation has (2^N - 1) x base for the "
         "N-th interval, the source 2^(N - 1) x base: the source's is used, the first is the same"},
    {.path = "allowed_fails",
     .value = "0",
     .source = ENVOY_EXAMPLE,
     .as_of = READ_ON,
     .seen = "example seen: healthCheck.passive.consecutive5XxErrors 1"},
    {.path = "per",
     .value = "2s",
     .source = ENVOY_EXAMPLE,
     .as_of = READ_ON,
     .seen = "example seen: healthCheck.passive.interval; with allowed_fails 0 it changes nothing"},
    {.path = "cooldown",
     .value = "5s",
     .source = ENVOY_EXAMPLE,
     .as_of = READ_ON,
     .seen = "example seen: healthCheck.passive.baseEjectionTime; that it grows with each ejection is not modelled"},
    {.path = "half_open",
     .value = "no",
     .source = ENVOY_EXAMPLE,
     .as_of = READ_ON,
     .seen = "example seen: an ejection ends by its time alone"},
};

const struct surety_style surety_gateway_profiles[] = {
    {.name = "litellm-2026",
     .help =
         "LiteLLM's router as it comes, each route a group of one deployment: two retries with a doubling wait, then "
         "the next route; a route that fails often pauses for seconds. Its own timeout is 6000 s "
         "(litellm/constants.py, request_timeout): give one.",
     .keys = litellm_keys,
     .n = sizeof litellm_keys / sizeof *litellm_keys},
    {.name = "envoy-ai-2026",
     .help = "Envoy AI Gateway after its example of provider fallback: every failure goes to the route of the next "
             "priority, after a short random wait, and ejects the one that failed.",
     .keys = envoy_keys,
     .n = sizeof envoy_keys / sizeof *envoy_keys},
    {.name = NULL},
};

static const char *const profile_words[] = {"litellm-2026", "envoy-ai-2026", NULL};

// --- fallback --------------------------------------------------------------------------------------------------

static const char *const before_words[] = {
    [SURETY_BACKOFF_RETRY] = "retry", [SURETY_BACKOFF_ATTEMPT] = "attempt", NULL};
static const char *const no_yes_words[] = {"no", "yes", NULL};

// These rows fill the fallback itself, hence offsets from its start.
static const struct surety_field backoff_rows[] = {
    {.name = "first",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_fallback_params, backoff_s),
     .required = true,
     .max = 3600,
     .help = "The wait before the first repeated attempt.",
     .example = "500ms"},
    {.name = "growth",
     .kind = SURETY_KIND_FACTOR,
     .offset = offsetof(struct surety_fallback_params, backoff_growth),
     .min = 1,
     .max = 100,
     .help = "Each further wait is so many times the one before it. Default 1x: all are the same.",
     .example = "2x"},
    {.name = "most",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_fallback_params, backoff_most_s),
     .max = 3600,
     .help = "No wait is longer. Default: no limit.",
     .example = "8s"},
    {.name = "jitter",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_fallback_params, jitter),
     .max = 1,
     .help = "Share of the wait that is random: it is uniform between 1 - jitter and 1 times its length. Default 0%.",
     .example = "75%"},
    {.name = "before",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_fallback_params, backoff_before),
     .words = before_words,
     .help =
         "`retry` (default): it waits before another attempt at the same route; `attempt`: before the next route too.",
     .example = "retry"},
};

static const struct surety_fields backoff_fields = {
    .title = "the backoff", .rows = backoff_rows, .n = sizeof backoff_rows / sizeof *backoff_rows};

static const struct surety_field fallback_rows[] = {
    {.name = "order",
     .kind = SURETY_KIND_ROUTES,
     .required = true,
     .help = "The routes that a request tries one after another.",
     .example = "[openai, anthropic]"},
    {.name = "profile",
     .kind = SURETY_KIND_WORD,
     .offset = SURETY_NOWHERE, // sim/scenario/presets.c puts the keys it stands for into the tree
     .words = profile_words,
     .help =
         "A gateway as it comes: stands for keys of this map, each of which may be overridden; the result lists them "
         "with their source, and `surety explain litellm-2026` too.",
     .example = "litellm-2026"},
    {.name = "retries",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_fallback_params, retries),
     .fallback = "0",
     .min = 0,
     .max = 100,
     .help = "Further attempts at each route before the next one. They fail independently given the state.",
     .example = "1"},
    {.name = "timeout",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_fallback_params, timeout_s),
     .above_min = true,
     .max = 3600,
     .help =
         "Longest wait for the first token of an attempt: one that is slower has failed, and its time passes for the "
         "request. Default: none, then what hangs is lost.",
     .example = "8s"},
    {.name = "backoff",
     .kind = SURETY_KIND_MAP,
     .offset = 0,
     .sub = &backoff_fields,
     .shorthand = "first",
     .help = "The wait before attempts are repeated, a duration or a map. Default: none.",
     .example = "{first: 500ms, growth: 2x, most: 8s, jitter: 75%}"},
    {.name = "cooldown",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_fallback_params, cooldown_s),
     .max = 86400,
     .help = "How long a route is skipped that failed more than `allowed_fails` times within `per`. Default: never.",
     .example = "30s"},
    {.name = "allowed_fails",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_fallback_params, allowed_fails),
     .min = 0,
     .max = 1000,
     .help = "Failed attempts that a route may have within `per` without a cooldown. Default 0.",
     .example = "3"},
    {.name = "per",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_fallback_params, per_s),
     .above_min = true,
     .max = 86400,
     .help = "Time in which failures are counted, from the first of them on. Default 1m.",
     .example = "1m"},
    {.name = "half_open",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_fallback_params, half_open),
     .words = no_yes_words,
     .help = "`yes`: after a cooldown the next attempt alone decides whether another one follows. Default no.",
     .example = "yes"},
};

static const struct surety_fields fallback_fields = {
    .title = "fallback", .rows = fallback_rows, .n = sizeof fallback_rows / sizeof *fallback_rows};

static double or_else(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

static bool settle_fallback(void *params, size_t n_children, int64_t down_at_ppb, const char **key,
                            const char **problem)
{
    (void)n_children, (void)down_at_ppb, (void)key, (void)problem;
    struct surety_fallback_params *p = params;
    const bool waits = p->backoff_s > 0; // without the map its doubles are 0
    p->timeout_s = or_else(p->timeout_s, INFINITY);
    p->backoff_growth = waits ? or_else(p->backoff_growth, 1) : 1;
    p->backoff_most_s = waits ? or_else(p->backoff_most_s, INFINITY) : INFINITY;
    p->jitter = waits ? or_else(p->jitter, 0) : 0;
    p->backoff_before = p->backoff_before > 0 ? p->backoff_before : SURETY_BACKOFF_RETRY;
    p->cooldown_s = or_else(p->cooldown_s, 0);
    p->per_s = or_else(p->per_s, 60);
    p->half_open = p->half_open > 0;
    return true;
}

// Plans of scenarios that give no other key keep their hash.
static size_t hashed_fallback(const void *params)
{
    const struct surety_fallback_params *p = params;
    return surety_fallback_needs_response(params) || p->backoff_s > 0 ? sizeof *p : sizeof p->retries;
}

const struct surety_node_type surety_fallback_type = {
    .name = "fallback",
    .help = "Each request that fails at a route tries the next one.",
    .example = "{fallback: {order: [openai, anthropic], retries: 1}}",
    .fields = &fallback_fields,
    .children_key = "order",
    .min_children = 1,
    .params_size = sizeof(struct surety_fallback_params),
    .hashed_size = hashed_fallback,
    .settle = settle_fallback,
    .update = surety_fallback_update,
    .route = surety_fallback_route,
    .explain = surety_combined_explain,
    .compose = surety_fallback_compose,
    .splits_answers = true,
    .needs_response = surety_fallback_needs_response,
    .delay_s = surety_fallback_delay_s,
    .needs_laws = surety_fallback_needs_laws,
    .asks_all = true,
};

// --- hedge -----------------------------------------------------------------------------------------------------

static const struct surety_field hedge_rows[] = {
    {.name = "order",
     .kind = SURETY_KIND_ROUTES,
     .required = true,
     .help = "The routes: a request goes to the first, copies of it to the others.",
     .example = "[openai, anthropic]"},
    {.name = "after",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_hedge_params, after_s),
     .required = true,
     .max = 3600,
     .help =
         "Without a first token for so long a copy goes to the next route, whether the request is slow or has failed; "
         "the first answer counts and all are billed.",
     .example = "400ms"},
};

static const struct surety_fields hedge_fields = {
    .title = "hedge", .rows = hedge_rows, .n = sizeof hedge_rows / sizeof *hedge_rows};

const struct surety_node_type surety_hedge_type = {
    .name = "hedge",
    .help = "A copy of a slow request goes to the next route.",
    .example = "{hedge: {order: [openai, anthropic], after: 400ms}}",
    .fields = &hedge_fields,
    .children_key = "order",
    .min_children = 2,
    .params_size = sizeof(struct surety_hedge_params),
    .update = surety_hedge_update,
    .route = surety_hedge_route,
    .explain = surety_combined_explain,
    .compose = surety_hedge_compose,
    .blend = surety_hedge_blend,
    .splits_answers = true,
    .needs_response = surety_hedge_needs_response,
    .delay_s = surety_hedge_delay_s,
    .needs_laws = surety_hedge_needs_response,
    .asks_all = true,
};
