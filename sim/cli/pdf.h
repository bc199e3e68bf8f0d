// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_CLI_PDF_H
#define SURETY_CLI_PDF_H

#include "sim/base/diag.h"
#include "sim/base/err.h"

#include <stddef.h>

// Prints the HTML page, `n` bytes, as PDF with the system's chromium, in a folder of its own for temporary files that
// is gone afterwards. *pdf is heap, the caller's, *size bytes. Two prints differ in their bytes: a PDF carries the time.
// SURETY_E_SYSTEM with one diagnostic when there is no chromium or it fails; SURETY_E_MEMORY.
enum surety_err surety_pdf_print(const char *html, size_t n, struct surety_diags *diags, char **pdf, size_t *size);

#endif
