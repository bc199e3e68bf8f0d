// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/quality.h"
#include "sim/scenario/plan_quality.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

static const struct surety_field eval_rows[] = {
    {.name = "suite",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_eval, suite_name),
     .required = true,
     .help = "The suite of the contract whose cases, judge and pass rates they use.",
     .example = "golden"},
    {.name = "cases",
     .kind = SURETY_KIND_INTEGER,
     .offset = offsetof(struct surety_eval, n_cases),
     .required = true,
     .min = 1,
     .max = 1e6,
     .help = "Cases of one run.",
     .example = "100"},
    {.name = "every",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_eval, every_s),
     .required = true,
     .min = 600,
     .max = 10 * 365 * 86400.0,
     .help = "From one run to the next; the first is at the term's start. They run whether traffic goes there or not.",
     .example = "1d"},
    {.name = "below",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_eval, below_ppb),
     .required = true,
     .above_min = true,
     .max = 1,
     .help = "A run of which the judge passes less than this raises the alarm.",
     .example = "92%"},
    {.name = "rollback",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_eval, rollback_s),
     .required = true,
     .max = 10 * 365 * 86400.0,
     .help = "From the alarm until the version before serves again.",
     .example = "1d"},
};

static const struct surety_fields eval_fields = {
    .title = "the evals", .rows = eval_rows, .n = sizeof eval_rows / sizeof *eval_rows};

static const struct surety_field rows[] = {
    {.name = "rate",
     .kind = SURETY_KIND_RATE,
     .offset = offsetof(struct surety_model_changes, rate_per_s),
     .required = true,
     .above_min = true,
     .max = 1e-5,
     .help = "Changes of the model per time, at random.",
     .example = "4/year"},
    {.name = "worse",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_model_changes, p_worse),
     .fallback = "100%",
     .max = 1,
     .help = "Probability that a change is for the worse; the others leave the pass rates as they are.",
     .example = "50%"},
    {.name = "drop",
     .kind = SURETY_KIND_COUNT_LAW,
     .offset = offsetof(struct surety_model_changes, drop),
     .required = true,
     .help =
         "By how many percentage points a change for the worse lowers all pass rates of the provider: a number or a "
         "law. Drops add up.",
     .example = "{exponential: {mean: 3}}"},
    {.name = "evals",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_model_changes, evals),
     .sub = &eval_fields,
     .present_offset = offsetof(struct surety_model_changes, evals.given),
     .help = "Runs of our own that find a drop, after which all drops are taken back. Default: none, and drops stay.",
     .example = "{suite: golden, cases: 100, every: 1d, below: 92%, rollback: 1d}"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_model_changes *changes = out;
    (void)reader, (void)path, (void)clean;
    changes->place = surety_map_place(node);
}

const struct surety_fields surety_model_changes_fields = {
    .title = "the changes of the model", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

void surety_check_model_changes(struct surety_reader *reader, struct surety_scenario *scenario)
{
    const struct surety_quality *quality = &scenario->contract.quality;
    for (size_t p = 0; p < scenario->n_providers; p++) {
        struct surety_model_changes *changes = &scenario->providers[p].model_changes;
        double rate;
        if (!changes->evals.given)
            continue;
        const char *path =
            surety_scratch_printf(reader, "providers.%s.model_changes.evals.suite", scenario->providers[p].name);
        changes->evals.suite = SIZE_MAX;
        for (size_t s = 0; s < quality->n_suites; s++)
            if (strcmp(quality->suites[s].name, changes->evals.suite_name) == 0)
                changes->evals.suite = s;
        if (changes->evals.suite == SIZE_MAX)
            surety_diag_add(reader->diags, SURETY_D_REFERENCE, changes->place, path,
                            surety_hint_words(reader, changes->evals.suite_name, quality->suites, quality->n_suites,
                                              sizeof *quality->suites),
                            "there is no suite '%.64s'", changes->evals.suite_name);
        else if (quality->suites[changes->evals.suite].kind != SURETY_SUITE_CASES)
            surety_diag_add(reader->diags, SURETY_D_CONFLICT, changes->place, path, "name one with `kind: cases`",
                            "evals run the cases of a suite, '%.64s' has none", changes->evals.suite_name);
        else if (!surety_pass_rate_of(&scenario->providers[p], &quality->suites[changes->evals.suite], NULL, &rate))
            surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, changes->place, path,
                            surety_scratch_printf(reader, "write `providers.%s.quality: {%s: 96%%}`",
                                                  scenario->providers[p].name, changes->evals.suite_name),
                            "the pass rate of '%s' in '%.64s' is missing", scenario->providers[p].name,
                            changes->evals.suite_name);
    }
}
