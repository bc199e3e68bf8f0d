// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_COMMAND_H
#define SURETY_CLI_COMMAND_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/cli/options.h"

// The exit codes of every command; 1 is for commands that judge.
enum surety_exit {
    SURETY_EXIT_OK = 0,
    SURETY_EXIT_JUDGED = 1, // what was required does not hold
    SURETY_EXIT_INPUT = 2,  // the scenario or the command line is wrong
    SURETY_EXIT_SYSTEM = 3  // the system or a tool failed
};

struct surety_command {
    const char *name;
    const char *arguments; // as in the usage line: "FILE"
    const char *summary;   // one line
    const char *details;   // paragraphs below the usage; NULL: none
    const char *options;   // names of its options, separated by spaces
    size_t min_arguments, max_arguments;
    // Does the work; messages go to `diags`, printed by main. NULL: part of the interface, not supported yet.
    enum surety_err (*run)(const struct surety_options *options, struct surety_diags *diags);
};

// All commands in the order of the help, main.c; a row with name NULL at the end.
extern const struct surety_command surety_commands[];

enum surety_err surety_cmd_run(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_init(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_catalog(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_check(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_export(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_replay(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_show(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_backtest(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_fit(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_verify(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_schema(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_explain(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_man(const struct surety_options *options, struct surety_diags *diags);
enum surety_err surety_cmd_version(const struct surety_options *options, struct surety_diags *diags);

#endif
