// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/episodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// An incident that passed, inside the span.
struct piece {
    int64_t from_us, to_us;
    double share;
    enum surety_grade grade;
    bool censored, cut_at_start;
};

struct work {
    const struct surety_episode_options *options;
    const struct surety_severity_profile *profile;
    struct surety_record_episodes *out;
    struct piece *pieces;
    size_t n, capacity_out;
    size_t *heap; // indices of pieces that have begun, the worst on top
    size_t n_heap;
};

// --- filters ----------------------------------------------------------------------------------------------------

static bool names_one(const struct surety_episode_options *o, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < o->n_components; j++)
            if (strcasecmp(names[i], o->components[j]) == 0)
                return true;
    return false;
}

static bool is_asked_for(struct work *w, const struct surety_incident *x)
{
    const struct surety_episode_options *o = w->options;
    if (o->provider != NULL && strcasecmp(o->provider, x->provider) != 0)
        return false;
    if (o->n_components > 0 && x->n_components == 0)
        w->out->n_unnamed++;
    if (o->n_components > 0 && !names_one(o, x->components, x->n_components))
        return false;
    return o->grades == 0 || (o->grades >> x->grade & 1U) != 0;
}

static void add_piece(struct work *w, const struct surety_incident *x)
{
    struct surety_record_episodes *out = w->out;
    const bool open = x->end_us == SURETY_STILL_OPEN;
    if (!is_asked_for(w, x))
        return;
    struct piece p = {.from_us = x->start_us,
                      .to_us = open ? out->until_us : x->end_us,
                      .share = isnan(x->share_failing) ? w->profile->grade[x->grade].share : x->share_failing,
                      .grade = x->grade};
    if (w->options->grades == 0 && p.share <= 0) {
        out->n_failing_nothing++;
        return;
    }
    if (open && w->options->drop_open)
        return;
    if (p.from_us >= out->until_us || p.to_us < out->from_us) {
        out->n_outside++;
        return;
    }
    if (!open && x->end_us == x->start_us) {
        out->n_instants++;
        return;
    }
    p.censored = p.to_us > out->until_us || open;
    p.cut_at_start = p.from_us < out->from_us;
    p.from_us = p.cut_at_start ? out->from_us : p.from_us;
    p.to_us = p.to_us > out->until_us ? out->until_us : p.to_us;
    if (p.from_us >= p.to_us)
        return;
    out->n_incidents++;
    out->n_open += p.censored;
    w->pieces[w->n++] = p;
}

// What was watched: the options' span, else from the first to the last of the records, or of the components' own.
static void find_span(struct work *w, const struct surety_record *const *records, size_t n_records)
{
    const struct surety_episode_options *o = w->options;
    int64_t from_us = INT64_MAX, until_us = INT64_MIN;
    for (size_t i = 0; i < n_records; i++) {
        int64_t from = records[i]->from_us, until = records[i]->until_us;
        bool own = false;
        for (size_t k = 0; k < records[i]->n_watches; k++) {
            const struct surety_watch *watch = &records[i]->watches[k];
            if ((o->n_components > 0 && !names_one(o, &watch->component, 1)) ||
                (o->provider != NULL && strcasecmp(o->provider, watch->provider) != 0))
                continue;
            from = !own || watch->from_us < from ? watch->from_us : from;
            until = !own || watch->until_us > until ? watch->until_us : until;
            own = true;
        }
        from_us = from < from_us ? from : from_us;
        until_us = until > until_us ? until : until_us;
    }
    w->out->from_us = o->has_from ? o->from_us : from_us;
    w->out->until_us = o->has_until ? o->until_us : until_us;
}

static bool names_provider(const struct surety_episode_options *o, const char *provider)
{
    return o->provider == NULL || strcasecmp(o->provider, provider) == 0;
}

// Whether the records speak of the provider, and of one of the components there, that are asked for. A misspelt name
// would otherwise be a service that never fails.
static bool are_named(const struct surety_episode_options *o, const struct surety_record *const *records, size_t n,
                      bool components)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < records[i]->n; k++) {
            const struct surety_incident *x = &records[i]->incidents[k];
            if (names_provider(o, x->provider) && (!components || names_one(o, x->components, x->n_components)))
                return true;
        }
        for (size_t k = 0; k < records[i]->n_watches; k++) {
            const struct surety_watch *watch = &records[i]->watches[k];
            if (names_provider(o, watch->provider) && (!components || names_one(o, &watch->component, 1)))
                return true;
        }
    }
    return false;
}

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->from_us != y->from_us)
        return x->from_us < y->from_us ? -1 : 1;
    if (x->to_us != y->to_us)
        return x->to_us < y->to_us ? -1 : 1;
    if (x->grade != y->grade)
        return x->grade < y->grade ? -1 : 1;
    return x->share < y->share ? -1 : x->share > y->share;
}

// The same outage once per component: same times and grade.
static void unite(struct work *w)
{
    size_t kept = 0;
    qsort(w->pieces, w->n, sizeof *w->pieces, by_start);
    for (size_t i = 0; i < w->n; i++) {
        struct piece *last = kept > 0 ? &w->pieces[kept - 1] : NULL;
        if (last != NULL && last->from_us == w->pieces[i].from_us && last->to_us == w->pieces[i].to_us &&
            last->grade == w->pieces[i].grade) {
            last->share = w->pieces[i].share; // sorted: the larger one
            w->out->n_united++;
            continue;
        }
        w->pieces[kept++] = w->pieces[i];
    }
    w->n = kept;
}

// --- a heap of what is on, the worst on top ---------------------------------------------------------------------

static bool is_worse(const struct work *w, size_t a, size_t b)
{
    const struct piece *x = &w->pieces[a], *y = &w->pieces[b];
    if (x->share != y->share)
        return x->share > y->share;
    if (x->grade != y->grade)
        return x->grade > y->grade;
    return x->to_us > y->to_us;
}

static void push(struct work *w, size_t piece)
{
    size_t i = w->n_heap++;
    for (; i > 0 && is_worse(w, piece, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = piece;
}

static void pop(struct work *w)
{
    const size_t last = w->heap[--w->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < w->n_heap; i = child) {
        if (child + 1 < w->n_heap && is_worse(w, w->heap[child + 1], w->heap[child]))
            child++;
        if (!is_worse(w, w->heap[child], last))
            break;
        w->heap[i] = w->heap[child];
    }
    w->heap[i] = last;
}

// --- merging ----------------------------------------------------------------------------------------------------

// An outage that is being put together.
struct joined {
    struct surety_record_episode episode; // its share: that of all stretches while they are alike
    double share_us;                      // integral of the share
    bool any, alike;
};

static void close_joined(struct work *w, struct joined *j)
{
    if (!j->any)
        return;
    if (!j->alike)
        j->episode.share = j->share_us / (double)(j->episode.to_us - j->episode.from_us);
    w->out->list[w->out->n++] = j->episode;
    j->any = false;
}

// A stretch during which `top` is the worst that is on. Returns whether an outage begins with it.
static bool add_stretch(struct work *w, struct joined *j, int64_t from_us, int64_t to_us, const struct piece *top)
{
    struct surety_record_episode *e = &j->episode;
    const bool touches = j->any && e->to_us == from_us;
    const bool alike = e->share == top->share && (w->options->merge != SURETY_MERGE_WORST || e->grade == top->grade);
    const bool begins = !touches || (w->options->merge == SURETY_MERGE_WORST && !alike);
    if (begins) {
        close_joined(w, j);
        *j = (struct joined){
            .episode = {.from_us = from_us, .grade = top->grade, .share = top->share}, .any = true, .alike = true};
    }
    j->alike &= begins || alike;
    j->share_us += top->share * (double)(to_us - from_us);
    e->to_us = to_us;
    e->grade = top->grade > e->grade ? top->grade : e->grade;
    return begins;
}

// The pieces [first, end), by start, into outages.
static void merge(struct work *w, size_t first, size_t end)
{
    struct joined j = {.any = false};
    size_t begun = 0; // pieces that began since the last outage was opened
    bool censored = false, cut = false;
    int64_t now_us = 0;
    w->n_heap = 0;
    for (size_t i = first; i < end || w->n_heap > 0;) {
        while (w->n_heap > 0 && w->pieces[w->heap[0]].to_us <= now_us)
            pop(w);
        if (w->n_heap == 0) {
            if (i == end)
                break;
            now_us = w->pieces[i].from_us > now_us ? w->pieces[i].from_us : now_us;
        }
        for (; i < end && w->pieces[i].from_us <= now_us; i++) {
            begun++;
            censored |= w->pieces[i].censored;
            cut |= w->pieces[i].cut_at_start;
            push(w, i);
        }
        const struct piece *top = &w->pieces[w->heap[0]];
        const int64_t next_us = i < end && w->pieces[i].from_us < top->to_us ? w->pieces[i].from_us : top->to_us;
        const bool begins = add_stretch(w, &j, now_us, next_us, top);
        j.episode.n_incidents = begins ? begun : j.episode.n_incidents + begun;
        j.episode.cut_at_start = cut || (!begins && j.episode.cut_at_start);
        begun = 0;
        cut = false;
        j.episode.censored = censored && next_us == w->out->until_us;
        now_us = next_us;
    }
    close_joined(w, &j);
}

static int by_grade(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    return x->grade != y->grade ? (x->grade < y->grade ? -1 : 1) : by_start(a, b);
}

static int by_start_of_episode(const void *a, const void *b)
{
    const struct surety_record_episode *x = a, *y = b;
    return x->from_us != y->from_us ? (x->from_us < y->from_us ? -1 : 1) : (int)x->grade - (int)y->grade;
}

static void merge_all(struct work *w)
{
    if (w->options->merge != SURETY_MERGE_PER_GRADE) {
        merge(w, 0, w->n);
        return;
    }
    qsort(w->pieces, w->n, sizeof *w->pieces, by_grade);
    for (size_t first = 0, end; first < w->n; first = end) {
        for (end = first + 1; end < w->n && w->pieces[end].grade == w->pieces[first].grade; end++)
            ;
        merge(w, first, end);
    }
    qsort(w->out->list, w->out->n, sizeof *w->out->list, by_start_of_episode);
}

// --- winsorising ------------------------------------------------------------------------------------------------

static int by_length(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

// The cap of a grade; INT64_MAX: none. lengths: room for all.
static int64_t cap_of(const struct work *w, enum surety_grade grade, int64_t *lengths)
{
    const struct surety_episode_options *o = w->options;
    int64_t cap_us = o->cap_us > 0 ? o->cap_us : INT64_MAX;
    size_t n = 0;
    for (size_t i = 0; i < w->out->n; i++)
        if (w->out->list[i].grade == grade && !w->out->list[i].censored)
            lengths[n++] = w->out->list[i].to_us - w->out->list[i].from_us;
    if (o->cap_quantile <= 0 || n == 0)
        return cap_us;
    qsort(lengths, n, sizeof *lengths, by_length);
    size_t rank = (size_t)ceil(o->cap_quantile * (double)n - 1e-9);
    rank = rank < 1 ? 1 : rank > n ? n : rank;
    return lengths[rank - 1] < cap_us ? lengths[rank - 1] : cap_us;
}

static enum surety_err winsorise(struct work *w)
{
    struct surety_record_episodes *out = w->out;
    if (w->options->cap_us <= 0 && w->options->cap_quantile <= 0)
        return SURETY_OK;
    int64_t *lengths = malloc((out->n + 1) * sizeof *lengths);
    out->capped = calloc(out->n + 1, sizeof *out->capped);
    if (lengths == NULL || out->capped == NULL) {
        free(lengths);
        return SURETY_E_MEMORY;
    }
    int64_t cap_us[SURETY_N_GRADES];
    for (int g = 0; g < SURETY_N_GRADES; g++)
        cap_us[g] = cap_of(w, (enum surety_grade)g, lengths);
    for (size_t i = 0; i < out->n; i++) {
        struct surety_record_episode *e = &out->list[i];
        if (e->to_us - e->from_us <= cap_us[e->grade])
            continue;
        const int64_t new_to_us = e->from_us + cap_us[e->grade];
        out->capped[out->n_capped++] = (struct surety_record_capped){e->from_us, e->to_us, new_to_us, e->grade};
        e->to_us = new_to_us;
    }
    free(lengths);
    return SURETY_OK;
}

// --- all of it --------------------------------------------------------------------------------------------------

void surety_record_episodes_destroy(struct surety_record_episodes *episodes)
{
    if (episodes == NULL)
        return;
    free(episodes->list);
    free(episodes->capped);
    free(episodes);
}

static enum surety_err complain(struct surety_diags *diags, enum surety_diag_id id, const char *hint, const char *what)
{
    surety_diag_add(diags, id, (struct surety_place){0, 0}, NULL, hint, "%s", what);
    return id == SURETY_D_MEMORY ? SURETY_E_MEMORY : SURETY_E_INPUT;
}

static enum surety_err check(const struct work *w, const struct surety_record *const *records, size_t n_records,
                             struct surety_diags *diags)
{
    if (w->options->provider != NULL && !are_named(w->options, records, n_records, false))
        return complain(diags, SURETY_D_RECORD_FORMAT, "leave `provider` out, or correct the name",
                        "no incident of the record names such a provider");
    if (w->options->n_components > 0 && !are_named(w->options, records, n_records, true))
        return complain(diags, SURETY_D_RECORD_FORMAT, "leave the filter out, or correct the name",
                        "no incident of the record names such a component");
    if (w->out->until_us <= w->out->from_us)
        return complain(diags, SURETY_D_RECORD_SPAN, "say another from and until",
                        "nothing was watched between the start and the end that are asked for");
    return SURETY_OK;
}

static enum surety_err fill(struct work *w, const struct surety_record *const *records, size_t n_records)
{
    size_t n = 0;
    for (size_t i = 0; i < n_records; i++)
        n += records[i]->n;
    w->pieces = calloc(n + 1, sizeof *w->pieces);
    w->heap = calloc(n + 1, sizeof *w->heap);
    w->out->list = calloc(2 * n + 1, sizeof *w->out->list); // a stretch ends where a piece begins or ends
    if (w->pieces == NULL || w->heap == NULL || w->out->list == NULL)
        return SURETY_E_MEMORY;
    for (size_t i = 0; i < n_records; i++)
        for (size_t k = 0; k < records[i]->n; k++)
            add_piece(w, &records[i]->incidents[k]);
    unite(w);
    merge_all(w);
    return winsorise(w);
}

enum surety_err surety_record_episodes_create(const struct surety_record *const *records, size_t n_records,
                                              const struct surety_episode_options *options, struct surety_diags *diags,
                                              struct surety_record_episodes **out)
{
    static const struct surety_episode_options plain = {.components = NULL};
    struct work w = {.options = options != NULL ? options : &plain};
    w.profile = w.options->profile != NULL ? w.options->profile : surety_severity_find(NULL);
    w.out = calloc(1, sizeof *w.out);
    if (w.out == NULL)
        return complain(diags, SURETY_D_MEMORY, NULL, "memory is out");
    find_span(&w, records, n_records);
    enum surety_err err = check(&w, records, n_records, diags);
    if (err == SURETY_OK && (err = fill(&w, records, n_records)) != SURETY_OK)
        complain(diags, SURETY_D_MEMORY, NULL, "memory is out");
    free(w.pieces);
    free(w.heap);
    if (err == SURETY_OK)
        *out = w.out;
    else
        surety_record_episodes_destroy(w.out);
    return err;
}
