// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/portfolio.h"

#include "plots/csv.h"
#include "plots/human.h"
#include "plots/json_result.h"
#include "plots/reporter.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

void surety_portfolio_plan(const struct surety_portfolio *p, char out[SURETY_PLAN_HASH_SIZE])
{
    char digest[SURETY_DIGEST_SIZE] = "", joined[SURETY_DIGEST_SIZE + SURETY_PLAN_HASH_SIZE];
    for (size_t i = 0; i < p->n_contracts; i++) {
        snprintf(joined, sizeof joined, "%s%s", digest, p->contracts[i].result->plan_hash);
        surety_digest_bytes(joined, strlen(joined), digest);
    }
    snprintf(out, SURETY_PLAN_HASH_SIZE, "%.*s", SURETY_PLAN_HASH_SIZE - 1, digest);
}

// As of a plain run; `windows` is null when the contracts' terms have different ones.
static void put_run(struct surety_json *json, const struct surety_portfolio *p)
{
    const struct surety_result *first = p->contracts[0].result;
    char plan[SURETY_PLAN_HASH_SIZE];
    double wall_s = 0.0;
    bool same = true;
    for (size_t i = 0; i < p->n_contracts; i++) {
        wall_s += p->contracts[i].result->wall_s;
        same = same && p->contracts[i].result->n_windows == first->n_windows;
    }
    surety_portfolio_plan(p, plan);
    surety_json_open_map(json, "scenario", false);
    surety_json_text(json, "name", first->name);
    surety_json_text(json, "file", first->file);
    surety_json_text(json, "sha256", first->sha256);
    surety_json_text(json, "plan", plan);
    surety_json_close(json);
    surety_json_open_map(json, "run", false);
    surety_json_text(json, "version", first->version);
    surety_json_integer(json, "seed", first->seed);
    surety_json_integer(json, "replications", first->n_replications);
    surety_json_number(json, "windows", same ? (double)first->n_windows : NAN);
    surety_json_number(json, "confidence", first->confidence);
    surety_json_number(json, "wall_s", wall_s);
    surety_json_integer(json, "threads", first->n_threads);
    surety_json_close(json);
}

void surety_report_portfolio_json(const struct surety_portfolio *portfolio, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "portfolio");
    put_run(&json, portfolio);
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

bool surety_digest_portfolio(const struct surety_portfolio *portfolio, char out[SURETY_DIGEST_SIZE])
{
    const size_t n = portfolio->n_contracts;
    struct surety_portfolio copy = *portfolio; // what it points to is only read
    struct surety_result *results = calloc(n, sizeof *results);
    copy.contracts = calloc(n, sizeof *copy.contracts);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    bool good = results != NULL && copy.contracts != NULL && stream != NULL;
    for (size_t i = 0; good && i < n; i++) {
        results[i] = *portfolio->contracts[i].result;
        surety_digest_neutral(&results[i]);
        copy.contracts[i] = portfolio->contracts[i];
        copy.contracts[i].result = &results[i];
    }
    if (good) {
        surety_report_portfolio_json(&copy, stream);
        good = ferror(stream) == 0;
    }
    good = (stream == NULL || fclose(stream) == 0) && good;
    if (good)
        surety_digest_bytes(text, size, out);
    free(text);
    free(results);
    free(copy.contracts);
    return good;
}

// --- tables ----------------------------------------------------------------------------------------------------

// What is signed in each contract and what its credits come to; the last row is all of them together.
static void write_customers(const struct surety_portfolio *p, FILE *out)
{
    fputs("contract,architecture,tier,outcome,credits_mean_per_term,credits_cvar95_per_term,"
          "adds_to_credits_cvar95_per_term,currency\r\n",
          out);
    for (size_t i = 0; i < p->n_contracts; i++) {
        const struct surety_portfolio_contract *c = &p->contracts[i];
        const struct surety_verdict *v = &c->result->verdict;
        surety_csv_text(out, c->name);
        putc(',', out);
        surety_csv_text(out, c->result->architectures[v->architecture].name);
        putc(',', out);
        surety_csv_text(out, c->result->architectures[v->architecture].tiers[v->tier].name);
        fprintf(out, ",%s,%.12g,%.12g,%.12g,", surety_wording_outcome(v->outcome), c->credits_mean, c->credits_cvar95,
                c->adds_cvar95);
        surety_csv_text(out, p->currency);
        fputs("\r\n", out);
    }
    fprintf(out, "(together),,,,%.12g,%.12g,%.12g,", p->credits.mean, p->cvar95, p->cvar95);
    surety_csv_text(out, p->currency);
    fputs("\r\n", out);
}

static void write_exceedance(const struct surety_portfolio *p, FILE *out)
{
    fputs("credits_of_all_per_term,share_of_terms_above,currency\r\n", out);
    for (size_t i = 0; i < p->n_exceedance; i++) {
        fprintf(out, "%.12g,%.12g,", p->exceedance[i].x, p->exceedance[i].p);
        surety_csv_text(out, p->currency);
        fputs("\r\n", out);
    }
}

const struct surety_portfolio_table surety_portfolio_tables[] = {
    {"portfolio.csv", "the credits of each contract, and what it adds to the worst 5 % of terms", write_customers},
    {"portfolio_credits.csv", "exceedance of the sum of all contracts' credits in a term", write_exceedance},
    {NULL, NULL, NULL},
};
