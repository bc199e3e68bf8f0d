// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"
#include "plots/capacity.h"
#include "plots/human.h"
#include "plots/joint.h"
#include "plots/model_risk.h"
#include "plots/offers.h"
#include "plots/reporter.h"
#include "plots/reserved.h"
#include "plots/traffic.h"
#include "plots/wording.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// The terminal table: what a person at the negotiating table reads aloud. No more than SURETY_REPORT_COLUMNS wide.

#define SENTENCE_SIZE 1024
#define MAX_CAUSES 4       // named in the text
#define MIN_SHARE 0.001    // phases with less are left out
#define GAP 3              // columns between two cells
#define MIN_NAME_COLUMNS 8 // a longer name of a tier is cut to what the line leaves

__attribute__((format(printf, 3, 4))) static void put_sentence(FILE *out, const char *lead, const char *format, ...)
{
    char text[SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    surety_human_wrapped(out, lead, text);
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static void put_title(const struct surety_result *result, FILE *out)
{
    char n[SURETY_HUMAN_SIZE];
    surety_human_count(n, result->n_replications);
    surety_human_wrapped(out, "", result->name);
    put_sentence(out, "", "Term from %s. Availability measured by %s. %s simulated terms, seed %llu.",
                 result->term_text, result->measure, n, (unsigned long long)result->seed);
}

// A line of the table of tiers. The name may be of any length, the others are as wide as their widest.
enum { TARGET, MONTH, TERM, INTERVAL, INPUTS, SIGN, N_CELLS };

struct row {
    const char *name;
    char cell[N_CELLS][2 * SURETY_HUMAN_SIZE];
};

static void head_row(const struct surety_result *result, struct row *row)
{
    char confidence[SURETY_HUMAN_SIZE];
    surety_human_target(confidence, result->confidence);
    row->name = "tier";
    strcpy(row->cell[TARGET], "target");
    snprintf(row->cell[MONTH], sizeof row->cell[MONTH], "%s met", surety_wording_window(result));
    snprintf(row->cell[TERM], sizeof row->cell[TERM], "every %s met", surety_wording_window(result));
    snprintf(row->cell[INTERVAL], sizeof row->cell[INTERVAL], "%s interval", confidence);
    strcpy(row->cell[INPUTS], result->n_groups > 0 ? "by inputs" : "");
    strcpy(row->cell[SIGN], "sign?");
}

static void tier_row(const struct surety_result *result, const struct surety_tier_result *tier, struct row *row)
{
    row->name = tier->name;
    surety_human_target(row->cell[TARGET], tier->target);
    surety_human_percent(row->cell[MONTH], tier->month_met.p, 2);
    surety_human_percent(row->cell[TERM], tier->term_met.p, 2);
    surety_human_interval(row->cell[INTERVAL], tier->term_met.lo, tier->term_met.p, tier->term_met.hi);
    row->cell[INPUTS][0] = '\0';
    if (tier->term_met.has_ignorance && tier->term_met.ignorance_lo == tier->term_met.ignorance_hi)
        strcpy(row->cell[INPUTS], "-"); // no difference between groups was seen
    else if (tier->term_met.has_ignorance)
        surety_human_range(row->cell[INPUTS], tier->term_met.ignorance_lo, tier->term_met.ignorance_hi,
                           result->n_replications);
    strcpy(row->cell[SIGN], tier->outcome == SURETY_OUTCOME_SAFE ? "YES" : surety_wording_outcome(tier->outcome));
}

// Row t of the table, row 0 being the head.
static void make_row(const struct surety_result *result, const struct surety_architecture_result *architecture,
                     size_t t, struct row *row)
{
    if (t == 0)
        head_row(result, row);
    else
        tier_row(result, &architecture->tiers[t - 1], row);
}

static void put_tiers(const struct surety_result *result, const struct surety_architecture_result *architecture,
                      FILE *out)
{
    int width[N_CELLS] = {0}, name_width = 0, rest = 2, n_cells = 0, gap = GAP;
    struct row row;
    for (size_t t = 0; t <= result->n_tiers; t++) {
        make_row(result, architecture, t, &row);
        name_width = larger(name_width, (int)strlen(row.name));
        for (int c = 0; c < N_CELLS; c++)
            width[c] = larger(width[c], (int)strlen(row.cell[c]));
    }
    for (int c = 0; c < N_CELLS; c++) {
        rest += width[c] > 0 ? GAP + width[c] : 0;
        n_cells += width[c] > 0;
    }
    if (name_width + rest > SURETY_REPORT_COLUMNS) { // names are worth more than air
        gap--;
        rest -= n_cells;
    }
    if (name_width + rest > SURETY_REPORT_COLUMNS)
        name_width = larger(SURETY_REPORT_COLUMNS - rest, MIN_NAME_COLUMNS);
    for (size_t t = 0; t <= result->n_tiers; t++) {
        make_row(result, architecture, t, &row);
        fprintf(out, "  %-*.*s", name_width, name_width, row.name);
        for (int c = 0; c < SIGN; c++)
            if (width[c] > 0) // nothing is uncertain: no such column
                fprintf(out, "%*s%*s", gap, "", width[c], row.cell[c]);
        fprintf(out, "%*s%s\n", gap, "", row.cell[SIGN]);
    }
}

// The one line to remember of an architecture.
static void put_conclusion(const struct surety_result *result, const struct surety_architecture_result *architecture,
                           FILE *out)
{
    const char *window = surety_wording_window(result);
    char target[SURETY_HUMAN_SIZE], term[SURETY_HUMAN_SIZE], month[SURETY_HUMAN_SIZE];
    const struct surety_tier_result *best = NULL, *priced = NULL;
    for (size_t t = 0; t < result->n_tiers; t++) {
        if (architecture->tiers[t].signable)
            best = &architecture->tiers[t];
        else if (architecture->tiers[t].outcome == SURETY_OUTCOME_PRICED)
            priced = &architecture->tiers[t];
    }
    const struct surety_tier_result *shown = best != NULL ? best : priced != NULL ? priced : &architecture->tiers[0];
    surety_human_target(target, shown->target);
    surety_human_percent(term, shown->term_met.p, 2);
    surety_human_percent(month, shown->month_met.p, 2);
    if (best != NULL) {
        put_sentence(out, "  ",
                     "On %s you can sign %s (%s): it holds through every %s of the term with probability %s.",
                     architecture->name, best->name, target, window, term);
    } else if (priced != NULL) {
        put_sentence(out, "  ",
                     "On %s no tier is safe; %s (%s) can be signed at a price: it holds through every %s of the term "
                     "with probability %s only, and in a single %s with %s.",
                     architecture->name, shown->name, target, window, term, window, month);
    } else {
        put_sentence(out, "  ",
                     "On %s no tier can be signed: even %s (%s) holds through every %s of the term with probability %s "
                     "only, and in a single %s with %s.",
                     architecture->name, shown->name, target, window, term, window, month);
    }
}

// Where the downtime comes from: the causes and phases worth a word.
static void put_causes(const struct surety_architecture_result *architecture, FILE *out)
{
    char text[SENTENCE_SIZE] = "", share[SURETY_HUMAN_SIZE];
    size_t n = 0, used = 0;
    for (size_t i = 0; i < architecture->n_causes && n < MAX_CAUSES; i++, n++) {
        surety_human_percent(share, architecture->causes[i].share, 2);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", n == 0 ? "" : ", ",
                                 architecture->causes[i].name, share);
        if (used >= sizeof text)
            return;
    }
    if (n > 0)
        put_sentence(out, "  ", "Downtime comes from %s.", text);
    n = used = 0;
    for (size_t i = 0; i < architecture->n_downtime_by; i++) {
        if (architecture->downtime_by[i].share < MIN_SHARE)
            continue;
        surety_human_percent(share, architecture->downtime_by[i].share, 2);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", n++ == 0 ? "" : ", ",
                                 surety_wording_phase(architecture->downtime_by[i].name), share);
    }
    if (n > 1)
        put_sentence(out, "  ", "Of it: %s.", text);
}

static void put_capacity(const struct surety_architecture_result *architecture, FILE *out)
{
    for (size_t i = 0; i < architecture->n_capacity; i++) {
        char text[SURETY_CAPACITY_TEXT];
        surety_capacity_sentence(&architecture->capacity[i], text);
        put_sentence(out, "  ", "%s", text);
    }
}

static void put_money(const struct surety_result *result, const struct surety_architecture_result *architecture,
                      FILE *out)
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE], c[SURETY_HUMAN_SIZE];
    if (architecture->has_cost) {
        surety_wording_money(a, architecture->cost_per_month.mean, result->currency);
        surety_wording_money(b, architecture->cost_p95, result->currency);
        put_sentence(out, "  ", "Costs %s a month, at most %s in 95 %% of %ss.", a, b, surety_wording_window(result));
    }
    for (size_t i = 0; i < architecture->n_reserved; i++)
        surety_reserved_text(&architecture->reserved[i], result->currency, out);
    for (size_t t = 0; t < result->n_tiers; t++) {
        const struct surety_tier_result *tier = &architecture->tiers[t];
        if (!tier->has_margin)
            continue;
        surety_wording_money(a, tier->margin_per_month.mean, result->currency);
        if (!tier->has_credits) {
            put_sentence(out, "  ", "%s leaves a margin of %s a month before credits.", tier->name, a);
            continue;
        }
        surety_wording_money(b, tier->credits_per_term.mean, result->currency);
        surety_wording_money(c, tier->credits_quantiles.p95, result->currency);
        put_sentence(out, "  ", "%s leaves a margin of %s a month; credits a term %s on average, at most %s in 95 %%.",
                     tier->name, a, b, c);
    }
}

// What the verdict's architecture would read by other measures, on the same terms.
static void put_measures(const struct surety_result *result, const struct surety_architecture_result *architecture,
                         FILE *out)
{
    const size_t t = result->verdict.tier;
    if (architecture->n_by_measure == 0 || t >= result->n_tiers)
        return;
    const struct surety_tier_result *tier = &architecture->tiers[t];
    put_sentence(out, "  ", "The same terms by other measures than %s, for %s:", result->measure, tier->name);
    for (size_t i = 0; i < architecture->n_by_measure; i++) {
        const struct surety_measure_result *m = &architecture->by_measure[i];
        char mean[SURETY_HUMAN_SIZE], month[SURETY_HUMAN_SIZE], more[SURETY_HUMAN_SIZE];
        surety_human_percent(mean, m->availability.mean, 3);
        surety_human_percent(month, m->month_met[t], 2);
        fprintf(out, "    %-9s %12s   %11s of %ss met", m->name, mean, month, surety_wording_window(result));
        if (tier->has_credits) {
            const double credits = m->more_credits_per_term[t].mean;
            surety_wording_money(more, fabs(credits), result->currency);
            fprintf(out, "   credits a term %s%s", credits < 0 ? "-" : "+", more);
        }
        putc('\n', out);
    }
}

static void put_metric(const char *what, const struct surety_latency_result *l,
                       const struct surety_latency_metric *metric, const char *window, FILE *out)
{
    char p50[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE], p99[SURETY_HUMAN_SIZE], low[SURETY_HUMAN_SIZE],
        high[SURETY_HUMAN_SIZE];
    if (!metric->given)
        return;
    surety_human_latency(p50, metric->p50_s);
    surety_human_latency(p95, metric->p95_s);
    surety_human_latency(p99, metric->p99_s);
    surety_human_latency(low, metric->month_p05_s);
    surety_human_latency(high, metric->month_p95_s);
    put_sentence(out, "  ", "%s of %s: median %s, p95 %s, p99 %s; the p95 of a %s is %s to %s in 90 %% of %ss.", what,
                 l->workload, p50, p95, p99, window, low, high, window);
}

static void put_latency(const struct surety_result *result, const struct surety_architecture_result *architecture,
                        FILE *out)
{
    for (size_t i = 0; i < architecture->n_latency; i++) {
        const struct surety_latency_result *l = &architecture->latency[i];
        put_metric("First token", l, &l->first_token, surety_wording_window(result), out);
        put_metric("Last token", l, &l->end_to_end, surety_wording_window(result), out);
        if (l->usual_kind == NULL)
            continue;
        char usual[SURETY_HUMAN_SIZE], share[SURETY_HUMAN_SIZE];
        surety_human_latency(usual, l->usual_s);
        surety_human_percent(share, l->usual_share, 2);
        put_sentence(out, "  ", "Customers of %s usually ask for a %s within %s at p95: %s of %s are.", l->usual_kind,
                     l->usual_metric, usual, share, l->workload);
    }
}

static void put_traffic(const struct surety_result *result, const struct surety_architecture_result *architecture,
                        FILE *out)
{
    char sentence[SURETY_TRAFFIC_TEXT_SIZE];
    surety_traffic_sentence(result, architecture, sentence);
    if (sentence[0] != '\0')
        put_sentence(out, "  ", "%s", sentence);
}

// What each dimension of a tier costs in probability.
static void put_dimensions(const struct surety_result *result, const struct surety_architecture_result *architecture,
                           FILE *out)
{
    const char *window = surety_wording_window(result);
    for (size_t t = 0; t < result->n_tiers; t++) {
        const struct surety_tier_result *tier = &architecture->tiers[t];
        char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE], c[SURETY_HUMAN_SIZE], target[SURETY_HUMAN_SIZE];
        for (size_t i = 0; i < tier->n_promises; i++) {
            const struct surety_promise_result *p = &tier->promises[i];
            surety_human_latency(target, p->target_s);
            surety_human_percent(a, p->month_met, 2);
            put_sentence(out, "  ", "%s promises %s of %s within %s at p%g%s: met in %s of %ss.", tier->name,
                         surety_wording_metric(p->metric), p->workload, target, p->percentile, p->how, a, window);
        }
        if (tier->n_promises == 0 || tier->joint.given)
            continue;
        surety_human_percent(a, tier->availability.term_met.p, 2);
        surety_human_percent(b, tier->latency.term_met.p, 2);
        surety_human_percent(c, tier->term_met.p, 2);
        put_sentence(out, "  ", "%s in every %s: availability alone %s, latency alone %s, both %s; %s limits.",
                     tier->name, window, a, b, c, tier->binds);
    }
}

static void say(FILE *out, const char *sentence)
{
    surety_human_wrapped(out, "  ", sentence);
}

static void put_architecture(const struct surety_result *result, const struct surety_architecture_result *architecture,
                             FILE *out)
{
    const char *window = surety_wording_window(result);
    char mean[SURETY_HUMAN_SIZE], p50[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE];
    surety_human_percent(mean, architecture->availability.mean, 3);
    surety_human_duration(p50, architecture->downtime_quantiles_s.p50);
    surety_human_duration(p95, architecture->downtime_quantiles_s.p95);
    putc('\n', out);
    surety_human_wrapped(out, "", architecture->name);
    put_sentence(out, "  ", "Availability %s on average. Downtime a %s: median %s, at most %s in 95 %% of %ss.", mean,
                 window, p50, p95, window);
    if (result->n_tiers == 0)
        return;
    put_tiers(result, architecture, out);
    put_conclusion(result, architecture, out);
    put_dimensions(result, architecture, out);
    put_latency(result, architecture, out);
    put_traffic(result, architecture, out);
    put_causes(architecture, out);
    put_capacity(architecture, out);
    put_money(result, architecture, out);
    surety_joint_sentences(result, architecture, say, out);
    if (architecture == &result->architectures[result->verdict.architecture])
        put_measures(result, architecture, out);
}

// The inputs that change nothing, in one sentence.
static void put_steady(const struct surety_verdict *verdict, FILE *out)
{
    char *text = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&text, &size);
    if (list == NULL)
        return;
    fputs("No value within 1/16 to 16 times today's changes it for: ", list);
    for (size_t i = 0; i < verdict->n_steady; i++)
        fprintf(list, "%s%s", i > 0 ? ", " : "", verdict->steady[i]);
    putc('.', list);
    if (fclose(list) == 0)
        surety_human_wrapped(out, verdict->n_flips > 0 ? "  " : "", text);
    free(text);
}

static void put_flips(const struct surety_result *result, FILE *out)
{
    const struct surety_verdict *verdict = &result->verdict;
    bool told = false;
    for (size_t i = 0; i < verdict->n_flips; i++)
        told = told || !isnan(verdict->flips[i].error);
    if (verdict->n_flips > 0)
        surety_human_wrapped(out, "",
                             told ? "What would change this (in brackets: between which values it lies at 95 %, for it "
                                    "is looked for in few terms):"
                                  : "What would change this:");
    for (size_t i = 0; i < verdict->n_flips; i++) {
        const struct surety_flip *flip = &verdict->flips[i];
        char range[SURETY_WORDING_RANGE_SIZE], now[SURETY_HUMAN_SIZE], at[SURETY_HUMAN_SIZE];
        surety_wording_flip_value(now, flip->now, flip->unit);
        surety_wording_flip_value(at, flip->at, flip->unit);
        surety_wording_flip_range(range, flip);
        put_sentence(out, "  ", "%s from %s to %s%s%s%s: %s%s%s", flip->what, now, at, range[0] != '\0' ? " (" : "",
                     range, range[0] != '\0' ? ")" : "", flip->outcome, flip->architecture != NULL ? " on " : "",
                     flip->architecture != NULL ? flip->architecture : "");
    }
    if (verdict->n_steady > 0)
        put_steady(verdict, out);
}

static void put_verdict(const struct surety_result *result, FILE *out)
{
    const struct surety_verdict *verdict = &result->verdict;
    const struct surety_architecture_result *architecture = &result->architectures[verdict->architecture];
    const struct surety_tier_result *tier = &architecture->tiers[verdict->tier];
    char money[SURETY_HUMAN_SIZE], implied[SURETY_HUMAN_SIZE];
    putc('\n', out);
    if (!verdict->is_any)
        put_sentence(out, "", "SIGN NOTHING.");
    else if (!isnan(tier->fee_per_month)) {
        surety_wording_money(money, tier->fee_per_month + (isnan(verdict->fee_for_risk) ? 0 : verdict->fee_for_risk),
                             result->currency);
        put_sentence(out, "", "SIGN %s ON %s AT %s A MONTH%s.", tier->name, architecture->name, money,
                     verdict->outcome == SURETY_OUTCOME_PRICED ? " (PRICED, NOT SAFE)" : "");
    } else
        put_sentence(out, "", "SIGN %s ON %s.", tier->name, architecture->name);
    surety_human_wrapped(out, "", verdict->because);
    if (verdict->data_age != NULL)
        surety_human_wrapped(out, "", verdict->data_age);
    if (!isnan(verdict->implied_month_met)) {
        surety_human_percent(implied, verdict->implied_month_met, 2);
        put_sentence(out, "", "The rule on the whole term asks for a probability of %s in each %s.", implied,
                     surety_wording_window(result));
    }
    put_flips(result, out);
    surety_budget_text(result, out);
}

static void put_rule(const struct surety_result *result, FILE *out)
{
    const char *window = surety_wording_window(result);
    char confidence[SURETY_HUMAN_SIZE], term[SURETY_HUMAN_SIZE], month[SURETY_HUMAN_SIZE];
    surety_human_target(confidence, result->confidence);
    surety_human_target(term, result->sign_every_month_met);
    surety_human_target(month, result->sign_month_met);
    bool by_term = !isnan(result->sign_every_month_met), by_month = !isnan(result->sign_month_met);
    char credits[2 * SURETY_HUMAN_SIZE] = "";
    if (result->sign_credits_at_most > 0)
        snprintf(credits, sizeof credits, "its credits are at most %.6g %% of the fees on average",
                 100 * result->sign_credits_at_most);
    if (!by_term && !by_month && credits[0] == '\0')
        return;
    putc('\n', out);
    if (!by_term && !by_month) {
        put_sentence(out, "", "A tier can be signed when %s, by the upper end of their %s interval.", credits,
                     confidence);
        return;
    }
    put_sentence(
        out, "",
        "A tier can be signed when P(%s%s met) is at least %s%s%s%s%s, by the lower end of its %s interval%s%s.",
        by_term ? "every " : "", window, by_term ? term : month, by_term && by_month ? " and P(" : "",
        by_term && by_month ? window : "", by_term && by_month ? " met) at least " : "",
        by_term && by_month ? month : "", confidence, credits[0] != '\0' ? ", and " : "", credits);
}

void surety_report_text(const struct surety_result *result, FILE *out)
{
    put_title(result, out);
    for (size_t i = 0; i < result->n_architectures; i++)
        put_architecture(result, &result->architectures[i], out);
    if (result->n_tiers > 0)
        put_verdict(result, out);
    surety_offers_text(result, out);
    surety_model_risk_text(result, out);
    put_rule(result, out);
    if (result->n_groups > 0) {
        char inputs[SENTENCE_SIZE], confidence[SURETY_HUMAN_SIZE];
        surety_human_target(confidence, result->confidence);
        put_sentence(out, "",
                     "Probabilities are means over what %zu uncertain input%s may be, drawn for each of %llu groups of "
                     "terms; the intervals bound the error of the simulation, over groups. `by inputs`: between which "
                     "values the probability lies in %s of what they may be.",
                     result->n_inputs, result->n_inputs == 1 ? "" : "s", (unsigned long long)result->n_groups,
                     confidence);
        surety_wording_inputs(inputs, sizeof inputs, result);
        if (inputs[0] != '\0')
            surety_human_wrapped(out, "", inputs);
    } else {
        surety_human_wrapped(out, "", "The intervals bound the error of the simulation, not that of the inputs.");
    }
    if (result->n_defaults_used > 0)
        put_sentence(out, "", "%zu default%s used; --json lists them.", result->n_defaults_used,
                     result->n_defaults_used == 1 ? " was" : "s were");
    for (size_t i = 0; i < result->n_assumptions; i++)
        surety_human_wrapped(out, "assumed: ", result->assumptions[i]);
    for (size_t i = 0; i < result->n_warnings; i++)
        surety_human_wrapped(out, "warning: ", result->warnings[i]);
}
