// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/demand.h"

#include "models/profile.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>

const struct surety_workload_kind surety_workload_kinds[] = {
    {.name = "voice",
     .help = "Phone calls: a turn of the conversation is one request with a growing context and a short answer.",
     .input_tokens = "{lognormal: {mean: 1100, cv: 0.8}}",
     .output_tokens = "{lognormal: {mean: 160, cv: 0.7}}",
     .profile = "business-hours",
     .requests_per_task = "9",
     .usual_s = 0.3},
    {.name = "chat",
     .help = "Conversations in writing: a task is one conversation of a few turns.",
     .input_tokens = "{lognormal: {mean: 1500, cv: 1}}",
     .output_tokens = "{lognormal: {mean: 350, cv: 0.9}}",
     .profile = "consumer",
     .requests_per_task = "4",
     .usual_s = 0.5},
    {.name = "agentic",
     .help = "Agents that work in many steps, each one request with a long context.",
     .input_tokens = "{lognormal: {mean: 12k, cv: 1.2}}",
     .output_tokens = "{lognormal: {mean: 600, cv: 1.2}}",
     .profile = "business-hours",
     .requests_per_task = "20",
     .usual_s = 2,
     .usual_whole = true},
    {.name = "background",
     .help = "Jobs that nobody waits for, at all hours: one request each.",
     .input_tokens = "{lognormal: {mean: 3k, cv: 1}}",
     .output_tokens = "{lognormal: {mean: 500, cv: 1}}",
     .profile = "flat",
     .requests_per_task = "1"},
};

const size_t surety_n_workload_kinds = sizeof surety_workload_kinds / sizeof *surety_workload_kinds;

static const char *const kind_words[] = {"voice", "chat", "agentic", "background", NULL};

// The rows of `demand` and `tokens` fill the workload itself, hence offsets from its start.
static const struct surety_field demand_rows[] = {
    {.name = "rate",
     .kind = SURETY_KIND_RATE,
     .offset = offsetof(struct surety_workload, rate_per_s),
     .required = true,
     .above_min = true,
     .min = 0,
     .max = INFINITY,
     .help = "Model requests per time, mean over the week at the start of the term.",
     .example = "30/min"},
    {.name = "profile",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_workload, profile),
     .read = surety_read_profile,
     .schema = surety_profile_schema,
     .sub = &surety_profile_fields,
     .help = "When in the week requests come: flat, business-hours (weight 5 Mon-Fri 08-18), consumer (3 daily 09-23), "
             "working-hours (4 Mon-Fri 09-18), or {hours: [168 numbers]}. Default: that of the workload's kind, else "
             "flat.",
     .example = "business-hours"},
    {.name = "growth",
     .kind = SURETY_KIND_GROWTH,
     .offset = offsetof(struct surety_workload, growth),
     .fallback = "0%/month",
     .min = -0.99,
     .max = 10,
     .help = "Compound growth, one step per contract window.",
     .example = "2%/month"},
    {.name = "burstiness",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct surety_workload, burstiness),
     .max = 10,
     .help = "How uneven requests come within an hour: the coefficient of variation of the times between them. Default "
             "1, a Poisson process; 0 is a beat. For providers with a `capacity`, and for --engine requests.",
     .example = "1.8"},
};

static const struct surety_fields demand_fields = {
    .title = "the demand", .rows = demand_rows, .n = sizeof demand_rows / sizeof *demand_rows};

static const struct surety_field token_rows[] = {
    {.name = "input",
     .kind = SURETY_KIND_COUNT_LAW,
     .offset = offsetof(struct surety_workload, input_tokens),
     .help = "Input tokens per request: a count, or a law of counts. Default: that of the workload's kind.",
     .example = "{lognormal: {mean: 1100, cv: 0.8}}"},
    {.name = "output",
     .kind = SURETY_KIND_COUNT_LAW,
     .offset = offsetof(struct surety_workload, output_tokens),
     .help = "Output tokens per request: a count, or a law of counts. Default: that of the workload's kind.",
     .example = "{lognormal: {mean: 160, cv: 0.7}}"},
    {.name = "cached_input",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_workload, share_cached_input),
     .fallback = "0%",
     .help = "Share of the input tokens that the provider has cached and bills at its cached_input price.",
     .example = "60%"},
};

static const struct surety_fields token_fields = {
    .title = "the tokens", .rows = token_rows, .n = sizeof token_rows / sizeof *token_rows};

static const struct surety_field rows[] = {
    {.name = "kind",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_workload, kind),
     .words = kind_words,
     .help = "What the service is: gives defaults for tokens, profile and requests_per_task.",
     .example = "voice"},
    {.name = "demand",
     .kind = SURETY_KIND_MAP,
     .offset = 0,
     .required = true,
     .sub = &demand_fields,
     .shorthand = "rate",
     .help = "How many model requests come, and when. A bare rate, or a map.",
     .example = "30/min"},
    {.name = "tokens",
     .kind = SURETY_KIND_MAP,
     .offset = 0,
     .fallback = "{}",
     .sub = &token_fields,
     .help = "Tokens per request.",
     .example = "{input: 1.1k, output: 160}"},
    {.name = "requests_per_task",
     .kind = SURETY_KIND_COUNT,
     .offset = offsetof(struct surety_workload, requests_per_task),
     .min = 1,
     .max = 1e9,
     .help = "Requests of one task (a phone call, a conversation). Default: that of the workload's kind, else 1.",
     .example = "9"},
    {.name = "task_time",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_workload, task_s),
     .above_min = true,
     .help = "How long a task takes on average. Prices `per_minute` and the `seats` of people ask for it; it has no "
             "default.",
     .example = "4m"},
};

// Takes the default of one row below `key` of the workload ("": of the workload itself), when it was not written.
static void fill(struct surety_reader *reader, const struct surety_ynode *node, const char *path, const char *key,
                 const struct surety_fields *fields, const char *name, const char *text, struct surety_workload *out)
{
    const struct surety_ynode *map = key[0] == '\0' ? node : surety_ynode_get(node, key);
    if (surety_ynode_get(map, name) != NULL)
        return;
    const char *below = key[0] == '\0' ? path : surety_path_join(reader, path, key);
    surety_read_default(reader, surety_field_row(fields, name), text, surety_map_place(node),
                        surety_path_join(reader, below, name), out);
}

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_workload *workload = out;
    if (!clean)
        return;
    workload->burstiness = isnan(workload->burstiness) ? 1 : workload->burstiness;
    workload->place = surety_map_place(node);
    const struct surety_workload_kind *kind = workload->kind < 0 ? NULL : &surety_workload_kinds[workload->kind];
    fill(reader, node, path, "demand", &demand_fields, "profile", kind == NULL ? "flat" : kind->profile, workload);
    // Without a kind there is no telling; models/registry.c refuses that where tokens cost money.
    fill(reader, node, path, "tokens", &token_fields, "input", kind == NULL ? "0" : kind->input_tokens, workload);
    fill(reader, node, path, "tokens", &token_fields, "output", kind == NULL ? "0" : kind->output_tokens, workload);
    fill(reader, node, path, "", &surety_workload_fields, "requests_per_task",
         kind == NULL ? "1" : kind->requests_per_task, workload);
}

const struct surety_fields surety_workload_fields = {
    .title = "a workload", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
