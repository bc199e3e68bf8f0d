// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/export.h"

#include "models/measurement.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const struct surety_export_type surety_export_types[] = {
    {"clauses", "the annex to the contract, with formulas and a worked example", false, surety_export_clauses},
    {"openslo", "OpenSLO v1: the internal SLO, what is signed in annotations", true, surety_export_openslo},
    {"prometheus", "recording rules and multiwindow burn-rate alerts", false, surety_export_prometheus},
    {NULL, NULL, false, NULL},
};

void surety_export_slug(char out[SURETY_SLUG_SIZE], const char *text)
{
    size_t n = 0;
    for (; *text != '\0' && n + 1 < SURETY_SLUG_SIZE; text++) {
        const char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = c;
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    if (n == 0)
        strcpy(out, "service");
}

void surety_export_quote(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

void surety_export_duration(char out[24], double seconds)
{
    static const struct {
        int64_t unit_ms;
        const char *name;
    } rows[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    const int64_t ms = (int64_t)(seconds * 1e3 + 0.5);
    size_t i = 0;
    while (ms % rows[i].unit_ms != 0)
        i++;
    snprintf(out, 24, "%lld%s", (long long)(ms / rows[i].unit_ms), rows[i].name);
}

enum surety_export_unit surety_export_unit_of(const struct surety_contract *contract)
{
    switch (contract->measure) {
    case SURETY_METER_REQUESTS:
        return SURETY_EXPORT_REQUESTS;
    case SURETY_METER_TASKS:
        return SURETY_EXPORT_TASKS;
    case SURETY_METER_INTERVALS:
        return SURETY_EXPORT_CELLS;
    default:
        return SURETY_EXPORT_DOWN;
    }
}

double surety_export_slice_s(const struct surety_contract *contract)
{
    return contract->measure == SURETY_METER_INTERVALS ? contract->cell_s
           : contract->measure == SURETY_METER_PROBES  ? contract->interval_s
                                                       : 60;
}

const char *surety_export_latency(const struct surety_latency_target *target)
{
    return target->metric == SURETY_METRIC_FIRST_TOKEN ? "first_token" : "end_to_end";
}
