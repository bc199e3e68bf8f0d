// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a scenario: it is read or refused with messages, and what is read gives a plan or a message. Lines after
// a line "%SET" are `--set` arguments. Dictionary: scenario.dict, seeds: corpus/.
#include "models/registry.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <gsl/gsl_errno.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "\n%SET\n"
#define MOST_SETS 8

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    gsl_set_error_handler_off();
    return 0;
}

// Cuts the lines after the mark into overrides; returns the length of the scenario before it.
static size_t split(char *text, size_t size, struct surety_override overrides[MOST_SETS], size_t *n)
{
    char *mark = strstr(text, MARK);
    *n = 0;
    if (mark == NULL)
        return size;
    for (char *line = mark + strlen(MARK), *next; line != NULL && *n < MOST_SETS; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        char *equals = strchr(line, '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        overrides[(*n)++] = (struct surety_override){.path = line, .value = equals + 1};
    }
    return (size_t)(mark - text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct surety_override overrides[MOST_SETS];
    size_t n_overrides;
    char *text = calloc(1, size + 1);
    assert(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    size = split(text, size, overrides, &n_overrides);
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    struct surety_plan *plan = NULL;
    surety_diags_init(&diags, "fuzz.yaml");
    enum surety_err err =
        surety_scenario_read(surety_registry_get(), "fuzz.yaml", text, size, overrides, n_overrides, &diags, &scenario);
    assert((err == SURETY_OK) == (scenario != NULL));
    assert((err == SURETY_OK) == (diags.n_errors == 0));
    if (err == SURETY_OK) {
        err = surety_plan_create(scenario, &diags, &plan);
        assert((err == SURETY_OK) == (plan != NULL));
        assert(err != SURETY_E_INPUT || diags.n_errors > 0);
    }
    char *messages = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&messages, &length);
    if (out != NULL) {
        surety_diags_print(&diags, out);
        fclose(out);
    }
    free(messages);
    surety_plan_destroy(plan);
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    free(text);
    return 0;
}
