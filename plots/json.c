// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"
#include "plots/capacity.h"
#include "plots/joint.h"
#include "plots/json_result.h"
#include "plots/model_risk.h"
#include "plots/offers.h"
#include "plots/reporter.h"
#include "plots/reserved.h"
#include "plots/traffic.h"
#include "plots/wording.h"
#include "sim/scenario/plan.h"

#include <math.h>

// Result v1 (docs/scenario.md): keys in the order of the interface; what is not modelled is absent.

static void put_probability(struct surety_json *json, const char *key, const struct surety_probability *value)
{
    surety_json_open_map(json, key, true);
    surety_json_number(json, "p", value->p);
    surety_json_number(json, "lo", value->lo);
    surety_json_number(json, "hi", value->hi);
    if (value->has_ignorance) {
        surety_json_open_map(json, "ignorance", true);
        surety_json_number(json, "lo", value->ignorance_lo);
        surety_json_number(json, "hi", value->ignorance_hi);
        surety_json_close(json);
        surety_json_number(json, "ignorance_share", value->ignorance_share);
    }
    surety_json_close(json);
}

// p05, p50, p95; `with_p01` puts p01 in front.
static void put_quantiles(struct surety_json *json, const char *key, const struct surety_quantiles *value,
                          bool with_p01)
{
    surety_json_open_map(json, key, true);
    if (with_p01)
        surety_json_number(json, "p01", value->p01);
    surety_json_number(json, "p05", value->p05);
    surety_json_number(json, "p50", value->p50);
    surety_json_number(json, "p95", value->p95);
    surety_json_close(json);
}

static void put_texts(struct surety_json *json, const char *key, const char *const *texts, size_t n)
{
    surety_json_open_list(json, key, false);
    for (size_t i = 0; i < n; i++)
        surety_json_text(json, NULL, texts[i]);
    surety_json_close(json);
}

// Shares by name; nothing when there was no downtime to share out.
static void put_downtime_by(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    if (architecture->n_downtime_by == 0)
        return;
    surety_json_open_map(json, "downtime_by", true);
    for (size_t i = 0; i < architecture->n_downtime_by; i++)
        surety_json_number(json, architecture->downtime_by[i].name, architecture->downtime_by[i].share);
    surety_json_close(json);
}

// Other measures on the same worlds: the mean by name, then the rest of each.
static void put_measures(struct surety_json *json, const struct surety_result *result,
                         const struct surety_architecture_result *architecture)
{
    if (architecture->n_by_measure == 0)
        return;
    surety_json_open_map(json, "by_measure", true);
    for (size_t i = 0; i < architecture->n_by_measure; i++)
        surety_json_number(json, architecture->by_measure[i].name, architecture->by_measure[i].availability.mean);
    surety_json_close(json);
    surety_json_open_map(json, "measures", false);
    surety_json_integer(json, "replications", result->n_measured);
    for (size_t i = 0; i < architecture->n_by_measure; i++) {
        const struct surety_measure_result *m = &architecture->by_measure[i];
        surety_json_open_map(json, m->name, true);
        surety_json_number(json, "mean", m->availability.mean);
        surety_json_number(json, "se", m->availability.se);
        surety_json_open_map(json, "month_met", true);
        for (size_t t = 0; t < result->n_tiers; t++)
            surety_json_number(json, architecture->tiers[t].name, m->month_met[t]);
        surety_json_close(json);
        surety_json_open_map(json, "more_credits_per_term", true);
        for (size_t t = 0; t < result->n_tiers; t++)
            if (architecture->tiers[t].has_credits)
                surety_json_number(json, architecture->tiers[t].name, m->more_credits_per_term[t].mean);
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_availability(struct surety_json *json, const struct surety_result *result,
                             const struct surety_architecture_result *architecture)
{
    surety_json_open_map(json, "availability", false);
    surety_json_number(json, "mean", architecture->availability.mean);
    surety_json_number(json, "se", architecture->availability.se);
    put_quantiles(json, "month_quantiles", &architecture->month_availability, true);
    put_quantiles(json, "term_quantiles", &architecture->term_availability, false);
    put_quantiles(json, "worst_month_quantiles", &architecture->worst_month, false);
    put_quantiles(json, "p10_month_quantiles", &architecture->p10_month, false);
    surety_json_open_map(json, "downtime_s_per_month", true);
    surety_json_number(json, "mean", architecture->downtime_s.mean);
    surety_json_number(json, "se", architecture->downtime_s.se);
    surety_json_number(json, "p50", architecture->downtime_quantiles_s.p50);
    surety_json_number(json, "p95", architecture->downtime_quantiles_s.p95);
    surety_json_number(json, "p99", architecture->downtime_quantiles_s.p99);
    surety_json_close(json);
    surety_json_open_list(json, "histogram", true);
    for (size_t i = 0; i < architecture->n_histogram; i++) {
        surety_json_open_list(json, NULL, true);
        surety_json_number(json, NULL, architecture->histogram[i].downtime_s);
        surety_json_integer(json, NULL, architecture->histogram[i].n_windows);
        surety_json_close(json);
    }
    surety_json_close(json);
    put_measures(json, result, architecture);
    put_downtime_by(json, architecture);
    surety_json_close(json);
}

static void put_money(struct surety_json *json, const struct surety_tier_result *tier)
{
    if (tier->has_credits) {
        surety_json_open_map(json, "credits_per_term", true);
        surety_json_number(json, "mean", tier->credits_per_term.mean);
        surety_json_number(json, "se", tier->credits_per_term.se);
        surety_json_number(json, "p95", tier->credits_quantiles.p95);
        surety_json_number(json, "p99", tier->credits_quantiles.p99);
        surety_json_number(json, "cvar95", tier->credits_cvar95);
        surety_json_close(json);
    }
    if (!isnan(tier->fee_per_month))
        surety_json_number(json, "fee_per_month", tier->fee_per_month);
    if (tier->has_margin) {
        surety_json_open_map(json, "margin_per_month", true);
        surety_json_number(json, "mean", tier->margin_per_month.mean);
        surety_json_number(json, "se", tier->margin_per_month.se);
        surety_json_number(json, "p05", tier->margin_p05);
        surety_json_close(json);
    }
}

static void put_cost(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    if (!architecture->has_cost)
        return;
    surety_json_open_map(json, "cost", false);
    surety_json_open_map(json, "per_month", true);
    surety_json_number(json, "mean", architecture->cost_per_month.mean);
    surety_json_number(json, "se", architecture->cost_per_month.se);
    surety_json_number(json, "p95", architecture->cost_p95);
    surety_json_close(json);
    surety_json_open_map(json, "per_task", false);
    for (size_t i = 0; i < architecture->n_task_costs; i++) {
        surety_json_open_map(json, architecture->task_costs[i].workload, true);
        surety_json_number(json, "mean", architecture->task_costs[i].mean);
        surety_json_number(json, "p95", architecture->task_costs[i].p95);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_open_map(json, "parts", true);
    surety_json_number(json, "on_demand", architecture->cost_per_month.mean - architecture->reserved_per_month);
    if (architecture->n_reserved > 0)
        surety_json_number(json, "reserved", architecture->reserved_per_month);
    surety_json_close(json);
    surety_json_close(json);
    surety_json_reserved(json, architecture);
}

static void put_causes(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    surety_json_open_list(json, "causes", false);
    for (size_t i = 0; i < architecture->n_causes; i++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "cause", architecture->causes[i].name);
        surety_json_number(json, "downtime_share", architecture->causes[i].share);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_verdict(struct surety_json *json, const struct surety_result *result)
{
    const struct surety_verdict *verdict = &result->verdict;
    const struct surety_architecture_result *architecture = &result->architectures[verdict->architecture];
    surety_json_open_map(json, "verdict", false);
    surety_json_text(json, "architecture", architecture->name);
    surety_json_text(json, "tier", architecture->tiers[verdict->tier].name);
    surety_json_text(json, "outcome", surety_wording_outcome(verdict->outcome));
    surety_json_text(json, "because", verdict->because);
    if (verdict->data_age != NULL)
        surety_json_text(json, "data_age", verdict->data_age);
    surety_json_text(json, "binds", verdict->binds);
    if (!isnan(verdict->implied_month_met))
        surety_json_number(json, "implied_month_met", verdict->implied_month_met);
    if (!isnan(verdict->fee_for_risk))
        surety_json_number(json, "fee_for_risk_per_month", verdict->fee_for_risk);
    surety_json_open_list(json, "flips", false);
    for (size_t i = 0; i < verdict->n_flips; i++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "input", verdict->flips[i].input);
        surety_json_number(json, "now", verdict->flips[i].now);
        surety_json_number(json, "at", verdict->flips[i].at);
        if (!isnan(verdict->flips[i].error))
            surety_json_number(json, "error", verdict->flips[i].error);
        surety_json_text(json, "unit", verdict->flips[i].unit);
        surety_json_text(json, "outcome", verdict->flips[i].outcome);
        if (verdict->flips[i].architecture != NULL)
            surety_json_text(json, "architecture", verdict->flips[i].architecture);
        surety_json_text(json, "set", verdict->flips[i].set);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

static void put_dimension(struct surety_json *json, const struct surety_dimension_result *dimension)
{
    put_probability(json, "month_met", &dimension->month_met);
    put_probability(json, "term_met", &dimension->term_met);
}

// Tiers that promise availability alone have one dimension, which is the tier.
static void put_dimensions(struct surety_json *json, const struct surety_tier_result *tier)
{
    const struct surety_dimension_result joint = {tier->month_met, tier->term_met};
    surety_json_open_map(json, "dimensions", false);
    surety_json_open_map(json, "availability", false);
    surety_json_number(json, "target", tier->target);
    put_dimension(json, tier->joint.given      ? &tier->joint.dimension[0]
                        : tier->n_promises > 0 ? &tier->availability
                                               : &joint);
    surety_json_close(json);
    if (tier->n_promises > 0) {
        surety_json_open_map(json, "latency", false);
        surety_json_open_list(json, "targets", false);
        for (size_t i = 0; i < tier->n_promises; i++) {
            const struct surety_promise_result *p = &tier->promises[i];
            surety_json_open_map(json, NULL, true);
            surety_json_text(json, "workload", p->workload);
            surety_json_text(json, "metric", p->metric);
            surety_json_number(json, "percentile", p->percentile);
            surety_json_number(json, "target_s", p->target_s);
            surety_json_number(json, "month_met", p->month_met);
            surety_json_close(json);
        }
        surety_json_close(json);
        put_dimension(json, &tier->latency);
        surety_json_close(json);
    }
    surety_joint_json_dimensions(json, tier);
    surety_json_close(json);
    surety_joint_json_tier(json, tier);
    if (tier->n_promises > 0 && !tier->joint.given) {
        surety_json_text(json, "binds", tier->binds);
        surety_json_number(json, "dimension_correlation", tier->dimension_correlation);
    }
}

// Of each window the quantiles of its percentiles over the terms: {"window": "2027-01", "p95_s": {...}, "p99_s": ...}.
static void put_windows(struct surety_json *json, const struct surety_result *result,
                        const struct surety_latency_metric *metric)
{
    surety_json_open_list(json, "windows", false);
    for (size_t w = 0; metric->n_months > 0 && w < result->n_windows; w++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "window", result->window_labels[w]);
        for (size_t i = 0; i < metric->n_months; i++) {
            const struct surety_latency_quantiles *q = &metric->months[i].windows[w];
            char name[32];
            snprintf(name, sizeof name, "p%g_s", metric->months[i].percentile);
            surety_json_open_map(json, name, true);
            surety_json_number(json, "p05", q->p05);
            surety_json_number(json, "p25", q->p25);
            surety_json_number(json, "p50", q->p50);
            surety_json_number(json, "p75", q->p75);
            surety_json_number(json, "p95", q->p95);
            surety_json_close(json);
        }
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_metric(struct surety_json *json, const struct surety_result *result, const char *key,
                       const struct surety_latency_metric *metric)
{
    if (!metric->given)
        return;
    surety_json_open_map(json, key, false);
    surety_json_number(json, "p50_s", metric->p50_s);
    surety_json_number(json, "p95_s", metric->p95_s);
    surety_json_number(json, "p99_s", metric->p99_s);
    surety_json_open_map(json, "month_p95_s", true);
    surety_json_number(json, "p05", metric->month_p05_s);
    surety_json_number(json, "p50", metric->month_p50_s);
    surety_json_number(json, "p95", metric->month_p95_s);
    surety_json_close(json);
    put_windows(json, result, metric);
    surety_json_close(json);
}

static void put_latency(struct surety_json *json, const struct surety_result *result,
                        const struct surety_architecture_result *architecture)
{
    if (architecture->n_latency == 0)
        return;
    surety_json_open_map(json, "latency", false);
    for (size_t i = 0; i < architecture->n_latency; i++) {
        const struct surety_latency_result *l = &architecture->latency[i];
        surety_json_open_map(json, l->workload, false);
        put_metric(json, result, "first_token", &l->first_token);
        put_metric(json, result, "end_to_end", &l->end_to_end);
        surety_json_number(json, "share_failing", l->share_failing);
        surety_json_open_map(json, "sent_per_request", true);
        for (size_t k = 0; k < l->n_sent; k++)
            surety_json_number(json, l->sent[k].provider, l->sent[k].per_request);
        surety_json_close(json);
        surety_json_integer(json, "replications", architecture->n_latency_terms);
        if (l->usual_kind != NULL) {
            surety_json_open_map(json, "usual", true);
            surety_json_text(json, "kind", l->usual_kind);
            surety_json_number(json, "target_s", l->usual_s);
            surety_json_number(json, "share_in_time", l->usual_share);
            surety_json_close(json);
        }
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_tier(struct surety_json *json, const struct surety_tier_result *tier)
{
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "name", tier->name);
    surety_json_text(json, "outcome", surety_wording_outcome(tier->outcome));
    surety_json_bool(json, "signable", tier->signable);
    put_probability(json, "month_met", &tier->month_met);
    put_probability(json, "term_met", &tier->term_met);
    put_dimensions(json, tier);
    surety_json_open_map(json, "breaches_per_term", true);
    surety_json_number(json, "mean", tier->breaches_per_term.mean);
    surety_json_number(json, "se", tier->breaches_per_term.se);
    surety_json_number(json, "p05", tier->breaches_quantiles.p05);
    surety_json_number(json, "p50", tier->breaches_quantiles.p50);
    surety_json_number(json, "p95", tier->breaches_quantiles.p95);
    surety_json_close(json);
    put_money(json, tier);
    surety_json_close(json);
}

// What is uncertain and what matters of it; absent when nothing is.
static void put_inputs(struct surety_json *json, const struct surety_result *result)
{
    if (result->n_groups == 0)
        return;
    surety_json_open_map(json, "inputs", false);
    surety_json_integer(json, "groups", result->n_groups);
    surety_json_integer(json, "replications_a_group", SURETY_GROUP);
    surety_json_open_list(json, "uncertain", false);
    for (size_t i = 0; i < result->n_inputs; i++) {
        const struct surety_input_result *in = &result->inputs[i];
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "path", in->path);
        surety_json_text(json, "law", in->law);
        surety_json_text(json, "unit", in->unit);
        surety_json_number(json, "mean", in->mean);
        surety_json_number(json, "p05", in->p05);
        surety_json_number(json, "p95", in->p95);
        if (!isnan(in->correlation))
            surety_json_number(json, "rank_correlation", in->correlation);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

void surety_json_result(struct surety_json *json, const struct surety_result *result)
{
    surety_json_open_map(json, "scenario", false);
    surety_json_text(json, "name", result->name);
    surety_json_text(json, "file", result->file);
    surety_json_text(json, "sha256", result->sha256);
    surety_json_text(json, "plan", result->plan_hash);
    surety_json_close(json);

    surety_json_open_map(json, "run", false);
    surety_json_text(json, "version", result->version);
    surety_json_integer(json, "seed", result->seed);
    surety_json_integer(json, "replications", result->n_replications);
    surety_json_integer(json, "windows", result->n_windows);
    surety_json_number(json, "confidence", result->confidence);
    surety_json_number(json, "wall_s", result->wall_s);
    surety_json_integer(json, "threads", result->n_threads);
    surety_json_close(json);

    if (result->n_tiers > 0)
        put_verdict(json, result);

    surety_json_open_list(json, "architectures", false);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *architecture = &result->architectures[i];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "name", architecture->name);
        put_availability(json, result, architecture);
        surety_json_open_list(json, "tiers", false);
        for (size_t t = 0; t < result->n_tiers; t++)
            put_tier(json, &architecture->tiers[t]);
        surety_json_close(json);
        surety_traffic_json(json, architecture);
        put_latency(json, result, architecture);
        surety_capacity_json(json, architecture);
        surety_joint_json_architecture(json, architecture);
        put_cost(json, architecture);
        put_causes(json, architecture);
        surety_budget_json(json, architecture);
        surety_json_close(json);
    }
    surety_json_close(json);

    surety_offers_json(json, result);
    surety_model_risk_json(json, result);
    put_texts(json, "assumptions", result->assumptions, result->n_assumptions);
    put_texts(json, "defaults_used", result->defaults_used, result->n_defaults_used);
    put_texts(json, "warnings", result->warnings, result->n_warnings);
    put_inputs(json, result);
}

void surety_report_json(const struct surety_result *result, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "run");
    surety_json_result(&json, result);
    surety_json_close(&json);
}
