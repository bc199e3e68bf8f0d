// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/schema.h"

#include "models/gateway.h"
#include "models/registry.h"
#include "sim/base/calendar.h"
#include "sim/base/law.h"
#include "sim/scenario/explain.h"
#include "sim/scenario/json_schema.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A small table of our own, so that these tests do not depend on what scenarios look like.

struct inner {
    double wait_s;
};

struct item {
    const char *name;
    int64_t share_ppb;
};

struct thing {
    double wait_s, optional_s, share, factor, growth, rate, fee, count, number;
    int64_t wait_us, ppb, whole;
    int word;
    const char *text;
    struct surety_date day;
    struct surety_law law, tokens;
    struct inner inner;
    struct item *items;
    size_t n_items;
    bool inner_given;
};

static const char *const colours[] = {"red", "green", NULL}, *const later_colours[] = {"blue", NULL};
static const char *const never[] = {"never", "same", NULL}, *const none[] = {"none", NULL};

static const struct surety_field inner_rows[] = {{.name = "wait",
                                                  .kind = SURETY_KIND_DURATION,
                                                  .fallback = "5s",
                                                  .offset = offsetof(struct inner, wait_s),
                                                  .help = "",
                                                  .example = "5s"}};
static const struct surety_fields inner_fields = {.title = "an inner map", .rows = inner_rows, .n = 1};
static const struct surety_field item_rows[] = {{.name = "share",
                                                 .kind = SURETY_KIND_PPB,
                                                 .required = true,
                                                 .offset = offsetof(struct item, share_ppb),
                                                 .example = "5%"}};
static const struct surety_fields item_fields = {.title = "an item", .rows = item_rows, .n = 1};

#define ROW(key, kind_, member) .name = key, .kind = kind_, .offset = offsetof(struct thing, member), .example = "x"

static const struct surety_field rows[] = {
    {ROW("wait", SURETY_KIND_DURATION, wait_s), .required = true, .min = 1, .max = 60},
    {ROW("optional", SURETY_KIND_DURATION, optional_s)},
    {ROW("wait_us", SURETY_KIND_DURATION_US, wait_us), .words = never, .fallback = "10m"},
    {ROW("share", SURETY_KIND_SHARE, share), .fallback = "98%"},
    {ROW("ppb", SURETY_KIND_PPB, ppb), .above_min = true, .max = 0.5, .fallback = "10%"},
    {ROW("factor", SURETY_KIND_FACTOR, factor)},
    {ROW("growth", SURETY_KIND_GROWTH, growth)},
    {ROW("rate", SURETY_KIND_RATE, rate)},
    {ROW("fee", SURETY_KIND_MONEY, fee), .per = "month"},
    {ROW("count", SURETY_KIND_COUNT, count)},
    {ROW("number", SURETY_KIND_NUMBER, number)},
    {ROW("whole", SURETY_KIND_INTEGER, whole)},
    {ROW("word", SURETY_KIND_WORD, word), .words = colours, .later_words = later_colours},
    {ROW("text", SURETY_KIND_TEXT, text)},
    {ROW("day", SURETY_KIND_DATE, day)},
    {ROW("law", SURETY_KIND_LAW, law)},
    {ROW("time_to_rest", SURETY_KIND_LAW, law)},
    {ROW("tokens", SURETY_KIND_COUNT_LAW, tokens)},
    {ROW("inner", SURETY_KIND_MAP, inner), .sub = &inner_fields, .shorthand = "wait", .fallback = "{}",
     .present_offset = offsetof(struct thing, inner_given)},
    {ROW("items", SURETY_KIND_NAMED, items), .sub = &item_fields, .item_size = sizeof(struct item), .words = none,
     .count_offset = offsetof(struct thing, n_items)},
    {.name = "future", .later = true, .help = "", .example = ""},
};
static const struct surety_fields fields = {.title = "a thing", .rows = rows, .n = sizeof rows / sizeof *rows};

static struct surety_arena arena;
static struct surety_diags diags;
static struct surety_reader reader;

static bool read_thing(const char *text, struct thing *out)
{
    struct surety_ynode *root = NULL;
    surety_arena_init(&arena);
    surety_diags_init(&diags, "test.yaml");
    memset(out, 0, sizeof *out);
    cr_assert_eq(surety_ytree_read(&arena, text, strlen(text), &diags, &root), SURETY_OK);
    reader = (struct surety_reader){.registry = surety_registry_get(),
                                    .arena = &arena,
                                    .scratch = &arena,
                                    .diags = &diags,
                                    .root = root,
                                    .file = "test.yaml"};
    return surety_read_map(&reader, root, "", &fields, out);
}

static void done(void)
{
    surety_diags_finish(&diags);
    surety_arena_finish(&arena);
}

// `text` gives one message: this id and path, with `part` in message or hint.
static void expect(const char *text, enum surety_diag_id id, const char *path, const char *part)
{
    struct thing thing;
    cr_assert_not(read_thing(text, &thing), "accepted: %s", text);
    cr_assert_eq(diags.n, 1, "%zu messages: %s", diags.n, text);
    const struct surety_diag *diag = &diags.list[0];
    cr_assert_eq(diag->id, id, "id %s: %s", surety_diag_kind(diag->id)->id, text);
    cr_assert_str_eq(diag->path, path);
    cr_assert(strstr(diag->message, part) != NULL || (diag->hint != NULL && strstr(diag->hint, part) != NULL),
              "'%s' '%s': %s", diag->message, diag->hint == NULL ? "" : diag->hint, text);
    done();
}

Test(schema, all_kinds)
{
    struct thing thing;
    cr_assert(read_thing(
        "{wait: 2s, optional: 1m, wait_us: 1.5s, share: 99.9%, ppb: 0.25, factor: 1.6x, growth: 2%/month, "
        "rate: 60/min, fee: 1k USD/month, count: 2k, number: -1.5, whole: 010, word: green, text: hello, "
        "day: 2027-01-31, law: 30m, tokens: 1.1k, inner: {wait: 7s}, items: {a: {share: 1%}, b: {share: 2%}}}",
        &thing));
    cr_assert(thing.wait_s == 2 && thing.optional_s == 60 && thing.wait_us == 1500000 && thing.share == 0.999);
    cr_assert(thing.ppb == 250000000 && thing.factor == 1.6 && thing.growth == 0.02 && thing.rate == 1);
    cr_assert(thing.fee == 1000 && thing.count == 2000 && thing.number == -1.5 && thing.whole == 10 && thing.word == 1);
    cr_assert_str_eq(thing.text, "hello");
    cr_assert(thing.day.month == 1 && thing.day.day == 31);
    cr_assert(thing.law.kind == SURETY_LAW_FIXED && thing.law.a == 1800 && thing.law.max == INFINITY);
    cr_assert(thing.tokens.kind == SURETY_LAW_FIXED && thing.tokens.a == 1100);
    cr_assert(thing.inner_given && thing.inner.wait_s == 7 && thing.n_items == 2);
    cr_assert_str_eq(thing.items[1].name, "b");
    cr_assert_eq(thing.items[1].share_ppb, 20000000);
    cr_assert_str_eq(reader.currency, "USD");
    done();
}

Test(schema, defaults_and_absent_values)
{
    struct thing thing;
    cr_assert(read_thing("wait: 2s", &thing));
    cr_assert(isnan(thing.optional_s) && isnan(thing.fee) && thing.word == -1 && thing.wait_us == 600000000);
    cr_assert(thing.share == 0.98 && thing.ppb == 100000000 && thing.inner.wait_s == 5 && !thing.inner_given);
    const char *const expected[] = {"wait_us: 10m", "share: 98%", "ppb: 10%", "inner.wait: 5s"};
    const struct surety_line *line = reader.defaults.first;
    for (size_t i = 0; i < 4; i++, line = line->next)
        cr_assert_str_eq(line->text, expected[i]);
    cr_assert_null(line);
    done();
}

Test(schema, words_in_the_place_of_values)
{
    struct thing thing;
    cr_assert(read_thing("{wait: 2s, wait_us: never, inner: 9s, items: none, time_to_rest: 1h}", &thing));
    cr_assert(thing.wait_us == SURETY_NEVER && thing.inner.wait_s == 9 && thing.n_items == 0);
    cr_assert(thing.law.kind == SURETY_LAW_EXPONENTIAL && thing.law.a == 3600); // a bare mean under time_to_*
    done();
    cr_assert(read_thing("{wait: 2s, wait_us: same}", &thing));
    cr_assert_eq(thing.wait_us, -1);
    done();
}

Test(schema, mistakes)
{
    expect("{wait: 2s, fator: 1x}", SURETY_D_UNKNOWN_KEY, "fator", "did you mean 'factor'?");
    expect("{optional: 1s}", SURETY_D_MISSING_KEY, "wait", "'wait' is missing in a thing");
    expect("{wait: 0.5s}", SURETY_D_RANGE, "wait", "allowed: 1s to 1m");
    expect("{wait: 2h}", SURETY_D_RANGE, "wait", "too large");
    expect("{wait: 2}", SURETY_D_VALUE, "wait", "2m for minutes");
    expect("{wait: }", SURETY_D_TYPE, "wait", "nothing stands");
    expect("{wait: {a: 1}}", SURETY_D_TYPE, "wait", "a map stands");
    expect("{wait: [1s]}", SURETY_D_TYPE, "wait", "a list stands");
    expect("{wait: {between: [1s, 2s]}}", SURETY_D_UNCERTAIN, "wait", "cannot stand here");
    expect("{wait: 2s, wait_us: nevr}", SURETY_D_VALUE, "wait_us", "`never`");
    expect("{wait: 2s, ppb: 0%}", SURETY_D_RANGE, "ppb", "above 0% to 50%");
    expect("{wait: 2s, ppb: 60%}", SURETY_D_RANGE, "ppb", "too large");
    expect("{wait: 2s, share: 130%}", SURETY_D_RANGE, "share", "0% to 100%");
    expect("{wait: 2s, word: gren}", SURETY_D_CHOICE, "word", "did you mean 'green'?");
    expect("{wait: 2s, word: blue}", SURETY_D_UNSUPPORTED, "word", "not supported yet");
    expect("{wait: 2s, day: 2027-02-29}", SURETY_D_VALUE, "day", "not a date");
    expect("{wait: 2s, future: 1}", SURETY_D_UNSUPPORTED, "future", "not supported yet");
    expect("{wait: 2s, inner: {wait: 5}}", SURETY_D_VALUE, "inner.wait", "without a unit");
    expect("{wait: 2s, inner: 5}", SURETY_D_VALUE, "inner.wait", "without a unit");
    expect("{wait: 2s, inner: [1]}", SURETY_D_TYPE, "inner", "the map of an inner map belongs");
    expect("{wait: 2s, items: [a]}", SURETY_D_TYPE, "items", "or the word `none`");
    expect("{wait: 2s, items: {}}", SURETY_D_MISSING_KEY, "items", "empty");
    expect("{wait: 2s, items: {2x: {share: 1%}}}", SURETY_D_NAME, "items.2x", "a name is a letter");
    expect("{wait: 2s, items: {a: {}}}", SURETY_D_MISSING_KEY, "items.a.share", "missing in an item");
    expect("[1]", SURETY_D_TYPE, "", "a list stands where the map of a thing belongs");
}

Test(schema, all_mistakes_at_once)
{
    struct thing thing;
    cr_assert_not(read_thing("{share: 2, ppb: x, word: y, nothing: 1, inner: {z: 1}, items: {a: {share: 3}}}", &thing));
    cr_assert_eq(diags.n_errors, 7);
    done();
}

// --- laws -----------------------------------------------------------------------------------------------------

Test(schema, laws)
{
    struct thing thing;
    cr_assert(read_thing("{wait: 2s, law: {lognormal: {median: 1.2h, p95: 9h, shift: 10s, max: 3d}}}", &thing));
    cr_assert(thing.law.kind == SURETY_LAW_LOGNORMAL && thing.law.shift == 10 && thing.law.max == 259200);
    cr_assert_float_eq(thing.law.a, log(4320), 1e-12);
    done();
    cr_assert(read_thing("{wait: 2s, law: {weibull: {shape: 0.77, mean: 31d}}}", &thing));
    cr_assert_float_eq(surety_law_mean(&thing.law), 31 * 86400.0, 1e-3);
    done();
    cr_assert(read_thing("{wait: 2s, law: {uniform: {min: 1m, max: 3m}}}", &thing));
    cr_assert(thing.law.a == 60 && thing.law.b == 180 && thing.law.max == INFINITY);
    done();
    cr_assert(read_thing("{wait: 2s, law: {fixed: 30m}}", &thing));
    cr_assert_eq(surety_law_mean(&thing.law), 1800);
    done();
    cr_assert(read_thing("{wait: 2s, law: {exponential: {mean: 30m}}}", &thing));
    cr_assert(thing.law.kind == SURETY_LAW_EXPONENTIAL && thing.law.a == 1800);
    done();
    cr_assert(read_thing("{wait: 2s, law: {empirical: {values: [3h, 1h, 2h]}}}", &thing));
    cr_assert(thing.law.n == 3 && thing.law.values[0] == 3600 && thing.law.values[2] == 10800); // sorted
    done();
    cr_assert(
        read_thing("{wait: 2s, law: {mixture: [{weight: 70%, of: 30m}, {weight: 30%, of: {fixed: 4h}}]}}", &thing));
    cr_assert_float_eq(surety_law_mean(&thing.law), 0.7 * 1800 + 0.3 * 14400, 1e-6);
    cr_assert_eq(thing.law.parts[0].of.kind, SURETY_LAW_FIXED);
    done();
    cr_assert(read_thing("{wait: 2s, tokens: {lognormal: {mean: 1.1k, cv: 0.8}}}", &thing));
    cr_assert_float_eq(surety_law_mean(&thing.tokens), 1100, 1e-6);
    done();
    cr_assert(read_thing("{wait: 2s, law: {pareto: {shape: 1.5, scale: 1m}}}", &thing));
    cr_assert(diags.n == 1 && diags.list[0].id == SURETY_D_WARN_VARIANCE);
    done();
    cr_assert(read_thing("{wait: 2s, law: {pareto: {shape: 0.9, scale: 1m, max: 3d}}}", &thing)); // has a mean again
    done();
}

Test(schema, law_mistakes)
{
    expect("{wait: 2s, law: {lognormal: {median: 2h, p95: 1h}}}", SURETY_D_LAW, "law.lognormal", "above the median");
    expect("{wait: 2s, law: {pareto: {shape: 1, scale: 1m}}}", SURETY_D_LAW, "law", "infinite");
    expect("{wait: 2s, law: {lognorml: {median: 2h, p95: 1h}}}", SURETY_D_UNKNOWN_KEY, "law.lognorml", "'lognormal'?");
    expect("{wait: 2s, law: {lognormal: {median: 2h, p94: 9h}}}", SURETY_D_UNKNOWN_KEY, "law.lognormal.p94", "p95");
    expect("{wait: 2s, law: {lognormal: {median: 2h, sigma: 1h}}}", SURETY_D_VALUE, "law.lognormal.sigma",
           "after the number");
    expect("{wait: 2s, law: {lognormal: {median: 2, sigma: 1}}}", SURETY_D_VALUE, "law.lognormal.median",
           "without a unit");
    expect("{wait: 2s, law: {lognormal: {median: {between: [1h, 2h]}, sigma: 1}}}", SURETY_D_UNCERTAIN,
           "law.lognormal.median", "cannot stand here");
    expect("{wait: 2s, law: {lognormal: 3h}}", SURETY_D_TYPE, "law.lognormal", "median");
    expect("{wait: 2s, law: {lognormal: {}}}", SURETY_D_LAW, "law.lognormal", "median");
    expect("{wait: 2s, law: {weibull: {shape: x, mean: 1h}}}", SURETY_D_VALUE, "law.weibull.shape", "number");
    expect("{wait: 2s, law: {fixed: 3h, exponential: 4h}}", SURETY_D_TYPE, "law", "only key");
    expect("{wait: 2s, law: [3h]}", SURETY_D_TYPE, "law", "a law is");
    expect("{wait: 2s, law: {between: [1h, 2h]}}", SURETY_D_UNCERTAIN, "law", "cannot stand here");
    expect("{wait: 2s, law: {mixture: []}}", SURETY_D_TYPE, "law.mixture", "a list of parts");
    expect("{wait: 2s, law: {mixture: [{weight: 70%, of: 1h}, {weight: 20%, of: 2h}]}}", SURETY_D_CONFLICT,
           "law.mixture", "sum to 90%");
    expect("{wait: 2s, law: {mixture: [{of: 1h}]}}", SURETY_D_MISSING_KEY, "law.mixture[0]", "weight");
    expect("{wait: 2s, law: {mixture: [{weight: 0, of: 1h}]}}", SURETY_D_RANGE, "law.mixture[0].weight", "above 0");
    expect("{wait: 2s, law: {mixture: [{weight: 1, of: 1h, x: 1}]}}", SURETY_D_UNKNOWN_KEY, "law.mixture[0].x",
           "no 'x'");
    expect("{wait: 2s, law: {empirical: {values: []}}}", SURETY_D_TYPE, "law.empirical.values", "a list of values");
    expect("{wait: 2s, law: {empirical: {values: [1h, 2]}}}", SURETY_D_VALUE, "law.empirical.values[1]", "unit");
    expect("{wait: 2s, law: {empirical: {file: a.csv}}}", SURETY_D_LAW, "law.empirical", "column");
    expect("{wait: 2s, law: {empirical: {file: no-such.csv, column: x}}}", SURETY_D_FILE, "law.empirical.file",
           "No such");
    expect("{wait: 2s, law: {empirical: {file: /dev/zero, column: x}}}", SURETY_D_FILE, "law.empirical.file",
           "regular");
    expect("{wait: 2s, tokens: {lognormal: {mean: 5s, cv: 1}}}", SURETY_D_VALUE, "tokens.lognormal.mean",
           "not a count");
    expect("{wait: 2s, law: {empirical: {values: [1h], file: a, column: b}}}", SURETY_D_LAW, "law.empirical", "either");
}

// Writes a temporary CSV file and reads {empirical: {file, column}} from it.
static bool read_csv(const char *content, const char *column, struct thing *out)
{
    char name[] = "/tmp/surety-test-XXXXXX";
    int fd = mkstemp(name);
    FILE *file = fdopen(fd, "w");
    fputs(content, file);
    fclose(file);
    char text[200];
    snprintf(text, sizeof text, "{wait: 2s, law: {empirical: {file: %s, column: %s}}}", name, column);
    bool good = read_thing(text, out);
    remove(name);
    return good;
}

Test(schema, csv_files)
{
    struct thing thing;
    cr_assert(read_csv("id,repair\n1,2h\n2,\"30m\"\n\n3,\n", "repair", &thing));
    cr_assert(thing.law.n == 2 && thing.law.values[0] == 1800 && thing.law.values[1] == 7200);
    cr_assert(strstr(reader.assumptions.first->text, "1 of 3 rows") != NULL);
    done();
    cr_assert(read_csv("\xEF\xBB\xBF"
                       "duration_min,note\r\n90,\"a, \"\"b\"\"\nc\"\r\n30,x\r\n",
                       "duration_min", &thing));
    cr_assert(thing.law.n == 2 && thing.law.values[0] == 1800 && thing.law.values[1] == 5400);
    done();
    cr_assert(read_csv("repair_s\n90", "repair_s", &thing)); // no line break at the end
    cr_assert_eq(thing.law.values[0], 90);
    done();
    cr_assert_not(read_csv("a,repair\n1,20\n", "repair", &thing));
    cr_assert(strstr(diags.list[0].message, "line 2") != NULL && strstr(diags.list[0].hint, "_min") != NULL);
    done();
    cr_assert_not(read_csv("a,repair\n1,20m\n", "repairs", &thing));
    cr_assert(strstr(diags.list[0].hint, "did you mean 'repair'?") != NULL);
    done();
    cr_assert_not(read_csv("repair\n", "repair", &thing));
    done();
    cr_assert_not(read_csv("", "repair", &thing));
    done();
}

// --- schema and explain ---------------------------------------------------------------------------------------

static char *explained(const char *word, enum surety_err expected)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    surety_diags_init(&diags, "surety");
    cr_assert_eq(surety_explain(surety_registry_get(), word, &diags, out), expected, "%s", word);
    fclose(out);
    return text;
}

static void expect_explained(const char *word, const char *part)
{
    char *text = explained(word, SURETY_OK);
    cr_assert(strstr(text, part) != NULL, "%s: %s", word, text);
    free(text);
    surety_diags_finish(&diags);
}

Test(schema, explain)
{
    expect_explained("detect", "architectures.NAME.failover.detect");
    expect_explained("providers.openai.outages.major.hits", "touches us at all");
    expect_explained("architectures.both.failover.order[0].failover.switch", "default  15s");
    expect_explained("unknown-key", "no such key at this place");
    expect_explained("k_of_n", "k of them must succeed");
    expect_explained("seats", "who finds all seats taken fails");
    expect_explained("hedge", "A copy of a slow request");
    expect_explained("envoy-ai-2026", "source Envoy AI Gateway, examples/provider_fallback/fallback.yaml");
    expect_explained("litellm-2026", "as of 2026-11-23: source seen: DEFAULT_COOLDOWN_TIME_SECONDS");
    for (const struct surety_style *profile = surety_gateway_profiles; profile->name != NULL; profile++)
        for (size_t i = 0; i < profile->n; i++)
            cr_assert_eq(strlen(profile->keys[i].as_of), 10, "%s.%s: a whole date", profile->name,
                         profile->keys[i].path);
    expect_explained("weibull", "shape");
    expect_explained("maintenance", "providers.NAME.maintenance"); // and the contract's
    char *text = explained("detct", SURETY_E_INPUT);
    cr_assert_str_eq(text, "");
    cr_assert_str_eq(diags.list[0].hint, "did you mean 'detect'?");
    free(text);
    surety_diags_finish(&diags);
}

// Not a JSON parser: brackets and quotes match, and what must be there is there.
Test(schema, json_schema)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    surety_json_schema_write(surety_registry_get(), out);
    fclose(out);
    char open[100];
    size_t depth = 0;
    bool quoted = false;
    for (const char *at = text; *at != '\0'; at++) {
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == '{' || *at == '['))
            open[depth++] = *at == '{' ? '}' : ']';
        else if (!quoted && (*at == '}' || *at == ']')) {
            cr_assert_gt(depth, 0);
            cr_assert_eq(open[--depth], *at);
        }
        cr_assert_lt(depth, sizeof open);
    }
    cr_assert(depth == 0 && !quoted);
    cr_assert(strstr(text, "\"detect\": ") != NULL && strstr(text, "\"time_to_failure\": ") != NULL);
    cr_assert(strstr(text, "draft/2020-12/schema") != NULL && strstr(text, "\"reserved\"") != NULL &&
              strstr(text, "\"seats\"") != NULL);
    cr_assert(strstr(text, ",}") == NULL && strstr(text, ",]") == NULL && strstr(text, "{,") == NULL);
    free(text);
}
