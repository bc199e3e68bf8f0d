// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/command.h"
#include "sim/cli/output.h"

#include <gsl/gsl_errno.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define RUN_OPTIONS                                                                                                    \
    "--json --report --csv --plot --keep-plots --require --offers --set --replications --precision --seed --threads"   \
    " --quiet --engine --horizon --at --outage --trace"
#define BACKTEST_OPTIONS                                                                                               \
    "--incidents --ahead --published --belief --reliability --json --set --replications --seed --threads --quiet"
#define REPLAY_OPTIONS "--incidents --others-perfect --json --csv --plot= --svg --architecture --set --seed"
#define SHOW_OPTIONS                                                                                                   \
    "--contract --architecture --worst --breach --replication --all --json --svg --set --replications --seed"

#define FIT_OPTIONS                                                                                                    \
    "--format --start --end --severity --component --filter --grade --by --from --until --winsorise --profile --laws " \
    "--uncertain --into --plot= --json --drop-disordered --table --bootstrap --seed --first-token --per-output-token " \
    "--end-to-end --output-tokens"

const struct surety_command surety_commands[] = {
    {"run", "FILE", "simulate every architecture under the contract: which tier can be signed",
     "Reads the scenario FILE (- is standard input), simulates its architectures on the same random numbers and\n"
     "prints, for every tier of the contract, the probability that a month and that every month of the term is met.\n",
     RUN_OPTIONS, 1, 1, surety_cmd_run},
    {"init", "KIND", "write a commented scenario to start from",
     "Writes a scenario that runs as it is to standard output, at most 12 lines beside its comments: each provider\n"
     "alone and failover between them. KIND is the workload: voice, chat, agentic or background. Providers are\n"
     "entries of the catalogue; openai is short for openai-api.\n\n"
     "  surety init voice --providers openai,anthropic --style aws > d.yaml && surety run d.yaml\n",
     "--providers --style --fee", 1, 1, surety_cmd_init},
    {"catalog", "[NAME]", "the providers we ship: records, laws, sources; offers of reserved units",
     "Lists the entries for `use: NAME` with window, number of outages, long-run availability by their laws, source\n"
     "and licence. With NAME it prints that entry: laws, list price, note. NAME may be short: openai.\n"
     "`surety catalog reserved` lists offers of reserved units, NAME of one of them prints its keys.\n",
     "", 0, 1, surety_cmd_catalog},
    {"check", "FILE", "what a contract leaves open, cannot keep or will regret, without a simulation",
     "Reads the scenario FILE (- is standard input) and its contract as a lawyer would: is every promise measured, "
     "over\n"
     "a window, with exclusions and a remedy; can anybody keep it; what will hurt. Each finding has an id (`surety\n"
     "explain ID`), a place, why and a fix; below stands what each architecture can reach at most, in closed form. A\n"
     "promise is found fault with when none of the architectures can carry it; --architecture looks at one.\n"
     "Exit status: 0 nothing found, 1 findings, 2 the scenario is wrong.\n",
     "--json --architecture --set --quiet", 1, 1, surety_cmd_check},
    {"show", "FILE", "one simulated term as a dated story",
     "Tells one simulated term of one architecture with dates: outages, detection, switches, the down time of every\n"
     "month against its budgets. Which term: --worst (the default), --breach or --replication.\n",
     SHOW_OPTIONS, 1, 1, surety_cmd_show},
    {"replay", "FILE", "the dated record through architectures and contract",
     "Plays real incidents with their own dates through the architectures and the contract of the scenario FILE: "
     "which\n"
     "months each tier would have met, the downtime, the credits, the worst day. No law is drawn. The records are "
     "those\n"
     "of --incidents, or the scenario's `record`s; the term has to lie inside them.\n\n"
     "  surety replay deal.yaml --incidents openai=incidents.json --set term.start=2026-01-01 --set term.months=6\n",
     REPLAY_OPTIONS, 1, 1, surety_cmd_replay},
    {"compare", "A B...", "scenarios side by side on common random numbers", NULL, "", 0, 0, NULL},
    {"sweep", "FILE --vary PATH=a..b:n", "one or two parameters over a grid", NULL, "", 0, 0, NULL},
    {"size", "FILE --tier T --for PATH=lo..hi", "the cheapest values that make a tier signable", NULL, "", 0, 0, NULL},
    {"fit", "WHAT FILE...", "from records of outages or measured latencies to a scenario",
     "Reads records of incidents ([NAME=]FILE; status pages as JSON, tables as CSV, minutes a day), fits laws of up "
     "and\n"
     "repair times by maximum likelihood, the weekly rhythm and what providers have in common, and prints the tables\n"
     "(as comments) and a scenario that runs as it is.\n\n"
     "  surety fit outages openai=incidents.json > fitted.yaml && surety run fitted.yaml\n\n"
     "WHAT is outages or latency. `fit latency` reads how long single requests took ([NAME=]FILE; individual "
     "responses\n"
     "or the summary of LLMPerf as JSON, tables as CSV) and fits a law of a body and rare stalls whose percentiles "
     "are\n"
     "those that were measured: the `latency` of provider NAME.\n\n"
     "  surety fit latency model=llmperf_individual.json --into deal.yaml\n",
     FIT_OPTIONS, 1, 64, surety_cmd_fit},
    {"backtest", "FILE", "forecast months that have passed, each from the record before it, and score that",
     "For every month that the records cover and every architecture of FILE: what the model says of it, knowing the\n"
     "record up to its first day, against what came. The outages of each provider with a record are replaced by what\n"
     "that record shows; other providers' records tell what is usual. Printed are coverage and width of 50, 80 and\n"
     "90 % intervals of the month's availability, the CRPS, Brier and log score of P(tier met), beside two forecasts\n"
     "without a model: the past months themselves, and the product of what providers publish.\n\n"
     "FILE#COMPONENT,COMPONENT takes only the incidents of these components. Default: 16,384 terms of each month.\n\n"
     "  surety backtest deal.yaml --incidents openai=incidents.json#API --incidents anthropic=other.csv\n",
     BACKTEST_OPTIONS, 1, 1, surety_cmd_backtest},
    {"report", "RESULT.json", "render again without a run", NULL, "", 0, 0, NULL},
    {"verify", "REPORT.html", "rerun what a report embeds and compare bytes",
     "Reads scenario, seed and number of terms out of a report of `surety run --report`, simulates again, and "
     "compares\n"
     "the whole report byte by byte. Exit status 0: the same; 1: different, saying where; 2: no surety report. Files\n"
     "that the scenario names are looked for beside the report.\n",
     "--threads --quiet", 1, 1, surety_cmd_verify},
    {"export", "WHAT FILE", "contract text and monitoring rules of what was modelled",
     "Writes to standard output, for one tier of the scenario FILE. WHAT is\n\n"
     "  clauses     the annex to the contract: definitions, promises, window, exclusions, remedies, an example\n"
     "  openslo     OpenSLO v1: the internal SLO as objective, what is signed in annotations, burn-rate policies\n"
     "  prometheus  recording rules and multiwindow burn-rate alerts (`contract.alerts`)\n\n"
     "`openslo` simulates to find the internal SLO; the others do only when --tier is not given.\n",
     "--tier --architecture --contract --set --replications --seed --threads", 2, 2, surety_cmd_export},
    {"merge", "PART...", "combine shards of one run", NULL, "", 0, 0, NULL},
    {"schema", "", "the JSON Schema of a scenario, for editors",
     "Prints the JSON Schema (draft 2020-12) of scenario version 1 as this program reads it.\n", "", 0, 0,
     surety_cmd_schema},
    {"explain", "KEY|ERROR-ID", "what a key of the scenario or an error means",
     "KEY is a path such as contract.tiers or failover.detect, ERROR-ID the word in brackets of a message.\n", "", 1, 1,
     surety_cmd_explain},
    {"man", "", "this manual as a page for man", "Prints the manual page, for `man -l -`.\n", "", 0, 0, surety_cmd_man},
    {"version", "", "version, licence and what the numbers depend on", NULL, "", 0, 0, surety_cmd_version},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
#define N_COMMANDS (sizeof surety_commands / sizeof surety_commands[0] - 1)

static void print_help(FILE *out)
{
    fputs("surety: know which SLA you can sign, before you sign it.\n\nusage: surety COMMAND ...\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (surety_commands[i].run != NULL)
            fprintf(out, "  %-9s %-14s %s\n", surety_commands[i].name, surety_commands[i].arguments,
                    surety_commands[i].summary);
    }
    fputs("\nnot supported yet:", out);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (surety_commands[i].run == NULL)
            fprintf(out, " %s", surety_commands[i].name);
    }
    fputs("\n\n`surety COMMAND --help` shows a command's options.\n"
          "Exit status: 0 done, 1 what was required does not hold, 2 wrong input or usage, 3 the system failed.\n",
          out);
}

static void print_command_help(const struct surety_command *command)
{
    printf("surety %s: %s\n\nusage: surety %s %s%s\n", command->name, command->summary, command->name,
           command->arguments, command->options[0] == '\0' ? "" : " [OPTION]...");
    if (command->details != NULL)
        printf("\n%s", command->details);
    putchar('\n');
    for (const struct surety_option *row = surety_option_rows; row->name != NULL; row++) {
        if (row->kind == SURETY_OPTION_LATER || !surety_command_knows(command, row))
            continue;
        const int room = (int)strlen(row->name) > 14 ? 25 - (int)strlen(row->name) : 11;
        printf("  %-14s %-*s %s\n", row->name, room, row->value == NULL ? "" : row->value, row->help);
    }
}

static const struct surety_command *find_command(const char *name, struct surety_diags *diags)
{
    const struct surety_place nowhere = {0, 0};
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(surety_commands[i].name, name) != 0)
            continue;
        if (surety_commands[i].run != NULL)
            return &surety_commands[i];
        surety_diag_add(diags, SURETY_D_UNSUPPORTED, nowhere, NULL, NULL, "command \"%s\" is not supported yet", name);
        return NULL;
    }
    const char *near = surety_did_you_mean(name, &surety_commands[0].name, N_COMMANDS, sizeof surety_commands[0]);
    char hint[64] = "see `surety --help`";
    if (near != NULL)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    surety_diag_add(diags, SURETY_D_USAGE, nowhere, NULL, hint, "no command \"%s\"", name);
    return NULL;
}

// *refuted becomes true when a command judged that what was asked does not hold.
static enum surety_err run_command(int argc, char **argv, struct surety_diags *diags, bool *refuted)
{
    const struct surety_command *command = find_command(argv[1], diags);
    if (command == NULL)
        return SURETY_E_INPUT;
    struct surety_options options;
    enum surety_err err = surety_options_parse(&options, command, argc - 2, argv + 2, diags);
    if (options.help && err != SURETY_E_MEMORY) {
        surety_diags_finish(diags); // who asks for help need not get the rest right
        surety_diags_init(diags, "surety");
        err = SURETY_OK;
        print_command_help(command);
    } else if (err == SURETY_OK) {
        options.refuted = refuted;
        err = command->run(&options, diags);
    }
    // A full disk shows when the buffer is written out.
    int error = surety_output_flush(stdout);
    if (error != 0 && err == SURETY_OK) {
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL,
                        "cannot write standard output: %s", strerror(error));
        err = SURETY_E_SYSTEM;
    }
    surety_options_finish(&options);
    return err;
}

static int exit_status(enum surety_err err)
{
    switch (err) {
    case SURETY_OK:
        return SURETY_EXIT_OK;
    case SURETY_E_INPUT:
        return SURETY_EXIT_INPUT;
    case SURETY_E_MEMORY:
    case SURETY_E_SYSTEM:
    case SURETY_E_NUMERIC:
        break;
    }
    return SURETY_EXIT_SYSTEM;
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off(); // GSL aborts otherwise; its return codes are checked
    signal(SIGPIPE, SIG_IGN);    // a closed pipe is a write error like any other
    if (argc < 2) {
        print_help(stderr);
        return SURETY_EXIT_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return fflush(stdout) == 0 ? SURETY_EXIT_OK : SURETY_EXIT_SYSTEM;
    }
    if (strcmp(argv[1], "--version") == 0)
        argv[1] = "version";
    struct surety_diags diags;
    surety_diags_init(&diags, "surety");
    bool refuted = false;
    enum surety_err err = run_command(argc, argv, &diags, &refuted);
    if (err != SURETY_OK) {
        surety_diags_print(&diags, stderr);
        if (err == SURETY_E_MEMORY && !diags.out_of_memory)
            fputs("surety: error[memory]: memory is out\n", stderr);
        else if (diags.n_errors == 0)
            fputs("surety: error: no result\n", stderr);
    }
    surety_diags_finish(&diags);
    return err == SURETY_OK && refuted ? SURETY_EXIT_JUDGED : (int)exit_status(err);
}
