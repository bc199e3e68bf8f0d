// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/responses.h"

#include "plots/json_writer.h"

#include <math.h>
#include <string.h>

const char *const surety_response_time_names[SURETY_N_TIMES] = {"first_token", "per_output_token"};
const char *const surety_response_key_names[SURETY_RESPONSE_N_KEYS] = {"note", "latency"};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void put_counts(const struct surety_responses *r, FILE *out)
{
    fprintf(out, "%zu requests", r->n_rows - r->n_filtered);
    if (r->n_filtered > 0)
        fprintf(out, " of %zu", r->n_rows);
    fprintf(out, ", %zu failed", r->n_failed);
}

static void put_duration(double s, FILE *out)
{
    char text[32];
    surety_fit_number(s, true, text);
    fputs(text, out);
}

// --- for people --------------------------------------------------------------------------------------------------

static void put_law(const struct surety_response_law *law, FILE *out)
{
    if (law->n_parts == 0) {
        fputs("always ", out);
        put_duration(law->body.median_s, out);
        return;
    }
    if (law->n_parts == 2)
        fprintf(out, "%.4g %% body, ", 100 * (1 - law->stall_weight));
    fputs("median ", out);
    put_duration(law->body.median_s, out);
    fprintf(out, ", sigma %.4g", law->body.sigma);
    if (law->n_parts == 1)
        return;
    const bool stalls = law->stall_weight <= 0.25 && law->stall.median_s > law->body.median_s;
    fprintf(out, "; %.4g %% %s, median ", 100 * law->stall_weight, stalls ? "stalls" : "in a second part");
    put_duration(law->stall.median_s, out);
    fprintf(out, ", sigma %.4g", law->stall.sigma);
}

static void put_time(const struct surety_response_fit *fit, size_t t, FILE *out)
{
    const struct surety_response_sample *s = &fit->responses.times[t];
    const struct surety_response_law *law = &fit->law[t];
    if (!fit->has[t]) {
        fprintf(out, "#   %s: %s\n", surety_response_time_names[t],
                s->from == NULL ? "nothing measured" : "too few values for a law");
        return;
    }
    fprintf(out, "#   %s from %s, %zu values: ", surety_response_time_names[t], s->from, s->n);
    put_law(law, out);
    fprintf(out, "\n#     distance to what was measured (KS) %.3f;", law->ks);
    for (size_t k = 0; k < SURETY_RESPONSE_JUDGED; k++)
        if (!isnan(law->measured_s[k]))
            fprintf(out, "%s p%g %.4g s, by the law %.4g s (%+.1f %%)", k > 0 ? "," : "",
                    100 * surety_response_judged[k], law->measured_s[k], law->fitted_s[k],
                    100 * (law->fitted_s[k] / law->measured_s[k] - 1));
    putc('\n', out);
    if (s->n < 200)
        fprintf(out, "#     %zu values say little of the slowest in a hundred: take p99 as a guess\n", s->n);
}

void surety_responses_text(const struct surety_response_fit *fits, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct surety_responses *r = &fits[i].responses;
        fprintf(out, "# %s: %s (%s, sha256 %.12s), ", fits[i].name, base_name(r->file), r->dialect, r->sha256);
        put_counts(r, out);
        putc('\n', out);
        for (size_t t = 0; t < SURETY_N_TIMES; t++)
            put_time(&fits[i], t, out);
        if (r->remark != NULL)
            fprintf(out, "#   %s\n", r->remark);
        if (r->n_failed > 0)
            fprintf(out, "#   %.3g %% failed: that is `request_errors` or an outage, not latency\n",
                    100 * (double)r->n_failed / (double)(r->n_rows - r->n_filtered));
    }
}

// --- a scenario --------------------------------------------------------------------------------------------------

static void put_part(const struct surety_response_part *part, FILE *out)
{
    fputs("{lognormal: {median: ", out);
    put_duration(part->median_s, out);
    fprintf(out, ", sigma: %.4g}}", part->sigma);
}

static void put_yaml_law(const struct surety_response_law *law, FILE *out)
{
    if (law->n_parts == 0) {
        put_duration(law->body.median_s, out);
    } else if (law->n_parts == 1) {
        put_part(&law->body, out);
    } else {
        fprintf(out, "{mixture: [{weight: %.6g, of: ", 1 - law->stall_weight);
        put_part(&law->body, out);
        fprintf(out, "}, {weight: %.6g, of: ", law->stall_weight);
        put_part(&law->stall, out);
        fputs("}]}", out);
    }
}

static void put_latency(const struct surety_response_fit *fit, struct surety_fit_style style, bool tell, FILE *out)
{
    const struct surety_responses *r = &fit->responses;
    bool first = true;
    if (!style.in_braces) {
        fprintf(out, "%*slatency:", style.indent, "");
        if (tell) {
            fprintf(out, " # %s, sha256 %.12s, ", base_name(r->file), r->sha256);
            put_counts(r, out);
        }
        putc('\n', out);
    }
    for (size_t t = 0; t < SURETY_N_TIMES; t++) {
        if (!fit->has[t])
            continue;
        if (style.in_braces)
            fprintf(out, "%s%s: ", first ? "{" : ", ", surety_response_time_names[t]);
        else
            fprintf(out, "%*s%s: ", style.indent + 2, "", surety_response_time_names[t]);
        put_yaml_law(&fit->law[t], out);
        if (!style.in_braces)
            putc('\n', out);
        first = false;
    }
    if (style.in_braces)
        putc('}', out);
}

// In double quotes; file names may hold anything.
static void put_quoted(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            putc((unsigned char)*text < ' ' ? '?' : *text, out);
}

void surety_responses_value(const struct surety_response_fit *fit, enum surety_response_key key,
                            struct surety_fit_style style, bool tell, FILE *out)
{
    const struct surety_responses *r = &fit->responses;
    if (key == SURETY_RESPONSE_LATENCY) {
        put_latency(fit, style, tell, out);
        return;
    }
    if (!style.in_braces)
        fprintf(out, "%*snote: ", style.indent, "");
    fputs("\"" SURETY_RESPONSE_NOTE_HEAD, out);
    put_quoted(base_name(r->file), out);
    fprintf(out, " (%s), sha256 %.12s, ", r->dialect, r->sha256);
    put_counts(r, out);
    for (size_t t = 0; t < SURETY_N_TIMES; t++)
        if (fit->has[t])
            fprintf(out, "; %s of %zu values, KS %.3f", surety_response_time_names[t], r->times[t].n, fit->law[t].ks);
    putc('"', out);
    if (!style.in_braces)
        putc('\n', out);
}

void surety_responses_yaml(const struct surety_response_fit *fits, size_t n, FILE *out)
{
    fputs("providers:\n", out);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "  %s:\n", fits[i].name);
        for (enum surety_response_key key = 0; key < SURETY_RESPONSE_N_KEYS; key++)
            surety_responses_value(&fits[i], key, (struct surety_fit_style){.indent = 4}, false, out);
    }
}

// --- for programs ------------------------------------------------------------------------------------------------

static void put_json_part(struct surety_json *json, double weight, const struct surety_response_part *part)
{
    surety_json_open_map(json, NULL, true);
    surety_json_number(json, "weight", weight);
    surety_json_number(json, "median_s", part->median_s);
    surety_json_number(json, "sigma", part->sigma);
    surety_json_close(json);
}

static void put_json_law(struct surety_json *json, const struct surety_response_fit *fit, size_t t)
{
    static const char *const laws[] = {"fixed", "lognormal", "mixture"};
    const struct surety_response_law *law = &fit->law[t];
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "key", surety_response_time_names[t]);
    surety_json_text(json, "from", fit->responses.times[t].from);
    surety_json_integer(json, "n", fit->responses.times[t].n);
    surety_json_text(json, "law", laws[law->n_parts]);
    surety_json_open_list(json, "parts", false);
    put_json_part(json, law->n_parts == 2 ? 1 - law->stall_weight : 1, &law->body);
    if (law->n_parts == 2)
        put_json_part(json, law->stall_weight, &law->stall);
    surety_json_close(json);
    surety_json_number(json, "ks", law->ks);
    surety_json_open_list(json, "quantiles", false);
    for (size_t k = 0; k < SURETY_RESPONSE_JUDGED; k++) {
        surety_json_open_map(json, NULL, true);
        surety_json_number(json, "p", surety_response_judged[k]);
        surety_json_number(json, "measured_s", law->measured_s[k]);
        surety_json_number(json, "fitted_s", law->fitted_s[k]);
        surety_json_number(json, "error", law->fitted_s[k] / law->measured_s[k] - 1);
        surety_json_close(json);
    }
    surety_json_close(json);
    surety_json_close(json);
}

void surety_responses_json(const struct surety_response_fit *fits, size_t n, FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "fit_latency");
    surety_json_open_list(&json, "providers", false);
    for (size_t i = 0; i < n; i++) {
        const struct surety_responses *r = &fits[i].responses;
        surety_json_open_map(&json, NULL, false);
        surety_json_text(&json, "name", fits[i].name);
        surety_json_text(&json, "file", base_name(r->file));
        surety_json_text(&json, "format", r->dialect);
        surety_json_text(&json, "sha256", r->sha256);
        surety_json_integer(&json, "rows", r->n_rows);
        surety_json_integer(&json, "failed", r->n_failed);
        surety_json_integer(&json, "filtered", r->n_filtered);
        if (r->remark != NULL)
            surety_json_text(&json, "remark", r->remark);
        surety_json_open_list(&json, "laws", false);
        for (size_t t = 0; t < SURETY_N_TIMES; t++)
            if (fits[i].has[t])
                put_json_law(&json, &fits[i], t);
        surety_json_close(&json);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    surety_json_close(&json);
}
