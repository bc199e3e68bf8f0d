// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stat/request_worlds.h"

#include "plots/requests.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct surety_requests_result *requests_play(struct world *world, const struct surety_provider_state *fixed,
                                             uint64_t n_worlds, double horizon_s, unsigned n_threads)
{
    struct surety_requests_options options;
    struct surety_requests_result *result = NULL;
    surety_requests_options_default(&options);
    options.fixed = fixed;
    options.n_worlds = n_worlds;
    options.horizon_s = horizon_s;
    options.n_threads = n_threads;
    const enum surety_err err = surety_requests_run(world->scenario, world->plan, &options, &world->diags, &result);
    if (err != SURETY_OK)
        surety_diags_print(&world->diags, stderr);
    cr_assert_eq(err, SURETY_OK);
    return result;
}

const struct surety_requests_row *requests_row(const struct surety_requests_result *result, const char *architecture)
{
    for (size_t i = 0; i < result->n_rows; i++)
        if (strcmp(result->rows[i].architecture, architecture) == 0)
            return &result->rows[i];
    cr_assert_fail("no architecture %s", architecture);
    return NULL;
}

static bool agrees(double got, double truth, double se)
{
    return fabs(got - truth) <= REQUESTS_BOUND * se;
}

void requests_agree(const char *what, double got, double se, double truth, double shift)
{
    cr_log_info("%s: got %.9g, truth %.9g, %.2f s.e. of %.3g, finds %.3g\n", what, got, truth,
                se > 0 ? (got - truth) / se : 0.0, se, shift);
    cr_assert(agrees(got, truth, se), "%s: got %.9g, truth %.9g, s.e. %.3g", what, got, truth, se);
    cr_assert(!agrees(got, truth - shift, se) && !agrees(got, truth + shift, se), "%s: a shift of %.3g is not found",
              what, shift);
}

void requests_share(const char *what, double got, double n, double truth, double shift)
{
    requests_agree(what, got, sqrt(truth * (1 - truth) / n), truth, shift);
}

void requests_law(const char *what, const struct surety_requests_quantile *quantiles, double n,
                  double (*cdf)(double t_s, const void *context), const void *context, double twin)
{
    for (size_t i = 0; i < SURETY_REQUESTS_QUANTILES; i++) {
        const struct surety_requests_quantile *q = &quantiles[i];
        const double se = sqrt(q->share * (1 - q->share) / n), t = q->value_s, f = cdf(t, context);
        cr_log_info("%s: p%g %.9g s, %.2f s.e.\n", what, 100 * q->share, t, (f - q->share) / se);
        cr_assert(agrees(f, q->share, se), "%s: p%g: F(%.9g s) = %.9g, s.e. %.3g", what, 100 * q->share, t, f, se);
        cr_assert(!agrees(cdf(t * (1 - twin), context), q->share, se) &&
                      !agrees(cdf(t * (1 + twin), context), q->share, se),
                  "%s: p%g moved by %g is not found", what, 100 * q->share, twin);
    }
}

char *requests_json(struct surety_requests_result *result)
{
    char *json = NULL;
    size_t size = 0;
    result->wall_s = 0;
    result->n_threads = 0;
    FILE *out = open_memstream(&json, &size);
    cr_assert_not_null(out);
    surety_report_requests_json(result, out);
    fclose(out);
    return json;
}
