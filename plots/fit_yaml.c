// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fit.h"

#include "sim/base/calendar.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <string.h>

#define YEAR_S (365.0 * 86400)
#define LEAST_UP 0.1 // of its up times that a provider keeps for what causes in common leave to it
#define LEAST_SHAPE 0.5
#define INTERVAL_SDS (2 * 1.959963984540054)

const char *const surety_fit_key_names[SURETY_FIT_N_KEYS] = {"source", "note", "outages", "weekly_rhythm"};

static double rounded(double x)
{
    char text[32];
    double value = x;
    snprintf(text, sizeof text, "%.4g", x);
    sscanf(text, "%lf", &value);
    return value;
}

void surety_fit_part(const struct surety_fit_wish *wish, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    if (wish->provider != NULL)
        n = (size_t)snprintf(out, size, ", provider %.60s", wish->provider);
    for (size_t i = 0; i < wish->n_components && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%.60s", i > 0 ? "; " : ", component ", wish->components[i]);
    for (size_t end = strlen(out); end > 0 && n >= size;) { // cut: not within a code point
        const bool whole = ((unsigned char)out[--end] & 0xC0U) != 0x80U;
        out[end] = '\0';
        if (whole)
            break;
    }
}

void surety_fit_number(double value, bool is_time, char out[32])
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    if (!is_time) {
        snprintf(out, 32, "%.4g", value);
        return;
    }
    size_t i = 0;
    while (i < 3 && value < units[i].seconds)
        i++;
    snprintf(out, 32, "%.4g%s", value / units[i].seconds, units[i].name);
}

static struct surety_date date_of(int64_t us)
{
    return surety_date_from_days((us - (us % SURETY_US_PER_DAY + SURETY_US_PER_DAY) % SURETY_US_PER_DAY) /
                                 SURETY_US_PER_DAY);
}

// The last day that has a part in a span ending at `until_us`.
static struct surety_date last_day(int64_t until_us)
{
    return date_of(until_us - 1);
}

static void put_text(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            putc((unsigned char)*text < ' ' ? '?' : *text, out);
    putc('"', out);
}

// One parameter, times multiplied by `scale`; uncertain: a lognormal law whose 95 % interval is the parameter's.
static void put_parameter(FILE *out, const struct surety_fit *fit, size_t j, double scale, bool uncertain)
{
    const struct surety_fit_parameter *parameter = &surety_fit_kinds[fit->kind].parameters[j];
    char value[32];
    const double low = fit->interval[j].low, high = fit->interval[j].high;
    surety_fit_number(fit->value[j] * (parameter->is_time ? scale : 1), parameter->is_time, value);
    if (uncertain && low > 0 && isfinite(high) && high > low)
        fprintf(out, "%s: {law: {lognormal: {median: %s, sigma: %.4g}}}", parameter->name, value,
                log(high / low) / INTERVAL_SDS);
    else
        fprintf(out, "%s: %s", parameter->name, value);
}

// The chosen law, its times multiplied by `scale`.
static void put_law(FILE *out, const struct surety_fitted *fitted, double scale, bool uncertain)
{
    if (fitted->chosen == SURETY_N_FITS) {
        char mean[32];
        surety_fit_number(fitted->mean * scale, true, mean);
        fprintf(out, "{exponential: {mean: %s}}", mean);
        return;
    }
    const struct surety_fit *fit = &fitted->fits[fitted->chosen];
    char text[4][32];
    if (fit->kind == SURETY_FIT_MIXTURE) { // its weights and parts belong together: no ranges
        for (size_t j = 0; j < 4; j++)
            surety_fit_number(fit->value[j + 1] * (j % 2 == 0 ? scale : 1), j % 2 == 0, text[j]);
        const double weight = rounded(fit->value[0]);
        fprintf(out,
                "{mixture: [{weight: %.6g, of: {lognormal: {median: %s, sigma: %s}}}, "
                "{weight: %.6g, of: {lognormal: {median: %s, sigma: %s}}}]}",
                1 - weight, text[0], text[1], weight, text[2], text[3]);
        return;
    }
    fprintf(out, "{%s: {", surety_fit_kinds[fit->kind].name);
    for (size_t j = 0; j < surety_fit_kinds[fit->kind].n; j++) {
        fputs(j > 0 ? ", " : "", out);
        put_parameter(out, fit, j, scale, uncertain);
    }
    fputs("}}", out);
}

// The rate and the lengths as `surety backtest` scores them. What is common is taken out of count and prior alike, while
// half an outage is left: a gamma law of a smaller shape is hardly ever anything but zero. From there on time is added.
static void put_belief(FILE *out, const struct surety_fit_provider *provider, const struct surety_outage_belief *belief,
                       const char *next, int indent)
{
    char prior_over[32], over[32], until[11], median[32];
    const double shape = belief->prior_count + belief->count / belief->dispersion;
    const double counts = fmax(provider->own_starts, fmin(1, LEAST_SHAPE / shape)),
                 times = counts / provider->own_starts;
    surety_fit_number(belief->prior_over_s * times, true, prior_over);
    surety_fit_number(belief->over_s * times, true, over);
    surety_fit_number(belief->median_s, true, median);
    surety_date_format(last_day(provider->until_us), until);
    fprintf(out, "incidents: {rate: {observed: {count: %.4g, over: %s, until: %s, prior: {count: %.4g, over: %s}, ",
            belief->count * counts, over, until, belief->prior_count * counts, prior_over);
    fprintf(out, "dispersion: %.4g, half_life: none, drift: %.4g}}, shape: %.4g}", belief->dispersion, belief->drift,
            belief->up_shape);
    fprintf(out,
            "%s%*stime_to_repair: {lognormal: {median: {law: {lognormal: {median: %s, sigma: %.4g}}}, sigma: %.4g}}",
            next, indent, "", median, belief->median_log_sd, belief->sigma);
}

static void put_failing(FILE *out, double share, double low, double high, bool uncertain)
{
    if (uncertain && high > low)
        fprintf(out, "failing: {between: [%.4g%%, %.4g%%]}", 100 * low, 100 * high);
    else
        fprintf(out, "failing: %.6g%%", 100 * rounded(share));
}

static void put_laws(FILE *out, const struct surety_fit_provider *provider, size_t source, bool uncertain,
                     const char *next, int indent)
{
    const struct surety_outage_model *model = &provider->sources[source];
    const struct surety_fitted *repair = surety_fit_repair_of(provider, source);
    const double up_mean = (model->up.mean + repair->mean) / provider->own_starts - repair->mean;
    fputs("time_to_failure: ", out);
    put_law(out, &model->up, provider->own_starts == 1 ? 1 : fmax(up_mean / model->up.mean, LEAST_UP), uncertain);
    fprintf(out, "%s%*stime_to_repair: ", next, indent, "");
    put_law(out, repair, 1, uncertain);
}

// How an outage is spelt: in braces, or on lines of its own.
struct spelling {
    const char *next; // between two keys
    int indent;       // of a key
    const char *end;
};

static struct spelling begin_outage(FILE *out, const char *name, size_t i, struct surety_fit_style style)
{
    if (style.in_braces)
        fprintf(out, "%s%s: {", i == 0 ? "{" : ", ", name);
    else
        fprintf(out, "%*s%s:\n%*s", style.indent + 2, "", name, style.indent + 4, "");
    return style.in_braces ? (struct spelling){", ", 0, "}"} : (struct spelling){"\n", style.indent + 4, "\n"};
}

static void put_outages(const struct surety_fit_report *report, const struct surety_fit_provider *provider,
                        struct surety_fit_style style, FILE *out)
{
    const bool believed = style.uncertain && provider->beliefs != NULL;
    if (!style.in_braces)
        fprintf(out, "%*soutages:\n", style.indent, "");
    for (size_t i = 0; i < (believed ? provider->history.n_sources : provider->n_sources); i++) {
        const char *name = believed ? provider->history.sources[i].name : provider->sources[i].series.name;
        const size_t source = surety_fit_source_of(provider, name);
        const struct spelling is = begin_outage(out, name, i, style);
        if (believed && (source == provider->n_sources || !surety_fit_is_busy(&provider->beliefs[i])))
            put_belief(out, provider, &provider->beliefs[i], is.next, is.indent);
        else
            put_laws(out, provider, source, style.uncertain, is.next, is.indent);
        fprintf(out, "%s%*s", is.next, is.indent, "");
        if (source < provider->n_sources) {
            const struct surety_outage_series *s = &provider->sources[source].series;
            put_failing(out, s->failing, s->failing_low, s->failing_high, style.uncertain);
        } else {
            const struct surety_grade_share *usual = surety_severity_share(report->profile, name);
            put_failing(out, usual->share, usual->low, usual->high, style.uncertain);
        }
        fputs(is.end, out);
    }
    if (style.in_braces)
        putc('}', out);
}

static void put_rhythm(const struct surety_rhythm *rhythm, struct surety_fit_style style, FILE *out)
{
    if (!style.in_braces)
        fprintf(out, "%*sweekly_rhythm: ", style.indent, "");
    if (rhythm->flat) {
        fputs("flat", out);
    } else {
        fputs(style.in_braces ? "{timezone: UTC, hours: [" : "{timezone: UTC, hours: [ # 24 a line, from Monday 00:00",
              out);
        for (int hour = 0; hour < SURETY_WEEK_HOURS; hour++) {
            if (!style.in_braces && hour % 24 == 0)
                fprintf(out, "\n%*s", style.indent + 4, "");
            fprintf(out, "%.3g%s", rhythm->hours[hour],
                    hour == SURETY_WEEK_HOURS - 1 ? "]}"
                    : style.in_braces             ? ", "
                                                  : ",");
            if (!style.in_braces && hour % 24 != 23)
                putc(' ', out);
        }
    }
    if (!style.in_braces)
        putc('\n', out);
}

static void put_source(const struct surety_fit_provider *provider, FILE *out)
{
    const struct surety_record *record = provider->wish->record;
    char what[512], part[128] = "", from[11], until[11];
    const char *slash = strrchr(record->file, '/');
    surety_fit_part(provider->wish, part, sizeof part);
    snprintf(what, sizeof what, "%.100s (%.40s)%s, sha256 %.12s", slash != NULL ? slash + 1 : record->file,
             record->dialect, part, record->sha256);
    surety_date_format(date_of(provider->from_us), from);
    surety_date_format(last_day(provider->until_us), until);
    fputs("{what: ", out);
    put_text(out, what);
    if (record->undated) // seconds from an unknown day: no dates to tell
        fprintf(out, ", incidents: %zu, licence: not stated}", provider->n_outages);
    else
        fprintf(out, ", from: %s, until: %s, incidents: %zu, licence: not stated}", from, until, provider->n_outages);
}

static void put_note(const struct surety_fit_report *report, const struct surety_fit_provider *provider, FILE *out)
{
    char text[1024];
    int n = snprintf(text, sizeof text, "%s, severities as %s:",
                     provider->beliefs != NULL ? "believed after its record, as `surety backtest` scores it"
                                               : "fitted by maximum likelihood",
                     report->profile->name);
    for (size_t s = 0; s < provider->n_sources && n < 400; s++) {
        const struct surety_outage_model *model = &provider->sources[s];
        n += snprintf(text + n, sizeof text - (size_t)n, "%s %zu %s (down %.3g %% of the time, by the laws %.3g %%)",
                      s > 0 ? "," : "", model->series.n, model->series.name, 100 * model->share_down,
                      100 * model->share_down_by_laws);
    }
    if (provider->taken_out > 0 && provider->causes_included)
        snprintf(
            text + n, sizeof text - (size_t)n,
            "; %.3g %% of its downtime comes from common causes, which are taken out of these outages when it runs: "
            "their starts are x %.3g here, not to be used without the causes",
            100 * provider->taken_out, provider->own_starts);
    else if (provider->taken_out > 0)
        snprintf(
            text + n, sizeof text - (size_t)n,
            "; %.3g %% of its downtime was taken out of these outages (starts x %.3g): it comes from common causes, "
            "not to be used without them",
            100 * provider->taken_out, provider->own_starts);
    put_text(out, text);
}

void surety_fit_value(const struct surety_fit_report *report, size_t i, enum surety_fit_key key,
                      struct surety_fit_style style, FILE *out)
{
    const struct surety_fit_provider *provider = &report->providers[i];
    switch (key) {
    case SURETY_FIT_OUTAGES:
        put_outages(report, provider, style, out);
        return;
    case SURETY_FIT_RHYTHM:
        put_rhythm(&provider->rhythm, style, out);
        return;
    default:
        break;
    }
    if (!style.in_braces)
        fprintf(out, "%*s%s: ", style.indent, "", surety_fit_key_names[key]);
    if (key == SURETY_FIT_SOURCE)
        put_source(provider, out);
    else
        put_note(report, provider, out);
    if (!style.in_braces)
        putc('\n', out);
}

// Starts of a cause; with ranges as many events as were counted make it certain, and it drifts like its members.
static void put_cause_rate(const struct surety_fit_report *report, const struct surety_cause *cause, FILE *out)
{
    const struct surety_fit_provider *member = &report->providers[cause->members[0]];
    if (member->beliefs == NULL) {
        fprintf(out, "%.6g/year", cause->rate_per_s * YEAR_S);
        return;
    }
    struct surety_belief_settings settings;
    surety_belief_settings_default(&settings);
    const double weight = member->beliefs[0].over_s / ((double)(member->until_us - member->from_us) / 1e6);
    const double count = fmax((double)cause->together - cause->expected, 0) * fmin(weight, 1);
    char over[32], prior_over[32], until[11];
    surety_fit_number((count > 0 ? count : 1e-3) / cause->rate_per_s, true, over);
    surety_fit_number(0.5 / cause->rate_per_s, true, prior_over);
    surety_date_format(last_day(member->until_us), until);
    fprintf(
        out,
        "{observed: {count: %.4g, over: %s, until: %s, prior: {count: 0.5, over: %s}, half_life: none, drift: %.4g}}",
        count > 0 ? count : 1e-3, over, until, prior_over, settings.drift);
}

// A cause is named after its members; where that is longer than a name may be, after its number among the causes.
static void put_cause_name(const struct surety_fit_report *report, size_t i, FILE *out)
{
    const struct surety_fitted_cause *fitted = &report->causes[i];
    size_t length = fitted->grade != NULL ? strlen(fitted->grade) : 0;
    for (size_t m = 0; m < fitted->cause.n_members; m++)
        length += strlen(report->providers[fitted->cause.members[m]].wish->name) + 1;
    if (length > SURETY_MAX_NAME)
        fprintf(out, "common-cause-%zu", i + 1);
    for (size_t m = 0; length <= SURETY_MAX_NAME && m < fitted->cause.n_members; m++)
        fprintf(out, "%s%s", m > 0 ? "-" : "", report->providers[fitted->cause.members[m]].wish->name);
    if (fitted->grade != NULL)
        fprintf(out, "-%s", fitted->grade);
}

void surety_fit_cause(const struct surety_fit_report *report, size_t i, FILE *out)
{
    const struct surety_fitted_cause *fitted = &report->causes[i];
    const struct surety_cause *cause = &fitted->cause;
    put_cause_name(report, i, out);
    fputs(": {members: [", out);
    for (size_t m = 0; m < cause->n_members; m++)
        fprintf(out, "%s%s", m > 0 ? ", " : "", report->providers[cause->members[m]].wish->name);
    fputs("], incidents: ", out);
    put_cause_rate(report, cause, out);
    fputs(", time_to_repair: ", out);
    put_law(out, &fitted->length, fitted->length_scale, report->providers[cause->members[0]].beliefs != NULL);
    fprintf(out, ", failing: %.4g%%, hits: %.4g%%, included: %s", 100 * fitted->failing, 100 * cause->hits,
            cause->included ? "true" : "false");
    if (!report->rhythm.flat) {
        fputs(", weekly_rhythm: ", out);
        put_rhythm(&report->rhythm, (struct surety_fit_style){.in_braces = true}, out);
    }
    putc('}', out);
}

void surety_fit_scenario(const struct surety_fit_report *report, bool uncertain, FILE *out)
{
    int64_t until = INT64_MIN;
    for (size_t i = 0; i < report->n; i++)
        until = report->providers[i].until_us > until ? report->providers[i].until_us : until;
    fprintf(out,
            "surety: 1\nname: Fitted outages\n"
            "# An example: put your own term, demand, architectures and contract.\n"
            "term: {start: %04d-01-01, months: 12}\n"
            "workloads: {calls: {demand: 30/min}}\n"
            "architectures:\n",
            date_of(until).year + 1);
    for (size_t i = 0; i < report->n; i++)
        fprintf(out, "  %s-alone: %s\n", report->providers[i].wish->name, report->providers[i].wish->name);
    if (report->n > 1)
        fprintf(out, "  failover: {failover: {order: [%s, %s], detect: 60s}}\n", report->providers[0].wish->name,
                report->providers[1].wish->name);
    fputs("contract: {availability: {measure: time, down_at: 5%}}\n\n# Fitted.\nproviders:\n", out);
    for (size_t i = 0; i < report->n; i++) {
        fprintf(out, "  %s:\n", report->providers[i].wish->name);
        for (enum surety_fit_key key = 0; key < SURETY_FIT_N_KEYS; key++)
            surety_fit_value(report, i, key, (struct surety_fit_style){false, 4, uncertain}, out);
    }
    if (report->n_causes > 0)
        fputs("common_causes:\n", out);
    for (size_t i = 0; i < report->n_causes; i++) {
        fputs("  ", out);
        surety_fit_cause(report, i, out);
        putc('\n', out);
    }
}
