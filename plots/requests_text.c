// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/requests.h"

#include "plots/human.h"
#include "plots/requests_storm.h"
#include "plots/wording.h"
#include "sim/base/calendar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 512
#define NAME_WIDTH 20

// Three significant digits, in milliseconds or seconds: 0.2104 -> "210 ms", 12.34 -> "12.3 s".
static void put_time(char out[SURETY_HUMAN_SIZE], double seconds)
{
    if (isnan(seconds)) {
        snprintf(out, SURETY_HUMAN_SIZE, "-");
        return;
    }
    const bool in_ms = seconds < 0.9995;
    const double x = in_ms ? 1e3 * seconds : seconds;
    snprintf(out, SURETY_HUMAN_SIZE, "%.*f %s", x < 9.995 ? 2 : x < 99.95 ? 1 : 0, x, in_ms ? "ms" : "s");
}

static void put_name(FILE *out, const char *name)
{
    char *clean = surety_wording_clean(name, NAME_WIDTH);
    fprintf(out, "  %-*s", NAME_WIDTH, clean != NULL ? clean : "");
    free(clean);
}

static void put_heading(const struct surety_requests_result *r, FILE *out)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    char text[TEXT_SIZE], date[11], count[SURETY_HUMAN_SIZE], horizon[SURETY_HUMAN_SIZE], when[64];
    surety_date_format(r->term_start, date);
    surety_human_count(count, r->n_worlds);
    surety_human_duration(horizon, r->horizon_s);
    if (r->at_us < 0)
        snprintf(when, sizeof when, "any time of");
    else
        snprintf(when, sizeof when, "%s %02d:%02d in the weeks of", days[r->at_us / SURETY_US_PER_DAY],
                 (int)(r->at_us % SURETY_US_PER_DAY / SURETY_US_PER_HOUR),
                 (int)(r->at_us % SURETY_US_PER_HOUR / (60 * SURETY_US_PER_S)));
    surety_human_wrapped(out, "", r->scenario);
    snprintf(text, sizeof text, "Request by request: %s world%s of %s from %s the term from %s, %s. Seed %llu.%s",
             count, r->n_worlds == 1 ? "" : "s", horizon, when, date, r->timezone, (unsigned long long)r->seed,
             r->has_trace ? " Arrivals from a trace." : "");
    surety_human_wrapped(out, "", text);
}

static void put_counts(const struct surety_requests_result *r, size_t workload, FILE *out)
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE], d[SURETY_HUMAN_SIZE];
    const bool money = r->currency[0] != '\0';
    char level[SURETY_HUMAN_SIZE], interval[2 * SURETY_HUMAN_SIZE];
    snprintf(level, sizeof level, "%g %% interval", 100 * r->confidence);
    fprintf(out, "  %-*s%13s%13s%24s%10s%s\n", NAME_WIDTH, "architecture", "requests", "failing", level, "attempts",
            money ? "  cost a request" : "");
    for (size_t i = workload; i < r->n_rows; i += r->n_workloads) {
        const struct surety_requests_row *row = &r->rows[i];
        surety_human_count(a, row->n);
        surety_human_percent(b, row->failing.mean, 3);
        surety_human_interval(interval, row->failing_interval.low, row->failing.mean, row->failing_interval.high);
        put_name(out, row->architecture);
        fprintf(out, "%13s%13s%24s%10.3f", a, b, interval, row->attempts.mean);
        if (money) {
            surety_wording_money(d, row->cost.mean, r->currency);
            fprintf(out, "%16s", d);
        }
        putc('\n', out);
    }
}

static void put_times(const struct surety_requests_result *r, size_t workload, bool whole, FILE *out)
{
    bool any = false;
    for (size_t i = workload; i < r->n_rows; i += r->n_workloads)
        any = any || (whole ? r->rows[i].has_whole : r->rows[i].has_first);
    if (!any)
        return;
    fprintf(out, "  %-*s", NAME_WIDTH, whole ? "end to end" : "time to first token");
    for (size_t q = 0; q < SURETY_REQUESTS_QUANTILES; q++) {
        char heading[16];
        snprintf(heading, sizeof heading, "p%g", 100 * surety_requests_shares[q]);
        fprintf(out, "%13s", heading);
    }
    putc('\n', out);
    for (size_t i = workload; i < r->n_rows; i += r->n_workloads) {
        const struct surety_requests_row *row = &r->rows[i];
        const struct surety_requests_quantile *quantiles = whole ? row->whole : row->first;
        char value[SURETY_HUMAN_SIZE], lo[SURETY_HUMAN_SIZE], hi[SURETY_HUMAN_SIZE];
        const char *const ends[] = {lo, hi};
        if (!(whole ? row->has_whole : row->has_first))
            continue;
        put_name(out, row->architecture);
        for (size_t q = 0; q < SURETY_REQUESTS_QUANTILES; q++) {
            put_time(value, quantiles[q].value_s);
            fprintf(out, "%13s", value);
        }
        putc('\n', out);
        for (size_t end = 0; end < 2; end++) {
            fprintf(out, "    %-*s", NAME_WIDTH - 2, end == 0 ? "at least" : "at most");
            for (size_t q = 0; q < SURETY_REQUESTS_QUANTILES; q++) {
                put_time(lo, quantiles[q].lo_s);
                put_time(hi, quantiles[q].hi_s);
                fprintf(out, "%13s", ends[end]);
            }
            putc('\n', out);
        }
    }
}

static void put_closing(const struct surety_requests_result *r, FILE *out)
{
    char text[TEXT_SIZE];
    bool lost = false, silent = false;
    for (size_t i = 0; i < r->n_rows; i++) {
        lost = lost || r->rows[i].n_lost > 0;
        silent = silent || !r->rows[i].has_first;
    }
    if (r->n_worlds == 1)
        snprintf(text, sizeof text,
                 "Errors are those of requests within this one world: what other worlds would do is not in them.");
    else
        snprintf(text, sizeof text,
                 "Errors are over worlds, those of percentiles over groups of worlds: `at least` and `at most` are the "
                 "ends of %g %% intervals, - where the requests do not bound it. Percentiles are of requests that were "
                 "answered.",
                 100 * r->confidence);
    putc('\n', out);
    surety_human_wrapped(out, "", text);
    if (lost)
        surety_human_wrapped(out, "", "Some requests were never answered nor given up: no timeout ends them.");
    if (silent)
        surety_human_wrapped(out, "", "Architectures without times have a provider whose latency is not given.");
    snprintf(text, sizeof text, "%zu defaults were used; --json lists them.", r->n_defaults_used);
    surety_human_wrapped(out, "", text);
    for (size_t i = 0; i < r->n_assumptions; i++)
        surety_human_wrapped(out, "assumed: ", r->assumptions[i]);
    for (size_t i = 0; i < r->n_warnings; i++)
        surety_human_wrapped(out, "warning: ", r->warnings[i]);
}

void surety_report_requests_text(const struct surety_requests_result *r, FILE *out)
{
    put_heading(r, out);
    for (size_t d = 0; d < r->n_workloads; d++) {
        putc('\n', out);
        surety_human_wrapped(out, "", r->rows[d].workload);
        put_counts(r, d, out);
        put_times(r, d, false, out);
        put_times(r, d, true, out);
    }
    surety_report_requests_storms(r, out);
    put_closing(r, out);
}
