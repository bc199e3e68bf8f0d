// SPDX-License-Identifier: GPL-3.0-or-later
// The public header alone, as a program outside this tree would use it.
#include <surety/surety.h>

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char scenario[] =
    "surety: 1\n"
    "term: {start: 2027-01-01, months: 3}\n"
    "workloads: {calls: {demand: 30/min}}\n"
    "providers: {one: {outages: {all: {time_to_failure: 30d, time_to_repair: 2h}}}}\n"
    "architectures: {alone: one}\n"
    "contract: {availability: {measure: time}, tiers: {low: {availability: 90%}, high: {availability: 100%}}}\n";

// Writes the text to a new file, whose name goes to `path`.
static void write_file(char path[], const char *text)
{
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

Test(public_api, load_run_read_free)
{
    char path[] = "/tmp/surety-test-XXXXXX";
    write_file(path, scenario);
    struct surety_model *model = NULL;
    struct surety_result *result = NULL, *again = NULL;
    cr_assert_eq(surety_model_load(path, NULL, &model), SURETY_STATUS_OK, "%s", surety_model_messages(model));
    struct surety_settings settings;
    surety_settings_default(&settings);
    cr_assert_eq(settings.replications, 100000);
    settings.replications = 5000;
    cr_assert_eq(surety_model_run(model, &settings, &result), SURETY_STATUS_OK);
    settings.threads = 3;
    cr_assert_eq(surety_model_run(model, &settings, &again), SURETY_STATUS_OK);
    surety_model_destroy(model);
    unlink(path);

    cr_assert_eq(surety_result_n_architectures(result), 1);
    cr_assert_eq(surety_result_n_tiers(result), 2);
    cr_assert_str_eq(surety_result_architecture_name(result, 0), "alone");
    cr_assert_str_eq(surety_result_tier_name(result, 1), "high");
    double se = 0.0;
    double mean = surety_result_availability(result, 0, &se);
    // alternating renewal: 720 / 722, at alpha 1e-9; a repair of 3 h would be off by 0.00138 and found
    cr_assert(mean > 720.0 / 722.0 - 6.1 * se && mean < 720.0 / 722.0 + 6.1 * se, "%.6f +- %.6f", mean, se);
    cr_assert(se > 0.0 && 6.1 * se < 0.0005);
    cr_assert(surety_result_month_met(result, 0, 0).p > surety_result_term_met(result, 0, 1).p);
    struct surety_interval met = surety_result_term_met(result, 0, 0);
    cr_assert(met.lo <= met.p && met.p <= met.hi && met.hi <= 1.0);
    cr_assert(surety_result_signable(result, 0, 0));
    cr_assert(!surety_result_signable(result, 0, 1));
    cr_assert_eq(mean, surety_result_availability(again, 0, NULL));
    surety_result_destroy(result);
    surety_result_destroy(again);
}

Test(public_api, sets_change_the_scenario)
{
    char path[] = "/tmp/surety-test-XXXXXX";
    write_file(path, scenario);
    static const char *const sets[] = {"providers.one.outages=none", NULL};
    struct surety_model *model = NULL;
    struct surety_result *result = NULL;
    struct surety_settings settings;
    surety_settings_default(&settings);
    settings.replications = 100;
    cr_assert_eq(surety_model_load(path, sets, &model), SURETY_STATUS_OK, "%s", surety_model_messages(model));
    cr_assert_eq(surety_model_run(model, &settings, &result), SURETY_STATUS_OK);
    cr_assert_eq(surety_result_availability(result, 0, NULL), 1.0);
    surety_result_destroy(result);
    surety_model_destroy(model);
    unlink(path);
}

Test(public_api, mistakes_are_told)
{
    char path[] = "/tmp/surety-test-XXXXXX";
    write_file(path, "surety: 1\nterm: {month: 3}\n");
    struct surety_model *model = NULL;
    struct surety_result *result = NULL;
    cr_assert_eq(surety_model_load(path, NULL, &model), SURETY_STATUS_INPUT);
    cr_assert_not_null(strstr(surety_model_messages(model), "months"));
    cr_assert_eq(surety_model_run(model, NULL, &result), SURETY_STATUS_INPUT);
    cr_assert_null(result);
    surety_model_destroy(model);

    static const char *const sets[] = {"no value", NULL};
    cr_assert_eq(surety_model_load(path, sets, &model), SURETY_STATUS_INPUT);
    cr_assert_not_null(strstr(surety_model_messages(model), "PATH=VALUE"));
    surety_model_destroy(model);
    unlink(path);

    cr_assert_neq(surety_model_load("no-such-file.yaml", NULL, &model), SURETY_STATUS_OK);
    cr_assert_not_null(strstr(surety_model_messages(model), "no-such-file.yaml"));
    surety_model_destroy(model);
    surety_model_destroy(NULL);
    surety_result_destroy(NULL);
}
