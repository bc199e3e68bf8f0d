// SPDX-License-Identifier: GPL-3.0-or-later
#include "result_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE 60.0
#define HOUR 3600.0
#define DAY_US INT64_C(86400000000)
#define MINUTE_US INT64_C(60000000)

static const double targets[] = {0.995, 0.999, 0.9995};
static const char *const tier_names[] = {"standard", "premium", "enterprise"};

// Lognormal lengths with the given median and sigma; `share_up` of the months without downtime.
static void fill_histogram(struct surety_result *r, struct surety_architecture_result *a, double median_s, double sigma,
                           double share_up)
{
    const double n = 1200000.0;
    a->histogram = surety_arena_calloc(&r->arena, 2000, sizeof *a->histogram);
    a->histogram[a->n_histogram++] = (struct surety_histogram_bin){0.0, (uint64_t)(n * share_up)};
    double before = 0.0;
    for (double x = 1.0; x < 40.0 * 86400.0; x *= 1.02) {
        const double p = 0.5 * erfc(-log(x * 1.01 / median_s) / sigma / sqrt(2.0));
        const uint64_t count = (uint64_t)(n * (1.0 - share_up) * (p - before));
        before = p;
        if (count > 0)
            a->histogram[a->n_histogram++] = (struct surety_histogram_bin){x, count};
    }
}

static double quantile(const struct surety_architecture_result *a, double q)
{
    double n = 0.0, seen = 0.0;
    for (size_t i = 0; i < a->n_histogram; i++)
        n += (double)a->histogram[i].n_windows;
    for (size_t i = 0; i < a->n_histogram; i++) {
        seen += (double)a->histogram[i].n_windows;
        if (seen >= q * n)
            return a->histogram[i].downtime_s;
    }
    return 0.0;
}

static double within(const struct surety_architecture_result *a, double budget_s)
{
    double n = 0.0, met = 0.0;
    for (size_t i = 0; i < a->n_histogram; i++) {
        n += (double)a->histogram[i].n_windows;
        met += a->histogram[i].downtime_s <= budget_s ? (double)a->histogram[i].n_windows : 0.0;
    }
    return met / n;
}

static void fill_credits(struct surety_result *r, struct surety_tier_result *tier)
{
    const double step = 0.1 * tier->fee_per_month, p_miss = 1.0 - tier->term_met.p;
    tier->has_credits = tier->has_margin = true;
    tier->credits = surety_arena_calloc(&r->arena, 16, sizeof *tier->credits);
    for (size_t i = 0; i < 12 && p_miss > 0.0; i++)
        tier->credits[tier->n_credits++] =
            (struct surety_exceedance){(double)i * step, p_miss * exp(-0.75 * (double)i)};
    tier->credits_per_term = (struct surety_mean){p_miss * step * 1.9, 1.0};
    tier->credits_quantiles.p95 = step * floor(fmax(0.0, log(p_miss / 0.05) / 0.75 + 1.0));
    tier->credits_quantiles.p99 = step * floor(fmax(0.0, log(p_miss / 0.01) / 0.75 + 1.0));
    tier->credits_cvar95 = tier->credits_quantiles.p95 + step;
    tier->fee_for_risk_per_month =
        (tier->credits_per_term.mean + (tier->credits_cvar95 - tier->credits_per_term.mean) / 2) / 12;
}

static void fill_architecture(struct surety_result *r, size_t index, const char *name, double median_s, double sigma,
                              double share_up, double cost)
{
    static const struct surety_share phases[] = {
        {"detection", 0.52}, {"switching", 0.19}, {"below_trip", 0.08}, {"all_routes_down", 0.21}};
    static const struct surety_share alone[] = {{"all_routes_down", 1.0}};
    static const struct surety_share causes[] = {{"openai-api.major", 0.553},
                                                 {"openai-api.partial", 0.31},
                                                 {"anthropic-api.partial", 0.1},
                                                 {"us-east", 0.031},
                                                 {"openai-api.request_errors", 0.006}};
    struct surety_architecture_result *a = &r->architectures[index];
    *a = (struct surety_architecture_result){.name = name};
    fill_histogram(r, a, median_s, sigma, share_up);
    a->downtime_s.mean = (1.0 - share_up) * median_s * exp(sigma * sigma / 2.0);
    a->availability = (struct surety_mean){1.0 - a->downtime_s.mean / (730 * HOUR), 1e-6};
    a->downtime_quantiles_s = (struct surety_quantiles){quantile(a, 0.01), quantile(a, 0.05), quantile(a, 0.5),
                                                        quantile(a, 0.95), quantile(a, 0.99)};
    a->downtime_by = (struct surety_share *)(index < 2 ? alone : phases);
    a->n_downtime_by = index < 2 ? 1 : 4;
    a->causes = (struct surety_share *)causes;
    a->n_causes = 5;
    a->has_cost = true;
    a->cost_per_month = (struct surety_mean){cost, 1.5};
    a->cost_p95 = cost * 1.08;
    a->tiers = surety_arena_calloc(&r->arena, 3, sizeof *a->tiers);
    for (size_t t = 0; t < 3; t++) {
        struct surety_tier_result *tier = &a->tiers[t];
        tier->name = tier_names[t];
        tier->target = targets[t];
        tier->budget_s = (1.0 - targets[t]) * 730 * HOUR;
        tier->fee_per_month = t == 0 ? 12000 : t == 1 ? 14000 : 17000;
        const double month = within(a, tier->budget_s), term = pow(month, 12.0);
        tier->month_met =
            (struct surety_probability){.p = month, .lo = fmax(month - 3e-4, 0.0), .hi = fmin(month + 3e-4, 1.0)};
        tier->term_met =
            (struct surety_probability){.p = term, .lo = fmax(term - 2e-3, 0.0), .hi = fmin(term + 2e-3, 1.0)};
        tier->breaches_per_term = (struct surety_mean){12.0 * (1.0 - month), 0.001};
        tier->breaches_quantiles.p95 = ceil(12.0 * (1.0 - month));
        tier->outcome = term > 0.95 ? SURETY_OUTCOME_SAFE : term > 0.6 ? SURETY_OUTCOME_PRICED : SURETY_OUTCOME_NO;
        tier->signable = tier->outcome == SURETY_OUTCOME_SAFE;
        fill_credits(r, tier);
        tier->margin_per_month =
            (struct surety_mean){tier->fee_per_month - cost - tier->credits_per_term.mean / 12, 2.0};
        tier->margin_p05 = tier->margin_per_month.mean - tier->credits_quantiles.p95 / 4;
    }
}

static void fill_story(struct surety_result *r)
{
    static struct surety_story_event events[] = {
        {.at_us = 8 * DAY_US + 842 * MINUTE_US,
         .when = "2027-03-09 14:02:15",
         .kind = SURETY_STORY_OUTAGE_BEGINS,
         .hurt = true,
         .text = "openai-api.major begins: 100 % of its requests fail"},
        {.at_us = 8 * DAY_US + 842 * MINUTE_US,
         .when = "2027-03-09 14:02:15",
         .kind = SURETY_STORY_DOWN,
         .hurt = true,
         .text = "The service goes down"},
        {.at_us = 8 * DAY_US + 843 * MINUTE_US,
         .when = "2027-03-09 14:03:15",
         .kind = SURETY_STORY_DETECTED,
         .hurt = true,
         .text = "The outage is noticed"},
        {.at_us = 8 * DAY_US + 844 * MINUTE_US,
         .when = "2027-03-09 14:03:30",
         .kind = SURETY_STORY_SWITCH_FAILED,
         .hurt = true,
         .text = "The switch to anthropic-api fails"},
        {.at_us = 8 * DAY_US + 849 * MINUTE_US,
         .when = "2027-03-09 14:08:30",
         .kind = SURETY_STORY_SWITCHED,
         .hurt = true,
         .text = "Traffic moves to anthropic-api"},
        {.at_us = 8 * DAY_US + 849 * MINUTE_US,
         .when = "2027-03-09 14:08:30",
         .kind = SURETY_STORY_UP,
         .hurt = true,
         .text = "The service is up after 6.2 min"},
        {.at_us = 8 * DAY_US + 880 * MINUTE_US,
         .when = "2027-03-09 14:40:00",
         .kind = SURETY_STORY_OUTAGE_BEGINS,
         .hurt = true,
         .text = "anthropic-api.partial begins: 30 % of its requests fail"},
        {.at_us = 8 * DAY_US + 880 * MINUTE_US,
         .when = "2027-03-09 14:40:00",
         .kind = SURETY_STORY_DOWN,
         .hurt = true,
         .text = "The service goes down"},
        {.at_us = 8 * DAY_US + 881 * MINUTE_US,
         .when = "2027-03-09 14:41:15",
         .kind = SURETY_STORY_NO_ROUTE,
         .hurt = true,
         .text = "No route is healthy"},
        {.at_us = 8 * DAY_US + 931 * MINUTE_US,
         .when = "2027-03-09 15:31:00",
         .kind = SURETY_STORY_OUTAGE_ENDS,
         .hurt = true,
         .text = "openai-api.major ends"},
        {.at_us = 8 * DAY_US + 931 * MINUTE_US,
         .when = "2027-03-09 15:31:00",
         .kind = SURETY_STORY_UP,
         .hurt = true,
         .text = "The service is up after 51 min"},
        {.at_us = 31 * DAY_US,
         .when = "2027-04-01 00:00:00",
         .kind = SURETY_STORY_WINDOW,
         .hurt = true,
         .text = "March ends: 57 min down, premium missed, 1,400 USD credit"},
    };
    static struct surety_story_bar bars[] = {
        {.lane = "service",
         .from_us = 8 * DAY_US + 842 * MINUTE_US,
         .to_us = 8 * DAY_US + 849 * MINUTE_US,
         .share_failing = 1.0,
         .is_service = true,
         .is_down = true,
         .hurt = true},
        {.lane = "service",
         .from_us = 8 * DAY_US + 880 * MINUTE_US,
         .to_us = 8 * DAY_US + 931 * MINUTE_US,
         .share_failing = 0.3,
         .is_service = true,
         .is_down = true,
         .hurt = true},
        {.lane = "openai-api.major",
         .from_us = 8 * DAY_US + 842 * MINUTE_US,
         .to_us = 8 * DAY_US + 931 * MINUTE_US,
         .share_failing = 1.0,
         .is_service = false,
         .is_down = false,
         .hurt = true},
        {.lane = "openai-api.partial",
         .from_us = 20 * DAY_US,
         .to_us = 20 * DAY_US + 300 * MINUTE_US,
         .share_failing = 0.3,
         .is_service = false,
         .is_down = false,
         .hurt = true},
        {.lane = "anthropic-api.partial",
         .from_us = 8 * DAY_US + 880 * MINUTE_US,
         .to_us = 8 * DAY_US + 970 * MINUTE_US,
         .share_failing = 0.3,
         .is_service = false,
         .is_down = false,
         .hurt = true},
    };
    static struct surety_story_route routes[] = {
        {"openai-api", -20 * DAY_US, 8 * DAY_US + 849 * MINUTE_US},
        {"anthropic-api", 8 * DAY_US + 849 * MINUTE_US, 8 * DAY_US + 931 * MINUTE_US},
        {"openai-api", 8 * DAY_US + 931 * MINUTE_US, 90 * DAY_US},
    };
    static bool met[3][3] = {{true, true, true}, {true, false, false}, {true, true, false}};
    static double budgets[3] = {0.005 * 744 * HOUR, 0.001 * 744 * HOUR, 0.0005 * 744 * HOUR};
    static double credits[3][3] = {{0, 0, 0}, {0, 1400, 1700}, {0, 0, 1700}};
    static const char *nothing[8];
    static struct surety_story_window windows[3] = {
        {"2027-02", -28 * DAY_US, 0, 0.99999, 12, met[0], nothing, budgets, credits[0], 6221.4},
        {"2027-03", 0, 31 * DAY_US, 0.99872, 57 * MINUTE, met[1], nothing, budgets, credits[1], 6304.1},
        {"2027-04", 31 * DAY_US, 61 * DAY_US, 0.99941, 25 * MINUTE, met[2], nothing, budgets, credits[2], 6288.8},
    };
    static const char *tiers[] = {"standard", "premium", "enterprise"};
    struct surety_story *s = calloc(1, sizeof *s);
    *s = (struct surety_story){.architecture = "failover",
                               .because = "the 1,000th worst of 100,000 terms",
                               .replication = 41973,
                               .events = events,
                               .bars = bars,
                               .routes = routes,
                               .windows = windows,
                               .tiers = tiers,
                               .n_events = sizeof events / sizeof events[0],
                               .n_bars = sizeof bars / sizeof bars[0],
                               .n_routes = 3,
                               .n_windows = 3,
                               .n_tiers = 3,
                               .worst_window = 1};
    surety_arena_init(&s->arena);
    r->bad_month = s;
}

static struct surety_result *frame(const char *name)
{
    struct surety_result *r = calloc(1, sizeof *r);
    surety_arena_init(&r->arena);
    r->name = name;
    r->file = "somewhere/support-chat.yaml";
    r->sha256 = "0f5ba9d7a3f9be5a8a5f1d5f25e1e35a1e2e4cbdd6bd7f7e39d4f9e4a1d5c0aa";
    strcpy(r->plan_hash, "0123456789abcdef");
    r->currency = "USD";
    r->window = "calendar month";
    r->measure = "time";
    r->term_text = "2027-01-01, 12 windows of a calendar month, America/New_York";
    r->sign_every_month_met = 0.95;
    r->sign_month_met = NAN;
    r->version = "0.1.0";
    r->seed = 1;
    r->n_replications = 100000;
    r->n_windows = 12;
    r->n_tiers = 3;
    r->confidence = 0.95;
    r->wall_s = 1.93;
    r->n_threads = 7;
    r->n_architectures = 4;
    r->architectures = surety_arena_calloc(&r->arena, 4, sizeof *r->architectures);
    fill_architecture(r, 0, "openai", 40 * MINUTE, 1.3, 0.22, 6180);
    fill_architecture(r, 1, "anthropic", 26 * MINUTE, 1.3, 0.3, 7905);
    fill_architecture(r, 2, "failover", 2.6 * MINUTE, 1.15, 0.35, 6231.4);
    fill_architecture(r, 3, "fallback", 5.5 * MINUTE, 1.5, 0.25, 6402);
    return r;
}

struct surety_result *result_fixture(const char *name, const char *note)
{
    static struct surety_flip flips[] = {
        {"providers.openai-api.outages.major.time_to_repair", "mean time to repair of openai-api.major", "s", 3336,
         9200, 0.25, "priced", NULL, "providers.openai-api.outages.major.time_to_repair=9200s"},
        {"providers.openai-api.outages.major.incidents", "incidents of openai-api.major", "1/year", 7.1, 14.2, NAN,
         "priced", NULL, "providers.openai-api.outages.major.incidents=14.2/year"},
        {"architectures.failover.failover.detect", "time to detect of failover", "s", 60, 190, NAN, "priced", NULL,
         "architectures.failover.failover.detect=190s"},
        {"providers.openai-api.price.output", "price of output tokens of openai-api", "USD/Mtok", 4.5, 9.1, NAN, "safe",
         "fallback", "providers.openai-api.price.output=9.1 USD/Mtok"},
    };
    static const char *steady[] = {"mean time to repair of anthropic-api.major"};
    static const char *defaults[] = {"architectures.failover.failover.switch: 15s", "contract.availability.down_at: 5%",
                                     "providers.openai-api.outages.major.hits: 100%"};
    static const char *warnings[] = {"capacity: no route has a limit, so all are taken as able to carry any load",
                                     NULL};
    static const char *assumptions[2];
    static const char *overrides[] = {"term.months=12"};
    struct surety_result *r = frame(name);
    assumptions[0] =
        "openai-api: OpenAI API. Public status record 2021-02-11 to 2024-08-31, 25 major and 76 partial outages. "
        "List price as of August 2026.";
    assumptions[1] = note;
    warnings[1] = note;
    r->verdict = (struct surety_verdict){
        .is_any = true,
        .architecture = 2,
        .tier = 1,
        .outcome = r->architectures[2].tiers[1].outcome,
        .because =
            "premium is the highest tier that holds through every month of the term, and failover leaves the largest "
            "margin of those on which it does.",
        .binds = "availability",
        .implied_month_met = 0.99573,
        .fee_for_risk = 210.0,
        .flips = flips,
        .n_flips = 4,
        .steady = steady,
        .n_steady = 1};
    r->assumptions = assumptions;
    r->n_assumptions = 2;
    r->defaults_used = defaults;
    r->n_defaults_used = 3;
    r->warnings = warnings;
    r->n_warnings = 2;
    r->overrides = overrides;
    r->n_overrides = 1;
    r->scenario_text = "surety: 1\nname: \"<made> & 'up'\"\n";
    fill_story(r);
    return r;
}

struct surety_result *result_fixture_bare(void)
{
    struct surety_result *r = frame("bare");
    for (size_t a = 0; a < r->n_architectures; a++) {
        struct surety_architecture_result *own = &r->architectures[a];
        own->n_causes = own->n_downtime_by = 0;
        own->has_cost = false;
        for (size_t t = 0; t < r->n_tiers; t++) {
            own->tiers[t].has_credits = own->tiers[t].has_margin = false;
            own->tiers[t].n_credits = 0;
            own->tiers[t].budget_s = own->tiers[t].fee_per_month = NAN;
        }
    }
    return r;
}
