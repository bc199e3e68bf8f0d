// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario/ytree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct surety_arena arena;
static struct surety_diags diags;
static struct surety_ynode *root;

static enum surety_err read_bytes(const char *text, size_t length)
{
    surety_arena_init(&arena);
    surety_diags_init(&diags, "test.yaml");
    root = NULL;
    return surety_ytree_read(&arena, text, length, &diags, &root);
}

static enum surety_err read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void done(void)
{
    surety_diags_finish(&diags);
    surety_arena_finish(&arena);
}

// The text gives exactly one message, with this id, at this place, that contains `part`.
static void expect(const char *text, size_t length, enum surety_diag_id id, size_t line, size_t column,
                   const char *part)
{
    read_bytes(text, length);
    cr_assert_eq(diags.n_errors, 1, "%zu errors in: %.60s", diags.n_errors, text);
    const struct surety_diag *diag = &diags.list[0];
    cr_assert_eq(diag->id, id, "id %s in: %.60s", surety_diag_kind(diag->id)->id, text);
    cr_assert(diag->place.line == line && diag->place.column == column, "%zu:%zu in: %.60s", diag->place.line,
              diag->place.column, text);
    cr_assert(strstr(diag->message, part) != NULL || (diag->hint != NULL && strstr(diag->hint, part) != NULL),
              "message '%s' hint '%s' in: %.60s", diag->message, diag->hint == NULL ? "" : diag->hint, text);
    done();
}

static void expect_text(const char *text, enum surety_diag_id id, size_t line, size_t column, const char *part)
{
    expect(text, strlen(text), id, line, column, part);
}

Test(ytree, positions_count_code_points)
{
    cr_assert_eq(read_text("a: 1\nb: {\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80: x, c: [1, 2]}\n"), SURETY_OK);
    const struct surety_ynode *b = surety_ynode_get(root, "b"), *c = surety_ynode_get(b, "c");
    cr_assert(b->place.line == 2 && b->place.column == 4);
    cr_assert(c->key_place.line == 2 && c->key_place.column == 13); // 3 characters of 2, 3 and 4 bytes before it
    cr_assert(c->kind == SURETY_Y_LIST && c->n == 2 && c->last->place.column == 20);
    done();
}

Test(ytree, json_and_byte_order_mark)
{
    cr_assert_eq(read_text("\xEF\xBB\xBF{\"a\": {\"b\": [1, \"2\"]}, \"c\": \"\"}"), SURETY_OK);
    cr_assert_str_eq(surety_ynode_get(surety_ynode_get(root, "a"), "b")->last->text, "2");
    cr_assert_not(surety_ynode_is_empty(surety_ynode_get(root, "c")));
    cr_assert_eq(root->place.column, 1);
    done();
}

Test(ytree, strange_yaml_is_refused)
{
    expect_text("a: &x 1\n", SURETY_D_LIMIT, 1, 4, "anchor &x");
    expect_text("a: *x\n", SURETY_D_LIMIT, 1, 4, "alias *x");
    expect_text("a: !!int 1\n", SURETY_D_LIMIT, 1, 4, "tag");
    expect_text("a: !evil {b: 1}\n", SURETY_D_LIMIT, 1, 4, "tag !evil");
    expect_text("a: 1\n---\nb: 2\n", SURETY_D_LIMIT, 2, 1, "second document");
    expect_text("<<: {a: 1}\n", SURETY_D_LIMIT, 1, 1, "merge keys");
    expect_text("? [a, b]\n: 1\n", SURETY_D_LIMIT, 1, 3, "a list cannot be a key");
    expect_text("%YAML 1.1\n---\na: 1\n", SURETY_D_LIMIT, 1, 1, "directives");
    expect_text("a: 1\nb: 2\na: 3\n", SURETY_D_DUPLICATE, 3, 1, "line 1");
    expect_text("a: \"x\\0y\"\n", SURETY_D_LIMIT, 1, 4, "code 0");
}

Test(ytree, nothing_is_no_scenario)
{
    expect_text("", SURETY_D_SYNTAX, 1, 1, "empty");
    expect_text("# only a remark\n", SURETY_D_SYNTAX, 1, 1, "empty");
    expect_text("---\n", SURETY_D_SYNTAX, 2, 1, "empty");
}

Test(ytree, broken_syntax_names_what_is_open)
{
    expect_text("a: 1\nb: [1,\n  2\nc: 3\n", SURETY_D_SYNTAX, 4, 2, "the list that starts with [ at line 2, column 4");
    expect_text("a: {b: 1\n", SURETY_D_SYNTAX, 2, 1, "the map that starts with { at line 1, column 4");
    expect_text("a: 1\n\tb: 2\n", SURETY_D_SYNTAX, 2, 1, "tab character");
    expect_text("a: \"x\n", SURETY_D_SYNTAX, 2, 1, "unexpected end");
    expect_text("a: b: c\n", SURETY_D_SYNTAX, 1, 5, "not allowed");
}

Test(ytree, bytes_that_are_no_text)
{
    expect("a: \0b\n", 6, SURETY_D_SYNTAX, 1, 4, "control characters");
    expect_text("a: 1\nb: \xFFx\n", SURETY_D_SYNTAX, 2, 4, "UTF-8");
    expect_text("a: \xC3\x28\n", SURETY_D_SYNTAX, 1, 5, "UTF-8");
    expect("\xFF\xFE"
           "a\0:\0",
           6, SURETY_D_SYNTAX, 1, 1, "UTF-16");
}

Test(ytree, deep_nesting_stops_early)
{
    size_t n = 200000;
    char *text = malloc(n);
    memset(text, '[', n);
    clock_t start = clock();
    expect(text, n, SURETY_D_LIMIT, 1, 33, "32 levels");
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 1.0);
    for (size_t i = 0; i + 1 < n; i += 2)
        memcpy(text + i, "- ", 2);
    expect(text, n, SURETY_D_LIMIT, 1, 65, "32 levels");
    free(text);
}

Test(ytree, thirty_two_levels_are_fine)
{
    char text[65] = "";
    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    cr_assert_eq(read_text(text), SURETY_OK);
    done();
}

Test(ytree, billion_laughs)
{
    cr_assert_eq(read_text("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"), SURETY_OK);
    cr_assert_eq(diags.n_errors, 9); // three anchors, six aliases: nothing was expanded
    done();
}

Test(ytree, one_mebibyte)
{
    size_t n = SURETY_YAML_MAX_BYTES + 1;
    char *text = malloc(n);
    memset(text, ' ', n);
    memcpy(text, "a: 1 #", 6);
    expect(text, n, SURETY_D_LIMIT, 0, 0, "1 MiB");
    cr_assert_eq(read_bytes(text, n - 1), SURETY_OK);
    done();
    free(text);
}

Test(ytree, very_many_keys)
{
    size_t n = 0, room = SURETY_YAML_MAX_BYTES;
    char *text = malloc(room);
    text[n++] = '{';
    for (int i = 0; n + 16 < room; i++)
        n += (size_t)sprintf(text + n, "k%d: 1, ", i);
    text[n++] = '}';
    clock_t start = clock();
    cr_assert_eq(read_bytes(text, n), SURETY_OK);
    cr_assert_gt(root->n, 80000);
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 10.0);
    done();
    free(text);
}

Test(ytree, long_keys_are_refused)
{
    char text[300];
    memset(text, 'k', sizeof text);
    memcpy(text + 200, ": 1", 4);
    expect_text(text, SURETY_D_LIMIT, 1, 1, "longer than 128");
}

static enum surety_err set(const char *path, const char *value)
{
    return surety_ytree_set(&arena, root, path, value, (struct surety_place){0, 1}, &diags);
}

Test(ytree, overrides)
{
    cr_assert_eq(read_text("a: {b: [1, {c: 2}]}\ne:\n"), SURETY_OK);
    cr_assert_eq(set("a.b[1].c", "30m"), SURETY_OK);
    const struct surety_ynode *list = surety_ynode_get(surety_ynode_get(root, "a"), "b");
    cr_assert_str_eq(surety_ynode_get(list->last, "c")->text, "30m");
    cr_assert_eq(set("a.b[0]", "{x: 1}"), SURETY_OK);
    cr_assert_eq(list->first->kind, SURETY_Y_MAP);
    cr_assert_eq(list->n, 2);
    cr_assert_eq(set("e.f.g", "[1, 2]"), SURETY_OK); // makes maps on the way
    cr_assert_eq(surety_ynode_get(surety_ynode_get(surety_ynode_get(root, "e"), "f"), "g")->n, 2);
    cr_assert_eq(diags.n_errors, 0);
    static const char *const wrong[] = {"",      ".",    "a.",  "a..b",    "a.b[2]", "a.b[x]",          "a.b[-1]",
                                        "a.b.c", "a[0]", "[0]", "e.f.g.h", "a.b[0",  "a.b[99999999999]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_eq(set(wrong[i], "1"), SURETY_E_INPUT, "'%s' was accepted", wrong[i]);
        cr_assert_eq(diags.list[diags.n - 1].id, SURETY_D_SET);
    }
    cr_assert_eq(set("a.b", "[1"), SURETY_E_INPUT);
    cr_assert_eq(diags.list[diags.n - 1].id, SURETY_D_SYNTAX);
    cr_assert_eq(diags.list[diags.n - 1].place.column, 1);
    done();
}
