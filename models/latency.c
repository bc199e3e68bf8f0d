// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/latency.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

// --- a provider's laws -----------------------------------------------------------------------------------------

static const struct surety_field law_rows[] = {
    {.name = "first_token",
     .kind = SURETY_KIND_LAW,
     .offset = offsetof(struct surety_latency_laws, first_token),
     .required = true,
     .help = "Time from a request to the first token of its answer: a duration or any law, such as a mixture of a body "
             "and rare stalls.",
     .example = "{lognormal: {p50: 210ms, p95: 420ms}}"},
    {.name = "per_output_token",
     .kind = SURETY_KIND_LAW,
     .offset = offsetof(struct surety_latency_laws, per_output_token),
     .present_offset = offsetof(struct surety_latency_laws, has_per_token),
     .help = "Time per output token after the first, drawn once a request. Default: the answer is complete with its "
             "first token.",
     .example = "{lognormal: {p50: 14ms, p95: 25ms}}"},
};

const struct surety_fields surety_latency_fields = {
    .title = "the latency", .rows = law_rows, .n = sizeof law_rows / sizeof *law_rows};

// --- a tier's promise ------------------------------------------------------------------------------------------

static const char *const metric_words[] = {[SURETY_METRIC_FIRST_TOKEN] = "first_token",
                                           [SURETY_METRIC_END_TO_END] = "end_to_end",
                                           [SURETY_METRIC_PER_STEP] = "per_step",
                                           NULL};
static const char *const over_words[] = {
    [SURETY_OVER_REQUESTS] = "requests", [SURETY_OVER_INTERVALS] = "intervals", NULL};
static const char *const failed_words[] = {
    [SURETY_FAILED_OUTSIDE] = "outside", [SURETY_FAILED_INFINITE] = "infinite", NULL};

static const struct surety_field target_rows[] = {
    {.name = "metric",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_latency_target, metric),
     .required = true,
     .words = metric_words,
     .help = "What is promised: `first_token`; `end_to_end`, to the last token; or `per_step`, the same of one step of "
             "an agent, which is one request.",
     .example = "first_token"},
    {.name = "percentile",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct surety_latency_target, percentile),
     .required = true,
     .above_min = true,
     .max = 99.999,
     .help = "The percentile that must not exceed the target in a window.",
     .example = "95"},
    {.name = "target",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_latency_target, target_s),
     .required = true,
     .above_min = true,
     .max = 86400,
     .help = "The longest time.",
     .example = "300ms"},
    {.name = "over",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_latency_target, over),
     .fallback = "requests",
     .words = over_words,
     .help = "`requests`: the percentile is over the window's requests. `intervals`: over those of each 5 minutes, and "
             "`cells_met` of these cells must hold it.",
     .example = "requests"},
    {.name = "cells_met",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_latency_target, cells_met_ppb),
     .above_min = true,
     .max = 1,
     .help = "Only with `over: intervals`: which share of the window's cells must hold the percentile. Default 100%.",
     .example = "99%"},
    {.name = "failed_as",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_latency_target, failed_as),
     .fallback = "outside",
     .words = failed_words,
     .help = "What a failed request is to the percentile: `outside`, or `infinite`: it took longer than any target.",
     .example = "outside"},
    {.name = "probes",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_latency_target, n_probes),
     .min = 1,
     .max = 1e6,
     .help = "The percentile is measured by so many probes a window, and chance comes on top. Default: over all "
             "requests.",
     .example = "720"},
};

static void check_target(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                         bool clean)
{
    struct surety_latency_target *target = out;
    const struct surety_ynode *cells = surety_ynode_get(node, "cells_met"), *probes = surety_ynode_get(node, "probes");
    target->place = surety_map_place(node);
    if (!clean)
        return;
    if (cells != NULL && target->over != SURETY_OVER_INTERVALS)
        surety_complain(reader, SURETY_D_CONFLICT, cells, surety_path_join(reader, path, "cells_met"),
                        "add `over: intervals`, or remove it", "`cells_met` has a meaning only with `over: intervals`");
    if (probes != NULL && target->over == SURETY_OVER_INTERVALS)
        surety_complain(reader, SURETY_D_CONFLICT, probes, surety_path_join(reader, path, "probes"),
                        "keep one of the two", "`probes` and `over: intervals` exclude each other");
    if (cells == NULL && target->over == SURETY_OVER_INTERVALS) {
        target->cells_met_ppb = INT64_C(1000000000);
        surety_note_default(reader, surety_path_join(reader, path, "cells_met"), "100%");
    }
}

const struct surety_fields surety_latency_target_fields = {.title = "a promise of latency",
                                                           .rows = target_rows,
                                                           .n = sizeof target_rows / sizeof *target_rows,
                                                           .check = check_target};

// --- across maps -----------------------------------------------------------------------------------------------

static bool resolve_workload(struct surety_reader *reader, const char *path, const struct surety_scenario *scenario,
                             struct surety_latency_target *target)
{
    for (size_t i = 0; i < scenario->n_workloads; i++)
        if (strcmp(scenario->workloads[i].name, target->name) == 0) {
            target->workload = i;
            return true;
        }
    surety_diag_add(reader->diags, SURETY_D_REFERENCE, target->place, path,
                    surety_hint_words(reader, target->name, scenario->workloads, scenario->n_workloads,
                                      sizeof *scenario->workloads),
                    "there is no workload '%.64s'", target->name);
    return false;
}

// The first provider below the node that says nothing of its latency; NULL: none.
static const struct surety_provider *silent_below(const struct surety_scenario *scenario,
                                                  const struct surety_node *node)
{
    if (node->type == NULL) {
        const struct surety_provider *p = &scenario->providers[node->provider];
        return p->latency.given ? NULL : p;
    }
    for (size_t i = 0; i < node->n_children; i++) {
        const struct surety_provider *p = silent_below(scenario, node->children[i]);
        if (p != NULL)
            return p;
    }
    return NULL;
}

static bool has_per_token(const struct surety_scenario *scenario, const struct surety_node *node)
{
    if (node->type == NULL)
        return scenario->providers[node->provider].latency.given &&
               scenario->providers[node->provider].latency.has_per_token;
    for (size_t i = 0; i < node->n_children; i++)
        if (has_per_token(scenario, node->children[i]))
            return true;
    return false;
}

// The first node whose latencies cannot be composed, because a node above splits its answers (`split`: there is one);
// NULL: none.
static const struct surety_node *mute_below(const struct surety_scenario *scenario, const struct surety_node *node,
                                            bool split)
{
    if (node->type == NULL)
        return NULL;
    if (node->type->whole_is_no_sum && split && has_per_token(scenario, node))
        return node;
    for (size_t i = 0; i < node->n_children; i++) {
        const struct surety_node *mute = mute_below(scenario, node->children[i], split || node->type->splits_answers);
        if (mute != NULL)
            return mute;
    }
    return NULL;
}

// An answer of unknown length would look fast.
static void check_tokens(struct surety_reader *reader, const struct surety_ynode *root, const char *path,
                         const struct surety_scenario *scenario, const struct surety_latency_target *target)
{
    const struct surety_workload *workload = &scenario->workloads[target->workload];
    const struct surety_ynode *node = surety_ynode_get(surety_ynode_get(root, "workloads"), workload->name);
    bool per_token = false;
    for (size_t i = 0; i < scenario->n_providers; i++)
        per_token = per_token || (scenario->providers[i].latency.given && scenario->providers[i].latency.has_per_token);
    if (target->metric == SURETY_METRIC_FIRST_TOKEN || !per_token || workload->kind >= 0 ||
        surety_ynode_get(surety_ynode_get(node, "tokens"), "output") != NULL)
        return;
    surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, target->place, path,
                    surety_scratch_printf(reader, "write `workloads.%s.tokens: {output: 160}`", workload->name),
                    "the time to the last token hangs on the output tokens, and how many there are is missing");
}

static const char *hint_laws(struct surety_reader *reader, const struct surety_provider *silent)
{
    if (silent->is_stand_in)
        return "give it as a provider with a `latency`";
    return surety_scratch_printf(
        reader, "write `providers.%s.latency: {first_token: {lognormal: {p50: 210ms, p95: 420ms}}}`", silent->name);
}

// A promise needs laws on every route of every architecture.
static void check_promise(struct surety_reader *reader, const char *path, const struct surety_scenario *scenario,
                          const struct surety_latency_target *target)
{
    for (size_t a = 0; a < scenario->n_architectures; a++) {
        const struct surety_node *root = scenario->architectures[a].root;
        const struct surety_provider *silent = silent_below(scenario, root);
        const struct surety_node *mute = mute_below(scenario, root, false);
        if (silent != NULL) {
            surety_diag_add(
                reader->diags, SURETY_D_MISSING_KEY, target->place, path,
                surety_scratch_printf(reader,
                                      "write `providers.%s.latency: {first_token: {lognormal: {p50: 210ms, p95: "
                                      "420ms}}}`",
                                      silent->name),
                "a latency is promised, and that of '%s' (architecture '%s') is missing", silent->name,
                scenario->architectures[a].name);
            return;
        }
        if (mute != NULL) {
            surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, mute->place, mute->path,
                            "remove the architecture, or the promise of latency",
                            "the time to the last token of a '%s' is not supported yet below a fallback, a hedge or "
                            "a parallel",
                            mute->type->name);
            return;
        }
    }
}

// A node that acts on times needs the times of its routes, and routes that can be composed.
static void check_node(struct surety_reader *reader, const struct surety_scenario *scenario,
                       const struct surety_node *node)
{
    for (size_t i = 0; i < node->n_children; i++)
        check_node(reader, scenario, node->children[i]);
    if (node->type == NULL || node->type->needs_response == NULL || !node->type->needs_response(node->params))
        return;
    const struct surety_node *mute = mute_below(scenario, node, false);
    const struct surety_provider *silent = silent_below(scenario, node);
    if (mute != NULL)
        surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, mute->place, mute->path,
                        "remove `per_output_token` of its routes, or use another type of route",
                        "the time to the last token of a '%s' below '%s' is not supported yet", mute->type->name,
                        node->type->name);
    else if (silent != NULL && node->type->needs_laws != NULL && node->type->needs_laws(node->params))
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, node->place, node->path, hint_laws(reader, silent),
                        "what this '%s' does hangs on the latency of '%s', and that is missing", node->type->name,
                        silent->name);
}

void surety_check_latency(struct surety_reader *reader, const struct surety_ynode *root,
                          struct surety_scenario *scenario)
{
    for (size_t a = 0; a < scenario->n_architectures; a++)
        check_node(reader, scenario, scenario->architectures[a].root);
    for (size_t t = 0; t < scenario->contract.n_tiers; t++) {
        struct surety_tier *tier = &scenario->contract.tiers[t];
        for (size_t i = 0; i < tier->n_latency; i++) {
            struct surety_latency_target *target = &tier->latency[i];
            const char *path = surety_scratch_printf(reader, "%s.tiers.%s.latency.%s", scenario->contract_path,
                                                     tier->name, target->name);
            if (!resolve_workload(reader, path, scenario, target))
                continue;
            check_tokens(reader, root, path, scenario, target);
            check_promise(reader, path, scenario, target);
        }
    }
}
