// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/hours.h"
#include "models/measurement.h"
#include "sim/base/fmath.h"

#include <stdlib.h>

// `probes`: every site probes at the same instants, phase + k x interval, the phase uniform in [0, interval). A probe
// fails with probability 1 - (1 - f)(1 - false_positive), independently. A site is down from the first of `failures`
// failures in a row until its first success, the service while `quorum` sites are. In microseconds.
//
// A failure is known to count only `failures` - 1 probes later, so that many probes wait in a ring with the number of
// sites that are down from them on. Probes of abnormal stretches are drawn by their number. Of the others, which nobody
// looks at one by one, those that fail are drawn: the gaps between them are geometric, over all probes of the term.

// A probe that waits.
struct waiting {
    int64_t number;
    int64_t excluded_us; // excluded part of its window, counted time, before it
    int n_down;          // sites
};

struct state {
    struct waiting *ring;    // the last `failures` probes, contiguous; ring[number % failures]
    int64_t n_waiting, last; // last: number of the newest
    int64_t *since;          // of each site: first failure of the run under way; -1: none
    uint64_t running;        // sites with a run under way
    int64_t *excluded_us;    // of each window so far
    bool any_excluded;       // one of them is not 0
    size_t booked;           // window of the last booking
    uint32_t words[4];       // the block of draws last used
    int64_t block;           // its number; -1: none
    int64_t phase_us;
    int64_t next;  // number of the next probe
    size_t window; // where excluded stretches are
    // failures of normal probes, over (probe, site)
    double log_success; // log(1 - p); 0: none
    int64_t alarm;      // number of the next: probe x sites + site
    uint32_t n_alarms;  // drawn so far
};

static int64_t probe_us(const struct surety_meter *meter, int64_t number)
{
    return ((const struct state *)meter->state)->phase_us + number * meter->plan->measures.interval_us;
}

// How many probes are sent before the instant.
static int64_t probes_before(const struct surety_meter *meter, int64_t at_us)
{
    const int64_t interval_us = meter->plan->measures.interval_us;
    const int64_t since_us = at_us - ((const struct state *)meter->state)->phase_us;
    return since_us <= 0 ? 0 : (since_us + interval_us - 1) / interval_us;
}

static enum surety_err init(struct surety_meter *meter)
{
    const struct surety_plan *plan = meter->plan;
    const struct surety_plan_measures *m = &plan->measures;
    struct state *s = meter->state = calloc(1, sizeof *s);
    if (s == NULL)
        return SURETY_E_MEMORY;
    s->ring = calloc((size_t)m->failures, sizeof *s->ring);
    s->since = calloc((size_t)m->sites, sizeof *s->since);
    s->excluded_us = calloc(plan->n_windows, sizeof *s->excluded_us);
    if (s->ring == NULL || s->since == NULL || s->excluded_us == NULL)
        return SURETY_E_MEMORY;
    const double success = (1 - meter->f_normal) * (1 - m->false_positive);
    s->log_success = success > 0 ? surety_log(success) : -1e300;
    for (size_t w = 0; w < plan->n_windows; w++)
        meter->counted[w] = surety_hours_counted(plan, plan->window_us[w], plan->window_us[w + 1]);
    return SURETY_OK;
}

static void finish_state(struct surety_meter *meter)
{
    struct state *s = meter->state;
    free(s->ring);
    free(s->since);
    free(s->excluded_us);
}

// Whether the site's probe fails, with probability p_fails x 2^32: a draw has 32 bits, a block four draws.
static bool fails(const struct surety_meter *meter, int64_t number, int64_t site, double threshold)
{
    struct state *s = meter->state;
    const int64_t draw = number * meter->plan->measures.sites + site;
    if (draw / 4 != s->block) {
        s->block = draw / 4;
        surety_philox_block(meter->key, (uint32_t)s->block, meter->plan->measures.probes_stream, meter->replication,
                            s->words);
    }
    return (double)s->words[draw % 4] + 0.5 < threshold;
}

// Two uniforms a block.
static double uniform(const struct surety_meter *meter, uint32_t stream, int64_t block, int half)
{
    uint32_t w[4];
    surety_philox_block(meter->key, (uint32_t)block, stream, meter->replication, w);
    return surety_uniform(w[2 * half] | (uint64_t)w[2 * half + 1] << 32);
}

// Moves to the next failure of a normal probe. Geometric: the number of successes before it is floor(log U / log(1 - p)).
static void next_alarm(struct surety_meter *meter)
{
    struct state *s = meter->state;
    const double u = uniform(meter, meter->plan->measures.alarms_stream, s->n_alarms / 2, (int)(s->n_alarms % 2));
    const double skip = s->log_success < 0 ? surety_log(u) / s->log_success : 1e18;
    s->n_alarms++;
    s->alarm = skip < 1e15 && s->alarm < INT64_MAX / 2 ? s->alarm + 1 + (int64_t)skip : INT64_MAX;
}

static void start(struct surety_meter *meter)
{
    struct state *s = meter->state;
    const struct surety_plan_measures *m = &meter->plan->measures;
    s->n_waiting = 0;
    s->last = s->alarm = -1;
    s->running = 0;
    s->next = 0;
    s->window = 0;
    s->n_alarms = 0;
    s->any_excluded = false;
    s->booked = 0;
    s->block = -1;
    s->phase_us = (int64_t)(uniform(meter, m->phase_stream, 0, 0) * (double)m->interval_us);
    for (int64_t i = 0; i < m->sites; i++)
        s->since[i] = -1;
    for (size_t w = 0; w < meter->plan->n_windows; w++)
        s->excluded_us[w] = 0;
    if (s->log_success < 0)
        next_alarm(meter);
    else
        s->alarm = INT64_MAX;
}

// --- books -----------------------------------------------------------------------------------------------------

static size_t window_of(const struct surety_plan *plan, int64_t at_us)
{
    size_t low = 0, high = plan->n_windows;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (plan->window_us[middle] <= at_us)
            low = middle;
        else
            high = middle;
    }
    return low;
}

// Down from a probe to the next, which had so much excluded time of its window before it.
static void book(struct surety_meter *meter, const struct waiting *probe, int64_t next_excluded_us)
{
    const struct surety_plan *plan = meter->plan;
    struct state *s = meter->state;
    const int64_t a_us = probe_us(meter, probe->number), next_us = probe_us(meter, probe->number + 1);
    const int64_t b_us = next_us < plan->term_us ? next_us : plan->term_us;
    while (plan->window_us[s->booked + 1] <= a_us)
        s->booked++;
    const size_t w = s->booked;
    const int64_t end_us = plan->window_us[w + 1];
    if (next_us < end_us) {
        meter->readings[w].bad += surety_hours_counted(plan, a_us, b_us) - (next_excluded_us - probe->excluded_us);
        return;
    }
    meter->readings[w].bad += surety_hours_counted(plan, a_us, end_us) - (s->excluded_us[w] - probe->excluded_us);
    if (b_us > end_us) // a window is longer than the interval
        meter->readings[w + 1].bad += surety_hours_counted(plan, end_us, b_us) - next_excluded_us;
}

// Down from one probe to another of the same term; nothing of it is excluded.
static void book_run(struct surety_meter *meter, int64_t from, int64_t to)
{
    const struct surety_plan *plan = meter->plan;
    struct state *s = meter->state;
    const int64_t b_us = probe_us(meter, to);
    for (int64_t a_us = probe_us(meter, from); a_us < b_us;) {
        while (plan->window_us[s->booked + 1] <= a_us)
            s->booked++;
        const int64_t window_end_us = plan->window_us[s->booked + 1],
                      end_us = b_us < window_end_us ? b_us : window_end_us;
        meter->readings[s->booked].bad += surety_hours_counted(plan, a_us, end_us);
        a_us = end_us;
    }
}

// The oldest waiting probe can change no more. next: the one after it.
static void settle_oldest(struct surety_meter *meter, int64_t next_excluded_us)
{
    struct state *s = meter->state;
    const struct surety_plan_measures *m = &meter->plan->measures;
    const struct waiting *oldest = &s->ring[(s->last - s->n_waiting + 1) % m->failures];
    if (s->n_waiting > 1)
        next_excluded_us = s->ring[(oldest->number + 1) % m->failures].excluded_us;
    if (oldest->n_down >= m->quorum)
        book(meter, oldest, next_excluded_us);
    s->n_waiting--;
}

// Excluded time of the instant's window before it, when no excluded stretch is under way.
static int64_t excluded_before(const struct surety_meter *meter, int64_t at_us)
{
    const struct state *s = meter->state;
    return s->any_excluded && at_us < meter->plan->term_us ? s->excluded_us[window_of(meter->plan, at_us)] : 0;
}

// All sites succeed after the newest probe.
static void settle_all(struct surety_meter *meter, int64_t next_excluded_us)
{
    struct state *s = meter->state;
    while (s->n_waiting > 0)
        settle_oldest(meter, next_excluded_us);
    for (; s->running != 0; s->running &= s->running - 1)
        s->since[__builtin_ctzll(s->running)] = -1;
}

// The sites of the set fail in probe `number`, the others succeed.
static void probe(struct surety_meter *meter, int64_t number, uint64_t failing, int64_t excluded_us)
{
    struct state *s = meter->state;
    const struct surety_plan_measures *m = &meter->plan->measures;
    if (s->n_waiting > 0 && number != s->last + 1)
        settle_all(meter, excluded_before(meter, probe_us(meter, s->last + 1)));
    if (failing == 0) {
        settle_all(meter, excluded_us);
        return;
    }
    if (s->n_waiting == m->failures)
        settle_oldest(meter, excluded_us);
    s->ring[number % m->failures] = (struct waiting){.number = number, .excluded_us = excluded_us};
    s->last = number;
    s->n_waiting++;
    for (uint64_t ended = s->running & ~failing; ended != 0; ended &= ended - 1)
        s->since[__builtin_ctzll(ended)] = -1;
    s->running = failing;
    for (uint64_t left = failing; left != 0; left &= left - 1) {
        int64_t *since = &s->since[__builtin_ctzll(left)];
        if (*since < 0)
            *since = number;
        const int64_t length = number - *since + 1;
        if (length > m->failures) // down already
            s->ring[number % m->failures].n_down++;
        for (int64_t k = *since; length == m->failures && k <= number; k++)
            s->ring[k % m->failures].n_down++;
    }
}

// --- the two kinds of probes -----------------------------------------------------------------------------------

// Failures of the normal probes from s->next on that are sent before to_us.
static void pass_normal(struct surety_meter *meter, int64_t to_us)
{
    struct state *s = meter->state;
    const int64_t sites = meter->plan->measures.sites;
    int64_t end = probes_before(meter, to_us);
    if (end < s->next)
        end = s->next;
    while (s->alarm < s->next * sites) // fell among abnormal ones, which have their own draws
        next_alarm(meter);
    while (s->alarm < end * sites) {
        const int64_t number = s->alarm / sites;
        uint64_t failing = 0;
        for (; s->alarm < (number + 1) * sites; next_alarm(meter))
            failing |= UINT64_C(1) << s->alarm % sites;
        probe(meter, number, failing, excluded_before(meter, probe_us(meter, number)));
    }
    if (end > s->next && s->n_waiting > 0 && s->last < end - 1)
        settle_all(meter, excluded_before(meter, probe_us(meter, s->last + 1)));
    s->next = end;
}

static void add_excluded(struct surety_meter *meter, int64_t a_us, int64_t b_us)
{
    struct state *s = meter->state;
    const int64_t *boundary = meter->plan->window_us;
    while (boundary[s->window + 1] <= a_us)
        s->window++;
    for (size_t w = s->window; a_us < b_us; w++) {
        const int64_t end_us = b_us < boundary[w + 1] ? b_us : boundary[w + 1];
        const int64_t counted_us = surety_hours_counted(meter->plan, a_us, end_us);
        s->excluded_us[w] += counted_us;
        s->any_excluded = true;
        meter->readings[w].counted -= counted_us;
        a_us = end_us;
    }
}

// One site, down from its first failure on: nothing has to wait but the last probe, and down time is added up in runs.
// Nothing was excluded yet. What the loop over single probes below reads, to the microsecond.
static void stretch_plain(struct surety_meter *meter, int64_t b_us, double p)
{
    struct state *s = meter->state;
    const int64_t end = probes_before(meter, b_us);
    int64_t first = -1; // of the run of failures under way; -1: none
    if (end <= s->next)
        return;
    settle_all(meter, 0);
    if (p >= 1) {
        first = s->next;
    } else if (p > 0) {
        for (int64_t number = s->next; number < end;) {
            const int64_t block = number / 4, block_end = block * 4 + 4 < end ? block * 4 + 4 : end;
            uint32_t words[4];
            surety_philox_block(meter->key, (uint32_t)block, meter->plan->measures.probes_stream, meter->replication,
                                words);
            for (; number < block_end; number++) {
                const bool failing = (double)words[number % 4] + 0.5 < p * 0x1p32;
                if (failing && first < 0) {
                    first = number;
                } else if (!failing && first >= 0) {
                    book_run(meter, first, number);
                    first = -1;
                }
            }
        }
    }
    s->next = end;
    if (first < 0)
        return;
    book_run(meter, first, end - 1);
    probe(meter, end - 1, 1, 0); // down until a probe that is yet to come
}

static void stretch(struct surety_meter *meter, int64_t a_us, int64_t b_us, double f, bool is_excluded)
{
    struct state *s = meter->state;
    const struct surety_plan_measures *m = &meter->plan->measures;
    const uint64_t all = m->sites == 64 ? UINT64_MAX : (UINT64_C(1) << m->sites) - 1;
    const double p = 1 - (1 - f) * (1 - m->false_positive), threshold = p * 0x1p32;
    pass_normal(meter, a_us);
    if (m->sites == 1 && m->failures == 1 && !is_excluded && !s->any_excluded) {
        stretch_plain(meter, b_us, p);
        return;
    }
    for (int64_t from_us = a_us; probe_us(meter, s->next) < b_us; s->next++) {
        const int64_t at_us = probe_us(meter, s->next);
        uint64_t failing = p >= 1 ? all : 0;
        for (int64_t i = 0; p > 0 && p < 1 && i < m->sites; i++)
            if (fails(meter, s->next, i, threshold))
                failing |= UINT64_C(1) << i;
        if (is_excluded)
            add_excluded(meter, from_us, at_us);
        from_us = is_excluded ? at_us : from_us;
        a_us = from_us;
        probe(meter, s->next, failing, excluded_before(meter, at_us));
    }
    if (is_excluded)
        add_excluded(meter, a_us, b_us);
}

static void finish(struct surety_meter *meter)
{
    struct state *s = meter->state;
    pass_normal(meter, meter->plan->term_us);
    if (s->n_waiting > 0)
        settle_all(meter, excluded_before(meter, probe_us(meter, s->last + 1)));
}

const struct surety_meter_type surety_probes_meter = {
    .name = "probes",
    .help = "1 - (time from the first of `failures` failed probes to the next good one, at `quorum` sites at once) / "
            "window",
    .init = init,
    .finish_state = finish_state,
    .start = start,
    .stretch = stretch,
    .finish = finish,
};
