// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/budget.h"
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/wording.h"

#include <math.h>

static void put_cell(FILE *out, const char *text)
{
    surety_html_put(out, "<td class=\"n\">%s</td>", text);
}

static void put_promise(const struct surety_internal_dimension *d, const struct surety_internal_promise *p, FILE *out)
{
    char text[SURETY_HUMAN_SIZE];
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th>", d->name, p->what);
    surety_budget_signed(text, p);
    put_cell(out, text);
    surety_budget_value(text, p, p->now);
    put_cell(out, text);
    surety_budget_value(text, p, p->at);
    put_cell(out, d->because != NULL ? "none" : text);
    fputs("</tr>\n", out);
}

static void put_availability(const struct surety_focus *focus, FILE *out)
{
    const struct surety_internal_slo *slo = focus->architecture->internal_slo;
    char text[SURETY_HUMAN_SIZE];
    fputs("<tr><th scope=\"row\">availability</th><th scope=\"row\"></th>", out);
    surety_human_target(text, focus->tier->target);
    put_cell(out, text);
    surety_human_percent(text, focus->architecture->availability.mean, 2);
    put_cell(out, text);
    surety_human_percent(text, slo->availability, 2);
    put_cell(out, slo->because != NULL ? "none" : text);
    fputs("</tr>\n", out);
}

static void put_why(const char *what, const char *why, FILE *out)
{
    if (why != NULL && *why != '\0')
        surety_html_put(out, "<p>Of %s: %s.</p>\n", what, why);
}

static void put_levels(const struct surety_focus *focus, FILE *out)
{
    const struct surety_internal_slo *slo = focus->architecture->internal_slo;
    surety_html_put(
        out,
        "<div class=\"scroll\"><table class=\"money\">\n<caption>Each dimension alone, the rest as it is: the "
        "mean at which %s is just signable on ",
        slo->tier);
    surety_html_put(out,
                    "%s.</caption>\n<thead><tr><th scope=\"col\">dimension</th><th scope=\"col\">promise</th><th "
                    "scope=\"col\" class=\"n\">signed</th><th scope=\"col\" class=\"n\">now</th><th scope=\"col\" "
                    "class=\"n\">run at</th></tr></thead>\n<tbody>\n",
                    focus->architecture->name);
    put_availability(focus, out);
    for (size_t i = 0; i < slo->n_dimensions; i++)
        for (size_t k = 0; k < slo->dimensions[i].n_promises; k++)
            put_promise(&slo->dimensions[i], &slo->dimensions[i].promises[k], out);
    fputs("</tbody>\n</table></div>\n", out);
    put_why("availability", slo->because, out);
    for (size_t i = 0; i < slo->n_dimensions; i++)
        put_why(slo->dimensions[i].name, slo->dimensions[i].because, out);
}

static void put_number(FILE *out, double value)
{
    char text[SURETY_HUMAN_SIZE];
    snprintf(text, sizeof text, "%.2g", value);
    put_cell(out, isnan(value) ? "-" : text);
}

static void put_budget(const struct surety_budget *b, FILE *out)
{
    const struct surety_budget_alert *any = b->n_alerts > 0 ? &b->alerts[b->n_alerts - 1] : NULL;
    const double *left = b->left[b->n_days];
    char text[SURETY_HUMAN_SIZE];
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th>", b->dimension, b->promise);
    for (int q = 2; q >= 0; q -= 2) {
        snprintf(text, sizeof text, "%.0f %%", 100 * left[q]);
        put_cell(out, left[q] < 0 ? "nothing" : text);
    }
    surety_human_percent(text, b->p_gone[b->n_days], 2);
    put_cell(out, text);
    put_number(out, any != NULL ? any->fires_per_month : NAN);
    put_number(out, any != NULL ? any->false_per_month : NAN);
    surety_human_duration(text, any != NULL ? any->detect_p50_s : NAN);
    put_cell(out, text);
    surety_human_percent(text, any != NULL ? any->breaches_preceded : NAN, 2);
    put_cell(out, text);
    fputs("</tr>\n", out);
}

static void put_budgets(const struct surety_result *result, const struct surety_architecture_result *a, FILE *out)
{
    surety_html_put(
        out,
        "<div class=\"scroll\"><table class=\"money\">\n<caption>Budgets by the end of a %s, and what alerts on "
        "how fast they burn would say: any of the contract's, in a month of 365/12 days.</caption>\n",
        surety_wording_window(result));
    fputs("<thead><tr><th scope=\"col\">dimension</th><th scope=\"col\">budget</th><th scope=\"col\" class=\"n\">left, "
          "median</th><th scope=\"col\" class=\"n\">19 in 20 have</th><th scope=\"col\" class=\"n\">used up</th><th "
          "scope=\"col\" class=\"n\">alerts</th><th scope=\"col\" class=\"n\">false</th><th scope=\"col\" "
          "class=\"n\">after, p50</th><th scope=\"col\" class=\"n\">before breaches</th></tr></thead>\n<tbody>\n",
          out);
    if (a->budget != NULL)
        put_budget(a->budget, out);
    for (size_t i = 0; i < a->n_promise_budgets; i++)
        put_budget(a->promise_budgets[i], out);
    fputs("</tbody>\n</table></div>\n", out);
    for (size_t i = 0; i < a->n_promise_budgets; i++)
        put_why(a->promise_budgets[i]->promise, a->promise_budgets[i]->note, out);
}

void surety_html_budget(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    if (focus.tier == NULL || focus.architecture->internal_slo == NULL ||
        focus.architecture->internal_slo->n_dimensions == 0)
        return;
    surety_html_section(out, NULL, level, "What to run at");
    put_levels(&focus, out);
    if (focus.architecture->n_promise_budgets > 0)
        put_budgets(result, focus.architecture, out);
    fputs("</section>\n", out);
}
