// SPDX-License-Identifier: GPL-3.0-or-later
// Measured response times: the formats, the ways a file can be wrong, and laws that give the percentiles back.
#include "sim/base/law.h"
#include "sim/fit/response_law.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_responses r;

static enum surety_err read_text(const char *text, const struct surety_responses_options *options)
{
    static const struct surety_responses_options usual = {.first_token = NULL};
    surety_diags_init(&diags, "x");
    const enum surety_err err =
        surety_responses_parse("x", text, strlen(text), options != NULL ? options : &usual, &diags, &r);
    cr_assert_eq(err == SURETY_OK, diags.n_errors == 0);
    return err;
}

static void accept(const char *text, const struct surety_responses_options *options)
{
    if (read_text(text, options) != SURETY_OK)
        surety_diags_print(&diags, stderr);
    cr_assert_eq(diags.n_errors, 0, "%.80s", text);
    surety_diags_finish(&diags);
}

// The first message stands at line:column and says `what`.
static void refuse(const char *text, const struct surety_responses_options *options, size_t line, size_t column,
                   const char *what)
{
    cr_assert_eq(read_text(text, options), SURETY_E_INPUT, "%.80s", text);
    const struct surety_diag *d = &diags.list[0];
    cr_assert(d->place.line == line && d->place.column == column, "%.80s: %zu:%zu", text, d->place.line,
              d->place.column);
    cr_assert_not_null(strstr(d->message, what), "%s", d->message);
    surety_diags_finish(&diags);
}

Test(responses, tables)
{
    accept("provider,ttft_s,e2e_latency_s,output_tokens,error_code\n"
           "a,0.5,2.5,100,\na,0.3,1.3,50,0\nb,0.1,9,100,\na,,,,429\na,0.4,,,\n",
           &(struct surety_responses_options){.filters = (const char *const[]){"provider=a"}, .n_filters = 1});
    const struct surety_response_sample *first = &r.times[SURETY_TIME_FIRST_TOKEN],
                                        *per_token = &r.times[SURETY_TIME_PER_OUTPUT_TOKEN];
    cr_assert(r.n_rows == 5 && r.n_filtered == 1 && r.n_failed == 1);
    cr_assert(first->n == 3 && first->values_s[0] == 0.3 && first->values_s[2] == 0.5);
    cr_assert(per_token->n == 2 && fabs(per_token->values_s[0] - 0.02) < 1e-15);
    cr_assert_str_eq(per_token->from, "(e2e_latency_s - ttft_s) / output_tokens");
    surety_responses_finish(&r);
    accept("wait_ms,each\n250,0.01\n300,0.02\n",
           &(struct surety_responses_options){.first_token = "wait_ms", .per_output_token = "each"});
    cr_assert(r.times[0].values_s[0] == 0.25 && r.times[1].values_s[1] == 0.02);
    surety_responses_finish(&r);
}

Test(responses, llmperf)
{
    // its inter-token latency has the first token in it, and is not used unless it is asked for
    const char *list =
        "[{\"error_code\": null, \"ttft_s\": 0.5, \"end_to_end_latency_s\": 1.5, \"number_output_tokens\": 10,"
        " \"inter_token_latency_s\": 0.15},\n {\"error_code\": 429, \"ttft_s\": 0.5}]";
    accept(list, NULL);
    cr_assert_str_eq(r.dialect, "llmperf-responses");
    cr_assert(r.n_rows == 2 && r.n_failed == 1 && r.times[0].n == 1 && fabs(r.times[1].values_s[0] - 0.1) < 1e-15);
    surety_responses_finish(&r);
    accept(list, &(struct surety_responses_options){.per_output_token = "inter_token_latency_s"});
    cr_assert(r.times[1].n == 1 && r.times[1].values_s[0] == 0.15);
    surety_responses_finish(&r);
    accept(
        "{\"results_ttft_s_quantiles_p50\": 0.2, \"results_ttft_s_quantiles_p95\": 0.4,\n"
        " \"results_ttft_s_quantiles_p99\": 0.9, \"results_num_requests_started\": 100, \"results_number_errors\": 4}",
        NULL);
    cr_assert(r.times[0].n_quantiles == 3 && r.times[0].quantiles[1].value_s == 0.4 && r.times[0].n == 96);
    cr_assert(r.times[1].from == NULL && r.remark != NULL);
    surety_responses_finish(&r);
}

Test(responses, refused)
{
    refuse("a,b\n1,2\n", NULL, 1, 1, "no column is known as the time to the first token");
    refuse("ttft_s,b\n0.2,2\n-1,2\n", NULL, 3, 1, "-1 s is no time");
    refuse("b,ttft_s\n1,0.2\n2,fast\n", NULL, 3, 3, "'fast' is no number");
    refuse("ttft_s,e2e_latency_s,output_tokens\n2,1,10\n", NULL, 2, 3, "complete before its first token");
    refuse("ttft_s,error\n0.2,timeout\n", NULL, 1, 1, "no time is left: 1 rows, 1 failed");
    refuse("ttft_s\n0.2\n", &(struct surety_responses_options){.end_to_end = "end"}, 1, 1, "no column 'end'");
    refuse("ttft_s\n0.2\n", &(struct surety_responses_options){.filters = (const char *const[]){"q=1"}, .n_filters = 1},
           1, 1, "no column 'q'");
    refuse("[{\"ttft_s\": 1},\n {\"ttft_s\": \"x\"}]", NULL, 2, 13, "no number");
    refuse("[{\"ttft_s\": 1}, 3]", NULL, 1, 17, "no response");
    refuse("[{\"ttft_s\": 1}]", &(struct surety_responses_options){.output_tokens = "n"}, 1, 1,
           "no response has a key 'n'");
    refuse("{\"a\": 1}", NULL, 1, 1, "fewer than three percentiles");
    refuse("{\"results_ttft_s_quantiles_p50\": 0.2,\n\"results_ttft_s_quantiles_p95\": 0.1}", NULL, 2, 33,
           "no such percentile");
    refuse("[1", NULL, 1, 2, "");
    refuse("", NULL, 1, 1, "empty");
}

static double quantile_of(double weight, double p)
{
    double low = -9, high = 9;
    for (int i = 0; i < 100; i++) {
        const double x = (low + high) / 2;
        const double f =
            (1 - weight) * gsl_cdf_ugaussian_P((x - log(0.3)) / 0.3) + weight * gsl_cdf_ugaussian_P((x - log(3)) / 0.5);
        *(f < p ? &low : &high) = x;
    }
    return exp(high);
}

// A sample of exact quantiles of a body and 12 % stalls: the fitted law has them within 3 %, and lies close.
Test(responses, mixture_is_found)
{
    double values[500];
    struct surety_response_law law;
    for (size_t i = 0; i < 500; i++)
        values[i] = quantile_of(0.12, ((double)i + 0.5) / 500);
    const struct surety_response_sample sample = {.from = "x", .values_s = values, .n = 500};
    cr_assert(surety_response_law_fit(&sample, &law));
    cr_assert_eq(law.n_parts, 2);
    cr_assert(law.ks < 0.02, "%g", law.ks);
    for (size_t k = 0; k < SURETY_RESPONSE_JUDGED; k++) {
        const double truth = quantile_of(0.12, surety_response_judged[k]);
        cr_assert(fabs(law.fitted_s[k] / truth - 1) < 0.03, "%g: %g, %g", surety_response_judged[k], law.fitted_s[k],
                  truth);
        cr_assert(fabs(surety_response_law_cdf(&law, law.fitted_s[k]) - surety_response_judged[k]) < 1e-9);
    }
    cr_assert(fabs(law.body.median_s / 0.3 - 1) < 0.03 && fabs(law.stall_weight / 0.12 - 1) < 0.1, "%g %g",
              law.body.median_s, law.stall_weight);
}

Test(responses, few_values)
{
    struct surety_response_law law;
    double values[30];
    for (size_t i = 0; i < 30; i++)
        values[i] = exp(log(0.5) + 0.2 * gsl_cdf_ugaussian_Pinv(((double)i + 0.5) / 30));
    struct surety_response_sample sample = {.values_s = values, .n = 30};
    cr_assert(surety_response_law_fit(&sample, &law) && law.n_parts == 1);
    cr_assert(fabs(law.body.median_s / 0.5 - 1) < 0.02 && fabs(law.body.sigma / 0.2 - 1) < 0.15, "%g %g",
              law.body.median_s, law.body.sigma);
    sample.n = 2;
    cr_assert_not(surety_response_law_fit(&sample, &law));
    sample = (struct surety_response_sample){.values_s = (double[]){0.2, 0.2, 0.2}, .n = 3};
    cr_assert(surety_response_law_fit(&sample, &law) && law.n_parts == 0 && law.body.median_s == 0.2 && law.ks == 0);
}
