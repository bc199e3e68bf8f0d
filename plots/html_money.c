// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <string.h>

// Fee, cost, credits and margin of every tier on every architecture.

// What the result holds.
struct columns {
    bool cost, credits, margin, risk;
};

static struct columns find_columns(const struct surety_result *result)
{
    struct columns has = {false, false, false, false};
    for (size_t a = 0; a < result->n_architectures; a++) {
        has.cost = has.cost || result->architectures[a].has_cost;
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_tier_result *tier = &result->architectures[a].tiers[t];
            has.credits = has.credits || tier->has_credits;
            has.margin = has.margin || tier->has_margin;
            has.risk = has.risk || (tier->has_credits && tier->fee_for_risk_per_month > 0.0);
        }
    }
    return has;
}

static void put_head(const struct columns *has, FILE *out)
{
    fputs("<thead><tr><th scope=\"col\" rowspan=\"2\">architecture</th><th scope=\"col\" rowspan=\"2\">tier</th>"
          "<th scope=\"col\" rowspan=\"2\" class=\"n\">fee<small>a month</small></th>",
          out);
    if (has->cost)
        fputs("<th scope=\"col\" rowspan=\"2\" class=\"n\">cost<small>a month</small></th>", out);
    if (has->credits)
        fputs("<th scope=\"colgroup\" colspan=\"4\" class=\"group\">credits, a term</th>", out);
    if (has->margin)
        fputs("<th scope=\"colgroup\" colspan=\"2\" class=\"group\">margin, a month</th>", out);
    if (has->risk)
        fputs("<th scope=\"col\" rowspan=\"2\" class=\"n\">price of the risk<small>a month</small></th>", out);
    fputs("</tr>\n<tr>", out);
    if (has->credits)
        fputs("<th scope=\"col\" class=\"n\">mean</th><th scope=\"col\" class=\"n\">95 % at most</th>"
              "<th scope=\"col\" class=\"n\">99 % at most</th><th scope=\"col\" class=\"n\">CVaR 95 %</th>",
              out);
    if (has->margin)
        fputs("<th scope=\"col\" class=\"n\">mean</th><th scope=\"col\" class=\"n\">95 % at least</th>", out);
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void put_amount(double amount, bool is_focus, FILE *out)
{
    char text[SURETY_HUMAN_SIZE];
    surety_wording_money(text, amount, "");
    text[strcspn(text, " ")] = '\0';
    surety_html_put(out, is_focus ? "<td class=\"n focus\">%s</td>" : "<td class=\"n\">%s</td>", text);
}

static void put_row(const struct surety_architecture_result *architecture, const struct surety_tier_result *tier,
                    const struct columns *has, bool is_focus, FILE *out)
{
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th>", architecture->name, tier->name);
    put_amount(tier->fee_per_month, is_focus, out);
    if (has->cost)
        put_amount(architecture->has_cost ? architecture->cost_per_month.mean : NAN, is_focus, out);
    if (has->credits) {
        put_amount(tier->has_credits ? tier->credits_per_term.mean : NAN, is_focus, out);
        put_amount(tier->has_credits ? tier->credits_quantiles.p95 : NAN, is_focus, out);
        put_amount(tier->has_credits ? tier->credits_quantiles.p99 : NAN, is_focus, out);
        put_amount(tier->has_credits ? tier->credits_cvar95 : NAN, is_focus, out);
    }
    if (has->margin) {
        put_amount(tier->has_margin ? tier->margin_per_month.mean : NAN, is_focus, out);
        put_amount(tier->has_margin ? tier->margin_p05 : NAN, is_focus, out);
    }
    if (has->risk)
        put_amount(tier->has_credits ? tier->fee_for_risk_per_month : NAN, is_focus, out);
    fputs("</tr>\n", out);
}

void surety_html_money(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    const struct columns has = find_columns(result);
    if (focus.tier == NULL || (!has.credits && !has.margin))
        return;
    surety_html_section(out, NULL, level, "What it earns, and what a miss costs");
    fputs("<div class=\"scroll\"><table class=\"money\">\n", out);
    surety_html_put(out, "<caption>All amounts in %s.", result->currency);
    if (has.credits)
        fputs(" Credits are for the whole term; CVaR 95 % is the mean of the worst twentieth of terms.", out);
    if (has.risk)
        fputs(" The price of the risk is what carries the credits, added to the fee.", out);
    fputs(has.credits ? "</caption>\n" : " No credits are agreed.</caption>\n", out);
    put_head(&has, out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        for (size_t t = 0; t < result->n_tiers; t++)
            put_row(&result->architectures[a], &result->architectures[a].tiers[t], &has,
                    a == focus.i_architecture && t == focus.i_tier, out);
    }
    fputs("</tbody>\n</table></div>\n</section>\n", out);
}
