// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/offers.h"

#include "plots/csv.h"
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The tiers without an architecture that makes them safe: for each of them offers were looked for.
static bool was_sought(const struct surety_result *result, size_t tier)
{
    for (size_t a = 0; a < result->n_architectures; a++)
        if (result->architectures[a].tiers[tier].outcome == SURETY_OUTCOME_SAFE)
            return false;
    return result->n_architectures > 0;
}

static bool any_sought(const struct surety_result *result)
{
    bool any = false;
    for (size_t t = 0; t < result->n_tiers; t++)
        any = any || was_sought(result, t);
    return any;
}

static bool is_of(const struct surety_offer *offer, const struct surety_result *result, size_t tier)
{
    return strcmp(offer->tier, result->architectures[0].tiers[tier].name) == 0;
}

static size_t count(const struct surety_result *result, size_t tier)
{
    size_t n = 0;
    for (size_t i = 0; i < result->n_offers; i++)
        n += is_of(&result->offers[i], result, tier);
    return n;
}

// --- text -------------------------------------------------------------------------------------------------------

__attribute__((format(printf, 3, 4))) static void put(FILE *out, const char *lead, const char *format, ...)
{
    char *text = NULL;
    size_t size = 0;
    FILE *line = open_memstream(&text, &size);
    if (line == NULL)
        return;
    va_list args;
    va_start(args, format);
    vfprintf(line, format, args);
    va_end(args);
    if (fclose(line) == 0)
        surety_human_wrapped(out, lead, text);
    free(text);
}

static void put_offer(const struct surety_result *result, const struct surety_offer *offer, FILE *out)
{
    char p[SURETY_HUMAN_SIZE], lo[SURETY_HUMAN_SIZE], credits[SURETY_HUMAN_SIZE], fee[SURETY_HUMAN_SIZE];
    surety_human_percent(p, offer->term_met.p, 2);
    surety_human_percent(lo, offer->term_met.lo, 2);
    surety_wording_money(fee, offer->fee_per_month, result->currency);
    surety_wording_money(credits, offer->credits_per_term, result->currency);
    put(out, "  ", "%s: safe on %s, %s (at least %s)%s%s%s%s%s.", offer->change, offer->architecture, p, lo,
        isnan(offer->credits_per_term) ? "" : "; credits a term ", isnan(offer->credits_per_term) ? "" : credits,
        isnan(offer->fee_per_month) ? "" : ", fee ", isnan(offer->fee_per_month) ? "" : fee,
        isnan(offer->fee_per_month) ? "" : " a month");
    put(out, "    ", "\"%s\"", offer->clause);
    for (size_t i = 0; i < offer->n_sets; i++)
        put(out, "    ", "--set \"%s\"", offer->sets[i]);
}

void surety_offers_text(const struct surety_result *result, FILE *out)
{
    if (!result->has_offers)
        return;
    putc('\n', out);
    if (!any_sought(result)) {
        surety_human_wrapped(out, "", "Every tier is safe on an architecture: no other clauses were looked for.");
        return;
    }
    for (size_t t = 0; t < result->n_tiers; t++) {
        const char *name = result->architectures[0].tiers[t].name;
        if (!was_sought(result, t))
            continue;
        if (count(result, t) == 0)
            put(out, "", "In place of %s no single change makes a clause that can be signed.", name);
        else
            put(out, "", "In place of %s these can be signed, each changing one thing:", name);
        for (size_t i = 0; i < result->n_offers; i++)
            if (is_of(&result->offers[i], result, t))
                put_offer(result, &result->offers[i], out);
    }
    put(out, "", "Each was simulated over %" PRIu64 " terms of its own.", result->n_offer_terms);
}

// --- JSON -------------------------------------------------------------------------------------------------------

static void put_probability(struct surety_json *json, const char *key, const struct surety_probability *p)
{
    surety_json_open_map(json, key, true);
    surety_json_number(json, "p", p->p);
    surety_json_number(json, "lo", p->lo);
    surety_json_number(json, "hi", p->hi);
    surety_json_close(json);
}

static void put_money(struct surety_json *json, const char *key, double value)
{
    if (!isnan(value))
        surety_json_number(json, key, value);
}

void surety_offers_json(struct surety_json *json, const struct surety_result *result)
{
    if (!result->has_offers)
        return;
    surety_json_open_map(json, "counter_offers", false);
    surety_json_integer(json, "replications", result->n_offer_terms);
    surety_json_open_list(json, "offers", false);
    for (size_t i = 0; i < result->n_offers; i++) {
        const struct surety_offer *offer = &result->offers[i];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "tier", offer->tier);
        surety_json_text(json, "kind", offer->kind);
        surety_json_text(json, "change", offer->change);
        surety_json_text(json, "architecture", offer->architecture);
        put_probability(json, "month_met", &offer->month_met);
        put_probability(json, "term_met", &offer->term_met);
        put_money(json, "fee_per_month", offer->fee_per_month);
        put_money(json, "credits_per_term", offer->credits_per_term);
        put_money(json, "credits_cvar95", offer->credits_cvar95);
        put_money(json, "margin_per_month", offer->margin_per_month);
        surety_json_text(json, "clause", offer->clause);
        surety_json_open_list(json, "set", false);
        for (size_t k = 0; k < offer->n_sets; k++)
            surety_json_text(json, NULL, offer->sets[k]);
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

// --- HTML -------------------------------------------------------------------------------------------------------

static void put_row(const struct surety_result *result, const struct surety_offer *offer, FILE *out)
{
    char p[SURETY_HUMAN_SIZE], range[2 * SURETY_HUMAN_SIZE], credits[SURETY_HUMAN_SIZE], fee[SURETY_HUMAN_SIZE];
    surety_human_percent(p, offer->term_met.p, 2);
    surety_human_interval(range, offer->term_met.lo, offer->term_met.p, offer->term_met.hi);
    surety_wording_money(fee, offer->fee_per_month, result->currency);
    surety_wording_money(credits, offer->credits_per_term, result->currency);
    surety_html_put(out,
                    "<tr><th scope=\"row\">%s<small>%s</small></th><td>%s</td><td class=\"n\">%s<small>%s</small></td>"
                    "<td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
                    offer->change, offer->clause, offer->architecture, p, range,
                    isnan(offer->credits_per_term) ? "" : credits, isnan(offer->fee_per_month) ? "" : fee);
}

static void put_table(const struct surety_result *result, size_t tier, FILE *out)
{
    surety_html_put(
        out,
        "<div class=\"scroll\"><table class=\"offers\">\n<caption>In place of %s, each changing one "
        "thing</caption>\n<thead><tr><th scope=\"col\">clause</th><th scope=\"col\">on</th><th scope=\"col\" "
        "class=\"n\">every %s met</th><th scope=\"col\" class=\"n\">credits<small>a term, mean</small></th>"
        "<th scope=\"col\" class=\"n\">fee<small>a month</small></th></tr></thead>\n<tbody>\n",
        result->architectures[0].tiers[tier].name, surety_wording_window(result));
    for (size_t i = 0; i < result->n_offers; i++)
        if (is_of(&result->offers[i], result, tier))
            put_row(result, &result->offers[i], out);
    fputs("</tbody>\n</table></div>\n", out);
}

void surety_offers_html(const struct surety_result *result, unsigned level, FILE *out)
{
    char n[SURETY_HUMAN_SIZE];
    if (!result->has_offers || !any_sought(result))
        return;
    surety_html_section(out, NULL, level, "What can be signed instead");
    for (size_t t = 0; t < result->n_tiers; t++) {
        if (!was_sought(result, t))
            continue;
        if (count(result, t) > 0)
            put_table(result, t, out);
        else
            surety_html_put(out, "<p>In place of %s no single change makes a clause that can be signed.</p>\n",
                            result->architectures[0].tiers[t].name);
    }
    surety_human_count(n, result->n_offer_terms);
    surety_html_put(out, "<p class=\"key\">Each clause was simulated over %s terms of its own.</p>\n</section>\n", n);
}

// --- CSV --------------------------------------------------------------------------------------------------------

void surety_offers_csv(const struct surety_result *result, FILE *out)
{
    fputs("tier,kind,change,architecture,term_met,term_met_lo,term_met_hi,month_met,fee_per_month,credits_per_term,"
          "credits_cvar95,margin_per_month,clause\r\n",
          out);
    for (size_t i = 0; i < result->n_offers; i++) {
        const struct surety_offer *o = &result->offers[i];
        const double numbers[] = {o->term_met.p,    o->term_met.lo,      o->term_met.hi,    o->month_met.p,
                                  o->fee_per_month, o->credits_per_term, o->credits_cvar95, o->margin_per_month};
        const char *texts[] = {o->tier, o->kind, o->change, o->architecture};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            surety_csv_text(out, texts[k]);
            putc(',', out);
        }
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            isnan(numbers[k]) ? fputs(",", out) : fprintf(out, "%.12g,", numbers[k]);
        surety_csv_text(out, o->clause);
        fputs("\r\n", out);
    }
}
