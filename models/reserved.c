// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/reserved.h"

#include "sim/scenario/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PER_TIME "month year week day hour"
#define MOST_UNITS 1e7

static const char *const overflow_words[] = {"on-demand", "reject", NULL};

// The rows of one kind of units, `base` being the struct surety_units inside the row's own struct.
#define UNIT_ROWS(base, tokens_help, tokens_example, units_example, price_example)                                     \
    {.name = "units",                                                                                                  \
     .kind = SURETY_KIND_COUNT,                                                                                        \
     .offset = (base) + offsetof(struct surety_units, units),                                                          \
     .required = true,                                                                                                 \
     .above_min = true,                                                                                                \
     .min = 0,                                                                                                         \
     .max = MOST_UNITS,                                                                                                \
     .help = "How many units are reserved, throughout the term.",                                                      \
     .example = units_example},                                                                                        \
        {.name = "tokens_per_minute_per_unit",                                                                         \
         .kind = SURETY_KIND_COUNT,                                                                                    \
         .offset = (base) + offsetof(struct surety_units, tokens_per_minute),                                          \
         .above_min = true,                                                                                            \
         .min = 0,                                                                                                     \
         .max = 1e12,                                                                                                  \
         .help = tokens_help,                                                                                          \
         .example = tokens_example},                                                                                   \
        {.name = "minimum",                                                                                            \
         .kind = SURETY_KIND_COUNT,                                                                                    \
         .offset = (base) + offsetof(struct surety_units, minimum),                                                    \
         .fallback = "0",                                                                                              \
         .max = MOST_UNITS,                                                                                            \
         .help = "Fewest units that are sold; fewer are refused.",                                                     \
         .example = "15"},                                                                                             \
        {.name = "increment",                                                                                          \
         .kind = SURETY_KIND_COUNT,                                                                                    \
         .offset = (base) + offsetof(struct surety_units, increment),                                                  \
         .fallback = "1",                                                                                              \
         .above_min = true,                                                                                            \
         .min = 0,                                                                                                     \
         .max = MOST_UNITS,                                                                                            \
         .help = "Units are sold in multiples of it above the minimum; others are refused.",                           \
         .example = "5"},                                                                                              \
    {                                                                                                                  \
        .name = "price", .kind = SURETY_KIND_MONEY, .offset = (base) + offsetof(struct surety_units, price_per_month), \
        .per = PER_TIME,                                                                                               \
        .help = "Price of one unit, used or not. Per hour, day or week it counts by time, else by calendar months.",   \
        .example = price_example                                                                                       \
    }

// What an offer may say, and therefore no row requires.
static void ask_for(struct surety_reader *reader, const struct surety_ynode *node, const char *path, const char *key,
                    double value, const char *example)
{
    if (isnan(value))
        surety_diag_add(
            reader->diags, SURETY_D_MISSING_KEY, surety_map_place(node), surety_path_join(reader, path, key),
            surety_scratch_printf(reader, "write `%s: %s`", key, example), "'%s' is missing in reserved units", key);
}

// The price as written; of a range the first amount in it. NULL: there is none.
static const char *price_text(const struct surety_ynode *node)
{
    while (node != NULL && node->kind != SURETY_Y_SCALAR)
        node = node->kind == SURETY_Y_MAP || node->kind == SURETY_Y_LIST ? node->first : NULL;
    return node != NULL ? node->text : NULL;
}

static void check_units(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                        struct surety_units *units)
{
    ask_for(reader, node, path, "tokens_per_minute_per_unit", units->tokens_per_minute, "4750");
    ask_for(reader, node, path, "price", units->price_per_month, "260 USD/month");
    const struct surety_ynode *written = surety_ynode_get(node, "units");
    const char *units_path = surety_path_join(reader, path, "units");
    const double steps = (units->units - units->minimum) / units->increment;
    const double below = units->minimum + floor(steps) * units->increment, above = below + units->increment;
    if (units->units < units->minimum)
        surety_complain(reader, SURETY_D_RANGE, written, units_path,
                        surety_scratch_printf(reader, "write `units: %.10g`, then in steps of %.10g", units->minimum,
                                              units->increment),
                        "%.10g units are fewer than the minimum of %.10g", units->units, units->minimum);
    else if (fabs(steps - round(steps)) > 1e-9)
        surety_complain(
            reader, SURETY_D_RANGE, written, units_path,
            below > 0 ? surety_scratch_printf(reader, "write `units: %.10g` or `units: %.10g`", below, above)
                      : surety_scratch_printf(reader, "write `units: %.10g`", above),
            "%.10g units are not sold: they come in steps of %.10g%s", units->units, units->increment,
            units->minimum > 0 ? surety_scratch_printf(reader, " above the minimum of %.10g", units->minimum) : "");
    const char *price = price_text(surety_ynode_get(node, "price")), *per = price != NULL ? strchr(price, '/') : NULL;
    units->priced_by_time =
        per != NULL && (strcmp(per, "/hour") == 0 || strcmp(per, "/day") == 0 || strcmp(per, "/week") == 0);
}

static const struct surety_field output_rows[] = {
    UNIT_ROWS(0, "Output tokens a minute that one unit carries.", "2500", "12", "60 USD/day"),
};

static void check_output(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                         bool clean)
{
    if (clean)
        check_units(reader, node, path, out);
}

static const struct surety_fields output_fields = {.title = "units of output tokens",
                                                   .rows = output_rows,
                                                   .n = sizeof output_rows / sizeof *output_rows,
                                                   .check = check_output};

static const struct surety_field rows[] = {
    {.name = "use",
     .kind = SURETY_KIND_TEXT,
     .offset = SURETY_NOWHERE, // sim/scenario/presets.c puts the offer's keys into the tree
     .help = "An offer by name, with its throughput, minimum and price as of a date (`surety catalog reserved` lists "
             "them), overridden key by key by what stands beside it.",
     .example = "azure-ptu-gpt-5-regional"},
    UNIT_ROWS(offsetof(struct surety_reserved, units),
              "Tokens a minute that one unit carries: input tokens, and output tokens by their weight.", "4750", "50",
              "260 USD/month"),
    {.name = "output_weight",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct surety_reserved, output_weight),
     .max = 1e6,
     .help = "Input tokens that one output token counts as. Required, unless output tokens have units of their own.",
     .example = "8"},
    {.name = "cached_weight",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct surety_reserved, cached_weight),
     .fallback = "1",
     .max = 1,
     .help = "Input tokens that one cached input token counts as.",
     .example = "0"},
    {.name = "output",
     .kind = SURETY_KIND_MAP,
     .offset = offsetof(struct surety_reserved, output),
     .sub = &output_fields,
     .present_offset = offsetof(struct surety_reserved, has_output),
     .help = "Units of output tokens where they are sold apart; the units beside it then carry input tokens alone.",
     .example = "{units: 12, tokens_per_minute_per_unit: 2500, price: 60 USD/day}"},
    {.name = "term",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_reserved, term_s),
     .fallback = "0s",
     .max = 3e9,
     .help = "What one commits for: terms are paid whole, also where the contract ends before. Default: none.",
     .example = "365d"},
    {.name = "overflow",
     .kind = SURETY_KIND_WORD,
     .offset = offsetof(struct surety_reserved, overflow),
     .required = true,
     .words = overflow_words,
     .help = "What becomes of the tokens that do not fit into a minute: `on-demand` bills them at the provider's "
             "`price`, `reject` fails them.",
     .example = "on-demand"},
};

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_reserved *reserved = out;
    const struct surety_ynode *weight = surety_ynode_get(node, "output_weight");
    reserved->place = surety_map_place(node);
    if (weight == NULL && !reserved->has_output)
        surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, reserved->place,
                        surety_path_join(reader, path, "output_weight"),
                        "write how many input tokens an output token counts as, for instance `output_weight: 8`, or "
                        "`output: {units: 12, tokens_per_minute_per_unit: 2500, price: 60 USD/day}`",
                        "'output_weight' is missing in reserved units");
    if (weight != NULL && reserved->has_output)
        surety_complain(reader, SURETY_D_CONFLICT, weight, surety_path_join(reader, path, "output_weight"),
                        "remove one of the two", "output tokens have units of their own, and a weight in the others");
    if (!clean)
        return;
    if (reserved->has_output)
        reserved->output_weight = 0;
    check_units(reader, node, path, &reserved->units);
}

const struct surety_fields surety_reserved_fields = {
    .title = "reserved units", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};

void surety_reserved_check_price(struct surety_reader *reader, const struct surety_ynode *provider, const char *path,
                                 const struct surety_provider *out)
{
    const struct surety_price *price = &out->price;
    if (!out->reserved.given || out->reserved.overflow != SURETY_OVERFLOW_ON_DEMAND)
        return;
    if (price->given && (price->input_per_token > 0 || price->output_per_token > 0))
        return;
    const struct surety_ynode *reserved = surety_ynode_get(provider, "reserved");
    surety_diag_add(reader->diags, SURETY_D_MISSING_KEY, surety_map_place(reserved),
                    surety_path_join(reader, path, "price"),
                    "write `price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}`, or `overflow: reject`",
                    "what overflows is billed on demand, and the tokens have no price");
}
