// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/capacity.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>

// --- keys ------------------------------------------------------------------------------------------------------

static const struct surety_field batch_rows[] = {
    {.name = "step",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_batch, step_s),
     .required = true,
     .above_min = true,
     .max = 3600,
     .help =
         "Time of a step, which gives each request of the batch one output token, apart from what each request adds.",
     .example = "6.6ms"},
    {.name = "per_request",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_batch, per_request_s),
     .required = true,
     .max = 3600,
     .help = "What each request of the batch adds to the time of a step.",
     .example = "0.095ms"},
};

static const struct surety_fields batch_fields = {
    .title = "a batch", .rows = batch_rows, .n = sizeof batch_rows / sizeof *batch_rows};

static const char *const unlimited_words[] = {"unlimited", NULL};
static const char *const overload_words[] = {[SURETY_OVERLOAD_FAIL] = "fail", [SURETY_OVERLOAD_NEXT] = "next", NULL};

static const struct surety_field rows[] = {
    {.name = "concurrency",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_capacity, concurrency),
     .min = 1,
     .max = 4096,
     .help = "Requests that it works on at a time. Each takes a place for its time to the last token, which needs a "
             "`latency`; with `batch` it is the largest batch.",
     .example = "120"},
    {.name = "requests_per_minute",
     .kind = SURETY_KIND_COUNT,
     .offset = offsetof(struct surety_capacity, requests_per_minute),
     .above_min = true,
     .max = 1e9,
     .help = "Quota of requests; what exceeds it is refused at once (429).",
     .example = "5k"},
    {.name = "tokens_per_minute",
     .kind = SURETY_KIND_COUNT,
     .offset = offsetof(struct surety_capacity, tokens_per_minute),
     .above_min = true,
     .max = 1e12,
     .help = "Quota of tokens, input and output together; what exceeds it is refused at once (429).",
     .example = "2M"},
    {.name = "burst",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_capacity, burst_s),
     .above_min = true,
     .max = 86400,
     .help = "How much of a quota can be saved up, as the time in which it is granted. Default with a quota: 60s.",
     .example = "60s"},
    {.name = "queue",
     .kind = SURETY_KIND_COUNT,
     .offset = offsetof(struct surety_capacity, queue),
     .max = 1e6,
     .words = unlimited_words,
     .help = "How many requests may wait for a place, first come, first served; `unlimited` delays without end what "
             "exceeds the places. Default with `concurrency`: 0, so that what finds no place is refused.",
     .example = "200"},
    {.name = "overload",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_capacity, overload),
     .fallback = "fail",
     .words = overload_words,
     .help = "What becomes of a request that is refused: `fail`, or `next`: under a failover or balance it goes to the "
             "next healthy route at once. A fallback tries its next route in any case.",
     .example = "next"},
    {.name = "batch",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_capacity, batch),
     .sub = &batch_fields,
     .present_offset = offsetof(struct surety_capacity, batch.given),
     .help = "A server of your own that works on its requests in steps: the more at a time, the longer each takes per "
             "output token. Stands in the place of `latency.per_output_token`.",
     .example = "{step: 6.6ms, per_request: 0.095ms}"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_capacity *c = out;
    const struct surety_ynode *queue = surety_ynode_get(node, "queue"), *burst = surety_ynode_get(node, "burst"),
                              *batch = surety_ynode_get(node, "batch");
    const bool has_quota = !isnan(c->requests_per_minute) || !isnan(c->tokens_per_minute);
    c->place = surety_map_place(node);
    if (!clean)
        return;
    if (c->concurrency == 0 && !has_quota && batch == NULL) {
        surety_complain(reader, SURETY_D_MISSING_KEY, node, path,
                        "write `concurrency`, `requests_per_minute` or `tokens_per_minute`",
                        "the capacity names no limit");
        return;
    }
    if (c->concurrency == 0 && batch != NULL)
        surety_complain(reader, SURETY_D_MISSING_KEY, batch, surety_path_join(reader, path, "concurrency"),
                        "write `concurrency: 128`, the largest batch", "a batch without its largest size");
    else if (c->concurrency == 0 && queue != NULL)
        surety_complain(reader, SURETY_D_CONFLICT, queue, surety_path_join(reader, path, "queue"),
                        "add `concurrency`, or remove it", "`queue` has a meaning only with `concurrency`");
    if (!has_quota && burst != NULL)
        surety_complain(reader, SURETY_D_CONFLICT, burst, surety_path_join(reader, path, "burst"),
                        "add `requests_per_minute` or `tokens_per_minute`, or remove it",
                        "`burst` has a meaning only with a quota");
    if (c->concurrency > 0 && queue == NULL) {
        c->queue = 0;
        surety_note_default(reader, surety_path_join(reader, path, "queue"), "0");
    } else if (queue != NULL && isfinite(c->queue) && c->queue != floor(c->queue)) {
        surety_complain(reader, SURETY_D_VALUE, queue, surety_path_join(reader, path, "queue"),
                        "write a whole number of requests, or `unlimited`", "half a request cannot wait");
    }
    if (has_quota && burst == NULL) {
        c->burst_s = 60;
        surety_note_default(reader, surety_path_join(reader, path, "burst"), "60s");
    }
}

const struct surety_fields surety_capacity_fields = {
    .title = "a capacity", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

// --- across maps -----------------------------------------------------------------------------------------------

static bool needs_tokens(const struct surety_provider *p)
{
    return !isnan(p->capacity.tokens_per_minute) || p->capacity.batch.given ||
           (p->capacity.concurrency > 0 && p->latency.given && p->latency.has_per_token);
}

// Requests of unknown size would look light.
static void check_tokens(struct surety_reader *reader, const struct surety_ynode *root,
                         const struct surety_scenario *scenario, const struct surety_provider *p)
{
    const bool input_too = !isnan(p->capacity.tokens_per_minute);
    for (size_t i = 0; i < scenario->n_workloads; i++) {
        const struct surety_workload *w = &scenario->workloads[i];
        const struct surety_ynode *node = surety_ynode_get(surety_ynode_get(root, "workloads"), w->name);
        const struct surety_ynode *tokens = surety_ynode_get(node, "tokens");
        const char *missing = surety_ynode_get(tokens, "output") == NULL               ? "output"
                              : input_too && surety_ynode_get(tokens, "input") == NULL ? "input"
                                                                                       : NULL;
        if (w->kind >= 0 || missing == NULL)
            continue;
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, w->place,
                        surety_scratch_printf(reader, "workloads.%s.tokens.%s", w->name, missing),
                        "write `kind: voice` (or chat, agentic, background), or `tokens: {input: 1.1k, output: 160}`",
                        "the capacity of '%s' hangs on tokens, and how many a request has is missing", p->name);
    }
}

static void check_provider(struct surety_reader *reader, const struct surety_ynode *root,
                           const struct surety_scenario *scenario, const struct surety_provider *p)
{
    const char *path = surety_scratch_printf(reader, "providers.%s.latency", p->name);
    if (p->capacity.concurrency > 0 && !p->latency.given)
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, p->capacity.place, path,
                        "write `latency: {first_token: 210ms, per_output_token: 14ms}`",
                        "how long a request takes one of the places of '%s' is missing", p->name);
    else if (p->capacity.batch.given && p->latency.has_per_token)
        surety_diag_add(reader->diags, SURETY_D_CONFLICT, p->capacity.place,
                        surety_path_join(reader, path, "per_output_token"), "keep one of the two",
                        "`batch` says how long an output token takes, and so does this");
    if (needs_tokens(p))
        check_tokens(reader, root, scenario, p);
}

void surety_check_capacity(struct surety_reader *reader, const struct surety_ynode *root,
                           const struct surety_scenario *scenario)
{
    const struct surety_ynode *providers = surety_ynode_get(root, "providers");
    const char *names = "";
    size_t n_unlimited = 0, n_limited = 0;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *p = &scenario->providers[i];
        if (p->capacity.given)
            check_provider(reader, root, scenario, p);
        const bool rejects = p->reserved.given && p->reserved.overflow == SURETY_OVERFLOW_REJECT;
        n_limited += p->capacity.given || rejects;
        if (!p->capacity.given && !rejects && n_unlimited++ < 8)
            names = surety_scratch_printf(reader, "%s%s%s", names, names[0] != '\0' ? ", " : "", p->name);
    }
    if (n_unlimited == 0)
        return;
    if (n_limited == 0)
        surety_diag_add(reader->diags, SURETY_D_WARN_CAPACITY, providers->key_place, "providers", NULL,
                        "no limits are known: every route is taken as able to carry all of the load");
    else
        surety_diag_add(reader->diags, SURETY_D_WARN_CAPACITY, providers->key_place, "providers", NULL,
                        "no limits are known of %s%s, taken as able to carry all of the load", names,
                        n_unlimited > 8 ? ", ..." : "");
}
