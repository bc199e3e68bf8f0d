// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/capacity.h"

#include "plots/csv.h"
#include "plots/human.h"

#include <math.h>
#include <stdarg.h>

#define LEAST_H 0.01 // a month: less is not worth a word

__attribute__((format(printf, 3, 4))) static size_t add(char *text, size_t used, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text + used, SURETY_CAPACITY_TEXT - used, format, args);
    va_end(args);
    return n < 0 ? used : used + (size_t)n < SURETY_CAPACITY_TEXT ? used + (size_t)n : SURETY_CAPACITY_TEXT - 1;
}

void surety_capacity_sentence(const struct surety_capacity_result *c, char text[SURETY_CAPACITY_TEXT])
{
    char a[SURETY_HUMAN_SIZE], b[SURETY_HUMAN_SIZE];
    size_t used = add(text, 0, "%s has %.3g %% of its limit to carry on average and %.3g %% at most", c->provider,
                      100 * c->load_mean, 100 * c->load_peak);
    if (c->saturated_h < LEAST_H) {
        used = add(text, used, c->load_peak < 1 ? "; it is never full" : "; it is hardly ever full");
    } else {
        surety_human_duration(a, 3600 * c->saturated_h);
        used = add(text, used, "; it is full for %s a month", a);
        if (c->saturated_normal_h >= LEAST_H) {
            surety_human_duration(b, 3600 * c->saturated_normal_h);
            used = add(text, used, ", %s of it with all others up",
                       c->saturated_normal_h > 0.9995 * c->saturated_h ? "all" : b);
        }
        for (size_t i = 0; i < c->n_after && i < 3; i++)
            if (c->after[i].saturated_h >= LEAST_H) {
                surety_human_duration(b, 3600 * c->after[i].saturated_h);
                used = add(text, used, ", %s while %s is out", b, c->after[i].provider);
            }
    }
    if (c->share_refused >= 1e-9) {
        surety_human_percent(a, c->share_refused, 2);
        used = add(text, used, ". It refuses %s of what reaches it", a);
    }
    add(text, used, ".");
}

// --- JSON ------------------------------------------------------------------------------------------------------

static void put_hours(struct surety_json *json, const char *key, const double hours[168])
{
    surety_json_open_list(json, key, true);
    for (int h = 0; h < 168; h++)
        surety_json_number(json, NULL, hours[h]);
    surety_json_close(json);
}

void surety_capacity_json(struct surety_json *json, const struct surety_architecture_result *architecture)
{
    if (architecture->n_capacity == 0)
        return;
    surety_json_open_list(json, "capacity", false);
    for (size_t i = 0; i < architecture->n_capacity; i++) {
        const struct surety_capacity_result *c = &architecture->capacity[i];
        surety_json_open_map(json, NULL, false);
        surety_json_text(json, "provider", c->provider);
        surety_json_open_map(json, "load", true);
        surety_json_number(json, "mean", c->load_mean);
        surety_json_number(json, "peak", c->load_peak);
        surety_json_close(json);
        surety_json_number(json, "saturated_h_per_month", c->saturated_h);
        surety_json_number(json, "saturated_alone_h_per_month", c->saturated_normal_h);
        surety_json_open_list(json, "saturated_while", false);
        for (size_t k = 0; k < c->n_after; k++) {
            surety_json_open_map(json, NULL, true);
            surety_json_text(json, "out", c->after[k].provider);
            surety_json_number(json, "h_per_month", c->after[k].saturated_h);
            surety_json_close(json);
        }
        surety_json_close(json);
        surety_json_number(json, "share_refused", c->share_refused);
        put_hours(json, "load_by_hour", c->hour_load);
        put_hours(json, "refused_by_hour", c->hour_refused);
        surety_json_open_list(json, "by_load", false);
        for (size_t k = 0; k < c->n_by_load; k++) {
            surety_json_open_map(json, NULL, true);
            surety_json_number(json, "load", c->by_load[k].load);
            surety_json_number(json, "share_refused", c->by_load[k].share_refused);
            surety_json_number(json, "wait_p95_s", c->by_load[k].wait_p95_s);
            surety_json_close(json);
        }
        surety_json_close(json);
        surety_json_close(json);
    }
    surety_json_close(json);
}

// --- CSV -------------------------------------------------------------------------------------------------------

bool surety_capacity_has_rows(const struct surety_result *result)
{
    bool any = false;
    for (size_t i = 0; i < result->n_architectures; i++)
        any = any || result->architectures[i].n_capacity > 0;
    return any;
}

static void put_key(FILE *out, const char *architecture, const char *provider)
{
    surety_csv_text(out, architecture);
    putc(',', out);
    surety_csv_text(out, provider);
}

static void put_value(FILE *out, double value)
{
    putc(',', out);
    if (isfinite(value))
        fprintf(out, "%.12g", value == 0.0 ? 0.0 : value);
}

void surety_capacity_csv(const struct surety_result *result, FILE *out)
{
    fputs("architecture,provider,load_mean,load_peak,saturated_h_per_month,saturated_alone_h_per_month,"
          "share_refused\r\n",
          out);
    for (size_t i = 0; i < result->n_architectures; i++)
        for (size_t k = 0; k < result->architectures[i].n_capacity; k++) {
            const struct surety_capacity_result *c = &result->architectures[i].capacity[k];
            const double values[] = {c->load_mean, c->load_peak, c->saturated_h, c->saturated_normal_h,
                                     c->share_refused};
            put_key(out, result->architectures[i].name, c->provider);
            for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                put_value(out, values[v]);
            fputs("\r\n", out);
        }
}

void surety_capacity_hours_csv(const struct surety_result *result, FILE *out)
{
    fputs("architecture,provider,hour_of_week,load_mean,share_refused_mean\r\n", out);
    for (size_t i = 0; i < result->n_architectures; i++)
        for (size_t k = 0; k < result->architectures[i].n_capacity; k++)
            for (int h = 0; h < 168; h++) {
                const struct surety_capacity_result *c = &result->architectures[i].capacity[k];
                put_key(out, result->architectures[i].name, c->provider);
                fprintf(out, ",%d", h);
                put_value(out, c->hour_load[h]);
                put_value(out, c->hour_refused[h]);
                fputs("\r\n", out);
            }
}

void surety_capacity_loads_csv(const struct surety_result *result, FILE *out)
{
    fputs("architecture,provider,load,share_refused,wait_p95_s\r\n", out);
    for (size_t i = 0; i < result->n_architectures; i++)
        for (size_t k = 0; k < result->architectures[i].n_capacity; k++)
            for (size_t l = 0; l < result->architectures[i].capacity[k].n_by_load; l++) {
                const struct surety_load_result *row = &result->architectures[i].capacity[k].by_load[l];
                put_key(out, result->architectures[i].name, result->architectures[i].capacity[k].provider);
                put_value(out, row->load);
                put_value(out, row->share_refused);
                put_value(out, row->wait_p95_s);
                fputs("\r\n", out);
            }
}
