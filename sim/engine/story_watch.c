// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/engine/story_watch.h"

#include "models/balance.h"
#include "models/combine.h"
#include "models/failover.h"
#include "sim/base/ppb.h"
#include "sim/engine/story_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 160
#define SHARE_CARRYING 0.01 // a route that gets fewer of the requests is not named among those that serve

// --- lists -----------------------------------------------------------------------------------------------------

void *surety_story_room(struct surety_story_teller *teller, struct surety_story_list *list)
{
    if (teller->err != SURETY_OK)
        return NULL;
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        void *items = surety_arena_calloc(&teller->story->arena, capacity, list->size);
        if (items == NULL) {
            teller->err = SURETY_E_MEMORY;
            return NULL;
        }
        if (list->n > 0)
            memcpy(items, list->items, list->n * list->size);
        list->items = items;
        list->capacity = capacity;
    }
    return (char *)list->items + list->n++ * list->size;
}

void surety_story_add(struct surety_story_teller *teller, int64_t at_us, enum surety_story_kind kind, bool hurt,
                      const char *format, ...)
{
    char text[512], when[SURETY_SPAN_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    surety_story_date(when, &teller->story->clock, at_us);
    struct surety_story_event *event = surety_story_room(teller, &teller->events);
    if (event == NULL)
        return;
    *event = (struct surety_story_event){
        .at_us = at_us,
        .kind = kind,
        .hurt = hurt,
        .when = surety_arena_printf(&teller->story->arena, "%s", when),
        .text = surety_arena_printf(&teller->story->arena, "%s", text),
    };
    if (event->when == NULL || event->text == NULL)
        teller->err = SURETY_E_MEMORY;
}

// --- names -----------------------------------------------------------------------------------------------------

static bool is_a(const struct surety_walk *walk, uint32_t node,
                 double (*update)(const struct surety_node_view *, int64_t, int64_t *))
{
    const struct surety_node_type *type = walk->architecture->nodes[node].type;
    return type != NULL && type->update == update;
}

static bool is_failover(const struct surety_walk *walk, uint32_t node)
{
    return is_a(walk, node, surety_failover_update);
}

static uint32_t child_of(const struct surety_walk *walk, uint32_t node, uint32_t k)
{
    return walk->architecture->children[walk->architecture->nodes[node].first_child + k];
}

static void append(char name[NAME_SIZE], const char *text)
{
    const size_t used = strlen(name);
    snprintf(name + used, NAME_SIZE - used, "%s", text);
}

// Appends who serves below the node: a provider, the active route's name, or the names of all that carry traffic.
static void append_route(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node,
                         char name[NAME_SIZE])
{
    const struct surety_plan_node *n = &walk->architecture->nodes[node];
    if (n->type == NULL) {
        append(name, walk->plan->providers[n->provider].name);
        return;
    }
    double *load = &teller->loads[n->first_child];
    for (uint32_t k = 0; k < n->n_children; k++)
        load[k] = 1;
    if (n->type->route != NULL)
        n->type->route(&walk->views[node], load);
    const char *between = "";
    for (uint32_t k = 0; k < n->n_children; k++) {
        if (load[k] < SHARE_CARRYING)
            continue;
        append(name, between);
        append_route(teller, walk, child_of(walk, node, k), name);
        between = " + ";
    }
}

static void route_name(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node,
                       char name[NAME_SIZE])
{
    name[0] = '\0';
    append_route(teller, walk, node, name);
}

// Which controller it is, where there are several: " (failover.order[0].failover)".
static void controller_name(const struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node,
                            char name[NAME_SIZE])
{
    name[0] = '\0';
    if (teller->n_controllers < 2)
        return;
    const char *path = walk->architecture->nodes[node].path;
    for (int i = 0; i < 2 && strchr(path, '.') != NULL; i++) // without "architectures.NAME."
        path = strchr(path, '.') + 1;
    snprintf(name, NAME_SIZE, " (%s)", path);
}

// --- outages that are felt -------------------------------------------------------------------------------------

static void mark_hurt(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t provider)
{
    for (uint32_t c = walk->first_cursor[provider]; c < walk->first_cursor[provider + 1]; c++) {
        const struct surety_cursor *cursor = &walk->cursors[c];
        if (cursor->first == NULL || (cursor->next - cursor->first) % 2 == 0)
            continue;
        bool **hurt = &teller->hurt[cursor->effect];
        if (*hurt == NULL) {
            size_t n = 0;
            while (cursor->first[2 * n] != SURETY_NEVER)
                n++;
            *hurt = surety_arena_calloc(&teller->story->arena, n, sizeof **hurt);
        }
        if (*hurt == NULL)
            teller->err = SURETY_E_MEMORY;
        else
            (*hurt)[(cursor->next - cursor->first) / 2] = true;
    }
}

// Marks the outages that are on at the routes which carry the traffic, and at those ahead of them in an order.
static void mark_carrying(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node)
{
    const struct surety_plan_node *n = &walk->architecture->nodes[node];
    if (n->type == NULL) {
        mark_hurt(teller, walk, n->provider);
        return;
    }
    uint32_t n_felt = n->n_children;
    if (is_failover(walk, node)) {
        const struct surety_failover_state *s = walk->views[node].state;
        if (s->phase != SURETY_FAILOVER_FOLLOWING)
            n_felt = s->active + 1;
    }
    for (uint32_t k = 0; k < n_felt; k++)
        mark_carrying(teller, walk, child_of(walk, node, k));
}

// --- controllers -----------------------------------------------------------------------------------------------

static void tell_detected(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node,
                          const struct surety_failover_state *old, int64_t failed_us)
{
    const struct surety_failover_params *p = walk->views[node].params;
    if (teller->detected_us[node] == failed_us)
        return;
    teller->detected_us[node] = failed_us;
    char route[NAME_SIZE], controller[NAME_SIZE];
    route_name(teller, walk, child_of(walk, node, old->active), route);
    controller_name(teller, walk, node, controller);
    surety_story_add(teller, failed_us + p->detect_us, SURETY_STORY_DETECTED, true, "the failure of %s is detected%s",
                     route, controller);
}

static bool is_failback(const struct surety_failover_params *p, const struct surety_failover_state *old,
                        const struct surety_failover_state *s, int64_t now_us)
{
    if (s->active >= old->active || old->phase == SURETY_FAILOVER_FOLLOWING || p->failback_us == SURETY_NEVER)
        return false;
    const int64_t since_us = old->healthy_since_us[s->active];
    return since_us == SURETY_NEVER ? p->failback_us == 0 : since_us + p->failback_us <= now_us;
}

// An attempt to switch failed at this instant: the state says when the next is due.
static bool is_failed_attempt(const struct surety_failover_params *p, const struct surety_failover_state *old,
                              const struct surety_failover_state *s, int64_t now_us)
{
    if (s->phase == SURETY_FAILOVER_STUCK)
        return old->phase != SURETY_FAILOVER_STUCK;
    if (s->phase != SURETY_FAILOVER_PENDING)
        return false;
    if (old->phase == SURETY_FAILOVER_PENDING)
        return old->attempt_us <= now_us && s->attempt_us > now_us && s->failed_us == old->failed_us;
    return s->attempt_us != now_us + p->detect_us + p->switch_us; // failed and tried in one instant
}

// Tells what the controller did between its last state and this one. True when it did something.
static bool tell_controller(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node,
                            int64_t now_us)
{
    const struct surety_failover_params *p = walk->views[node].params;
    const struct surety_failover_state *s = walk->views[node].state;
    const struct surety_failover_state *old =
        (const void *)(teller->states + walk->architecture->nodes[node].state_offset);
    const int64_t failed_us = old->phase == SURETY_FAILOVER_SERVING ? now_us : old->failed_us;
    char route[NAME_SIZE], controller[NAME_SIZE], span[SURETY_SPAN_SIZE], when[SURETY_SPAN_SIZE];
    route_name(teller, walk, child_of(walk, node, s->active), route);
    controller_name(teller, walk, node, controller);
    // Detection is no instant of the walk: it is looked back upon.
    if (old->phase == SURETY_FAILOVER_PENDING && old->failed_us + p->detect_us < now_us)
        tell_detected(teller, walk, node, old, old->failed_us);
    if (old->phase == SURETY_FAILOVER_FOLLOWING) {
        if (s->active == old->active)
            return false;
        surety_story_add(teller, now_us, SURETY_STORY_SWITCHED, true,
                         s->phase == SURETY_FAILOVER_FOLLOWING ? "traffic moves to %s, which fails the least%s"
                                                               : "traffic moves to %s, which is healthy%s",
                         route, controller);
    } else if (is_failback(p, old, s, now_us)) {
        surety_story_span(span, p->failback_us);
        surety_story_add(teller, now_us, SURETY_STORY_FAILBACK, true, "traffic returns to %s, healthy for %s%s", route,
                         span, controller);
    } else if (s->phase == SURETY_FAILOVER_FOLLOWING) {
        tell_detected(teller, walk, node, old, failed_us);
        surety_story_percent(span, *walk->views[node].child_f[s->active]);
        surety_story_add(teller, now_us, SURETY_STORY_NO_ROUTE, true,
                         s->active == old->active
                             ? "no route is healthy: traffic stays on %s, where %s of requests fail%s"
                             : "no route is healthy: traffic goes to %s, where %s of requests fail%s",
                         route, span, controller);
    } else if (s->active != old->active) {
        tell_detected(teller, walk, node, old, failed_us);
        surety_story_add(teller, now_us, SURETY_STORY_SWITCHED, true, "traffic switches to %s%s", route, controller);
    } else if (is_failed_attempt(p, old, s, now_us)) {
        tell_detected(teller, walk, node, old, failed_us);
        surety_story_date(span, &teller->story->clock, now_us);
        surety_story_date(when, &teller->story->clock, s->phase == SURETY_FAILOVER_STUCK ? now_us : s->attempt_us);
        if (s->phase == SURETY_FAILOVER_STUCK)
            surety_story_add(teller, now_us, SURETY_STORY_SWITCH_FAILED, true,
                             "the switch fails and is not tried again: traffic stays on %s%s", route, controller);
        else
            surety_story_add(teller, now_us, SURETY_STORY_SWITCH_FAILED, true,
                             "the switch fails, the next try is due at %s%s",
                             memcmp(when, span, 10) == 0 ? when + 11 : when, controller);
    } else {
        return false;
    }
    return true;
}

// Who left the pool of a balance since the last instant, and who came back. True when somebody did.
static bool tell_pool(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node, int64_t now_us)
{
    const struct surety_balance_params *p = walk->views[node].params;
    const struct surety_balance_state *s = walk->views[node].state;
    const struct surety_balance_state *old =
        (const void *)(teller->states + walk->architecture->nodes[node].state_offset);
    const uint32_t n = walk->architecture->nodes[node].n_children, all = (uint32_t)((UINT64_C(1) << n) - 1);
    char route[NAME_SIZE], controller[NAME_SIZE], span[SURETY_SPAN_SIZE];
    if (s->out == old->out)
        return false;
    controller_name(teller, walk, node, controller);
    for (uint32_t i = 0; i < n; i++) {
        if (((s->out ^ old->out) >> i & 1) == 0)
            continue;
        const bool left = s->out >> i & 1;
        route_name(teller, walk, child_of(walk, node, i), route);
        surety_story_span(span, left ? p->detect_us : p->failback_us);
        surety_story_add(teller, now_us, left ? SURETY_STORY_LEFT : SURETY_STORY_REJOINED, true,
                         left ? "%s leaves the pool, failing for %s%s" : "%s rejoins the pool, healthy for %s%s", route,
                         span, controller);
    }
    if (s->out == all)
        surety_story_add(teller, now_us, SURETY_STORY_NO_ROUTE, true,
                         "nobody is left in the pool: all routes carry their shares%s", controller);
    return true;
}

// Whether the substitute of a degrade began or ceased to serve. True when it did.
static bool tell_degrade(struct surety_story_teller *teller, const struct surety_walk *walk, uint32_t node,
                         int64_t now_us)
{
    enum { NORMAL, TO };
    const struct surety_degrade_params *p = walk->views[node].params;
    const bool degraded = surety_reaches(*walk->views[node].child_f[NORMAL], p->trip_ppb);
    char normal[NAME_SIZE], to[NAME_SIZE], controller[NAME_SIZE];
    if (degraded == teller->degraded[node])
        return false;
    teller->degraded[node] = degraded;
    route_name(teller, walk, child_of(walk, node, NORMAL), normal);
    route_name(teller, walk, child_of(walk, node, TO), to);
    controller_name(teller, walk, node, controller);
    if (degraded)
        surety_story_add(teller, now_us, SURETY_STORY_DEGRADED, true, "%s serves instead of %s%s%s", to, normal,
                         p->counts_as == SURETY_COUNTS_DOWN ? ", which counts as down" : "", controller);
    else
        surety_story_add(teller, now_us, SURETY_STORY_NORMAL, true, "%s serves again%s", normal, controller);
    return true;
}

// --- the service and its traffic -------------------------------------------------------------------------------

// Ends the stretch that began at since_us.
static void end_stretch(struct surety_story_teller *teller, const struct surety_walk *walk, int64_t now_us)
{
    if (now_us > teller->since_us && (teller->f != walk->f_normal || teller->is_down)) {
        struct surety_story_bar *bar = surety_story_room(teller, &teller->service);
        if (bar != NULL)
            *bar = (struct surety_story_bar){.lane = "service",
                                             .from_us = teller->since_us,
                                             .to_us = now_us,
                                             .share_failing = teller->f,
                                             .is_service = true,
                                             .is_down = teller->is_down,
                                             .hurt = true};
    }
    teller->since_us = now_us;
}

static void tell_service(struct surety_story_teller *teller, const struct surety_walk *walk, int64_t now_us)
{
    const double f = walk->f_root;
    const bool is_down = surety_reaches(f, walk->plan->down_at_ppb);
    char text[SURETY_SPAN_SIZE];
    if (f == teller->f && now_us > 0)
        return;
    end_stretch(teller, walk, now_us);
    if (is_down && !teller->is_down) {
        surety_story_add(teller, now_us, SURETY_STORY_DOWN, true, "the service is down");
        teller->down_since_us = now_us;
    } else if (!is_down && teller->is_down) {
        surety_story_span(text, now_us - teller->down_since_us);
        surety_story_add(teller, now_us, SURETY_STORY_UP, true, "the service is up after %s%s", text,
                         now_us - teller->down_since_us < walk->plan->minimum_outage_us ? ", too short to count" : "");
    }
    teller->f = f;
    teller->is_down = is_down;
}

static void end_route(struct surety_story_teller *teller, int64_t now_us)
{
    if (teller->route != NULL && now_us > teller->route_since_us) {
        struct surety_story_route *route = surety_story_room(teller, &teller->routes);
        if (route != NULL)
            *route = (struct surety_story_route){teller->route, teller->route_since_us, now_us};
    }
    teller->route_since_us = now_us;
}

static void tell_route(struct surety_story_teller *teller, const struct surety_walk *walk, int64_t now_us)
{
    char name[NAME_SIZE];
    route_name(teller, walk, walk->architecture->n_nodes - 1, name);
    if (teller->route != NULL && strcmp(teller->route, name) == 0)
        return;
    end_route(teller, now_us);
    teller->route = surety_arena_printf(&teller->story->arena, "%s", name);
    if (teller->route == NULL)
        teller->err = SURETY_E_MEMORY;
}

// --- the observer ----------------------------------------------------------------------------------------------

enum surety_err surety_story_watch_init(struct surety_story_teller *teller, const struct surety_walk *walk)
{
    struct surety_arena *arena = &teller->story->arena;
    const size_t n = walk->architecture->n_nodes;
    teller->states = surety_arena_calloc(arena, walk->architecture->state_size + 1, 1);
    teller->detected_us = surety_arena_calloc(arena, n, sizeof *teller->detected_us);
    teller->loads = surety_arena_calloc(arena, n, sizeof *teller->loads);
    teller->hurt = surety_arena_calloc(arena, walk->plan->n_effects, sizeof *teller->hurt);
    teller->degraded = surety_arena_calloc(arena, n, sizeof *teller->degraded);
    if (teller->degraded == NULL || teller->states == NULL || teller->detected_us == NULL || teller->loads == NULL ||
        teller->hurt == NULL)
        return SURETY_E_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        teller->detected_us[i] = -1;
        teller->n_controllers +=
            is_failover(walk, i) || is_a(walk, i, surety_balance_update) || is_a(walk, i, surety_degrade_update);
    }
    teller->events.size = sizeof(struct surety_story_event);
    teller->bars.size = sizeof(struct surety_story_bar);
    teller->service.size = sizeof(struct surety_story_bar);
    teller->routes.size = sizeof(struct surety_story_route);
    return SURETY_OK;
}

void surety_story_watch_instant(void *context, const struct surety_walk *walk, int64_t now_us)
{
    struct surety_story_teller *teller = context;
    const struct surety_plan_architecture *a = walk->architecture;
    bool acted = false;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        if (is_a(walk, i, surety_degrade_update))
            acted = tell_degrade(teller, walk, i, now_us) || acted;
        else if (now_us > 0 && is_failover(walk, i))
            acted = tell_controller(teller, walk, i, now_us) || acted;
        else if (now_us > 0 && is_a(walk, i, surety_balance_update))
            acted = tell_pool(teller, walk, i, now_us) || acted;
    }
    tell_service(teller, walk, now_us);
    tell_route(teller, walk, now_us);
    if (acted || walk->f_root != walk->f_normal)
        mark_carrying(teller, walk, a->n_nodes - 1);
    memcpy(teller->states, walk->state, a->state_size);
}

void surety_story_watch_end(struct surety_story_teller *teller, const struct surety_walk *walk)
{
    const int64_t end_us = walk->plan->term_us;
    for (uint32_t i = 0; i < walk->architecture->n_nodes; i++) {
        if (!is_failover(walk, i))
            continue;
        const struct surety_failover_state *s = walk->views[i].state;
        const struct surety_failover_params *p = walk->views[i].params;
        if (s->phase == SURETY_FAILOVER_PENDING && s->failed_us + p->detect_us < end_us)
            tell_detected(teller, walk, i, s, s->failed_us);
    }
    end_stretch(teller, walk, end_us);
    end_route(teller, end_us);
}
