// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/checked.h"

#include "plots/human.h"
#include "plots/json_writer.h"
#include "sim/base/diag.h"

#include <math.h>
#include <string.h>

#define PLACE_SIZE 300
#define LINE_SIZE 1200

size_t surety_checked_count(struct surety_checked *const *checked, size_t n)
{
    size_t n_findings = 0;
    for (size_t i = 0; i < n; i++)
        n_findings += checked[i]->n_findings;
    return n_findings;
}

static size_t count(struct surety_checked *const *checked, size_t n, enum surety_finding_grade grade)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < checked[i]->n_findings; k++)
            found += checked[i]->findings[k].rule->grade == grade;
    return found;
}

// "deal.yaml:12:5", or "--set PATH".
static void place_of(char out[PLACE_SIZE], const struct surety_scenario *scenario, struct surety_place place)
{
    if (place.line > 0)
        snprintf(out, PLACE_SIZE, "%s:%zu:%zu", scenario->file, place.line, place.column);
    else if (place.column > 0 && place.column <= scenario->n_overrides)
        snprintf(out, PLACE_SIZE, "--set %.*s", (int)strcspn(scenario->overrides[place.column - 1], "="),
                 scenario->overrides[place.column - 1]);
    else
        snprintf(out, PLACE_SIZE, "%s", scenario->file);
}

// Findings of one rule, from `from` on: the rule's words stand once. Returns the number of them.
static size_t put_rule(const struct surety_scenario *scenario, const struct surety_checked *checked, size_t from,
                       FILE *out)
{
    const struct surety_check_rule *rule = checked->findings[from].rule;
    char place[PLACE_SIZE], line[LINE_SIZE];
    size_t n = 0;
    fprintf(out, "\n%s[%s], clause: %s\n", surety_finding_grade_name(rule->grade), rule->id, rule->clause);
    for (; from + n < checked->n_findings && checked->findings[from + n].rule == rule; n++) {
        const struct surety_finding *finding = &checked->findings[from + n];
        place_of(place, scenario, finding->place);
        snprintf(line, sizeof line, "%s: %s", place, finding->path);
        surety_human_wrapped(out, "  ", line);
        snprintf(line, sizeof line, "%s.", finding->what);
        surety_human_wrapped(out, "    ", line);
    }
    surety_human_wrapped(out, "  why  ", rule->why);
    surety_human_wrapped(out, "  fix  ", rule->fix);
    return n;
}

static int column(const struct surety_checked *checked, size_t tier)
{
    const size_t length = strlen(checked->tiers[tier]);
    return length > 9 ? (int)length : 9;
}

static void put_bounds(const struct surety_checked *checked, FILE *out)
{
    size_t width = strlen("architecture");
    bool all_strict = true;
    char text[SURETY_HUMAN_SIZE], other[SURETY_HUMAN_SIZE];
    for (size_t a = 0; a < checked->n_bounds; a++)
        if (strlen(checked->bounds[a].architecture) > width)
            width = strlen(checked->bounds[a].architecture);
    fprintf(out, "\nMean availability in the long run, at most:\n%-*s  %14s  %14s  ", (int)width, "architecture",
            "by time", "by requests");
    for (size_t t = 0; t < checked->n_tiers; t++)
        fprintf(out, "  %*s", column(checked, t), checked->tiers[t]);
    fprintf(out, "\n%-*s  %14s  %14s  ", (int)width, "", "", "promised:");
    for (size_t t = 0; t < checked->n_tiers; t++) {
        surety_human_target(text, checked->targets[t]);
        fprintf(out, "  %*s", column(checked, t), text);
    }
    fputc('\n', out);
    for (size_t a = 0; a < checked->n_bounds; a++) {
        const struct surety_bound *bound = &checked->bounds[a];
        surety_human_percent(text, bound->by_time, 3);
        surety_human_percent(other, bound->by_requests, 3);
        fprintf(out, "%-*s  %14s  %14s %c", (int)width, bound->architecture, text, other, bound->is_strict ? ' ' : '*');
        for (size_t t = 0; t < checked->n_tiers; t++)
            fprintf(out, "  %*s", column(checked, t),
                    isnan(bound->by_measure)                  ? "-"
                    : bound->by_measure < checked->targets[t] ? "no"
                                                              : "open");
        fputc('\n', out);
        all_strict = all_strict && bound->is_strict;
    }
    surety_human_wrapped(out, "",
                         "By closed forms: a source is down for E[D] / (E[U] + E[D]) of the time, independently of the "
                         "others, traffic is on the best route at once, the week is flat. `no`: the mean stays below "
                         "the promise; `open`: this shows nothing, `surety run` does; `-`: the measure forgives or "
                         "leaves out what a bound would need.");
    if (!all_strict)
        surety_human_wrapped(out, "* ",
                             "about: its outages come from a record, drift, or are repaired one by one after a common "
                             "cause.");
}

void surety_report_checked_text(const struct surety_scenario *scenario, struct surety_checked *const *checked, size_t n,
                                FILE *out)
{
    const size_t n_findings = surety_checked_count(checked, n);
    surety_human_wrapped(out, "", scenario->name);
    if (n_findings == 0)
        fputs("Nothing found.\n", out);
    else
        fprintf(out, "%zu finding%s: %zu refused, %zu missing, %zu warning%s.\n", n_findings,
                n_findings == 1 ? "" : "s", count(checked, n, SURETY_FINDING_REFUSED),
                count(checked, n, SURETY_FINDING_MISSING), count(checked, n, SURETY_FINDING_WARNING),
                count(checked, n, SURETY_FINDING_WARNING) == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        if (checked[i]->contract != NULL)
            fprintf(out, "\nContract %s\n", checked[i]->contract);
        for (size_t k = 0; k < checked[i]->n_findings;)
            k += put_rule(scenario, checked[i], k, out);
        put_bounds(checked[i], out);
    }
}

static void write_finding(struct surety_json *json, const struct surety_scenario *scenario,
                          const struct surety_finding *finding)
{
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "id", finding->rule->id);
    surety_json_text(json, "severity", surety_finding_grade_name(finding->rule->grade));
    surety_json_text(json, "clause", finding->rule->clause);
    surety_json_text(json, "path", finding->path);
    surety_json_text(json, "file", scenario->file);
    if (finding->place.line > 0) {
        surety_json_integer(json, "line", finding->place.line);
        surety_json_integer(json, "column", finding->place.column);
    } else {
        surety_json_text(json, "line", NULL);
        surety_json_text(json, "column", NULL);
    }
    surety_json_text(json, "what", finding->what);
    surety_json_text(json, "why", finding->rule->why);
    surety_json_text(json, "fix", finding->rule->fix);
    surety_json_close(json);
}

static void write_bound(struct surety_json *json, const struct surety_scenario *scenario,
                        const struct surety_bound *bound)
{
    surety_json_open_map(json, NULL, false);
    surety_json_text(json, "architecture", bound->architecture);
    surety_json_number(json, "by_time", bound->by_time);
    surety_json_number(json, "by_requests", bound->by_requests);
    surety_json_number(json, "by_measure", bound->by_measure);
    surety_json_bool(json, "strict", bound->is_strict);
    surety_json_open_list(json, "single_points", true);
    for (size_t p = 0; p < scenario->n_providers; p++)
        if (bound->single_point[p])
            surety_json_text(json, NULL, scenario->providers[p].name);
    if (bound->common != NULL)
        surety_json_text(json, NULL, bound->common);
    surety_json_close(json);
    surety_json_close(json);
}

void surety_report_checked_json(const struct surety_scenario *scenario, struct surety_checked *const *checked, size_t n,
                                FILE *out)
{
    struct surety_json json;
    surety_json_init(&json, out);
    surety_json_open_map(&json, NULL, false);
    surety_json_integer(&json, "surety", 1);
    surety_json_text(&json, "kind", "check");
    surety_json_open_map(&json, "scenario", false);
    surety_json_text(&json, "name", scenario->name);
    surety_json_text(&json, "file", scenario->file);
    surety_json_text(&json, "sha256", scenario->sha256);
    surety_json_close(&json);
    surety_json_open_list(&json, "contracts", false);
    for (size_t i = 0; i < n; i++) {
        surety_json_open_map(&json, NULL, false);
        surety_json_text(&json, "contract", checked[i]->contract);
        surety_json_open_list(&json, "findings", false);
        for (size_t k = 0; k < checked[i]->n_findings; k++)
            write_finding(&json, scenario, &checked[i]->findings[k]);
        surety_json_close(&json);
        surety_json_open_list(&json, "bounds", false);
        for (size_t a = 0; a < checked[i]->n_bounds; a++)
            write_bound(&json, scenario, &checked[i]->bounds[a]);
        surety_json_close(&json);
        surety_json_close(&json);
    }
    surety_json_close(&json);
    surety_json_close(&json);
}

void surety_report_rule(const struct surety_check_rule *rule, FILE *out)
{
    fprintf(out, "%s[%s] of `surety check`, clause: %s\n", surety_finding_grade_name(rule->grade), rule->id,
            rule->clause);
    surety_human_wrapped(out, "  why      ", rule->why);
    surety_human_wrapped(out, "  fix      ", rule->fix);
}
