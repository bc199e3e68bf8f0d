// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/traffic.h"

#include "plots/csv.h"
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

bool surety_traffic_is_amplified(const struct surety_architecture_result *a)
{
    const double well = a->traffic.well.sent_per_request, out = a->traffic.out.sent_per_request;
    return fabs(well - round(well)) > 1e-6 || fabs(out - well) > 1e-3 * well; // NAN: no
}

static void put_ratio(char text[SURETY_HUMAN_SIZE], double value)
{
    if (isnan(value))
        snprintf(text, SURETY_HUMAN_SIZE, "-");
    else if (isinf(value))
        snprintf(text, SURETY_HUMAN_SIZE, "none served");
    else
        snprintf(text, SURETY_HUMAN_SIZE, "%.4g", value);
}

static void put_money(char text[SURETY_HUMAN_SIZE], double value, const char *currency)
{
    if (isinf(value))
        snprintf(text, SURETY_HUMAN_SIZE, "none served");
    else
        surety_wording_money(text, value, currency);
}

void surety_traffic_sentence(const struct surety_result *result, const struct surety_architecture_result *a,
                             char out[SURETY_TRAFFIC_TEXT_SIZE])
{
    const struct surety_traffic_result *t = &a->traffic;
    char all[SURETY_HUMAN_SIZE], well[SURETY_HUMAN_SIZE], bad[SURETY_HUMAN_SIZE], share[SURETY_HUMAN_SIZE];
    out[0] = '\0';
    if (!surety_traffic_is_amplified(a))
        return;
    put_ratio(all, t->all.sent_per_served);
    put_ratio(well, t->well.sent_per_served);
    put_ratio(bad, t->out.sent_per_served);
    surety_human_percent(share, t->share_out, 2);
    int n = snprintf(out, SURETY_TRAFFIC_TEXT_SIZE,
                     "Sends %s requests per request served: %s when all is well, %s while an outage is on (%s of the "
                     "requests).",
                     all, well, bad, share);
    for (size_t i = 0; i < t->n_sent && n > 0 && n < SURETY_TRAFFIC_TEXT_SIZE; i++) {
        char most[SURETY_HUMAN_SIZE + 16] = "";
        if (t->sent[i].most > t->sent[i].per_request * (1 + 1e-3))
            snprintf(most, sizeof most, " (at most %.4g)", t->sent[i].most);
        n += snprintf(out + n, SURETY_TRAFFIC_TEXT_SIZE - (size_t)n, "%s %.60s %.4g%s",
                      i == 0 ? " Of each request received:" : ",", t->sent[i].provider, t->sent[i].per_request, most);
    }
    if (n > 0 && n < SURETY_TRAFFIC_TEXT_SIZE && !isnan(t->well.cost_per_served) && !isnan(t->out.cost_per_served)) {
        put_money(well, t->well.cost_per_served, result->currency);
        put_money(bad, t->out.cost_per_served, result->currency);
        snprintf(out + n, SURETY_TRAFFIC_TEXT_SIZE - (size_t)n,
                 ". A request served costs %s when all is well, %s while an outage is on.", well, bad);
    } else if (n > 0 && n < SURETY_TRAFFIC_TEXT_SIZE) {
        snprintf(out + n, SURETY_TRAFFIC_TEXT_SIZE - (size_t)n, ".");
    }
}

// --- JSON and tables -------------------------------------------------------------------------------------------

static const char *const states[] = {"all", "all_well", "outage_on"};

static const struct surety_traffic_ratios *ratios_of(const struct surety_traffic_result *t, size_t i)
{
    const struct surety_traffic_ratios *const of[] = {&t->all, &t->well, &t->out};
    return of[i];
}

void surety_traffic_json(struct surety_json *json, const struct surety_architecture_result *a)
{
    const struct surety_traffic_result *t = &a->traffic;
    if (t->n_terms == 0)
        return;
    surety_json_open_map(json, "traffic", false);
    for (size_t i = 0; i < 3; i++) {
        const struct surety_traffic_ratios *r = ratios_of(t, i);
        surety_json_open_map(json, states[i], true);
        surety_json_number(json, "sent_per_request", r->sent_per_request);
        surety_json_number(json, "sent_per_served", r->sent_per_served);
        if (!isnan(t->all.cost_per_served))
            surety_json_number(json, "cost_per_served", r->cost_per_served);
        surety_json_close(json);
    }
    surety_json_number(json, "share_outage_on", t->share_out);
    surety_json_open_list(json, "providers", false);
    for (size_t i = 0; i < t->n_sent; i++) {
        surety_json_open_map(json, NULL, true);
        surety_json_text(json, "provider", t->sent[i].provider);
        surety_json_number(json, "sent_per_request", t->sent[i].per_request);
        surety_json_number(json, "outage_on", t->sent[i].per_request_out);
        surety_json_number(json, "most", t->sent[i].most);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_integer(json, "replications", t->n_terms);
    surety_json_close(json);
}

bool surety_traffic_has_rows(const struct surety_result *result)
{
    return result->n_architectures > 0 && result->architectures[0].traffic.n_terms > 0;
}

static void put_number(FILE *out, double value)
{
    putc(',', out);
    if (isfinite(value))
        fprintf(out, "%.12g", value);
}

void surety_traffic_csv(const struct surety_result *result, FILE *out)
{
    fputs("architecture,provider,sent_per_request,sent_per_request_outage_on,most_per_request,sent_per_served,"
          "sent_per_served_outage_on,cost_per_served,cost_per_served_outage_on,currency\r\n",
          out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_traffic_result *t = &result->architectures[a].traffic;
        surety_csv_text(out, result->architectures[a].name); // all of it: a row without a provider
        putc(',', out);
        const double total[] = {t->all.sent_per_request, t->out.sent_per_request, NAN,
                                t->all.sent_per_served,  t->out.sent_per_served,  t->all.cost_per_served,
                                t->out.cost_per_served};
        for (size_t k = 0; k < sizeof total / sizeof *total; k++)
            put_number(out, total[k]);
        putc(',', out);
        surety_csv_text(out, result->currency);
        fputs("\r\n", out);
        for (size_t i = 0; i < t->n_sent; i++) {
            surety_csv_text(out, result->architectures[a].name);
            putc(',', out);
            surety_csv_text(out, t->sent[i].provider);
            put_number(out, t->sent[i].per_request);
            put_number(out, t->sent[i].per_request_out);
            put_number(out, t->sent[i].most);
            fputs(",,,,,\r\n", out);
        }
    }
}

// --- the report ------------------------------------------------------------------------------------------------

static void put_cell(FILE *out, const char *text, bool is_focus)
{
    surety_html_put(out, is_focus ? "<td class=\"n focus\">%s</td>" : "<td class=\"n\">%s</td>", text);
}

void surety_traffic_html(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    bool any = false, has_cost = false;
    for (size_t a = 0; a < result->n_architectures; a++) {
        any = any || surety_traffic_is_amplified(&result->architectures[a]);
        has_cost = has_cost || !isnan(result->architectures[a].traffic.all.cost_per_served);
    }
    if (!any)
        return;
    surety_html_section(out, NULL, level, "What is sent for it");
    fputs("<div class=\"scroll\"><table class=\"money\">\n<caption>Requests sent to providers per request served, "
          "retries "
          "and copies among them, and what a request served costs: when all is well, and while an outage is "
          "on.</caption>\n<thead><tr><th scope=\"col\">architecture</th><th scope=\"col\" class=\"n\">sent<small>all "
          "well</small></th><th scope=\"col\" class=\"n\">sent<small>outage on</small></th><th scope=\"col\" "
          "class=\"n\">requests<small>that come then</small></th>",
          out);
    if (has_cost)
        fputs("<th scope=\"col\" class=\"n\">cost<small>all well</small></th><th scope=\"col\" "
              "class=\"n\">cost<small>outage on</small></th>",
              out);
    fputs("<th scope=\"col\">of each request received</th></tr></thead>\n<tbody>\n", out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *of = &result->architectures[a];
        const struct surety_traffic_result *t = &of->traffic;
        char text[SURETY_HUMAN_SIZE];
        const bool is_focus = of == focus.architecture;
        surety_html_put(out, "<tr><th scope=\"row\">%s</th>", of->name);
        put_ratio(text, t->well.sent_per_served);
        put_cell(out, text, is_focus);
        put_ratio(text, t->out.sent_per_served);
        put_cell(out, text, is_focus);
        surety_human_percent(text, t->share_out, 2);
        put_cell(out, text, is_focus);
        for (size_t k = 1; has_cost && k < 3; k++) {
            put_money(text, ratios_of(t, k)->cost_per_served, result->currency);
            put_cell(out, text, is_focus);
        }
        fputs("<td>", out);
        for (size_t i = 0; i < t->n_sent; i++) {
            char number[64];
            const bool same = t->sent[i].most <= t->sent[i].per_request * (1 + 1e-3);
            snprintf(number, sizeof number, same ? "%.4g" : "%.4g, at most %.4g", t->sent[i].per_request,
                     t->sent[i].most);
            surety_html_put(out, "%s%s %s", i > 0 ? "; " : "", t->sent[i].provider, number);
        }
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody>\n</table></div>\n</section>\n", out);
}
