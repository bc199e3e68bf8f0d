// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/json_writer.h"
#include "plots/requests.h"

#include <inttypes.h>
#include <math.h>

static void put_mean(struct surety_json *json, const char *key, const struct surety_requests_mean *mean)
{
    surety_json_open_map(json, key, true);
    surety_json_number(json, "mean", mean->mean);
    surety_json_number(json, "se", mean->se);
    surety_json_close(json);
}

static void put_quantiles(struct surety_json *json, const char *key, const struct surety_requests_quantile *quantiles)
{
    surety_json_open_list(json, key, false);
    for (size_t i = 0; i < SURETY_REQUESTS_QUANTILES; i++) {
        const struct surety_requests_quantile *q = &quantiles[i];
        surety_json_open_map(json, NULL, true);
        surety_json_number(json, "percentile", 100 * q->share);
        surety_json_number(json, "s", q->value_s);
        surety_json_number(json, "lo", q->lo_s);
        surety_json_number(json, "hi", q->hi_s);
        surety_json_close(json);
    }
    surety_json_close(json);
}

static void put_texts(struct surety_json *json, const char *key, const char *const *texts, size_t n)
{
    surety_json_open_list(json, key, false);
    for (size_t i = 0; i < n; i++)
        surety_json_text(json, NULL, texts[i]);
    surety_json_close(json);
}

static void put_row(struct surety_json *json, const struct surety_requests_result *result,
                    const struct surety_requests_row *row)
{
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "architecture", row->architecture);
    surety_json_text(json, "workload", row->workload);
    surety_json_integer(json, "requests", row->n);
    surety_json_integer(json, "failed", row->n_failed);
    surety_json_integer(json, "never_heard_of", row->n_lost);
    surety_json_open_map(json, "share_failing", true);
    surety_json_number(json, "mean", row->failing.mean);
    surety_json_number(json, "se", row->failing.se);
    surety_json_number(json, "lo", row->failing_interval.low);
    surety_json_number(json, "hi", row->failing_interval.high);
    surety_json_close(json);
    put_mean(json, "attempts_per_request", &row->attempts);
    if (result->has_limits)
        put_mean(json, "refused_per_request", &row->refused);
    if (result->currency[0] != '\0')
        put_mean(json, "cost_per_request", &row->cost);
    if (row->has_first) {
        put_mean(json, "first_token_mean_s", &row->first_mean_s);
        put_quantiles(json, "first_token", row->first);
    }
    if (row->has_whole)
        put_quantiles(json, "end_to_end", row->whole);
    surety_json_close(json);
}

static void put_minutes(struct surety_json *json, const char *key, const double *values, size_t n)
{
    surety_json_open_list(json, key, true);
    for (size_t i = 0; i < n; i++)
        surety_json_number(json, NULL, values[i]);
    surety_json_close(json);
}

static void put_storm(struct surety_json *json, const struct surety_requests_result *result,
                      const struct surety_requests_storm *storm)
{
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "architecture", storm->architecture);
    if (storm->n_judged == 0) // a number: null
        surety_json_number(json, "metastable", NAN);
    else
        surety_json_bool(json, "metastable", storm->metastable);
    surety_json_integer(json, "worlds_judged", storm->n_judged);
    surety_json_integer(json, "worlds_down_at_end", storm->n_down);
    surety_json_open_map(json, "share_down_at_end", true);
    surety_json_number(json, "mean", (double)storm->n_down / (double)storm->n_judged);
    surety_json_number(json, "lo", storm->share_down.low);
    surety_json_number(json, "hi", storm->share_down.high);
    surety_json_close(json);
    surety_json_open_map(json, "recovered_after_s", true);
    surety_json_number(json, "p50", storm->recover_p50_s);
    surety_json_number(json, "p95", storm->recover_p95_s);
    surety_json_number(json, "most", storm->recover_most_s);
    surety_json_close(json);
    surety_json_open_map(json, "share_failing", true);
    surety_json_number(json, "end", storm->failing_end);
    surety_json_number(json, "without_outage", storm->failing_calm);
    surety_json_close(json);
    surety_json_open_map(json, "attempts_per_request", true);
    surety_json_number(json, "end", storm->attempts_end);
    surety_json_number(json, "without_outage", storm->attempts_calm);
    surety_json_close(json);
    put_minutes(json, "failing_by_minute", storm->failing, result->n_minutes);
    put_minutes(json, "attempts_by_minute", storm->attempts, result->n_minutes);
    surety_json_close(json);
}

static void put_outage(struct surety_json *json, const struct surety_requests_result *result)
{
    surety_json_open_map(json, "outage", false);
    surety_json_text(json, "name", result->outage);
    surety_json_number(json, "share_failing", result->outage_failing);
    surety_json_number(json, "from_s", result->outage_from_s);
    surety_json_number(json, "lasts_s", result->outage_s);
    surety_json_number(json, "watched_s", result->after_s);
    surety_json_number(json, "down_at", result->down_at);
    surety_json_open_list(json, "storms", false);
    for (size_t i = 0; i < result->n_storms; i++)
        put_storm(json, result, &result->storms[i]);
    surety_json_close(json);
    surety_json_close(json);
}

void surety_report_requests_json(const struct surety_requests_result *result, FILE *out)
{
    struct surety_json json;
    char date[11], hash[17];
    surety_date_format(result->term_start, date);
    snprintf(hash, sizeof hash, "%016" PRIx64, result->plan_hash);
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "requests");
    surety_json_open_map(&json, "scenario", false);
    surety_json_text(&json, "name", result->scenario);
    surety_json_text(&json, "file", result->file);
    surety_json_text(&json, "sha256", result->sha256);
    surety_json_text(&json, "plan", hash);
    surety_json_close(&json);
    surety_json_open_map(&json, "run", false);
    surety_json_text(&json, "version", SURETY_VERSION);
    surety_json_integer(&json, "seed", result->seed);
    surety_json_integer(&json, "replications", result->n_worlds);
    surety_json_text(&json, "term_start", date);
    surety_json_text(&json, "timezone", result->timezone);
    surety_json_number(&json, "horizon_s", result->horizon_s);
    surety_json_number(&json, "at_s_of_week", result->at_us < 0 ? NAN : 1e-6 * (double)result->at_us);
    surety_json_bool(&json, "trace", result->has_trace);
    surety_json_text(&json, "currency", result->currency[0] != '\0' ? result->currency : NULL);
    surety_json_number(&json, "confidence", result->confidence);
    surety_json_number(&json, "wall_s", result->wall_s);
    surety_json_integer(&json, "threads", result->n_threads);
    surety_json_close(&json);
    surety_json_open_list(&json, "results", false);
    for (size_t i = 0; i < result->n_rows; i++)
        put_row(&json, result, &result->rows[i]);
    surety_json_close(&json);
    if (result->outage != NULL)
        put_outage(&json, result);
    put_texts(&json, "assumptions", result->assumptions, result->n_assumptions);
    put_texts(&json, "defaults_used", result->defaults_used, result->n_defaults_used);
    put_texts(&json, "warnings", result->warnings, result->n_warnings);
    surety_json_close(&json);
}
