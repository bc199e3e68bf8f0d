// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/rhythm.h"

#include "sim/base/calendar.h"
#include "sim/base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_WIDTH 4
#define MOST_WIDTH 16
#define CLUSTER_US (12 * SURETY_US_PER_HOUR)
#define MONDAY_US (4 * SURETY_US_PER_DAY) // 1970-01-05

static int64_t us_of_week(int64_t us)
{
    const int64_t rest = (us - MONDAY_US) % SURETY_US_PER_WEEK;
    return rest < 0 ? rest + SURETY_US_PER_WEEK : rest;
}

static enum surety_hour_class class_of(int hour, int border, int width)
{
    const int local = (hour - border + SURETY_WEEK_HOURS) % SURETY_WEEK_HOURS, first = 12 - width / 2;
    if (local >= 120)
        return SURETY_HOURS_WEEKEND;
    return local % 24 >= first && local % 24 < first + width ? SURETY_HOURS_WORK : SURETY_HOURS_WEEKDAY;
}

static double gain(const size_t counts[SURETY_N_HOUR_CLASSES], int width, double n)
{
    const double hours[SURETY_N_HOUR_CLASSES] = {5.0 * width, 120 - 5.0 * width, 48};
    double sum = 0;
    for (size_t c = 0; c < SURETY_N_HOUR_CLASSES; c++)
        if (counts[c] > 0)
            sum += (double)counts[c] * log((double)counts[c] / n * SURETY_WEEK_HOURS / hours[c]);
    return 2 * sum;
}

// The best window for starts counted by the hour of the UTC week.
static double best_window(const size_t by_hour[SURETY_WEEK_HOURS], double n, struct surety_rhythm *out)
{
    double best = -1;
    for (int border = -12; border < 12; border++) {
        size_t by_day[24] = {0}, weekday = 0, weekend = 0;
        for (int hour = 0; hour < SURETY_WEEK_HOURS; hour++) {
            const int local = (hour - border + SURETY_WEEK_HOURS) % SURETY_WEEK_HOURS;
            if (local >= 120) {
                weekend += by_hour[hour];
            } else {
                by_day[local % 24] += by_hour[hour];
                weekday += by_hour[hour];
            }
        }
        for (int width = LEAST_WIDTH; width <= MOST_WIDTH; width++) {
            size_t inside = 0;
            for (int hour = 12 - width / 2; hour < 12 - width / 2 + width; hour++)
                inside += by_day[hour];
            const size_t counts[] = {inside, weekday - inside, weekend};
            const double won = gain(counts, width, n);
            if (won > best) {
                best = won;
                out->border = border;
                out->width = width;
                memcpy(out->counts, counts, sizeof counts);
            }
        }
    }
    return out->ratio = best;
}

static void fill_hours(struct surety_rhythm *rhythm)
{
    for (int hour = 0; hour < SURETY_WEEK_HOURS; hour++)
        rhythm->hours[hour] = rhythm->flat ? 1 : rhythm->weights[class_of(hour, rhythm->border, rhythm->width)];
}

struct surety_rhythm surety_rhythm_flat(void)
{
    struct surety_rhythm flat = {.flat = true, .width = 12, .weights = {1, 1, 1}, .p = NAN};
    fill_hours(&flat);
    return flat;
}

// Weights from counts, with `prior` starts' worth of the weights `towards`; mean 1 over the week by construction.
static void shrink(struct surety_rhythm *rhythm, const double towards[SURETY_N_HOUR_CLASSES])
{
    const double hours[SURETY_N_HOUR_CLASSES] = {5.0 * rhythm->width, 120 - 5.0 * rhythm->width, 48};
    const double total = (double)rhythm->n + SURETY_RHYTHM_PRIOR;
    for (size_t c = 0; c < SURETY_N_HOUR_CLASSES; c++) {
        const double usual = SURETY_RHYTHM_PRIOR * towards[c] * hours[c] / SURETY_WEEK_HOURS;
        rhythm->weights[c] = ((double)rhythm->counts[c] + usual) / total * SURETY_WEEK_HOURS / hours[c];
    }
    fill_hours(rhythm);
}

static void count_hours(const int64_t *starts_us, size_t n, size_t by_hour[SURETY_WEEK_HOURS])
{
    memset(by_hour, 0, SURETY_WEEK_HOURS * sizeof *by_hour);
    for (size_t i = 0; i < n; i++)
        by_hour[us_of_week(starts_us[i]) / SURETY_US_PER_HOUR]++;
}

enum surety_err surety_rhythm_fit(const int64_t *starts_us, size_t n, size_t n_replicates, uint64_t seed,
                                  struct surety_rhythm *out)
{
    static const double flat[SURETY_N_HOUR_CLASSES] = {1, 1, 1};
    size_t by_hour[SURETY_WEEK_HOURS], as_large = 0;
    struct surety_rhythm rhythm = surety_rhythm_flat();
    rhythm.n = n;
    count_hours(starts_us, n, by_hour);
    best_window(by_hour, (double)n, &rhythm);
    if (n >= SURETY_RHYTHM_LEAST) {
        int64_t *moved = malloc(n * sizeof *moved);
        if (moved == NULL)
            return SURETY_E_MEMORY;
        for (size_t b = 0; b < n_replicates; b++) {
            struct surety_rng rng = {
                .key = surety_philox_key(seed), .stream = surety_philox_stream("fit.rhythm", 0), .replication = b};
            struct surety_rhythm other = surety_rhythm_flat();
            int64_t by = 0;
            for (size_t i = 0; i < n; i++) {
                if (i == 0 || starts_us[i] - starts_us[i - 1] >= CLUSTER_US)
                    by = (int64_t)(surety_rng_uniform(&rng) * (double)SURETY_US_PER_WEEK);
                moved[i] = starts_us[i] + by;
            }
            count_hours(moved, n, by_hour);
            as_large += best_window(by_hour, (double)n, &other) >= rhythm.ratio;
        }
        free(moved);
        rhythm.p = (1 + (double)as_large) / (1 + (double)n_replicates);
        rhythm.flat = !(rhythm.p <= SURETY_RHYTHM_P);
    }
    if (rhythm.flat)
        fill_hours(&rhythm);
    else
        shrink(&rhythm, flat);
    *out = rhythm;
    return SURETY_OK;
}

void surety_rhythm_shrink(const struct surety_rhythm *pooled, const int64_t *starts_us, size_t n,
                          struct surety_rhythm *out)
{
    struct surety_rhythm own = *pooled;
    size_t by_hour[SURETY_WEEK_HOURS];
    own.n = n;
    memset(own.counts, 0, sizeof own.counts);
    count_hours(starts_us, n, by_hour);
    for (int hour = 0; hour < SURETY_WEEK_HOURS; hour++)
        own.counts[class_of(hour, own.border, own.width)] += by_hour[hour];
    if (!own.flat)
        shrink(&own, pooled->weights);
    *out = own;
}

// The integral of the weight from the beginning of the week.
static double since_monday(const struct surety_rhythm *rhythm, int64_t us)
{
    const int64_t whole = us / SURETY_US_PER_HOUR;
    double sum = 0;
    for (int64_t hour = 0; hour < whole; hour++)
        sum += rhythm->hours[hour] * 3600;
    return sum + (whole < SURETY_WEEK_HOURS
                      ? rhythm->hours[whole] * (double)(us - whole * SURETY_US_PER_HOUR) / (double)SURETY_US_PER_S
                      : 0);
}

double surety_rhythm_between(const struct surety_rhythm *rhythm, int64_t from_us, int64_t to_us)
{
    if (rhythm->flat)
        return (double)(to_us - from_us) / (double)SURETY_US_PER_S;
    const int64_t a = us_of_week(from_us), b = us_of_week(to_us);
    const double weeks = (double)((to_us - b - (from_us - a)) / SURETY_US_PER_WEEK);
    return weeks * since_monday(rhythm, SURETY_US_PER_WEEK) + since_monday(rhythm, b) - since_monday(rhythm, a);
}
