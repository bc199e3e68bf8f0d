// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/digest.h"
#include "plots/embed.h"
#include "plots/html.h"
#include "plots/html_sections.h"
#include "plots/human.h"
#include "plots/wording.h"

#include <string.h>

// What the numbers rest on, how to read them, and where they come from.

static void put_list(FILE *out, const char *const *texts, size_t n, const char *opening, const char *closing)
{
    fputs("<ul>\n", out);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "<li>%s", opening);
        surety_html_text(out, texts[i]);
        fprintf(out, "%s</li>\n", closing);
    }
    fputs("</ul>\n", out);
}

void surety_html_assumptions(const struct surety_result *result, FILE *out)
{
    if (result->n_assumptions > 0) {
        surety_html_section(out, NULL, 2, "What is assumed, and where it comes from");
        put_list(out, result->assumptions, result->n_assumptions, "", "");
        fputs("</section>\n", out);
    }
    if (result->n_defaults_used > 0) {
        surety_html_section(out, NULL, 2, "What the scenario left to us");
        fputs("<p>Defaults are neutral or pessimistic, never "
              "flattering.</p>\n"
              "<details open><summary>The defaults that were used</summary>\n<div class=\"columns\">",
              out);
        put_list(out, result->defaults_used, result->n_defaults_used, "<code>", "</code>");
        fputs("</div></details>\n</section>\n", out);
    }
}

static bool has_phase(const struct surety_result *result, const char *name)
{
    for (size_t a = 0; a < result->n_architectures; a++) {
        for (size_t i = 0; i < result->architectures[a].n_downtime_by; i++) {
            if (strcmp(result->architectures[a].downtime_by[i].name, name) == 0)
                return true;
        }
    }
    return false;
}

static bool is_utc(const struct surety_result *result)
{
    size_t n = strlen(result->term_text);
    return n >= 3 && strcmp(result->term_text + n - 3, "UTC") == 0;
}

void surety_html_reading(const struct surety_result *result, FILE *out)
{
    const char *window = surety_wording_window(result);
    char confidence[SURETY_HUMAN_SIZE];
    surety_human_target(confidence, result->confidence);
    surety_html_section(out, NULL, 2, "How to read these numbers");
    fputs("<ul>\n", out);
    surety_html_put(out,
                    "<li><b>A %s, every %s of the term and a year are three different promises at the same "
                    "percentage.</b> A contract that pays for each missed %s is kept only if none is missed.</li>\n",
                    window, window, window);
    surety_html_put(out,
                    "<li>The mean does not determine the risk of a %s: many blips and one long outage of the same mean "
                    "breach differently.</li>\n",
                    window);
    fputs("<li>Published SLAs are refund thresholds, not estimates. Multiplying them composes promises, not behaviour: "
          "here, "
          "outages are simulated.</li>\n",
          out);
    if (has_phase(result, "detection") || has_phase(result, "switching"))
        fputs(
            "<li>Failover is neither instant nor perfect: with two good providers most of the downtime that is left is "
            "detection and switching.</li>\n",
            out);
    fputs("<li>That different providers fail independently, beyond the common causes that the scenario names, is an "
          "assumption.</li>\n",
          out);
    if (result->n_groups > 0)
        surety_html_put(out,
                        "<li>The probabilities are means over what the uncertain inputs may be, and their %s intervals "
                        "bound the error of the simulation. <b>By inputs</b> is the range in which the probability "
                        "itself lies in %s of what they may be: more simulation does not narrow it, better records "
                        "do.</li>\n",
                        confidence, confidence);
    else
        surety_html_put(
            out,
            "<li>The %s intervals bound the error of the simulation. They do not say how well the inputs are "
            "known: inputs are taken as exact.</li>\n",
            confidence);
    if (!is_utc(result))
        fputs("<li>Weekly tables (demand, rhythm of failures) use the time zone's standard offset all year.</li>\n",
              out);
    fputs("<li>All architectures are simulated on the same random numbers: differences between them are sharper than "
          "their "
          "intervals suggest.</li>\n",
          out);
    for (size_t a = 0; a < result->n_architectures; a++) {
        if (result->architectures[a].tiers[0].has_margin) {
            fputs("<li>Margin is fee less cost less credits. Credits are not cost.</li>\n", out);
            break;
        }
    }
    fputs("</ul>\n</section>\n", out);
}

static void put_row(FILE *out, const char *name, const char *value)
{
    surety_html_put(out, "<tr><th scope=\"row\">%s</th><td><code>%s</code></td></tr>\n", name, value);
}

void surety_html_provenance(const struct surety_result *result, const struct surety_figures *figures,
                            const char *digest, FILE *out)
{
    char seed[SURETY_HUMAN_SIZE], n[SURETY_HUMAN_SIZE];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)result->seed);
    surety_human_count(n, result->n_replications);
    fputs("<section id=\"provenance\">\n<h2>Where this comes from</h2>\n"
          "<p>Everything needed to repeat this report is in it: <code>surety verify</code> with this file reruns the "
          "scenario "
          "below and compares the outcome byte by byte.</p>\n"
          "<div class=\"scroll\"><table class=\"provenance\"><tbody>\n",
          out);
    put_row(out, "scenario", surety_digest_file_name(result->file));
    put_row(out, "SHA-256 of the scenario", result->sha256);
    put_row(out, "plan", result->plan_hash);
    put_row(out, "surety", result->version);
    put_row(out, "seed", seed);
    put_row(out, "simulated terms", n);
    if (figures->tool[0] != '\0')
        put_row(out, "figures drawn by", figures->tool);
    put_row(out, "SHA-256 of the result", digest);
    for (size_t i = 0; i < result->n_overrides; i++)
        put_row(out, "set on the command line", result->overrides[i]);
    fputs("</tbody></table></div>\n", out);
    surety_embed_write(result, digest, out);
    fputs("</section>\n", out);
}
