// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel.h"

#include <string.h>

static int has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}

static int has_avx512(void)
{
#if defined(__x86_64__)
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#else
    return 0;
#endif
}

static int always(void)
{
    return 1;
}

/* Widest first. */
static const struct {
    const char *name;
    int (*is_supported)(void);
    const struct surety_kernel *(*table)(void);
} sets[] = {
    {"avx512", has_avx512, surety_kernel_avx512},
    {"avx2", has_avx2, surety_kernel_avx2},
    {"baseline", always, surety_kernel_baseline},
};

const struct surety_kernel *surety_kernel_best(void)
{
    size_t i = 0;

    while (!sets[i].is_supported() || !sets[i].table())
        i++;
    return sets[i].table();
}

const struct surety_kernel *surety_kernel_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(sets[i].name, name) == 0)
            return sets[i].is_supported() ? sets[i].table() : NULL;
    return NULL;
}
