// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/response_law.h"

#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAST_SIGMA 0.02 // narrower parts would take the grid of the engine for themselves
#define MOST_LEVELS 32
#define EM_ROUNDS 60
#define DESCENT_ROUNDS 600
#define LEAST_WEIGHT 1e-4
#define FAR 12.0 // no parameter of the descent is larger

const double surety_response_judged[SURETY_RESPONSE_JUDGED] = {0.50, 0.95, 0.99};

// In logarithms: weight of the second part, means, standard deviations.
struct parts {
    double weight, mu[2], sigma[2];
};

// The quantiles to be met.
struct aim {
    size_t n, n_free; // parameters: 5, or 2 for one part
    double p[MOST_LEVELS], log_s[MOST_LEVELS], weight[MOST_LEVELS];
};

// --- laws ---------------------------------------------------------------------------------------------------------

static double cdf(const struct parts *x, double log_s)
{
    double sum = 0;
    for (size_t k = 0; k < 2; k++) {
        const double weight = k == 0 ? 1 - x->weight : x->weight;
        if (weight > 0)
            sum += 0.5 * weight * erfc((x->mu[k] - log_s) / (x->sigma[k] * M_SQRT2));
    }
    return sum;
}

static double log_quantile(const struct parts *x, double p)
{
    const double widest = fmax(x->sigma[0], x->sigma[1]);
    double low = fmin(x->mu[0], x->mu[1]) - 8 * widest, high = fmax(x->mu[0], x->mu[1]) + 8 * widest;
    for (int i = 0; i < 50; i++) {
        const double middle = (low + high) / 2;
        *(cdf(x, middle) < p ? &low : &high) = middle;
    }
    return high;
}

static struct parts parts_of(const struct surety_response_law *law)
{
    return (struct parts){
        law->n_parts > 1 ? law->stall_weight : 0,
        {log(law->body.median_s), law->n_parts > 1 ? log(law->stall.median_s) : log(law->body.median_s)},
        {law->body.sigma, law->n_parts > 1 ? law->stall.sigma : law->body.sigma}};
}

double surety_response_law_cdf(const struct surety_response_law *law, double t_s)
{
    if (law->n_parts == 0)
        return t_s >= law->body.median_s * (1 - 1e-12);
    const struct parts parts = parts_of(law);
    return t_s > 0 ? cdf(&parts, log(t_s)) : 0;
}

// --- starts -------------------------------------------------------------------------------------------------------

static void moments(const double *logs, size_t n, double *mu, double *sigma)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += logs[i];
    *mu = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (logs[i] - *mu) * (logs[i] - *mu);
    *sigma = fmax(sqrt(squares / (double)n), LEAST_SIGMA);
}

// Expectation maximisation from the split of the sorted logarithms that gives the stalls that share.
static struct parts maximise(const double *logs, size_t n, double share)
{
    const size_t cut = (size_t)fmin(fmax(floor((double)n * (1 - share) + 0.5), 2), (double)n - 2);
    struct parts x = {.weight = share};
    moments(logs, cut, &x.mu[0], &x.sigma[0]);
    moments(logs + cut, n - cut, &x.mu[1], &x.sigma[1]);
    for (int round = 0; round < EM_ROUNDS; round++) {
        double weight = 0, sum[2] = {0}, squares[2] = {0};
        for (size_t i = 0; i < n; i++) {
            const double u = (logs[i] - x.mu[0]) / x.sigma[0], v = (logs[i] - x.mu[1]) / x.sigma[1];
            const double a = (1 - x.weight) * exp(-u * u / 2) / x.sigma[0], b = x.weight * exp(-v * v / 2) / x.sigma[1];
            const double tail = a + b > 0 ? b / (a + b) : logs[i] > x.mu[1];
            weight += tail;
            for (size_t k = 0; k < 2; k++) {
                const double of = k == 0 ? 1 - tail : tail;
                sum[k] += of * logs[i];
                squares[k] += of * logs[i] * logs[i];
            }
        }
        if (weight < 0.5 || (double)n - weight < 0.5)
            break;
        x.weight = weight / (double)n;
        for (size_t k = 0; k < 2; k++) {
            const double of = k == 0 ? (double)n - weight : weight;
            x.mu[k] = sum[k] / of;
            x.sigma[k] = fmax(sqrt(fmax(squares[k] / of - x.mu[k] * x.mu[k], 0)), LEAST_SIGMA);
        }
    }
    x.weight = fmin(fmax(x.weight, LEAST_WEIGHT), 1 - LEAST_WEIGHT);
    return x;
}

// --- the descent --------------------------------------------------------------------------------------------------

static void pack(const struct parts *x, size_t n_free, double *v)
{
    v[0] = x->mu[0];
    v[1] = log(x->sigma[0]);
    if (n_free == 2)
        return;
    v[2] = x->mu[1];
    v[3] = log(x->sigma[1]);
    v[4] = log(x->weight / (1 - x->weight));
}

static struct parts unpack(const double *v, size_t n_free)
{
    if (n_free == 2)
        return (struct parts){0, {v[0], v[0]}, {exp(v[1]), exp(v[1])}};
    return (struct parts){1 / (1 + exp(-v[4])), {v[0], v[2]}, {exp(v[1]), exp(v[3])}};
}

static double distance(const gsl_vector *v, void *context)
{
    const struct aim *aim = context;
    double sum = 0;
    for (size_t i = 0; i < aim->n_free; i++)
        if (!(fabs(v->data[i]) <= FAR))
            return 1e9;
    const struct parts x = unpack(v->data, aim->n_free);
    if (fmin(x.sigma[0], x.sigma[1]) < LEAST_SIGMA)
        return 1e9;
    for (size_t i = 0; i < aim->n; i++) {
        const double off = log_quantile(&x, aim->p[i]) - aim->log_s[i];
        sum += aim->weight[i] * off * off;
    }
    return sum;
}

// Moves to a minimum; its distance, or INFINITY when memory is out.
static double descend(struct aim *aim, struct parts *x)
{
    gsl_multimin_function function = {distance, aim->n_free, aim};
    gsl_multimin_fminimizer *search = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, aim->n_free);
    gsl_vector *start = gsl_vector_alloc(aim->n_free), *size = gsl_vector_alloc(aim->n_free);
    double reached = INFINITY;
    if (search != NULL && start != NULL && size != NULL) {
        pack(x, aim->n_free, start->data);
        gsl_vector_set_all(size, 0.3);
        if (gsl_multimin_fminimizer_set(search, &function, start, size) == 0)
            for (int i = 0; i < DESCENT_ROUNDS && gsl_multimin_fminimizer_iterate(search) == 0; i++)
                if (gsl_multimin_fminimizer_size(search) < 1e-4)
                    break;
        reached = search->fval;
        *x = unpack(search->x->data, aim->n_free);
    }
    if (search != NULL)
        gsl_multimin_fminimizer_free(search);
    if (start != NULL)
        gsl_vector_free(start);
    if (size != NULL)
        gsl_vector_free(size);
    return reached;
}

static double fit(struct aim *aim, struct parts *out, const struct parts *starts, size_t n_starts)
{
    double best = INFINITY;
    for (size_t i = 0; i < n_starts; i++) {
        struct parts x = starts[i];
        const double reached = descend(aim, &x);
        if (reached < best) {
            best = reached;
            *out = x;
        }
    }
    return best;
}

// --- samples ------------------------------------------------------------------------------------------------------

static double nearest_rank(const double *values, size_t n, double p)
{
    const double rank = ceil(p * (double)n - 1e-9);
    return values[rank > 1 ? (size_t)rank - 1 : 0];
}

static double weight_of(double p)
{
    return fabs(p - 0.5) < 1e-9 || p > 0.94 ? 30 : 1;
}

static struct aim aim_of(const struct surety_response_sample *s)
{
    struct aim aim = {.n = 0};
    if (s->values_s == NULL)
        for (; aim.n < s->n_quantiles && aim.n < MOST_LEVELS; aim.n++) {
            aim.p[aim.n] = s->quantiles[aim.n].p;
            aim.log_s[aim.n] = log(s->quantiles[aim.n].value_s);
        }
    else
        for (; aim.n < 20; aim.n++) {
            aim.p[aim.n] = aim.n < 19 ? 0.05 * (double)(aim.n + 1) : 0.99;
            aim.log_s[aim.n] = log(nearest_rank(s->values_s, s->n, aim.p[aim.n]));
        }
    for (size_t i = 0; i < aim.n; i++)
        aim.weight[i] = weight_of(aim.p[i]);
    const bool enough = s->values_s != NULL ? s->n >= SURETY_RESPONSE_MIXTURE : s->n_quantiles >= 5;
    aim.n_free = enough ? 5 : 2;
    return aim;
}

static double at(const struct aim *aim, double p)
{
    for (size_t i = 1; i < aim->n; i++)
        if (aim->p[i] >= p - 1e-9) {
            const double share = (p - aim->p[i - 1]) / (aim->p[i] - aim->p[i - 1]);
            return aim->log_s[i - 1] + share * (aim->log_s[i] - aim->log_s[i - 1]);
        }
    return aim->log_s[aim->n - 1];
}

static struct parts one_part(const struct aim *aim)
{
    const double sigma = fmax((at(aim, 0.75) - at(aim, 0.25)) / 1.349, 2 * LEAST_SIGMA), mu = at(aim, 0.5);
    return (struct parts){0, {mu, mu}, {sigma, sigma}};
}

static size_t starts_of(const struct surety_response_sample *s, const struct aim *aim, struct parts *starts)
{
    static const double shares[] = {0.03, 0.06, 0.1, 0.4};
    const size_t n = sizeof shares / sizeof *shares;
    double *logs = s->values_s != NULL && aim->n_free == 5 ? malloc(s->n * sizeof *logs) : NULL;
    for (size_t i = 0; logs != NULL && i < s->n; i++)
        logs[i] = log(s->values_s[i]);
    for (size_t i = 0; i < n; i++) {
        starts[i] = one_part(aim);
        if (aim->n_free == 2)
            return 1;
        if (logs != NULL) {
            starts[i] = maximise(logs, s->n, shares[i]);
            continue;
        }
        starts[i].weight = shares[i];
        starts[i].mu[1] = at(aim, 0.95) + 0.3;
        starts[i].sigma[1] = 2 * starts[i].sigma[0];
    }
    free(logs);
    return n;
}

static double rounded(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.4g", x);
    return strtod(text, NULL);
}

// The body is the heavier part; equal ones: the faster.
static struct surety_response_law law_of(const struct parts *x, size_t n_free)
{
    const size_t body = n_free == 5 && x->weight > 0.5;
    struct surety_response_law law = {.n_parts = n_free == 5 ? 2 : 1};
    const double weight = body == 1 ? 1 - x->weight : x->weight;
    law.body = (struct surety_response_part){rounded(exp(x->mu[body])), rounded(x->sigma[body])};
    if (law.n_parts == 1)
        return law;
    law.stall = (struct surety_response_part){rounded(exp(x->mu[1 - body])), rounded(x->sigma[1 - body])};
    law.stall_weight = rounded(weight);
    if (law.stall_weight <= LEAST_WEIGHT / 2)
        law.n_parts = 1;
    return law;
}

static void judge(const struct surety_response_sample *s, struct surety_response_law *law)
{
    const struct parts x = parts_of(law);
    law->ks = 0;
    for (size_t i = 0; s->values_s != NULL && i < s->n; i++) {
        const double f = surety_response_law_cdf(law, s->values_s[i]), n = (double)s->n;
        const bool last = i + 1 == s->n || s->values_s[i + 1] > s->values_s[i];
        const bool first = i == 0 || s->values_s[i - 1] < s->values_s[i];
        const double below = law->n_parts == 0 ? 0 : f;
        law->ks =
            fmax(law->ks, fmax(last ? fabs((double)(i + 1) / n - f) : 0, first ? fabs((double)i / n - below) : 0));
    }
    for (size_t i = 0; s->values_s == NULL && i < s->n_quantiles; i++)
        law->ks = fmax(law->ks, fabs(surety_response_law_cdf(law, s->quantiles[i].value_s) - s->quantiles[i].p));
    for (size_t k = 0; k < SURETY_RESPONSE_JUDGED; k++) {
        const double p = surety_response_judged[k];
        law->fitted_s[k] = law->n_parts == 0 ? law->body.median_s : exp(log_quantile(&x, p));
        law->measured_s[k] = s->values_s != NULL ? nearest_rank(s->values_s, s->n, p) : NAN;
        for (size_t i = 0; i < s->n_quantiles; i++)
            if (fabs(s->quantiles[i].p - p) < 1e-9)
                law->measured_s[k] = s->quantiles[i].value_s;
    }
}

bool surety_response_law_fit(const struct surety_response_sample *sample, struct surety_response_law *out)
{
    struct parts starts[4], best = {0};
    if (sample->values_s != NULL ? sample->n < SURETY_RESPONSE_LEAST : sample->n_quantiles < 3)
        return false;
    struct aim aim = aim_of(sample);
    const double least = sample->values_s != NULL ? sample->values_s[0] : sample->quantiles[0].value_s;
    const double most =
        sample->values_s != NULL ? sample->values_s[sample->n - 1] : sample->quantiles[sample->n_quantiles - 1].value_s;
    struct surety_response_law law = {.n_parts = 0, .body = {rounded(least), 0}};
    if (most > least * (1 + 1e-3)) {
        const size_t n_starts = starts_of(sample, &aim, starts);
        if (isinf(fit(&aim, &best, starts, n_starts)))
            return false;
        law = law_of(&best, aim.n_free);
    }
    judge(sample, &law);
    *out = law;
    return true;
}
