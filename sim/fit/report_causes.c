// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/fit/report_causes.h"

#include <math.h>
#include <string.h>

// What stays a member's own, at least: a scenario refuses causes that take all, and is written with four digits.
#define LEAST_OWN 0.002
#define LEAST_APART 0.1 // between shares of requests that are told apart
#define NEARLY 0.98     // all of a cause: what is left over is not laid as another one
#define MOST_STARTS 2   // written own starts, where causes are included, over those that were counted

// A member as the scenario will have it, without causes.
struct member {
    struct surety_fit_provider *provider;
    double starts_per_s, down; // of its outages; share of the time that it is down
    double taken, hits_per_s;  // of these by causes
    double may_take;           // share of `down` that causes may have taken once those of one severity are laid
};

// An outage of the scenario: by belief where there is one, else by the laws of the record.
static void add_laws(const struct surety_fit_provider *provider, size_t source, struct member *m)
{
    const double repair = surety_fit_repair_of(provider, source)->mean;
    const double starts = 1 / (provider->sources[source].up.mean + repair);
    m->starts_per_s += starts;
    m->down += starts * repair;
}

static struct member member_of(struct surety_fit_provider *provider)
{
    struct member m = {.provider = provider};
    for (size_t s = 0; provider->beliefs == NULL && s < provider->n_sources; s++)
        add_laws(provider, s, &m);
    for (size_t s = 0; provider->beliefs != NULL && s < provider->history.n_sources; s++) {
        const struct surety_outage_belief *belief = &provider->beliefs[s];
        const size_t same = surety_fit_source_of(provider, provider->history.sources[s].name);
        if (same < provider->n_sources && surety_fit_is_busy(belief)) {
            add_laws(provider, same, &m);
            continue;
        }
        m.starts_per_s += surety_outage_belief_rate(belief);
        m.down += surety_outage_belief_rate(belief) * surety_outage_belief_length(belief);
    }
    return m;
}

// Share of the cause's window in which a member's record is down.
static double down_in(const struct surety_track *track, const struct surety_cause *cause)
{
    double down_us = 0;
    for (size_t i = 0; i < track->n; i++) {
        const int64_t from = track->list[i].from_us > cause->from_us ? track->list[i].from_us : cause->from_us;
        const int64_t to = track->list[i].to_us < cause->until_us ? track->list[i].to_us : cause->until_us;
        down_us += to > from ? (double)(to - from) : 0;
    }
    return down_us / (double)(cause->until_us - cause->from_us);
}

// Of the time, the share in which two or more are down by the cause: that of the record, more or less as the scenario has
// more or less downtime of the members than the record, on average.
static double joint_share(const struct surety_cause *cause, double length_s, const struct member *members)
{
    const double recorded = surety_cause_events_per_s(cause) * length_s;
    double sum = 0;
    for (size_t m = 0; m < cause->n_members; m++) {
        const double down = down_in(&members[m].provider->track, cause);
        sum += down > 0 ? members[m].down / down : 0;
    }
    return recorded * sum / (double)cause->n_members;
}

// Share of the time that a cause with outages of this mean length may take a member down, beside those it has.
static double budget_of(const struct member *m, double length_s)
{
    const double own_length = m->down / m->starts_per_s;
    return fmax(m->may_take * m->down / (1 + LEAST_OWN * fmax(own_length / length_s, 1)) - m->taken, 0);
}

// A cause of the members that have something left, `joint` of the time: as it was counted, or, where that is more than
// the member that is down least can hold, so much of it that hits all. Returns what it holds of `joint`; 0: no two
// members are left; -1: memory is out.
static double lay(struct surety_fit_report *report, const struct surety_fitted_cause *counted, struct member *members,
                  double joint)
{
    struct surety_fitted_cause *fitted = &report->causes[report->n_causes];
    const double length_s = counted->length.mean * counted->length_scale;
    size_t *left = surety_arena_calloc(&report->arena, counted->cause.n_members, sizeof *left), n = 0;
    struct member **of = surety_arena_calloc(&report->arena, counted->cause.n_members, sizeof *of);
    double least = INFINITY;
    if (left == NULL || of == NULL)
        return -1;
    for (size_t m = 0; m < counted->cause.n_members; m++) {
        const double budget = budget_of(&members[m], length_s);
        if (budget <= LEAST_OWN * members[m].down)
            continue;
        of[n] = &members[m];
        left[n++] = counted->cause.members[m];
        least = fmin(least, budget);
    }
    if (n < 2)
        return 0;
    *fitted = *counted;
    fitted->cause.members = left;
    fitted->cause.n_members = n;
    if (n == 2 || least < NEARLY * joint)
        fitted->cause.hits = 1;
    surety_cause_fit_in(&fitted->cause, fmin(joint, least) / length_s, least / length_s);
    for (size_t m = 0; m < n; m++) {
        of[m]->taken += fitted->cause.rate_per_s * fitted->cause.hits * length_s;
        of[m]->hits_per_s += fitted->cause.rate_per_s * fitted->cause.hits;
    }
    report->n_causes++;
    return least < NEARLY * joint ? least : joint;
}

// With C hits a second by causes, included in s r starts of its own, the member is down for (s r - C) L + taken: as
// without causes for s r = (down - taken) / L + C. Where causes come on top it is s r = (down - taken) / L.
static void take_out(struct member *members, size_t n, struct surety_fitted_cause *causes, size_t n_causes)
{
    bool included = true;
    for (size_t m = 0; m < n; m++) {
        const struct member *of = &members[m];
        const double starts = (1 - of->taken / of->down) + of->hits_per_s / of->starts_per_s;
        included = included && of->provider->beliefs == NULL && starts <= MOST_STARTS;
    }
    for (size_t c = 0; c < n_causes; c++)
        causes[c].cause.included = included;
    for (size_t m = 0; m < n; m++) {
        struct member *of = &members[m];
        of->provider->taken_out = of->taken / of->down;
        of->provider->own_starts = 1 - of->taken / of->down + (included ? of->hits_per_s / of->starts_per_s : 0);
        of->provider->causes_included = included;
    }
}

// The events of a cause on one side of `border` in the share that failed, as a cause of their own: what fails together
// is not the mean of the mild and the severe. The rate is not known yet.
static enum surety_err part_of(const struct surety_fit_request *request, struct surety_arena *arena,
                               const struct surety_cause *cause, double border, bool severe,
                               struct surety_fitted_cause *out)
{
    double *lengths = surety_arena_calloc(arena, cause->together + 1, sizeof *lengths), seconds = 0, failing = 0;
    size_t n = 0;
    if (lengths == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < cause->together; i++) {
        if ((cause->shares[i] > border) != severe)
            continue;
        lengths[n++] = cause->lengths[i];
        seconds += cause->lengths[i];
        failing += cause->shares[i] * cause->lengths[i];
    }
    *out = (struct surety_fitted_cause){.cause = *cause, .seconds = seconds, .grade = severe ? "severe" : "mild"};
    out->cause.lengths = lengths;
    out->cause.together = n;
    out->cause.expected = cause->expected * (double)n / (double)cause->together;
    if (n == 0)
        return SURETY_OK;
    const struct surety_sample sample = {.whole = lengths, .n_whole = n};
    const enum surety_err err = surety_fit_all(&sample, &request->fitting, &out->length);
    out->failing = failing / seconds;
    out->length_scale = seconds / (double)n / out->length.mean;
    return err;
}

// Between the least and the largest share, where the two differ.
static double border_of(const struct surety_cause *cause)
{
    double least = 1, most = 0;
    for (size_t i = 0; i < cause->together; i++) {
        least = fmin(least, cause->shares[i]);
        most = fmax(most, cause->shares[i]);
    }
    return most - least > LEAST_APART ? (least + most) / 2 : -1;
}

// Share of a member's downtime in which more than `border` of its requests failed.
static double severe_share(const struct surety_track *track, double border)
{
    double severe = 0, all = 0;
    for (size_t i = 0; i < track->n; i++) {
        const double length = (double)(track->list[i].to_us - track->list[i].from_us);
        all += length;
        severe += track->shares[i] > border ? length : 0;
    }
    return all > 0 ? severe / all : 1;
}

static enum surety_err write_cause(const struct surety_fit_request *request, struct surety_fit_report *report,
                                   const struct surety_cause *cause)
{
    struct surety_fitted_cause parts[2];
    struct member *members = surety_arena_calloc(&report->arena, cause->n_members, sizeof *members);
    const size_t first = report->n_causes;
    const double border = border_of(cause);
    double seconds = 0;
    enum surety_err err = members == NULL ? SURETY_E_MEMORY : SURETY_OK;
    for (int i = 0; err == SURETY_OK && i < 2; i++)
        err = part_of(request, &report->arena, cause, border, i == 0, &parts[i]);
    if (err != SURETY_OK)
        return err;
    if (parts[0].cause.together == 0 || parts[1].cause.together == 0)
        parts[0].grade = parts[1].grade = NULL;
    seconds = parts[0].seconds + parts[1].seconds;
    for (size_t m = 0; m < cause->n_members; m++)
        members[m] = member_of(&report->providers[cause->members[m]]);
    const double joint = joint_share(cause, seconds / (double)cause->together, members);
    for (int i = 0; i < 2; i++) {
        double left = joint * parts[i].seconds / seconds, held = left;
        for (size_t m = 0; m < cause->n_members; m++) // severe events leave the mild ones their part of a member
            members[m].may_take =
                i > 0 ? 1 : fmax(parts[i].seconds / seconds, severe_share(&members[m].provider->track, border));
        while (left > 0 && held > 0) {
            held = lay(report, &parts[i], members, left);
            left -= held;
        }
        if (held < 0)
            return SURETY_E_MEMORY;
    }
    take_out(members, cause->n_members, &report->causes[first], report->n_causes - first);
    return SURETY_OK;
}

enum surety_err surety_fit_report_causes(const struct surety_fit_request *request, struct surety_fit_report *report)
{
    const size_t n = report->n;
    size_t n_causes = 0;
    struct surety_track *tracks = surety_arena_calloc(&report->arena, n, sizeof *tracks);
    struct surety_cause *causes = surety_arena_calloc(&report->arena, n, sizeof *causes);
    report->pairs = surety_arena_calloc(&report->arena, n * n, sizeof *report->pairs);
    report->causes = surety_arena_calloc(&report->arena, 2 * n, sizeof *report->causes); // each exhausts a member
    if (tracks == NULL || causes == NULL || report->pairs == NULL || report->causes == NULL)
        return SURETY_E_MEMORY;
    for (size_t p = 0; p < n; p++) {
        if (report->providers[p].wish->record->undated)
            return SURETY_OK;
        tracks[p] = report->providers[p].track;
    }
    report->n_pairs = surety_dependence_pairs(tracks, n, report->pairs);
    if (report->n_pairs == SIZE_MAX) {
        report->n_pairs = 0;
        return SURETY_E_MEMORY;
    }
    enum surety_err err = surety_dependence_causes(tracks, n, report->pairs, report->n_pairs, request->fitting.seed,
                                                   &report->arena, causes, &n_causes);
    for (size_t c = 0; err == SURETY_OK && c < n_causes; c++)
        err = write_cause(request, report, &causes[c]);
    return err;
}
