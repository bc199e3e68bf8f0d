// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/quality.h"

#include "sim/scenario/plan_quality.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

#define MOST_RUNS 1e5 // of a suite in a term

// --- a provider's pass rates -----------------------------------------------------------------------------------

static const struct surety_field pass_rate_rows[] = {
    {.name = "pass_rate",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_pass_rate, pass_rate),
     .required = true,
     .max = 1,
     .help = "Share of the provider's answers that pass, as they truly are, before any judge.",
     .example = "96.5%"},
};

const struct surety_fields surety_pass_rate_fields = {
    .title = "a pass rate", .rows = pass_rate_rows, .n = sizeof pass_rate_rows / sizeof *pass_rate_rows};

// --- suites ----------------------------------------------------------------------------------------------------

static const struct surety_field judge_rows[] = {
    {.name = "sensitivity",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_suite, sensitivity),
     .fallback = "100%",
     .above_min = true,
     .max = 1,
     .help = "Probability that the judge passes an answer that is right.",
     .example = "97%"},
    {.name = "specificity",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_suite, specificity),
     .fallback = "100%",
     .max = 1,
     .help = "Probability that the judge fails an answer that is wrong.",
     .example = "95%"},
};

static const struct surety_fields judge_fields = {
    .title = "the judge", .rows = judge_rows, .n = sizeof judge_rows / sizeof *judge_rows};

static const char *const kind_words[] = {
    [SURETY_SUITE_CASES] = "cases", [SURETY_SUITE_SCENARIOS] = "scenarios", [SURETY_SUITE_ISSUES] = "issues", NULL};
static const char *const adjusted_words[] = {"no", "yes", NULL};

static bool read_scenarios(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_suite *suite = out; // the row has offset 0
    bool good = node->kind == SURETY_Y_LIST && node->n > 0;
    for (const struct surety_ynode *c = good ? node->first : NULL; c != NULL; c = c->next)
        good = good && c->kind == SURETY_Y_SCALAR && c->text[0] != '\0';
    if (!good) {
        surety_complain(reader, SURETY_D_TYPE, node, path, "write a list like [refund, booking]",
                        "the names of scenarios belong here");
        return false;
    }
    suite->scenarios = surety_arena_calloc(reader->arena, node->n, sizeof *suite->scenarios);
    if (suite->scenarios == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    for (const struct surety_ynode *c = node->first; c != NULL; c = c->next) {
        for (size_t i = 0; i < suite->n_scenarios; i++)
            if (strcmp(suite->scenarios[i], c->text) == 0) {
                surety_complain(reader, SURETY_D_CONFLICT, c, path, "write each once", "'%.64s' stands here twice",
                                c->text);
                return false;
            }
        const char *name = surety_arena_strndup(reader->arena, c->text, strlen(c->text));
        reader->out_of_memory = reader->out_of_memory || name == NULL;
        suite->scenarios[suite->n_scenarios++] = name != NULL ? name : "";
    }
    return true;
}

static const struct surety_field suite_rows[] = {
    {.name = "kind",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_suite, kind),
     .fallback = "cases",
     .words = kind_words,
     .help = "`cases`: a set of cases that is run on dates, judged by the pass rate of a window's runs together. "
             "`scenarios`: named ones, each of which has to reach the rate. `issues`: what users report of the tasks.",
     .example = "cases"},
    {.name = "cases",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_suite, n_cases),
     .min = 1,
     .max = 1e6,
     .help = "Cases of one run; with `kind: scenarios` of each scenario. Required but with `kind: issues`.",
     .example = "200"},
    {.name = "every",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_suite, every_s),
     .min = 60,
     .max = 10 * 365 * 86400.0,
     .help = "From one run to the next; the first is at the term's start. Required but with `kind: issues`.",
     .example = "1w"},
    {.name = "judge",
     .kind = SURETY_KIND_MAP,
     .offset = 0,
     .fallback = "{}",
     .sub = &judge_fields,
     .help = "How often the judge errs. Not with `kind: issues`.",
     .example = "{sensitivity: 97%, specificity: 95%}"},
    {.name = "adjusted",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_suite, adjusted),
     .fallback = "no",
     .words = adjusted_words,
     .help = "`yes`: the reading is corrected by the judge's errors before it is compared, (share passed + specificity "
             "- 1) / (sensitivity + specificity - 1).",
     .example = "no"},
    {.name = "scenarios",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .read = read_scenarios,
     .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"string\"}}",
     .help = "Only with `kind: scenarios`, and required there: their names. A provider may give a pass rate under each "
             "name; else the one under the suite's name counts.",
     .example = "[refund, booking]"},
    {.name = "reported",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_suite, reported),
     .max = 1,
     .help = "Only with `kind: issues`, and required there: probability that a user reports a task that failed him.",
     .example = "20%"},
    {.name = "false_reports",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_suite, false_reports),
     .max = 1,
     .help = "Only with `kind: issues`, and required there: probability that a user reports a task that did not.",
     .example = "0.1%"},
    {.name = "workload",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_suite, workload_name),
     .help =
         "The workload whose requests weigh the routes; with `kind: issues` whose tasks are reported. Default: all.",
     .example = "calls"},
    {.name = "price",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_suite, per_case),
     .per = "case",
     .help =
         "What one case costs in a run, answer and judge, on our bill. Default: what a request of the workload costs "
         "when everything works.",
     .example = "0.02 USD/case"},
};

struct own_key {
    const char *name;
    bool with_kind[3];
    bool required;
    const char *example;
};

static const struct own_key own_keys[] = {
    {"cases", {true, true, false}, true, "200"},     {"every", {true, true, false}, true, "1w"},
    {"judge", {true, true, false}, false, NULL},     {"adjusted", {true, true, false}, false, NULL},
    {"price", {true, true, false}, false, NULL},     {"scenarios", {false, true, false}, true, "[refund, booking]"},
    {"reported", {false, false, true}, true, "20%"}, {"false_reports", {false, false, true}, true, "0.1%"},
};

static void check_suite(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                        bool clean)
{
    struct surety_suite *suite = out;
    suite->place = surety_map_place(node);
    suite->workload = SIZE_MAX;
    for (size_t i = 0; clean && i < sizeof own_keys / sizeof *own_keys; i++) {
        const struct own_key *key = &own_keys[i];
        const struct surety_ynode *value = surety_ynode_get(node, key->name);
        const bool own = key->with_kind[suite->kind];
        if (own && value == NULL && key->required)
            surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, suite->place,
                            surety_path_join(reader, path, key->name),
                            surety_scratch_printf(reader, "write `%s: %s`", key->name, key->example),
                            "'%s' is missing with `kind: %s`", key->name, kind_words[suite->kind]);
        else if (!own && value != NULL)
            surety_complain(reader, SURETY_D_CONFLICT, value, surety_path_join(reader, path, key->name), "remove it",
                            "'%s' has no meaning with `kind: %s`", key->name, kind_words[suite->kind]);
    }
    if (!clean || !(suite->sensitivity + suite->specificity > 1)) {
        if (clean)
            surety_diag_add(reader->diags, SURETY_D_CONFLICT, suite->place, path,
                            "allowed: sensitivity + specificity above 100%",
                            "a judge that passes wrong answers as often as right ones tells nothing");
        return;
    }
    if (suite->kind == SURETY_SUITE_ISSUES && !(suite->false_reports < suite->reported))
        surety_diag_add(reader->diags, SURETY_D_CONFLICT, suite->place, path, "allowed: reported above false_reports",
                        "users who report good tasks as often as bad ones tell nothing");
}

static const struct surety_fields suite_fields = {
    .title = "a suite", .rows = suite_rows, .n = sizeof suite_rows / sizeof *suite_rows, .check = check_suite};

static const struct surety_field quality_rows[] = {
    {.name = "suites",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_quality, suites),
     .count_offset = offsetof(struct surety_quality, n_suites),
     .item_size = sizeof(struct surety_suite),
     .required = true,
     .sub = &suite_fields,
     .help = "What quality is measured by, by name: sets of cases, named scenarios, reports of users.",
     .example = "{golden: {cases: 200, every: 1w}}"},
    {.name = "wrong_at_most",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_quality, wrong_at_most),
     .fallback = "5%",
     .above_min = true,
     .max = 0.5,
     .help =
         "The size of a sample is told at which a good window is read as a miss, and a bad one as a hit, with at most "
         "this probability.",
     .example = "5%"},
};

const struct surety_fields surety_quality_fields = {
    .title = "the measuring of quality", .rows = quality_rows, .n = sizeof quality_rows / sizeof *quality_rows};

// --- a tier's promise ------------------------------------------------------------------------------------------

static const struct surety_field target_rows[] = {
    {.name = "pass_rate",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_quality_target, pass_rate_ppb),
     .present_offset = offsetof(struct surety_quality_target, has_pass_rate),
     .above_min = true,
     .max = 1,
     .help = "The measured pass rate is at least this in each window.",
     .example = "95%"},
    {.name = "issue_rate",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_quality_target, issue_rate_ppb),
     .present_offset = offsetof(struct surety_quality_target, has_issue_rate),
     .max = 1,
     .help = "Only for suites with `kind: issues`: users report at most this share of the tasks in each window.",
     .example = "2%"},
};

static void check_target(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                         bool clean)
{
    struct surety_quality_target *target = out;
    (void)reader, (void)path, (void)clean;
    target->place = surety_map_place(node);
}

const struct surety_fields surety_quality_target_fields = {.title = "a promise of quality",
                                                           .rows = target_rows,
                                                           .n = sizeof target_rows / sizeof *target_rows,
                                                           .check = check_target};

// --- across maps -----------------------------------------------------------------------------------------------

// The first provider below the node that does not say how well it does in the suite; NULL: all do.
static const struct surety_provider *silent_below(const struct surety_scenario *scenario,
                                                  const struct surety_node *node, const struct surety_suite *suite)
{
    double rate;
    const size_t n = suite->n_scenarios > 0 ? suite->n_scenarios : 1;
    if (node->type == NULL) {
        const struct surety_provider *p = &scenario->providers[node->provider];
        for (size_t i = 0; i < n; i++)
            if (!surety_pass_rate_of(p, suite, suite->n_scenarios > 0 ? suite->scenarios[i] : NULL, &rate))
                return p;
        return NULL;
    }
    for (size_t i = 0; i < node->n_children; i++) {
        const struct surety_provider *p = silent_below(scenario, node->children[i], suite);
        if (p != NULL)
            return p;
    }
    return NULL;
}

static void check_promise(struct surety_reader *reader, const char *path, const struct surety_scenario *scenario,
                          const struct surety_quality_target *target)
{
    const struct surety_suite *suite = &scenario->contract.quality.suites[target->suite];
    const bool issues = suite->kind == SURETY_SUITE_ISSUES;
    if (issues != target->has_issue_rate || issues == target->has_pass_rate)
        surety_diag_add(reader->diags, SURETY_D_CONFLICT, target->place, path,
                        issues ? "write {issue_rate: 2%}" : "write {pass_rate: 95%}",
                        "of a suite with `kind: %s` %s is promised, and nothing else", kind_words[suite->kind],
                        issues ? "the issue_rate" : "the pass_rate");
    for (size_t a = 0; a < scenario->n_architectures; a++) {
        const struct surety_provider *silent = silent_below(scenario, scenario->architectures[a].root, suite);
        if (silent == NULL)
            continue;
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, target->place, path,
                        silent->is_stand_in
                            ? "give it as a provider with a `quality`"
                            : surety_scratch_printf(reader,
                                                    "write `providers.%s.quality: {%s: 96%%}`; 100%% for a part of a "
                                                    "chain that changes no answer",
                                                    silent->name, suite->name),
                        "a quality is promised, and the pass rate of '%s' (architecture '%s') is missing", silent->name,
                        scenario->architectures[a].name);
        return;
    }
}

static bool is_known(const struct surety_quality *quality, const char *name)
{
    for (size_t i = 0; i < quality->n_suites; i++) {
        if (strcmp(quality->suites[i].name, name) == 0)
            return true;
        for (size_t k = 0; k < quality->suites[i].n_scenarios; k++)
            if (strcmp(quality->suites[i].scenarios[k], name) == 0)
                return true;
    }
    return false;
}

// A pass rate under a name that no suite has would be read by nobody. Without suites it is a fact about the provider.
static void check_names(struct surety_reader *reader, const struct surety_ynode *root,
                        const struct surety_scenario *scenario)
{
    const struct surety_quality *quality = &scenario->contract.quality;
    const struct surety_ynode *providers = surety_ynode_get(root, "providers");
    const struct surety_ynode *p = providers == NULL ? NULL : providers->first;
    for (; quality->n_suites > 0 && p != NULL; p = p->next) {
        const struct surety_ynode *map = surety_ynode_get(p, "quality");
        for (const struct surety_ynode *c = map != NULL && map->kind == SURETY_Y_MAP ? map->first : NULL; c != NULL;
             c = c->next)
            if (!is_known(quality, c->key))
                surety_diag_add(
                    reader->diags, SURETY_D_REFERENCE, c->key_place,
                    surety_scratch_printf(reader, "providers.%s.quality.%s", p->key, c->key),
                    surety_hint_words(reader, c->key, quality->suites, quality->n_suites, sizeof *quality->suites),
                    "there is no suite or scenario '%.64s'", c->key);
    }
}

static bool resolve_workload(struct surety_reader *reader, const char *path, const struct surety_scenario *scenario,
                             struct surety_suite *suite)
{
    suite->workload = SIZE_MAX;
    for (size_t i = 0; suite->workload_name != NULL && i < scenario->n_workloads; i++)
        if (strcmp(scenario->workloads[i].name, suite->workload_name) == 0)
            suite->workload = i;
    if (suite->workload_name == NULL || suite->workload != SIZE_MAX)
        return true;
    surety_diag_add(reader->diags, SURETY_D_REFERENCE, suite->place, surety_path_join(reader, path, "workload"),
                    surety_hint_words(reader, suite->workload_name, scenario->workloads, scenario->n_workloads,
                                      sizeof *scenario->workloads),
                    "there is no workload '%.64s'", suite->workload_name);
    return false;
}

// Months are counted generously: this only keeps a run a minute over years out.
static void check_runs(struct surety_reader *reader, const char *path, const struct surety_scenario *scenario,
                       const struct surety_suite *suite)
{
    const double window_s = scenario->contract.window_s > 0 ? scenario->contract.window_s : 31 * 86400.0;
    if (suite->kind != SURETY_SUITE_ISSUES && (double)scenario->term.months * window_s / suite->every_s > MOST_RUNS)
        surety_diag_add(reader->diags, SURETY_D_TOO_LARGE, suite->place, surety_path_join(reader, path, "every"),
                        "run it less often", "more than 100000 runs in a term");
}

void surety_check_quality(struct surety_reader *reader, const struct surety_ynode *root,
                          struct surety_scenario *scenario)
{
    struct surety_quality *quality = &scenario->contract.quality;
    for (size_t i = 0; i < quality->n_suites; i++) {
        const char *path =
            surety_scratch_printf(reader, "%s.quality.suites.%s", scenario->contract_path, quality->suites[i].name);
        resolve_workload(reader, path, scenario, &quality->suites[i]);
        check_runs(reader, path, scenario, &quality->suites[i]);
    }
    check_names(reader, root, scenario);
    surety_check_model_changes(reader, scenario);
    for (size_t t = 0; t < scenario->contract.n_tiers; t++) {
        struct surety_tier *tier = &scenario->contract.tiers[t];
        for (size_t i = 0; i < tier->n_quality; i++) {
            struct surety_quality_target *target = &tier->quality[i];
            const char *path = surety_scratch_printf(reader, "%s.tiers.%s.quality.%s", scenario->contract_path,
                                                     tier->name, target->name);
            target->suite = SIZE_MAX;
            for (size_t s = 0; s < quality->n_suites; s++)
                if (strcmp(quality->suites[s].name, target->name) == 0)
                    target->suite = s;
            if (target->suite != SIZE_MAX)
                check_promise(reader, path, scenario, target);
            else if (quality->n_suites == 0)
                surety_diag_add(
                    reader->diags, SURETY_D_MISSING_KEY, target->place, path,
                    surety_scratch_printf(reader, "write `contract.quality: {suites: {%s: {cases: 200, every: 1w}}}`",
                                          target->name),
                    "a quality is promised, and how it is measured is missing");
            else
                surety_diag_add(reader->diags, SURETY_D_REFERENCE, target->place, path,
                                surety_hint_words(reader, target->name, quality->suites, quality->n_suites,
                                                  sizeof *quality->suites),
                                "there is no suite '%.64s'", target->name);
        }
    }
}
