// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/contract.h"

#include "models/alerts.h"
#include "models/availability.h"
#include "models/cost_promise.h"
#include "models/credit.h"
#include "models/hours.h"
#include "models/latency.h"
#include "models/quality.h"
#include "models/style.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

#define PER_MONTH "month year"

// --- sign_when ------------------------------------------------------------------------------------------------

static const struct surety_field sign_rows[] = {
    {.name = "every_month_met",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_sign_rule, every_month_met),
     .above_min = true,
     .max = 1,
     .help = "The probability that all windows of the term are met must be at least this.",
     .example = "95%"},
    {.name = "month_met",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_sign_rule, month_met),
     .above_min = true,
     .max = 1,
     .help = "The probability that a single window is met must be at least this.",
     .example = "99%"},
    {.name = "credits_at_most",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_sign_rule, credits_at_most),
     .max = 1,
     .help = "The expected credits of a term must be at most this share of its fees.",
     .example = "2%"},
};

static void check_sign(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                       bool clean)
{
    (void)out;
    if (clean && node->n == 0)
        surety_complain(reader, SURETY_D_MISSING_KEY, node, path, "write {every_month_met: 95%}",
                        "a rule for signing is needed");
}

static const struct surety_fields sign_fields = {
    .title = "the rule for signing", .rows = sign_rows, .n = sizeof sign_rows / sizeof *sign_rows, .check = check_sign};

// --- tiers ----------------------------------------------------------------------------------------------------

static const struct surety_field tier_rows[] = {
    {.name = "availability",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_tier, availability_ppb),
     .required = true,
     .above_min = true,
     .max = 1,
     .help = "The availability that the tier promises in each window.",
     .example = "99.9%"},
    {.name = "fee",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_tier, fee_per_month),
     .per = PER_MONTH,
     .help = "The tier's own fee. Default: the contract's.",
     .example = "31000 USD/month"},
    {.name = "latency",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_tier, latency),
     .count_offset = offsetof(struct surety_tier, n_latency),
     .item_size = sizeof(struct surety_latency_target),
     .sub = &surety_latency_target_fields,
     .help = "The latency that the tier promises in each window, by workload. Default: none.",
     .example = "{calls: {metric: first_token, percentile: 95, target: 500ms}}"},
    {.name = "quality",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_tier, quality),
     .count_offset = offsetof(struct surety_tier, n_quality),
     .item_size = sizeof(struct surety_quality_target),
     .sub = &surety_quality_target_fields,
     .shorthand = "pass_rate",
     .help = "The quality that the tier promises in each window, by suite of `contract.quality`. Default: none.",
     .example = "{golden: {pass_rate: 95%}}"},
    {.name = "cost",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_tier, cost),
     .sub = &surety_cost_promise_fields,
     .present_offset = offsetof(struct surety_tier, cost.given),
     .help = "The cost that the tier promises in each window. Default: none.",
     .example = "{per_task: 0.08 USD/task}"},
};

static const struct surety_fields tier_fields = {
    .title = "a tier", .rows = tier_rows, .n = sizeof tier_rows / sizeof *tier_rows};

// --- the contract ---------------------------------------------------------------------------------------------

static const char *const window_words[] = {"calendar-month", "calendar-quarter", NULL};

static const struct surety_field terminate_rows[] = {
    {.name = "misses",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_terminate, misses),
     .required = true,
     .min = 1,
     .max = 2400,
     .help = "So many windows missed give the customer the right to leave.",
     .example = "3"},
    {.name = "within",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_terminate, within),
     .required = true,
     .min = 1,
     .max = 2400,
     .help = "They count among so many windows in a row. The same number as `misses`: all in a row.",
     .example = "6"},
};

static void check_terminate(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                            bool clean)
{
    const struct surety_terminate *terminate = out;
    if (clean && terminate->misses > terminate->within)
        surety_complain(reader, SURETY_D_CONFLICT, node, path, "allowed: `misses` up to `within`",
                        "more misses than windows to miss");
}

static const struct surety_fields terminate_fields = {.title = "the clause on leaving",
                                                      .rows = terminate_rows,
                                                      .n = sizeof terminate_rows / sizeof *terminate_rows,
                                                      .check = check_terminate};

static const struct surety_field rows[] = {
    {.name = "style",
     .kind = SURETY_KIND_WORD,
     .offset = SURETY_NOWHERE, // sim/scenario/presets.c puts the keys it stands for into the tree
     .words = surety_style_words,
     .help =
         "How the contracts of a vendor read: stands for keys of `availability` and `credits`, each of which may be "
         "overridden; the result lists them with their source. One of aws, google, azure, probes.",
     .example = "aws"},
    {.name = "fee",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_contract, fee_per_month),
     .per = PER_MONTH,
     .help = "What the customer pays. Without it there are no margins.",
     .example = "24000 USD/month"},
    {.name = "window",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_contract, window_s),
     .fallback = "calendar-month",
     .words = window_words,
     .min = 3600,
     .max = 10 * 365 * 86400.0,
     .help = "Over which time each promise is judged: calendar-month; calendar-quarter, three calendar months from the "
             "term's first on; or a duration, then term.months counts such windows, back to back.",
     .example = "30d"},
    {.name = "sign_when",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_contract, sign_when),
     .fallback = "{every_month_met: 95%}",
     .sub = &sign_fields,
     .help = "When a tier is safe to sign. All rules that are given must hold.",
     .example = "{every_month_met: 95%}"},
    {.name = "priced_when",
     .kind = SURETY_KIND_MAP,
     .offset = 0,
     .fallback = "{credits_p95_at_most: 10%}",
     .sub = &surety_priced_fields,
     .help = "When a tier that is not safe may be signed for a price: its credits are bounded and its margin is "
             "positive in 95 % of months.",
     .example = "{credits_p95_at_most: 10%}"},
    {.name = "tiers",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_contract, tiers),
     .count_offset = offsetof(struct surety_contract, n_tiers),
     .item_size = sizeof(struct surety_tier),
     .fallback =
         "{standard: {availability: 99.5%}, premium: {availability: 99.9%}, enterprise: {availability: 99.95%}}",
     .sub = &tier_fields,
     .help = "The promises to choose from, lowest first.",
     .example = "{premium: {availability: 99.9%}}"},
    {.name = "availability",
     .kind = SURETY_KIND_MAP,
     .offset = 0,
     .sub = &surety_availability_fields,
     .help = "How availability is measured. Required.",
     .example = "{measure: time, down_at: 5%}"},
    {.name = "exclude",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .read = surety_read_exclude,
     .schema = "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
     .help = "What does not count, in numerator and denominator: time in which the service is down and an outage of a "
             "serving provider is on. `upstream`: any outage of a provider or common cause; `cause:NAME`: one of them, "
             "named as in the result: cause:us-east, cause:openai.major. Default: nothing.",
     .example = "[upstream]"},
    {.name = "hours",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_contract, hours),
     .read = surety_read_hours,
     .schema = "{\"type\":\"string\"}",
     .help = "The hours of the week in which the promise holds, in the zone's standard time: only they count, in every "
             "measure. Default: all.",
     .example = "\"Mon-Fri 08:00-18:00\""},
    {.name = "quality",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_contract, quality),
     .sub = &surety_quality_fields,
     .present_offset = offsetof(struct surety_contract, quality.given),
     .help = "How quality is measured.",
     .example = "{suites: {golden: {cases: 200, every: 1w}}}"},
    {.name = "alerts",
     .kind = SURETY_KIND_NAMED,
     .offset = offsetof(struct surety_contract, alerts),
     .count_offset = offsetof(struct surety_contract, n_alerts),
     .item_size = sizeof(struct surety_alert),
     .fallback = SURETY_USUAL_ALERTS,
     .sub = &surety_alert_fields,
     .help =
         "When somebody is told that the error budget of a tier burns: what `surety export prometheus` writes and a "
         "run reports on.",
     .example = "{fast: {long: 1h, short: 5m, burn: 14.4x}}"},
    {.name = "terminate",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_contract, terminate),
     .sub = &terminate_fields,
     .present_offset = offsetof(struct surety_contract, terminate.given),
     .help = "When windows missed, in whichever dimension, let the customer leave. Default: never.",
     .example = "{misses: 3, within: 6}"},
    {.name = "price_notice",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_contract, price_notice_s),
     .max = 10 * 365 * 86400.0,
     .help = "The promised costs follow a provider's change of prices so long after it was told, and not before it is "
             "billed. Default: never.",
     .example = "60d"},
    {.name = "credits",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_contract, credits),
     .sub = &surety_credit_fields,
     .present_offset = offsetof(struct surety_contract, credits.given),
     .help = "What a missed window costs.",
     .example = "{ladder: [{below: target, credit: 10%}]}"},
};

static void check_tiers(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        const struct surety_contract *contract)
{
    const struct surety_ynode *tiers = surety_ynode_get(node, "tiers");
    const struct surety_ynode *tier = tiers == NULL ? NULL : tiers->first;
    for (size_t i = 0; i < contract->n_tiers && tier != NULL; i++, tier = tier->next) {
        if (i == 0 || contract->tiers[i].availability_ppb >= contract->tiers[i - 1].availability_ppb)
            continue;
        const char *tier_path = surety_path_join(reader, surety_path_join(reader, path, "tiers"), tier->key);
        surety_diag_add(reader->diags, SURETY_D_CONFLICT, surety_map_place(tier), tier_path,
                        "write the lowest tier first", "this tier promises less than '%s' above it",
                        contract->tiers[i - 1].name);
    }
}

// Credits and their rules are shares of a fee.
static void check_money(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        const struct surety_contract *contract)
{
    bool any_fee = false;
    for (size_t i = 0; i < contract->n_tiers; i++)
        any_fee = any_fee || !isnan(contract->tiers[i].fee_per_month);
    const struct surety_ynode *credits = surety_ynode_get(node, "credits");
    if (credits != NULL && !any_fee)
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, surety_map_place(credits),
                        surety_path_join(reader, path, "fee"), "write `fee: 24000 USD/month`",
                        "credits are a share of the fee, and no fee is given");
    const struct surety_ynode *rule = surety_ynode_get(surety_ynode_get(node, "sign_when"), "credits_at_most");
    if (rule != NULL && credits == NULL)
        surety_complain(reader, SURETY_D_MISSING_KEY, rule, surety_path_join(reader, path, "credits"),
                        "write `credits: {ladder: [{below: target, credit: 10%}]}`", "a rule on credits needs credits");
}

// How many calendar months a window has; 0: it is a duration.
static int window_months(const struct surety_ynode *window, double window_s)
{
    if (window_s > 0)
        return 0;
    return window != NULL && window->kind == SURETY_Y_SCALAR && strcmp(window->text, window_words[1]) == 0 ? 3 : 1;
}

// Where what turns out to be too large stands.
static void note_places(const struct surety_ynode *node, struct surety_contract *contract)
{
    const struct surety_ynode *fee = surety_ynode_get(node, "fee"), *tiers = surety_ynode_get(node, "tiers");
    const struct surety_ynode *interval = surety_ynode_get(surety_ynode_get(node, "availability"), "interval");
    const struct surety_ynode *tier = tiers == NULL ? NULL : tiers->first;
    contract->place = surety_map_place(node);
    contract->interval_place = interval != NULL ? interval->place : contract->place;
    for (size_t i = 0; i < contract->n_tiers; i++, tier = tier == NULL ? NULL : tier->next) {
        const struct surety_ynode *own = surety_ynode_get(tier, "fee");
        contract->tiers[i].place = own != NULL ? own->place : fee != NULL ? fee->place : contract->place;
    }
}

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_contract *contract = out;
    const struct surety_ynode *availability = surety_ynode_get(node, "availability");
    bool other_kind = availability != NULL && availability->kind != SURETY_Y_MAP; // reported by its row
    const bool misspelt =
        surety_key_is_misspelt(node, &surety_contract_fields, "style") ||
        (availability == NULL ? surety_key_is_misspelt(node, &surety_contract_fields, "availability")
                              : surety_key_is_misspelt(availability, &surety_availability_fields, "measure"));
    if (surety_ynode_get(node, "style") == NULL && surety_ynode_get(availability, "measure") == NULL && !other_kind &&
        !misspelt)
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY,
                        surety_map_place(availability == NULL ? node : availability),
                        surety_path_join(reader, path, "availability.measure"),
                        "write `availability: {measure: time}` or `{measure: requests}`",
                        "how availability is measured is missing: two readings of the same percentage differ widely");
    if (!clean)
        return;
    note_places(node, contract);
    contract->window_months = window_months(surety_ynode_get(node, "window"), contract->window_s);
    for (size_t i = 0; i < contract->n_tiers; i++)
        if (isnan(contract->tiers[i].fee_per_month))
            contract->tiers[i].fee_per_month = contract->fee_per_month;
    check_tiers(reader, node, path, contract);
    check_money(reader, node, path, contract);
}

const struct surety_fields surety_contract_fields = {
    .title = "the contract", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
