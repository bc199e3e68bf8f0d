// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_LGAMMA_H
#define SURETY_BASE_LGAMMA_H

#include <math.h>

// ln |Gamma(x)|. libm's lgamma writes the global signgam, and several threads read laws at once when inputs are
// uncertain. Plan-time code.
static inline double surety_lgamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

#endif
