// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/base/diag.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What surety_diags_print writes; to be freed.
static char *printed(const struct surety_diags *diags)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    surety_diags_print(diags, out);
    fclose(out);
    return text;
}

Test(diag, each_kind_is_documented)
{
    for (int id = 0; id < SURETY_N_DIAG; id++) {
        const struct surety_diag_kind *kind = surety_diag_kind((enum surety_diag_id)id);
        cr_assert(kind->id != NULL && kind->text != NULL && kind->example != NULL && kind->cure != NULL, "row %d", id);
        cr_assert_eq(strspn(kind->id, "abcdefghijklmnopqrstuvwxyz-"), strlen(kind->id), "%s", kind->id);
        cr_assert_eq(surety_diag_find(kind->id), kind); // ids are unique
    }
    cr_assert_null(surety_diag_find("no-such-id"));
}

// These three come from the command line and the system, the others from scenarios (test_scenario.c).
Test(diag, kinds_of_the_program)
{
    struct surety_diags diags;
    surety_diags_init(&diags, "surety");
    struct surety_place nowhere = {0, 0};
    surety_diag_add(&diags, SURETY_D_USAGE, nowhere, NULL, "see --help", "unknown option %s", "--x");
    surety_diag_add(&diags, SURETY_D_MEMORY, nowhere, NULL, NULL, "memory is out");
    surety_diag_add(&diags, SURETY_D_TOOL, nowhere, NULL, NULL, "gnuplot not found");
    char *text = printed(&diags);
    cr_assert_str_eq(text,
                     "surety: error[usage]: unknown option --x, see --help\nsurety: error[memory]: memory is out\n"
                     "surety: error[tool]: gnuplot not found\n3 errors\n");
    free(text);
    surety_diags_finish(&diags);
}

Test(diag, sorted_with_line_and_caret)
{
    struct surety_diags diags;
    surety_diags_init(&diags, "a.yaml");
    diags.source = "one: 1\n\ttwo: \xC3\xA4x\n";
    diags.source_length = strlen(diags.source);
    surety_diag_add(&diags, SURETY_D_WARN_PRICE, (struct surety_place){2, 8}, "two", NULL, "no price");
    surety_diag_add(&diags, SURETY_D_VALUE, (struct surety_place){1, 6}, "one", "write 1s", "no unit");
    char *text = printed(&diags);
    cr_assert_str_eq(text, "a.yaml:1:6: error[value]: one: no unit, write 1s\n"
                           "     1 | one: 1\n       |      ^\n"
                           "a.yaml:2:8: warning[no-price]: two: no price\n"
                           "     2 |  two: \xC3\xA4x\n       |        ^\n1 error, 1 warning\n");
    cr_assert_eq(diags.n_errors, 1);
    free(text);
    surety_diags_finish(&diags);
}

Test(diag, control_characters_are_escaped)
{
    struct surety_diags diags;
    surety_diags_init(&diags, "a\033.yaml");
    diags.source = "x: \033[31m\x80\n";
    diags.source_length = strlen(diags.source);
    surety_diag_add(&diags, SURETY_D_VALUE, (struct surety_place){1, 9}, "x\n", "\xE2\x80\xAE",
                    "got \x07\xC0\x80 and \xC2\x9B");
    char *text = printed(&diags);
    for (const char *at = text; *at != '\0'; at++)
        cr_assert(*at == '\n' || ((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7F), "byte %02X",
                  (unsigned char)*at);
    cr_assert(
        strstr(text, "a\\x1B.yaml:1:9: error[value]: x\\x0A: got \\x07\\xC0\\x80 and \\xC2\\x9B, \\xE2\\x80\\xAE") !=
        NULL);
    free(text);
    surety_diags_finish(&diags);
}

Test(diag, places_of_overrides)
{
    struct surety_diags diags;
    surety_diags_init(&diags, "a.yaml");
    const char *paths[] = {"term.months", "contract.fee"};
    cr_assert(surety_diags_name_sets(&diags, paths, 2));
    surety_diag_add(&diags, SURETY_D_VALUE, (struct surety_place){0, 2}, "contract.fee", NULL, "no currency");
    char *text = printed(&diags);
    cr_assert_str_eq(text, "--set contract.fee: error[value]: contract.fee: no currency\n1 error\n");
    free(text);
    surety_diags_finish(&diags);
}

Test(diag, long_lines_are_cut_around_the_caret)
{
    char source[5001];
    memset(source, 'x', 5000);
    source[5000] = '\0';
    source[3999] = '#';
    struct surety_diags diags;
    surety_diags_init(&diags, "a.yaml");
    diags.source = source;
    diags.source_length = 5000;
    surety_diag_add(&diags, SURETY_D_VALUE, (struct surety_place){1, 4000}, "", NULL, "here");
    char *text = printed(&diags);
    cr_assert_lt(strlen(text), 400);
    const char *line = strstr(text, "     1 | "), *below = strstr(line, "\n");
    cr_assert_eq(strchr(line, '#') - line, strchr(below, '^') - below - 1);
    free(text);
    surety_diags_finish(&diags);
}

Test(diag, very_many_messages)
{
    struct surety_diags diags;
    surety_diags_init(&diags, "a.yaml");
    for (size_t i = 0; i < SURETY_DIAGS_MAX + 5; i++)
        surety_diag_add(&diags, SURETY_D_VALUE, (struct surety_place){1, 1}, "", NULL, "%zu", i);
    cr_assert_eq(diags.n, SURETY_DIAGS_MAX);
    cr_assert_eq(diags.n_errors, SURETY_DIAGS_MAX + 5);
    char *text = printed(&diags);
    cr_assert(strstr(text, "... and 5 more messages") != NULL && strstr(text, "1005 errors") != NULL);
    free(text);
    surety_diags_finish(&diags);
}

Test(diag, did_you_mean)
{
    static const char *const words[] = {"detect", "switch", "failback", "success", "down_at"};
    const size_t n = sizeof words / sizeof *words, stride = sizeof *words;
    cr_assert_str_eq(surety_did_you_mean("detct", words, n, stride), "detect");
    cr_assert_str_eq(surety_did_you_mean("dtect", words, n, stride), "detect");
    cr_assert_str_eq(surety_did_you_mean("swicth", words, n, stride), "switch"); // a swap is one step
    cr_assert_str_eq(surety_did_you_mean("fail_back", words, n, stride), "failback");
    cr_assert_str_eq(surety_did_you_mean("Down-At", words, n, stride), "down_at");
    cr_assert_null(surety_did_you_mean("availability", words, n, stride));
    cr_assert_null(surety_did_you_mean("", words, n, stride));
    cr_assert_null(surety_did_you_mean("x", words, n, stride));
    cr_assert_null(surety_did_you_mean("detect", words, 0, stride));
}

Test(diag, arena)
{
    struct surety_arena arena;
    surety_arena_init(&arena);
    char *a = surety_arena_alloc(&arena, 0), *b = surety_arena_alloc(&arena, 0);
    cr_assert(a != NULL && b != NULL && a != b);
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *bytes = surety_arena_alloc(&arena, size);
        cr_assert_eq((size_t)bytes % sizeof(long double), 0);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(bytes[i], 0);
        memset(bytes, 0xAA, size);
    }
    cr_assert_null(surety_arena_calloc(&arena, (size_t)-1 / 2, 4));
    cr_assert_null(surety_arena_alloc(&arena, (size_t)-1));
    cr_assert_str_eq(surety_arena_strndup(&arena, "abcdef", 3), "abc");
    cr_assert_str_eq(surety_arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    surety_arena_finish(&arena);
    surety_arena_finish(&arena);
}
