// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/joint.h"

#include "plots/human.h"
#include "plots/wording.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

typedef void say_function(FILE *out, const char *sentence);

bool surety_joint_has(const struct surety_result *result)
{
    bool any = false;
    for (size_t a = 0; a < result->n_architectures; a++) {
        const struct surety_architecture_result *architecture = &result->architectures[a];
        any = any || architecture->n_quality > 0 || architecture->has_recovered || architecture->has_bill;
        for (size_t t = 0; t < result->n_tiers; t++)
            any = any || architecture->tiers[t].joint.given || architecture->tiers[t].termination.given;
    }
    return any;
}

static void put(say_function *say, FILE *out, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put(say_function *say, FILE *out, const char *format, ...)
{
    char line[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    say(out, line);
}

static void say_suites(const struct surety_result *result, const struct surety_architecture_result *architecture,
                       say_function *say, FILE *out)
{
    for (size_t i = 0; i < architecture->n_quality; i++) {
        const struct surety_quality_result *q = &architecture->quality[i];
        char mean[SURETY_HUMAN_SIZE], p05[SURETY_HUMAN_SIZE], read[SURETY_HUMAN_SIZE];
        surety_human_percent(mean, q->mean, 2);
        surety_human_percent(p05, q->p05, 2);
        surety_human_percent(read, q->read_mean, 2);
        put(say, out, "%s%s%s: %s of the answers pass on average, at least %s in 95 %% of %ss; %s %s.", q->suite,
            q->scenario != NULL ? ", " : "", q->scenario != NULL ? q->scenario : "", mean, p05,
            surety_wording_window(result), q->issues ? "of the tasks users report" : "what is read of it is", read);
    }
}

// What the sample tells, and how large it would have to be.
static void say_sample(const struct surety_result *result, const struct surety_quality_promise *q, say_function *say,
                       FILE *out)
{
    const char *window = surety_wording_window(result);
    const bool issues = strcmp(q->kind, "issues") == 0;
    const char *cases = issues ? "tasks" : strcmp(q->kind, "scenarios") == 0 ? "cases of each scenario" : "cases";
    char n[SURETY_HUMAN_SIZE], sample[SURETY_HUMAN_SIZE], lo[SURETY_HUMAN_SIZE], hi[SURETY_HUMAN_SIZE],
        bad[SURETY_HUMAN_SIZE], wrong[SURETY_HUMAN_SIZE];
    surety_human_count(n, (uint64_t)(q->cases + 0.5));
    surety_human_count(sample, q->n_sample);
    surety_human_percent(lo, q->read_lo, 2);
    surety_human_percent(hi, q->read_hi, 2);
    surety_human_percent(bad, q->bad, 2);
    surety_human_target(wrong, q->wrong);
    if (q->cases > 0)
        put(say, out, "A %s has %s %s of %s: one that reads just the promise may be anything from %s to %s.", window, n,
            cases, q->suite, lo, hi);
    if (q->n_sample > 0)
        put(say, out, "%s %s a %s tell this service from one at %s, with at most %s of either mistake.", sample, cases,
            window, bad, wrong);
    else
        put(say, out,
            "No number of %s up to a million tells a service that keeps %s from one that does not: its own rate, "
            "as the judge reads it, is not above the promise.",
            cases, q->suite);
}

static void say_quality(const struct surety_result *result, const struct surety_tier_result *tier, bool is_focus,
                        say_function *say, FILE *out)
{
    const char *window = surety_wording_window(result);
    for (size_t i = 0; i < tier->joint.n_quality; i++) {
        const struct surety_quality_promise *q = &tier->joint.quality[i];
        const bool issues = strcmp(q->kind, "issues") == 0;
        char rate[SURETY_HUMAN_SIZE], met[SURETY_HUMAN_SIZE], wrong[SURETY_HUMAN_SIZE], blind[SURETY_HUMAN_SIZE];
        surety_human_target(rate, q->rate);
        surety_human_percent(met, q->month_met, 2);
        surety_human_percent(wrong, q->p_false_if_good, 2);
        surety_human_percent(blind, q->p_missed_if_bad, 2);
        put(say, out, "%s promises %s %s%s: read as met in %s of %ss.", tier->name, q->suite,
            issues ? "at most " : "at least ", rate, met, window);
        if (!isnan(q->p_false_if_good) && !isnan(q->p_missed_if_bad))
            put(say, out,
                "A %s that keeps it is read as a breach with probability %s, one that does not as kept with %s.",
                window, wrong, blind);
        else if (!isnan(q->p_false_if_good))
            put(say, out, "A %s that keeps it, as all do, is read as a breach with probability %s.", window, wrong);
        else
            put(say, out, "No %s keeps it; one is read as kept with probability %s.", window, blind);
        if (is_focus)
            say_sample(result, q, say, out);
    }
}

static void say_cost(const struct surety_result *result, const struct surety_tier_result *tier, say_function *say,
                     FILE *out)
{
    for (size_t i = 0; i < tier->joint.n_cost; i++) {
        const struct surety_cost_result *c = &tier->joint.cost[i];
        char limit[SURETY_HUMAN_SIZE], met[SURETY_HUMAN_SIZE];
        if (c->is_share)
            surety_human_target(limit, c->limit);
        else
            surety_wording_money(limit, c->limit, result->currency);
        surety_human_percent(met, c->month_met, 2);
        put(say, out, "%s promises a cost of at most %s %s%s%s: met in %s of %ss.", tier->name, limit, c->what,
            c->workload != NULL ? " of " : "", c->workload != NULL ? c->workload : "", met,
            surety_wording_window(result));
    }
}

static void say_together(const struct surety_result *result, const struct surety_tier_result *tier, say_function *say,
                         FILE *out)
{
    const struct surety_joint_result *j = &tier->joint;
    char alone[512] = "", first[512] = "", pairs[512] = "", p[SURETY_HUMAN_SIZE];
    size_t n = 0, n_first = 0, n_pairs = 0;
    for (unsigned d = 0; d < SURETY_RESULT_DIMENSIONS; d++) {
        if (!j->has[d])
            continue;
        surety_human_percent(p, j->dimension[d].term_met.p, 2);
        n += (size_t)snprintf(alone + n, sizeof alone - n, "%s%s %s", n > 0 ? ", " : "", j->name[d], p);
        if (j->first[d] > 0) {
            surety_human_percent(p, j->first[d], 2);
            n_first += (size_t)snprintf(first + n_first, sizeof first - n_first, "%s%s in %s", n_first > 0 ? ", " : "",
                                        j->name[d], p);
        }
        for (unsigned e = d + 1; e < SURETY_RESULT_DIMENSIONS; e++)
            if (j->has[e] && !isnan(j->correlation[d][e]))
                n_pairs += (size_t)snprintf(pairs + n_pairs, sizeof pairs - n_pairs, "%s%s and %s %.2f",
                                            n_pairs > 0 ? ", " : "", j->name[d], j->name[e], j->correlation[d][e]);
    }
    surety_human_percent(p, tier->term_met.p, 2);
    put(say, out, "%s in every %s: %s by themselves, all together %s; %s limits.", tier->name,
        surety_wording_window(result), alone, p, tier->binds);
    if (n_first > 0)
        put(say, out, "The first miss of %s is of %s of the terms with one.", tier->name, first);
    if (n_pairs > 0)
        put(say, out, "Within a %s they hold together with correlations: %s.", surety_wording_window(result), pairs);
}

static void say_leaving(const struct surety_result *result, const struct surety_tier_result *tier, say_function *say,
                        FILE *out)
{
    const struct surety_termination_result *t = &tier->termination;
    const char *window = surety_wording_window(result);
    char p[SURETY_HUMAN_SIZE], interval[2 * SURETY_HUMAN_SIZE], line[512];
    if (!t->given)
        return;
    surety_human_percent(p, t->p.p, 2);
    size_t n = (size_t)snprintf(
        line, sizeof line, "%.64s gives the right to leave (%" PRIu64 " %s within %" PRIu64 " %s%s) in %s of terms",
        tier->name, t->misses, t->misses == 1 ? "miss" : "misses", t->within, window, t->within == 1 ? "" : "s", p);
    if (!isnan(t->p.lo)) {
        surety_human_interval(interval, t->p.lo, t->p.p, t->p.hi);
        n += (size_t)snprintf(line + n, sizeof line - n, " (%s)", interval);
    }
    if (t->fees_per_term > 0) {
        surety_wording_money(interval, t->fees_per_term, result->currency);
        snprintf(line + n, sizeof line - n, "; fees of %s a term come after it", interval);
    }
    put(say, out, "%s.", line);
}

static void say_exposure(const struct surety_result *result, const struct surety_tier_result *tier, say_function *say,
                         FILE *out)
{
    char mean[SURETY_HUMAN_SIZE], p95[SURETY_HUMAN_SIZE];
    const double net = tier->net_exposure_per_term.mean;
    if (!tier->has_recovered)
        return;
    surety_wording_money(mean, fabs(net), result->currency);
    surety_wording_money(p95, tier->net_exposure_p95, result->currency);
    put(say, out, "%s: credits less those of the providers are %s%s a term on average, at most %s in 95 %%.",
        tier->name, net < 0 ? "-" : "", mean, p95);
}

void surety_joint_sentences(const struct surety_result *result, const struct surety_architecture_result *architecture,
                            void (*say)(FILE *out, const char *sentence), FILE *out)
{
    char money[SURETY_HUMAN_SIZE], share[SURETY_HUMAN_SIZE];
    const bool is_focus = architecture == &result->architectures[result->verdict.architecture]; // samples hardly differ
    say_suites(result, architecture, say, out);
    for (size_t t = 0; t < result->n_tiers; t++) {
        const struct surety_tier_result *tier = &architecture->tiers[t];
        if (tier->joint.given) {
            say_quality(result, tier, is_focus, say, out);
            say_cost(result, tier, say, out);
            say_together(result, tier, say, out);
        }
        say_leaving(result, tier, say, out);
    }
    if (architecture->has_bill) {
        surety_human_percent(share, architecture->bill_cv, 2);
        put(say, out, "The bill of a %s varies by %s of its mean (standard deviation).", surety_wording_window(result),
            share);
    }
    if (!architecture->has_recovered)
        return;
    surety_wording_money(money, architecture->recovered_per_term.mean, result->currency);
    put(say, out, "Providers give back %s a term by their own SLAs; the margin does not count on it.", money);
    for (size_t t = 0; t < result->n_tiers; t++)
        say_exposure(result, &architecture->tiers[t], say, out);
}
