// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/digest.h"

#include "plots/reporter.h"

#include <nettle/sha2.h>

#include <stdlib.h>
#include <string.h>

void surety_digest_bytes(const void *bytes, size_t size, char out[SURETY_DIGEST_SIZE])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, size, bytes);
    sha256_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        sprintf(out + 2 * i, "%02x", (unsigned)digest[i]);
}

const char *surety_digest_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void surety_digest_neutral(struct surety_result *result)
{
    result->wall_s = 0.0;
    result->n_threads = 0;
    result->file = surety_digest_file_name(result->file);
}

bool surety_digest_result(const struct surety_result *result, char out[SURETY_DIGEST_SIZE])
{
    struct surety_result copy = *result; // what it points to is only read
    surety_digest_neutral(&copy);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return false;
    surety_report_json(&copy, stream);
    bool written = ferror(stream) == 0;
    if (fclose(stream) != 0 || !written) {
        free(text);
        return false;
    }
    surety_digest_bytes(text, size, out);
    free(text);
    return true;
}
