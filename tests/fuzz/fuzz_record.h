// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_TESTS_FUZZ_RECORD_H
#define SURETY_TESTS_FUZZ_RECORD_H

#include <stddef.h>
#include <stdint.h>

// Any bytes as a record of the named format (NULL: recognised): refused with messages, or read and turned into outages
// whose promises are checked.
int surety_fuzz_record(const char *format, const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
