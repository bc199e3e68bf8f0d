// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/uncertain.h"

#include "sim/base/fmath.h"
#include "sim/scenario/units.h"

#include <math.h>
#include <string.h>

// `observed`: a record of n outages in the time T, ending on the day `until`, becomes a law of the rate,
// Gamma(a0 + n' / phi, b0 + T' / phi). T' and n' are what is left of exposure and count when older exposure weighs less,
// half as much for each half-life: T' = h / ln 2 (1 - 2^(-T / h)) and n' = n T' / T, as only the total is known.

struct observed {
    double count, over_s, dispersion, half_life_s, drift, spread;
    struct surety_date until;
    double prior_count, prior_over_s;
    const char *prior;
};

static const char *const none_words[] = {"none", NULL};

static const struct surety_field prior_rows[] = {
    {.name = "count",
     .kind = SURETY_KIND_COUNT,
     .offset = offsetof(struct observed, prior_count),
     .required = true,
     .above_min = true,
     .max = 1e6,
     .help = "Outages that the prior is worth.",
     .example = "1"},
    {.name = "over",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct observed, prior_over_s),
     .required = true,
     .max = SURETY_LONGEST_S,
     .help = "Time in which they would have been seen.",
     .example = "21.9d"},
};

static const struct surety_fields prior_fields = {
    .title = "the prior", .rows = prior_rows, .n = sizeof prior_rows / sizeof *prior_rows};

static bool read_prior(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out)
{
    struct observed *o = out; // the row has offset 0
    const struct surety_prior *priors = reader->registry->priors;
    if (node->kind == SURETY_Y_MAP) {
        o->prior = "given";
        return surety_read_map(reader, node, path, &prior_fields, o);
    }
    size_t n = 0;
    for (; node->kind == SURETY_Y_SCALAR && priors != NULL && priors[n].name != NULL; n++)
        if (strcmp(priors[n].name, node->text) == 0) {
            o->prior = priors[n].name;
            o->prior_count = priors[n].count;
            o->prior_over_s = priors[n].over_s;
            surety_note_assumption(reader, "prior %s: %s: %g outage%s in %.4g d. %s", priors[n].name, priors[n].help,
                                   priors[n].count, priors[n].count == 1 ? "" : "s", priors[n].over_s / 86400,
                                   priors[n].source);
            return true;
        }
    surety_complain(reader, SURETY_D_CHOICE, node, path,
                    surety_scratch_printf(reader, "%s, or {count: 1, over: 21.9d}",
                                          surety_hint_words(reader, node->text, priors, n, sizeof *priors)),
                    "'%.40s' is no prior", node->text);
    return false;
}

static const struct surety_field rows[] = {
    {.name = "count",
     .kind = SURETY_KIND_COUNT,
     .offset = offsetof(struct observed, count),
     .required = true,
     .max = 1e6,
     .help = "Outages that began in the record. May be a fraction where they were weighted.",
     .example = "8"},
    {.name = "over",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct observed, over_s),
     .required = true,
     .above_min = true,
     .max = SURETY_LONGEST_S,
     .help = "Length of the record.",
     .example = "365d"},
    {.name = "until",
     .kind = SURETY_KIND_DATE,
     .offset = offsetof(struct observed, until),
     .required = true,
     .help = "Last day of the record: the rate drifts from there on.",
     .example = "2026-07-01"},
    {.name = "prior",
     .kind = SURETY_KIND_CUSTOM,
     .offset = 0,
     .read = read_prior,
     .sub = &prior_fields,
     .schema = "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"properties\":{\"count\":{\"$ref\":"
               "\"#/$defs/count\"},\"over\":{\"$ref\":\"#/$defs/duration\"}},\"required\":[\"count\",\"over\"],"
               "\"additionalProperties\":false}]}",
     .fallback = "llm-api",
     .help = "What is known before the record: a class of services (llm-api, llm-api-partial, llm-api-major, "
             "developer-platform, ...), `jeffreys` for nothing, or {count, over}.",
     .example = "llm-api-major"},
    {.name = "dispersion",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct observed, dispersion),
     .fallback = "1",
     .min = 1,
     .max = 100,
     .help = "Variance of counts over their mean: outages come in clusters, and so many count as one.",
     .example = "1.4"},
    {.name = "half_life",
     .kind = SURETY_KIND_DURATION,
     .offset = offsetof(struct observed, half_life_s),
     .fallback = "90d",
     .above_min = true,
     .max = SURETY_LONGEST_S,
     .words = none_words,
     .help = "After so much time a part of the record weighs half as much. `none`: all of it weighs the same.",
     .example = "90d"},
    {.name = "drift",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct observed, drift),
     .fallback = "1",
     .max = 5,
     .help = "Standard deviation that the log of the rate gains in the first year from `until` on, but for `spread`.",
     .example = "0.5"},
    {.name = "spread",
     .kind = SURETY_KIND_NUMBER,
     .offset = offsetof(struct observed, spread),
     .fallback = "1.1",
     .above_min = true,
     .max = 10,
     .words = none_words,
     .help = "What the standard deviation of the drifting log of the rate tends to. `none`: it grows without end.",
     .example = "0.8"},
};

const struct surety_fields surety_observed_fields = {
    .title = "observed incidents", .rows = rows, .n = sizeof rows / sizeof *rows};

static const struct surety_field observable_rows[] = {
    {.name = "observed",
     .kind = SURETY_KIND_MAP,
     .offset = SURETY_NOWHERE,
     .sub = &surety_observed_fields,
     .help = "In the place of the rate: what a record shows. The rate is then uncertain, a gamma law, and drifts.",
     .example = "{count: 8, over: 365d, until: 2026-07-01}"},
};

const struct surety_fields surety_observable_fields = {
    .title = "a rate", .rows = observable_rows, .n = sizeof observable_rows / sizeof *observable_rows};

double surety_drift_pull(double drift, double spread, double years)
{
    return spread > 0 ? surety_exp(-drift * drift * years / (2 * spread * spread)) : 1;
}

double surety_drift_sd(double drift, double spread, double years)
{
    const double pull = surety_drift_pull(drift, spread, years);
    return spread > 0 ? spread * sqrt(1 - pull * pull) : drift * sqrt(years);
}

bool surety_read_observed(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                          struct surety_uncertain_input *out)
{
    struct observed o = {.prior = ""};
    char until[11], over[32];
    if (!surety_read_map(reader, node, path, &surety_observed_fields, &o))
        return false;
    double exposure_s = o.over_s;
    if (o.half_life_s > 0)
        exposure_s = o.half_life_s / log(2) * -expm1(-log(2) * o.over_s / o.half_life_s);
    const double shape = o.prior_count + o.count * (exposure_s / o.over_s) / o.dispersion;
    const double time_s = o.prior_over_s + exposure_s / o.dispersion;
    out->law = surety_law_of(SURETY_LAW_GAMMA, surety_round40(shape), surety_round40(1 / time_s));
    const char *complaint = surety_law_check(&out->law);
    if (complaint != NULL) {
        surety_complain(reader, SURETY_D_LAW, node, path, NULL, "%s", complaint);
        return false;
    }
    out->drift = o.drift;
    out->spread = fmax(o.spread, 0);
    out->until = o.until;
    out->until_place = surety_ynode_get(node, "until")->place;
    surety_date_format(o.until, until);
    surety_format_duration(o.over_s, over);
    const char *limit = out->spread > 0 ? surety_scratch_printf(reader, ", by %g in all", out->spread) : "";
    out->text = surety_arena_printf(
        reader->arena, "%g observed in %s until %s, prior %s: the rate is Gamma(%.4g, %.4g d), mean %.4g a year%s",
        o.count, over, until, o.prior, shape, time_s / 86400, shape / time_s * 86400 * 365,
        o.drift > 0 ? surety_scratch_printf(reader, ", its log drifts by %g in a year%s", o.drift, limit) : "");
    // Zero outages are not a rate of zero: 1 - 0.95 = exp(-3.0).
    if (o.count == 0)
        surety_note_assumption(reader, "%s: no outage in %s: the 95 %% bound of the rate is 3.0 / %s", path, over,
                               over);
    return true;
}
