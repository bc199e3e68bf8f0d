// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return surety_fuzz_record("statuspage-atlassian", data, size);
}
