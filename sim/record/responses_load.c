// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/record/responses.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)64 << 20)

enum surety_err surety_responses_load(const char *file, const struct surety_responses_options *options,
                                      struct surety_diags *diags, struct surety_responses *out)
{
    const bool standard = strcmp(file, "-") == 0;
    FILE *in = fopen(standard ? "/dev/stdin" : file, "rb");
    char *text = in != NULL ? malloc(MOST_BYTES + 1) : NULL;
    const size_t n = text != NULL ? fread(text, 1, MOST_BYTES + 1, in) : 0;
    enum surety_err err = SURETY_E_SYSTEM;
    if (in == NULL || (text != NULL && ferror(in)))
        surety_diag_add(diags, SURETY_D_FILE, (struct surety_place){0, 0}, NULL, NULL, "cannot read '%.200s': %s", file,
                        strerror(errno));
    else if (text == NULL)
        surety_diag_add(diags, SURETY_D_MEMORY, (struct surety_place){0, 0}, NULL, NULL, "memory is out");
    else if (n > MOST_BYTES)
        surety_diag_add(diags, SURETY_D_RECORD_SIZE, (struct surety_place){0, 0}, NULL, "take fewer requests",
                        "'%.200s' is larger than 64 MiB", file);
    else
        err = surety_responses_parse(standard ? "standard input" : file, text, n, options, diags, out);
    if (n > MOST_BYTES)
        err = SURETY_E_INPUT;
    if (in != NULL)
        fclose(in);
    free(text);
    return err;
}
