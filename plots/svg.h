// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_SVG_H
#define SURETY_PLOTS_SVG_H

#include "sim/base/err.h"

#include <stddef.h>
#include <stdio.h>

// Makes gnuplot's SVG a part of an HTML page: no prologue, no ids of its own (several drawings share a page), no fonts
// but the page's, colours of the theme as the page's variables, and a description that can be read aloud. Text is
// copied as it is. *out is heap, the caller's. `tool` takes what drew it ("gnuplot 5.4 patchlevel 4"). SURETY_E_SYSTEM
// when `svg` is not a whole drawing, SURETY_E_MEMORY.
enum surety_err surety_svg_inline(const char *svg, const char *name, const char *description, char *tool,
                                  size_t tool_size, char **out);

// Writes the marks that drawings refer to, once a page: an svg element that takes no room.
void surety_svg_marks(FILE *out);

#endif
