// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_REQUESTS_ASK_H
#define SURETY_REQUESTS_ASK_H

#include "sim/requests/batch.h"
#include "sim/requests/cooldown.h"
#include "sim/requests/draws.h"
#include "sim/requests/units.h"
#include "sim/requests/world.h"

// One request through an architecture: what each kind of node does with it. Written from docs/semantics.md, apart from
// the composed laws of the event engine, which it is held against.
//
// A request is played from its start to its end in one go as long as nothing on its way depends on what other requests
// do. Where something does, such as a cooldown, the answer to that question goes into the request's log; a question that
// lies in the future stops the request, and it is played again from its start, with the same draws and the log, when
// that instant has come. So all questions are answered in the order of time. A question's answer is a number: a queue's
// wait can stand there as well as a passage.

// How a request, or a part of it, ended. Seconds from the request's arrival; INFINITY: never.
struct surety_reply {
    double first_s;  // the first token; INFINITY: it was not answered
    double rest_s;   // from there to the last token
    double failed_s; // not answered: when that was known
    bool refused;    // not answered, because the provider was full
    uint32_t job;    // that tells, later, what else follows the first token; 0: none
};

struct surety_ask;

// Plays a request that comes to node `node` at at_s after its arrival.
typedef void surety_ask_rule(struct surety_ask *ask, uint32_t node, double at_s, struct surety_reply *out);

// One architecture's requests; one thread's.
struct surety_ask {
    const struct surety_plan *plan;
    const struct surety_plan_architecture *architecture;
    const struct surety_request_laws *laws;
    const uint32_t *node_streams;
    struct surety_requests_world *world;
    struct surety_route_world *routes;
    surety_ask_rule **rules;             // of each node
    bool remembers;                      // some node has a cooldown, some provider limits: requests meet each other
    struct surety_cooldown *cooldowns;   // of each link, as architecture->children
    struct surety_limit *limits;         // of each provider; NULL: the plan knows of none
    struct surety_batch_server *batches; // the same
    struct surety_units_meter *units;    // the same
    struct surety_batch_jobs jobs;       // of all of them
    struct surety_request_events events;
    size_t most_questions; // that one request may put
    // the request at hand
    struct surety_draws *draws; // of its workload
    uint32_t request;
    int64_t arrival_us, now_us; // now: up to which everything has happened
    uint32_t *n_visits;         // so far, to each provider
    uint32_t *own_jobs;         // in batches; n_own_jobs of at most most_questions
    size_t n_own_jobs;
    uint32_t *n_node_draws;         // so far, at each node
    uint32_t n_attempts, n_refused; // visits to providers; of them turned away by limits
    double cost;
    double *log; // its questions' answers, three of each limited provider; n_log of them are known
    size_t n_log, n_asked, n_noted, n_told;
    bool stopped; // at stopped_us it goes on
    int64_t stopped_us;
    enum surety_err err;
};

// The rules of the nodes' types. SURETY_E_MEMORY; SURETY_E_INPUT with a diagnostic for a type that has none. To be
// finished in every case.
enum surety_err surety_ask_init(struct surety_ask *ask, const struct surety_plan *plan, size_t architecture,
                                const struct surety_request_laws *laws, struct surety_requests_world *world,
                                struct surety_diags *diags);
void surety_ask_finish(struct surety_ask *ask);

// A new world, from from_us on: gateways remember nothing, and who has limits is empty.
void surety_ask_begin(struct surety_ask *ask, int64_t from_us);

// Lets what batches still work on end.
void surety_ask_run_out(struct surety_ask *ask);

// Plays the request `request` of `draws`' workload, which came at arrival_us, as far as it goes now; ask->stopped: it
// waits for stopped_us.
void surety_ask_play(struct surety_ask *ask, struct surety_draws *draws, uint32_t request, int64_t arrival_us,
                     struct surety_reply *out);

// The instant that lies at_s after the request's arrival.
static inline int64_t surety_ask_instant(const struct surety_ask *ask, double at_s)
{
    return ask->arrival_us + (int64_t)(at_s * 1e6 + 0.5);
}

// Whether the next question at at_s may be put: true with *answer NULL where it has to be answered now, and told by
// surety_ask_answer; with the answer where the log has it. False: it lies in the future, and the request stops.
// (provider.c)
bool surety_ask_question(struct surety_ask *ask, double at_s, const double **answer);
double surety_ask_answer(struct surety_ask *ask, double answer);

// Whether requests at the provider bear upon each other: it has limits or reserved units.
bool surety_ask_is_limited(const struct surety_plan *plan, uint32_t provider);

// The limits of all providers, empty from from_us on (provider.c). SURETY_E_MEMORY.
enum surety_err surety_ask_init_limits(struct surety_ask *ask);
void surety_ask_begin_limits(struct surety_ask *ask, int64_t from_us);
void surety_ask_finish_limits(struct surety_ask *ask);

// The rules of providers without limits, and with them (provider.c).
surety_ask_rule surety_ask_free_provider, surety_ask_limited_provider;

#endif
