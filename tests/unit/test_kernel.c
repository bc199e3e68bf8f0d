// SPDX-License-Identifier: GPL-3.0-or-later
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/fmath.h"
#include "sim/base/kernel.h"

#define N_MAX 512
static const char *const names[] = {"baseline", "avx2", "avx512"};
static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100, 511, 512};

/* Runs `body` for every instruction set of this machine and every size. */
#define FOR_EACH_SET_AND_SIZE(kernel, n)                                                                               \
    for (size_t set_ = 0; set_ < 3; set_++)                                                                            \
        for (const struct surety_kernel *kernel = surety_kernel_by_name(names[set_]); kernel; kernel = NULL)           \
            for (size_t size_ = 0, n = 0; size_ < sizeof sizes / sizeof *sizes && (n = sizes[size_], 1); size_++)

Test(kernel, table_lookup)
{
    cr_assert_not_null(surety_kernel_best());
    cr_assert_not_null(surety_kernel_by_name("baseline"));
    cr_assert_null(surety_kernel_by_name("mmx"));
    for (size_t i = 0; i < 3; i++) {
        const struct surety_kernel *kernel = surety_kernel_by_name(names[i]);
        if (kernel)
            cr_assert_str_eq(kernel->name, names[i]);
        else /* not cr_log_warn: a warning makes the exit status 1 */
            cr_log_info("%s: not supported by this machine, not tested", names[i]);
    }
}

Test(kernel, uniforms_are_the_scalar_ones)
{
    const struct surety_philox_key key = surety_philox_key(UINT64_C(0x123456789abcdef0));
    const uint64_t replications[] = {0, 77, UINT64_C(0xfffffffd), UINT64_MAX - 5};
    const uint32_t indices[] = {0, 1000, UINT32_MAX - 3};
    double u0[N_MAX + 1], u1[N_MAX + 1], want[2];

    FOR_EACH_SET_AND_SIZE(kernel, n)
    for (size_t r = 0; r < 4; r++)
        for (size_t k = 0; k < 3; k++) {
            u0[n] = u1[n] = -1;
            kernel->uniforms(key, 9, replications[r], indices[k], n, u0, u1);
            for (size_t i = 0; i < n; i++) {
                surety_philox_uniforms(key, indices[k] + (uint32_t)i, 9, replications[r], want);
                cr_assert(u0[i] == want[0] && u1[i] == want[1], "%s n %zu i %zu", kernel->name, n, i);
            }
            kernel->uniforms_across(key, 9, replications[r], indices[k], n, u0, u1);
            for (size_t i = 0; i < n; i++) {
                surety_philox_uniforms(key, indices[k], 9, replications[r] + i, want);
                cr_assert(u0[i] == want[0] && u1[i] == want[1], "%s across n %zu i %zu", kernel->name, n, i);
            }
            cr_assert(u0[n] == -1 && u1[n] == -1, "%s wrote past the end", kernel->name);
        }
}

Test(kernel, transforms_have_the_scalar_bits)
{
    double u[N_MAX], v[N_MAX], x[N_MAX], y[N_MAX + 1];

    FOR_EACH_SET_AND_SIZE(kernel, n)
    {
        kernel->uniforms(surety_philox_key(5), 1, 2, 3, n, u, v);
        if (n > 4) { /* far tails of the normal law among ordinary values */
            u[n / 2] = 1e-13;
            u[1] = 1 - 0x1p-53;
            u[n - 1] = 1e-300;
        }
        y[n] = -1;
        kernel->log(n, u, y);
        for (size_t i = 0; i < n; i++)
            cr_assert(y[i] == surety_log(u[i]), "%s log", kernel->name);
        kernel->norminv(n, u, y);
        for (size_t i = 0; i < n; i++)
            cr_assert(y[i] == surety_norminv(u[i]), "%s norminv %g", kernel->name, u[i]);
        for (size_t i = 0; i < n; i++)
            x[i] = 1400 * (v[i] - 0.5);
        kernel->exp(n, x, y);
        for (size_t i = 0; i < n; i++)
            cr_assert(y[i] == surety_exp(x[i]), "%s exp", kernel->name);
        cr_assert(y[n] == -1, "%s wrote past the end", kernel->name);
    }
}

Test(kernel, exp_clamps)
{
    const double x[4] = {-1e6, 1e6, -INFINITY, INFINITY};
    double y[4];

    FOR_EACH_SET_AND_SIZE(kernel, n)
    if (n == 4) {
        kernel->exp(4, x, y);
        cr_assert(y[0] == surety_exp(-708) && y[1] == surety_exp(709) && y[2] == y[0] && y[3] == y[1]);
    }
}

/* Every form, on each set, in blocks of every size: the bits of the baseline one value at a time. */
Test(kernel, quantile_forms_have_equal_bits)
{
    static double cells[4 * 1024], values[100], cumulative[100];
    static uint32_t guide[100];
    double u[N_MAX], v[N_MAX], y[N_MAX];
    const struct surety_kernel *base = surety_kernel_by_name("baseline");
    struct surety_quantile q = {.u_scale = 0.9,
                                .mu = 1.5,
                                .sigma = 0.7,
                                .scale = 30,
                                .shift = 2,
                                .max = 60,
                                .z_min = -8,
                                .z_max = 8 - 0x1p-40,
                                .cells_per_z = 64,
                                .cells = cells,
                                .n_values = 100,
                                .values = values,
                                .cumulative = cumulative,
                                .guide = guide};

    for (int i = 0; i < 1024; i++) {
        cells[4 * i] = i / 100.0;
        cells[4 * i + 1] = 0.01;
    }
    for (int i = 0; i < 100; i++) {
        values[i] = i;
        cumulative[i] = (i + 1) / 100.0;
        guide[i] = i > 1 ? (uint32_t)i - 1 : 0;
    }
    FOR_EACH_SET_AND_SIZE(kernel, n)
    {
        kernel->uniforms(surety_philox_key(5), 1, 2, 3, n, u, v);
        if (n > 2)
            u[n / 2] = 1e-14;
        for (int form = 0; form < SURETY_N_QUANTILE_FORMS; form++) {
            q.form = form;
            kernel->quantile[form](&q, n, u, y);
            for (size_t i = 0; i < n; i++) {
                double want;
                base->quantile[form](&q, 1, &u[i], &want);
                cr_assert(memcmp(&want, &y[i], sizeof want) == 0, "%s form %d n %zu u %a: %a != %a", kernel->name, form,
                          n, u[i], y[i], want);
                cr_assert(y[i] <= 100, "%s form %d not capped", kernel->name, form);
            }
        }
    }
}
