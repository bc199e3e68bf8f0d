// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>

// What providers carry: a row each; then, for the verdict's architecture, the week's hours and what more load would do.

static void put_percent(double share, FILE *out)
{
    char text[SURETY_HUMAN_SIZE];
    if (share > 0 && share < 1e-4)
        snprintf(text, sizeof text, "< 0.01 %%");
    else if (share > 0 && share < 1)
        surety_human_percent(text, share, 2);
    else
        snprintf(text, sizeof text, share > 0 ? "%.3g %%" : "-", 100 * share);
    surety_html_put(out, "<td class=\"n\">%s</td>", text);
}

static void put_hours_of(double hours, FILE *out)
{
    char text[SURETY_HUMAN_SIZE] = "-";
    if (hours > 0)
        surety_human_duration(text, 3600 * hours);
    surety_html_put(out, "<td class=\"n\">%s</td>", text);
}

static void put_row(const struct surety_architecture_result *a, const struct surety_capacity_result *c, FILE *out)
{
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th>", a->name, c->provider);
    put_percent(c->load_mean, out);
    put_percent(c->load_peak, out);
    put_hours_of(c->saturated_h, out);
    put_hours_of(c->saturated_normal_h, out);
    fputs("<td>", out);
    for (size_t i = 0; i < c->n_after; i++) {
        char hours[SURETY_HUMAN_SIZE];
        surety_human_duration(hours, 3600 * c->after[i].saturated_h);
        surety_html_put(out, "%s%s %s", i > 0 ? ", " : "", c->after[i].provider, hours);
    }
    fputs("</td>", out);
    put_percent(c->share_refused, out);
    fputs("</tr>\n", out);
}

// Mean of the hours [from, to) of the days first..last.
static double mean_of(const double hours[168], int first, int last, int from, int to)
{
    double sum = 0;
    for (int day = first; day <= last; day++)
        for (int h = from; h < to; h++)
            sum += hours[24 * day + h];
    return sum / ((last - first + 1) * (to - from));
}

static void put_week(const struct surety_architecture_result *a, FILE *out)
{
    fputs("<div class=\"scroll\"><table>\n<caption>Load by time of the week, of what each can carry, and the share "
          "refused.</caption>\n<thead><tr><th scope=\"col\">provider</th>",
          out);
    for (int h = 0; h < 24; h += 3)
        fprintf(out, "<th scope=\"col\" class=\"n\">Mon-Fri<small>%02d-%02d h</small></th>", h, h + 3);
    fputs("<th scope=\"col\" class=\"n\">Sat-Sun</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < a->n_capacity; i++)
        for (int refused = 0; refused < 2; refused++) {
            const struct surety_capacity_result *c = &a->capacity[i];
            const double *hours = refused ? c->hour_refused : c->hour_load;
            if (refused && !(c->share_refused > 0))
                continue;
            surety_html_put(out, "<tr><th scope=\"row\">%s%s</th>", c->provider, refused ? ", refused" : "");
            for (int h = 0; h < 24; h += 3)
                put_percent(mean_of(hours, 0, 4, h, h + 3), out);
            put_percent(mean_of(hours, 5, 6, 0, 24), out);
            fputs("</tr>\n", out);
        }
    fputs("</tbody>\n</table></div>\n", out);
}

// True when requests ever wait there.
static bool has_waits(const struct surety_capacity_result *c)
{
    bool any = false;
    for (size_t k = 0; k < c->n_by_load; k++)
        any = any || c->by_load[k].wait_p95_s > 0;
    return any;
}

static void put_by_load(const struct surety_architecture_result *a, FILE *out)
{
    fputs("<div class=\"scroll\"><table>\n<caption>What more load would do: 95 % of the answered wait at most so long "
          "for a place, and so many are refused.</caption>\n<thead><tr><th scope=\"col\">load</th>",
          out);
    for (size_t i = 0; i < a->n_capacity; i++) {
        if (has_waits(&a->capacity[i]))
            surety_html_put(out, "<th scope=\"col\" class=\"n\">%s<small>p95 wait</small></th>",
                            a->capacity[i].provider);
        surety_html_put(out, "<th scope=\"col\" class=\"n\">%s<small>refused</small></th>", a->capacity[i].provider);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t k = 0; k < a->capacity[0].n_by_load; k++) {
        if (a->capacity[0].by_load[k].load < 0.5)
            continue;
        fprintf(out, "<tr><th scope=\"row\">%.0f&nbsp;%%</th>", 100 * a->capacity[0].by_load[k].load);
        for (size_t i = 0; i < a->n_capacity; i++) {
            const struct surety_capacity_result *c = &a->capacity[i];
            char text[SURETY_HUMAN_SIZE] = "-";
            if (k >= c->n_by_load)
                continue;
            if (c->by_load[k].wait_p95_s > 0)
                surety_human_latency(text, c->by_load[k].wait_p95_s);
            if (has_waits(c))
                surety_html_put(out, "<td class=\"n\">%s</td>", text);
            put_percent(c->by_load[k].share_refused, out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table></div>\n", out);
}

void surety_html_capacity(const struct surety_result *result, unsigned level, FILE *out)
{
    size_t n = 0;
    for (size_t i = 0; i < result->n_architectures; i++)
        n += result->architectures[i].n_capacity;
    if (n == 0)
        return;
    surety_html_section(out, NULL, level, "Who carries how much");
    fputs(
        "<div class=\"scroll\"><table>\n<caption>Load of what each provider can carry, over all terms, and how long it "
        "is full, a month.</caption>\n<thead><tr><th scope=\"col\">architecture</th><th scope=\"col\">provider</th>"
        "<th scope=\"col\" class=\"n\">load<small>mean</small></th><th scope=\"col\" "
        "class=\"n\">load<small>most</small></th><th scope=\"col\" class=\"n\">full</th><th scope=\"col\" "
        "class=\"n\">full<small>others up</small></th><th scope=\"col\">full while out</th><th scope=\"col\" "
        "class=\"n\">refused</th></tr></thead>\n<tbody>\n",
        out);
    for (size_t i = 0; i < result->n_architectures; i++)
        for (size_t k = 0; k < result->architectures[i].n_capacity; k++)
            put_row(&result->architectures[i], &result->architectures[i].capacity[k], out);
    fputs("</tbody>\n</table></div>\n", out);
    const struct surety_architecture_result *focus = surety_wording_focus(result).architecture;
    if (focus != NULL && focus->n_capacity > 0) {
        put_week(focus, out);
        put_by_load(focus, out);
    }
    fputs("</section>\n", out);
}
