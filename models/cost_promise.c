// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cost_promise.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

static const struct surety_field rows[] = {
    {.name = "per_task",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_cost_promise, per_task),
     .per = "task",
     .help = "A window's cost divided by its tasks is at most this.",
     .example = "0.08 USD/task"},
    {.name = "per_request",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_cost_promise, per_request),
     .per = "request",
     .help =
         "The `percentile` of what single answers cost is at most this in each window, by the laws of their tokens.",
     .example = "0.012 USD/request"},
    {.name = "percentile",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct surety_cost_promise, percentile),
     .above_min = true,
     .max = 99.999,
     .help = "Only with `per_request`, and required there.",
     .example = "95"},
    {.name = "per_month",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_cost_promise, per_month),
     .per = "month year",
     .help = "A window's cost is at most this; pro rata where the window is not a whole month.",
     .example = "6000 USD/month"},
    {.name = "over_forecast",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_cost_promise, over_forecast),
     .max = 1,
     .help = "A window's cost is at most this share above the forecast: what it costs when everything works, at the "
             "prices of the term's start.",
     .example = "10%"},
    {.name = "workload",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_cost_promise, workload_name),
     .help = "The workload of `per_task` and `per_request`. Default: all together.",
     .example = "calls"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_cost_promise *cost = out;
    cost->place = surety_map_place(node);
    cost->workload = SIZE_MAX;
    if (!clean)
        return;
    if (isnan(cost->per_task) && isnan(cost->per_request) && isnan(cost->per_month) && isnan(cost->over_forecast))
        surety_complain(reader, SURETY_D_MISSING_KEY, node, path, "write {per_task: 0.08 USD/task}",
                        "the promise of cost promises nothing");
    if (isnan(cost->per_request) != isnan(cost->percentile))
        surety_complain(reader, SURETY_D_CONFLICT, node, path, "write {per_request: 0.012 USD/request, percentile: 95}",
                        "`per_request` and `percentile` belong together");
}

const struct surety_fields surety_cost_promise_fields = {
    .title = "a promise of cost", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

// --- across maps -----------------------------------------------------------------------------------------------

// The first node below in which one request may be answered, and billed, more than once; NULL: none.
static const struct surety_node *several_answers(const struct surety_node *node)
{
    static const char *const types[] = {"series", "k_of_n", "hedge"};
    for (size_t i = 0; node->type != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(node->type->name, types[i]) == 0)
            return node;
    for (size_t i = 0; i < node->n_children; i++) {
        const struct surety_node *several = several_answers(node->children[i]);
        if (several != NULL)
            return several;
    }
    return NULL;
}

static bool has_price(const struct surety_scenario *scenario)
{
    for (size_t i = 0; i < scenario->n_providers; i++)
        if (scenario->providers[i].price.given || scenario->providers[i].reserved.given)
            return true;
    return false;
}

void surety_check_cost_promises(struct surety_reader *reader, struct surety_scenario *scenario)
{
    for (size_t t = 0; t < scenario->contract.n_tiers; t++) {
        struct surety_cost_promise *cost = &scenario->contract.tiers[t].cost;
        if (!cost->given)
            continue;
        const char *path = surety_scratch_printf(reader, "%s.tiers.%s.cost", scenario->contract_path,
                                                 scenario->contract.tiers[t].name);
        cost->workload = SIZE_MAX;
        for (size_t i = 0; cost->workload_name != NULL && i < scenario->n_workloads; i++)
            if (strcmp(scenario->workloads[i].name, cost->workload_name) == 0)
                cost->workload = i;
        if (cost->workload_name != NULL && cost->workload == SIZE_MAX)
            surety_diag_add(reader->diags, SURETY_D_REFERENCE, cost->place, surety_path_join(reader, path, "workload"),
                            surety_hint_words(reader, cost->workload_name, scenario->workloads, scenario->n_workloads,
                                              sizeof *scenario->workloads),
                            "there is no workload '%.64s'", cost->workload_name);
        if (!has_price(scenario))
            surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, cost->place, path,
                            "write `price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}` at the providers",
                            "a cost is promised, and no provider has a price");
        for (size_t p = 0; !isnan(cost->per_request) && p < scenario->n_providers; p++)
            if (scenario->providers[p].n_price_changes > 0)
                surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, cost->place, path,
                                "promise `per_task` in its place, or remove the changes",
                                "`per_request` together with the `price_changes` of '%s' is not supported yet",
                                scenario->providers[p].name);
        for (size_t p = 0; !isnan(cost->per_request) && p < scenario->n_providers; p++)
            if (scenario->providers[p].reserved.given)
                surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, cost->place, path,
                                "promise `per_task` in its place, which has its part of the fee",
                                "`per_request` together with the `reserved` units of '%s' is not supported yet: a fee "
                                "belongs to no single answer",
                                scenario->providers[p].name);
        for (size_t a = 0; !isnan(cost->per_request) && a < scenario->n_architectures; a++) {
            const struct surety_node *several = several_answers(scenario->architectures[a].root);
            if (several != NULL) {
                surety_diag_add(reader->diags, SURETY_D_UNSUPPORTED, several->place, several->path,
                                "promise `per_task` in its place, or remove the architecture",
                                "`per_request` where several answers are paid for one request ('%s') is not supported "
                                "yet",
                                several->type->name);
                break;
            }
        }
    }
}
