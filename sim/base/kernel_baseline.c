// SPDX-License-Identifier: GPL-3.0-or-later
#define KERNEL baseline
#include "kernel_body.inc"
