// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel.h"

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__AVX512BW__)
#define KERNEL avx512
#include "kernel_body.inc"
#else
const struct surety_kernel *surety_kernel_avx512(void)
{
    return NULL;
}
#endif
