// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_ARENA_H
#define SURETY_BASE_ARENA_H

#include <stddef.h>

// Memory that is given back all at once. A scenario and a plan each live in one arena, so their pointers may
// point anywhere inside and no error path has to free parts.
struct surety_arena {
    struct surety_arena_block *head; // newest block; NULL: empty
};

// An empty arena owns nothing: init cannot fail.
void surety_arena_init(struct surety_arena *arena);

// Frees everything. Accepts an arena that was finished before.
void surety_arena_finish(struct surety_arena *arena);

// `size` zeroed bytes aligned for any type; size 0 gives a valid unique pointer. NULL when memory is out.
void *surety_arena_alloc(struct surety_arena *arena, size_t size);

// n * size zeroed bytes; NULL on overflow or when memory is out.
void *surety_arena_calloc(struct surety_arena *arena, size_t n, size_t size);

// A copy of text[0..length) with a closing 0; NULL when memory is out.
char *surety_arena_strndup(struct surety_arena *arena, const char *text, size_t length);

// printf into the arena; NULL when memory is out.
char *surety_arena_printf(struct surety_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
