// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/csv.h"

#include "plots/budget.h"
#include "plots/capacity.h"
#include "plots/joint.h"
#include "plots/latency_csv.h"
#include "plots/offers.h"
#include "plots/traffic.h"
#include "plots/wording.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void surety_csv_text(FILE *out, const char *text)
{
    const bool is_formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    const bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted)
        putc('"', out);
    if (is_formula)
        putc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    if (quoted)
        putc('"', out);
}

// Cells of a row: t text, n number, u whole number; the last ends the line.
static void put_text(FILE *out, const char *text)
{
    surety_csv_text(out, text != NULL ? text : "");
    putc(',', out);
}

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.12g", value == 0.0 ? 0.0 : value);
    putc(',', out);
}

static void put_last_text(FILE *out, const char *text)
{
    surety_csv_text(out, text != NULL ? text : "");
    fputs("\r\n", out);
}

static void put_last(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.12g", value == 0.0 ? 0.0 : value);
    fputs("\r\n", out);
}

static void write_architectures(const struct surety_result *result, FILE *out)
{
    fputs("architecture,availability_mean,availability_se,month_availability_p01,month_availability_p05,"
          "month_availability_p50,month_availability_p95,downtime_mean_s_per_window,downtime_se_s_per_window,"
          "downtime_p50_s_per_window,downtime_p95_s_per_window,downtime_p99_s_per_window,cost_mean_per_month,"
          "cost_se_per_month,cost_p95_per_window,currency\r\n",
          out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[i];
        const double numbers[] = {a->availability.mean,
                                  a->availability.se,
                                  a->month_availability.p01,
                                  a->month_availability.p05,
                                  a->month_availability.p50,
                                  a->month_availability.p95,
                                  a->downtime_s.mean,
                                  a->downtime_s.se,
                                  a->downtime_quantiles_s.p50,
                                  a->downtime_quantiles_s.p95,
                                  a->downtime_quantiles_s.p99,
                                  a->has_cost ? a->cost_per_month.mean : NAN,
                                  a->has_cost ? a->cost_per_month.se : NAN,
                                  a->has_cost ? a->cost_p95 : NAN};
        put_text(out, a->name);
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
            put_number(out, numbers[k]);
        put_last_text(out, result->currency);
    }
}

// A number that only a run with uncertain inputs has.
static double known(const struct surety_probability *p, double value)
{
    return p->has_ignorance ? value : (double)NAN;
}

static void write_tiers(const struct surety_result *result, FILE *out)
{
    fputs("architecture,tier,target,budget_s_per_window,outcome,month_met_p,month_met_lo,month_met_hi,term_met_p,"
          "term_met_lo,term_met_hi,breaches_mean_per_term,breaches_p95_per_term,fee_per_month,credits_mean_per_term,"
          "credits_se_per_term,credits_p95_per_term,credits_p99_per_term,credits_cvar95_per_term,margin_mean_per_month,"
          "margin_se_per_month,margin_p05_per_window,fee_for_risk_per_month,month_met_ignorance_lo,"
          "month_met_ignorance_hi,month_met_ignorance_share,term_met_ignorance_lo,term_met_ignorance_hi,"
          "term_met_ignorance_share,currency\r\n",
          out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_tier_result *tier = &result->architectures[i].tiers[t];
            const double numbers[] = {tier->month_met.p,
                                      tier->month_met.lo,
                                      tier->month_met.hi,
                                      tier->term_met.p,
                                      tier->term_met.lo,
                                      tier->term_met.hi,
                                      tier->breaches_per_term.mean,
                                      tier->breaches_quantiles.p95,
                                      tier->fee_per_month,
                                      tier->has_credits ? tier->credits_per_term.mean : NAN,
                                      tier->has_credits ? tier->credits_per_term.se : NAN,
                                      tier->has_credits ? tier->credits_quantiles.p95 : NAN,
                                      tier->has_credits ? tier->credits_quantiles.p99 : NAN,
                                      tier->has_credits ? tier->credits_cvar95 : NAN,
                                      tier->has_margin ? tier->margin_per_month.mean : NAN,
                                      tier->has_margin ? tier->margin_per_month.se : NAN,
                                      tier->has_margin ? tier->margin_p05 : NAN,
                                      tier->has_credits ? tier->fee_for_risk_per_month : NAN,
                                      known(&tier->month_met, tier->month_met.ignorance_lo),
                                      known(&tier->month_met, tier->month_met.ignorance_hi),
                                      known(&tier->month_met, tier->month_met.ignorance_share),
                                      known(&tier->term_met, tier->term_met.ignorance_lo),
                                      known(&tier->term_met, tier->term_met.ignorance_hi),
                                      known(&tier->term_met, tier->term_met.ignorance_share)};
            put_text(out, result->architectures[i].name);
            put_text(out, tier->name);
            put_number(out, tier->target);
            put_number(out, tier->budget_s);
            put_text(out, surety_wording_outcome(surety_wording_tier_outcome(tier)));
            for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
                put_number(out, numbers[k]);
            put_last_text(out, result->currency);
        }
    }
}

static void write_histogram(const struct surety_result *result, FILE *out)
{
    fputs("architecture,downtime_s_per_window,n_windows,share_of_windows_above\r\n", out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[i];
        uint64_t n = 0, below = 0;
        for (size_t k = 0; k < a->n_histogram; k++)
            n += a->histogram[k].n_windows;
        for (size_t k = 0; k < a->n_histogram; k++) {
            below += a->histogram[k].n_windows;
            put_text(out, a->name);
            put_number(out, a->histogram[k].downtime_s);
            fprintf(out, "%" PRIu64 ",", a->histogram[k].n_windows);
            put_last(out, (double)(n - below) / (double)n);
        }
    }
}

static void write_shares(const struct surety_result *result, FILE *out, bool causes)
{
    fprintf(out, "architecture,%s,share_of_downtime,downtime_mean_s_per_window\r\n", causes ? "cause" : "phase");
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[i];
        const struct surety_share *list = causes ? a->causes : a->downtime_by;
        for (size_t k = 0; k < (causes ? a->n_causes : a->n_downtime_by); k++) {
            put_text(out, a->name);
            put_text(out, list[k].name);
            put_number(out, list[k].share);
            put_last(out, list[k].share * a->downtime_s.mean);
        }
    }
}

static void write_causes(const struct surety_result *result, FILE *out)
{
    write_shares(result, out, true);
}

static void write_phases(const struct surety_result *result, FILE *out)
{
    write_shares(result, out, false);
}

static void write_credits(const struct surety_result *result, FILE *out)
{
    fputs("architecture,tier,credits_per_term,share_of_terms_above,currency\r\n", out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_tier_result *tier = &result->architectures[i].tiers[t];
            for (size_t k = 0; k < tier->n_credits; k++) {
                put_text(out, result->architectures[i].name);
                put_text(out, tier->name);
                put_number(out, tier->credits[k].x);
                put_number(out, tier->credits[k].p);
                put_last_text(out, result->currency);
            }
        }
    }
}

static void write_task_costs(const struct surety_result *result, FILE *out)
{
    fputs("architecture,workload,cost_mean_per_task,cost_p95_per_task,currency\r\n", out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *a = &result->architectures[i];
        for (size_t k = 0; k < a->n_task_costs; k++) {
            put_text(out, a->name);
            put_text(out, a->task_costs[k].workload);
            put_number(out, a->task_costs[k].mean);
            put_number(out, a->task_costs[k].p95);
            put_last_text(out, result->currency);
        }
    }
}

static void write_flips(const struct surety_result *result, FILE *out)
{
    fputs("input,what,unit,now,changes_at,error,becomes,architecture,set\r\n", out);
    for (size_t i = 0; i < result->verdict.n_flips; i++) {
        const struct surety_flip *flip = &result->verdict.flips[i];
        put_text(out, flip->input);
        put_text(out, flip->what);
        put_text(out, flip->unit);
        put_number(out, flip->now);
        put_number(out, flip->at);
        put_number(out, flip->error);
        put_text(out, flip->outcome);
        put_text(out, flip->architecture != NULL ? flip->architecture : "");
        put_last_text(out, flip->set);
    }
}

static void write_inputs(const struct surety_result *result, FILE *out)
{
    fputs("input,law,unit,mean,p05,p95,rank_correlation\r\n", out);
    for (size_t i = 0; i < result->n_inputs; i++) {
        const struct surety_input_result *input = &result->inputs[i];
        put_text(out, input->path);
        put_text(out, input->law);
        put_text(out, input->unit);
        put_number(out, input->mean);
        put_number(out, input->p05);
        put_number(out, input->p95);
        put_last(out, input->correlation);
    }
}

static void write_model_risk(const struct surety_result *result, FILE *out)
{
    fputs("architecture,tier,availability_by_laws,availability_by_record,month_met_by_laws,month_met_by_record,"
          "term_met_by_laws,term_met_by_record\r\n",
          out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *laws = &result->architectures[i];
        const struct surety_architecture_result *record = &result->by_record->architectures[i];
        for (size_t t = 0; t < result->n_tiers; t++) {
            put_text(out, laws->name);
            put_text(out, laws->tiers[t].name);
            put_number(out, laws->availability.mean);
            put_number(out, record->availability.mean);
            put_number(out, laws->tiers[t].month_met.p);
            put_number(out, record->tiers[t].month_met.p);
            put_number(out, laws->tiers[t].term_met.p);
            put_last(out, record->tiers[t].term_met.p);
        }
    }
}

static void write_bad_month(const struct surety_result *result, FILE *out)
{
    const struct surety_story *story = result->bad_month;
    fputs("architecture,replication,at_s,when,event\r\n", out);
    for (size_t i = 0; i < story->n_events; i++) {
        put_text(out, story->architecture);
        fprintf(out, "%" PRIu64 ",", story->replication);
        put_number(out, (double)story->events[i].at_us / 1e6);
        put_text(out, story->events[i].when);
        put_last_text(out, story->events[i].text);
    }
}

static void write_reserved(const struct surety_result *result, FILE *out)
{
    fputs("architecture,provider,units,tokens_per_minute,output_units,output_tokens_per_minute,overflow,utilisation,"
          "output_utilisation,overflow_share,break_even_utilisation,fee_per_month,overflow_cost_per_month,"
          "without_per_month,moved_time_share,moved_utilisation,moved_overflow_share,currency\r\n",
          out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        for (size_t k = 0; k < result->architectures[i].n_reserved; k++) {
            const struct surety_reserved_result *r = &result->architectures[i].reserved[k];
            const double before[] = {r->units, r->tokens_per_minute, r->output_units, r->output_tokens_per_minute};
            const double behind[] = {r->utilisation,       r->output_utilisation, r->overflow,
                                     r->break_even,        r->fee_per_month,      r->overflow_cost_per_month,
                                     r->without_per_month, r->moved_time,         r->moved_utilisation,
                                     r->moved_overflow};
            put_text(out, result->architectures[i].name);
            put_text(out, r->provider);
            for (size_t j = 0; j < sizeof before / sizeof *before; j++)
                put_number(out, before[j]);
            put_text(out, r->rejects ? "reject" : "on-demand");
            for (size_t j = 0; j < sizeof behind / sizeof *behind; j++)
                put_number(out, behind[j]);
            put_last_text(out, result->currency);
        }
    }
}

static void write_reserved_hours(const struct surety_result *result, FILE *out)
{
    fputs("architecture,provider,hour_of_week,load,utilisation,overflow_share,moved_load,moved_utilisation,"
          "moved_overflow_share\r\n",
          out);
    for (size_t i = 0; i < result->n_architectures; i++) {
        for (size_t k = 0; k < result->architectures[i].n_reserved; k++) {
            const struct surety_reserved_result *r = &result->architectures[i].reserved[k];
            for (size_t h = 0; h < sizeof r->normal / sizeof *r->normal; h++) {
                put_text(out, result->architectures[i].name);
                put_text(out, r->provider);
                fprintf(out, "%zu,", h);
                put_number(out, r->normal[h].offered);
                put_number(out, r->normal[h].carried);
                put_number(out, r->normal[h].overflow);
                put_number(out, r->most[h].offered);
                put_number(out, r->most[h].carried);
                put_last(out, r->most[h].overflow);
            }
        }
    }
}

static bool has_reserved(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        any = any || result->architectures[i].n_reserved > 0;
    return any;
}

static bool always(const struct surety_result *result)
{
    return result->n_architectures > 0;
}

static bool has_tiers(const struct surety_result *result)
{
    return result->n_architectures > 0 && result->n_tiers > 0;
}

static bool has_causes(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        any = any || result->architectures[i].n_causes > 0;
    return any;
}

static bool has_phases(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        any = any || result->architectures[i].n_downtime_by > 0;
    return any;
}

static bool has_credits(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++) {
        for (size_t t = 0; t < result->n_tiers; t++)
            any = any || result->architectures[i].tiers[t].n_credits > 0;
    }
    return any;
}

static bool has_task_costs(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        any = any || result->architectures[i].n_task_costs > 0;
    return any;
}

static bool has_joint(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        for (size_t t = 0; t < result->n_tiers; t++)
            any = any || result->architectures[i].tiers[t].joint.given;
    return any;
}

static bool has_quality(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        for (size_t t = 0; t < result->n_tiers; t++)
            any = any || result->architectures[i].tiers[t].joint.n_quality > 0;
    return any;
}

static bool has_flips(const struct surety_result *result)
{
    return result->verdict.n_flips > 0;
}

static bool has_inputs(const struct surety_result *result)
{
    return result->n_inputs > 0;
}

static bool has_model_risk(const struct surety_result *result)
{
    return result->by_record != NULL;
}

static bool has_offers(const struct surety_result *result)
{
    return result->n_offers > 0;
}

static bool has_story(const struct surety_result *result)
{
    return result->bad_month != NULL && result->bad_month->n_events > 0;
}

const struct surety_csv_table surety_csv_tables[] = {
    {"architectures.csv", "availability, downtime and cost of each architecture", write_architectures, always},
    {"tiers.csv", "probabilities, credits and margin of each tier on each architecture", write_tiers, has_tiers},
    {"downtime_histogram.csv", "number of windows by length of downtime", write_histogram, always},
    {"phases.csv", "what the service was waiting for while down", write_phases, has_phases},
    {"causes.csv", "whose outages the downtime came from", write_causes, has_causes},
    {"credits.csv", "exceedance of a term's credits", write_credits, has_credits},
    {"task_costs.csv", "cost of a task of each workload", write_task_costs, has_task_costs},
    {"reserved.csv", "use of reserved units, what overflows and what they save", write_reserved, has_reserved},
    {"reserved_hours.csv", "the same by hour of the week, normally and with the most that came", write_reserved_hours,
     has_reserved},
    {"traffic.csv", "requests sent for what is served, and their cost", surety_traffic_csv, surety_traffic_has_rows},
    {"latency.csv", "percentiles of latency of each workload", surety_latency_csv, surety_latency_has_rows},
    {"latency_cdf.csv", "the laws of latency, a time and the share of the answers within it", surety_latency_csv_cdf,
     surety_latency_has_rows},
    {"latency_months.csv", "percentiles of latency window by window: their quantiles over the terms",
     surety_latency_csv_months, surety_latency_has_rows},
    {"capacity.csv", "how full each limited provider is", surety_capacity_csv, surety_capacity_has_rows},
    {"capacity_hours.csv", "its load by hour of the week", surety_capacity_hours_csv, surety_capacity_has_rows},
    {"capacity_loads.csv", "waits and refusals by load", surety_capacity_loads_csv, surety_capacity_has_rows},
    {"dimensions.csv", "each dimension of tiers that promise quality or cost, and how they go together",
     surety_joint_csv_dimensions, has_joint},
    {"quality.csv", "what samples of quality read, and how large they would have to be", surety_joint_csv_quality,
     has_quality},
    {"flips.csv", "inputs and the values at which the outcome changes", write_flips, has_flips},
    {"error_budget.csv", "what is left of the error budget by each day's end", surety_budget_csv,
     surety_budget_has_rows},
    {"alerts.csv", "what alerts on its burn rate would say", surety_alerts_csv, surety_budget_has_rows},
    {"inputs.csv", "what is uncertain, and how far the months met go with it", write_inputs, has_inputs},
    {"model_risk.csv", "the answers by laws and by the record side by side", write_model_risk, has_model_risk},
    {"offers.csv", "clauses that can be signed in the place of tiers that cannot", surety_offers_csv, has_offers},
    {"bad_month.csv", "the events of the bad term that the report tells", write_bad_month, has_story},
    {NULL, NULL, NULL, NULL},
};
