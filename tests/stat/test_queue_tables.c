// SPDX-License-Identifier: GPL-3.0-or-later
// Queues against tables that others have printed, and M/D/c of every size against its roots.
#include "models/queue.h"

#include <complex.h>
#include <criterion/criterion.h>
#include <math.h>

// Mean waits in units of the mean service time. R. Groenveld, Service Systems in Ports and Inland Waterways (TU Delft,
// 2007), Table I (M/M/n), as OpenQTSim quotes it: n = 1..10 across, loads 0.1..0.9 down; four figures, some
// cut and not rounded.
static const double mmn[9][10] = {
    {0.1111, 0.0101, 0.0014, 0.0002, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000},
    {0.2500, 0.0417, 0.0103, 0.0030, 0.0010, 0.0003, 0.0001, 0.0000, 0.0000, 0.0000},
    {0.4286, 0.0989, 0.0333, 0.0132, 0.0058, 0.0027, 0.0013, 0.0006, 0.0003, 0.0002},
    {0.6667, 0.1905, 0.0784, 0.0378, 0.0199, 0.0111, 0.0064, 0.0039, 0.0024, 0.0015},
    {1.0000, 0.3333, 0.1579, 0.0870, 0.0521, 0.0330, 0.0218, 0.0148, 0.0102, 0.0072},
    {1.5000, 0.5625, 0.2956, 0.1794, 0.1181, 0.0819, 0.0589, 0.0436, 0.0330, 0.0253},
    {2.3333, 0.9608, 0.5470, 0.3572, 0.2519, 0.1867, 0.1432, 0.1128, 0.0906, 0.0739},
    {4.0000, 1.7778, 1.0787, 0.7455, 0.5541, 0.4315, 0.3471, 0.2860, 0.2401, 0.2046},
    {9.0000, 4.2632, 2.7235, 1.9693, 1.5250, 1.2335, 1.0285, 0.8769, 0.7606, 0.6687},
};

Test(queue_tables, mmn_of_groenveld)
{
    for (int r = 0; r < 9; r++)
        for (int n = 1; n <= 10; n++) {
            const double wait = surety_mmc_wait_s(n, 0.1 * (r + 1) * n, 1);
            cr_assert_float_eq(wait, mmn[r][n - 1], 1e-4, "M/M/%d at 0.%d: %.6f", n, r + 1, wait);
        }
}

// The same, Table IV (M/E2/n; also PIANC, Masterplans for the Development of Existing Ports, 2014, Table 6.1): n = 1..14.
// Two figures, some cut and not rounded. The row of 0.85 is not here: it prints 4.50 for n = 1, where Pollaczek and
// Khinchine have 4.25, and is as much too high elsewhere.
static const struct {
    double rho, wait[14];
} me2n[] = {
    {0.30, {0.32, 0.08, 0.03, 0.01, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00}},
    {0.40, {0.50, 0.15, 0.06, 0.03, 0.02, 0.01, 0.01, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00}},
    {0.50, {0.75, 0.26, 0.12, 0.07, 0.04, 0.03, 0.02, 0.01, 0.01, 0.01, 0.00, 0.00, 0.00, 0.00}},
    {0.60, {1.13, 0.43, 0.23, 0.14, 0.09, 0.06, 0.05, 0.03, 0.03, 0.02, 0.02, 0.01, 0.01, 0.01}},
    {0.70, {1.75, 0.73, 0.42, 0.27, 0.19, 0.14, 0.11, 0.09, 0.07, 0.06, 0.05, 0.04, 0.03, 0.03}},
    {0.75, {2.22, 0.96, 0.59, 0.39, 0.28, 0.21, 0.17, 0.14, 0.12, 0.10, 0.08, 0.07, 0.06, 0.05}},
    {0.80, {3.00, 1.34, 0.82, 0.57, 0.42, 0.33, 0.27, 0.22, 0.18, 0.16, 0.13, 0.11, 0.10, 0.09}},
    {0.90, {6.75, 3.14, 2.01, 1.45, 1.12, 0.91, 0.76, 0.65, 0.56, 0.50, 0.45, 0.40, 0.36, 0.33}},
};

Test(queue_tables, me2n_of_groenveld)
{
    for (size_t r = 0; r < sizeof me2n / sizeof *me2n; r++)
        for (int n = 1; n <= 14; n++) {
            const double wait = surety_mgc_wait_s(n, me2n[r].rho * n, 1, 0.5), printed = me2n[r].wait[n - 1];
            cr_assert_float_eq(wait, printed, 0.02 * printed + 0.01, "M/E2/%d at %.2f: %.4f, printed %.2f", n,
                               me2n[r].rho, wait, printed);
        }
    cr_assert(fabs(surety_mgc_wait_s(4, 3.6, 1, 0) - me2n[7].wait[3]) > 0.02 * 1.45 + 0.01); // another law is found out
}

// M/D/c by the roots of z^c = exp(a (z - 1)) in the unit circle (Crommelin 1932): the number in the system at times a
// service apart is that of a queue served c at a time, E[N] = a / (2 (c - a)) - (c - 1 - a) / 2 + the sum of 1 / (1 - z),
// and a are in service. Another way than the sum of surety_mdc_wait_s.
static double wait_by_roots(int c, double a)
{
    double n = a / (2 * (c - a)) - (c - 1 - a) / 2;
    for (int k = 1; k < c; k++) {
        const double complex w = cexp(2 * M_PI * I * k / c);
        double complex z = 0;
        for (int step = 0; step < 400; step++)
            z = w * cexp(a * (z - 1) / c); // contracts by a / c
        n += creal(1 / (1 - z));
    }
    return (n - a) / a;
}

// c = 1..64, loads 0.1 to 0.9: 1e-6, beside 1e-12 of the numbers that cancel.
Test(queue_tables, mdc_of_every_size)
{
    for (int c = 1; c <= 64; c++)
        for (int r = 1; r <= 9; r++) {
            const double a = 0.1 * r * c, truth = wait_by_roots(c, a), wait = surety_mdc_wait_s(c, a, 1);
            cr_assert_float_eq(wait, truth, 1e-6 * truth + 1e-12, "M/D/%d at 0.%d: %.12g, not %.12g", c, r, wait,
                               truth);
        }
    // Cosmetatos' approximation (1975) in its place would be found out: it is off by 1e-3 and more.
    const double c = 4, rho = 0.7, m = surety_mmc_wait_s(4, 2.8, 1);
    const double near = m / 2 * (1 + (1 - rho) * (c - 1) * (sqrt(4 + 5 * c) - 2) / (16 * rho * c));
    cr_assert(fabs(near / wait_by_roots(4, 2.8) - 1) > 1e-4);
}
