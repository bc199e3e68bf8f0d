// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/json_writer.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

// What `write` prints, to be freed.
static char *printed(void (*write)(struct surety_json *json))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_not_null(out);
    struct surety_json json;
    surety_json_init(&json, out);
    write(&json);
    fclose(out);
    return text;
}

static void write_layout(struct surety_json *json)
{
    surety_json_open_map(json, NULL, false);
    surety_json_integer(json, "n", UINT64_MAX);
    surety_json_open_map(json, "inner", true);
    surety_json_bool(json, "yes", true);
    surety_json_open_list(json, "list", false);
    surety_json_number(json, NULL, 0.5);
    surety_json_number(json, NULL, 2.0);
    surety_json_close(json);
    surety_json_close(json);
    surety_json_open_list(json, "empty", false);
    surety_json_close(json);
    surety_json_close(json);
}

Test(plots_json_writer, layout)
{
    char *text = printed(write_layout);
    cr_assert_str_eq(text, "{\n"
                           "  \"n\": 18446744073709551615,\n"
                           "  \"inner\": {\"yes\": true, \"list\": [0.5, 2]},\n"
                           "  \"empty\": []\n"
                           "}\n");
    free(text);
}

static void write_numbers(struct surety_json *json)
{
    static const double values[] = {0.1, -0.0, 1.0 / 3.0, 1e-300, 123456789012345.0, 1.1e-6, NAN, INFINITY, -INFINITY};
    surety_json_open_list(json, NULL, true);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        surety_json_number(json, NULL, values[i]);
    surety_json_close(json);
}

Test(plots_json_writer, numbers)
{
    char *text = printed(write_numbers);
    cr_assert_str_eq(text, "[0.1, 0, 0.333333333333, 1e-300, 1.23456789012e+14, 1.1e-06, null, null, null]\n");
    free(text);
}

static void write_texts(struct surety_json *json)
{
    static const char *const texts[] = {
        "plain",
        "\"quoted\" \\ /",
        "line\nbreak\ttab",
        "\x01\x1f\x7f",
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
        "\xff|\xc0\x80|\xed\xa0\x80|\xf5\x80\x80\x80|\xe2\x82|\xc3", // no UTF-8: each byte is replaced
    };
    surety_json_open_list(json, NULL, false);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        surety_json_text(json, NULL, texts[i]);
    surety_json_text(json, NULL, NULL);
    surety_json_close(json);
}

#define BAD "\xef\xbf\xbd"

Test(plots_json_writer, texts)
{
    char *text = printed(write_texts);
    cr_assert_str_eq(text, "[\n"
                           "  \"plain\",\n"
                           "  \"\\\"quoted\\\" \\\\ /\",\n"
                           "  \"line\\nbreak\\ttab\",\n"
                           "  \"\\u0001\\u001f\\u007f\",\n"
                           "  \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\",\n"
                           "  \"" BAD "|" BAD BAD "|" BAD BAD BAD "|" BAD BAD BAD BAD "|" BAD BAD "|" BAD "\",\n"
                           "  null\n"
                           "]\n");
    free(text);
}
