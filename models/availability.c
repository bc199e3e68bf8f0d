// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/availability.h"

#include "models/measurement.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

// In the order of surety_meter_types.
static const char *const measure_words[] = {"time", "requests", "intervals", "minutes", "tasks", "probes", NULL};
_Static_assert(SURETY_METER_TIME == 0 && SURETY_METER_REQUESTS == 1 && SURETY_METER_INTERVALS == 2 &&
                   SURETY_METER_MINUTES == 3 && SURETY_METER_TASKS == 4 && SURETY_METER_PROBES == 5 &&
                   sizeof measure_words / sizeof *measure_words == SURETY_N_METERS + 1,
               "measure_words follows surety_meter_types");

static const char *const count_words[] = {"poisson", "expected", NULL};
static const char *const maintenance_words[] = {[SURETY_MAINTENANCE_DOWN] = "down",
                                                [SURETY_MAINTENANCE_EXCLUDED] = "excluded",
                                                [SURETY_MAINTENANCE_UP] = "up",
                                                NULL};

static bool read_counts(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    static const struct surety_field row = {
        .name = "counts", .kind = SURETY_KIND_WORD, .words = count_words, .example = "poisson"};
    int word = 0;
    if (!surety_read_scalar(reader, &row, node, path, &word))
        return false;
    *(bool *)out = word == 1;
    return true;
}

// These rows fill the contract itself, hence offsets from its start.
static const struct surety_field rows[] = {
    {.name = "measure",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_contract, measure),
     .words = measure_words,
     .help =
         "What availability is: `time` (1 - share of the time that is down), `requests` (1 - failed / all requests), "
         "`intervals` (mean over cells of the share that succeeds), `minutes` (1 - bad minutes / minutes), `tasks` (1 "
         "- failed / all tasks) or `probes` (as a monitor sees it). Required.",
     .example = "time"},
    {.name = "down_at",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_contract, down_at_ppb),
     .fallback = "5%",
     .above_min = true,
     .max = 1,
     .help = "From which share of failing requests on the service counts as down.",
     .example = "5%"},
    {.name = "minimum_outage",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_contract, minimum_outage_s),
     .help = "Shorter outages do not count; only with `measure: time` and `measure: minutes`. Default 0s.",
     .example = "5m"},
    {.name = "maintenance",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_contract, maintenance),
     .fallback = "down",
     .words = maintenance_words,
     .help = "What planned downtime counts as: `down`; `excluded`, it leaves numerator and denominator; or `up`.",
     .example = "down"},
    {.name = "counts",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_contract, expected_counts),
     .read = read_counts,
     .schema = "{\"enum\":[\"poisson\",\"expected\"]}",
     .help = "Only with `measure: requests` and `measure: tasks`. `poisson` (default): the number that fails is random "
             "around its mean. `expected`: it is the mean.",
     .example = "poisson"},
    {.name = "cell",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_contract, cell_s),
     .min = 1,
     .max = 31 * 86400.0,
     .help = "Only with `measure: intervals`: the length of a cell. Default 5m.",
     .example = "5m"},
    {.name = "interval",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_contract, interval_s),
     .min = 1,
     .max = 3600,
     .help = "Only with `measure: probes`, and required there: from one probe of a site to the next.",
     .example = "1m"},
    {.name = "failures",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_contract, failures),
     .min = 1,
     .max = 1000,
     .help = "Only with `measure: probes`: so many failures in a row make a site down, from the first of them on. "
             "Default 1.",
     .example = "3"},
    {.name = "sites",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_contract, sites),
     .min = 1,
     .max = 64,
     .help = "Only with `measure: probes`: how many sites probe, all at the same instants. Default 1.",
     .example = "3"},
    {.name = "quorum",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_contract, quorum),
     .min = 1,
     .max = 64,
     .help = "Only with `measure: probes`: the service is down while so many sites are. Default 1.",
     .example = "2"},
    {.name = "false_positive",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_contract, false_positive),
     .max = 0.5,
     .help = "Only with `measure: probes`: probability that a probe of a working service fails. Default 0%.",
     .example = "0.01%"},
    {.name = "probe_price",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_contract, price_per_probe),
     .per = "request",
     .help = "Only with `measure: probes`: what each costs, on our bill. Default: nothing.",
     .example = "0.0001 USD/request"},
    {.name = "round",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_contract, round_ppb),
     .max = 0.1,
     .help =
         "A window's availability is rounded to multiples of this, half up, before it is compared: 99.945 % in steps "
         "of 0.01 % meets 99.95 %. Default: it is not.",
     .example = "0.01%"},
};

// --- keys of single measures -----------------------------------------------------------------------------------

// A key that has a meaning with one or two measures only, and what it is there when it was not written.
struct own_key {
    const char *name;
    int measures[2];
    const char *fallback; // NULL: required
};

static const struct own_key own_keys[] = {
    {"minimum_outage", {SURETY_METER_TIME, SURETY_METER_MINUTES}, "0s"},
    {"counts", {SURETY_METER_REQUESTS, SURETY_METER_TASKS}, "poisson"},
    {"cell", {SURETY_METER_INTERVALS, SURETY_METER_INTERVALS}, "5m"},
    {"interval", {SURETY_METER_PROBES, SURETY_METER_PROBES}, NULL},
    {"failures", {SURETY_METER_PROBES, SURETY_METER_PROBES}, "1"},
    {"sites", {SURETY_METER_PROBES, SURETY_METER_PROBES}, "1"},
    {"quorum", {SURETY_METER_PROBES, SURETY_METER_PROBES}, "1"},
    {"false_positive", {SURETY_METER_PROBES, SURETY_METER_PROBES}, "0%"},
};

static void check_own_key(struct surety_reader *reader, const struct surety_ynode *node, const char *path, int measure,
                          const struct own_key *key)
{
    const struct surety_ynode *value = surety_ynode_get(node, key->name);
    const bool own = measure == key->measures[0] || measure == key->measures[1];
    const char *first = measure_words[key->measures[0]], *second = measure_words[key->measures[1]];
    const char *at = surety_path_join(reader, path, key->name);
    if (own && value == NULL && key->fallback != NULL)
        surety_note_default(reader, at, key->fallback);
    else if (own && value == NULL)
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, surety_map_place(node), at,
                        surety_scratch_printf(reader, "write `%s: 1m`", key->name),
                        "'%s' is missing with `measure: %s`", key->name, first);
    else if (!own && value != NULL && first == second)
        surety_complain(reader, SURETY_D_CONFLICT, value, at, "remove it", "'%s' has a meaning only with `measure: %s`",
                        key->name, first);
    else if (!own && value != NULL)
        surety_complain(reader, SURETY_D_CONFLICT, value, at, "remove it",
                        "'%s' has a meaning only with `measure: %s` or `measure: %s`", key->name, first, second);
}

static double or_else(double value, double fallback)
{
    return isnan(value) ? fallback : value;
}

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_contract *contract = out;
    if (!clean || surety_ynode_get(node, "measure") == NULL)
        return;
    for (size_t i = 0; i < sizeof own_keys / sizeof *own_keys; i++)
        check_own_key(reader, node, path, contract->measure, &own_keys[i]);
    contract->outages_are_minutes = contract->measure == SURETY_METER_MINUTES;
    contract->minimum_outage_s = or_else(contract->minimum_outage_s, 0);
    contract->cell_s = or_else(contract->cell_s, 300);
    contract->interval_s = or_else(contract->interval_s, 60);
    contract->false_positive = or_else(contract->false_positive, 0);
    contract->failures = contract->failures > 0 ? contract->failures : 1;
    contract->sites = contract->sites > 0 ? contract->sites : 1;
    contract->quorum = contract->quorum > 0 ? contract->quorum : 1;
    const struct surety_ynode *price = surety_ynode_get(node, "probe_price");
    if (price != NULL && contract->measure != SURETY_METER_PROBES)
        surety_complain(reader, SURETY_D_CONFLICT, price, surety_path_join(reader, path, "probe_price"),
                        "remove it, or measure by probes", "'probe_price' has a meaning only with `measure: probes`");
    const struct surety_ynode *quorum = surety_ynode_get(node, "quorum");
    if (quorum != NULL && contract->measure == SURETY_METER_PROBES && contract->quorum > contract->sites)
        surety_complain(reader, SURETY_D_CONFLICT, quorum, surety_path_join(reader, path, "quorum"),
                        "write at most the number of `sites`", "%lld of %lld sites are never down",
                        (long long)contract->quorum, (long long)contract->sites);
}

const struct surety_fields surety_availability_fields = {
    .title = "the availability clause", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

// --- exclusions ------------------------------------------------------------------------------------------------

static const char cause_prefix[] = "cause:";
static const char exclude_hint[] = "write a list of `upstream` and `cause:NAME`";

bool surety_read_exclude(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_contract *contract = out; // the row has offset 0
    if (node->kind != SURETY_Y_LIST) {
        surety_complain(reader, SURETY_D_TYPE, node, path, exclude_hint, "%s stands where a list belongs",
                        surety_ynode_kind_name(node));
        return false;
    }
    contract->exclude_causes = surety_arena_calloc(reader->arena, node->n, sizeof *contract->exclude_causes);
    if (contract->exclude_causes == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool good = true;
    size_t i = 0;
    for (const struct surety_ynode *item = node->first; item != NULL; item = item->next, i++) {
        const char *text = item->kind == SURETY_Y_SCALAR ? item->text : "";
        const size_t n = strlen(cause_prefix);
        if (item->kind == SURETY_Y_BROKEN) {
            good = false;
        } else if (strcmp(text, "upstream") == 0) {
            contract->exclude_upstream = true;
        } else if (strncmp(text, cause_prefix, n) == 0 && text[n] != '\0') {
            const char *name = surety_arena_strndup(reader->arena, text + n, strlen(text + n));
            reader->out_of_memory = reader->out_of_memory || name == NULL;
            contract->exclude_causes[contract->n_exclude_causes++] = name;
        } else {
            surety_complain(reader, SURETY_D_CHOICE, item, surety_path_index(reader, path, i),
                            strcmp(text, "maintenance") == 0 ? "write `availability: {maintenance: excluded}`"
                                                             : exclude_hint,
                            "'%.60s' is nothing that can be excluded", text);
            good = false;
        }
    }
    return good;
}

void surety_check_exclude(struct surety_reader *reader, const struct surety_ynode *contract)
{
    const struct surety_scenario *scenario = reader->scenario;
    const struct surety_ynode *exclude = surety_ynode_get(contract, "exclude");
    size_t n = scenario->n_common_causes;
    for (size_t i = 0; i < scenario->n_providers; i++)
        n += scenario->providers[i].n_outages + scenario->providers[i].record.n_sources;
    const char **names = surety_arena_calloc(reader->scratch, n, sizeof *names);
    if (exclude == NULL || names == NULL) {
        reader->out_of_memory = reader->out_of_memory || names == NULL;
        return;
    }
    n = 0;
    for (size_t i = 0; i < scenario->n_common_causes; i++)
        names[n++] = scenario->common_causes[i].outage.name;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *p = &scenario->providers[i];
        for (size_t k = 0; k < p->n_outages; k++)
            names[n++] = surety_scratch_printf(reader, "%s.%s", p->name, p->outages[k].name);
        for (size_t k = 0; k < p->record.n_sources; k++)
            names[n++] = surety_scratch_printf(reader, "%s.%s", p->name, p->record.sources[k].name);
    }
    size_t at = 0;
    for (const struct surety_ynode *item = exclude->first; item != NULL; item = item->next, at++) {
        const char *name = item->text + strlen(cause_prefix);
        bool known = strncmp(item->text, cause_prefix, strlen(cause_prefix)) != 0;
        for (size_t i = 0; i < n && !known; i++)
            known = strcmp(names[i], name) == 0;
        if (!known)
            surety_complain(reader, SURETY_D_REFERENCE, item, surety_path_index(reader, "contract.exclude", at),
                            surety_hint_words(reader, name, names, n, sizeof *names), "there is no cause '%.60s'",
                            name);
    }
}
