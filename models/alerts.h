// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_MODELS_ALERTS_H
#define SURETY_MODELS_ALERTS_H

#include "sim/base/registry.h"

// Rows of one entry of `contract.alerts`, into struct surety_alert: an alert on how fast the error budget burns, over a
// long window (enough was spent) and a short one (it is still being spent).
extern const struct surety_fields surety_alert_fields;

// The alerts that are taken where the contract has none: 14.4 / 6 / 3 / 1 times the even rate, as the "Alerting on SLOs"
// chapter of the Site Reliability Workbook (2018) has them for 30 days: 2, 5, 10 and 10 % of the budget spent.
#define SURETY_USUAL_ALERTS                                                                                            \
    "{fast: {long: 1h, short: 5m, burn: 14.4x}, medium: {long: 6h, short: 30m, burn: 6x}, slow: {long: 1d, short: "    \
    "2h, burn: 3x, severity: ticket}, creep: {long: 3d, short: 6h, burn: 1x, severity: ticket}}"

// "page", "ticket", NULL: the words of struct surety_alert.severity.
extern const char *const surety_alert_severities[];

#endif
