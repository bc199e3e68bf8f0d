// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_ENGINE_LOAD_SCENES_H
#define SURETY_ENGINE_LOAD_SCENES_H

#include "sim/base/err.h"

#include <stddef.h>
#include <stdint.h>

// What a tree with limited providers does in each of its states. The steady state under a load is a function of the
// level of load, of the effects that are on and of the controllers' modes: it is found once and kept.
//
// A walk is calm while no effect is on, no controller has a timer and nothing is down. Then the level alone decides, and
// the walk need not stop where the level changes and the tree does the same with it (surety_load_scenes_glide).

struct surety_walk;

struct surety_load_scene {
    uint64_t effects, modes;      // the key: effects that are on, a bit for each cursor; the controllers' modes;
    uint32_t level;               // and the level of load
    uint32_t latency;             // state of the root; UINT32_MAX: not yet asked for
    const double *rate;           // a rate of the ledger; NULL: not yet asked for, or nothing has a price
    double *f, *spill, *attempts; // of each node
    double *per_request;          // of each provider
    uint32_t *now;                // of each provider, as in struct surety_walk_load
};

struct surety_load_scenes;

#define SURETY_NO_SCENE UINT32_MAX

// *out is NULL where a key would not fit into 64 bits: then nothing is kept.
enum surety_err surety_load_scenes_create(const struct surety_walk *walk, struct surety_load_scenes **out);
void surety_load_scenes_destroy(struct surety_load_scenes *scenes); // accepts NULL

// The scene of the walk's level, effects and modes; SURETY_NO_SCENE: not kept.
uint32_t surety_load_scenes_find(const struct surety_walk *walk);

// Keeps what the iteration has found. SURETY_NO_SCENE: there is no more room, which costs time only.
uint32_t surety_load_scenes_keep(struct surety_walk *walk);

// A copy of the rates that lives as long as the scenes; NULL when memory is out.
const double *surety_load_scenes_keep_rates(struct surety_walk *walk, const double *rates);

// Puts the scene into the walk's tree.
void surety_load_scenes_show(struct surety_walk *walk, uint32_t scene);

// The scene that the walk is in; NULL: none.
struct surety_load_scene *surety_load_scenes_current(const struct surety_walk *walk);

// The walk is settled. In the calm, moves it on to the last epoch before the next event in which the tree does
// what it does now.
void surety_load_scenes_glide(struct surety_walk *walk);

// Books the epochs that were glided over. Before the walk's books are read.
void surety_load_scenes_book(struct surety_walk *walk);

#endif
