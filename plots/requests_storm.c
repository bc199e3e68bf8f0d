// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/requests_storm.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>

#define TEXT_SIZE 512
#define NAME_WIDTH 20

// "1.3 h", or "at once": what is told in steps of SURETY_STORM_CELL_S.
static void put_recovery(char out[SURETY_HUMAN_SIZE], double seconds)
{
    if (seconds == 0)
        snprintf(out, SURETY_HUMAN_SIZE, "at once");
    else
        surety_human_duration(out, seconds);
}

static void put_heading(const struct surety_requests_result *r, FILE *out)
{
    char text[TEXT_SIZE], from[SURETY_HUMAN_SIZE], lasts[SURETY_HUMAN_SIZE], after[SURETY_HUMAN_SIZE],
        share[SURETY_HUMAN_SIZE];
    surety_human_duration(from, r->outage_from_s);
    surety_human_duration(lasts, r->outage_s);
    surety_human_duration(after, r->after_s);
    surety_human_target(share, r->outage_failing);
    snprintf(
        text, sizeof text,
        "Every world has one outage and no other: %s from %s on, for %s (%s of its requests fail). What follows is "
        "watched for %s.",
        r->outage, from, lasts, share, after);
    surety_human_wrapped(out, "", text);
}

static void put_row(const struct surety_requests_storm *s, FILE *out)
{
    char calm[SURETY_HUMAN_SIZE], end[SURETY_HUMAN_SIZE], p50[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE];
    char *name = surety_wording_clean(s->architecture, NAME_WIDTH);
    surety_human_percent(calm, s->failing_calm, 2);
    surety_human_percent(end, s->failing_end, 2);
    put_recovery(p50, s->recover_p50_s);
    put_recovery(p95, s->recover_p95_s);
    fprintf(out, "  %-*s%10s%11s%9.2f%10.2f%11s%11s%10llu\n", NAME_WIDTH, name != NULL ? name : "", calm, end,
            s->attempts_calm, s->attempts_end, p50, p95, (unsigned long long)s->n_down);
    free(name);
}

static void put_verdict(const struct surety_requests_result *r, const struct surety_requests_storm *s, FILE *out)
{
    char text[TEXT_SIZE], down[SURETY_HUMAN_SIZE], n[SURETY_HUMAN_SIZE], after[SURETY_HUMAN_SIZE],
        most[SURETY_HUMAN_SIZE], at_most[SURETY_HUMAN_SIZE];
    char *clean = surety_wording_clean(s->architecture, 3 * NAME_WIDTH);
    const char *name = clean != NULL ? clean : "";
    surety_human_count(down, s->n_down);
    surety_human_count(n, s->n_judged);
    surety_human_duration(after, r->after_s);
    put_recovery(most, s->recover_most_s);
    surety_human_percent(at_most, s->share_down.high, 2);
    if (s->n_judged == 0)
        snprintf(text, sizeof text, "%s is down at that time without any outage: no storm can be told from that.",
                 name);
    else if (s->metastable)
        snprintf(
            text, sizeof text,
            "METASTABLE: %s does not come back when the outage is over. In %s of %s worlds it is down %s later still, "
            "where without the outage it is up: what the outage left behind, retries and waiting work, keeps it down.",
            name, down, n, after);
    else
        snprintf(
            text, sizeof text,
            "%s comes back when the outage is over, in all of %s worlds, %s%s. That it stays down has a probability "
            "of at most %s.",
            name, n, s->recover_most_s > 0 ? "within " : "", most, at_most);
    surety_human_wrapped(out, "  ", text);
    free(clean);
}

void surety_report_requests_storms(const struct surety_requests_result *r, FILE *out)
{
    if (r->outage == NULL)
        return;
    putc('\n', out);
    put_heading(r, out);
    fprintf(out, "  %-*s%21s%19s%22s%10s\n", NAME_WIDTH, "", "failing at the end", "attempts", "back after", "worlds");
    fprintf(out, "  %-*s%10s%11s%9s%10s%11s%11s%10s\n", NAME_WIDTH, "architecture", "without", "with it", "without",
            "with it", "p50", "p95", "down");
    for (size_t i = 0; i < r->n_storms; i++)
        put_row(&r->storms[i], out);
    for (size_t i = 0; i < r->n_storms; i++)
        put_verdict(r, &r->storms[i], out);
    if (!r->has_limits)
        surety_human_wrapped(out, "  ", "No provider has limits: nobody can be kept down by load here.");
}
