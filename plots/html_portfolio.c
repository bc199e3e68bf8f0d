// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html_portfolio.h"

#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/model_risk.h"
#include "plots/offers.h"
#include "plots/portfolio.h"
#include "plots/traffic.h"
#include "plots/wording.h"

#include <stdlib.h>
#include <string.h>

// --- figures ---------------------------------------------------------------------------------------------------

enum surety_err surety_portfolio_figures_make(const struct surety_portfolio *portfolio,
                                              struct surety_portfolio_figures *figures)
{
    *figures = (struct surety_portfolio_figures){calloc(portfolio->n_contracts + 1, sizeof *figures->list), 0};
    if (figures->list == NULL)
        return SURETY_E_MEMORY;
    enum surety_err err = surety_figure_portfolio(portfolio, &figures->list[figures->n++]);
    for (size_t i = 0; err == SURETY_OK && i < portfolio->n_contracts; i++) {
        struct surety_figures *own = &figures->list[figures->n++];
        err = surety_figures_make(portfolio->contracts[i].result, own);
        if (err == SURETY_OK) {
            own->prefix = surety_arena_printf(&own->arena, "%s.", portfolio->contracts[i].name);
            err = own->prefix != NULL ? SURETY_OK : SURETY_E_MEMORY;
        }
    }
    return err;
}

void surety_portfolio_figures_finish(struct surety_portfolio_figures *figures)
{
    for (size_t i = 0; i < figures->n; i++)
        surety_figures_finish(&figures->list[i]);
    free(figures->list);
    *figures = (struct surety_portfolio_figures){0};
}

// --- all together ----------------------------------------------------------------------------------------------

// "2 of 3 contracts can be signed, 1 at a price".
static void put_headline(const struct surety_portfolio *p, FILE *out)
{
    size_t n[3] = {0, 0, 0};
    char all[32], safe[32], priced[32], no[32];
    for (size_t i = 0; i < p->n_contracts; i++)
        n[p->contracts[i].result->verdict.outcome]++;
    snprintf(all, sizeof all, "%zu", p->n_contracts);
    snprintf(safe, sizeof safe, "%zu", n[SURETY_OUTCOME_SAFE]);
    snprintf(priced, sizeof priced, "%zu", n[SURETY_OUTCOME_PRICED]);
    snprintf(no, sizeof no, "%zu", n[SURETY_OUTCOME_NO]);
    const enum surety_outcome worst = n[SURETY_OUTCOME_NO] > 0       ? SURETY_OUTCOME_NO
                                      : n[SURETY_OUTCOME_PRICED] > 0 ? SURETY_OUTCOME_PRICED
                                                                     : SURETY_OUTCOME_SAFE;
    fprintf(out, "<h1 class=\"headline %s\">", surety_wording_outcome(worst));
    if (worst == SURETY_OUTCOME_SAFE && p->n_contracts == 2)
        fputs("Both contracts can be signed", out);
    else if (worst == SURETY_OUTCOME_SAFE)
        surety_html_put(out, "All %s contracts can be signed", all);
    else
        surety_html_put(out, "%s of %s contracts can be signed", safe, all);
    if (n[SURETY_OUTCOME_PRICED] > 0)
        surety_html_put(out, ", %s at a price", priced);
    if (n[SURETY_OUTCOME_NO] > 0)
        surety_html_put(out, ", %s with none of its tiers", no);
    fputs(".</h1>\n", out);
}

static void put_facts(const struct surety_portfolio *p, FILE *out)
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE], note[128];
    fputs("<dl class=\"facts\">\n", out);
    surety_wording_money(a, p->credits.mean, p->currency);
    surety_wording_money(b, p->quantiles.p95, p->currency);
    snprintf(note, sizeof note, "a term, mean; 95 %% of terms at most %s", b);
    surety_html_fact(out, "credits of all contracts", a, note);
    surety_wording_money(a, p->cvar95, p->currency);
    surety_html_fact(out, "in the worst 5 % of terms", a, "mean of those terms (CVaR)");
    surety_wording_money(a, p->sum_of_cvar95, p->currency);
    surety_html_fact(out, "the worst 5 % one by one", a, "each contract's own, added up");
    fputs("</dl>\n", out);
}

static void put_header(const struct surety_portfolio *p, FILE *out)
{
    const struct surety_result *first = p->contracts[0].result;
    char n[SURETY_HUMAN_SIZE];
    fputs("<header>\n", out);
    surety_html_put(out, "<p class=\"kicker\">%s</p>\n", first->name);
    put_headline(p, out);
    fputs("<p class=\"lead\">The contracts stand on the same providers: one outage hits all of them in the same hour, "
          "and their credits come together.</p>\n",
          out);
    if (p->cvar95 > 0.0)
        put_facts(p, out);
    surety_human_count(n, p->n_replications);
    surety_html_put(out, "<p class=\"scope\">%s simulated terms, the same for all contracts. ", n);
    fputs("The probabilities are conditional on inputs taken as exact.</p>\n</header>\n", out);
}

static void put_amount(double amount, FILE *out)
{
    char text[SURETY_HUMAN_SIZE];
    surety_wording_money(text, amount, "");
    text[strcspn(text, " ")] = '\0';
    surety_html_put(out, "<td class=\"n\">%s</td>", text);
}

// The contracts with what each adds, and the sum.
static void put_customers(const struct surety_portfolio *p, FILE *out)
{
    surety_html_section(out, NULL, 2, "What each customer adds");
    surety_html_put(out,
                    "<div class=\"scroll\"><table class=\"customers\">\n<caption>Credits of what the verdict names, a "
                    "term, in %s. A customer adds what the worst 5 %% of terms cost with all contracts, less what they "
                    "cost without that one. A contract that cannot be signed is counted with the tier that comes "
                    "nearest.</caption>\n<thead><tr><th scope=\"col\">contract</th><th scope=\"col\">tier</th><th "
                    "scope=\"col\">architecture</th><th scope=\"col\">outcome</th><th scope=\"col\" "
                    "class=\"n\">mean</th><th scope=\"col\" class=\"n\">worst 5 %%<small>alone</small></th><th "
                    "scope=\"col\" class=\"n\">adds to the worst 5 %%</th></tr></thead>\n<tbody>\n",
                    p->currency);
    for (size_t i = 0; i < p->n_contracts; i++) {
        const struct surety_portfolio_contract *c = &p->contracts[i];
        const struct surety_focus focus = surety_wording_focus(c->result);
        const char *outcome = surety_wording_outcome(focus.outcome);
        surety_html_put(out, "<tr><th scope=\"row\"><a href=\"#%s.contract\">%s</a></th><td>%s</td><td>%s</td>",
                        c->name, c->name, focus.tier->name, focus.architecture->name);
        surety_html_put(out, "<td class=\"%s\"><b>%s</b></td>", outcome, outcome);
        put_amount(c->credits_mean, out);
        put_amount(c->credits_cvar95, out);
        put_amount(c->adds_cvar95, out);
        fputs("</tr>\n", out);
    }
    fputs("<tr><th scope=\"row\" colspan=\"4\">all together</th>", out);
    put_amount(p->credits.mean, out);
    put_amount(p->cvar95, out);
    fputs("<td></td></tr>\n</tbody>\n</table></div>\n</section>\n", out);
}

// --- the whole page --------------------------------------------------------------------------------------------

static void put_contract(const struct surety_portfolio_contract *c, const struct surety_figures *figures, FILE *out)
{
    surety_html_put(out, "<article id=\"%s.contract\">\n", c->name);
    surety_html_verdict(c->result, c->name, 3, out);
    surety_html_table(c->result, 3, out);
    surety_model_risk_html(c->result, 3, out);
    surety_offers_html(c->result, 3, out);
    surety_html_figure(figures, "cost-and-promise", out);
    surety_html_figure(figures, "monthly-downtime", out);
    surety_html_figure(figures, "latency", out);
    surety_html_figure(figures, "latency-by-month", out);
    surety_html_figure(figures, "phases", out);
    surety_html_figure(figures, "causes", out);
    surety_html_capacity(c->result, 3, out);
    surety_html_figure(figures, "capacity", out);
    surety_html_figure(figures, "waits", out);
    surety_traffic_html(c->result, 3, out);
    surety_html_money(c->result, 3, out);
    surety_html_joint(c->result, 3, out);
    surety_html_figure(figures, "credits", out);
    surety_html_reserved(c->result, 3, out);
    surety_html_figure(figures, "reserved", out);
    surety_html_figure(figures, "error-budget", out);
    surety_html_budget(c->result, 3, out);
    surety_html_figure(figures, "budgets", out);
    surety_html_flips(c->result, 3, out);
    surety_html_bad_month(c->result, figures, 3, out);
    fputs("</article>\n", out);
}

// Appends the texts that are not in the list yet.
static void add_new(const char **list, size_t *n, const char *const *texts, size_t n_texts)
{
    for (size_t i = 0; i < n_texts; i++) {
        size_t k = 0;
        while (k < *n && strcmp(list[k], texts[i]) != 0)
            k++;
        if (k == *n)
            list[(*n)++] = texts[i];
    }
}

// What is said once for all: the first contract's result with the warnings, assumptions and defaults of all.
static bool merge(const struct surety_portfolio *p, struct surety_arena *arena, struct surety_result *out)
{
    size_t n_warnings = 0, n_assumptions = 0, n_defaults = 0;
    *out = *p->contracts[0].result; // what it points to is only read
    for (size_t i = 0; i < p->n_contracts; i++) {
        n_warnings += p->contracts[i].result->n_warnings;
        n_assumptions += p->contracts[i].result->n_assumptions;
        n_defaults += p->contracts[i].result->n_defaults_used;
    }
    out->warnings = surety_arena_calloc(arena, n_warnings, sizeof *out->warnings);
    out->assumptions = surety_arena_calloc(arena, n_assumptions, sizeof *out->assumptions);
    out->defaults_used = surety_arena_calloc(arena, n_defaults, sizeof *out->defaults_used);
    if (out->warnings == NULL || out->assumptions == NULL || out->defaults_used == NULL)
        return false;
    surety_portfolio_plan(p, out->plan_hash);
    out->n_warnings = out->n_assumptions = out->n_defaults_used = 0;
    for (size_t i = 0; i < p->n_contracts; i++) {
        const struct surety_result *r = p->contracts[i].result;
        add_new(out->warnings, &out->n_warnings, r->warnings, r->n_warnings);
        add_new(out->assumptions, &out->n_assumptions, r->assumptions, r->n_assumptions);
        add_new(out->defaults_used, &out->n_defaults_used, r->defaults_used, r->n_defaults_used);
    }
    return true;
}

enum surety_err surety_report_portfolio_html(const struct surety_portfolio *portfolio,
                                             const struct surety_portfolio_figures *figures, FILE *out)
{
    char digest[SURETY_DIGEST_SIZE];
    struct surety_arena arena;
    struct surety_result merged;
    surety_arena_init(&arena);
    if (!surety_digest_portfolio(portfolio, digest) || !merge(portfolio, &arena, &merged)) {
        surety_arena_finish(&arena);
        return SURETY_E_MEMORY;
    }
    surety_html_open(&merged, out);
    put_header(portfolio, out);
    surety_html_warnings(&merged, out);
    surety_html_figure(&figures->list[0], "portfolio-credits", out);
    put_customers(portfolio, out);
    for (size_t i = 0; i < portfolio->n_contracts; i++)
        put_contract(&portfolio->contracts[i], &figures->list[i + 1], out);
    surety_html_assumptions(&merged, out);
    surety_html_reading(&merged, out);
    surety_html_provenance(&merged, &figures->list[1], digest, out);
    surety_html_close(out);
    surety_arena_finish(&arena);
    return SURETY_OK;
}
