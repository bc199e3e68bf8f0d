// SPDX-License-Identifier: GPL-3.0-or-later
/* ns per draw, per instruction set: median of 9 repeats. A draw includes its uniform. Usage: bench_draws [isa] */
#define _POSIX_C_SOURCE 200809L

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/base/histogram.h"
#include "sim/base/kernel.h"
#include "sim/base/sampler.h"

#define N_DRAWS (1 << 20)
#define N_REPEATS 9
#define N_MAX 512

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static volatile double sink;

/* Draws of one law in blocks of n; a NULL sampler measures the uniforms alone. */
static double ns_per_draw(const struct surety_kernel *kernel, const struct surety_sampler *sampler, size_t n)
{
    static double u[2 * N_MAX], x[2 * N_MAX];
    const struct surety_philox_key key = surety_philox_key(42);
    double ns[N_REPEATS];

    for (int repeat = 0; repeat < N_REPEATS; repeat++) {
        double start = now_ns();
        double sum = 0;
        for (size_t done = 0; done < N_DRAWS; done += 2 * n) {
            kernel->uniforms(key, 7, (uint64_t)repeat, (uint32_t)done, n, u, u + n);
            if (sampler) {
                surety_sampler_block(sampler, kernel, n, u, x);
                surety_sampler_block(sampler, kernel, n, u + n, x + n);
                sum += x[1];
            } else {
                sum += u[1];
            }
        }
        ns[repeat] = (now_ns() - start) / N_DRAWS;
        sink = sum;
    }
    qsort(ns, N_REPEATS, sizeof *ns, ascending);
    return ns[N_REPEATS / 2];
}

static void report(const struct surety_kernel *kernel, const char *name, const struct surety_law *law)
{
    struct surety_sampler sampler;
    double start = now_ns();

    if (law && surety_sampler_compile(law, SURETY_SAMPLE_PLAIN, &sampler)) {
        printf("%-10s cannot compile\n", name);
        return;
    }
    double compile_us = (now_ns() - start) / 1000;
    const struct surety_sampler *s = law ? &sampler : NULL;
    double small = ns_per_draw(kernel, s, 16);
    double large = ns_per_draw(kernel, s, N_MAX);
    printf("%-10s %-12s n=16 %6.2f ns   n=512 %6.2f ns   compile %8.1f us\n", kernel->name, name, small, large,
           law ? compile_us : 0.0);
    if (law)
        surety_sampler_free(&sampler);
}

static void report_histogram(void)
{
    struct surety_histogram h;
    static int64_t values[4096];
    double ns[N_REPEATS];

    if (!surety_histogram_init(&h, INT64_C(31536000000000)))
        return;
    for (int i = 0; i < 4096; i++)
        values[i] = (int64_t)exp(10 + 5 * sin(i * 0.7));
    for (int repeat = 0; repeat < N_REPEATS; repeat++) {
        double start = now_ns();
        for (int k = 0; k < 256; k++)
            for (int i = 0; i < 4096; i++)
                surety_histogram_add(&h, values[i], 1);
        ns[repeat] = (now_ns() - start) / (256.0 * 4096.0);
    }
    qsort(ns, N_REPEATS, sizeof *ns, ascending);
    printf("%-10s %-12s %6.2f ns\n", "-", "histogram", ns[N_REPEATS / 2]);
    surety_histogram_finish(&h);
}

int main(int argc, char **argv)
{
    const char *names[] = {"baseline", "avx2", "avx512"};
    struct surety_law laws[] = {
        surety_law_of(SURETY_LAW_EXPONENTIAL, 3600, 0), surety_law_of(SURETY_LAW_WEIBULL, 0.7, 3600),
        surety_law_of(SURETY_LAW_LOGNORMAL, 7, 1.3),    surety_law_of(SURETY_LAW_GAMMA, 2.5, 3600),
        surety_law_of(SURETY_LAW_PARETO, 2.5, 60),      surety_law_of(SURETY_LAW_UNIFORM, 1, 3),
    };

    gsl_set_error_handler_off();
    for (int i = 0; i < 3; i++) {
        const struct surety_kernel *kernel = surety_kernel_by_name(argc > 1 ? argv[1] : names[i]);
        if (!kernel) {
            printf("%-10s not supported here\n", argc > 1 ? argv[1] : names[i]);
        } else {
            report(kernel, "uniform", NULL);
            for (size_t k = 0; k < sizeof laws / sizeof *laws; k++)
                report(kernel, surety_law_row(laws[k].kind)->name, &laws[k]);
        }
        if (argc > 1)
            break;
    }
    report_histogram();
    return 0;
}
