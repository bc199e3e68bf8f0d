// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_RECORDED_EPISODES_H
#define SURETY_MODELS_RECORDED_EPISODES_H

#include "models/episodes.h"

// The episodes of a source that is a record. With its own dates: as they are. As moving blocks: block b of the term,
// from b x block on, is the stretch of the record that begins at the same point of the week in a week k, drawn
// uniformly with draw b of the source's stream, which all records with blocks of this length share. The record is
// a circle of whole weeks, so every instant of it is equally likely at every instant of the term that stands at the
// same point of the week: over whole weeks the mean is the record's. An episode that the edge of a block cuts ends
// there; two that meet at an edge are one.
// Source: H. R. Kuensch (1989), The jackknife and the bootstrap for general stationary observations; circular blocks:
// D. N. Politis and J. P. Romano (1992). SURETY_E_MEMORY.
enum surety_err surety_episodes_of_record(const struct surety_plan_source *source, struct surety_philox_key key,
                                          uint64_t replication, int64_t term_us, struct surety_episodes *out);

#endif
