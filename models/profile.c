// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/profile.h"

#include "models/zone.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/units.h"

#include <string.h>

// A preset: `weight` on the hours from..to of the days first..last (Monday = 0), 1 else.
struct preset {
    const char *name;
    double weight;
    int first_day, last_day, from, to;
};

static const struct preset presets[] = {
    {.name = "flat", .weight = 1},
    {.name = "business-hours", .weight = 5, .first_day = 0, .last_day = 4, .from = 8, .to = 18},
    {.name = "working-hours", .weight = 4, .first_day = 0, .last_day = 4, .from = 9, .to = 18},
    {.name = "consumer", .weight = 3, .first_day = 0, .last_day = 6, .from = 9, .to = 23},
};

#define N_PRESETS (sizeof presets / sizeof *presets)

const char surety_profile_schema[] =
    "{\"anyOf\":[{\"enum\":[\"flat\",\"business-hours\",\"working-hours\",\"consumer\"]},{\"type\":\"object\","
    "\"properties\":{\"hours\":{\"anyOf\":[{\"enum\":[\"flat\",\"business-hours\",\"working-hours\",\"consumer\"]},"
    "{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":0},\"minItems\":168,\"maxItems\":168}]},"
    "\"timezone\":"
    "{\"type\":\"string\"}},\"required\":[\"hours\"],\"additionalProperties\":false}]}";

static void scale(struct surety_profile *profile)
{
    double sum = 0;
    profile->flat = true;
    for (int h = 0; h < SURETY_HOURS_A_WEEK; h++) {
        sum += profile->weight[h];
        profile->flat = profile->flat && profile->weight[h] == profile->weight[0];
    }
    for (int h = 0; h < SURETY_HOURS_A_WEEK; h++)
        profile->weight[h] = profile->flat ? 1 : profile->weight[h] * SURETY_HOURS_A_WEEK / sum;
}

static void fill(const struct preset *preset, struct surety_profile *profile)
{
    for (int h = 0; h < SURETY_HOURS_A_WEEK; h++) {
        int day = h / 24, hour = h % 24;
        bool high = day >= preset->first_day && day <= preset->last_day && hour >= preset->from && hour < preset->to;
        profile->weight[h] = high ? preset->weight : 1;
    }
    scale(profile);
}

static bool read_preset(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        struct surety_profile *out)
{
    for (size_t i = 0; i < N_PRESETS; i++) {
        if (strcmp(presets[i].name, node->text) == 0) {
            fill(&presets[i], out);
            return true;
        }
    }
    surety_complain(reader, SURETY_D_CHOICE, node, path,
                    surety_hint_words(reader, node->text, presets, N_PRESETS, sizeof *presets),
                    "there is no weekly profile '%.40s'", node->text);
    return false;
}

// 168 numbers, or the name of a preset, which makes sense beside a zone.
static bool read_hours(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_profile *profile = out;
    if (node->kind == SURETY_Y_SCALAR && node->text[0] >= 'a' && node->text[0] <= 'z')
        return read_preset(reader, node, path, profile);
    if (node->kind != SURETY_Y_LIST || node->n != SURETY_HOURS_A_WEEK) {
        surety_complain(reader, node->kind == SURETY_Y_LIST ? SURETY_D_RANGE : SURETY_D_TYPE, node, path,
                        "hour 0 is Monday 00:00", "a list of 168 numbers belongs here, one per hour of the week");
        return false;
    }
    bool good = true, positive = false;
    int h = 0;
    for (const struct surety_ynode *item = node->first; item != NULL; item = item->next, h++) {
        struct surety_problem problem = {.hint = "write a number, at least 0"};
        double weight = 0;
        const char *text = item->kind == SURETY_Y_SCALAR ? item->text : "";
        if (item->kind == SURETY_Y_BROKEN)
            return false;
        bool number = surety_parse_number(text, &weight, &problem);
        if (!number || weight < 0 || weight > 1e12) {
            surety_complain(reader, number ? SURETY_D_RANGE : SURETY_D_VALUE, item,
                            surety_path_index(reader, path, (size_t)h), "write a number, at least 0",
                            "'%.40s' is not a weight", text);
            good = false;
        }
        profile->weight[h] = weight;
        positive = positive || weight > 0;
    }
    if (good && !positive) {
        surety_complain(reader, SURETY_D_RANGE, node, path, NULL, "all 168 weights are 0");
        good = false;
    }
    if (good)
        scale(profile);
    return good;
}

static const struct surety_field rows[] = {
    {.name = "hours",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .required = true,
     .read = read_hours,
     .schema =
         "{\"anyOf\":[{\"enum\":[\"flat\",\"business-hours\",\"working-hours\",\"consumer\"]},{\"type\":\"array\","
         "\"items\":{\"type\":\"number\",\"minimum\":0},\"minItems\":168,\"maxItems\":168}]}",
     .help =
         "168 weights, one per hour of the week; hour 0 is Monday 00:00. They are scaled to mean 1. Or the name of a "
         "profile, to give it a zone.",
     .example = "[1, 1, ...]"},
    {.name = "timezone",
     .kind = SURETY_KIND_TEXT,
     .offset = offsetof(struct surety_profile, timezone),
     .help = "Zone in whose standard time the hours are read. Default: term.timezone.",
     .example = "America/New_York"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_profile *profile = out;
    const struct surety_ynode *zone = surety_ynode_get(node, "timezone");
    if (clean && zone != NULL)
        surety_find_zone(reader, zone, surety_path_join(reader, path, "timezone"), profile->timezone, &profile->zone);
}

const struct surety_fields surety_profile_fields = {
    .title = "the weekly table", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

static bool read_profile(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    if (node->kind == SURETY_Y_MAP)
        return !surety_refuse_range(reader, node, path) &&
               surety_read_map(reader, node, path, &surety_profile_fields, out);
    if (node->kind != SURETY_Y_SCALAR) {
        surety_complain(reader, SURETY_D_TYPE, node, path,
                        "write a word like business-hours, or {hours: [168 numbers]}", "%s stands here",
                        surety_ynode_kind_name(node));
        return false;
    }
    return read_preset(reader, node, path, out);
}

bool surety_read_profile(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    const struct surety_profile *known = surety_recall(reader, node);
    if (known != NULL) {
        *(struct surety_profile *)out = *known;
        return true;
    }
    if (!read_profile(reader, node, path, out))
        return false;
    struct surety_profile *copy = surety_arena_alloc(reader->scratch, sizeof *copy);
    if (copy == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    *copy = *(const struct surety_profile *)out;
    surety_remember(reader, node, copy);
    return true;
}
