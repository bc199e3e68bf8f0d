// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cli/options.h"

#include "sim/cli/command.h"
#include "sim/scenario/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COUNT 1e12
#define MAX_THREADS 1024.0
#define NOWHERE ((struct surety_place){0, 0})

const struct surety_option surety_option_rows[] = {
    {"--json", SURETY_OPTION_TEXT, offsetof(struct surety_options, json), "PATH|-",
     "write result v1 to PATH; - writes it, and nothing else, to standard output"},
    {"--set", SURETY_OPTION_OVERRIDE, 0, "PATH=VALUE",
     "replace or add a value of the scenario before it is checked; may be repeated"},
    {"--replications", SURETY_OPTION_COUNT, offsetof(struct surety_options, replications), "N",
     "simulated terms, such as 20k or 1M (default 100k; with --precision the most that are run)"},
    {"--precision", SURETY_OPTION_HALFWIDTH, offsetof(struct surety_options, precision), "P",
     "run until every P(every month met) is known to +-P, such as 0.1pp"},
    {"--seed", SURETY_OPTION_SEED, offsetof(struct surety_options, seed), "S",
     "seed of the random numbers (default 1); the same seed gives the same bytes"},
    {"--threads", SURETY_OPTION_THREADS, offsetof(struct surety_options, threads), "T",
     "threads (default: one per processor); the results do not depend on it"},
    {"--contract", SURETY_OPTION_NAME, offsetof(struct surety_options, contract), "NAME",
     "the contract whose term is told, when the scenario has several"},
    {"--architecture", SURETY_OPTION_NAME, offsetof(struct surety_options, architecture), "NAME",
     "the one whose term is told (default: the first), or that is checked"},
    {"--tier", SURETY_OPTION_NAME, offsetof(struct surety_options, tier), "TIER",
     "the tier that is exported (default: the verdict's, after a run)"},
    {"--worst", SURETY_OPTION_SHARE, offsetof(struct surety_options, worst), "P",
     "tell the term at this share from the worst, by availability (default 1%)"},
    {"--breach", SURETY_OPTION_NAME, offsetof(struct surety_options, breach), "TIER",
     "tell the first term in which a month misses this tier"},
    {"--replication", SURETY_OPTION_NUMBER, offsetof(struct surety_options, replication), "N",
     "tell the term with this number, from 0"},
    {"--all", SURETY_OPTION_FLAG, offsetof(struct surety_options, all), NULL,
     "tell the outages that the service did not feel too; draw the whole term"},
    {"--svg", SURETY_OPTION_TEXT, offsetof(struct surety_options, svg), "FILE",
     "draw the worst month as a timeline to FILE"},
    {"--providers", SURETY_OPTION_NAME, offsetof(struct surety_options, providers), "A,B",
     "catalogue entries in the order of the failover (default openai,anthropic)"},
    {"--style", SURETY_OPTION_NAME, offsetof(struct surety_options, style), "STYLE",
     "how the contract reads: aws (default), google, azure or probes"},
    {"--fee", SURETY_OPTION_NAME, offsetof(struct surety_options, fee), "MONEY",
     "what the customer pays (default \"24000 USD/month\", an example)"},
    {"--incidents", SURETY_OPTION_RECORD, 0, "[NAME=]FILE",
     "the record of provider NAME (needed where several are used); may be repeated"},
    {"--others-perfect", SURETY_OPTION_FLAG, offsetof(struct surety_options, others_perfect), NULL,
     "providers without a record, and common causes, never fail"},
    {"--published", SURETY_OPTION_SHARE, offsetof(struct surety_options, published), "P",
     "what every provider publishes, for the comparison (default 99.9%)"},
    {"--ahead", SURETY_OPTION_COUNT, offsetof(struct surety_options, ahead), "N",
     "forecast the N-th month after the record's end (default 1: the next one)"},
    {"--belief", SURETY_OPTION_NAME, offsetof(struct surety_options, belief), "KEY=N,...",
     "other weights of the record: half_life_days=180, drift=0; --json lists them all"},
    {"--reliability", SURETY_OPTION_TEXT, offsetof(struct surety_options, reliability), "FILE.svg",
     "draw forecast probabilities against what came true (needs gnuplot)"},
    {"--quiet", SURETY_OPTION_FLAG, offsetof(struct surety_options, quiet), NULL,
     "no progress line and no warnings on standard error"},
    {"--help", SURETY_OPTION_FLAG, offsetof(struct surety_options, help), NULL, "show this help"},
    {"--report", SURETY_OPTION_TEXT, offsetof(struct surety_options, report), "FILE.html",
     "write the report, one file to hand over (needs gnuplot); FILE.pdf prints it (chromium)"},
    {"--csv", SURETY_OPTION_TEXT, offsetof(struct surety_options, csv), "DIR",
     "write tables for spreadsheets into DIR"},
    {"--plot", SURETY_OPTION_FLAG, offsetof(struct surety_options, plot), NULL,
     "draw the two essential figures in the terminal"},
    {"--require", SURETY_OPTION_TEXT, offsetof(struct surety_options, require), "TIER",
     "exit with 1 unless TIER is safe; or TIER@ARCHITECTURE, TIER:priced, CONTRACT.TIER"},
    {"--offers", SURETY_OPTION_FLAG, offsetof(struct surety_options, offers), NULL,
     "for every tier that is not safe, look for the nearest clauses that are"},
    {"--keep-plots", SURETY_OPTION_TEXT, offsetof(struct surety_options, keep_plots), "DIR",
     "with --report: write the figures' gnuplot scripts into DIR"},
    {"--engine", SURETY_OPTION_NAME, offsetof(struct surety_options, engine), "ENGINE",
     "events (default): whole terms; requests: each request of a stretch of time"},
    {"--horizon", SURETY_OPTION_DURATION, offsetof(struct surety_options, horizon_s), "DURATION",
     "engine requests: the length of each world (default 1h, or the trace's), or after the outage"},
    {"--at", SURETY_OPTION_NAME, offsetof(struct surety_options, at), "TIME",
     "engine requests: when in the week it begins, such as \"Tue 10:00\" (default: any time)"},
    {"--outage", SURETY_OPTION_NAME, offsetof(struct surety_options, outage), "NAME=LENGTH",
     "engine requests: one outage alone, such as openai.major=20m: does its storm end with it?"},
    {"--trace", SURETY_OPTION_TEXT, offsetof(struct surety_options, trace), "FILE",
     "engine requests: requests as they came, a CSV file with columns timestamp[,tokens]"},
    {"--plot", SURETY_OPTION_TEXT, offsetof(struct surety_options, plot_file), "FILE.svg",
     "draw what was measured and the laws over it (fit; needs gnuplot), or the calendar (replay)"},
    {"--format", SURETY_OPTION_NAME, offsetof(struct surety_options, format), "NAME",
     "format of the files (default: recognised): statuspage-atlassian, daily-minutes, table, ..."},
    {"--start", SURETY_OPTION_WORD, offsetof(struct surety_options, start), "COLUMN", "column of a table: the start"},
    {"--end", SURETY_OPTION_WORD, offsetof(struct surety_options, end), "COLUMN", "column of a table: the end"},
    {"--severity", SURETY_OPTION_WORD, offsetof(struct surety_options, severity), "COLUMN",
     "column of a table: the severity; \"\": there is none, all are major"},
    {"--component", SURETY_OPTION_WORD, offsetof(struct surety_options, component), "COLUMN",
     "column of a table: the components"},
    {"--filter", SURETY_OPTION_FILTER, 0, "KEY=VALUE",
     "component=NAME, provider=NAME or grade=NAME only (latency: COLUMN=TEXT); may be repeated"},
    {"--grade", SURETY_OPTION_GRADE, 0, "WORD=GRADE",
     "what another word for a severity means: none, degraded, partial, major, maintenance"},
    {"--by", SURETY_OPTION_NAME, offsetof(struct surety_options, by), "WHAT",
     "one provider for each file (default), component or provider in it"},
    {"--from", SURETY_OPTION_NAME, offsetof(struct surety_options, from), "DATE",
     "the record was watched from here on"},
    {"--until", SURETY_OPTION_NAME, offsetof(struct surety_options, until), "DATE", "the record ends before this day"},
    {"--winsorise", SURETY_OPTION_NAME, offsetof(struct surety_options, winsorise), "CAP",
     "longer outages count as this long: a duration (3d) or a quantile (99%)"},
    {"--profile", SURETY_OPTION_NAME, offsetof(struct surety_options, profile), "NAME",
     "what share of requests fails under each severity (default status-page; `list` prints them)"},
    {"--laws", SURETY_OPTION_NAME, offsetof(struct surety_options, laws), "A,B",
     "laws to choose from: exponential, weibull, gamma, lognormal, mixture (default all)"},
    {"--uncertain", SURETY_OPTION_FLAG, offsetof(struct surety_options, uncertain), NULL,
     "write what backtest believes, shares as ranges"},
    {"--into", SURETY_OPTION_TEXT, offsetof(struct surety_options, into), "FILE",
     "put what was fitted into the scenario FILE (of outages: or make it)"},
    {"--drop-disordered", SURETY_OPTION_FLAG, offsetof(struct surety_options, drop_disordered), NULL,
     "leave out incidents whose times go backwards, and count them"},
    {"--bootstrap", SURETY_OPTION_COUNT, offsetof(struct surety_options, bootstrap), "N",
     "simulated records behind each p-value (default 199)"},
    {"--table", SURETY_OPTION_NAME, offsetof(struct surety_options, table), "RULES",
     "print a table of the record in place of a fit: icpe25"},
    {"--first-token", SURETY_OPTION_WORD, offsetof(struct surety_options, first_token), "COLUMN",
     "fit latency: column of the time to the first token (default: by its usual names)"},
    {"--per-output-token", SURETY_OPTION_WORD, offsetof(struct surety_options, per_output_token), "COLUMN",
     "fit latency: column of the time per output token (default: of the next two)"},
    {"--end-to-end", SURETY_OPTION_WORD, offsetof(struct surety_options, end_to_end), "COLUMN",
     "fit latency: column of the time to the last token"},
    {"--output-tokens", SURETY_OPTION_WORD, offsetof(struct surety_options, output_tokens), "COLUMN",
     "fit latency: column of the number of output tokens"},
    {"--rare", SURETY_OPTION_LATER, 0, "auto|on|off", ""},
    {NULL, SURETY_OPTION_FLAG, 0, NULL, NULL},
};

// Whether two rows have this name: a flag and an option with a value.
static bool stands_twice(const char *name)
{
    size_t n = 0;
    for (const struct surety_option *row = surety_option_rows; row->name != NULL; row++)
        n += strcmp(row->name, name) == 0;
    return n > 1;
}

bool surety_command_knows(const struct surety_command *command, const struct surety_option *option)
{
    if (strcmp(option->name, "--help") == 0)
        return true;
    const char *at = command->options;
    const size_t length = strlen(option->name);
    while ((at = strstr(at, option->name)) != NULL) {
        const bool with_value = at[length] == '=';
        if ((with_value || at[length] == ' ' || at[length] == '\0') && (at == command->options || at[-1] == ' '))
            return !stands_twice(option->name) || with_value == (option->value != NULL);
        at += length;
    }
    return false;
}

// The decimal number at the start of `text` (no sign, no exponent) and what follows it; false when there is none.
static bool read_number(const char *text, double *value, const char **rest)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0)
        return false;
    if (text[n] == '.' && strspn(text + n + 1, "0123456789") > 0)
        n += 1 + strspn(text + n + 1, "0123456789");
    *value = strtod(text, NULL); // the C locale; may read an exponent, which `rest` then still shows
    *rest = text + n;
    return true;
}

static bool read_count(const char *text, uint64_t *out)
{
    double value;
    const char *rest;
    if (!read_number(text, &value, &rest))
        return false;
    double scale = *rest == 'k' ? 1e3 : *rest == 'M' ? 1e6 : *rest == 'G' ? 1e9 : 1.0;
    if (rest[scale > 1.0] != '\0')
        return false;
    value = round(value * scale * 1e3) / 1e3; // 1.1k is 1100, whatever the last bit says
    if (value != floor(value) || value < 1.0 || value > MAX_COUNT)
        return false;
    *out = (uint64_t)value;
    return true;
}

static bool read_seed(const char *text, uint64_t *out)
{
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0)
        return false;
    *out = value;
    return true;
}

static bool read_threads(const char *text, unsigned *out)
{
    double value;
    const char *rest;
    if (!read_number(text, &value, &rest) || *rest != '\0' || value != floor(value) || value < 1.0 ||
        value > MAX_THREADS)
        return false;
    *out = (unsigned)value;
    return true;
}

static bool read_halfwidth(const char *text, double *out)
{
    double value;
    const char *rest;
    if (!read_number(text, &value, &rest))
        return false;
    if (strcmp(rest, "%") == 0 || strcmp(rest, "pp") == 0)
        value /= 100.0;
    else if (*rest != '\0')
        return false;
    if (!(value > 0.0 && value <= 0.5))
        return false;
    *out = value;
    return true;
}

static bool read_share(const char *text, double *out)
{
    double value;
    const char *rest;
    if (!read_number(text, &value, &rest) || (*rest != '\0' && strcmp(rest, "%") != 0))
        return false;
    if (*rest == '%')
        value /= 100.0;
    if (!(value > 0.0 && value <= 1.0))
        return false;
    *out = value;
    return true;
}

static bool read_duration(const char *text, double *out_s)
{
    struct surety_problem problem;
    double value;
    if (!surety_parse_duration(text, &value, &problem) || !(value >= 1e-3))
        return false;
    *out_s = value;
    return true;
}

// PATH=VALUE; false when there is no path.
static enum surety_err add_override(struct surety_options *options, const char *text, bool *valid)
{
    const char *equals = strchr(text, '=');
    *valid = equals != NULL && equals != text;
    if (!*valid)
        return SURETY_OK;
    const char *path = surety_arena_strndup(&options->arena, text, (size_t)(equals - text));
    if (path == NULL)
        return SURETY_E_MEMORY;
    options->overrides[options->n_overrides++] = (struct surety_override){path, equals + 1};
    return SURETY_OK;
}

// Stores the text of one option. What is allowed goes to *allowed when the text is wrong.
static enum surety_err store(struct surety_options *options, const struct surety_option *row, const char *text,
                             const char **allowed)
{
    void *at = (char *)options + row->offset;
    bool valid = true;
    uint64_t number;
    enum surety_err err = SURETY_OK;
    switch (row->kind) {
    case SURETY_OPTION_FLAG:
        *(bool *)at = true;
        break;
    case SURETY_OPTION_TEXT:
        *(const char **)at = text;
        valid = text[0] != '\0';
        *allowed = "a file name, or - for standard output";
        break;
    case SURETY_OPTION_COUNT:
        valid = read_count(text, at);
        *allowed = "a whole number from 1 to 1000G, such as 5000, 20k or 1M";
        break;
    case SURETY_OPTION_SEED:
        valid = read_seed(text, at);
        *allowed = "a whole number from 0 to 18446744073709551615";
        break;
    case SURETY_OPTION_THREADS:
        valid = read_threads(text, at);
        *allowed = "a whole number from 1 to 1024";
        break;
    case SURETY_OPTION_SHARE:
        valid = read_share(text, at);
        *allowed = "a share above 0 and at most 1, such as 1% or 0.01";
        break;
    case SURETY_OPTION_NAME:
        *(const char **)at = text;
        valid = text[0] != '\0';
        *allowed = "a name of the scenario";
        break;
    case SURETY_OPTION_NUMBER:
        *(const char **)at = text;
        valid = read_seed(text, &number);
        *allowed = "a whole number from 0 to 18446744073709551615";
        break;
    case SURETY_OPTION_HALFWIDTH:
        valid = read_halfwidth(text, at);
        *allowed = "a half-width above 0 and at most 0.5, such as 0.001 or 0.1pp";
        break;
    case SURETY_OPTION_DURATION:
        valid = read_duration(text, at);
        *allowed = "a duration of at least 1ms, such as 2h or 30m";
        break;
    case SURETY_OPTION_OVERRIDE:
        err = add_override(options, text, &valid);
        *allowed = "PATH=VALUE, such as providers.openai.outages.major.failing=50%";
        break;
    case SURETY_OPTION_RECORD:
        options->incidents[options->n_incidents++] = text;
        valid = text[0] != '\0';
        *allowed = "FILE or PROVIDER=FILE";
        break;
    case SURETY_OPTION_FILTER:
        options->filters[options->n_filters++] = text;
        valid = strchr(text, '=') != NULL;
        *allowed = "component=NAME, provider=NAME or grade=NAME; of latencies COLUMN=TEXT";
        break;
    case SURETY_OPTION_GRADE:
        options->grades[options->n_grades++] = text;
        valid = strchr(text, '=') != NULL;
        *allowed = "WORD=GRADE, such as bananas=partial";
        break;
    case SURETY_OPTION_WORD:
        *(const char **)at = text;
        break;
    case SURETY_OPTION_LATER:
        break;
    }
    if (valid)
        *allowed = NULL;
    return err;
}

// The row of a name of `length` bytes, the one that the command knows where there are two; NULL when there is none.
static const struct surety_option *find_row(const struct surety_command *command, const char *name, size_t length)
{
    const struct surety_option *found = NULL;
    for (const struct surety_option *row = surety_option_rows; row->name != NULL; row++) {
        if (strlen(row->name) == length && memcmp(row->name, name, length) == 0 &&
            (found == NULL || surety_command_knows(command, row)))
            found = row;
    }
    return found;
}

static void add_unknown(const struct surety_command *command, const char *name, size_t length,
                        struct surety_options *options, struct surety_diags *diags)
{
    const char *known[sizeof surety_option_rows / sizeof surety_option_rows[0]];
    size_t n = 0;
    for (const struct surety_option *row = surety_option_rows; row->name != NULL; row++) {
        if (row->kind != SURETY_OPTION_LATER && surety_command_knows(command, row))
            known[n++] = row->name;
    }
    const char *word = surety_arena_strndup(&options->arena, name, length);
    const char *near = word == NULL ? NULL : surety_did_you_mean(word, known, n, sizeof known[0]);
    const char *hint = near == NULL ? surety_arena_printf(&options->arena, "see `surety %s --help`", command->name)
                                    : surety_arena_printf(&options->arena, "did you mean \"%s\"?", near);
    surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, hint, "no option \"%.*s\" for `surety %s`", (int)length, name,
                    command->name);
}

// Reads the option at argv[*i] and its value, leaving *i at the last argument that was used.
static enum surety_err parse_option(struct surety_options *options, const struct surety_command *command, int argc,
                                    char **argv, int *i, struct surety_diags *diags)
{
    const char *word = strcmp(argv[*i], "-h") == 0 ? "--help" : argv[*i];
    size_t length = strcspn(word, "=");
    const struct surety_option *row = find_row(command, word, length);
    if (row != NULL && row->kind == SURETY_OPTION_LATER) {
        if (row->value != NULL && word[length] == '\0' && *i + 1 < argc)
            (*i)++;
        surety_diag_add(diags, SURETY_D_UNSUPPORTED, NOWHERE, NULL, NULL, "option \"%s\" is not supported yet",
                        row->name);
        return SURETY_OK;
    }
    if (row == NULL || !surety_command_knows(command, row)) {
        add_unknown(command, word, length, options, diags);
        return SURETY_OK;
    }
    const char *text = word[length] == '=' ? word + length + 1 : NULL;
    if (row->value == NULL && text != NULL) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "option \"%s\" takes no value", row->name);
        return SURETY_OK;
    }
    if (row->value == NULL) {
        text = "";
    } else if (text == NULL) {
        if (*i + 1 >= argc) {
            surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "option \"%s\" needs a value: %s %s", row->name,
                            row->name, row->value);
            return SURETY_OK;
        }
        text = argv[++*i];
    }
    const char *allowed = NULL;
    enum surety_err err = store(options, row, text, &allowed);
    if (allowed != NULL)
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, allowed, "\"%s\" is not a value for %s", text, row->name);
    return err;
}

enum surety_err surety_options_parse(struct surety_options *options, const struct surety_command *command, int argc,
                                     char **argv, struct surety_diags *diags)
{
    *options = (struct surety_options){.seed = 1};
    surety_arena_init(&options->arena);
    options->overrides = surety_arena_calloc(&options->arena, (size_t)argc + 1, sizeof *options->overrides);
    options->arguments = surety_arena_calloc(&options->arena, (size_t)argc + 1, sizeof *options->arguments);
    options->incidents = surety_arena_calloc(&options->arena, (size_t)argc + 1, sizeof *options->incidents);
    options->filters = surety_arena_calloc(&options->arena, (size_t)argc + 1, sizeof *options->filters);
    options->grades = surety_arena_calloc(&options->arena, (size_t)argc + 1, sizeof *options->grades);
    if (options->overrides == NULL || options->arguments == NULL || options->filters == NULL ||
        options->grades == NULL || options->incidents == NULL)
        return SURETY_E_MEMORY;
    bool only_arguments = false;
    for (int i = 0; i < argc; i++) {
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && argv[i][0] == '-' && argv[i][1] != '\0') {
            enum surety_err err = parse_option(options, command, argc, argv, &i, diags);
            if (err != SURETY_OK)
                return err;
        } else {
            options->arguments[options->n_arguments++] = argv[i];
        }
    }
    if (options->help)
        return SURETY_OK;
    if (options->n_arguments < command->min_arguments) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "usage: surety %s %s", command->name,
                        command->arguments);
    } else if (options->n_arguments > command->max_arguments) {
        surety_diag_add(diags, SURETY_D_USAGE, NOWHERE, NULL, NULL, "unexpected argument \"%s\"; usage: surety %s %s",
                        options->arguments[command->max_arguments], command->name, command->arguments);
    }
    return diags->n_errors > 0 || diags->out_of_memory ? SURETY_E_INPUT : SURETY_OK;
}

void surety_options_finish(struct surety_options *options)
{
    surety_arena_finish(&options->arena);
}
