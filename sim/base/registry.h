// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_REGISTRY_H
#define SURETY_BASE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The tables through which models plug in. The reader (sim/scenario) walks field rows, the engine (sim/engine) calls
// node and meter rows; neither knows a model by name.

// --- fields: one row drives parsing, defaults, ranges, `schema`, `explain` and "did you mean" ------------------

enum surety_kind {
    SURETY_KIND_DURATION,    // double, seconds
    SURETY_KIND_DURATION_US, // int64_t, microseconds
    SURETY_KIND_SHARE,       // double in [0, 1], rounded to 1e-9
    SURETY_KIND_PPB,         // int64_t, a share in 1e-9
    SURETY_KIND_FACTOR,      // double > 0, written 1.6x
    SURETY_KIND_POINTS,      // double in [-1, 1], a difference of shares, rounded to 1e-9: -2pp -> -0.02
    SURETY_KIND_GROWTH,      // double, per window: 2%/month -> 0.02
    SURETY_KIND_RATE,        // double, per second
    SURETY_KIND_MONEY,       // double in the scenario's currency, per SI unit of the row's `per`
    SURETY_KIND_COUNT,       // double >= 0, with k, M, G
    SURETY_KIND_NUMBER,      // double, without a unit
    SURETY_KIND_INTEGER,     // int64_t
    SURETY_KIND_WORD,        // int, index into `words`; -1 when absent without a fallback
    SURETY_KIND_TEXT,        // const char *, any text
    SURETY_KIND_DATE,        // struct surety_date
    SURETY_KIND_LAW,         // struct surety_law, of durations (seconds)
    SURETY_KIND_COUNT_LAW,   // struct surety_law, of counts
    SURETY_KIND_MAP,         // a map whose keys are the rows of `sub`, stored in place at the offset
    SURETY_KIND_NAMED,       // a map of names to maps with the rows of `sub`: an array of item_size bytes each, its
                             // pointer at the offset, the number (size_t) at count_offset; an item begins with its
                             // const char *name
    SURETY_KIND_ROUTES,      // a list of routes: read by the reader of architectures, the row is for schema and explain
    SURETY_KIND_ROUTE, // one route, read by the same. With `sub`: a map of one name to these rows may stand in its
                       // place, a provider that never fails at this `price`, which is per task
    SURETY_KIND_SHARED_ROUTES, // a map of providers to shares, or a list of maps with the rows of `sub`: `share` (an
                               // int64_t) and `of`, a route. Read by the same: the shares, which sum to 1, go into an
                               // int64_t array at the offset; `max` is its length
    SURETY_KIND_CUSTOM         // read by `read`
};

// `offset` of a value that is checked and not stored
#define SURETY_NOWHERE SIZE_MAX

struct surety_reader; // the state of one reading, sim/scenario/schema.h
struct surety_ynode;  // a located node of the YAML tree, sim/scenario/ytree.h

struct surety_field {
    const char *name;
    enum surety_kind kind;
    bool required;
    bool above_min;           // min itself is refused
    bool later;               // part of scenario v1 that is refused with "not supported yet"
    size_t offset;            // of the value in the struct that the table fills, or SURETY_NOWHERE
    const char *fallback;     // the default, as a user would write it; read by the same parser. NULL: none, then an
                              // absent double is NAN, an absent word -1, all else zero
    double min, max;          // allowed values in SI units, both included; both 0: no limit beyond the kind's
    const char *per;          // money: allowed denominators, e.g. "month", "Mtok", "task"
    const char *const *words; // word: allowed words, NULL at the end. In other kinds words that may stand in the
        // value's place: `never` and `unlimited` store INFINITY (_US: SURETY_NEVER); another word 0 in a
        // double, -1 in an int64_t; named: no items
    const char *const *later_words;  // word: words refused with "not supported yet", NULL at the end; NULL: none
    const char *shorthand;           // map: the key that a bare value stands for; named: in each item; NULL: none
    size_t item_size, count_offset;  // named
    const struct surety_fields *sub; // map: its rows; custom: rows that schema and explain show below it, may be NULL
    // custom: reads `node` into `out`; adds a diagnostic per mistake; false when nothing was stored.
    bool (*read)(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out);
    const char *schema;    // custom: its JSON Schema fragment (one line of JSON); NULL: derived from `sub`
    const char *help;      // one or two sentences: what it means, its unit
    const char *example;   // a value as a user would write it
    size_t present_offset; // 0: none; else offset of a bool that becomes true when the key was written
    bool observable;       // rate: may be written {observed: {...}}
    const char *displaces; // a key of a catalogue entry beside this one that a written value of this row drops, as
                           // the two would contradict each other; NULL: none
};

struct surety_fields {
    const char *title; // what such a map is called in messages: "an outage"
    const struct surety_field *rows;
    size_t n;
    // Looks at the whole map after its rows were read into `out`: what depends on several keys. Adds a diagnostic per
    // mistake. clean: the rows had none; else only which keys were written may be looked at. NULL: nothing to look at.
    void (*check)(struct surety_reader *reader, const struct surety_ynode *node, const char *path, void *out,
                  bool clean);
};

// --- nodes of an architecture's tree --------------------------------------------------------------------------

struct surety_rng;       // keyed draws of one entity, sim/base/rng.h
struct surety_plan_node; // sim/scenario/plan.h

// What a node's update sees. Children are numbered 0..n-1 in the scenario's order.
struct surety_node_view {
    const void *params; // struct of the node's type, from its field rows
    void *state;        // state_size bytes of this node in this replication; NULL when state_size is 0
    size_t n_children;
    const double *const *child_f; // share of the requests failing at child i: *child_f[i], in [0, 1]
    const double *const
        *child_spill;       // of these, the share that the route is too full for and that may go on to another:
                            // *child_spill[i]; NULL: none
    struct surety_rng *rng; // draws of this node
};

// "no timer": later than any term
#define SURETY_NEVER INT64_MAX

// Why the service is down, for the split of its downtime. The order is that of result v1.
enum surety_phase {
    SURETY_PHASE_DETECTION,       // a route failed, the controller has not noticed
    SURETY_PHASE_SWITCHING,       // it has; traffic is being moved, or could not be
    SURETY_PHASE_BELOW_TRIP,      // the customer's meter calls it down, the controller does not
    SURETY_PHASE_ALL_ROUTES_DOWN, // there is nowhere to go
    SURETY_PHASE_COMMON_CAUSE,
    SURETY_PHASE_CAPACITY,
    SURETY_PHASE_MAINTENANCE,
    SURETY_N_PHASES
};

// What a node says of its failing requests as its state is.
struct surety_explanation {
    enum surety_phase phase;    // if ask_child is false
    int64_t detection_until_us; // until then the phase is detection; 0: it is not
    bool ask_child;             // the child that serves knows better; `phase` if that one has nothing to say
    bool all_children;          // the causes lie with all children, not only with `child`
    const double *share;        // of each child: one with share 0 carries nothing and is no cause; NULL: all carry
    uint32_t child;             // that serves
};

struct surety_composition; // models/response.h

struct surety_node_type {
    const char *name; // the key in the scenario: "failover"
    const char *help, *example;
    bool later; // part of scenario v1 that is refused with "not supported yet"; then only name and help count
    const struct surety_fields *fields; // own keys; NULL: the value is the list of children itself
    const char *children_key;           // key of the list of children inside the map: "order", "of"; NULL: see fields
    size_t min_children;
    size_t params_size;
    // Fills what a plain row cannot: defaults that depend on the contract (trip) or on another key. NULL: nothing.
    // Gives a message in *problem and *key when the values contradict each other.
    bool (*settle)(void *params, size_t n_children, int64_t down_at_ppb, const char **key, const char **problem);
    // How often the node is expected to act by itself in an outage of that many seconds; NULL: a few times.
    double (*attempts)(const void *params, double outage_s);
    size_t (*state_size)(size_t n_children); // NULL: no state
    // The state at the term's start, controller settled. Called once a replication before the first update.
    void (*start)(const struct surety_node_view *view);
    // Called when a child's f changed or the node's own timer is due, children first, all changes of one instant at
    // once. Returns the node's f; *timer_us is the next instant at which the node wants to be called by itself.
    double (*update)(const struct surety_node_view *view, int64_t now_us, int64_t *timer_us);
    // Number of leading children that the node watches. What update does may depend on no other child's f: those may
    // be stale. More may be watched than before only after an update at a due timer (or the first one); it is taken
    // back and repeated when a child that came into sight was not as it seemed. So a node that wants to act at once
    // sets its timer to now_us. NULL: all children, which a node without state always watches.
    size_t (*watch)(const struct surety_node_view *view);
    // f as the state and the children are, without a step of the controller. Nodes with a state only.
    double (*failing)(const struct surety_node_view *view);
    // All of the state that route and explain hang on, and f beside the routes' f, but for the instants that explain
    // tells: a number of that many bits. NULL: no state.
    uint64_t (*mode)(const struct surety_node_view *view);
    unsigned (*mode_bits)(size_t n_children);
    // Attempts that child i gets per request of the node, into load[0..n_children): what it answers of them is billed.
    void (*route)(const struct surety_node_view *view, double *load);
    void (*explain)(const struct surety_node_view *view, struct surety_explanation *explanation);
    // How long the node takes, from how long its routes take; of the routes with a share, or of all when f and load come
    // from it. Plan-time code.
    void (*compose)(struct surety_composition *composition);
    // f and attempts per route hang on latencies or on more than the routes' f: compose says what they are, update and
    // route only what they would be without. NULL: no.
    bool (*needs_response)(const void *params);
    // The pass rate of the node's answers from those of its children, given the attempts that each gets per request of
    // the node and the share of them that fails. NULL: the mean over the answers of all children.
    double (*blend)(size_t n_children, const double *load, const double *const *child_f, const double *const *rate);
    // Longest time that the node itself may add to those of its routes, seconds; NULL: none.
    double (*delay_s)(const void *params, size_t n_children);
    // True when the latencies of all routes have to be known. NULL: no.
    bool (*needs_laws)(const void *params);
    bool whole_is_no_sum;                      // the last token's time hangs on the first's: only nodes that do not
    bool splits_answers;                       // split the answers by their first token's time may stand above
    bool asks_all;                             // a request may take any of the routes, whatever `route` says
    size_t (*hashed_size)(const void *params); // leading bytes of params that are part of the plan's hash; NULL: all
};

// --- meters: how a contract reads availability ----------------------------------------------------------------

struct surety_meter_type; // models/measurement.h
struct surety_workload_kind;

// --- presets: words that stand for keys ------------------------------------------------------------------------

// An entry of the catalogue of providers, `use: NAME`.
struct surety_catalog_entry {
    const char *name;
    const char *text; // YAML: the map of one provider, without `use`
};

// An offer of reserved units, `reserved: {use: NAME}`.
struct surety_unit_offer {
    const char *name;
    const char *text; // YAML: keys of `reserved`, without `use` and `units`
    // For people:
    const char *unit;    // what one unit is called: "PTU"
    const char *carries; // tokens a minute, what an output token counts as, minimum and increment
    const char *price;   // of a unit
    const char *as_of, *source;
    const char *standing; // how its figures were seen: "document", "page excerpt", "third party", "price list"
};

// One key that a style of contract stands for.
struct surety_style_key {
    const char *path;   // below `contract`: "availability.measure"
    const char *value;  // as a user would write it
    const char *unless; // not taken when the scenario has this key below `contract`; NULL: only `path` counts
    bool needs_fee;     // taken only when a fee is given
    const char *source, *as_of;
    const char *seen; // whether the vendor's own text was seen, in words
};

// `contract.style: NAME`, and `profile: NAME` of a fallback, whose paths are below the fallback.
struct surety_style {
    const char *name, *help;
    const struct surety_style_key *keys;
    size_t n;
};

// What is known of the rate of outages of a class of services before any record: as if `count` had been seen in `over_s`.
struct surety_prior {
    const char *name, *help;
    double count, over_s; // a0, b0 of Gamma(a0 + n, b0 + T)
    const char *source;
};

// Everything the reader may plug in; built by models/registry.c and passed in by main.
struct surety_registry {
    const struct surety_fields *scenario;        // rows of the whole file
    const struct surety_node_type *const *nodes; // NULL at the end
    const struct surety_catalog_entry *catalog;  // a row with name NULL at the end; NULL: no catalogue
    const struct surety_unit_offer *unit_offers; // the same
    const struct surety_style *styles;           // the same
    const struct surety_style *profiles;         // the same: of `fallback`
    const struct surety_prior *priors;           // the same
};

#endif
