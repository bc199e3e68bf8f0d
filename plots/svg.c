// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/svg.h"

#include "plots/figure_style.h"
#include "plots/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// gnuplot writes its own markup with attributes in ' or ", and no text of ours inside a tag.

struct output {
    char *bytes;
    size_t n;
    size_t open[64]; // where the groups that are open begin
    size_t depth;
};

static void put(struct output *out, const char *bytes, size_t n)
{
    memcpy(out->bytes + out->n, bytes, n);
    out->n += n;
}

static void put_text(struct output *out, const char *text)
{
    put(out, text, strlen(text));
}

static bool starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

// "rgb( 92, 102, 112)": the theme's variable, NULL for another colour.
static const char *variable_of(const char *value, size_t n)
{
    unsigned r, g, b, hr, hg, hb;
    if (n > 32 || sscanf(value, "rgb(%u,%u,%u)", &r, &g, &b) != 3)
        return NULL;
    for (size_t i = 0; i < SURETY_N_COLOURS; i++) {
        if (sscanf(surety_colours[i].hex, "#%2x%2x%2x", &hr, &hg, &hb) == 3 && r == hr && g == hg && b == hb)
            return surety_colours[i].variable;
    }
    return NULL;
}

// What another element of the page, or its style, decides.
static bool is_dropped(const char *name, size_t n, const char *value)
{
    static const char *const names[] = {"id", "font-family", "class", "shape-rendering"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return true;
    }
    return n == 5 && memcmp(name, "color", 5) == 0 && !starts(value, "rgb"); // black, white, gray: not used
}

// One attribute at `p`, behind blanks. Returns its end, NULL when it is broken.
static const char *put_attribute(struct output *out, const char *p)
{
    const char *name = p;
    size_t n_name = strcspn(p, " \t\n=/>");
    p += n_name;
    p += strspn(p, " ");
    if (*p != '=')
        return NULL;
    p++;
    p += strspn(p, " ");
    const char quote = *p;
    if (quote != '\'' && quote != '"')
        return NULL;
    const char *value = p + 1, *end = strchr(value, quote);
    if (end == NULL || n_name == 0)
        return NULL;
    if (is_dropped(name, n_name, value))
        return end + 1;
    const char *variable = variable_of(value, (size_t)(end - value));
    if (n_name == 10 && memcmp(name, "xlink:href", 10) == 0) {
        name += 6;
        n_name = 4;
    }
    put_text(out, " ");
    put(out, name, n_name);
    put_text(out, "=\"");
    if (variable != NULL) {
        put_text(out, "var(");
        put_text(out, variable);
        put_text(out, ")");
    } else {
        bool blank = false; // runs of blanks in paths are of no use
        for (const char *v = value; v < end; v++) {
            bool is_blank = isspace((unsigned char)*v) != 0;
            if (!is_blank && blank && v[-1] != value[-1])
                put_text(out, " ");
            if (!is_blank)
                put(out, v, 1);
            blank = is_blank;
        }
    }
    put_text(out, "\"");
    return end + 1;
}

// A tag at `p`, which is its "<". Returns its end, NULL when it is broken.
static const char *put_tag(struct output *out, const char *p)
{
    size_t n = 1 + strcspn(p + 1, " \t\n/>");
    if (p[1] == '/') {
        const char *end = strchr(p, '>');
        if (end == NULL)
            return NULL;
        if (starts(p, "</g>") && out->depth > 0) {
            size_t begin = out->open[--out->depth];
            const char *last = memchr(out->bytes + begin, '>', out->n - begin);
            if (last != NULL && last + 1 == out->bytes + out->n) { // an empty group
                out->n = begin;
                return end + 1;
            }
        }
        put(out, p, (size_t)(end + 1 - p));
        return end + 1;
    }
    bool is_group = n == 2 && p[1] == 'g';
    if (is_group) {
        if (out->depth == sizeof out->open / sizeof out->open[0])
            return NULL;
        out->open[out->depth++] = out->n;
    }
    put(out, p, n);
    p += n;
    for (;;) {
        p += strspn(p, " \t\n");
        if (*p == '>' || starts(p, "/>")) {
            size_t length = *p == '>' ? 1 : 2;
            put(out, p, length);
            return p + length;
        }
        if (*p == '\0' || (p = put_attribute(out, p)) == NULL)
            return NULL;
    }
}

// The drawing between its definitions and its end.
static bool put_body(struct output *out, const char *p)
{
    while (*p != '\0') {
        if (starts(p, "</svg>"))
            return true;
        if (starts(p, "<title>")) { // "gnuplot_plot_1"
            p = strstr(p, "</title>");
            if (p == NULL)
                return false;
            p += strlen("</title>");
        } else if (*p == '<') {
            bool is_text = starts(p, "<text");
            p = put_tag(out, p);
            if (p == NULL)
                return false;
            while (is_text && *p == ' ') // gnuplot's numbers have a blank in front
                p++;
            while (is_text && *p != '\0' && !starts(p, "</text>"))
                put(out, p++, 1);
        } else if (isspace((unsigned char)*p)) {
            p++;
        } else {
            return false; // text outside of a text
        }
    }
    return false;
}

static void read_tool(const char *svg, char *tool, size_t size)
{
    const char *at = strstr(svg, "Produced by GNUPLOT ");
    if (at == NULL)
        return;
    at += strlen("Produced by GNUPLOT ");
    int n = (int)strcspn(at, "<\n");
    while (n > 0 && at[n - 1] == ' ')
        n--;
    snprintf(tool, size, "gnuplot %.*s", n < 40 ? n : 40, at);
}

enum surety_err surety_svg_inline(const char *svg, const char *name, const char *description, char *tool,
                                  size_t tool_size, char **out)
{
    const char *box = strstr(svg, "viewBox=\""), *body = strstr(svg, "</defs>");
    int width, height;
    if (box == NULL || body == NULL || sscanf(box, "viewBox=\"0 0 %d %d\"", &width, &height) != 2)
        return SURETY_E_SYSTEM;
    struct output text = {.bytes = malloc(2 * strlen(body) + 64)};
    if (text.bytes == NULL)
        return SURETY_E_MEMORY;
    size_t size = 0;
    char *page = NULL;
    FILE *stream = open_memstream(&page, &size);
    // The canvas group was opened before the definitions: its end is of no use either.
    text.open[text.depth++] = 0;
    put_text(&text, "<g>");
    bool whole = put_body(&text, body + strlen("</defs>"));
    if (stream == NULL || !whole || text.depth != 0) {
        if (stream != NULL)
            fclose(stream);
        free(page);
        free(text.bytes);
        return stream == NULL ? SURETY_E_MEMORY : SURETY_E_SYSTEM;
    }
    read_tool(svg, tool, tool_size);
    surety_html_put(stream, "<svg id=\"svg-%s\" role=\"img\" aria-label=\"%s\" ", name, description);
    fprintf(stream, "viewBox=\"0 0 %d %d\" style=\"max-width:%dpx\">", width, height, width);
    fwrite(text.bytes, 1, text.n, stream);
    fputs("</svg>\n", stream);
    free(text.bytes);
    bool written = ferror(stream) == 0;
    if (fclose(stream) != 0 || !written) {
        free(page);
        return SURETY_E_MEMORY;
    }
    *out = page;
    return SURETY_OK;
}

void surety_svg_marks(FILE *out)
{
    // gnuplot's point types 4 to 13, in its unit box; what it calls gpPtN it draws for type N + 1
    fputs("<svg class=\"marks\" aria-hidden=\"true\"><defs>\n"
          "<path id=\"gpPt3\" fill=\"none\" stroke-width=\".3\" stroke=\"currentColor\" d=\"M-1,-1h2v2h-2z\"/>"
          "<path id=\"gpPt4\" fill=\"currentColor\" stroke=\"none\" d=\"M-1,-1h2v2h-2z\"/>"
          "<circle id=\"gpPt5\" fill=\"none\" stroke-width=\".3\" stroke=\"currentColor\" r=\"1\"/>"
          "<circle id=\"gpPt6\" fill=\"currentColor\" stroke=\"none\" r=\"1\"/>"
          "<path id=\"gpPt7\" fill=\"none\" stroke-width=\".3\" stroke=\"currentColor\" "
          "d=\"M0,-1.33L-1.33,.67L1.33,.67z\"/>"
          "<path id=\"gpPt8\" fill=\"currentColor\" stroke=\"none\" d=\"M0,-1.33L-1.33,.67L1.33,.67z\"/>"
          "<path id=\"gpPt10\" fill=\"currentColor\" stroke=\"none\" d=\"M0,1.33L-1.33,-.67L1.33,-.67z\"/>"
          "<path id=\"gpPt12\" fill=\"currentColor\" stroke=\"none\" d=\"M0,-1.41L1.41,0L0,1.41L-1.41,0z\"/>\n"
          "</defs></svg>\n",
          out);
}
