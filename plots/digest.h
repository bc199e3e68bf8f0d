// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_PLOTS_DIGEST_H
#define SURETY_PLOTS_DIGEST_H

#include "sim/engine/result.h"

#include <stdbool.h>
#include <stddef.h>

#define SURETY_DIGEST_SIZE 65

// SHA-256 of `size` bytes, in hex.
void surety_digest_bytes(const void *bytes, size_t size, char out[SURETY_DIGEST_SIZE]);

// The fingerprint of the numbers: SHA-256 of result v1 with `wall_s` and `threads` 0 and `file` without its folder.
// False when memory is out.
bool surety_digest_result(const struct surety_result *result, char out[SURETY_DIGEST_SIZE]);

// Takes out of a copy what may differ between two runs of the same.
void surety_digest_neutral(struct surety_result *result);

// The last part of a path: "scenarios/x.yaml" -> "x.yaml".
const char *surety_digest_file_name(const char *path);

#endif
