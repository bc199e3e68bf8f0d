// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/kernel.h"
#include "sim/cli/command.h"

#include <gsl/gsl_version.h>
#include <yaml.h>

#include <stdio.h>

#if defined(__clang__)
#define COMPILER __VERSION__ // names itself
#else
#define COMPILER "gcc " __VERSION__
#endif

enum surety_err surety_cmd_version(const struct surety_options *options, struct surety_diags *diags)
{
    (void)options;
    (void)diags;
    printf("surety %s\n"
           "scenario 1, result 1\n"
           "licence GPL-3.0-or-later, without any warranty\n"
           "compiler %s\n"
           "kernel %s\n"
           "gsl %s, libyaml %s\n",
           SURETY_VERSION, COMPILER, surety_kernel_best()->name, gsl_version, yaml_get_version_string());
    return SURETY_OK;
}
