// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/json_schema.h"

#include "sim/base/law.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define NUMBER "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?"

static void put_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if ((unsigned char)*at < 0x20)
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*at);
        else
            fputc(*at, out);
    }
    fputc('"', out);
}

static void put_words(FILE *out, const char *const *words)
{
    fputs("{\"enum\":[", out);
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        fputs(i == 0 ? "" : ",", out);
        put_string(out, words[i]);
    }
    fputs("]}", out);
}

static void put_map(FILE *out, const struct surety_fields *fields, int depth);

// The definition of a kind, "" when it has none of its own.
static const char *definition_of(enum surety_kind kind)
{
    switch (kind) {
    case SURETY_KIND_DURATION:
    case SURETY_KIND_DURATION_US:
        return "duration";
    case SURETY_KIND_SHARE:
    case SURETY_KIND_PPB:
        return "share";
    case SURETY_KIND_FACTOR:
        return "factor";
    case SURETY_KIND_POINTS:
        return "points";
    case SURETY_KIND_GROWTH:
        return "growth";
    case SURETY_KIND_RATE:
        return "rate";
    case SURETY_KIND_COUNT:
        return "count";
    case SURETY_KIND_NUMBER:
        return "number";
    case SURETY_KIND_DATE:
        return "date";
    case SURETY_KIND_TEXT:
        return "text";
    case SURETY_KIND_LAW:
        return "law";
    case SURETY_KIND_COUNT_LAW:
        return "count_law";
    default:
        return "";
    }
}

static void put_integer(FILE *out, const struct surety_field *row)
{
    fputs("{\"type\":\"integer\"", out);
    if (row->min != 0 || row->max != 0) {
        fprintf(out, ",\"minimum\":%.17g", row->min);
        if (isfinite(row->max))
            fprintf(out, ",\"maximum\":%.17g", row->max);
    }
    fputc('}', out);
}

static void put_money(FILE *out, const char *per)
{
    fputs("{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^" NUMBER "[kMG]? *[A-Z]{3}/(", out);
    for (const char *at = per; *at != '\0'; at++)
        fputc(*at == ' ' ? '|' : *at, out);
    fputs(")$\"},{\"$ref\":\"#/$defs/range\"}]}", out);
}

static const struct surety_field *row_of(const struct surety_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n; i++)
        if (strcmp(fields->rows[i].name, name) == 0)
            return &fields->rows[i];
    return NULL;
}

static void put_value(FILE *out, const struct surety_field *row, int depth);

// The map of the row, or the value that stands for it.
static void put_short_map(FILE *out, const struct surety_field *row, int depth)
{
    if (row->shorthand != NULL) {
        fputs("{\"anyOf\":[", out);
        put_value(out, row_of(row->sub, row->shorthand), depth);
        fputc(',', out);
    }
    put_map(out, row->sub, depth);
    fputs(row->shorthand != NULL ? "]}" : "", out);
}

static void put_value(FILE *out, const struct surety_field *row, int depth)
{
    switch (row->kind) {
    case SURETY_KIND_INTEGER:
        put_integer(out, row);
        break;
    case SURETY_KIND_MONEY:
        put_money(out, row->per);
        break;
    case SURETY_KIND_WORD:
        put_words(out, row->words);
        break;
    case SURETY_KIND_MAP:
        put_short_map(out, row, depth);
        break;
    case SURETY_KIND_NAMED:
        fputs("{\"type\":\"object\",\"minProperties\":1,\"propertyNames\":{\"$ref\":\"#/$defs/name\"},"
              "\"additionalProperties\":",
              out);
        put_short_map(out, row, depth);
        fputc('}', out);
        break;
    case SURETY_KIND_ROUTES:
        fputs("{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/$defs/route\"}}", out);
        break;
    case SURETY_KIND_ROUTE:
        if (row->sub == NULL) {
            fputs("{\"$ref\":\"#/$defs/route\"}", out);
            break;
        }
        fputs("{\"anyOf\":[{\"$ref\":\"#/$defs/route\"},{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,"
              "\"propertyNames\":{\"$ref\":\"#/$defs/name\"},\"additionalProperties\":",
              out);
        put_map(out, row->sub, depth);
        fputs("}]}", out);
        break;
    case SURETY_KIND_SHARED_ROUTES:
        fputs("{\"anyOf\":[{\"type\":\"object\",\"minProperties\":1,\"propertyNames\":{\"$ref\":\"#/$defs/name\"},"
              "\"additionalProperties\":{\"$ref\":\"#/$defs/share\"}},{\"type\":\"array\",\"minItems\":1,\"items\":",
              out);
        put_map(out, row->sub, depth);
        fputs("}]}", out);
        break;
    case SURETY_KIND_CUSTOM:
        fputs(row->schema == NULL ? "{}" : row->schema, out);
        break;
    default:
        fprintf(out, "{\"$ref\":\"#/$defs/%s\"}", definition_of(row->kind));
        break;
    }
}

// A value, or one of the words that may stand in its place, with what the row says about it.
static void put_row(FILE *out, const struct surety_field *row, int depth)
{
    fputs("{\"description\":", out);
    put_string(out, row->help);
    if (row->fallback != NULL && row->fallback[0] != '{' && row->kind != SURETY_KIND_INTEGER) {
        fputs(",\"default\":", out);
        put_string(out, row->fallback);
    } else if (row->fallback != NULL && row->kind == SURETY_KIND_INTEGER) {
        fprintf(out, ",\"default\":%s", row->fallback);
    }
    bool words = row->words != NULL && row->kind != SURETY_KIND_WORD;
    fputs(words ? ",\"anyOf\":[" : ",\"allOf\":[", out);
    put_value(out, row, depth);
    if (words) {
        fputc(',', out);
        put_words(out, row->words);
    }
    fputs("]}", out);
}

static void put_line(FILE *out, int depth)
{
    fprintf(out, "\n%*s", depth * 2, "");
}

static void put_properties(FILE *out, const struct surety_fields *fields, int depth)
{
    fputs("\"properties\":{", out);
    bool first = true;
    for (size_t i = 0; i < fields->n; i++) {
        if (fields->rows[i].later)
            continue;
        fputs(first ? "" : ",", out);
        put_line(out, depth + 1);
        put_string(out, fields->rows[i].name);
        fputs(": ", out);
        put_row(out, &fields->rows[i], depth + 1);
        first = false;
    }
    fputs("},", out);
    put_line(out, depth);
    fputs("\"required\":[", out);
    first = true;
    for (size_t i = 0; i < fields->n; i++) {
        if (!fields->rows[i].required || fields->rows[i].later)
            continue;
        fputs(first ? "" : ",", out);
        put_string(out, fields->rows[i].name);
        first = false;
    }
    fputs("],\"additionalProperties\":false", out);
}

static void put_map(FILE *out, const struct surety_fields *fields, int depth)
{
    fputs("{\"type\":\"object\",", out);
    put_properties(out, fields, depth + 1);
    fputc('}', out);
}

#define RANGE "{\"$ref\":\"#/$defs/range\"}"

// A number of a scenario is a value or, where it is no whole number, an uncertain one.
static const char *const definitions =
    "\"name\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z][A-Za-z0-9_-]*$\",\"maxLength\":64},\n"
    "    \"text\":{\"type\":[\"string\",\"number\"]},\n"
    "    \"range\":{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,\"properties\":{\"between\":{\"type\":"
    "\"array\",\"minItems\":2,\"maxItems\":2},\"law\":{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1},"
    "\"observed\":{\"type\":\"object\"}},\"additionalProperties\":false},\n"
    "    \"number\":{\"anyOf\":[{\"type\":\"number\"}," RANGE "]},\n"
    "    \"date\":{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"},\n"
    "    \"duration\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^" NUMBER "(ms|s|m|h|d|w)$\"}," RANGE "]},\n"
    "    \"share\":{\"anyOf\":[{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
    "{\"type\":\"string\",\"pattern\":\"^" NUMBER "%$\"}," RANGE "]},\n"
    "    \"factor\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^" NUMBER "x$\"}," RANGE "]},\n"
    "    \"points\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^" NUMBER "pp$\"}," RANGE "]},\n"
    "    \"growth\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^" NUMBER "%/month$\"}," RANGE "]},\n"
    "    \"rate\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^" NUMBER
    "[kMG]?/(s|sec|min|h|hour|d|day|w|week|month|year)$\"}," RANGE "]},\n"
    "    \"count\":{\"anyOf\":[{\"type\":\"number\",\"minimum\":0},"
    "{\"type\":\"string\",\"pattern\":\"^" NUMBER "[kMG]$\"}," RANGE "]},\n";

// One law by name; `unit` is the definition of its quantities.
static void put_law(FILE *out, enum surety_law_kind kind, const char *unit, const char *law)
{
    const struct surety_law_row *row = surety_law_row(kind);
    fputs("{\"type\":\"object\",\"properties\":{", out);
    put_string(out, row->name);
    fputc(':', out);
    if (kind == SURETY_LAW_MIXTURE) {
        fprintf(out,
                "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\",\"properties\":{\"weight\":"
                "{\"type\":[\"number\",\"string\"]},\"of\":{\"$ref\":\"#/$defs/%s\"}},\"required\":[\"weight\","
                "\"of\"],\"additionalProperties\":false}}",
                law);
    } else {
        bool alone = kind == SURETY_LAW_FIXED || kind == SURETY_LAW_EXPONENTIAL; // {fixed: 30m}
        if (alone)
            fprintf(out, "{\"anyOf\":[{\"$ref\":\"#/$defs/%s\"},", unit);
        fputs("{\"type\":\"object\",\"properties\":{", out);
        if (kind == SURETY_LAW_EMPIRICAL)
            fprintf(out,
                    "\"values\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/$defs/%s\"}},"
                    "\"file\":{\"type\":\"string\"},\"column\":{\"type\":\"string\"},",
                    unit);
        bool has_max = false;
        for (size_t i = 0; kind != SURETY_LAW_EMPIRICAL && row->params[i] != NULL; i++) {
            const char *name = row->params[i];
            bool number = strcmp(name, "shape") == 0 || strcmp(name, "cv") == 0 || strcmp(name, "sigma") == 0;
            has_max = has_max || strcmp(name, "max") == 0;
            put_string(out, name);
            fprintf(out, ":{\"$ref\":\"#/$defs/%s\"},", number ? "number" : unit);
        }
        fprintf(out, "\"shift\":{\"$ref\":\"#/$defs/%s\"}", unit);
        if (!has_max)
            fprintf(out, ",\"max\":{\"$ref\":\"#/$defs/%s\"}", unit);
        fputs("},\"additionalProperties\":false}", out);
        fputs(alone ? "]}" : "", out);
    }
    fputs("},\"required\":[", out);
    put_string(out, row->name);
    fputs("],\"additionalProperties\":false}", out);
}

static void put_laws(FILE *out, const char *name, const char *unit)
{
    fprintf(out, "    \"%s\":{\"anyOf\":[{\"$ref\":\"#/$defs/%s\"}", name, unit);
    for (int kind = 0; kind < SURETY_N_LAWS; kind++) {
        fputs(",\n      ", out);
        put_law(out, (enum surety_law_kind)kind, unit, name);
    }
    fputs("]},\n", out);
}

static void put_routes(FILE *out, const struct surety_node_type *const *nodes)
{
    fputs("    \"route\":{\"anyOf\":[{\"$ref\":\"#/$defs/name\"}", out);
    for (size_t i = 0; nodes[i] != NULL; i++) {
        if (nodes[i]->later)
            continue;
        fputs(",\n      {\"description\":", out);
        put_string(out, nodes[i]->help);
        fputs(",\"type\":\"object\",\"properties\":{", out);
        put_string(out, nodes[i]->name);
        fputc(':', out);
        if (nodes[i]->fields != NULL)
            put_map(out, nodes[i]->fields, 3);
        else
            fprintf(out, "{\"type\":\"array\",\"minItems\":%zu,\"items\":{\"$ref\":\"#/$defs/route\"}}",
                    nodes[i]->min_children);
        fputs("},\"required\":[", out);
        put_string(out, nodes[i]->name);
        fputs("],\"additionalProperties\":false}", out);
    }
    fputs("]}\n", out);
}

void surety_json_schema_write(const struct surety_registry *registry, FILE *out)
{
    fputs("{\n  \"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n  \"title\":\"surety scenario 1\",\n"
          "  \"type\":\"object\",\n  ",
          out);
    put_properties(out, registry->scenario, 1);
    fputs(",\n  \"$defs\":{\n    ", out);
    fputs(definitions, out);
    put_laws(out, "law", "duration");
    put_laws(out, "count_law", "count");
    put_routes(out, registry->nodes);
    fputs("  }\n}\n", out);
}
