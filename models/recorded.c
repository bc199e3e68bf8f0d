// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/recorded.h"

#include "sim/base/episode.h"
#include "sim/base/ppb.h"
#include "sim/record/episodes.h"
#include "sim/scenario/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_BYTES ((off_t)1 << 31)
#define MOST_COMPONENTS 64
#define MOST_SHARES 32 // shares of failing requests that a record may tell apart

// --- reading ----------------------------------------------------------------------------------------------------

// The messages about the file `name` become messages at the key.
static void pass_on(struct surety_reader *reader, const struct surety_diags *diags, const struct surety_ynode *node,
                    const char *path, const char *name)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct surety_diag *d = &diags->list[i];
        const char *at = d->path[0] != '\0' ? surety_scratch_printf(reader, "%s: ", d->path) : "";
        if (d->place.line > 0)
            surety_complain(reader, d->id, node, path, d->hint, "%s:%zu:%zu: %s%s", name, d->place.line,
                            d->place.column, at, d->message);
        else
            surety_complain(reader, d->id, node, path, d->hint, "%s: %s%s", name, at, d->message);
    }
    reader->out_of_memory |= diags->out_of_memory;
}

static const char *beside_scenario(struct surety_reader *reader, const char *name)
{
    const char *slash = strrchr(reader->file, '/');
    return name[0] == '/' || slash == NULL
               ? name
               : surety_scratch_printf(reader, "%.*s%s", (int)(slash + 1 - reader->file), reader->file, name);
}

// The scenario's words as those of the importer; NULL without any.
static const struct surety_grade_word *grade_words(struct surety_reader *reader, const struct surety_provider_record *r)
{
    struct surety_grade_word *words = surety_arena_calloc(reader->scratch, r->n_words, sizeof *words);
    for (size_t i = 0; words != NULL && i < r->n_words; i++)
        words[i] = (struct surety_grade_word){r->words[i].word, (enum surety_grade)r->words[i].grade};
    reader->out_of_memory |= words == NULL;
    return words;
}

static struct surety_record *load(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                                  const char *name, const struct surety_record_options *options)
{
    const char *full = beside_scenario(reader, name);
    struct stat status;
    struct surety_diags diags;
    struct surety_record *record = NULL;
    // Devices and pipes would never end.
    if (stat(full, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_size > MOST_BYTES)) {
        surety_complain(reader, SURETY_D_FILE, node, path, "a regular file of at most 2 GiB is needed",
                        "cannot use '%.200s'", name);
        return NULL;
    }
    surety_diags_init(&diags, name);
    if (surety_record_load(full, options, &diags, &record) == SURETY_E_MEMORY)
        reader->out_of_memory = true;
    pass_on(reader, &diags, node, path, name);
    surety_diags_finish(&diags);
    return record;
}

static int64_t date_us(struct surety_date date)
{
    return surety_date_days(date) * SURETY_US_PER_DAY;
}

static struct surety_record_options record_options(const struct surety_provider_record *r)
{
    return (struct surety_record_options){
        .format = r->format,
        .from_stages = r->from_stages == 1,
        .until_monitoring = r->until_monitoring == 1,
        .drop_disordered = r->drop_disordered == 1,
        .start = r->start_column,
        .end = r->end_column,
        .severity = r->severity_column,
        .component = r->component_column,
        .id = r->id_column,
        .provider = r->provider_column,
        .share = r->share_column,
        .has_from = r->has_from,
        .has_until = r->has_until,
        .from_us = r->has_from ? date_us(r->from) : 0,
        .until_us = r->has_until ? date_us(r->until) : 0,
        .has_origin = r->has_origin,
        .origin_us = r->has_origin ? date_us(r->origin) : 0,
        .day_zone = r->day_zone,
    };
}

static struct surety_severity_profile profile_of(const struct surety_provider_record *r)
{
    struct surety_severity_profile profile = surety_severity_profiles[r->severities];
    const double own[SURETY_N_GRADES] = {NAN, r->failing_degraded, r->failing_partial, r->failing_major,
                                         r->failing_maintenance};
    for (int g = 0; r->has_failing && g < SURETY_N_GRADES; g++)
        if (!isnan(own[g]))
            profile.grade[g] = (struct surety_grade_share){own[g], own[g], own[g], profile.grade[g].slow_down};
    return profile;
}

static struct surety_record_episodes *find_episodes(struct surety_reader *reader, const struct surety_ynode *node,
                                                    const char *path, const struct surety_provider_record *r,
                                                    const struct surety_record *record)
{
    const char *names[MOST_COMPONENTS];
    const struct surety_severity_profile profile = profile_of(r);
    struct surety_episode_options options = {
        .components = names,
        .provider = r->provider,
        .has_from = r->has_from,
        .has_until = r->has_until,
        .from_us = r->has_from ? date_us(r->from) : 0,
        .until_us = r->has_until ? date_us(r->until) : 0,
        .profile = &profile,
        .merge = SURETY_MERGE_WORST,
        .cap_us = isnan(r->longest_s) ? 0 : (int64_t)(r->longest_s * 1e6 + 0.5),
        .drop_open = r->drop_open == 1,
    };
    for (const char *at = r->component; at != NULL && options.n_components < MOST_COMPONENTS;) {
        const size_t n = strcspn(at, ";");
        names[options.n_components++] = surety_scratch_printf(reader, "%.*s", (int)n, at);
        at = at[n] == ';' ? at + n + 1 : NULL;
    }
    struct surety_diags diags;
    struct surety_record_episodes *found = NULL;
    surety_diags_init(&diags, r->file);
    if (surety_record_episodes_create(&record, 1, &options, &diags, &found) == SURETY_E_MEMORY)
        reader->out_of_memory = true;
    pass_on(reader, &diags, node, path, r->file);
    surety_diags_finish(&diags);
    return found;
}

// --- episodes to sources ----------------------------------------------------------------------------------------

// The source of this grade and share; a new one when there is none. NULL: too many shares.
static struct surety_recorded_source *source_of(struct surety_provider_record *r, enum surety_grade grade,
                                                int64_t failing_ppb, enum surety_grade *grades)
{
    for (size_t i = 0; i < r->n_sources; i++)
        if (grades[i] == grade && r->sources[i].failing_ppb == failing_ppb)
            return &r->sources[i];
    if (r->n_sources == MOST_SHARES)
        return NULL;
    grades[r->n_sources] = grade;
    r->sources[r->n_sources].failing_ppb = failing_ppb;
    r->sources[r->n_sources].grade = (int)grade;
    return &r->sources[r->n_sources++];
}

static bool name_sources(struct surety_reader *reader, struct surety_provider_record *r,
                         const enum surety_grade *grades)
{
    for (size_t i = 0; i < r->n_sources; i++) {
        size_t n = 1;
        for (size_t k = 0; k < i; k++)
            n += grades[k] == grades[i];
        r->sources[i].name = n == 1 ? surety_grade_name(grades[i])
                                    : surety_arena_printf(reader->arena, "%s-%zu", surety_grade_name(grades[i]), n);
        if (r->sources[i].name == NULL)
            return false;
    }
    return true;
}

// The outages, one source per share of failing requests. Two passes: count, fill.
static bool make_sources(struct surety_reader *reader, const struct surety_ynode *node, const char *path,
                         struct surety_provider_record *r, const struct surety_record_episodes *found)
{
    enum surety_grade grades[MOST_SHARES];
    r->sources = surety_arena_calloc(reader->arena, MOST_SHARES, sizeof *r->sources);
    if (r->sources == NULL)
        return false;
    for (int fill = 0; fill < 2; fill++) {
        for (size_t i = 0; fill == 1 && i < r->n_sources; i++) {
            struct surety_recorded_source *s = &r->sources[i];
            s->list = surety_arena_calloc(reader->arena, s->n, sizeof *s->list);
            if (s->list == NULL)
                return false;
            s->n = 0;
        }
        for (size_t i = 0; i < found->n; i++) {
            const struct surety_record_episode *e = &found->list[i];
            struct surety_recorded_source *s = source_of(r, e->grade, surety_ppb(e->share), grades);
            if (s == NULL) {
                surety_complain(reader, SURETY_D_TOO_LARGE, node, path,
                                "leave the column of shares out (columns: {share: \"\"}) and take grades",
                                "the record has more than %d different shares of failing requests", MOST_SHARES);
                return true;
            }
            if (fill == 1)
                s->list[s->n] = (struct surety_episode){e->from_us, e->to_us};
            s->n++;
        }
    }
    return name_sources(reader, r, grades);
}

static void note(struct surety_reader *reader, const struct surety_provider *provider,
                 const struct surety_record *record, const struct surety_record_episodes *found)
{
    const struct surety_provider_record *r = &provider->record;
    const struct surety_severity_profile profile = profile_of(r);
    const char *slash = strrchr(r->file, '/');
    char from[21], until[21], shares[256];
    surety_time_write(found->from_us, from);
    surety_time_write(found->until_us, until);
    surety_severity_print(&profile, shares, sizeof shares);
    surety_note_assumption(reader, "%s: record %s (%s, sha256 %.12s), %.10s to %.10s: %zu incidents, %zu outages%s",
                           provider->name, slash != NULL ? slash + 1 : r->file, record->dialect, r->sha256, from, until,
                           found->n_incidents - found->n_united, found->n,
                           provider->n_outages > 0 ? "; the laws of `outages` are used, it is compared with them" : "");
    surety_note_assumption(reader, "%s: share of requests failing in its record: %s (%s)", provider->name, shares,
                           profile.name);
    if (!record->from_given || !record->until_given)
        surety_note_assumption(reader,
                               "%s: its record does not say when it was watched: from the day of the first incident to "
                               "the last time in it",
                               provider->name);
    if (found->n_capped + found->n_open + found->n_instants + found->n_unnamed + record->n_disordered > 0)
        surety_note_assumption(reader,
                               "%s: of its record %zu outages were cut to `longest`, %zu incidents were still open at "
                               "the end, %zu had no length, %zu named no component, %zu were out of order: the last "
                               "three are left out",
                               provider->name, found->n_capped, found->n_open, found->n_instants, found->n_unnamed,
                               record->n_disordered);
    if (record->one_outage_a_day)
        surety_note_assumption(reader, "%s: its record counts minutes a day: an outage's time of day is assumed",
                               provider->name);
}

// A draw of uncertain inputs reads the keys again, not the file: what was read stays, but for the shares of grades that
// `failing` gives. The record's own shares stay too.
static bool draw_again(struct surety_reader *reader, struct surety_provider *provider)
{
    const struct surety_provider *base = NULL;
    for (size_t i = 0; i < reader->base->n_providers; i++)
        if (strcmp(reader->base->providers[i].name, provider->name) == 0)
            base = &reader->base->providers[i];
    if (base == NULL)
        return false;
    const struct surety_provider_record *old = &base->record;
    struct surety_provider_record *r = &provider->record;
    const struct surety_severity_profile before = profile_of(old), now = profile_of(r);
    memcpy(r->sha256, old->sha256, sizeof r->sha256);
    r->from_us = old->from_us;
    r->until_us = old->until_us;
    r->n_outages = old->n_outages;
    r->n_sources = old->n_sources;
    r->sources = surety_arena_calloc(reader->arena, r->n_sources, sizeof *r->sources);
    for (size_t i = 0; r->sources != NULL && i < r->n_sources; i++) {
        struct surety_recorded_source *s = &r->sources[i];
        *s = old->sources[i]; // the episodes are the base's: it outlives its draws
        if (s->failing_ppb == surety_ppb(before.grade[s->grade].share))
            s->failing_ppb = surety_ppb(now.grade[s->grade].share);
        s->failing_ppb = s->failing_ppb > 0 ? s->failing_ppb : 1;
    }
    return r->sources != NULL;
}

static void check_conflicts(struct surety_reader *reader, const struct surety_ynode *provider_node, const char *path,
                            const struct surety_provider *provider)
{
    const struct surety_ynode *rhythm = surety_ynode_get(provider_node, "weekly_rhythm");
    const struct surety_ynode *outages = surety_ynode_get(provider_node, "outages");
    if (provider->n_outages == 0 && outages != NULL)
        surety_complain(reader, SURETY_D_CONFLICT, outages, surety_path_join(reader, path, "outages"),
                        "leave one of them out", "`outages: none` and a `record` exclude each other");
    else if (provider->n_outages == 0 && rhythm != NULL)
        surety_complain(reader, SURETY_D_CONFLICT, rhythm, surety_path_join(reader, path, "weekly_rhythm"),
                        "leave it out: blocks keep the record's weekdays and times",
                        "a `record` has its own weekly rhythm");
}

void surety_recorded_check(struct surety_reader *reader, const struct surety_ynode *provider_node, const char *path,
                           struct surety_provider *provider)
{
    struct surety_provider_record *r = &provider->record;
    const struct surety_ynode *map = surety_ynode_get(provider_node, "record");
    const struct surety_ynode *node = surety_ynode_get(map, "file");
    const char *record_path = surety_path_join(reader, path, "record");
    struct surety_record_options options = record_options(r);
    struct surety_record *reports = NULL, *record = NULL;
    struct surety_record_episodes *found = NULL;
    if (reader->base != NULL) {
        reader->out_of_memory |= !draw_again(reader, provider);
        return;
    }
    options.words = grade_words(reader, r);
    options.n_words = options.words != NULL ? r->n_words : 0;
    check_conflicts(reader, provider_node, path, provider);
    if (r->reports != NULL)
        reports = load(reader, surety_ynode_get(map, "reports"), surety_path_join(reader, record_path, "reports"),
                       r->reports, NULL);
    options.reports = reports;
    const char *file_path = surety_path_join(reader, record_path, "file");
    if (r->reports == NULL || reports != NULL)
        record = load(reader, node, file_path, r->file, &options);
    if (record != NULL && record->undated)
        surety_complain(reader, SURETY_D_RECORD_TIME, node, file_path, "give `origin: DATE`, the day of second 0",
                        "the record has no dates, only seconds");
    else if (record != NULL)
        found = find_episodes(reader, node, file_path, r, record);
    if (found != NULL) {
        memcpy(r->sha256, record->sha256, sizeof r->sha256);
        r->from_us = found->from_us;
        r->until_us = found->until_us;
        r->n_outages = found->n;
        if (make_sources(reader, node, file_path, r, found))
            note(reader, provider, record, found);
        else
            reader->out_of_memory = true;
    }
    surety_record_episodes_destroy(found);
    surety_record_destroy(record);
    surety_record_destroy(reports);
}
