// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/portfolio.h"

#include "plots/human.h"
#include "plots/json_result.h"
#include "plots/reporter.h"
#include "plots/wording.h"

#define TEXT_SIZE 512

static void put_summary(struct surety_json *json, const struct surety_portfolio *p)
{
    surety_json_open_map(json, "credits_per_term", true);
    surety_json_number(json, "mean", p->credits.mean);
    surety_json_number(json, "se", p->credits.se);
    surety_json_number(json, "p50", p->quantiles.p50);
    surety_json_number(json, "p95", p->quantiles.p95);
    surety_json_number(json, "p99", p->quantiles.p99);
    surety_json_number(json, "cvar95", p->cvar95);
    surety_json_number(json, "sum_of_cvar95", p->sum_of_cvar95);
    surety_json_close(json);
    surety_json_open_list(json, "exceedance", true);
    for (size_t i = 0; i < p->n_exceedance; i++) {
        surety_json_open_list(json, NULL, true);
        surety_json_number(json, NULL, p->exceedance[i].x);
        surety_json_number(json, NULL, p->exceedance[i].p);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_open_list(json, "customers", false);
    for (size_t i = 0; i < p->n_contracts; i++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "contract", p->contracts[i].name);
        surety_json_number(json, "credits_mean", p->contracts[i].credits_mean);
        surety_json_number(json, "credits_cvar95", p->contracts[i].credits_cvar95);
        surety_json_number(json, "adds_cvar95", p->contracts[i].adds_cvar95);
        surety_json_close(json);
    }
    surety_json_close(json);
}

void surety_report_portfolio_json(const struct surety_portfolio *portfolio, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "portfolio");
    surety_json_open_list(&json, "contracts", false);
    for (size_t i = 0; i < portfolio->n_contracts; i++) {
        surety_json_open_map(&json, NULL, false);
        surety_json_text(&json, "contract", portfolio->contracts[i].name);
        surety_json_result(&json, portfolio->contracts[i].result);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    surety_json_open_map(&json, "portfolio", false);
    put_summary(&json, portfolio);
    surety_json_close(&json);
    surety_json_close(&json);
}

void surety_report_portfolio_text(const struct surety_portfolio *p, FILE *out)
{
    char text[TEXT_SIZE], a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE], c[SURETY_HUMAN_SIZE], d[SURETY_HUMAN_SIZE];
    for (size_t i = 0; i < p->n_contracts; i++) {
        fprintf(out, "CONTRACT ");
        surety_human_wrapped(out, "", p->contracts[i].name);
        surety_report_text(p->contracts[i].result, out);
        putc('\n', out);
    }
    fputs("ALL CONTRACTS TOGETHER\n", out);
    surety_wording_money(a, p->credits.mean, p->currency);
    surety_wording_money(b, p->quantiles.p95, p->currency);
    surety_wording_money(c, p->cvar95, p->currency);
    surety_wording_money(d, p->sum_of_cvar95, p->currency);
    snprintf(
        text, sizeof text,
        "Credits a term: %s on average, at most %s in 95 %% of terms; in the worst 5 %% they come to %s on average. "
        "Taken one by one, the contracts' worst 5 %% add up to %s; the difference is what does not come together.",
        a, b, c, d);
    surety_human_wrapped(out, "", text);
    for (size_t i = 0; i < p->n_contracts; i++) {
        surety_wording_money(a, p->contracts[i].credits_mean, p->currency);
        surety_wording_money(b, p->contracts[i].adds_cvar95, p->currency);
        snprintf(text, sizeof text, "%s: %s of credits a term on average; adds %s to the worst 5 %%.",
                 p->contracts[i].name, a, b);
        surety_human_wrapped(out, "  ", text);
    }
}
