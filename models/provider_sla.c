// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/provider_sla.h"

#include "models/credit.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>

// --- what it promises us ---------------------------------------------------------------------------------------

static bool read_credits(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_provider_sla *sla = out; // the row has offset 0
    return surety_read_ladder(reader, node, path, &sla->credits);
}

static const struct surety_field sla_rows[] = {
    {.name = "availability",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_provider_sla, availability_ppb),
     .required = true,
     .above_min = true,
     .max = 1,
     .help = "The availability that the provider promises in each window. A threshold for refunds, not an estimate: "
             "outages are what `outages` says.",
     .example = "99.9%"},
    {.name = "down_at",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_provider_sla, down_at_ppb),
     .fallback = "100%",
     .above_min = true,
     .max = 1,
     .help = "From which share of failing requests on its own SLA counts it as down.",
     .example = "100%"},
    {.name = "credits",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .read = read_credits,
     .sub = &surety_credit_band_fields,
     .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\",\"required\":[\"below\",\"credit\"],"
               "\"additionalProperties\":false,\"properties\":{\"below\":{\"type\":[\"string\",\"number\"]},"
               "\"credit\":{\"type\":[\"string\",\"number\"]}}}}",
     .help = "What it gives back of the window's bill, by its own availability; the deepest band counts. Default: "
             "nothing.",
     .example = "[{below: 99.9%, credit: 10%}, {below: 99%, credit: 25%}]"},
    {.name = "cap",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_provider_sla, credits.cap_ppb),
     .fallback = "100%",
     .max = 1,
     .help = "Most that it gives back of a window's bill.",
     .example = "50%"},
    {.name = "claimed",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_provider_sla, credits.p_claimed),
     .fallback = "100%",
     .max = 1,
     .help = "Probability that we claim a window's credit, in time and with what it takes.",
     .example = "100%"},
};

static void check_sla(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                      bool clean)
{
    struct surety_provider_sla *sla = out;
    (void)reader, (void)path, (void)clean;
    sla->place = surety_map_place(node);
    sla->credits.given = sla->credits.n_ladder > 0;
    sla->credits.cap_term_ppb = INT64_MAX;
    sla->credits.minimum = NAN;
}

const struct surety_fields surety_provider_sla_fields = {
    .title = "a provider's SLA", .rows = sla_rows, .n = sizeof sla_rows / sizeof *sla_rows, .check = check_sla};

// --- prices that change ----------------------------------------------------------------------------------------

static const struct surety_field change_rows[] = {
    {.name = "date",
     .kind = SURETY_KIND_DATE,
     .offset = offsetof(struct surety_price_change, date),
     .present_offset = offsetof(struct surety_price_change, has_date),
     .help = "From this day on, if it is known.",
     .example = "2027-07-01"},
    {.name = "rate",
     .kind = SURETY_KIND_RATE,
     .offset = offsetof(struct surety_price_change, rate_per_s),
     .above_min = true,
     .max = 1e-5,
     .help = "In the place of `date`: changes per time, at random.",
     .example = "0.5/year"},
    {.name = "factor",
     .kind = SURETY_KIND_FACTOR,
     .offset = offsetof(struct surety_price_change, factor),
     .required = true,
     .max = 100,
     .help = "What all prices of the provider are multiplied by.",
     .example = "1.2x"},
    {.name = "notice",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct surety_price_change, notice_s),
     .fallback = "0s",
     .max = 10 * 365 * 86400.0,
     .help = "How long before it is told; counts where `contract.price_notice` lets ceilings follow.",
     .example = "30d"},
};

static void check_change(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                         bool clean)
{
    const struct surety_price_change *change = out;
    if (clean && change->has_date == !isnan(change->rate_per_s))
        surety_complain(reader, SURETY_D_CONFLICT, node, path, "write {date: 2027-07-01, factor: 1.2x}",
                        "a change of prices has either a `date` or a `rate`");
}

const struct surety_fields surety_price_change_fields = {.title = "a change of prices",
                                                         .rows = change_rows,
                                                         .n = sizeof change_rows / sizeof *change_rows,
                                                         .check = check_change};

bool surety_read_price_changes(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                               void *out)
{
    struct surety_provider *provider = out; // the row has offset 0
    if (node->kind != SURETY_Y_LIST || node->n == 0 || node->n > 64) {
        surety_complain(reader, SURETY_D_TYPE, node, path, "write [{date: 2027-07-01, factor: 1.2x, notice: 30d}]",
                        "a list of up to 64 changes belongs here");
        return false;
    }
    provider->price_changes = surety_arena_calloc(reader->arena, node->n, sizeof *provider->price_changes);
    if (provider->price_changes == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool clean = true;
    for (const struct surety_ynode *c = node->first; c != NULL; c = c->next) {
        const size_t i = provider->n_price_changes++;
        clean = surety_read_map(reader, c, surety_path_index(reader, path, i), &surety_price_change_fields,
                                &provider->price_changes[i]) &&
                clean;
    }
    return clean;
}
