// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cost.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <math.h>

#define PER_TOKEN "Mtok ktok tok Gtok"

static const struct surety_field rows[] = {
    {.name = "input",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_price, input_per_token),
     .per = PER_TOKEN,
     .displaces = "cached_input", // an entry's cached price belongs to the entry's input price
     .help = "Price of input tokens.",
     .example = "1.25 USD/Mtok"},
    {.name = "cached_input",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_price, cached_input_per_token),
     .per = PER_TOKEN,
     .help = "Price of input tokens that the provider has cached. Default: the input price.",
     .example = "0.125 USD/Mtok"},
    {.name = "output",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_price, output_per_token),
     .per = PER_TOKEN,
     .help = "Price of output tokens.",
     .example = "10 USD/Mtok"},
    {.name = "per_request",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_price, per_request),
     .per = "request",
     .help = "Price of one request.",
     .example = "0.002 USD/request"},
    {.name = "per_task",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_price, per_task),
     .per = "task",
     .help = "Price of one task, for instance of people: a request costs its part, by requests_per_task.",
     .example = "4 USD/task"},
    {.name = "per_minute",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_price, per_s),
     .per = "min s h",
     .help = "Price of the time that a task takes, for instance of speech: a request costs its part of the workload's "
             "`task_time`, by requests_per_task.",
     .example = "0.006 USD/min"},
};

static double or_zero(double price)
{
    return isnan(price) ? 0 : price;
}

static void check(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean)
{
    struct surety_price *price = out;
    if (!clean)
        return;
    if (node->n == 0) {
        surety_complain(reader, SURETY_D_MISSING_KEY, node, path, "write {input: 1.25 USD/Mtok, output: 10 USD/Mtok}",
                        "the price is empty");
        return;
    }
    bool in = !isnan(price->input_per_token), outgoing = !isnan(price->output_per_token);
    if (in != outgoing || (!in && !isnan(price->cached_input_per_token))) {
        const char *missing = in ? "output" : "input";
        surety_complain(reader, SURETY_D_WARN_PRICE, node, path, "add it", "%s tokens have no price and count as free",
                        missing);
        surety_note_default(reader, surety_path_join(reader, path, missing), "0");
    }
    price->input_per_token = or_zero(price->input_per_token);
    price->output_per_token = or_zero(price->output_per_token);
    price->per_request = or_zero(price->per_request);
    price->per_task = or_zero(price->per_task);
    price->per_s = or_zero(price->per_s);
    if (isnan(price->cached_input_per_token)) {
        price->cached_input_per_token = price->input_per_token;
        if (in)
            surety_note_default(reader, surety_path_join(reader, path, "cached_input"),
                                surety_ynode_get(node, "input")->text);
    }
}

const struct surety_fields surety_price_fields = {
    .title = "a price", .rows = rows, .n = sizeof rows / sizeof *rows, .check = check};
