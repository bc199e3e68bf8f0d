// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/flips_search.h"

#include "sim/base/intervals.h"
#include "sim/engine/verdict.h"

#include <math.h>

// A coarse search with few terms finds about where; a fine one goes on from there with many. Both work on the logarithm
// of the factor, over which the surplus is nearly a line, and both add to P what the whole run has more than their own
// terms as it is.

#define COARSE 0.3 // in the logarithm of the factor: how far the coarse search goes
#define FINE 0.01  // and the fine one, at a step
#define SMALL 0.03 // a step of the fine search that ends it
#define NEAR 0.3   // a bracket that a line may cross
#define ROUGH 0.2  // surplus by which few terms make a line uneven
#define FARTHEST_STEP 0.4
#define MOST_LINES 6  // steps of the fine search along lines
#define BEYOND 0.02   // how far behind the value the outcome is asked for
#define CLOSE 0.3     // surplus within which few terms do not tell
#define MOST_STEPS 24 // of narrowing
#define MOST_HALVES 6 // towards the last value that a scenario may have
#define TINY 1e-9

// --- how far from an edge --------------------------------------------------------------------------------------

// log of how often less than asked for a promise is broken: 0 at the edge, a line in the log of a small rate.
static double share_surplus(double p, double wanted)
{
    return log((1 - wanted + TINY) / (1 - p + TINY));
}

// P(term met) of the whole run's terms. Those that are met as it is, and the others, are known in number; each part is
// met as often as in the sample. A time that shifts everything behind it leaves little in common with the terms as they
// were: a difference of two samples would then be worse than one.
static double p_term(const struct surety_flip_sample *now, const struct surety_flip_sample *s, double p_whole)
{
    const double p = isnan(s->p_again) || isnan(s->p_now) ? s->p_term + p_whole - now->p_term
                                                          : s->p_again * p_whole + s->p_now * (1 - p_whole);
    return fmin(1, fmax(0, p));
}

// How far the tier is from the rules of `sign_when`, by the interval that the whole run would have: the smallest
// surplus of a lower bound. Not negative: safe.
static double safe_surplus(const struct surety_flip_probe *probe, const struct surety_flip_sample *now,
                           const struct surety_flip_sample *s)
{
    const struct surety_plan *plan = probe->question.plan;
    const struct surety_result *r = probe->result;
    const struct surety_tier_result *whole = &r->architectures[r->verdict.architecture].tiers[r->verdict.tier];
    const double n = (double)r->n_replications, n_windows = (double)r->n_windows;
    const double narrower = sqrt(s->n / n); // errors of the whole run
    const bool groups =
        whole->term_met.has_ignorance; // not terms but groups are independent: errors as the run has them
    double least = INFINITY;
    if (!isnan(plan->sign_every_month_met)) {
        const double p = p_term(now, s, whole->term_met.p), trials = groups ? whole->term_met.trials : n;
        least = share_surplus(surety_interval_wilson(p, trials, r->confidence).low, plan->sign_every_month_met);
    }
    if (!isnan(plan->sign_month_met)) {
        const double p = fmin(1, fmax(0, s->p_month + whole->month_met.p - now->p_month));
        const double trials =
            groups ? whole->month_met.trials
                   : surety_interval_effective_n(p, s->se_missed / n_windows * narrower, n, n * n_windows);
        const struct surety_interval interval = surety_interval_wilson(p, trials, r->confidence);
        least = fmin(least, share_surplus(interval.low, plan->sign_month_met));
    }
    if (isnan(plan->credits_at_most))
        return least;
    if (!whole->has_credits)
        return -1;
    const struct surety_interval credits =
        surety_interval_normal(s->credits_mean + whole->credits_per_term.mean - now->credits_mean,
                               groups ? whole->credits_per_term.se : s->credits_se * narrower, r->confidence);
    return fmin(least, log((plan->credits_at_most + TINY) / (fmax(0, credits.high) / probe->fees + TINY)));
}

// How far it is from the rules of `priced_when`. Not negative: at least priced.
static double priced_surplus(const struct surety_flip_probe *probe, const struct surety_flip_sample *s)
{
    const struct surety_result *r = probe->result;
    const struct surety_tier_result *whole = &r->architectures[r->verdict.architecture].tiers[r->verdict.tier];
    const struct surety_plan *plan = probe->question.plan;
    if (!whole->has_credits || isnan(plan->priced_credits_p95_at_most))
        return -1;
    const double margin = s->margin_p05 / probe->fees * (double)plan->n_windows;
    return fmin(share_surplus(1 - s->p_credits_above, 0.95), margin > 0 ? margin : fmin(margin, -TINY));
}

// One direction of one search.
struct search {
    const struct surety_flip_probe *probe;
    const struct surety_flip_input *input;
    bool better;                          // asked for
    bool uses_priced;                     // the edge is that of `priced`
    double sign;                          // of the logarithm of the factor
    double last_valid;                    // the scenario can be read up to here; INFINITY: everywhere
    struct surety_flip_sample *last_fine; // takes what the fine search sees
};

// Positive: the outcome is still today's. A surplus of 0 is on the better side.
static double staying(const struct search *s, const struct surety_flip_sample *now,
                      const struct surety_flip_sample *sample)
{
    double surplus = safe_surplus(s->probe, now, sample);
    if (s->uses_priced)
        surplus = fmax(surplus, priced_surplus(s->probe, sample));
    if (s->better)
        return surplus >= 0 ? fmin(-surplus, -TINY) : -surplus;
    return surplus >= 0 ? fmax(surplus, TINY) : surplus;
}

// `u`: the logarithm of the factor or of its reciprocal, >= 0.
static enum surety_err sample_at(const struct search *s, double u, bool fine, bool priced,
                                 struct surety_flip_sample *out)
{
    struct surety_flip_question q = s->probe->question;
    q.n_terms = fine ? s->probe->n_fine : s->probe->n_coarse;
    q.compare = s->probe->met;
    q.money = priced && q.credits;
    q.credits = q.credits && (priced || !isnan(q.plan->credits_at_most));
    return surety_flip_evaluate(&q, s->input, exp(s->sign * u), out);
}

static enum surety_err staying_at(const struct search *s, double u, bool fine, double *out)
{
    struct surety_flip_sample sample;
    const enum surety_err err = sample_at(s, u, fine, s->uses_priced, &sample);
    if (err == SURETY_OK)
        *out = staying(s, fine ? &s->probe->now_fine : &s->probe->now_coarse, &sample);
    if (err == SURETY_OK && fine)
        *s->last_fine = sample;
    return err;
}

// --- the searches ----------------------------------------------------------------------------------------------

// A value between `a` and `b` that changes the outcome: a stays, b does not.
struct bracket {
    double a, fa, b, fb;
};

// Outward in growing steps, for far worlds have many more outages and take as much longer; no farther than the scenario
// can be read. b NAN: nothing changes.
static enum surety_err spread(const struct search *s, bool fine, double first, double f_now, struct bracket *out)
{
    *out = (struct bracket){0, f_now, NAN, NAN};
    double limit = log(SURETY_FLIP_FARTHEST);
    int n_halves = 0;
    for (double u = fmin(first, limit); out->a < limit;) {
        double f;
        const enum surety_err err = staying_at(s, u, fine, &f);
        if (err == SURETY_E_INPUT && n_halves < MOST_HALVES) {
            n_halves++;
            limit = u;
            u = (out->a + u) / 2;
            continue;
        }
        if (err != SURETY_OK)
            return err == SURETY_E_INPUT ? SURETY_OK : err;
        if (f < 0) {
            out->b = u;
            out->fb = f;
            return SURETY_OK;
        }
        out->a = u;
        out->fa = f;
        u = n_halves > 0 ? (u + limit) / 2 : fmin(2 * u, limit);
        if (n_halves > 0 && ++n_halves > MOST_HALVES)
            return SURETY_OK;
    }
    return SURETY_OK;
}

// Narrows the bracket down to `width` by the Illinois variant of false position, halving now and then: it is flat where
// everything or nothing is met.
static enum surety_err narrow(const struct search *s, bool fine, double width, struct bracket *k)
{
    double fa = k->fa, fb = k->fb;
    for (int step = 0, side = 0; k->b - k->a > width && step < MOST_STEPS; step++) {
        double u = fa > fb ? (k->b * fa - k->a * fb) / (fa - fb) : (k->a + k->b) / 2, f;
        if (step % 3 == 2 || step > 9)
            u = (k->a + k->b) / 2;
        u = fmin(fmax(u, k->a + width / 4), k->b - width / 4);
        const enum surety_err err = staying_at(s, u, fine, &f);
        if (err != SURETY_OK)
            return err;
        if (f >= 0) {
            k->a = u;
            k->fa = fa = f;
            fb = side == 1 ? fb / 2 : fb;
            side = 1;
        } else {
            k->b = u;
            k->fb = fb = f;
            fa = side == -1 ? fa / 2 : fa;
            side = -1;
        }
    }
    return SURETY_OK;
}

// Between two points of a bracket, by the line through them.
static double between(const struct bracket *k)
{
    return k->fa > k->fb ? (k->b * k->fa - k->a * k->fb) / (k->fa - k->fb) : (k->a + k->b) / 2;
}

// Whether the surplus falls between the bracket's ends about as it falls from today's value on, and not in a step. Then
// the line is as good as what more evaluations would say: over time scales P is not smooth on fixed terms.
static bool is_line(const struct bracket *k, double slope)
{
    return k->fa - k->fb < 5 * slope * (k->b - k->a) + ROUGH;
}

// What the fine search knows: today's surplus and those at a few points.
struct points {
    double f_now, u[MOST_LINES], f[MOST_LINES];
    size_t n;
};

// The parabola from today's surplus on that fits the points best, f_now + s u + c u^2; through one point a line.
static void fit(const struct points *p, double *s, double *c)
{
    double u2 = 0, u3 = 0, u4 = 0, uf = 0, u2f = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double u = p->u[i], f = p->f[i] - p->f_now;
        u2 += u * u;
        u3 += u * u * u;
        u4 += u * u * u * u;
        uf += u * f;
        u2f += u * u * f;
    }
    const double det = u2 * u4 - u3 * u3;
    *c = p->n > 1 && det > 1e-6 * u2 * u4 ? (u2 * u2f - u3 * uf) / det : 0;
    *s = (uf - *c * u3) / u2;
}

// Where it crosses zero in the bracket; where it does not, the line through the bracket's ends does.
static double crossing(const struct points *p, const struct bracket *k)
{
    double s, c, a = k->a, b = k->b;
    fit(p, &s, &c);
    if (!(p->f_now + s * a + c * a * a > 0 && p->f_now + s * b + c * b * b < 0))
        return between(k);
    while (b - a > FINE / 8) {
        const double u = (a + b) / 2;
        if (p->f_now + s * u + c * u * u > 0)
            a = u;
        else
            b = u;
    }
    return (a + b) / 2;
}

// The fine search from where the coarse one ended: along the line from today's value, until a step is small or the value
// lies between two points.
static enum surety_err refine(const struct search *s, double start, double f_now, double *root)
{
    struct bracket k = {0, f_now, NAN, NAN};
    struct points points = {.f_now = f_now};
    const double limit = log(SURETY_FLIP_FARTHEST);
    double u = start;
    while (points.n < MOST_LINES) {
        double f;
        const enum surety_err err = staying_at(s, u, true, &f);
        if (err == SURETY_E_INPUT && isnan(k.b)) // the coarse search ended beside the last value there is
            return SURETY_OK;
        if (err != SURETY_OK)
            return err;
        points.u[points.n] = u;
        points.f[points.n++] = f;
        if (f >= 0)
            k.a = u, k.fa = f;
        else
            k.b = u, k.fb = f;
        const double slope = fmax(0, (f_now - f) / u); // surplus lost per step
        const double wanted = slope > 0 ? u + f / slope : 2 * u;
        const bool is_near = fabs(wanted - u) < SMALL, is_between = !isnan(k.b) && k.a > 0;
        if (is_between && !is_line(&k, slope))
            break;
        if (is_near || is_between) {
            *root = is_between ? crossing(&points, &k) : wanted;
            if (is_near || k.b - k.a < NEAR)
                return SURETY_OK;
            u = *root;
            continue;
        }
        if (f >= 0 && u >= limit) // it stays that far
            return SURETY_OK;
        const double there = wanted + (wanted > u ? SMALL : -SMALL); // the other side is wanted
        u = fmin(limit, fmax(u - FARTHEST_STEP, fmin(u + FARTHEST_STEP, there)));
        u = fmax(u, SMALL / 2);
        if (!isnan(k.b) && u >= k.b)
            u = k.b / 2;
    }
    if (isnan(k.b))
        return SURETY_OK;
    const enum surety_err err = narrow(s, true, FINE, &k);
    *root = between(&k);
    return err;
}

// Standard error of the root: that of the surplus there, which `sample` was taken close to, over its slope from today's
// value `f_now` on. Terms of one group are alike: `ignorance_share` is their correlation. Told where P(every month met)
// alone decides and inputs are uncertain.
static double error_of(const struct search *s, double root, double f_now, const struct surety_flip_sample *sample)
{
    const struct surety_flip_probe *probe = s->probe;
    const struct surety_plan *plan = probe->question.plan;
    const struct surety_result *r = probe->result;
    const struct surety_tier_result *whole = &r->architectures[r->verdict.architecture].tiers[r->verdict.tier];
    const double n = sample->n, n_met = n * probe->now_fine.p_term, again = sample->p_again, now = sample->p_now;
    if (s->uses_priced || !isnan(plan->sign_month_met) || !isnan(plan->credits_at_most) ||
        !whole->term_met.has_ignorance || !(root > 0 && f_now > 0) || isnan(again) || isnan(now))
        return NAN;
    const double p = whole->term_met.p, alike = whole->term_met.ignorance_share;
    const double variance =
        p * p * again * (1 - again) / n_met + (1 - p) * (1 - p) * now * (1 - now) / fmax(1, n - n_met);
    const double more = 1 + ((double)probe->question.kept->terms_a_group - 1) * alike;
    return sqrt(variance * more) / (1 - plan->sign_every_month_met) * root / f_now;
}

// What the tier is a little beyond the value.
static enum surety_err outcome_beyond(const struct search *s, double u, enum surety_outcome *out)
{
    const struct surety_flip_probe *probe = s->probe;
    const enum surety_outcome now = probe->result->verdict.outcome;
    *out = s->better ? SURETY_OUTCOME_SAFE : SURETY_OUTCOME_NO;
    if (!probe->question.credits || now == SURETY_OUTCOME_PRICED) // no third outcome
        return SURETY_OK;
    for (int fine = probe->n_coarse == probe->n_fine; fine <= 1; fine++) {
        struct surety_flip_sample sample;
        const enum surety_err err = sample_at(s, u + BEYOND, fine, true, &sample);
        if (err != SURETY_OK)
            return err;
        const double surplus = s->better ? safe_surplus(probe, fine ? &probe->now_fine : &probe->now_coarse, &sample)
                                         : priced_surplus(probe, &sample);
        if (s->better)
            *out = surplus >= 0 ? SURETY_OUTCOME_SAFE : SURETY_OUTCOME_PRICED;
        else
            *out = surplus >= 0 ? SURETY_OUTCOME_PRICED : SURETY_OUTCOME_NO;
        if (fabs(surplus) > CLOSE)
            break;
    }
    return SURETY_OK;
}

enum surety_err surety_flip_search(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                   bool better, struct surety_flip_found *out)
{
    const enum surety_outcome now = probe->result->verdict.outcome;
    struct surety_flip_sample last_fine = {.p_again = NAN};
    struct search s = {.probe = probe,
                       .input = input,
                       .better = better,
                       .last_fine = &last_fine,
                       .uses_priced =
                           probe->question.credits && (better ? now == SURETY_OUTCOME_NO : now != SURETY_OUTCOME_SAFE),
                       .sign = input->more_is_worse == better ? -1 : 1};
    const double f_coarse = staying(&s, &probe->now_coarse, &probe->now_coarse);
    const double f_fine = staying(&s, &probe->now_fine, &probe->now_fine);
    struct bracket k;
    double root = NAN;
    *out = (struct surety_flip_found){.factor = NAN};
    enum surety_err err = spread(&s, false, log(2), fmax(f_coarse, TINY), &k);
    if (err == SURETY_OK && !isnan(k.b))
        err = narrow(&s, false, COARSE, &k);
    if (err != SURETY_OK || isnan(k.b))
        return err;
    const double start = fmax(SMALL, between(&k));
    if (f_fine < 0) // the search's terms differ from the whole run: it changes where it stands
        root = 0;
    else
        err = refine(&s, start, fmax(f_fine, TINY), &root);
    if (err != SURETY_OK || isnan(root))
        return err;
    out->factor = exp(s.sign * root);
    out->se = error_of(&s, root, f_fine, &last_fine);
    err = outcome_beyond(&s, root, &out->outcome);
    if (err == SURETY_E_INPUT)
        *out = (struct surety_flip_found){.factor = NAN};
    return err == SURETY_E_INPUT ? SURETY_OK : err;
}

enum surety_err surety_flip_probe_start(struct surety_flip_probe *probe)
{
    struct surety_flip_question q = probe->question;
    const bool is_safe = probe->result->verdict.outcome == SURETY_OUTCOME_SAFE;
    q.credits = q.credits && (!is_safe || !isnan(q.plan->credits_at_most));
    q.money = q.credits && !is_safe;
    q.n_terms = probe->n_coarse;
    enum surety_err err = surety_flip_evaluate(&q, NULL, 1, &probe->now_coarse);
    q.n_terms = probe->n_fine;
    q.record = probe->met;
    if (err == SURETY_OK)
        err = surety_flip_evaluate(&q, NULL, 1, &probe->now_fine);
    return err;
}

// --- the choice of an architecture -----------------------------------------------------------------------------

// What an architecture costs more a month when the price doubles, and beyond today's at the value itself.
static enum surety_err slope_of(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                size_t architecture, double *slope)
{
    struct surety_flip_question q = probe->question;
    struct surety_flip_sample once, twice;
    q.architecture = architecture;
    q.n_terms = probe->n_coarse;
    q.credits = false;
    q.money = true;
    enum surety_err err = surety_flip_evaluate(&q, input, 1, &once);
    if (err == SURETY_OK)
        err = surety_flip_evaluate(&q, input, 2, &twice);
    if (err == SURETY_OK)
        *slope = twice.cost_per_month - once.cost_per_month;
    return err;
}

// What the verdict prefers one architecture for.
static double worth(const struct surety_flip_probe *probe, size_t architecture)
{
    const struct surety_architecture_result *a = &probe->result->architectures[architecture];
    const struct surety_tier_result *tier = &a->tiers[probe->result->verdict.tier];
    return tier->has_margin ? tier->margin_per_month.mean : -a->cost_per_month.mean;
}

// Whether the tier would have the verdict's outcome there: safe depends on no price, priced on the margin.
static enum surety_err is_rival(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                size_t architecture, double factor, bool *out)
{
    *out = true;
    if (probe->result->verdict.outcome == SURETY_OUTCOME_SAFE)
        return SURETY_OK;
    struct surety_flip_question q = probe->question;
    struct surety_flip_sample sample;
    q.architecture = architecture;
    q.n_terms = probe->n_coarse;
    q.money = true;
    const enum surety_err err = surety_flip_evaluate(&q, input, factor, &sample);
    *out = err == SURETY_OK && sample.margin_p05 > 0;
    return err;
}

enum surety_err surety_flip_choose(const struct surety_flip_probe *probe, const struct surety_flip_input *input,
                                   struct surety_flip_choice found[2])
{
    const struct surety_verdict *v = &probe->result->verdict;
    double own;
    found[0] = found[1] = (struct surety_flip_choice){NAN, SIZE_MAX};
    enum surety_err err = slope_of(probe, input, v->architecture, &own);
    for (size_t i = 0; err == SURETY_OK && i < probe->result->n_architectures; i++) {
        if (i == v->architecture || probe->result->architectures[i].tiers[v->tier].outcome != v->outcome)
            continue;
        double slope;
        err = slope_of(probe, input, i, &slope);
        if (err != SURETY_OK || own == slope)
            continue;
        const double factor = 1 + (worth(probe, v->architecture) - worth(probe, i)) / (own - slope);
        struct surety_flip_choice *side = &found[factor > 1];
        if (!(factor >= 1 / SURETY_FLIP_FARTHEST && factor <= SURETY_FLIP_FARTHEST) ||
            (side->architecture != SIZE_MAX && fabs(log(side->factor)) <= fabs(log(factor))))
            continue;
        bool good;
        err = is_rival(probe, input, i, factor, &good);
        if (err == SURETY_OK && good)
            *side = (struct surety_flip_choice){factor, i};
    }
    return err == SURETY_E_INPUT ? SURETY_OK : err;
}
