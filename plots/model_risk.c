// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/model_risk.h"

#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

static void put_tier(const struct surety_architecture_result *laws, const struct surety_architecture_result *record,
                     size_t t, int width, FILE *out)
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE];
    const double by_laws = laws->tiers[t].term_met.p, by_record = record->tiers[t].term_met.p;
    surety_human_percent(a, by_laws, 2);
    surety_human_percent(b, by_record, 2);
    fprintf(out, "    %-*s   laws %11s   record %11s   %+.2f pp\n", width, laws->tiers[t].name, a, b,
            100 * (by_record - by_laws) + 0.0);
}

static void verdict_sentence(const struct surety_result *result, char *text, size_t size)
{
    const struct surety_result *other = result->by_record;
    const struct surety_verdict *x = &result->verdict, *y = &other->verdict;
    const bool same =
        x->is_any == y->is_any && x->architecture == y->architecture && x->tier == y->tier && x->outcome == y->outcome;
    if (same)
        snprintf(text, size, "The record gives the same verdict.");
    else if (!y->is_any)
        snprintf(text, size, "By the record the verdict would be: sign nothing.");
    else
        snprintf(text, size, "By the record the verdict would be: %.300s on %.300s (%s).",
                 other->architectures[y->architecture].tiers[y->tier].name, other->architectures[y->architecture].name,
                 surety_wording_outcome(y->outcome));
}

void surety_model_risk_text(const struct surety_result *result, FILE *out)
{
    const struct surety_result *other = result->by_record;
    char text[1024], a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE];
    int width = 0;
    if (other == NULL)
        return;
    for (size_t t = 0; t < result->n_tiers; t++) {
        const int n = (int)strlen(result->architectures[0].tiers[t].name);
        width = n > width ? n : width;
    }
    snprintf(text, sizeof text,
             "Model risk: the same with blocks of the record of %.300s in place of laws. P(every %s met):",
             result->by_record_of, surety_wording_window(result));
    putc('\n', out);
    surety_human_wrapped(out, "", text);
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *laws = &result->architectures[i], *record = &other->architectures[i];
        surety_human_percent(a, laws->availability.mean, 3);
        surety_human_percent(b, record->availability.mean, 3);
        snprintf(text, sizeof text, "%.300s: availability %s by laws, %s by the record", laws->name, a, b);
        surety_human_wrapped(out, "  ", text);
        for (size_t t = 0; t < result->n_tiers; t++)
            put_tier(laws, record, t, width, out);
    }
    verdict_sentence(result, text, sizeof text);
    surety_human_wrapped(out, "  ", text);
    surety_human_wrapped(out, "  ",
                         "A record shows no longer outage and no other coincidence than those that happened.");
}

// "98.3 %", "91.0 %" and "-7.30 pp" as cells.
static void put_pair(double by_laws, double by_record, int digits, FILE *out)
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE];
    surety_human_percent(a, by_laws, digits);
    surety_human_percent(b, by_record, digits);
    surety_html_put(out, "<td class=\"n\">%s</td><td class=\"n\">%s</td>", a, b);
    fprintf(out, "<td class=\"n\">%+.*f pp</td>", digits, 100 * (by_record - by_laws) + 0.0);
}

void surety_model_risk_html(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_result *other = result->by_record;
    char text[1024];
    if (other == NULL)
        return;
    surety_html_section(out, NULL, level, "By laws and by the record: model risk");
    surety_html_put(
        out,
        "<div class=\"scroll\"><table>\n<caption>The same terms with blocks of the record of %s in the place "
        "of laws. Availability, and the probability that every %s of the term is met.</caption>\n<thead><tr>"
        "<th scope=\"col\">architecture</th><th scope=\"col\">what</th><th scope=\"col\" class=\"n\">by "
        "laws</th><th scope=\"col\" class=\"n\">by the record</th><th scope=\"col\" class=\"n\">difference"
        "</th></tr></thead>\n<tbody>\n",
        result->by_record_of, surety_wording_window(result));
    for (size_t i = 0; i < result->n_architectures; i++) {
        const struct surety_architecture_result *laws = &result->architectures[i], *record = &other->architectures[i];
        surety_html_put(out, "<tr><th scope=\"row\">%s</th><td>availability</td>", laws->name);
        put_pair(laws->availability.mean, record->availability.mean, 3, out);
        fputs("</tr>\n", out);
        for (size_t t = 0; t < result->n_tiers; t++) {
            surety_html_put(out, "<tr><th scope=\"row\"></th><td>%s</td>", laws->tiers[t].name);
            put_pair(laws->tiers[t].term_met.p, record->tiers[t].term_met.p, 2, out);
            fputs("</tr>\n", out);
        }
    }
    verdict_sentence(result, text, sizeof text);
    surety_html_put(
        out,
        "</tbody>\n</table></div>\n<p>%s A record shows no longer outage and no other coincidence than those "
        "that happened; laws forget what failed together. An answer that rests on one of them is not "
        "known.</p>\n</section>\n",
        text);
}

static void put_probability(struct surety_json *json, const char *key, const struct surety_probability *record,
                            const struct surety_probability *laws)
{
    surety_json_open_map(json, key, true);
    surety_json_number(json, "p", record->p);
    surety_json_number(json, "lo", record->lo);
    surety_json_number(json, "hi", record->hi);
    surety_json_number(json, "by_laws", laws->p);
    surety_json_number(json, "difference", record->p - laws->p);
    surety_json_close(json);
}

void surety_model_risk_json(struct surety_json *json, const struct surety_result *result)
{
    const struct surety_result *other = result->by_record;
    if (other == NULL)
        return;
    surety_json_open_map(json, "model_risk", false);
    surety_json_text(json, "records_of", result->by_record_of);
    surety_json_text(json, "plan", other->plan_hash);
    surety_json_open_map(json, "verdict", true);
    surety_json_text(json, "architecture", other->architectures[other->verdict.architecture].name);
    surety_json_text(json, "tier", other->architectures[other->verdict.architecture].tiers[other->verdict.tier].name);
    surety_json_text(json, "outcome", surety_wording_outcome(other->verdict.outcome));
    surety_json_close(json);
    surety_json_open_list(json, "architectures", false);
    for (size_t i = 0; i < other->n_architectures; i++) {
        const struct surety_architecture_result *record = &other->architectures[i], *laws = &result->architectures[i];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "name", record->name);
        surety_json_open_map(json, "availability", true);
        surety_json_number(json, "mean", record->availability.mean);
        surety_json_number(json, "se", record->availability.se);
        surety_json_number(json, "by_laws", laws->availability.mean);
        surety_json_number(json, "difference", record->availability.mean - laws->availability.mean);
        surety_json_close(json);
        surety_json_open_list(json, "tiers", false);
        for (size_t t = 0; t < other->n_tiers; t++) {
            surety_json_open_map(json, NULL, false);
            surety_json_text(json, "name", record->tiers[t].name);
            put_probability(json, "month_met", &record->tiers[t].month_met, &laws->tiers[t].month_met);
            put_probability(json, "term_met", &record->tiers[t].term_met, &laws->tiers[t].term_met);
            surety_json_close(json);
        }
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}
