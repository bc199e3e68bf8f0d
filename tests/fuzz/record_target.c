// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_record.h"

#include "sim/record/episodes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What record.h promises of incidents.
static void check_record(const struct surety_record *record)
{
    assert(record->from_us < record->until_us);
    for (size_t i = 0; i < record->n; i++) {
        const struct surety_incident *x = &record->incidents[i];
        assert(x->end_us >= x->start_us && x->grade < SURETY_N_GRADES && x->id != NULL && x->provider != NULL);
        assert(!(x->share_failing < 0) && !(x->share_failing > 1));
        assert(i == 0 || x[-1].start_us <= x->start_us);
        for (size_t k = 0; k < x->n_components; k++)
            assert(x->components[k][0] != '\0');
    }
}

// What episodes.h promises of outages.
static void check_episodes(const struct surety_record *record, const struct surety_episode_options *options)
{
    struct surety_diags diags;
    struct surety_record_episodes *found = NULL;
    int64_t last_us[SURETY_N_GRADES] = {0};
    surety_diags_init(&diags, "fuzz");
    const enum surety_err err = surety_record_episodes_create(&record, 1, options, &diags, &found);
    assert((err == SURETY_OK) == (diags.n_errors == 0));
    for (size_t i = 0; err == SURETY_OK && i < found->n; i++) {
        const struct surety_record_episode *e = &found->list[i];
        int64_t *before_us = &last_us[options->merge == SURETY_MERGE_PER_GRADE ? e->grade : 0];
        assert(e->from_us < e->to_us && e->from_us >= found->from_us && e->to_us <= found->until_us);
        assert(e->from_us >= *before_us && e->share >= 0 && e->share <= 1 + 1e-9);
        *before_us = e->to_us;
    }
    surety_record_episodes_destroy(found);
    surety_diags_finish(&diags);
}

int surety_fuzz_record(const char *format, const uint8_t *data, size_t size)
{
    // The first byte chooses the options.
    const uint8_t flags = size > 0 ? data[0] : 0;
    const struct surety_record_options options = {.format = format,
                                                  .from_stages = flags & 1,
                                                  .until_monitoring = flags & 2,
                                                  .drop_disordered = flags & 4,
                                                  .severity = flags & 8 ? "" : NULL};
    struct surety_diags diags;
    struct surety_record *record = NULL;
    surety_diags_init(&diags, "fuzz");
    const enum surety_err err =
        surety_record_parse("fuzz", (const char *)data + (size > 0), size - (size > 0), &options, &diags, &record);
    assert((err == SURETY_OK) == (record != NULL));
    assert((err == SURETY_OK) == (diags.n_errors == 0));
    if (record != NULL) {
        check_record(record);
        for (int merge = SURETY_MERGE_PER_GRADE; merge <= SURETY_MERGE_WORST; merge++) {
            const struct surety_episode_options how = {.merge = (enum surety_record_merge)merge,
                                                       .cap_quantile = flags & 16 ? 0.9 : 0,
                                                       .drop_open = flags & 32};
            check_episodes(record, &how);
        }
    }
    char *messages = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&messages, &length);
    if (out != NULL) {
        surety_diags_print(&diags, out);
        fclose(out);
    }
    free(messages);
    surety_record_destroy(record);
    surety_diags_finish(&diags);
    return 0;
}
