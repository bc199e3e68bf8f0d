// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_OPTIONS_H
#define SURETY_CLI_OPTIONS_H

#include "sim/base/diag.h"
#include "sim/base/err.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What all commands may be told on the command line. A command lists the rows of surety_option_rows it knows.
struct surety_options {
    struct surety_arena arena;
    bool help, quiet;
    const char *json;                      // path, "-" standard output; NULL: not asked for
    const char *report, *csv, *keep_plots; // a file, folders; NULL: not asked for
    bool plot;
    const char *require;                     // run: [CONTRACT.]TIER[@ARCH][:safe|priced]; NULL: nothing is required
    bool *refuted;                           // where a command that judges puts true: exit status 1
    const char *engine, *at, *trace;         // run: as written; NULL: not given
    const char *outage;                      // run: NAME=DURATION; NULL: not given
    double horizon_s;                        // run: 0: not given
    uint64_t replications;                   // 0: not given
    double precision;                        // half-width of P(term), in (0, 0.5]; 0: not given
    uint64_t seed;                           // default 1
    unsigned threads;                        // 0: one per processor
    const char *contract;                    // show: a name; NULL: not given
    const char *architecture, *breach, *svg; // show: names, a path; NULL: not given
    const char *tier;                        // export: a name; NULL: not given
    double worst;                            // show: a share in (0, 1]; 0: not given
    const char *replication;                 // show: its number as text, checked; NULL: not given
    bool offers;                             // run: look for clauses that can be signed
    bool all;                                // show: what was not felt too
    const char *providers, *style, *fee;     // init; NULL: not given
    const char *reliability;                 // backtest: a path; NULL: not given
    double published;                        // backtest: a share in (0, 1]; 0: not given
    uint64_t ahead;                          // backtest: months, 0: not given
    const char *belief;                      // backtest: KEY=VALUE,...; NULL: not given
    const char **incidents;                  // replay, backtest: [PROVIDER=]FILE
    size_t n_incidents;
    bool others_perfect; // replay: what has no record never fails
    // fit; NULL: not given
    const char *format, *start, *end, *severity, *component, *from, *until, *winsorise, *profile, *laws, *into, *by,
        *table, *plot_file, *first_token, *per_output_token, *end_to_end, *output_tokens;
    bool uncertain, drop_disordered;
    uint64_t bootstrap;   // 0: not given
    const char **filters; // KEY=VALUE, n_filters
    size_t n_filters;
    const char **grades; // WORD=GRADE, n_grades
    size_t n_grades;
    struct surety_override *overrides;
    size_t n_overrides;
    const char **arguments; // what is no option
    size_t n_arguments;
};

enum surety_option_kind {
    SURETY_OPTION_FLAG,      // bool
    SURETY_OPTION_TEXT,      // const char *
    SURETY_OPTION_COUNT,     // uint64_t >= 1, suffixes k, M, G
    SURETY_OPTION_SEED,      // uint64_t
    SURETY_OPTION_THREADS,   // unsigned >= 1
    SURETY_OPTION_SHARE,     // double in (0, 1]: 0.01 or 1%
    SURETY_OPTION_NAME,      // const char *, a name in the scenario
    SURETY_OPTION_NUMBER,    // const char *, checked to be a uint64_t: 0 and "not given" differ
    SURETY_OPTION_HALFWIDTH, // double in (0, 0.5]: 0.001, 0.1% or 0.1pp
    SURETY_OPTION_DURATION,  // double, seconds, at least 1 ms
    SURETY_OPTION_OVERRIDE,  // PATH=VALUE, appended to overrides
    SURETY_OPTION_RECORD,    // [PROVIDER=]FILE, appended to incidents
    SURETY_OPTION_FILTER,    // KEY=VALUE, appended to filters
    SURETY_OPTION_GRADE,     // WORD=GRADE, appended to grades
    SURETY_OPTION_WORD,      // const char *, read by the command; may be empty
    SURETY_OPTION_LATER      // part of the interface that is refused with "not supported yet"
};

struct surety_option {
    const char *name; // with the dashes: "--json"
    enum surety_option_kind kind;
    size_t offset;     // in struct surety_options
    const char *value; // what follows it: "PATH|-"; NULL: nothing
    const char *help;  // one line
};

// A row with name NULL at the end. Every command knows `--help`. A name may stand twice, as a flag and with a value: a
// command that means the latter lists it with "=" behind it ("--plot=").
extern const struct surety_option surety_option_rows[];

struct surety_command; // command.h

// Reads argv[0..argc), what follows the command's name. Every mistake is added to `diags`; SURETY_E_INPUT when there
// was one, SURETY_E_MEMORY. `options` must be given to surety_options_finish in every case.
enum surety_err surety_options_parse(struct surety_options *options, const struct surety_command *command, int argc,
                                     char **argv, struct surety_diags *diags);

void surety_options_finish(struct surety_options *options);

// True when the command knows the option.
bool surety_command_knows(const struct surety_command *command, const struct surety_option *option);

#endif
