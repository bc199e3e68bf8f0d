// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_TZ_H
#define SURETY_BASE_TZ_H

#include "sim/base/arena.h"
#include "sim/base/calendar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Time zones by IANA name, from the system's compiled rules (package tzdata, TZif files of RFC 8536). Read once, when a
// scenario is read; the process's own zone (TZ) is neither used nor changed. Instants are seconds since 1970-01-01 UTC.

struct surety_tz;

enum surety_tz_err {
    SURETY_TZ_OK,
    SURETY_TZ_UNKNOWN,     // no zone of that name
    SURETY_TZ_NO_DATABASE, // there are no zones at all: tzdata is not installed
    SURETY_TZ_BROKEN,      // a file that is no TZif of version 2 or later
    SURETY_TZ_NO_MEMORY
};

// Loads a zone into the arena. "UTC" needs no file. On an error *out is untouched. Cost: a file of some 2 KiB.
enum surety_tz_err surety_tz_load(struct surety_arena *arena, const char *name, const struct surety_tz **out);

// A zone from the bytes of a TZif file; what surety_tz_load does after reading it.
enum surety_tz_err surety_tz_parse(struct surety_arena *arena, const unsigned char *bytes, size_t n,
                                   const struct surety_tz **out);

// All names, for "did you mean"; 0 when they cannot be listed.
size_t surety_tz_names(struct surety_arena *arena, const char ***out);

// Seconds that the zone's clocks are ahead of UTC. Berlin, July 2027: 7200.
int32_t surety_tz_offset_s(const struct surety_tz *tz, int64_t utc_s);

// The same for the zone's standard time, as if there were no daylight saving; while that is on, the standard time last
// before. Standard is what the zone's own rules call so. Berlin, July 2027: 3600.
int32_t surety_tz_standard_offset_s(const struct surety_tz *tz, int64_t utc_s);

// The first instant of the zone's day, which is not 00:00 where clocks go forward at midnight. Berlin, 2027-03-01:
// 1803855600.
int64_t surety_tz_day_start_s(const struct surety_tz *tz, struct surety_date date);

#endif
