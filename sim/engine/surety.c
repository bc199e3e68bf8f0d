// SPDX-License-Identifier: GPL-3.0-or-later
#include "surety/surety.h"

#include "models/registry.h"
#include "sim/engine/result.h"
#include "sim/engine/runner.h"

#include <gsl/gsl_errno.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct surety_model {
    struct surety_diags diags;
    char *file; // diags borrows it
    struct surety_scenario *scenario;
    struct surety_plan *plan; // NULL: not read without errors
    char *messages;
    size_t messages_size;
};

static enum surety_status status(enum surety_err err)
{
    return err == SURETY_OK ? SURETY_STATUS_OK : err == SURETY_E_INPUT ? SURETY_STATUS_INPUT : SURETY_STATUS_SYSTEM;
}

void surety_settings_default(struct surety_settings *settings)
{
    struct surety_run_options run;
    surety_run_options_default(&run);
    *settings = (struct surety_settings){.seed = run.seed, .replications = run.n_replications};
}

// Splits "PATH=VALUE" texts; paths are copied into the arena.
static enum surety_err read_sets(struct surety_model *model, const char *const *sets, struct surety_override **out,
                                 size_t *n_out)
{
    size_t n = 0;
    while (sets != NULL && sets[n] != NULL)
        n++;
    struct surety_override *overrides = surety_arena_calloc(&model->diags.arena, n, sizeof *overrides);
    if (overrides == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(sets[i], '=');
        if (equals == NULL || equals == sets[i]) {
            surety_diag_add(&model->diags, SURETY_D_SET, (struct surety_place){0, 0}, NULL, "write PATH=VALUE",
                            "\"%s\" sets nothing", sets[i]);
            return SURETY_E_INPUT;
        }
        overrides[i].value = equals + 1;
        overrides[i].path = surety_arena_strndup(&model->diags.arena, sets[i], (size_t)(equals - sets[i]));
        if (overrides[i].path == NULL)
            return SURETY_E_MEMORY;
    }
    *out = overrides;
    *n_out = n;
    return SURETY_OK;
}

enum surety_status surety_model_load(const char *file, const char *const *sets, struct surety_model **out)
{
    *out = NULL;
    struct surety_model *model = calloc(1, sizeof *model);
    char *name = strdup(file);
    if (model == NULL || name == NULL) {
        free(model);
        free(name);
        return SURETY_STATUS_SYSTEM;
    }
    model->file = name;
    surety_diags_init(&model->diags, model->file);
    *out = model;
    struct surety_override *overrides = NULL;
    size_t n_overrides = 0;
    gsl_error_handler_t *before = gsl_set_error_handler_off(); // it aborts otherwise; GSL is used here only
    enum surety_err err = read_sets(model, sets, &overrides, &n_overrides);
    if (err == SURETY_OK)
        err = surety_scenario_load(surety_registry_get(), model->file, overrides, n_overrides, &model->diags,
                                   &model->scenario);
    if (err == SURETY_OK && model->scenario->n_contract_names > 1) {
        surety_diag_add(&model->diags, SURETY_D_UNSUPPORTED, (struct surety_place){0, 0}, "contracts",
                        "leave one of them in the scenario", "a model has one contract");
        err = SURETY_E_INPUT;
    }
    if (err == SURETY_OK)
        err = surety_plan_create(model->scenario, &model->diags, &model->plan);
    gsl_set_error_handler(before);
    return status(err);
}

const char *surety_model_messages(struct surety_model *model)
{
    if (model == NULL)
        return "memory is out\n";
    free(model->messages);
    model->messages = NULL;
    FILE *out = open_memstream(&model->messages, &model->messages_size);
    if (out == NULL)
        return "memory is out\n";
    surety_diags_print(&model->diags, out);
    if (fclose(out) != 0)
        return "memory is out\n";
    return model->messages;
}

enum surety_status surety_model_run(struct surety_model *model, const struct surety_settings *settings,
                                    struct surety_result **out)
{
    struct surety_settings defaults;
    surety_settings_default(&defaults);
    if (settings == NULL)
        settings = &defaults;
    if (model->plan == NULL || settings->replications == 0 || !(settings->precision >= 0.0) ||
        settings->precision > 0.5)
        return SURETY_STATUS_INPUT;
    struct surety_run_options run;
    surety_run_options_default(&run);
    run.seed = settings->seed;
    run.n_replications = settings->replications;
    run.precision = settings->precision;
    run.n_threads = settings->threads;
    return status(surety_run(model->scenario, model->plan, &run, &model->diags, out));
}

void surety_model_destroy(struct surety_model *model)
{
    if (model == NULL)
        return;
    surety_plan_destroy(model->plan);
    surety_scenario_destroy(model->scenario);
    surety_diags_finish(&model->diags);
    free(model->messages);
    free(model->file);
    free(model);
}

// --- accessors ------------------------------------------------------------------------------------------------

size_t surety_result_n_architectures(const struct surety_result *result)
{
    return result->n_architectures;
}

size_t surety_result_n_tiers(const struct surety_result *result)
{
    return result->n_tiers;
}

static const struct surety_architecture_result *architecture_at(const struct surety_result *result, size_t i)
{
    assert(i < result->n_architectures);
    return &result->architectures[i];
}

static const struct surety_tier_result *tier_at(const struct surety_result *result, size_t architecture, size_t tier)
{
    assert(tier < result->n_tiers);
    return &architecture_at(result, architecture)->tiers[tier];
}

static struct surety_interval interval(const struct surety_probability *value)
{
    return (struct surety_interval){value->p, value->lo, value->hi};
}

const char *surety_result_architecture_name(const struct surety_result *result, size_t architecture)
{
    return architecture_at(result, architecture)->name;
}

const char *surety_result_tier_name(const struct surety_result *result, size_t tier)
{
    return tier_at(result, 0, tier)->name;
}

double surety_result_availability(const struct surety_result *result, size_t architecture, double *se)
{
    const struct surety_mean *mean = &architecture_at(result, architecture)->availability;
    if (se != NULL)
        *se = mean->se;
    return mean->mean;
}

struct surety_interval surety_result_month_met(const struct surety_result *result, size_t architecture, size_t tier)
{
    return interval(&tier_at(result, architecture, tier)->month_met);
}

struct surety_interval surety_result_term_met(const struct surety_result *result, size_t architecture, size_t tier)
{
    return interval(&tier_at(result, architecture, tier)->term_met);
}

bool surety_result_signable(const struct surety_result *result, size_t architecture, size_t tier)
{
    return tier_at(result, architecture, tier)->signable;
}
