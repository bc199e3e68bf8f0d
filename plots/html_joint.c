// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/joint.h"
#include "plots/wording.h"

#include <math.h>

static void put_share(double share, bool is_focus, FILE *out)
{
    char text[SURETY_HUMAN_SIZE];
    surety_human_percent(text, share, 2);
    surety_html_put(out, is_focus ? "<td class=\"n focus\">%s</td>" : "<td class=\"n\">%s</td>", text);
}

// A tier's dimensions, one a row, and all of them together.
static void put_tier(const struct surety_architecture_result *architecture, const struct surety_tier_result *tier,
                     bool is_focus, FILE *out)
{
    const struct surety_joint_result *j = &tier->joint;
    for (unsigned d = 0; d < SURETY_RESULT_DIMENSIONS; d++) {
        if (!j->has[d])
            continue;
        surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th><th scope=\"row\">%s</th>",
                        architecture->name, tier->name, j->name[d]);
        put_share(j->dimension[d].month_met.p, is_focus, out);
        put_share(j->dimension[d].term_met.p, is_focus, out);
        put_share(j->first[d], is_focus, out);
        fputs("</tr>\n", out);
    }
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><th scope=\"row\">%s</th><th scope=\"row\">all together</th>",
                    architecture->name, tier->name);
    put_share(tier->month_met.p, is_focus, out);
    put_share(tier->term_met.p, is_focus, out);
    surety_html_put(out, is_focus ? "<td class=\"n focus\">%s</td></tr>\n" : "<td class=\"n\">%s</td></tr>\n", "");
}

static void put_sentence(FILE *out, const char *sentence)
{
    surety_html_put(out, "<li>%s</li>\n", sentence);
}

static bool has_joint(const struct surety_result *result)
{
    bool any = false;
    for (size_t a = 0; a < result->n_architectures; a++)
        for (size_t t = 0; t < result->n_tiers; t++)
            any = any || result->architectures[a].tiers[t].joint.given;
    return any;
}

void surety_html_joint(const struct surety_result *result, unsigned level, FILE *out)
{
    const struct surety_focus focus = surety_wording_focus(result);
    if (focus.tier == NULL || !surety_joint_has(result))
        return;
    surety_html_section(out, NULL, level, "What is promised together");
    if (has_joint(result)) {
        fputs("<div class=\"scroll\"><table class=\"money\">\n", out);
        surety_html_put(out,
                        "<caption>Each dimension by itself, and all in the same %s of the same simulated term: the "
                        "probabilities do not multiply where one outage costs several of them.</caption>\n",
                        surety_wording_window(result));
        surety_html_put(out,
                        "<thead><tr><th scope=\"col\">architecture</th><th scope=\"col\">tier</th><th scope=\"col\">"
                        "dimension</th><th scope=\"col\" class=\"n\">%s met</th>",
                        surety_wording_window(result));
        surety_html_put(out,
                        "<th scope=\"col\" class=\"n\">every %s met</th><th scope=\"col\" class=\"n\">misses "
                        "first</th></tr></thead>\n<tbody>\n",
                        surety_wording_window(result));
        for (size_t a = 0; a < result->n_architectures; a++)
            for (size_t t = 0; t < result->n_tiers; t++)
                if (result->architectures[a].tiers[t].joint.given)
                    put_tier(&result->architectures[a], &result->architectures[a].tiers[t],
                             a == focus.i_architecture && t == focus.i_tier, out);
        fputs("</tbody>\n</table></div>\n", out);
    }
    surety_html_put(out, "<p>On %s:</p>\n<ul>\n", focus.architecture->name);
    surety_joint_sentences(result, focus.architecture, put_sentence, out);
    fputs("</ul>\n</section>\n", out);
}
