// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_FIT_REPORT_CAUSES_H
#define SURETY_FIT_REPORT_CAUSES_H

#include "sim/fit/report.h"

// The part of a report that tells what providers have in common: pairs, causes, and what is taken out of the members'
// own outages for them. Called once the providers are fitted. SURETY_E_MEMORY.
enum surety_err surety_fit_report_causes(const struct surety_fit_request *request, struct surety_fit_report *report);

#endif
