// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export.h"

#include "models/contract.h"
#include "models/measurement.h"
#include "plots/export_example.h"
#include "plots/human.h"
#include "plots/wording.h"
#include "sim/base/calendar.h"
#include "sim/base/ppb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The annex to a contract: what the scenario says, in clauses, with the formulas that the simulation judges by.

static const char *share(char out[SURETY_HUMAN_SIZE], int64_t ppb)
{
    surety_human_target(out, (double)ppb / (double)SURETY_PPB_ONE);
    return out;
}

static const char *seconds(char out[24], double s)
{
    surety_export_duration(out, s);
    return out;
}

// --- definitions -----------------------------------------------------------------------------------------------

static void define_time(const struct surety_contract *c, FILE *out)
{
    char down[SURETY_HUMAN_SIZE], least[24];
    fprintf(out,
            "The service is **down** at an instant when at least %s of the requests that are made then fail.\n\n"
            "    availability = 1 - (time down) / (time that counts)\n\n",
            share(down, c->down_at_ppb));
    if (c->minimum_outage_s > 0)
        fprintf(out, "An unbroken time down of less than %s does not count; of a longer one all of it does.\n\n",
                seconds(least, c->minimum_outage_s));
}

static void define_requests(const struct surety_contract *c, FILE *out)
{
    (void)c;
    fputs("    availability = 1 - (failed requests) / (all requests that count)\n\n", out);
}

static void define_intervals(const struct surety_contract *c, FILE *out)
{
    char cell[24];
    fprintf(out,
            "The window is cut into cells of %s from its start.\n\n"
            "    availability = mean over all cells of (1 - failed requests / requests of the cell)\n\n"
            "A cell without requests counts as 1.\n\n",
            seconds(cell, c->cell_s));
}

static void define_minutes(const struct surety_contract *c, FILE *out)
{
    char down[SURETY_HUMAN_SIZE], least[24];
    fprintf(out,
            "A minute, counted from the window's start, is **bad** when at least %s of its requests fail; one without "
            "requests is good. Bad minutes count in unbroken runs of at least %s.\n\n"
            "    availability = 1 - (bad minutes that count) / (minutes that count)\n\n",
            share(down, c->down_at_ppb), seconds(least, fmax(60, c->minimum_outage_s)));
}

static void define_tasks(const struct surety_contract *c, FILE *out)
{
    (void)c;
    fputs("A task fails when one of its requests does.\n\n"
          "    availability = 1 - (failed tasks) / (all tasks that count)\n\n",
          out);
}

static void define_probes(const struct surety_contract *c, FILE *out)
{
    char interval[24];
    fprintf(out,
            "Probes are sent from %lld site(s), all at the same instants, every %s. A site is down from the first of "
            "%lld failed probes in a row to its next that succeeds; the service is **down** while %lld site(s) are.\n\n"
            "    availability = 1 - (time down) / (time that counts)\n\n",
            (long long)c->sites, seconds(interval, c->interval_s), (long long)c->failures, (long long)c->quorum);
}

static void (*const definitions[SURETY_N_METERS])(const struct surety_contract *, FILE *) = {
    [SURETY_METER_TIME] = define_time,           [SURETY_METER_REQUESTS] = define_requests,
    [SURETY_METER_INTERVALS] = define_intervals, [SURETY_METER_MINUTES] = define_minutes,
    [SURETY_METER_TASKS] = define_tasks,         [SURETY_METER_PROBES] = define_probes,
};

static void put_definitions(const struct surety_export *e, FILE *out)
{
    const struct surety_contract *c = &e->scenario->contract;
    const struct surety_tier *tier = &c->tiers[e->tier];
    fputs("## 1. Definitions\n\nA request **fails** when it is answered with an error for which the provider of the "
          "service answers, or not at all.\n\n### Availability\n\n",
          out);
    definitions[c->measure](c, out);
    if (tier->n_latency > 0)
        fputs(
            "### Latency\n\nThe time from the arrival of a request to the first token of its answer (`first_token`) or "
            "to its last (`end_to_end`). The p-th percentile is met in a window when at least p % of the requests "
            "considered take no longer than the target.\n\n",
            out);
    if (tier->n_quality > 0)
        fputs("### Quality\n\n    pass rate  = cases judged to pass / cases run, all runs of the window together\n"
              "    issue rate = tasks reported by users / tasks\n\n",
              out);
    if (tier->cost.given)
        fputs("### Cost\n\n    cost of a window = what was billed for it: requests, retries, probes and evaluations\n"
              "    cost per task    = cost of the window / tasks attempted in it\n\n",
              out);
}

// --- what is promised, and how it is measured ------------------------------------------------------------------

static void put_latency_rows(const struct surety_tier *tier, FILE *out)
{
    char target[24], cells[SURETY_HUMAN_SIZE];
    for (size_t i = 0; i < tier->n_latency; i++) {
        const struct surety_latency_target *t = &tier->latency[i];
        fprintf(out, "| latency of %s | %s, percentile %.6g | at most %s | ", t->name, surety_export_latency(t),
                t->percentile, seconds(target, t->target_s));
        if (t->over == SURETY_OVER_INTERVALS)
            fprintf(out, "in %s of the 5-minute cells of the window", share(cells, t->cells_met_ppb));
        else if (t->n_probes > 0)
            fprintf(out, "over %lld probes a window", (long long)t->n_probes);
        else
            fputs("over all requests of the window", out);
        fprintf(out, "; failed requests %s |\n",
                t->failed_as == SURETY_FAILED_INFINITE ? "count as later than any target" : "are left out");
    }
}

static void put_quality_rows(const struct surety_contract *c, const struct surety_tier *tier, FILE *out)
{
    char rate[SURETY_HUMAN_SIZE], every[24];
    for (size_t i = 0; i < tier->n_quality; i++) {
        const struct surety_quality_target *t = &tier->quality[i];
        const struct surety_suite *suite = &c->quality.suites[t->suite];
        if (t->has_pass_rate)
            fprintf(
                out,
                "| quality, suite %s | pass rate | at least %s | %lld cases, run every %s; judge: sensitivity %.4g %%, "
                "specificity %.4g %%%s |\n",
                t->name, share(rate, t->pass_rate_ppb), (long long)suite->n_cases, seconds(every, suite->every_s),
                100 * suite->sensitivity, 100 * suite->specificity,
                suite->adjusted ? ", the reading is corrected for both" : "");
        if (t->has_issue_rate)
            fprintf(out, "| quality, %s | issue rate | at most %s | reports of users, all tasks of the window |\n",
                    t->name, share(rate, t->issue_rate_ppb));
    }
}

static void put_cost_rows(const struct surety_export *e, const struct surety_tier *tier, FILE *out)
{
    const struct surety_cost_promise *cost = &tier->cost;
    const char *currency = e->scenario->currency;
    if (!cost->given)
        return;
    if (!isnan(cost->per_task))
        fprintf(out, "| cost | per task | at most %.6g %s | cost of the window / its tasks |\n", cost->per_task,
                currency);
    if (!isnan(cost->per_request))
        fprintf(out, "| cost | per request, percentile %.6g | at most %.6g %s | bills of single requests |\n",
                cost->percentile, cost->per_request, currency);
    if (!isnan(cost->per_month))
        fprintf(out, "| cost | per month | at most %.12g %s | pro rata where a window is cut |\n", cost->per_month,
                currency);
    if (!isnan(cost->over_forecast))
        fprintf(out, "| cost | above forecast | at most %.4g %% | against the cost when everything works |\n",
                100 * cost->over_forecast);
}

static void put_promises(const struct surety_export *e, FILE *out)
{
    const struct surety_contract *c = &e->scenario->contract;
    const struct surety_tier *tier = &c->tiers[e->tier];
    char target[SURETY_HUMAN_SIZE];
    fputs("## 2. Service levels and their measurement\n\n| dimension | metric | promise | measurement "
          "|\n|---|---|---|---|\n",
          out);
    fprintf(out, "| availability | %s | at least %s | as defined in 1 |\n", surety_meter_types[c->measure]->name,
            share(target, tier->availability_ppb));
    put_latency_rows(tier, out);
    put_quality_rows(c, tier, out);
    put_cost_rows(e, tier, out);
    fputs("\nThe provider of the service measures, keeps the readings for the term and shows them on request. A window "
          "is "
          "met when every promise is met in it. An availability equal to the target meets it.\n\n",
          out);
}

// --- window, exclusions, remedies ------------------------------------------------------------------------------

static const char *clock_of(char out[16], int minutes)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    snprintf(out, 16, "%s %02d:%02d", days[minutes / 1440 % 7], minutes / 60 % 24, minutes % 60);
    return out;
}

static void put_window(const struct surety_export *e, FILE *out)
{
    const struct surety_contract *c = &e->scenario->contract;
    const struct surety_term *term = &e->scenario->term;
    char day[11], length[24], from[16], to[16];
    surety_date_format(term->start, day);
    fputs("## 3. Window\n\n", out);
    if (c->window_s > 0)
        fprintf(out, "Windows of %s, back to back", seconds(length, c->window_s));
    else
        fputs(c->window_months == 3 ? "Calendar quarters, from the term's start on" : "Calendar months", out);
    fprintf(out, ", from %s 00:00 on, in the time zone %s; %zu windows in the term. Each is judged by itself.\n", day,
            term->timezone, e->plan->n_windows);
    if (c->hours.n > 0) {
        fputs("Only these hours count, in standard time:", out);
        for (size_t i = 0; i < c->hours.n; i++)
            fprintf(out, "%s %s to %s", i > 0 ? "," : "", clock_of(from, c->hours.from_min[i]),
                    clock_of(to, c->hours.to_min[i]));
        fputs(".\n", out);
    }
    fputc('\n', out);
}

static void put_exclusions(const struct surety_export *e, FILE *out)
{
    static const char *const maintenance[] = {
        [SURETY_MAINTENANCE_DOWN] = "Planned maintenance counts like any other time.",
        [SURETY_MAINTENANCE_EXCLUDED] =
            ("Time in which the service is down for planned maintenance does not count, neither "
             "as down nor in the time of the window."),
        [SURETY_MAINTENANCE_UP] = "Time in which the service is down for planned maintenance counts as up."};
    const struct surety_contract *c = &e->scenario->contract;
    fputs("## 4. Exclusions\n\n", out);
    if (c->exclude_upstream)
        fputs("* Time in which the service is down and an outage of a supplier that carries it is on.\n", out);
    for (size_t i = 0; i < c->n_exclude_causes; i++)
        fprintf(out, "* Time in which the service is down and this cause is on: %s.\n", c->exclude_causes[i]);
    fprintf(out, "* %s\n", maintenance[c->maintenance]);
    fprintf(out, "\n%s\n\n",
            c->exclude_upstream || c->n_exclude_causes > 0
                ? "What is excluded leaves both parts of the fraction. Nothing else is excluded."
                : "Nothing else is excluded.");
}

static void put_remedies(const struct surety_export *e, FILE *out)
{
    const struct surety_contract *c = &e->scenario->contract;
    const struct surety_tier *tier = &c->tiers[e->tier];
    char below[SURETY_HUMAN_SIZE], credit[SURETY_HUMAN_SIZE];
    bool has_target = false;
    fputs("## 5. Remedies\n\n", out);
    if (!c->credits.given) {
        fputs("None agreed.\n\n", out);
        return;
    }
    fputs("| availability of the window | credit, share of its fee |\n|---|---|\n", out);
    for (size_t i = 0; i < c->credits.n_ladder; i++) {
        const struct surety_credit_band *band = &c->credits.ladder[i];
        const bool is_target = band->below_ppb == SURETY_BELOW_TARGET;
        has_target = has_target || is_target;
        fprintf(out, "| below %s | %s |\n", share(below, is_target ? tier->availability_ppb : band->below_ppb),
                share(credit, band->credit_ppb));
    }
    fputs("\nThe deepest band that the availability is strictly below counts; bands do not add up.", out);
    if (has_target && (tier->n_latency > 0 || tier->n_quality > 0 || tier->cost.given))
        fprintf(out, " A window that misses another promise gives the credit of the band below %s.",
                share(below, tier->availability_ppb));
    if (c->credits.cap_ppb < INT64_MAX)
        fprintf(out, " A window gives back at most %s of its fee.", share(credit, c->credits.cap_ppb));
    if (c->credits.cap_term_ppb < INT64_MAX)
        fprintf(out, " The term gives back at most %.6g fees of a mean window.",
                (double)c->credits.cap_term_ppb * 1e-9);
    fputs(" Credits are given on the customer's claim.\n\n", out);
}

enum surety_err surety_export_clauses(const struct surety_export *e, FILE *out)
{
    const struct surety_tier *tier = &e->scenario->contract.tiers[e->tier];
    char *name = surety_wording_clean(e->scenario->name, 0);
    if (name == NULL)
        return SURETY_E_MEMORY;
    fprintf(out, "# Annex: service levels of %s, tier %s\n\n", name, tier->name);
    free(name);
    fputs("A draft from the model of the service, for a lawyer to finish.", out);
    if (!isnan(tier->fee_per_month))
        fprintf(out, " Fee: %.12g %s a month.", tier->fee_per_month, e->scenario->currency);
    fputs("\n\n", out);
    put_definitions(e, out);
    put_promises(e, out);
    put_window(e, out);
    put_exclusions(e, out);
    put_remedies(e, out);
    return surety_export_example(e, out);
}
