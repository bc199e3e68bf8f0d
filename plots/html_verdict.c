// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

// The top of the report: the answer, why, and the table behind it.

void surety_html_section(FILE *out, const char *class, unsigned level, const char *title)
{
    fputs("<section", out);
    if (class != NULL)
        fprintf(out, " class=\"%s\"", class);
    fprintf(out, ">\n<h%u>", level);
    surety_html_text(out, title);
    fprintf(out, "</h%u>\n", level);
}

static void put_headline(const struct surety_result *result, const struct surety_focus *focus, unsigned level,
                         FILE *out)
{
    const char *window = surety_wording_window(result);
    char target[SURETY_HUMAN_SIZE], fee[SURETY_HUMAN_SIZE];
    surety_human_target(target, focus->tier->target);
    surety_wording_money(fee, focus->tier->fee_per_month, result->currency);
    fprintf(out, "<h%u class=\"headline %s\">", level, surety_wording_outcome(focus->outcome));
    switch (focus->outcome) {
    case SURETY_OUTCOME_SAFE:
        surety_html_put(out, "Sign <b>%s</b>, %s a %s, on <b>%s</b>", focus->tier->name, target, window,
                        focus->architecture->name);
        if (!isnan(focus->tier->fee_per_month))
            surety_html_put(out, " for %s a month", fee);
        break;
    case SURETY_OUTCOME_PRICED:
        if (!isnan(result->verdict.fee_for_risk) && !isnan(focus->tier->fee_per_month))
            surety_wording_money(fee, focus->tier->fee_per_month + result->verdict.fee_for_risk, result->currency);
        surety_html_put(out,
                        "No tier is safe; <b>%s</b>, %s a %s, on <b>%s</b> can be signed at a "
                        "price: %s a month",
                        focus->tier->name, target, window, focus->architecture->name, fee);
        break;
    case SURETY_OUTCOME_NO:
        surety_html_put(out, "Sign none of these tiers. <b>%s</b>, %s a %s, on <b>%s</b> comes nearest",
                        focus->tier->name, target, window, focus->architecture->name);
        break;
    }
    fprintf(out, ".</h%u>\n", level);
}

// Why, in the engine's words, else from the numbers.
static void put_lead(const struct surety_result *result, const struct surety_focus *focus, FILE *out)
{
    const char *window = surety_wording_window(result);
    char term[SURETY_HUMAN_SIZE], rule[SURETY_HUMAN_SIZE], implied[SURETY_HUMAN_SIZE];
    fputs("<p class=\"lead\">", out);
    if (result->verdict.because != NULL && result->verdict.because[0] != '\0') {
        surety_html_text(out, result->verdict.because);
        if (result->verdict.data_age != NULL) {
            putc(' ', out);
            surety_html_text(out, result->verdict.data_age);
        }
    } else {
        surety_human_percent(term, focus->tier->term_met.p, 2);
        surety_html_put(out, "It holds through every %s of the term with probability %s.", window, term);
    }
    if (!isnan(result->sign_every_month_met)) {
        surety_human_target(rule, result->sign_every_month_met);
        surety_html_put(out, " The rule for signing asks for %s through the whole term", rule);
        if (result->verdict.implied_month_met > 0.0 && result->verdict.implied_month_met < 1.0) {
            surety_human_percent(implied, result->verdict.implied_month_met, 2);
            surety_html_put(out, "; for a single %s that implies about %s", window, implied);
        }
        fputs(".", out);
    }
    fputs("</p>\n", out);
}

void surety_html_fact(FILE *out, const char *name, const char *value, const char *note)
{
    surety_html_put(out, "<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>\n", name, value, note);
}

static void put_facts(const struct surety_result *result, const struct surety_focus *focus, FILE *out)
{
    const char *window = surety_wording_window(result);
    char value[SURETY_HUMAN_SIZE], range[2 * SURETY_HUMAN_SIZE], name[64], note[256], confidence[SURETY_HUMAN_SIZE];
    fputs("<dl class=\"facts\">\n", out);
    surety_human_target(confidence, result->confidence);
    surety_human_percent(value, focus->tier->term_met.p, 2);
    surety_human_interval(range, focus->tier->term_met.lo, focus->tier->term_met.p, focus->tier->term_met.hi);
    snprintf(name, sizeof name, "every %s met", window);
    snprintf(note, sizeof note, "%s interval: %s", confidence, range);
    surety_html_fact(out, name, value, note);
    surety_human_percent(value, focus->tier->month_met.p, 2);
    snprintf(name, sizeof name, "a single %s met", window);
    snprintf(note, sizeof note, "missed in a term: %.2g of %zu on average", focus->tier->breaches_per_term.mean,
             result->n_windows);
    surety_html_fact(out, name, value, note);
    if (focus->architecture->has_cost) {
        surety_wording_money(value, focus->architecture->cost_per_month.mean, result->currency);
        snprintf(note, sizeof note, "a month, mean");
        surety_html_fact(out, "cost", value, note);
    }
    if (focus->tier->has_credits) {
        char p95[SURETY_HUMAN_SIZE];
        surety_wording_money(value, focus->tier->credits_per_term.mean, result->currency);
        surety_wording_money(p95, focus->tier->credits_quantiles.p95, result->currency);
        snprintf(note, sizeof note, "a term, mean; 95 %% of terms at most %s", p95);
        surety_html_fact(out, "credits", value, note);
    }
    if (focus->tier->has_margin) {
        char p05[SURETY_HUMAN_SIZE];
        surety_wording_money(value, focus->tier->margin_per_month.mean, result->currency);
        surety_wording_money(p05, focus->tier->margin_p05, result->currency);
        snprintf(note, sizeof note, "a month, mean; 95 %% of %ss at least %s", window, p05);
        surety_html_fact(out, "margin", value, note);
    }
    if (result->verdict.binds != NULL && result->verdict.binds[0] != '\0')
        surety_html_fact(out, "what limits", result->verdict.binds, "the dimension that is missed first");
    fputs("</dl>\n", out);
}

// What the probabilities are means over, and what of it matters.
static void put_inputs(const struct surety_result *result, FILE *out)
{
    char inputs[1024];
    surety_wording_inputs(inputs, sizeof inputs, result);
    fprintf(out, "The probabilities are means over what %zu uncertain input%s may be. ", result->n_inputs,
            result->n_inputs == 1 ? "" : "s");
    surety_html_put(out, "%s</p>\n</header>\n", inputs);
}

void surety_html_verdict(const struct surety_result *result, const char *kicker, unsigned level, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    char n[SURETY_HUMAN_SIZE];
    fputs("<header>\n", out);
    surety_html_put(out, "<p class=\"kicker\">%s</p>\n", kicker);
    if (focus.tier != NULL) {
        put_headline(result, &focus, level - 1, out);
        put_lead(result, &focus, out);
        put_facts(result, &focus, out);
    } else {
        fprintf(out, "<h%u class=\"headline\">No tier was asked for.</h%u>\n", level - 1, level - 1);
    }
    surety_human_count(n, result->n_replications);
    surety_html_put(out, "<p class=\"scope\">Term from %s. Availability measured by %s. %s simulated terms. ",
                    result->term_text, result->measure, n);
    if (result->n_groups == 0)
        fputs("The probabilities are conditional on inputs taken as exact.</p>\n</header>\n", out);
    else
        put_inputs(result, out);
}

void surety_html_warnings(const struct surety_result *result, FILE *out)
{
    if (result->n_warnings == 0)
        return;
    surety_html_section(out, "warnings", 2, "Read this before you sign");
    fputs("<ul>\n", out);
    for (size_t i = 0; i < result->n_warnings; i++)
        surety_html_put(out, "<li>%s</li>\n", result->warnings[i]);
    fputs("</ul>\n</section>\n", out);
}

static const char *mark_of(enum surety_outcome outcome)
{
    return outcome == SURETY_OUTCOME_SAFE     ? "\xe2\x9c\x93"
           : outcome == SURETY_OUTCOME_PRICED ? "\xe2\x97\x90"
                                              : "\xe2\x9c\x95";
}

static void put_tier_head(const struct surety_result *result, size_t t, FILE *out)
{
    const struct surety_tier_result *tier = &result->architectures[0].tiers[t];
    char target[SURETY_HUMAN_SIZE], budget[SURETY_HUMAN_SIZE], fee[SURETY_HUMAN_SIZE];
    surety_human_target(target, tier->target);
    surety_human_duration(budget, tier->budget_s);
    surety_wording_money(fee, tier->fee_per_month, result->currency);
    surety_html_put(out, "<th scope=\"col\">%s<small>%s", tier->name, target);
    if (tier->budget_s >= 0.0)
        surety_html_put(out, ", %s down", budget);
    fputs("</small>", out);
    if (!isnan(tier->fee_per_month))
        surety_html_put(out, "<small>%s/month</small>", fee);
    fputs("</th>", out);
}

static void put_cell(const struct surety_result *result, const struct surety_focus *focus, size_t a, size_t t,
                     FILE *out)
{
    const struct surety_tier_result *tier = &result->architectures[a].tiers[t];
    const enum surety_outcome outcome = surety_wording_tier_outcome(tier);
    const char *word = surety_wording_outcome(outcome);
    const bool is_focus = a == focus->i_architecture && t == focus->i_tier;
    char term[SURETY_HUMAN_SIZE], month[SURETY_HUMAN_SIZE], range[2 * SURETY_HUMAN_SIZE];
    surety_human_percent(term, tier->term_met.p, 2);
    surety_human_percent(month, tier->month_met.p, 2);
    surety_human_interval(range, tier->term_met.lo, tier->term_met.p, tier->term_met.hi);
    surety_html_put(out, "<td class=\"%s%s\"><b>%s %s</b><span>%s</span><small>%s</small>", word,
                    is_focus ? " focus" : "", mark_of(outcome), word, term, range);
    if (tier->term_met.ignorance_lo < tier->term_met.ignorance_hi) {
        surety_human_range(range, tier->term_met.ignorance_lo, tier->term_met.ignorance_hi, result->n_replications);
        surety_html_put(out, "<small>by inputs: %s</small>", range);
    }
    surety_html_put(out, "<small>one %s: %s</small></td>", surety_wording_window(result), month);
}

void surety_html_table(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    char confidence[SURETY_HUMAN_SIZE], text[SURETY_HUMAN_SIZE];
    bool has_cost = false;
    if (focus.tier == NULL)
        return;
    for (size_t a = 0; a < result->n_architectures; a++)
        has_cost = has_cost || result->architectures[a].has_cost;
    surety_human_target(confidence, result->confidence);
    surety_html_section(out, NULL, level, "What each architecture can promise");
    fputs("<div class=\"scroll\"><table class=\"tiers\">\n", out);
    surety_html_put(
        out,
        "<caption>Probability that every %s of the term is met, its %s interval, and the probability for one "
        "%s.%s</caption>\n<thead><tr><th scope=\"col\">architecture</th>",
        surety_wording_window(result), confidence, surety_wording_window(result),
        result->n_groups > 0 ? " By inputs: between which values the first of them lies in 95 % of what the uncertain "
                               "inputs may be."
                             : "");
    for (size_t t = 0; t < result->n_tiers; t++)
        put_tier_head(result, t, out);
    fputs(has_cost ? "<th scope=\"col\" class=\"n\">cost<small>a month, mean</small></th></tr></thead>\n<tbody>\n"
                   : "</tr></thead>\n<tbody>\n",
          out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *architecture = &result->architectures[a];
        surety_human_percent(text, architecture->availability.mean, 3);
        surety_html_put(out, "<tr><th scope=\"row\">%s<small>%s available</small></th>", architecture->name, text);
        for (size_t t = 0; t < result->n_tiers; t++)
            put_cell(result, &focus, a, t, out);
        surety_wording_money(text, architecture->has_cost ? architecture->cost_per_month.mean : NAN, result->currency);
        if (has_cost)
            surety_html_put(out, "<td class=\"n\">%s</td>", text);
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table></div>\n", out);
    surety_html_put(
        out,
        "<p class=\"key\"><b>%s safe</b>: the rule for signing holds. <b>%s priced</b>: it does not, but the "
        "credits can be carried by the fee. <b>%s no</b>: neither.</p>\n</section>\n",
        mark_of(SURETY_OUTCOME_SAFE), mark_of(SURETY_OUTCOME_PRICED), mark_of(SURETY_OUTCOME_NO));
}
