// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_EXPORT_H
#define SURETY_PLOTS_EXPORT_H

#include "sim/base/err.h"
#include "sim/engine/result.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/scenario.h"

#include <stdio.h>

// The paper to hand over and the rules that measure what was signed.

struct surety_export {
    const struct surety_scenario *scenario;
    const struct surety_plan *plan;
    size_t tier;
    const char *architecture;              // for openslo
    const struct surety_internal_slo *slo; // NULL: not asked for
};

struct surety_export_type {
    const char *name, *help;
    bool needs_run; // the internal SLO
    enum surety_err (*write)(const struct surety_export *export, FILE *out);
};

// clauses, openslo, prometheus; a row with name NULL at the end.
extern const struct surety_export_type surety_export_types[];

// --- shared by the writers --------------------------------------------------------------------------------------

#define SURETY_SLUG_SIZE 64

// The text as a name of RFC 1123: small letters, digits and '-', at most 63; "service" where nothing is left.
void surety_export_slug(char out[SURETY_SLUG_SIZE], const char *text);

// A double-quoted scalar of YAML, which is also one of JSON and of PromQL.
void surety_export_quote(FILE *out, const char *text);

// "5m", "1h", "3d", "90s": the largest unit that divides it.
void surety_export_duration(char out[24], double seconds);

// What is counted for availability by the contract's measure.
enum surety_export_unit { SURETY_EXPORT_REQUESTS, SURETY_EXPORT_TASKS, SURETY_EXPORT_CELLS, SURETY_EXPORT_DOWN };
enum surety_export_unit surety_export_unit_of(const struct surety_contract *contract);

// Length of a slice in seconds: the cell, the probes' interval, else a minute.
double surety_export_slice_s(const struct surety_contract *contract);

// Name of the metric of a latency: "first_token", "end_to_end".
const char *surety_export_latency(const struct surety_latency_target *target);

enum surety_err surety_export_clauses(const struct surety_export *export, FILE *out);
enum surety_err surety_export_openslo(const struct surety_export *export, FILE *out);
enum surety_err surety_export_prometheus(const struct surety_export *export, FILE *out);

#endif
