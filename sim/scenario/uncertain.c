// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/uncertain.h"

#include "sim/base/fmath.h"
#include "sim/scenario/law_reader.h"
#include "sim/scenario/scenario.h"

#include <math.h>
#include <string.h>

#define LEAST_KEPT 1e-3 // of a law within what its key allows: less is a slip of the pen
#define MOST_TEXT 160   // bytes of an input's text

static const char *const range_words[] = {"between", "law", "observed"};

bool surety_is_range(const struct surety_ynode *node)
{
    if (node->kind != SURETY_Y_MAP || node->n != 1)
        return false;
    for (size_t i = 0; i < sizeof range_words / sizeof *range_words; i++)
        if (strcmp(node->first->key, range_words[i]) == 0)
            return true;
    return false;
}

const char *surety_near_range(const char *word)
{
    return surety_did_you_mean(word, range_words, sizeof range_words / sizeof *range_words, sizeof *range_words);
}

static size_t number_below(struct surety_ynode *node, size_t n)
{
    if (surety_is_range(node))
        node->range = ++n;
    for (struct surety_ynode *child = node->first; child != NULL; child = child->next)
        n = number_below(child, n);
    return n;
}

size_t surety_number_ranges(struct surety_ynode *root)
{
    return number_below(root, 0);
}

// --- reading one -----------------------------------------------------------------------------------------------

static const char *unit_of(const struct surety_field *row)
{
    switch (row->kind) {
    case SURETY_KIND_DURATION:
    case SURETY_KIND_DURATION_US:
        return "s";
    case SURETY_KIND_RATE:
        return "1/s";
    case SURETY_KIND_MONEY:
        return "money";
    default:
        return "";
    }
}

// What the kind of the key allows, narrowed by its row.
static void allowed(const struct surety_field *row, double *low, double *high)
{
    const bool share = row->kind == SURETY_KIND_SHARE || row->kind == SURETY_KIND_PPB;
    const bool below_zero = row->kind == SURETY_KIND_GROWTH || row->kind == SURETY_KIND_POINTS;
    *low = row->kind == SURETY_KIND_NUMBER ? -INFINITY : below_zero ? -1 : 0;
    *high = share || row->kind == SURETY_KIND_POINTS ? 1 : INFINITY;
    if (row->min == 0 && row->max == 0 && !row->above_min)
        return;
    *low = fmax(*low, row->min);
    if (row->max > row->min)
        *high = fmin(*high, row->max);
}

static bool complain(struct surety_reader *reader, const struct surety_ynode *node, const char *path, const char *hint,
                     const char *what)
{
    surety_complain(reader, SURETY_D_UNCERTAIN, node, path, hint, "%s", what);
    return false;
}

// The node as one line of YAML, cut where it is long.
static const char *line_of(struct surety_reader *reader, const struct surety_ynode *node)
{
    const char *line = node->text;
    if (node->kind != SURETY_Y_SCALAR) {
        const bool list = node->kind == SURETY_Y_LIST;
        line = list ? "[" : "{";
        for (const struct surety_ynode *c = node->first; c != NULL && strlen(line) < MOST_TEXT; c = c->next)
            line = surety_scratch_printf(reader, "%s%s%s%s%s", line, c == node->first ? "" : ", ",
                                         c->key != NULL ? c->key : "", c->key != NULL ? ": " : "", line_of(reader, c));
        line = surety_scratch_printf(reader, "%s%s", line, list ? "]" : "}");
    }
    return strlen(line) <= MOST_TEXT ? line : surety_scratch_printf(reader, "%.*s...", MOST_TEXT, line);
}

static bool read_between(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                         const char *path, struct surety_uncertain_input *out)
{
    const struct surety_ynode *list = node->first;
    const char *list_path = surety_path_join(reader, path, "between"), *example = row->example;
    double ends[2] = {0};
    if (list->kind == SURETY_Y_BROKEN)
        return false;
    if (list->kind != SURETY_Y_LIST || list->n != 2)
        return complain(reader, list, list_path,
                        surety_scratch_printf(reader, "write {between: [LEAST, MOST]}, each like %s", example),
                        "two values belong here, the least and the most");
    bool good = true;
    size_t i = 0;
    for (const struct surety_ynode *item = list->first; item != NULL; item = item->next, i++)
        good = surety_read_bare(reader, row, item, surety_path_index(reader, list_path, i), false, &ends[i]) && good;
    if (!good)
        return false;
    if (!(ends[0] < ends[1]))
        return complain(reader, list, list_path,
                        ends[0] > ends[1] ? surety_scratch_printf(reader, "write {between: [%s, %s]}",
                                                                  list->first->next->text, list->first->text)
                                          : "write a single value",
                        ends[0] > ends[1] ? "the first value is larger than the second" : "both values are the same");
    out->law = surety_law_of(SURETY_LAW_UNIFORM, ends[0], ends[1]);
    out->low = ends[0];
    out->high = ends[1];
    out->text = surety_arena_printf(reader->arena, "between %s and %s", list->first->text, list->first->next->text);
    return true;
}

static bool read_law(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                     const char *path, struct surety_uncertain_input *out)
{
    const struct surety_ynode *law = node->first;
    const char *law_path = surety_path_join(reader, path, "law");
    if (law->kind != SURETY_Y_MAP)
        return law->kind != SURETY_Y_BROKEN &&
               complain(reader, law, law_path,
                        surety_scratch_printf(reader,
                                              "for example {law: {lognormal: {median: %s, cv: 0.5}}}, or a "
                                              "single value without `law`",
                                              row->example),
                        "the law of an uncertain value is a map with the law's name");
    reader->quantity = row;
    const bool good = surety_read_law(reader, law, law_path, false, false, &out->law);
    reader->quantity = NULL;
    if (!good)
        return false;
    out->text = surety_arena_printf(reader->arena, "%s", line_of(reader, law));
    return true;
}

// Conditions the law on what the key allows.
static bool settle(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                   const char *path, struct surety_uncertain_input *in)
{
    double low, high;
    allowed(row, &low, &high);
    if (in->law.kind == SURETY_LAW_UNIFORM) { // its ends are the range's
        low = fmax(low, in->law.shift + in->law.a);
        high = fmin(high, fmin(in->law.shift + in->law.b, in->law.max));
    }
    in->low = fmax(in->low, low);
    in->high = fmin(in->high, high);
    in->p_low = isinf(in->low) || in->low <= 0 ? 0 : surety_law_cdf(&in->law, in->low);
    in->p_high = isinf(in->high) ? 1 : surety_law_cdf(&in->law, in->high);
    const double kept = in->p_high - in->p_low;
    if (!(kept >= LEAST_KEPT))
        return complain(reader, node, path, surety_scratch_printf(reader, "write values like %s", row->example),
                        "the law lies outside what is allowed here");
    in->mean =
        (surety_law_partial(&in->law, 1, in->high) - (in->p_low > 0 ? surety_law_partial(&in->law, 1, in->low) : 0)) /
        kept;
    in->mean = surety_round40(fmin(fmax(in->mean, in->low), in->high));
    if (kept < 1 - 1e-6)
        surety_note_assumption(reader,
                               "uncertain: %s: the law is conditioned on what is allowed here, which is %.6g %% of it",
                               path, 100 * kept);
    if (!isfinite(in->mean))
        return complain(reader, node, path, "add `max:`", "the mean of this law is infinite");
    return true;
}

// What is agreed or counted is not uncertain; how often a customer claims is.
static const char *never_uncertain(const struct surety_field *row, const char *path)
{
    if (row->kind == SURETY_KIND_INTEGER)
        return "a whole number cannot be uncertain";
    if (strncmp(path, "term.", 5) == 0 ||
        (strncmp(path, "contract.", 9) == 0 && strcmp(path, "contract.credits.claimed") != 0))
        return "what the contract says is not uncertain";
    return NULL;
}

bool surety_read_range(struct surety_reader *reader, const struct surety_field *row, const struct surety_ynode *node,
                       const char *path, double *out)
{
    if (reader->draws != NULL) {
        *out = reader->draws[node->range - 1];
        return true;
    }
    if (reader->uncertain == NULL || node->range == 0 || reader->in_range || reader->quantity != NULL)
        return complain(reader, node, path, "write a single value", "an uncertain value cannot stand here");
    const char *never = never_uncertain(row, path), *word = node->first->key;
    if (never != NULL)
        return complain(reader, node, path, "write a single value", never);
    const bool observed = strcmp(word, "observed") == 0;
    if (observed && !row->observable)
        return complain(reader, node, path,
                        surety_scratch_printf(reader, "write {between: [%s, ...]} or {law: {...}}", row->example),
                        "only `incidents` can be observed");
    struct surety_uncertain_input in = {.place = node->place, .low = -INFINITY, .high = INFINITY, .unit = unit_of(row)};
    reader->in_range = true;
    bool good = observed ? surety_read_observed(reader, node->first, surety_path_join(reader, path, word), &in)
                : strcmp(word, "between") == 0 ? read_between(reader, row, node, path, &in)
                                               : read_law(reader, row, node, path, &in);
    reader->in_range = false;
    if (!good || !settle(reader, row, node, path, &in))
        return false;
    struct surety_uncertain_input *slot = &reader->uncertain->inputs[node->range - 1];
    // Customers claim each for himself: of several contracts each has a stream of its own.
    const bool is_contract = strncmp(path, "contract.", 9) == 0;
    in.path = surety_arena_printf(reader->arena, "%s%s", is_contract ? reader->scenario->contract_path : "",
                                  is_contract ? path + 8 : path);
    if (in.path == NULL || in.text == NULL) {
        reader->out_of_memory = true;
        return false;
    }
    if (slot->path == NULL) {
        reader->uncertain->n_used++;
        surety_note_assumption(reader, "uncertain: %s: %s", in.path, in.text);
    }
    *slot = in;
    *out = in.mean;
    return true;
}

const struct surety_uncertain_input *surety_range_at(const struct surety_reader *reader,
                                                     const struct surety_ynode *node)
{
    const struct surety_uncertain *all = reader->base != NULL ? reader->base->uncertain : reader->uncertain;
    if (all == NULL || node == NULL || node->range == 0 || all->inputs[node->range - 1].path == NULL)
        return NULL;
    return &all->inputs[node->range - 1];
}

void surety_check_ranges(struct surety_reader *reader)
{
    const struct surety_uncertain *all = reader->uncertain;
    char start[11], until[11];
    for (size_t i = 0; i < all->n; i++) {
        const struct surety_uncertain_input *in = &all->inputs[i];
        if (in->path == NULL || in->until_place.line + in->until_place.column == 0 ||
            surety_date_days(in->until) <= surety_date_days(reader->scenario->term.start))
            continue;
        surety_date_format(reader->scenario->term.start, start);
        surety_date_format(in->until, until);
        surety_diag_add(reader->diags, SURETY_D_UNCERTAIN, in->until_place,
                        surety_path_join(reader, in->path, "observed.until"), "write the last day of the record",
                        "the record ends on %s, after the term starts on %s", until, start);
    }
}

double surety_uncertain_draw(const struct surety_uncertain_input *input, double u)
{
    const double p = input->p_low + u * (input->p_high - input->p_low);
    const double x = surety_law_quantile(&input->law, p < 0x1p-60 ? 0x1p-60 : p > 1 - 0x1p-53 ? 1 - 0x1p-53 : p);
    return fmin(fmax(surety_round40(x), input->low), input->high);
}
