// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/html.h"

#include "plots/digest.h"
#include "plots/html_sections.h"
#include "plots/model_risk.h"
#include "plots/offers.h"
#include "plots/traffic.h"
#include "plots/svg.h"

void surety_html_open(const struct surety_result *result, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n",
          out);
    // No policy allows more than the style sheet: a report that was tampered with loads nothing either.
    fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
          out);
    surety_html_put(out,
                    "<meta name=\"generator\" content=\"surety %s\">\n<title>%s: which SLA can be signed</title>\n",
                    result->version, result->name);
    fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", surety_report_css);
    surety_svg_marks(out);
    fputs("<main>\n", out);
}

void surety_html_close(FILE *out)
{
    fputs("</main>\n</body>\n</html>\n", out);
}

enum surety_err surety_report_html(const struct surety_result *result, const struct surety_figures *figures, FILE *out)
{
    char digest[SURETY_DIGEST_SIZE];
    if (!surety_digest_result(result, digest))
        return SURETY_E_MEMORY;
    surety_html_open(result, out);
    surety_html_verdict(result, result->name, 2, out);
    surety_html_table(result, 2, out);
    surety_model_risk_html(result, 2, out);
    surety_offers_html(result, 2, out);
    surety_html_warnings(result, out);
    surety_html_figure(figures, "cost-and-promise", out);
    surety_html_figure(figures, "monthly-downtime", out);
    surety_html_figure(figures, "latency", out);
    surety_html_figure(figures, "latency-by-month", out);
    surety_html_joint(result, 2, out);
    surety_html_figure(figures, "phases", out);
    surety_html_figure(figures, "causes", out);
    surety_html_capacity(result, 2, out);
    surety_html_figure(figures, "capacity", out);
    surety_html_figure(figures, "waits", out);
    surety_traffic_html(result, 2, out);
    surety_html_money(result, 2, out);
    surety_html_figure(figures, "credits", out);
    surety_html_reserved(result, 2, out);
    surety_html_figure(figures, "reserved", out);
    surety_html_figure(figures, "error-budget", out);
    surety_html_budget(result, 2, out);
    surety_html_figure(figures, "budgets", out);
    surety_html_flips(result, 2, out);
    surety_html_bad_month(result, figures, 2, out);
    surety_html_assumptions(result, out);
    surety_html_reading(result, out);
    surety_html_provenance(result, figures, digest, out);
    surety_html_close(out);
    return SURETY_OK;
}
