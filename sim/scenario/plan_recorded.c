// SPDX-License-Identifier: GPL-3.0-or-later
// Sources that are records: real episodes in place of drawn ones.
#include "sim/base/calendar.h"
#include "sim/base/episode.h"
#include "sim/base/fmath.h"
#include "sim/base/tz.h"
#include "sim/scenario/plan_builder.h"

#include <math.h>
#include <string.h>

bool surety_plan_by_record(const struct surety_plan_builder *b, const struct surety_provider *provider)
{
    const struct surety_provider_record *r = &provider->record;
    if (!r->given)
        return false;
    return b->records == SURETY_RECORDS_DATED || provider->n_outages == 0 ||
           (b->records == SURETY_RECORDS_DRAWN && !isnan(r->bootstrap_s));
}

// The stream that all records with blocks of this length share.
static uint32_t shared_stream(struct surety_plan *plan, const struct surety_plan_source *s, bool alone)
{
    char purpose[48];
    for (const struct surety_plan_source *q = plan->sources; !alone && q < s; q++)
        if (q->kind == SURETY_SOURCE_RECORD && q->circle_us > 0 && q->shared && q->block_us == s->block_us)
            return q->stream;
    snprintf(purpose, sizeof purpose, "blocks of %lld us", (long long)s->block_us);
    return surety_plan_stream(plan, alone ? s->path : "records", purpose);
}

// The source's episodes, from `origin_us` on and cut to [0, length_us).
static bool copy_episodes(struct surety_plan *plan, struct surety_plan_source *s,
                          const struct surety_recorded_source *recorded, int64_t origin_us, int64_t length_us)
{
    struct surety_episode *list = surety_arena_calloc(&plan->arena, recorded->n, sizeof *list);
    int64_t down_us = 0;
    if (list == NULL)
        return false;
    for (size_t i = 0; i < recorded->n; i++) {
        int64_t from_us = recorded->list[i].from_us - origin_us, to_us = recorded->list[i].to_us - origin_us;
        from_us = from_us > 0 ? from_us : 0;
        to_us = to_us < length_us ? to_us : length_us;
        if (from_us >= to_us)
            continue;
        list[s->n_recorded++] = (struct surety_episode){from_us, to_us};
        down_us += to_us - from_us;
    }
    s->recorded = list;
    const double n = s->n_recorded > 0 ? (double)s->n_recorded : 0.5;
    s->mean_down_s = s->n_recorded > 0 ? (double)down_us * 1e-6 / n : 1;
    s->mean_up_s = (double)(length_us - down_us) * 1e-6 / n;
    s->p_up = surety_round40(1 - (double)down_us / (double)length_us);
    return true;
}

// The whole months that lie in the record, as --set arguments; other windows and short records get words.
static const char *where_to(struct surety_plan_builder *b, const struct surety_provider_record *r)
{
    const struct surety_tz *zone = b->scenario->term.zone;
    struct surety_date first = surety_date_from_days(r->from_us / SURETY_US_PER_DAY);
    int64_t months = 0;
    char start[11];
    first = surety_date_month_start(
        first, surety_tz_day_start_s(zone, surety_date_month_start(first, 0)) * SURETY_US_PER_S < r->from_us);
    while (surety_tz_day_start_s(zone, surety_date_month_start(first, months + 1)) * SURETY_US_PER_S <= r->until_us)
        months++;
    if (months == 0 || b->scenario->contract.window_months != 1)
        return "move the term into the record (term: {start: ..., months: ...}), or draw blocks: `bootstrap: 4w`";
    surety_date_format(first, start);
    return surety_arena_printf(&b->plan->arena,
                               "its whole months are --set term.start=%s --set term.months=%lld; or draw blocks: "
                               "`bootstrap: 4w`",
                               start, (long long)months);
}

static enum surety_err out_of_span(struct surety_plan_builder *b, const struct surety_provider *provider)
{
    const struct surety_provider_record *r = &provider->record;
    char from[11], until[11];
    surety_date_format(surety_date_from_days(r->from_us / SURETY_US_PER_DAY), from);
    surety_date_format(surety_date_from_days(r->until_us / SURETY_US_PER_DAY), until);
    surety_diag_add(b->diags, SURETY_D_RECORD_SPAN, r->place, surety_plan_record_path(b, provider), where_to(b, r),
                    "the record of '%s' was watched from %s to %s, and the term does not lie inside", provider->name,
                    from, until);
    return SURETY_E_INPUT;
}

const char *surety_plan_record_path(const struct surety_plan_builder *b, const struct surety_provider *provider)
{
    return surety_arena_printf(&b->plan->arena, "providers.%s.record", provider->name);
}

enum surety_err surety_plan_record_place(struct surety_plan_builder *b, const struct surety_provider *provider,
                                         const struct surety_recorded_source *recorded, struct surety_plan_source *s)
{
    struct surety_plan *plan = b->plan;
    const struct surety_term *term = &b->scenario->term;
    const struct surety_provider_record *r = &provider->record;
    const int64_t start_us = surety_tz_day_start_s(term->zone, term->start) * SURETY_US_PER_S;
    s->record_sha256 = surety_arena_printf(&plan->arena, "%s", r->sha256);
    if (s->record_sha256 == NULL)
        return surety_plan_out_of_memory(b);
    if (b->records == SURETY_RECORDS_DATED || isnan(r->bootstrap_s)) {
        if (start_us < r->from_us || start_us + plan->term_us > r->until_us)
            return out_of_span(b, provider);
        return copy_episodes(plan, s, recorded, start_us, plan->term_us) ? SURETY_OK : surety_plan_out_of_memory(b);
    }
    const int64_t into_us = (start_us - r->common_from_us) % SURETY_US_PER_WEEK;
    s->block_us = (int64_t)(r->bootstrap_s * 1e6 + 0.5);
    s->phase_us = into_us >= 0 ? into_us : into_us + SURETY_US_PER_WEEK;
    s->circle_us = r->n_weeks * SURETY_US_PER_WEEK;
    s->stream = shared_stream(plan, s, r->alone == 1);
    s->shared = r->alone == 0;
    return copy_episodes(plan, s, recorded, r->common_from_us, s->circle_us) ? SURETY_OK : surety_plan_out_of_memory(b);
}
