// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/csv.h"
#include "plots/joint.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// --- JSON ------------------------------------------------------------------------------------------------------

static void put_probability(struct surety_json *json, const char *key, const struct surety_probability *p)
{
    surety_json_open_map(json, key, true);
    surety_json_number(json, "p", p->p);
    surety_json_number(json, "lo", p->lo);
    surety_json_number(json, "hi", p->hi);
    surety_json_close(json);
}

static void put_quality(struct surety_json *json, const struct surety_quality_promise *q)
{
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "suite", q->suite);
    surety_json_text(json, "kind", q->kind);
    surety_json_number(json, q->kind[0] == 'i' ? "issue_rate" : "pass_rate", q->rate);
    surety_json_number(json, "month_met", q->month_met);
    surety_json_number(json, "p_false_breach", q->p_false_breach);
    surety_json_number(json, "p_missed_breach", q->p_missed_breach);
    surety_json_number(json, "p_false_breach_if_kept", q->p_false_if_good);
    surety_json_number(json, "p_missed_breach_if_not", q->p_missed_if_bad);
    surety_json_number(json, "cases_per_window", q->cases);
    surety_json_open_map(json, "reading_at_promise", true);
    surety_json_number(json, "lo", q->read_lo);
    surety_json_number(json, "hi", q->read_hi);
    surety_json_close(json);
    surety_json_open_map(json, "sample", true);
    surety_json_number(json, "cases_per_window", q->n_sample > 0 ? (double)q->n_sample : NAN);
    surety_json_number(json, "against", q->bad);
    surety_json_number(json, "wrong_at_most", q->wrong);
    surety_json_close(json);
    surety_json_close(json);
}

static void put_cost(struct surety_json *json, const struct surety_cost_result *c)
{
    surety_json_open_map(json, NULL, true);
    surety_json_text(json, "what", c->what);
    if (c->workload != NULL)
        surety_json_text(json, "workload", c->workload);
    surety_json_number(json, "at_most", c->limit);
    surety_json_number(json, "month_met", c->month_met);
    surety_json_close(json);
}

static void put_dimension(struct surety_json *json, const struct surety_joint_result *j, unsigned d)
{
    surety_json_open_map(json, j->name[d], false);
    if (j->n_quality > 0 && d == 2) {
        surety_json_open_list(json, "targets", false);
        for (size_t i = 0; i < j->n_quality; i++)
            put_quality(json, &j->quality[i]);
        surety_json_close(json);
    }
    if (j->n_cost > 0 && d == 3) {
        surety_json_open_list(json, "targets", false);
        for (size_t i = 0; i < j->n_cost; i++)
            put_cost(json, &j->cost[i]);
        surety_json_close(json);
    }
    put_probability(json, "month_met", &j->dimension[d].month_met);
    put_probability(json, "term_met", &j->dimension[d].term_met);
    surety_json_close(json);
}

void surety_joint_json_dimensions(struct surety_json *json, const struct surety_tier_result *tier)
{
    for (unsigned d = 2; d < SURETY_RESULT_DIMENSIONS; d++)
        if (tier->joint.given && tier->joint.has[d])
            put_dimension(json, &tier->joint, d);
}

void surety_joint_json_tier(struct surety_json *json, const struct surety_tier_result *tier)
{
    const struct surety_joint_result *j = &tier->joint;
    if (j->given) {
        surety_json_text(json, "binds", tier->binds);
        surety_json_open_map(json, "first_miss", true);
        for (unsigned d = 0; d < SURETY_RESULT_DIMENSIONS; d++)
            if (j->has[d])
                surety_json_number(json, j->name[d], j->first[d]);
        surety_json_close(json);
        surety_json_open_map(json, "correlation", false);
        for (unsigned d = 0; d < SURETY_RESULT_DIMENSIONS; d++) {
            if (!j->has[d])
                continue;
            surety_json_open_map(json, j->name[d], true);
            for (unsigned e = 0; e < SURETY_RESULT_DIMENSIONS; e++)
                if (j->has[e])
                    surety_json_number(json, j->name[e], j->correlation[d][e]);
            surety_json_close(json);
        }
        surety_json_close(json);
    }
    if (tier->termination.given) {
        surety_json_open_map(json, "termination", false);
        surety_json_integer(json, "misses", tier->termination.misses);
        surety_json_integer(json, "within", tier->termination.within);
        put_probability(json, "p", &tier->termination.p);
        surety_json_number(json, "mean_window", tier->termination.mean_window);
        surety_json_number(json, "fees_after_per_term", tier->termination.fees_per_term);
        surety_json_close(json);
    }
    if (tier->has_recovered) {
        surety_json_open_map(json, "net_exposure_per_term", true);
        surety_json_number(json, "mean", tier->net_exposure_per_term.mean);
        surety_json_number(json, "se", tier->net_exposure_per_term.se);
        surety_json_number(json, "p95", tier->net_exposure_p95);
        surety_json_close(json);
    }
}

static void put_suite(struct surety_json *json, const char *key, const struct surety_quality_result *q)
{
    surety_json_open_map(json, key, true);
    surety_json_number(json, "mean", q->mean);
    surety_json_number(json, "p05", q->p05);
    surety_json_number(json, q->issues ? "reported_mean" : "read_mean", q->read_mean);
    surety_json_close(json);
}

// By suite; of named scenarios a map by scenario.
static void put_suites(struct surety_json *json, const struct surety_architecture_result *a)
{
    surety_json_open_map(json, "quality", false);
    for (size_t i = 0; i < a->n_quality; i++) {
        const struct surety_quality_result *q = &a->quality[i];
        if (q->scenario == NULL) {
            put_suite(json, q->suite, q);
            continue;
        }
        const bool is_first = i == 0 || strcmp(a->quality[i - 1].suite, q->suite) != 0;
        const bool is_last = i + 1 == a->n_quality || strcmp(a->quality[i + 1].suite, q->suite) != 0;
        if (is_first) {
            surety_json_open_map(json, q->suite, false);
            surety_json_open_map(json, "scenarios", false);
        }
        put_suite(json, q->scenario, q);
        if (is_last) {
            surety_json_close(json);
            surety_json_close(json);
        }
    }
    surety_json_close(json);
}

void surety_joint_json_architecture(struct surety_json *json, const struct surety_architecture_result *a)
{
    if (a->n_quality > 0)
        put_suites(json, a);
    if (a->has_bill)
        surety_json_number(json, "bill_variation", a->bill_cv);
    if (a->has_recovered) {
        surety_json_open_map(json, "recovered_per_term", true);
        surety_json_number(json, "mean", a->recovered_per_term.mean);
        surety_json_number(json, "se", a->recovered_per_term.se);
        surety_json_close(json);
    }
}

// --- CSV -------------------------------------------------------------------------------------------------------

static void put_cell(FILE *out, const char *text)
{
    surety_csv_text(out, text != NULL ? text : "");
    putc(',', out);
}

static void put_value(FILE *out, double value, const char *end)
{
    if (isfinite(value))
        fprintf(out, "%.12g", value == 0.0 ? 0.0 : value);
    fputs(end, out);
}

void surety_joint_csv_dimensions(const struct surety_result *result, FILE *out)
{
    fputs("architecture,tier,dimension,month_met_p,month_met_lo,month_met_hi,term_met_p,term_met_lo,term_met_hi,"
          "share_of_first_misses,correlation_availability,correlation_latency,correlation_quality,correlation_cost\r\n",
          out);
    for (size_t a = 0; a < result->n_architectures; a++)
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_tier_result *tier = &result->architectures[a].tiers[t];
            const struct surety_joint_result *j = &tier->joint;
            for (unsigned d = 0; j->given && d < SURETY_RESULT_DIMENSIONS; d++) {
                if (!j->has[d])
                    continue;
                const struct surety_probability *month = &j->dimension[d].month_met, *term = &j->dimension[d].term_met;
                const double numbers[] = {month->p, month->lo, month->hi, term->p, term->lo, term->hi, j->first[d]};
                put_cell(out, result->architectures[a].name);
                put_cell(out, tier->name);
                put_cell(out, j->name[d]);
                for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
                    put_value(out, numbers[k], ",");
                for (unsigned e = 0; e < SURETY_RESULT_DIMENSIONS; e++)
                    put_value(out, j->has[e] ? j->correlation[d][e] : NAN,
                              e + 1 < SURETY_RESULT_DIMENSIONS ? "," : "\r\n");
            }
        }
}

void surety_joint_csv_quality(const struct surety_result *result, FILE *out)
{
    fputs("architecture,tier,suite,kind,promised,month_met,p_false_breach,p_missed_breach,p_false_breach_if_kept,"
          "p_missed_breach_if_not,cases_per_window,reading_lo,reading_hi,sample_cases_per_window,sample_against\r\n",
          out);
    for (size_t a = 0; a < result->n_architectures; a++)
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_joint_result *j = &result->architectures[a].tiers[t].joint;
            for (size_t i = 0; i < j->n_quality; i++) {
                const struct surety_quality_promise *q = &j->quality[i];
                const double numbers[] = {q->rate,
                                          q->month_met,
                                          q->p_false_breach,
                                          q->p_missed_breach,
                                          q->p_false_if_good,
                                          q->p_missed_if_bad,
                                          q->cases,
                                          q->read_lo,
                                          q->read_hi,
                                          q->n_sample > 0 ? (double)q->n_sample : NAN};
                put_cell(out, result->architectures[a].name);
                put_cell(out, result->architectures[a].tiers[t].name);
                put_cell(out, q->suite);
                put_cell(out, q->kind);
                for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
                    put_value(out, numbers[k], ",");
                put_value(out, q->bad, "\r\n");
            }
        }
}
