// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/credit.h"

#include "sim/base/ppb.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/units.h"

#include <string.h>

// --- rows ------------------------------------------------------------------------------------------------------

static const char *const target_words[] = {"target", NULL};

static const struct surety_field band_rows[] = {
    {.name = "below",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_credit_band, below_ppb),
     .required = true,
     .above_min = true,
     .max = 1,
     .words = target_words,
     .help = "The band holds for a window whose measured availability is below this; `target`: below the tier's own.",
     .example = "99%"},
    {.name = "credit",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_credit_band, credit_ppb),
     .required = true,
     .max = 1,
     .help = "Share of the window's fee that is given back.",
     .example = "25%"},
};

const struct surety_fields surety_credit_band_fields = {
    .title = "a band of the ladder", .rows = band_rows, .n = sizeof band_rows / sizeof *band_rows};

bool surety_read_ladder(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct surety_credits *credits = out; // the row has offset 0
    if (node->kind != SURETY_Y_LIST || node->n == 0) {
        surety_complain(reader, SURETY_D_TYPE, node, path,
                        "write [{below: target, credit: 10%}, {below: 99%, credit: 25%}]",
                        "the ladder is a list of bands, %s stands here", surety_ynode_kind_name(node));
        return false;
    }
    credits->ladder = surety_arena_calloc(reader->arena, node->n, sizeof *credits->ladder);
    if (credits->ladder == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    bool clean = true;
    const struct surety_ynode *band = node->first;
    for (size_t i = 0; band != NULL; i++, band = band->next)
        clean = surety_read_map(reader, band, surety_path_index(reader, path, i), &surety_credit_band_fields,
                                &credits->ladder[i]) &&
                clean;
    credits->n_ladder = node->n;
    return clean;
}

// `none`, or fees of a mean window: 300%, or 3.
static bool read_cap_term(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    int64_t *cap_ppb = out;
    if (node->kind == SURETY_Y_SCALAR && strcmp(node->text, "none") == 0) {
        *cap_ppb = INT64_MAX;
        return true;
    }
    const size_t length = node->kind == SURETY_Y_SCALAR ? strlen(node->text) : 0;
    const bool percent = length > 0 && node->text[length - 1] == '%';
    double fees = -1;
    struct surety_problem problem = {0};
    const char *number = surety_scratch_printf(reader, "%.*s", (int)(length - percent), length > 0 ? node->text : "");
    if (length == 0 || !surety_parse_count(number, &fees, &problem) || (percent ? fees / 100 : fees) > 1000) {
        surety_complain(reader, SURETY_D_VALUE, node, path, "write `none`, or a share of a window's fee like 300%",
                        "the term's cap cannot be read, or is above 100000%%");
        return false;
    }
    *cap_ppb = (int64_t)((percent ? fees / 100 : fees) * (double)SURETY_PPB_ONE + 0.5);
    return true;
}

static const struct surety_field rows[] = {
    {.name = "ladder",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .required = true,
     .read = surety_read_ladder,
     .sub = &surety_credit_band_fields,
     .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\",\"required\":[\"below\",\"credit\"],"
               "\"additionalProperties\":false,\"properties\":{\"below\":{\"type\":[\"string\",\"number\"]},"
               "\"credit\":{\"type\":[\"string\",\"number\"]}}}}",
     .help = "Bands of measured availability with the credit that each gives; the deepest one counts, they do not add "
             "up.",
     .example = "[{below: target, credit: 10%}, {below: 99%, credit: 25%}, {below: 95%, credit: 100%}]"},
    {.name = "cap",
     .kind = SURETY_KIND_PPB,
     .offset = offsetof(struct surety_credits, cap_ppb),
     .fallback = "100%",
     .max = 1,
     .help = "Most that one window gives back, as a share of its fee.",
     .example = "100%"},
    {.name = "cap_term",
     .kind = SURETY_KIND_CUSTOM,
     .offset = offsetof(struct surety_credits, cap_term_ppb),
     .fallback = "none",
     .read = read_cap_term,
     .schema = "{\"type\":[\"string\",\"number\"]}",
     .help = "Most that a term gives back, in fees of a mean window: 300% is three of them; `none`: no limit.",
     .example = "300%"},
    {.name = "claimed",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_credits, p_claimed),
     .fallback = "100%",
     .max = 1,
     .help = "Probability that the customer claims a window's credit.",
     .example = "100%"},
    {.name = "minimum",
     .kind = SURETY_KIND_MONEY,
     .offset = offsetof(struct surety_credits, minimum),
     .per = "month",
     .help = "A window's credit below this is not paid. Default: all are.",
     .example = "50 USD/month"},
};

const struct surety_fields surety_credit_fields = {
    .title = "the credits", .rows = rows, .n = sizeof rows / sizeof *rows};

static const struct surety_field priced_rows[] = {
    {.name = "credits_p95_at_most",
     .kind = SURETY_KIND_SHARE,
     .offset = offsetof(struct surety_contract, priced_credits_p95_at_most),
     .required = true,
     .max = 1,
     .help = "In 95 % of terms credits must stay within this share of the term's fees.",
     .example = "10%"},
};

const struct surety_fields surety_priced_fields = {
    .title = "the rule for pricing", .rows = priced_rows, .n = sizeof priced_rows / sizeof *priced_rows};

// --- credits ---------------------------------------------------------------------------------------------------

static int64_t share_of(int64_t amount, int64_t share_ppb)
{
    int64_t product; // nearly always in 64 bits, where the division is a quick one
    return __builtin_mul_overflow(amount, share_ppb, &product)
               ? (int64_t)((__int128)amount * share_ppb / SURETY_PPB_ONE)
               : product / SURETY_PPB_ONE;
}

int64_t surety_credit(const struct surety_plan_credits *credits, int64_t target_ppb, struct surety_reading reading,
                      int64_t fee_micro)
{
    int64_t deepest_ppb = SURETY_PPB_ONE + 1, credit_ppb = 0;
    for (size_t i = 0; i < credits->n_ladder; i++) {
        const struct surety_credit_band *band = &credits->ladder[i];
        const int64_t below_ppb = band->below_ppb == SURETY_BELOW_TARGET ? target_ppb : band->below_ppb;
        if (below_ppb < deepest_ppb && surety_misses(below_ppb, reading)) {
            deepest_ppb = below_ppb;
            credit_ppb = band->credit_ppb;
        }
    }
    return share_of(fee_micro, credit_ppb < credits->cap_ppb ? credit_ppb : credits->cap_ppb);
}

int64_t surety_credit_for_miss(const struct surety_plan_credits *credits, int64_t fee_micro)
{
    int64_t credit_ppb = 0;
    for (size_t i = 0; i < credits->n_ladder; i++)
        if (credits->ladder[i].below_ppb == SURETY_BELOW_TARGET)
            credit_ppb = credits->ladder[i].credit_ppb;
    return share_of(fee_micro, credit_ppb < credits->cap_ppb ? credit_ppb : credits->cap_ppb);
}

int64_t surety_credit_cap_term(const struct surety_plan_credits *credits, const int64_t *fee_micro, size_t n_windows)
{
    if (credits->cap_term_ppb == INT64_MAX)
        return INT64_MAX;
    __int128 fees = 0; // fees of a long term, or many times a large one, do not fit 64 bits
    for (size_t w = 0; w < n_windows; w++)
        fees += fee_micro[w];
    const __int128 cap = fees / (int64_t)n_windows * credits->cap_term_ppb / SURETY_PPB_ONE;
    return cap < INT64_MAX ? (int64_t)cap : INT64_MAX;
}
