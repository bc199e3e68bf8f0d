// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/registry.h"
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Whether the file can be read; its name and length, or the message, when it cannot.
static bool load(const char *file, char *name, size_t *length, char *message, size_t size)
{
    struct surety_diags diags;
    struct surety_scenario *scenario = NULL;
    surety_diags_init(&diags, file);
    const bool loads = surety_scenario_load(surety_registry_get(), file, NULL, 0, &diags, &scenario) == SURETY_OK;
    cr_assert_eq(loads, diags.n_errors == 0);
    snprintf(loads ? name : message, size, "%s", loads ? scenario->name : diags.list[0].message);
    *length = diags.source_length;
    surety_scenario_destroy(scenario);
    surety_diags_finish(&diags);
    return loads;
}

Test(scenario_files, that_are_none)
{
    char name[200], message[200];
    size_t length;
    cr_assert_not(load("no-such.yaml", name, &length, message, sizeof name));
    cr_assert_not_null(strstr(message, "No such file"), "%s", message);
    cr_assert_not(load("/tmp", name, &length, message, sizeof name));
}

// Without a `name` the scenario is called after its file.
Test(scenario_files, give_their_name)
{
    static const char good[] = "surety: 1\nworkloads: {calls: {demand: 30/min}}\nproviders: {a: {outages: none}}\n"
                               "architectures: {alone: a}\ncontract: {availability: {measure: time}}\n";
    char path[] = "/tmp/surety-test-XXXXXX", name[200], message[200];
    size_t length;
    FILE *file = fdopen(mkstemp(path), "w");
    fputs(good, file);
    fclose(file);
    cr_assert(load(path, name, &length, message, sizeof name), "%s", message);
    cr_assert_eq(strncmp(name, "surety-test-", 12), 0);
    cr_assert_eq(length, strlen(good));
    remove(path);
}
