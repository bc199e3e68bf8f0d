// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel.h"

#if defined(__AVX2__) && defined(__FMA__)
#define KERNEL avx2
#include "kernel_body.inc"
#else
const struct surety_kernel *surety_kernel_avx2(void)
{
    return NULL;
}
#endif
