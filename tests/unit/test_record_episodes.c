// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/calendar.h"
#include "sim/record/episodes.h"

#include <criterion/criterion.h>
#include <string.h>

static struct surety_diags diags;
static struct surety_record *record;
static struct surety_record_episodes *found;

// Reads rows "h_from,h_to,grade,component" of hours since 2026-01-05 (a Monday) and makes episodes of them.
static enum surety_err make(const char *rows, const struct surety_episode_options *options)
{
    static const char head[] = "start,end,severity,component\n";
    char text[4000] = "";
    size_t n = (size_t)sprintf(text, "%s", head);
    for (const char *at = rows; *at != '\0';) {
        int from, to = -1, used;
        char rest[60];
        if (sscanf(at, "%d,,%59[^;];%n", &from, rest, &used) != 2)
            cr_assert_eq(sscanf(at, "%d,%d,%59[^;];%n", &from, &to, rest, &used), 3, "%s", at);
        n += (size_t)sprintf(text + n, "2026-01-%02dT%02d:00:00Z,", 5 + from / 24, from % 24);
        n += (size_t)(to < 0 ? 0 : sprintf(text + n, "2026-01-%02dT%02d:00:00Z", 5 + to / 24, to % 24));
        n += (size_t)sprintf(text + n, ",%s\n", rest);
        at += used;
    }
    surety_diags_init(&diags, "x");
    const enum surety_err read = surety_record_parse("x", text, strlen(text), NULL, &diags, &record);
    cr_assert_eq(read, SURETY_OK, "%s", text);
    const struct surety_record *one = record;
    found = NULL;
    return surety_record_episodes_create(&one, 1, options, &diags, &found);
}

static void done(void)
{
    surety_record_episodes_destroy(found);
    surety_record_destroy(record);
    surety_diags_finish(&diags);
}

// The episode i: hours, grade, share.
static void expect(size_t i, int from, int to, enum surety_grade grade, double share)
{
    cr_assert_lt(i, found->n);
    const struct surety_record_episode *e = &found->list[i];
    const int64_t monday_us = 4 * SURETY_US_PER_DAY + 2922 * SURETY_US_PER_WEEK; // 2026-01-05
    const double got_from = (double)(e->from_us - monday_us) / (double)SURETY_US_PER_HOUR;
    const double got_to = (double)(e->to_us - monday_us) / (double)SURETY_US_PER_HOUR;
    cr_assert(got_from == from && got_to == to, "%zu: %g to %g", i, got_from, got_to);
    cr_assert_eq(e->grade, grade);
    cr_assert_float_eq(e->share, share, 1e-15, "%zu: %.17g", i, e->share);
}

#define OVERLAPS "0,4,partial,a;2,6,partial,b;3,5,major,a;6,7,partial,a;20,22,major,a;20,22,major,b;30,40,degraded,a;"

Test(record_episodes, merged_per_grade)
{
    cr_assert_eq(make(OVERLAPS, NULL), SURETY_OK);
    cr_assert_eq(found->n, 3);
    expect(0, 0, 7, SURETY_GRADE_PARTIAL, 0.3); // overlapping or touching
    expect(1, 3, 5, SURETY_GRADE_MAJOR, 1);
    expect(2, 20, 22, SURETY_GRADE_MAJOR, 1);
    cr_assert_eq(found->list[0].n_incidents, 3);
    cr_assert_eq(found->list[2].n_incidents, 1);
    cr_assert(found->n_united == 1 && found->n_incidents == 6 && found->n_failing_nothing == 1);
    done();
}

Test(record_episodes, merged_altogether)
{
    const struct surety_episode_options all = {.merge = SURETY_MERGE_UNION}, worst = {.merge = SURETY_MERGE_WORST};
    cr_assert_eq(make(OVERLAPS, &all), SURETY_OK);
    cr_assert_eq(found->n, 2);
    expect(0, 0, 7, SURETY_GRADE_MAJOR, (5 * 0.3 + 2) / 7);
    expect(1, 20, 22, SURETY_GRADE_MAJOR, 1);
    cr_assert_eq(found->list[0].n_incidents, 4);
    done();
    cr_assert_eq(make(OVERLAPS, &worst), SURETY_OK);
    cr_assert_eq(found->n, 4);
    expect(0, 0, 3, SURETY_GRADE_PARTIAL, 0.3);
    expect(1, 3, 5, SURETY_GRADE_MAJOR, 1);
    expect(2, 5, 7, SURETY_GRADE_PARTIAL, 0.3);
    expect(3, 20, 22, SURETY_GRADE_MAJOR, 1);
    done();
}

Test(record_episodes, filters)
{
    const char *const b[] = {"B"}, *const none[] = {"c"};
    struct surety_episode_options o = {.components = b, .n_components = 1};
    cr_assert_eq(make(OVERLAPS "50,51,major,;", &o), SURETY_OK);
    cr_assert_eq(found->n, 2);
    expect(0, 2, 6, SURETY_GRADE_PARTIAL, 0.3);
    cr_assert(found->n_united == 0 && found->n_unnamed == 1);
    done();
    o.components = none;
    cr_assert_eq(make(OVERLAPS, &o), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_FORMAT);
    done();
    const struct surety_episode_options degraded = {.grades = 1U << SURETY_GRADE_DEGRADED};
    cr_assert_eq(make(OVERLAPS, &degraded), SURETY_OK);
    expect(0, 30, 40, SURETY_GRADE_DEGRADED, 0);
    done();
    const struct surety_episode_options other = {.provider = "nobody"};
    cr_assert_eq(make(OVERLAPS, &other), SURETY_E_INPUT); // not a service that never fails
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_FORMAT);
    done();
}

Test(record_episodes, spans_and_open_ends)
{
    const int64_t monday_us = 4 * SURETY_US_PER_DAY + 2922 * SURETY_US_PER_WEEK, hour_us = SURETY_US_PER_HOUR;
    struct surety_episode_options o = {.has_from = true, .has_until = true};
    o.from_us = monday_us + hour_us;
    o.until_us = monday_us + 21 * hour_us;
    cr_assert_eq(make(OVERLAPS "10,,partial,a;", &o), SURETY_OK);
    cr_assert_eq(found->n, 4);
    expect(0, 1, 7, SURETY_GRADE_PARTIAL, 0.3);
    expect(2, 10, 21, SURETY_GRADE_PARTIAL, 0.3);
    expect(3, 20, 21, SURETY_GRADE_MAJOR, 1);
    cr_assert(found->list[0].cut_at_start && !found->list[1].cut_at_start && !found->list[0].censored);
    cr_assert(found->list[2].censored && found->list[3].censored && found->n_open == 3);
    done();
    o.drop_open = true;
    cr_assert_eq(make(OVERLAPS "10,,partial,a;", &o), SURETY_OK);
    cr_assert_eq(found->n, 3);
    done();
    o.until_us = o.from_us;
    cr_assert_eq(make(OVERLAPS, &o), SURETY_E_INPUT);
    cr_assert_eq(diags.list[0].id, SURETY_D_RECORD_SPAN);
    done();
}

Test(record_episodes, winsorised)
{
    struct surety_episode_options o = {.cap_us = 5 * SURETY_US_PER_HOUR};
    cr_assert_eq(make(OVERLAPS, &o), SURETY_OK);
    expect(0, 0, 5, SURETY_GRADE_PARTIAL, 0.3);
    expect(1, 3, 5, SURETY_GRADE_MAJOR, 1);
    cr_assert_eq(found->n_capped, 1);
    cr_assert_eq(found->capped[0].to_us - found->capped[0].new_to_us, 2 * SURETY_US_PER_HOUR);
    done();
    o = (struct surety_episode_options){.cap_quantile = 0.75};
    cr_assert_eq(make("0,1,major,;10,12,major,;20,23,major,;30,70,major,;0,90,partial,;", &o), SURETY_OK);
    cr_assert_eq(found->n, 5);
    expect(4, 30, 33, SURETY_GRADE_MAJOR, 1); // the third of four
    expect(0, 0, 90, SURETY_GRADE_PARTIAL, 0.3);
    done();
}

// The union's integral of the share is that of the worst at each instant, whatever overlaps.
Test(record_episodes, nothing_is_lost_in_merging)
{
    char rows[3600] = "";
    unsigned state = 12345;
    size_t n = 0;
    static const char *const grades[] = {"partial", "major"};
    int level[260] = {0};
    for (int i = 0; i < 60; i++) {
        state = state * 1103515245U + 12345U;
        const int from = (int)(state >> 16) % 230, to = from + 1 + (int)(state >> 8) % 20, major = state >> 30 == 0;
        n += (size_t)sprintf(rows + n, "%d,%d,%s,c;", from, to, grades[major]);
        for (int h = from; h < to; h++)
            level[h] = level[h] > major + 1 ? level[h] : major + 1;
    }
    double lost_h = 0;
    for (int h = 0; h < 260; h++)
        lost_h += level[h] == 2 ? 1 : level[h] == 1 ? 0.3 : 0;
    for (int merge = SURETY_MERGE_UNION; merge <= SURETY_MERGE_WORST; merge++) {
        const struct surety_episode_options o = {.merge = (enum surety_record_merge)merge};
        cr_assert_eq(make(rows, &o), SURETY_OK);
        double sum = 0;
        size_t n_incidents = 0;
        for (size_t i = 0; i < found->n; i++) {
            const struct surety_record_episode *e = &found->list[i];
            sum += e->share * (double)(e->to_us - e->from_us) / (double)SURETY_US_PER_HOUR;
            n_incidents += e->n_incidents;
            cr_assert(e->from_us < e->to_us && (i == 0 || e[-1].to_us <= e->from_us));
        }
        cr_assert_float_eq(sum, lost_h, 1e-9);
        cr_assert(merge == SURETY_MERGE_WORST || n_incidents == found->n_incidents - found->n_united);
        done();
    }
}

Test(record_episodes, severities_are_printed)
{
    char text[200];
    cr_assert_eq((size_t)surety_severity_print(surety_severity_find(NULL), text, sizeof text), strlen(text));
    cr_assert_str_eq(text, "degraded 0 % (0 % to 5 %), partial 30 % (10 % to 60 %), major 100 %, maintenance 0 %");
    cr_assert_null(surety_severity_find("none"));
    for (const struct surety_severity_profile *p = surety_severity_profiles; p->name != NULL; p++)
        for (int g = 0; g < SURETY_N_GRADES; g++)
            cr_assert(p->grade[g].low <= p->grade[g].share && p->grade[g].share <= p->grade[g].high);
    surety_severity_print(surety_severity_find("cautious"), text, 10);
    cr_assert_eq(strlen(text), 9);
}
