// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/command.h"
#include "sim/cli/options.h"

#include <stdio.h>
#include <string.h>

// The manual page in man(7) macros, from the same tables as the help: it cannot name an option that is not there.

static const char HEAD[] =
    ".SH NAME\n"
    "surety \\- which SLA for an AI service can be signed, before it is signed\n"
    ".SH SYNOPSIS\n"
    ".B surety\n"
    ".I COMMAND\n"
    ".RI [ OPTION ]...\n"
    ".RI [ ARGUMENT ]...\n"
    ".SH DESCRIPTION\n"
    "Reads a scenario in YAML (providers, architectures, workloads, a contract), simulates the contract's whole term\n"
    "many times, and answers with which probability each tier of the contract holds in a month and in every month,\n"
    "what it costs, what the credits would cost, and what to sign.\n"
    ".PP\n"
    "Results go to standard output, messages to standard error. The same scenario, seed and number of terms give the\n"
    "same bytes at any number of threads.\n";

static const char TAIL[] =
    ".SH EXIT STATUS\n"
    ".TP\n0\ndone\n"
    ".TP\n1\nwhat was required does not hold\n"
    ".TP\n2\nthe scenario or the command line is wrong\n"
    ".TP\n3\nthe system or a tool failed\n"
    ".SH EXAMPLES\n"
    ".nf\n"
    "surety init voice \\-\\-providers openai,anthropic \\-\\-style aws > d.yaml\n"
    "surety run d.yaml \\-\\-report d.html\n"
    "surety run d.yaml \\-\\-require premium@failover\n"
    ".fi\n"
    ".SH SEE ALSO\n"
    "The guide, the reference of scenarios and the meaning of every number are installed with the program, in\n"
    "its documentation directory, with example scenarios.\n";

// One line as roff prints it: no escapes, no hyphen for a minus, nothing that looks like a request.
static void write_text(const char *text, size_t length)
{
    if (length > 0 && (text[0] == '.' || text[0] == '\''))
        fputs("\\&", stdout);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(text[i]);
    }
}

static void write_line(const char *text)
{
    write_text(text, strlen(text));
    putchar('\n');
}

// Paragraphs flow; lines that begin with a space are examples and stand as they are.
static void write_details(const char *details)
{
    bool example = false;
    fputs(".PP\n", stdout);
    while (*details != '\0') {
        const size_t length = strcspn(details, "\n");
        const bool is_example = details[0] == ' ';
        if (is_example != example)
            puts(is_example ? ".nf" : ".fi");
        example = is_example;
        if (length == 0)
            fputs(".PP", stdout);
        else
            write_text(details, length);
        putchar('\n');
        details += length + (details[length] != '\0');
    }
    if (example)
        puts(".fi");
}

static void write_option(const struct surety_option *row)
{
    fputs(".TP\n.B ", stdout);
    write_text(row->name, strlen(row->name));
    if (row->value != NULL) {
        putchar(' ');
        write_text(row->value, strlen(row->value));
    }
    putchar('\n');
    write_line(row->help);
}

static void write_command(const struct surety_command *command)
{
    printf(".SS %s ", command->name);
    write_line(command->arguments);
    write_line(command->summary);
    if (command->details != NULL)
        write_details(command->details);
    for (const struct surety_option *row = surety_option_rows; row->name != NULL; row++)
        if (row->kind != SURETY_OPTION_LATER && strcmp(row->name, "--help") != 0 && surety_command_knows(command, row))
            write_option(row);
}

enum surety_err surety_cmd_man(const struct surety_options *options, struct surety_diags *diags)
{
    (void)options;
    (void)diags;
    // No date: the page is part of a build, and a build gives the same bytes on every day.
    printf(".TH SURETY 1 \"\" \"surety %s\" \"User Commands\"\n%s.SH COMMANDS\n", SURETY_VERSION, HEAD);
    for (const struct surety_command *command = surety_commands; command->name != NULL; command++)
        if (command->run != NULL)
            write_command(command);
    fputs(TAIL, stdout);
    return SURETY_OK;
}
