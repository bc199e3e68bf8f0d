// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/human.h"
#include "plots/reporter.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A made-up result with names as long and values as extreme as they come.
static struct surety_result made_up(struct surety_architecture_result *architecture, struct surety_tier_result tiers[2])
{
    static struct surety_histogram_bin bins[] = {{0.0, 10}, {3.5, 2}};
    static const char *notes[] = {"a \"note\" with\na line break"};
    static const struct surety_quantiles quantiles = {0.1, 0.2, 0.3, 0.4, 0.5};
    tiers[0] = (struct surety_tier_result){.name = "standard-with-a-very-long-name-that-no-table-can-hold",
                                           .target = 0.995,
                                           .fee_per_month = NAN,
                                           .signable = true,
                                           .month_met = {0.99999999, 0.9999999, 1.0},
                                           .term_met = {1.0 - 1e-12, 0.9999999, 1.0},
                                           .breaches_quantiles = quantiles};
    tiers[1] = (struct surety_tier_result){.name = "premium",
                                           .target = 0.999999999,
                                           .fee_per_month = 31000.0,
                                           .month_met = {0.0, 0.0, 1e-6},
                                           .term_met = {1e-12, 0.0, 1e-6}};
    *architecture =
        (struct surety_architecture_result){.name = "an-architecture-with-a-name-of-more-than-one-hundred-columns-"
                                                    "which-is-allowed-by-the-interface-and-has-to-be-cut-somewhere",
                                            .availability = {0.999712, 1e-6},
                                            .month_availability = quantiles,
                                            .downtime_quantiles_s = {0.0, 0.0, 180.0, 2580.0, 7560.0},
                                            .histogram = bins,
                                            .n_histogram = 2,
                                            .tiers = tiers};
    return (struct surety_result){.name = "made up",
                                  .file = "made-up.yaml",
                                  .sha256 = "0",
                                  .plan_hash = "0123456789abcdef",
                                  .currency = "USD",
                                  .window = "calendar month",
                                  .measure = "time",
                                  .term_text = "2027-01-01, 12 calendar months, UTC",
                                  .sign_every_month_met = 0.95,
                                  .sign_month_met = NAN,
                                  .version = "0",
                                  .seed = 1,
                                  .n_replications = 100000,
                                  .n_windows = 12,
                                  .n_tiers = 2,
                                  .n_architectures = 1,
                                  .confidence = 0.95,
                                  .architectures = architecture,
                                  .verdict = {.because = "On it, nothing can be said.",
                                              .binds = "availability",
                                              .implied_month_met = NAN,
                                              .fee_for_risk = NAN},
                                  .assumptions = notes,
                                  .n_assumptions = 1};
}

static char *report(const char *name, const struct surety_result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_not_null(out);
    surety_reporter_find(name)->write(result, out);
    fclose(out);
    return text;
}

Test(plots_reporters, table)
{
    cr_assert_not_null(surety_reporter_find("text"));
    cr_assert_not_null(surety_reporter_find("json"));
    cr_assert_null(surety_reporter_find("jso"));
    for (const struct surety_reporter *row = surety_reporters; row->name != NULL; row++)
        cr_assert(row->write != NULL && row->help[0] != '\0');
}

Test(plots_reporters, text_stays_in_its_columns_and_does_not_lie)
{
    struct surety_architecture_result architecture;
    struct surety_tier_result tiers[2];
    struct surety_result result = made_up(&architecture, tiers);
    char *text = report("text", &result);
    cr_assert_not_null(strstr(text, "99.9712 %"));
    cr_assert_not_null(strstr(text, "median 3.0 min, at most 43 min"));
    cr_assert_not_null(strstr(text, "note\" with\\x0aa line break"));
    cr_assert_not_null(strstr(text, "A tier can be signed when P(every month met) is at least 95 %"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        cr_assert(strlen(line) <= SURETY_REPORT_COLUMNS, "%zu columns: %s", strlen(line), line);
    free(text);
}

Test(plots_reporters, text_without_tiers_and_rules)
{
    struct surety_architecture_result architecture;
    struct surety_tier_result tiers[2];
    struct surety_result result = made_up(&architecture, tiers);
    result.n_tiers = 0;
    result.sign_every_month_met = NAN;
    result.window = "30d";
    char *text = report("text", &result);
    cr_assert_not_null(strstr(text, "Downtime a window"));
    cr_assert_null(strstr(text, "can be signed when"));
    free(text);
}

Test(plots_reporters, json_leaves_out_what_is_not_given)
{
    struct surety_architecture_result architecture;
    struct surety_tier_result tiers[2];
    struct surety_result result = made_up(&architecture, tiers);
    char *text = report("json", &result);
    cr_assert_not_null(strstr(text, "\"fee_per_month\": 31000\n"));
    cr_assert_eq(strstr(strstr(text, "fee_per_month") + 1, "fee_per_month"), NULL);
    cr_assert_not_null(strstr(text, "\"histogram\": [[0, 10], [3.5, 2]]"));
    cr_assert_not_null(strstr(text, "\"a \\\"note\\\" with\\na line break\""));
    cr_assert_not_null(strstr(text, "\"warnings\": []"));
    cr_assert_null(strstr(text, "credits_per_term"));
    cr_assert_null(strstr(text, "\"cost\""));
    free(text);
}
