// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/recorded_span.h"

#include "sim/base/calendar.h"
#include "sim/base/episode.h"
#include "sim/scenario/scenario.h"

#include <math.h>
#include <string.h>

static bool is_drawn(const struct surety_provider *p)
{
    return p->used && p->record.given && !isnan(p->record.bootstrap_s);
}

static bool share_blocks(const struct surety_provider *p, const struct surety_provider *q)
{
    return p == q || (is_drawn(q) && p->record.alone == 0 && q->record.alone == 0 &&
                      p->record.bootstrap_s == q->record.bootstrap_s);
}

static void write_day(int64_t us, char out[11])
{
    surety_date_format(surety_date_from_days(us / SURETY_US_PER_DAY), out);
}

// Whether the provider's record shows an outage in [from_us, until_us).
static bool has_outage(const struct surety_provider_record *r, int64_t from_us, int64_t until_us)
{
    for (size_t i = 0; i < r->n_sources; i++)
        for (size_t k = 0; k < r->sources[i].n; k++)
            if (r->sources[i].list[k].from_us < until_us && r->sources[i].list[k].to_us > from_us)
                return true;
    return false;
}

static void settle_one(struct surety_reader *reader, struct surety_provider *p)
{
    const struct surety_scenario *scenario = reader->scenario;
    struct surety_provider_record *r = &p->record;
    const char *path = surety_path_join(reader, surety_path_join(reader, "providers", p->name), "record");
    int64_t from_us = r->from_us, until_us = r->until_us;
    size_t n_shared = 0;
    for (size_t i = 0; i < scenario->n_providers; i++) {
        const struct surety_provider *q = &scenario->providers[i];
        if (!share_blocks(p, q))
            continue;
        n_shared++;
        from_us = q->record.from_us > from_us ? q->record.from_us : from_us;
        until_us = q->record.until_us < until_us ? q->record.until_us : until_us;
    }
    const int64_t n_weeks = until_us > from_us ? (until_us - from_us) / SURETY_US_PER_WEEK : 0;
    if (n_weeks < 1) {
        surety_diag_add(reader->diags, SURETY_D_RECORD_SPAN, r->place, path,
                        n_shared > 1 ? "take records of the same time, or write `shared: no`, which breaks what failed "
                                       "together"
                                     : "take a longer record, or write `outages`",
                        n_shared > 1 ? "the records that share blocks of this length have no whole week in common"
                                     : "the record is shorter than a week");
        return;
    }
    r->n_weeks = n_weeks;
    r->common_from_us = until_us - n_weeks * SURETY_US_PER_WEEK; // the older rest is left out
    if (r->bootstrap_s * 1e6 > (double)n_weeks * (double)SURETY_US_PER_WEEK) {
        surety_diag_add(reader->diags, SURETY_D_RANGE, r->place, surety_path_join(reader, path, "bootstrap"),
                        surety_scratch_printf(reader, "at most %lldw; a quarter of it or less gives worlds that differ",
                                              (long long)n_weeks),
                        "the blocks are longer than the record");
        return;
    }
    char from[11], until[11];
    write_day(r->common_from_us, from);
    write_day(until_us, until);
    if (!has_outage(r, r->common_from_us, until_us)) {
        surety_diag_add(reader->diags, SURETY_D_RECORD_SPAN, r->place, path,
                        "write `outages` with what you assume, or `outages: none` to claim that it never fails",
                        "the record shows no outage from %s to %s: blocks of it would never fail, which it does not "
                        "prove",
                        from, until);
        return;
    }
    surety_note_assumption(reader, "%s: blocks of %.6g days from the %lld whole weeks from %s to %s%s", p->name,
                           r->bootstrap_s / 86400, (long long)n_weeks, from, until,
                           n_shared > 1 ? ", which the records have in common; they take the same weeks" : "");
}

void surety_settle_records(struct surety_reader *reader)
{
    const size_t before = reader->assumptions.n;
    for (size_t i = 0; i < reader->scenario->n_providers; i++)
        if (is_drawn(&reader->scenario->providers[i]))
            settle_one(reader, &reader->scenario->providers[i]);
    reader->scenario->n_block_assumptions = reader->assumptions.n - before;
}
