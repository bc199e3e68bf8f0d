// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"

#include "models/common_cause.h"
#include "models/catalog.h"
#include "models/availability.h"
#include "models/capacity.h"
#include "models/contract.h"
#include "models/cost_promise.h"
#include "models/demand.h"
#include "models/gateway.h"
#include "models/latency.h"
#include "models/unit_offers.h"
#include "models/prior.h"
#include "models/provider.h"
#include "models/quality.h"
#include "models/style.h"
#include "models/term.h"
#include "models/topology.h"
#include "sim/scenario/route_reader.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>

static const struct surety_field rows[] = {
    {.name = "surety",
     .kind = SURETY_KIND_INTEGER,
     .offset = SURETY_NOWHERE,
     .required = true,
     .min = 1,
     .max = 1,
     .help = "Version of the scenario format.",
     .example = "1"},
    {.name = "name",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_scenario, name),
     .help = "Title of the scenario. Default: the file's name.",
     .example = "Voice agent for a retail chain"},
    {.name = "currency",
     .kind = SURETY_KIND_TEXT,
     .offset = SURETY_NOWHERE, // surety_scenario_read looks for it first
     .help = "Currency of all amounts. Default: that of the first amount.",
     .example = "USD"},
    {.name = "term",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_scenario, term),
     .fallback = "{}",
     .sub = &surety_term_fields,
     .help = "When the contract runs.",
     .example = "{start: 2027-01-01, months: 12}"},
    {.name = "workloads",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_scenario, workloads),
     .count_offset = offsetof(struct surety_scenario, n_workloads),
     .item_size = sizeof(struct surety_workload),
     .required = true,
     .sub = &surety_workload_fields,
     .help = "What has to be served, by name.",
     .example = "{calls: {kind: voice, demand: 30/min}}"},
    {.name = "providers",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_scenario, providers),
     .count_offset = offsetof(struct surety_scenario, n_providers),
     .item_size = sizeof(struct surety_provider),
     .required = true,
     .sub = &surety_provider_fields,
     .help = "The services that requests can be sent to, by name.",
     .example = "{openai: {outages: {all: {incidents: 9/year, time_to_repair: 1.5h}}}}"},
    {.name = "common_causes",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_scenario, common_causes),
     .count_offset = offsetof(struct surety_scenario, n_common_causes),
     .item_size = sizeof(struct surety_common_cause),
     .sub = &surety_common_cause_fields,
     .help = "What fails several providers at once, by name. Without any, providers are taken to fail independently.",
     .example = "{us-east: {members: [openai, azure], time_to_failure: 180d, time_to_repair: 2h, hits: 80%}}"},
    {.name = "architectures",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .required = true,
     .read = surety_read_architectures,
     .schema = "{\"type\":\"object\",\"minProperties\":1,\"propertyNames\":{\"$ref\":\"#/$defs/name\"},"
               "\"additionalProperties\":{\"$ref\":\"#/$defs/route\"}}",
     .help = "Ways to serve the requests, by name: the name of a provider, or a tree of routes.",
     .example = "{alone: openai}"},
    {.name = "contract",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_scenario, contract),
     .required = true,
     .sub = &surety_contract_fields,
     .help = "What is promised, and how it is measured.",
     .example = "{fee: 24000 USD/month, availability: {measure: time}}"},
    {.name = "contracts", // the reader puts one of them in the place of `contract` before the rows are walked
     .kind = SURETY_KIND_NAMED,
     .offset = SURETY_NOWHERE,
     .sub = &surety_contract_fields,
     .help =
         "Several contracts that share the providers, by name, in the place of `contract`: each gets its verdict, and "
         "their credits are added up.",
     .example = "{retail: {fee: 9000 USD/month, availability: {measure: time}}, bank: {fee: 30000 USD/month, "
                "availability: {measure: requests}}}"},
};

static bool counts_tokens(const struct surety_scenario *scenario)
{
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_price *price = &scenario->providers[i].price;
        if (scenario->providers[i].reserved.given || price->input_per_token > 0 || price->cached_input_per_token > 0 ||
            price->output_per_token > 0)
            return true;
    }
    return false;
}

// A workload of unknown size would look free at a price per token, and fit into any unit.
static void check_tokens(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                         const struct surety_scenario *scenario)
{
    static const char *const keys[] = {"input", "output"};
    const struct surety_ynode *workloads = surety_ynode_get(node, "workloads");
    const struct surety_ynode *workload = workloads == NULL ? NULL : workloads->first;
    for (size_t i = 0; i < scenario->n_workloads && workload != NULL; i++, workload = workload->next) {
        const struct surety_ynode *tokens = surety_ynode_get(workload, "tokens");
        for (size_t k = 0; k < 2 && scenario->workloads[i].kind < 0; k++) {
            if (surety_ynode_get(tokens, keys[k]) != NULL)
                continue;
            const char *below = surety_path_join(reader, surety_path_join(reader, path, "workloads"), workload->key);
            surety_diag_add(
                reader->diags, SURETY_D_MISSING_KEY, surety_map_place(workload),
                surety_scratch_printf(reader, "%s.tokens.%s", below, keys[k]),
                "write `kind: voice` (or chat, agentic, background), or `tokens: {input: 1.1k, output: 160}`",
                "a provider counts tokens, and how many a request has is missing");
        }
    }
}

// Time that nobody tells would cost nothing.
static void check_task_times(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                             const struct surety_scenario *scenario)
{
    const char *paid_by = NULL;
    for (size_t i = 0; i < scenario->n_providers && paid_by == NULL; i++)
        if (scenario->providers[i].price.per_s > 0)
            paid_by = scenario->providers[i].name;
    const struct surety_ynode *workloads = surety_ynode_get(node, "workloads");
    const struct surety_ynode *workload = paid_by == NULL ? NULL : workloads->first;
    for (size_t i = 0; i < scenario->n_workloads && workload != NULL; i++, workload = workload->next)
        if (isnan(scenario->workloads[i].task_s))
            surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, surety_map_place(workload),
                            surety_scratch_printf(reader, "%s.%s.task_time",
                                                  surety_path_join(reader, path, "workloads"), workload->key),
                            "write `task_time: 4m`", "'%s' is paid by the minute, and how long a task takes is missing",
                            paid_by);
}

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    const struct surety_scenario *scenario = out;
    if (!clean)
        return;
    surety_check_exclude(reader, surety_ynode_get(node, "contract"));
    surety_check_latency(reader, node, out);
    surety_check_quality(reader, node, out);
    surety_check_cost_promises(reader, out);
    if (counts_tokens(scenario))
        check_tokens(reader, node, path, scenario);
    check_task_times(reader, node, path, scenario);
    surety_check_capacity(reader, node, scenario);
}

static const struct surety_fields fields = {
    .title = "a scenario", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

const struct surety_registry *surety_registry_get(void)
{
    static const struct surety_registry registry = {.scenario = &fields,
                                                    .nodes = surety_node_types,
                                                    .catalog = surety_catalog_entries,
                                                    .unit_offers = surety_unit_offers,
                                                    .styles = surety_styles,
                                                    .profiles = surety_gateway_profiles,
                                                    .priors = surety_priors};
    return &registry;
}
