// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Under AddressSanitizer each piece is a block of its own, so that reading past its end is seen.
#if defined(__SANITIZE_ADDRESS__)
#define SEPARATE true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEPARATE true
#endif
#endif
#ifndef SEPARATE
#define SEPARATE false
#endif

#define FIRST_BLOCK ((size_t)4096)
#define LARGEST_BLOCK ((size_t)1 << 20)

struct surety_arena_block {
    struct surety_arena_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

void surety_arena_init(struct surety_arena *arena)
{
    arena->head = NULL;
}

void surety_arena_finish(struct surety_arena *arena)
{
    struct surety_arena_block *block = arena->head;
    while (block != NULL) {
        struct surety_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}

void *surety_arena_alloc(struct surety_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        return NULL;
    // Size 0 takes a slot too, so that every pointer is unique.
    size_t need = size == 0 ? align : SEPARATE ? size : (size + align - 1) / align * align;
    struct surety_arena_block *block = arena->head;
    if (block == NULL || block->size - block->used < need) {
        size_t grown = block == NULL ? FIRST_BLOCK : block->size * 2;
        if (grown > LARGEST_BLOCK)
            grown = LARGEST_BLOCK;
        if (grown < need || SEPARATE)
            grown = need;
        block = calloc(1, sizeof *block + grown);
        if (block == NULL)
            return NULL;
        block->size = grown;
        block->next = arena->head;
        arena->head = block;
    }
    void *result = block->bytes + block->used;
    block->used += need;
    return result;
}

void *surety_arena_calloc(struct surety_arena *arena, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        return NULL;
    return surety_arena_alloc(arena, n * size);
}

char *surety_arena_strndup(struct surety_arena *arena, const char *text, size_t length)
{
    char *copy = length == SIZE_MAX ? NULL : surety_arena_alloc(arena, length + 1);
    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *surety_arena_printf(struct surety_arena *arena, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = length < 0 ? NULL : surety_arena_alloc(arena, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
