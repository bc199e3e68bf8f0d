// SPDX-License-Identifier: GPL-3.0-or-later
// Queues against figures that were computed by other means: closed forms in rational numbers of any length; M/D/c from
// the Markov chain of the numbers a service time apart; M/E2/c and M/H2/c (balanced means) from their chains in continuous
// time by matrix-geometric solution.
#include "models/queue.h"

#include <criterion/criterion.h>
#include <math.h>

static void close_to(const char *what, double got, double truth, double bound)
{
    cr_assert(fabs(got - truth) <= bound * fmax(fabs(truth), 1e-300), "%s: %.12g, not %.12g", what, got, truth);
    cr_assert(!(fabs(got * (1 + 3 * bound) - truth) <= bound * fabs(truth)) || truth == 0); // the bound can fail
}

#define EXACT 1e-9

Test(queue, erlang)
{
    static const struct {
        int c;
        double a, b, waits, wait, p99; // mean service time 1
    } rows[] = {
        {1, 0.5, 0.333333333333333, 0.5, 1, 7.82404601086},
        {5, 4, 0.199066874028, 0.554112554113, 0.554112554113, 4.01478273939},
        {10, 5, 0.0183845703366, 0.0361053591583, 0.00722107183166, 0.256771242893},
        {10, 9, 0.167963226292, 0.668731524108, 0.668731524108, 4.20279757733},
        {64, 57, 0.039220966866, 0.271789944141, 0.0388271348773, 0.471777772966},
        {200, 180, 0.010324995205, 0.0944712181776, 0.00472356090888, 0.112285506278},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int c = rows[i].c;
        const double a = rows[i].a;
        close_to("B", surety_erlang_b(c, a), rows[i].b, EXACT);
        close_to("C", surety_erlang_c(c, a), rows[i].waits, EXACT);
        close_to("mean", surety_mmc_wait_s(c, a, 3), 3 * rows[i].wait, EXACT);
        close_to("p99", surety_mmc_percentile_s(c, a, 1, 0.99), rows[i].p99, EXACT);
        close_to("tail", surety_mmc_later(c, a, 1, rows[i].p99), 0.01, EXACT);
    }
    cr_assert_eq(surety_mmc_percentile_s(10, 5, 1, 0.95), 0); // 96 % do not wait
}

Test(queue, mmck)
{
    static const struct {
        int c, queue;
        double a, refused, waits, wait, later_half, p95;
    } rows[] = {
        {1, 4, 0.9, 0.126022549988, 0.75580571903, 1.7902859515, 0.648647038777, 5.62621620266},
        {3, 0, 2, 0.210526315789474, 0, 0, 0, 0},
        {3, 5, 3, 0.12676056338, 0.725806451613, 0.725806451613, 0.508875096841, 2.24052453944},
        {10, 20, 9, 0.0087720844805, 0.639415208347, 0.462420909797, 0.353004014103, 1.69051605071},
        {10, 20, 14, 0.28579719123, 0.999210602164, 1.75100991782, 0.991571369621, 2.60619847691},
        {64, 100, 60, 4.99144271748e-05, 0.506472419515, 0.12537018191, 0.067853005972, 0.57529384212},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct surety_mmck q = surety_mmck(rows[i].c, rows[i].queue, rows[i].a, 1);
        close_to("refused", q.p_refused, rows[i].refused, EXACT);
        close_to("waits", q.p_waits, rows[i].waits, EXACT);
        close_to("mean", q.wait_s, rows[i].wait, EXACT);
        close_to("tail", surety_mmck_later(&q, 0.5), rows[i].later_half, EXACT);
        close_to("p95", surety_mmck_percentile_s(&q, 0.95), rows[i].p95, EXACT);
    }
}

// M/M/1 and M/D/1: rho S / (1 - rho) and half of it.
Test(queue, pollaczek_khinchine)
{
    for (double rho = 0.1; rho < 0.95; rho += 0.1) {
        close_to("M/M/1", surety_mg1_wait_s(rho / 2, 2, 8), 2 * rho / (1 - rho), EXACT);
        close_to("M/D/1", surety_mg1_wait_s(rho / 2, 2, 4), rho / (1 - rho), EXACT);
        for (double cs2 = 0; cs2 < 3; cs2 += 0.5)
            close_to("M/G/1", surety_mgc_wait_s(1, rho, 2, cs2), surety_mg1_wait_s(rho / 2, 2, 4 * (1 + cs2)), 1e-7);
    }
}

static const struct {
    int c;
    double rho, fixed, erlang2, hyper15, hyper2; // mean waits by law of the service time, whose mean is 1
} table[] = {
    {1, 0.5, 0.5, 0.75, 1.25, 1.5},
    {1, 0.7, 1.166666667, 1.75, 2.9166667, 3.5},
    {1, 0.8, 2, 3, 5, 6},
    {1, 0.9, 4.5, 6.75, 11.25, 13.5},
    {2, 0.5, 0.1767410571, 0.2556391, 0.40325627, 0.47177827},
    {2, 0.7, 0.4936104625, 0.72862022, 1.181891, 1.4006416},
    {2, 0.8, 0.9032838794, 1.3423913, 2.2008813, 2.6212517},
    {2, 0.9, 2.146923215, 3.207339, 5.3057501, 6.3453237},
    {4, 0.5, 0.04965173878, 0.068525625, 0.10139349, 0.11521398},
    {4, 0.7, 0.1897076854, 0.27462012, 0.43071132, 0.50259976},
    {4, 0.8, 0.3860949308, 0.56765211, 0.91159049, 1.0754308},
    {4, 0.9, 0.9999658856, 1.4872733, 2.4370634, 2.9019402},
    {8, 0.5, 0.00932101257, 0.012031594, 0.016538514, 0.018175109},
    {8, 0.7, 0.06268003924, 0.088226747, 0.13255603, 0.15158925},
    {8, 0.8, 0.1519538026, 0.22013638, 0.34404648, 0.40072582},
    {8, 0.9, 0.4499732594, 0.6654785, 1.0768182, 1.2746935},
    {16, 0.5, 0.0008102339986, 0.00095722856, 0.0012153485, 0.0012916267},
    {16, 0.7, 0.01607321415, 0.021646439, 0.03079704, 0.034325782},
    {16, 0.8, 0.0525478911, 0.074406259, 0.11215855, 0.12838793},
    {16, 0.9, 0.1924670312, 0.28232518, 0.44905985, 0.52723583},
    {64, 0.5, 1.192555326e-08, 1.2317864e-08, 1.3643283e-08, 1.3881665e-08},
    {64, 0.7, 0.0001717426042, 0.00019777303, 0.00024479785, 0.0002573175},
    {64, 0.8, 0.002794918221, 0.0035902597, 0.0048586587, 0.0052886953},
    {64, 0.9, 0.0267341275, 0.037916055, 0.05700257, 0.065111686},
};

Test(queue, mdc_and_mgc)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const int c = table[i].c;
        const double a = c * table[i].rho;
        close_to("M/D/c", surety_mdc_wait_s(c, a, 1), table[i].fixed, 1e-6);
        // waits of a hundred-millionth of a service time: 2.5 %
        close_to("M/E2/c", surety_mgc_wait_s(c, a, 1, 0.5), table[i].erlang2, table[i].fixed > 1e-6 ? 0.02 : 0.026);
        close_to("M/H2/c, 1.5", surety_mgc_wait_s(c, a, 1, 1.5), table[i].hyper15, 0.02);
        close_to("M/H2/c, 2", surety_mgc_wait_s(c, a, 1, 2), table[i].hyper2, 0.025);
    }
    // Where the exact sum gives way to the approximation.
    const double exact = surety_mdc_wait_s(4, 4 * 0.98, 1), beyond = surety_mdc_wait_s(4, 4 * 0.99, 1);
    cr_assert(beyond > exact);
    close_to("Cosmetatos", surety_mdc_wait_s(1, 0.9999, 1), 0.5 * 0.9999 / 0.0001, 0.001);
}

static struct surety_queue_state places(int c, double queue, double rho, double ca2, double cs2)
{
    const struct surety_queue_places q = {c, queue, rho * c / 2, ca2, 2, cs2};
    return surety_queue_places(&q);
}

// The general form is the exact one where there is one.
Test(queue, places_are_exact_where_known)
{
    for (int c = 1; c <= 64; c *= 4)
        for (double rho = 0.25; rho < 1.6; rho += 0.125) {
            for (int queue = 0; queue <= 50; queue += 10) {
                const struct surety_mmck q = surety_mmck(c, queue, rho * c, 2);
                const struct surety_queue_state s = places(c, queue, rho, 1, 1);
                close_to("refused", s.p_refused, q.p_refused, 1e-7);
                if (q.p_waits < 1e-12)
                    continue;
                close_to("waits", s.p_waits, q.p_waits, 1e-7);
                close_to("mean", s.p_waits * s.wait_s, q.wait_s, 1e-6);
            }
            close_to("M/G/c/c", places(c, 0, rho, 1, 0.3).p_refused, surety_erlang_b(c, rho * c), 1e-9);
            if (rho >= 1)
                continue;
            const struct surety_queue_state s = places(c, INFINITY, rho, 1, 1);
            close_to("C", s.p_waits, surety_erlang_c(c, rho * c), 1e-9);
            close_to("cv2", s.wait_cv2, 1, 1e-6);
            close_to("mean", s.p_waits * s.wait_s, surety_mmc_wait_s(c, rho * c, 2), 1e-9);
        }
    // M/G/1: E[W^2] = 2 E[W]^2 + lambda E[S^3] / (3 (1 - rho)), S gamma of shape 2, mean 2
    const struct surety_queue_state s = places(1, INFINITY, 0.6, 1, 0.5);
    const double mean = 0.3 * 6 / 0.8, second = 2 * mean * mean + 0.3 * 24 / 1.2;
    close_to("mean", s.p_waits * s.wait_s, mean, 1e-9);
    close_to("second", s.p_waits * s.wait_s * s.wait_s * (1 + s.wait_cv2), second, 1e-9);
    cr_assert(isinf(places(4, INFINITY, 1.25, 1, 1).wait_s));
    close_to("fluid", places(4, INFINITY, 1.25, 1, 1).p_refused, 0.2, 1e-12);
}

// Simulated once with 400,000 requests (gamma times): refused and mean wait of those admitted, mean service time 1.
Test(queue, places_otherwise)
{
    static const struct {
        int c;
        double queue, rho, ca2, cs2, refused, wait;
    } rows[] = {
        {1, 5, 0.85, 1, 0.5, 0.05972, 1.8652},       {4, 50, 0.95, 1, 0.5, 0.00173, 3.0231},
        {16, 0, 0.7, 3.24, 0.65, 0.11881, 0},        {16, 50, 0.85, 3.24, 0.65, 0.00172, 0.4702},
        {16, 50, 1.3, 3.24, 0.65, 0.22912, 2.6959},  {64, 0, 0.85, 3.24, 0.65, 0.06455, 0},
        {64, 50, 0.95, 3.24, 0.65, 0.01047, 0.2015}, {64, 5, 1.3, 1, 0.5, 0.23629, 0.0424},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct surety_queue_state s = places(rows[i].c, rows[i].queue, rows[i].rho, rows[i].ca2, rows[i].cs2);
        cr_assert_float_eq(s.p_refused, rows[i].refused, 0.005, "row %zu: %g", i, s.p_refused);
        cr_assert_float_eq(s.p_waits * s.wait_s / 2, rows[i].wait, 0.15 * rows[i].wait + 1e-9, "row %zu: %g", i,
                           s.p_waits * s.wait_s / 2);
    }
}

// More load, fewer places, a shorter queue: never better; and no jump where the load passes 1.
Test(queue, places_are_monotone)
{
    for (int c = 1; c <= 256; c *= 4)
        for (int k = 0; k < 4; k++) {
            const double queue = k == 0 ? 0 : pow(8, k), ca2 = k % 2 == 0 ? 1 : 2.5;
            double before = 0;
            for (double rho = 0.02; rho < 3; rho += 0.02) {
                const struct surety_queue_state s = places(c, queue, rho, ca2, 0.6);
                cr_assert(s.p_refused >= before - 1e-6 && s.p_refused <= 1, "c %d K %g rho %g: %g after %g", c, queue,
                          rho, s.p_refused, before);
                cr_assert(s.p_waits >= 0 && s.p_waits <= 1 && s.wait_s >= 0 && s.wait_cv2 >= 0);
                cr_assert(s.p_refused >= 1 - 1 / rho - 0.01, "c %d K %g rho %g: carries more than it can", c, queue,
                          rho);
                before = s.p_refused;
            }
            const struct surety_queue_state low = places(c, queue, 1 - 1e-7, ca2, 0.6),
                                            at = places(c, queue, 1, ca2, 0.6),
                                            high = places(c, queue, 1 + 1e-7, ca2, 0.6);
            cr_assert_float_eq(low.p_refused, at.p_refused, 1e-3);
            cr_assert_float_eq(high.p_refused, at.p_refused, 1e-3);
        }
}

// Without an end the wait grows towards a load of 1, and at 1, as near as doubles come to it, nobody ever has a place.
Test(queue, no_end_of_the_queue)
{
    double before = 0;
    for (double left = 0.1; left > 1e-8; left /= 2) {
        const struct surety_queue_state s = places(16, INFINITY, 1 - left, 1, 0.6);
        cr_assert(s.p_refused == 0 && s.wait_s > before, "%g", left);
        before = s.wait_s;
    }
    for (double beyond = -1e-12; beyond < 2e-12; beyond += 5e-13) {
        const struct surety_queue_state s = places(16, INFINITY, 1 + beyond, 1, 0.6);
        cr_assert(isinf(s.wait_s) && s.p_waits == 1 && s.p_refused >= 0 && s.p_refused < 1e-11, "%g", beyond);
    }
}

// GCRA with Poisson requests is the workload of M/D/1 with a limit; a deep bucket lets the mean decide.
Test(queue, bucket)
{
    close_to("fluid", surety_bucket_refused(200, 1, 1, 1, 100, 6000), 0.5, 1e-12);
    cr_assert_lt(surety_bucket_refused(80, 1, 1, 1, 100, 6000), 1e-300);
    close_to("at the limit", surety_bucket_refused(100, 1, 1, 1, 100, 1000), 1 / 2000.0, 1e-9);
    cr_assert_gt(surety_bucket_refused(100, 9, 1, 1, 100, 1000), 8 / 2000.0);
    double before = 0;
    for (double lambda = 50; lambda < 200; lambda += 0.5) {
        const double refused = surety_bucket_refused(lambda, 1, 500, 4e5, 5e4, 1e5);
        cr_assert(refused >= before - 1e-12 && refused >= 1 - 100 / lambda - 1e-12, "%g: %g", lambda, refused);
        before = refused;
    }
    cr_assert_eq(surety_bucket_refused(0, 1, 1, 1, 100, 6000), 0);
    close_to("a beat", surety_bucket_refused(200, 0, 1, 1, 100, 6000), 0.5, 1e-12);
}

// One request at a time is M/G/1 with steps of one length; an empty server works at the pace of one.
Test(queue, batch)
{
    const struct surety_queue_batch one = {1, INFINITY, 0.5, 1, 100, 15000, 0.008, 0.002};
    const struct surety_batch_state s = surety_queue_batch(&one);
    close_to("load", s.queue.load, 0.5, 1e-12);
    close_to("wait", s.queue.p_waits * s.queue.wait_s, surety_mg1_wait_s(0.5, 1, 1.5), 1e-9);
    close_to("step", s.step_mean_s, 0.01, 1e-9);
    close_to("size", s.size, 0.5, 1e-9);
    // steps that cost nothing for more requests: M/G/infinity, Poisson of mean lambda E[S]
    const struct surety_queue_batch wide = {4096, 0, 10, 1, 100, 15000, 0.01, 0};
    close_to("size", surety_queue_batch(&wide).size, 10, 1e-9);
    close_to("step", surety_queue_batch(&wide).step_mean_s, 0.01, 1e-9);
    // steps in proportion to the batch: processor sharing, E[n] = rho / (1 - rho)
    const struct surety_queue_batch shared = {4096, 0, 0.8, 1, 100, 15000, 0, 0.01};
    close_to("size", surety_queue_batch(&shared).size, 4, 1e-9);
    cr_assert(surety_queue_batch(&shared).step_cv2 > 0);
    // beyond what it can carry: most / (E[steps] tau(most)) go through
    const struct surety_queue_batch full = {128, 1000, 200, 1, 62.4, 62.4 * 62.4, 0.0066, 0.000095};
    close_to("through", 200 * (1 - surety_queue_batch(&full).queue.p_refused), 128 / (62.4 * 0.01876), 1e-6);
}
