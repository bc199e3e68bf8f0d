// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/wording.h"

#include "sim/base/diag.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_INPUTS 4         // named in a sentence
#define LEAST_CORRELATION 0.1 // less is not worth a word

size_t surety_wording_utf8_length(const char *text)
{
    const unsigned char *t = (const unsigned char *)text;
    const bool is_c1 = t[0] == 0xc2 && t[1] >= 0x80 && t[1] < 0xa0; // whole, and escaped by the caller
    return t[0] < 0x80 ? 1 : is_c1 ? 2 : surety_printable(t, strnlen(text, 4));
}

char *surety_wording_clean(const char *text, size_t most)
{
    char *out = malloc(4 * strlen(text) + 8);
    if (out == NULL)
        return NULL;
    size_t used = 0, n_characters = 0, last = 0; // last: where the last character that may stay begins
    for (const char *p = text; *p != '\0'; n_characters++) {
        size_t n = surety_wording_utf8_length(p);
        const unsigned char c = (unsigned char)*p;
        if (most > 0 && n_characters == most) {
            used = last;
            memcpy(out + used, "\xe2\x80\xa6", 3);
            used += 3;
            break;
        }
        last = used;
        if (n == 0) {
            memcpy(out + used, "\xef\xbf\xbd", 3);
            used += 3;
            p++;
        } else if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)p[1] < 0xa0)) {
            used += (size_t)sprintf(out + used, "\\x%02x", (unsigned)(n == 2 ? (unsigned char)p[1] : c));
            p += n;
        } else {
            memcpy(out + used, p, n);
            used += n;
            p += n;
        }
    }
    out[used] = '\0';
    return out;
}

void surety_wording_money(char out[SURETY_HUMAN_SIZE], double amount, const char *currency)
{
    char number[SURETY_HUMAN_SIZE];
    const double size = fabs(amount);
    if (isnan(amount)) {
        snprintf(out, SURETY_HUMAN_SIZE, "-");
        return;
    }
    if (size >= 99.95 && size < 1e15)
        surety_human_count(number, (uint64_t)(size + 0.5));
    else if (size > 0.0 && size < 1.0)
        snprintf(number, sizeof number, "%.3g", size);
    else
        snprintf(number, sizeof number, size > 0.0 ? "%.2f" : "%.0f", size);
    snprintf(out, SURETY_HUMAN_SIZE, "%s%.30s %.12s", amount < 0.0 ? "-" : "", number, currency);
}

void surety_wording_flip_value(char out[SURETY_HUMAN_SIZE], double value, const char *unit)
{
    if (strcmp(unit, "s") == 0)
        surety_human_duration(out, value);
    else if (strcmp(unit, "1") == 0)
        surety_human_percent(out, value, 2);
    else if (strncmp(unit, "1/", 2) == 0)
        snprintf(out, SURETY_HUMAN_SIZE, "%.3g%.24s", value, unit + 1);
    else
        snprintf(out, SURETY_HUMAN_SIZE, "%.3g %.24s", value, unit);
}

const char *surety_wording_window(const struct surety_result *result)
{
    return surety_window_word(result->window);
}

const char *surety_wording_outcome(enum surety_outcome outcome)
{
    return outcome == SURETY_OUTCOME_SAFE ? "safe" : outcome == SURETY_OUTCOME_PRICED ? "priced" : "no";
}

enum surety_outcome surety_wording_tier_outcome(const struct surety_tier_result *tier)
{
    return tier->signable ? SURETY_OUTCOME_SAFE : tier->outcome;
}

// Without a verdict: the highest safe tier where its probability is largest, else the lowest tier there.
static struct surety_focus nearest(const struct surety_result *result)
{
    struct surety_focus best = {0};
    for (size_t a = 0; a < result->n_architectures; a++) {
        for (size_t t = 0; t < result->n_tiers; t++) {
            const struct surety_tier_result *tier = &result->architectures[a].tiers[t];
            const enum surety_outcome outcome = surety_wording_tier_outcome(tier);
            bool better = best.tier == NULL || outcome > best.outcome;
            if (!better && outcome == best.outcome && outcome > SURETY_OUTCOME_NO)
                better = t > best.i_tier || (t == best.i_tier && tier->term_met.p > best.tier->term_met.p);
            else if (!better && outcome == best.outcome)
                better = tier->term_met.p > best.tier->term_met.p;
            if (better)
                best = (struct surety_focus){&result->architectures[a], tier, a, t, outcome};
        }
    }
    return best;
}

struct surety_focus surety_wording_focus(const struct surety_result *result)
{
    const struct surety_verdict *verdict = &result->verdict;
    if (verdict->because == NULL || verdict->architecture >= result->n_architectures ||
        verdict->tier >= result->n_tiers)
        return nearest(result);
    const struct surety_architecture_result *architecture = &result->architectures[verdict->architecture];
    return (struct surety_focus){architecture, &architecture->tiers[verdict->tier], verdict->architecture,
                                 verdict->tier, verdict->is_any ? verdict->outcome : SURETY_OUTCOME_NO};
}

size_t surety_wording_order(const struct surety_result *result, size_t i)
{
    const size_t first = surety_wording_focus(result).i_architecture;
    return i == 0 ? first : i <= first ? i - 1 : i;
}

double surety_wording_exceedance(const struct surety_architecture_result *architecture, double downtime_s)
{
    uint64_t n = 0, above = 0;
    for (size_t i = 0; i < architecture->n_histogram; i++) {
        n += architecture->histogram[i].n_windows;
        if (architecture->histogram[i].downtime_s > downtime_s)
            above += architecture->histogram[i].n_windows;
    }
    return n > 0 ? (double)above / (double)n : NAN;
}

void surety_wording_inputs(char *out, size_t size, const struct surety_result *result)
{
    // Without any connection a rank correlation of G groups scatters by 1 / sqrt(G).
    const double least = fmax(LEAST_CORRELATION, 3 / sqrt((double)result->n_groups));
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < result->n_inputs && i < MOST_INPUTS && used < size; i++) {
        const struct surety_input_result *in = &result->inputs[i];
        if (!(fabs(in->correlation) >= least))
            break; // they are in falling order
        used += (size_t)snprintf(out + used, size - used, "%s%s (rank correlation %.2f)",
                                 i == 0 ? "Of the uncertain inputs, these go with the months met: " : ", ", in->path,
                                 in->correlation);
    }
    if (used > 0 && used < size)
        snprintf(out + used, size - used, ".");
}

const char *surety_wording_phase(const char *phase)
{
    static const char *const names[][2] = {
        {"detection", "until noticed"},         {"switching", "until switched"},
        {"below_trip", "below the trip level"}, {"all_routes_down", "no healthy route"},
        {"common_cause", "a common cause"},     {"capacity", "over capacity"},
        {"maintenance", "maintenance"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i][0], phase) == 0)
            return names[i][1];
    }
    return phase;
}

const char *surety_wording_metric(const char *metric)
{
    static const char *const words[][2] = {
        {"first_token", "the first token"}, {"end_to_end", "the last token"}, {"per_step", "a whole step"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], metric) == 0)
            return words[i][1];
    return metric;
}
