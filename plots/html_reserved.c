// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/reserved.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

static void put_cell(FILE *out, const char *text)
{
    surety_html_put(out, "<td class=\"n\">%s</td>", text);
}

static void put_share(FILE *out, double share)
{
    char text[SURETY_HUMAN_SIZE];
    surety_human_percent(text, share, 3);
    put_cell(out, text);
}

static void put_amount(FILE *out, double amount)
{
    char text[SURETY_HUMAN_SIZE];
    surety_wording_money(text, amount, "");
    text[strcspn(text, " ")] = '\0';
    put_cell(out, text);
}

static void put_row(const struct surety_architecture_result *a, const struct surety_reserved_result *r, FILE *out)
{
    char units[64], pays[SURETY_HUMAN_SIZE] = "-";
    if (isnan(r->output_units))
        snprintf(units, sizeof units, "%.10g", r->units);
    else
        snprintf(units, sizeof units, "%.10g + %.10g", r->units, r->output_units);
    if (r->break_even <= 1)
        surety_human_percent(pays, r->break_even, 3);
    else if (r->break_even > 1)
        snprintf(pays, sizeof pays, "never");
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th>", a->name, r->provider);
    put_cell(out, units);
    put_share(out, r->utilisation);
    put_share(out, r->overflow);
    put_amount(out, r->fee_per_month);
    if (r->rejects)
        put_cell(out, "fails");
    else
        put_amount(out, r->overflow_cost_per_month);
    put_amount(out, isnan(r->break_even) ? NAN : r->without_per_month);
    put_cell(out, pays);
    put_share(out, r->moved_time);
    put_share(out, r->moved_utilisation);
    put_share(out, r->moved_overflow);
    fputs("</tr>\n", out);
}

void surety_html_reserved(const struct surety_result *result, unsigned level, FILE *out)
{
    size_t n = 0;
    for (size_t a = 0; a < result->n_architectures; a++)
        n += result->architectures[a].n_reserved;
    if (n == 0)
        return;
    surety_html_section(out, NULL, level, "Reserved units");
    surety_html_put(
        out,
        "<div class=\"scroll\"><table class=\"money\">\n<caption>Amounts in %s a month. A unit is paid for, "
        "used or not; what does not fit into its minute overflows. Without the reservation all tokens are "
        "billed on demand.</caption>\n",
        result->currency);
    fputs("<thead><tr><th scope=\"col\" rowspan=\"2\">architecture</th><th scope=\"col\" rowspan=\"2\">provider</th>"
          "<th scope=\"col\" rowspan=\"2\" class=\"n\">units</th><th scope=\"col\" rowspan=\"2\" class=\"n\">used</th>"
          "<th scope=\"col\" rowspan=\"2\" class=\"n\">overflow</th>"
          "<th scope=\"colgroup\" colspan=\"2\" class=\"group\">with it</th>"
          "<th scope=\"col\" rowspan=\"2\" class=\"n\">without it</th>"
          "<th scope=\"col\" rowspan=\"2\" class=\"n\">pays from<small>use</small></th>"
          "<th scope=\"colgroup\" colspan=\"3\" class=\"group\">more than usual comes</th></tr>\n<tr>"
          "<th scope=\"col\" class=\"n\">fee</th><th scope=\"col\" class=\"n\">overflow</th>"
          "<th scope=\"col\" class=\"n\">time</th><th scope=\"col\" class=\"n\">used</th>"
          "<th scope=\"col\" class=\"n\">overflow</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t a = 0; a < result->n_architectures; a++)
        for (size_t r = 0; r < result->architectures[a].n_reserved; r++)
            put_row(&result->architectures[a], &result->architectures[a].reserved[r], out);
    fputs("</tbody>\n</table></div>\n</section>\n", out);
}
