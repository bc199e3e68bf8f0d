// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/reserved.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <math.h>
#include <stdlib.h>

void surety_reserved_break_even(char out[SURETY_BREAK_EVEN_SIZE], const struct surety_reserved_result *reserved)
{
    char percent[SURETY_HUMAN_SIZE];
    if (isnan(reserved->break_even)) {
        snprintf(out, SURETY_BREAK_EVEN_SIZE, "tokens have no price on demand to compare with");
    } else if (reserved->break_even <= 1) {
        surety_human_percent(percent, reserved->break_even, 3);
        snprintf(out, SURETY_BREAK_EVEN_SIZE, "reserving pays from %s utilisation", percent);
    } else {
        snprintf(out, SURETY_BREAK_EVEN_SIZE,
                 "reserving pays at no utilisation: full units cost %.3g times as much as their tokens on demand",
                 reserved->break_even);
    }
}

// "237,500"; tokens a minute.
static void put_count(char out[SURETY_HUMAN_SIZE], double count)
{
    surety_human_count(out, (uint64_t)(count + 0.5));
}

static void put_units(FILE *out, const struct surety_reserved_result *r, const char *currency)
{
    char tokens[SURETY_HUMAN_SIZE], output[SURETY_HUMAN_SIZE], fee[SURETY_HUMAN_SIZE];
    put_count(tokens, r->tokens_per_minute);
    surety_wording_money(fee, r->fee_per_month, currency);
    fprintf(out, "Reserves %.10g units at %s (%s tokens a minute", r->units, r->provider, tokens);
    if (!isnan(r->output_units)) {
        put_count(output, r->output_tokens_per_minute);
        fprintf(out, " of input, %.10g units with %s of output", r->output_units, output);
    }
    fprintf(out, ") for %s a month: ", fee);
}

void surety_reserved_text(const struct surety_reserved_result *r, const char *currency, FILE *out)
{
    char *text = NULL, used[SURETY_HUMAN_SIZE], over[SURETY_HUMAN_SIZE], money[SURETY_HUMAN_SIZE],
         break_even[SURETY_BREAK_EVEN_SIZE];
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return;
    surety_human_percent(used, r->utilisation, 3);
    surety_human_percent(over, r->overflow, 3);
    put_units(stream, r, currency);
    fprintf(stream, "%s used", used);
    if (!isnan(r->output_utilisation)) {
        surety_human_percent(used, r->output_utilisation, 3);
        fprintf(stream, " (output %s)", used);
    }
    surety_wording_money(money, r->overflow_cost_per_month, currency);
    if (r->rejects)
        fprintf(stream, ", %s of the tokens do not fit and fail.", over);
    else
        fprintf(stream, ", %s of the tokens overflow, for %s a month on demand.", over, money);
    if (!isnan(r->break_even)) {
        const double saved = r->without_per_month - r->fee_per_month - r->overflow_cost_per_month;
        surety_wording_money(money, r->without_per_month, currency);
        fprintf(stream, " Without the reservation its tokens would cost %s a month, ", money);
        surety_wording_money(money, fabs(saved), currency);
        fprintf(stream, "%s %s", money, saved < 0 ? "less" : "more");
        surety_reserved_break_even(break_even, r);
        fprintf(stream, "; %s.", break_even);
    }
    if (!isnan(r->moved_overflow)) {
        char time[SURETY_HUMAN_SIZE];
        surety_human_percent(time, r->moved_time, 2);
        surety_human_percent(used, r->moved_utilisation, 3);
        surety_human_percent(over, r->moved_overflow, 3);
        fprintf(stream, " While more comes than normally, %s of the time: %s used, %s of the tokens %s.", time, used,
                over, r->rejects ? "fail" : "overflow");
    }
    if (fclose(stream) == 0)
        surety_human_wrapped(out, "  ", text);
    free(text);
}

void surety_json_reserved(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    if (architecture->n_reserved == 0)
        return;
    surety_json_open_list(json, "reserved", false);
    for (size_t i = 0; i < architecture->n_reserved; i++) {
        const struct surety_reserved_result *r = &architecture->reserved[i];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "provider", r->provider);
        surety_json_number(json, "units", r->units);
        surety_json_number(json, "tokens_per_minute", r->tokens_per_minute);
        if (!isnan(r->output_units)) {
            surety_json_number(json, "output_units", r->output_units);
            surety_json_number(json, "output_tokens_per_minute", r->output_tokens_per_minute);
            surety_json_number(json, "output_utilisation", r->output_utilisation);
        }
        surety_json_text(json, "overflow", r->rejects ? "reject" : "on-demand");
        surety_json_number(json, "utilisation", r->utilisation);
        surety_json_number(json, "overflow_share", r->overflow);
        surety_json_number(json, "break_even_utilisation", r->break_even);
        surety_json_open_map(json, "per_month", true);
        surety_json_number(json, "fee", r->fee_per_month);
        surety_json_number(json, "overflow", r->overflow_cost_per_month);
        surety_json_number(json, "without", r->without_per_month);
        surety_json_close(json);
        surety_json_open_map(json, "moved", true);
        surety_json_number(json, "time_share", r->moved_time);
        surety_json_number(json, "utilisation", r->moved_utilisation);
        surety_json_number(json, "overflow_share", r->moved_overflow);
        surety_json_number(json, "most_requests_share", r->most_share);
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
}
