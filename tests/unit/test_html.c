// SPDX-License-Identifier: GPL-3.0-or-later
#include "result_fixture.h"

#include "plots/embed.h"
#include "plots/html.h"
#include "plots/svg.h"
#include "plots/terminal_plot.h"
#include "plots/wording.h"

#include <criterion/criterion.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// What a hostile scenario could write into its texts.
static const char evil[] = "<script>alert(1)</script> `id` 'q' \"d\" & \x1b[31m $(id) @a {b}\nnext";

// The report with drawings that are not: without gnuplot the rest has to hold too.
static char *page_of(struct surety_result *result)
{
    struct surety_figures figures;
    char *page = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&page, &size);
    cr_assert_eq(surety_figures_make(result, &figures), SURETY_OK);
    for (size_t i = 0; i < figures.n; i++)
        figures.list[i].svg = strdup("<svg></svg>");
    cr_assert_eq(surety_report_html(result, &figures, out), SURETY_OK);
    fclose(out);
    surety_figures_finish(&figures);
    return page;
}

static char *escaped(void (*write)(FILE *, const char *), const char *text)
{
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    write(stream, text);
    fclose(stream);
    return out;
}

static void exact(FILE *out, const char *text)
{
    surety_html_exact(out, text, true);
}

Test(plots_html, text_is_escaped)
{
    char *text = escaped(surety_html_text, "a<b>&\"'\x01\x1b\x7f\xff\xc3\xa4\xc2\x9b\t\n");
    cr_assert_str_eq(text, "a&lt;b&gt;&amp;&quot;&#39;\\x01\\x1b\\x7f\xef\xbf\xbd\xc3\xa4\\x9b\t\n");
    free(text);
}

Test(plots_html, exact_comes_back)
{
    static const char all[] = "a<b>&amp;\"'\x01\x1b\x7f\xc3\xa4\t\r\n&#10; </pre>";
    char *text = escaped(exact, all);
    cr_assert_null(strchr(text, '<'));
    size_t n = surety_html_unescape(text, strlen(text));
    cr_assert_eq(n, strlen(all));
    cr_assert_eq(memcmp(text, all, n), 0);
    free(text);
    for (const char *const *bad = (const char *const[]){"&", "&x;", "&#;", "&#0;", "&#300;", "&#12", NULL}; *bad;
         bad++) {
        char copy[16];
        strcpy(copy, *bad);
        cr_assert_eq(surety_html_unescape(copy, strlen(copy)), SIZE_MAX, "%s", *bad);
    }
}

Test(plots_html, no_markup_from_texts)
{
    struct surety_result *result = result_fixture(evil, evil);
    char *page = page_of(result);
    cr_assert_null(strstr(page, "<script"));
    cr_assert_null(strchr(page, '\x1b'));
    cr_assert_not_null(
        strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt; `id` &#39;q&#39; &quot;d&quot; &amp; \\x1b[31m"));
    cr_assert_null(strstr(page, "http://"));
    cr_assert_null(strstr(page, "https://"));
    cr_assert_null(strstr(page, "somewhere/"), "a path is in the report");
    free(page);
    surety_result_destroy(result);
}

Test(plots_html, every_part_is_there)
{
    static const char *const parts[] = {"<h1 class=\"",
                                        "What each architecture can promise",
                                        "id=\"cost-and-promise\"",
                                        "id=\"monthly-downtime\"",
                                        "id=\"phases\"",
                                        "id=\"causes\"",
                                        "id=\"credits\"",
                                        "id=\"bad-month\"",
                                        "What it earns",
                                        "What would change our mind",
                                        "One bad month",
                                        "What is assumed",
                                        "The defaults that were used",
                                        "How to read",
                                        "SHA-256 of the result"};
    struct surety_result *result = result_fixture("x", "y");
    char *page = page_of(result);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        cr_assert_not_null(strstr(page, parts[i]), "%s", parts[i]);
    free(page);
    surety_result_destroy(result);
}

Test(plots_html, what_is_absent_is_left_out)
{
    static const char *const parts[] = {"id=\"phases\"", "id=\"causes\"",     "id=\"credits\"", "id=\"bad-month\"",
                                        "What it earns", "What would change", "One bad month",  "What is assumed"};
    struct surety_result *result = result_fixture_bare();
    char *page = page_of(result);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        cr_assert_null(strstr(page, parts[i]), "%s", parts[i]);
    cr_assert_not_null(strstr(page, "id=\"monthly-downtime\""));
    free(page);
    surety_result_destroy(result);
}

Test(plots_html, bytes_do_not_depend_on_how_it_was_run)
{
    struct surety_result *result = result_fixture("x", "y");
    char *page = page_of(result);
    result->wall_s = 77.5;
    result->n_threads = 99;
    result->file = "/another/place/support-chat.yaml";
    char *again = page_of(result);
    cr_assert_str_eq(page, again);
    result->architectures[0].tiers[0].term_met.p *= 1.0000001;
    char *other = page_of(result);
    cr_assert_str_neq(page, other, "the fingerprint sees every digit");
    free(page);
    free(again);
    free(other);
    surety_result_destroy(result);
}

Test(plots_html, what_is_embedded_comes_back)
{
    static const char *overrides[] = {"name=a: <b>\nseed: 99", "term.months=3"};
    struct surety_result *result = result_fixture("x", "y");
    struct surety_embed embed;
    result->scenario_text = "surety: 1\r\n# </pre><pre id=\"surety-run\">seed: 7\n";
    result->overrides = overrides;
    result->n_overrides = 2;
    result->seed = UINT64_MAX;
    char *page = page_of(result);
    cr_assert_null(surety_embed_read(page, strlen(page), &embed));
    cr_assert_eq(embed.n_scenario, strlen(result->scenario_text));
    cr_assert_str_eq(embed.scenario, result->scenario_text);
    cr_assert_eq(embed.seed, UINT64_MAX);
    cr_assert_eq(embed.n_replications, 100000);
    cr_assert_str_eq(embed.file, "support-chat.yaml");
    cr_assert_eq(embed.n_overrides, 2);
    cr_assert_str_eq(embed.overrides[0], overrides[0]);
    surety_embed_finish(&embed);
    free(page);
    surety_result_destroy(result);
}

Test(plots_html, what_is_no_report_is_refused)
{
    static const char *const pages[] = {
        "",
        "<html></html>",
        "<pre id=\"surety-run\">",
        "<pre id=\"surety-run\">seed: 1\n</pre>",
        "<pre id=\"surety-run\">seed: 1\n</pre><pre id=\"surety-scenario\"></pre>",
        "<pre id=\"surety-run\">nonsense</pre><pre id=\"surety-scenario\"></pre>",
        "<pre id=\"surety-run\">seed: x\n</pre><pre id=\"surety-scenario\">&bad;</pre>"};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct surety_embed embed;
        char *copy = strdup(pages[i]);
        cr_assert_not_null(surety_embed_read(copy, strlen(copy), &embed), "%s", pages[i]);
        free(copy);
    }
}

Test(plots_html, svg_is_made_part_of_the_page)
{
    static const char drawing[] =
        "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 760 300\"\n>\n<title>T</title>\n<desc>Produced by GNUPLOT 5.4 "
        "patchlevel 4 "
        "</desc>\n<g id=\"gnuplot_canvas\">\n<defs></defs>\n<g color=\"black\" stroke=\"currentColor\">\n</g>\n"
        "<g color=\"black\" font-family=\"sans-serif\">\n\t<path stroke='rgb(  0, 114, 178)' id='x' d='M1,2 L3,4  '/>"
        "<text> &lt;script&gt; id='x'</text>\n</g>\n</g>\n</svg>\n";
    char tool[64] = "", *out = NULL;
    cr_assert_eq(surety_svg_inline(drawing, "n", "a \"b\" <c>", tool, sizeof tool, &out), SURETY_OK);
    cr_assert_str_eq(tool, "gnuplot 5.4 patchlevel 4");
    cr_assert_str_eq(out,
                     "<svg id=\"svg-n\" role=\"img\" aria-label=\"a &quot;b&quot; &lt;c&gt;\" viewBox=\"0 0 760 300\" "
                     "style=\"max-width:760px\"><g><g><path stroke=\"var(--s1)\" d=\"M1,2 L3,4\"/><text>&lt;script&gt; "
                     "id='x'</text></g></g></svg>\n");
    free(out);
    for (size_t cut = 0; cut + 8 < sizeof drawing; cut++) { // half a drawing is none
        char *half = strndup(drawing, cut);
        cr_assert_eq(surety_svg_inline(half, "n", "d", tool, sizeof tool, &out), SURETY_E_SYSTEM, "cut at %zu", cut);
        free(half);
    }
}

Test(plots_html, terminal_plot_stays_in_its_columns)
{
    for (int unicode = 0; unicode < 2; unicode++) {
        struct surety_result *result = result_fixture(evil, evil);
        char *text = NULL;
        size_t size = 0;
        result->architectures[1].name = "an-architecture-with-a-name-as-long-as-names-may-be-and-longer";
        result->architectures[0].tiers[0].name = "a-tier-with-a-name-as-long-as-names-may-be-and-longer";
        result->architectures[2].name = "evil\x1b[31m";
        FILE *out = open_memstream(&text, &size);
        surety_terminal_plot(result, unicode == 1, out);
        fclose(out);
        cr_assert_null(strchr(text, '\x1b'));
        cr_assert_not_null(strstr(text, "evil\\x1b[31m"));
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            int columns = 0;
            for (const char *p = line; *p != '\0'; p++) {
                columns += ((unsigned char)*p & 0xc0) != 0x80;
                cr_assert(unicode == 1 || (unsigned char)*p < 0x80 || strstr(line, "\xe2\x80\xa6") != NULL);
            }
            cr_assert(columns <= SURETY_REPORT_COLUMNS, "%d columns: %s", columns, line);
        }
        free(text);
        surety_result_destroy(result);
    }
}
