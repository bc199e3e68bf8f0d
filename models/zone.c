// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/zone.h"

#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"

#include <string.h>

bool surety_find_zone(struct surety_reader *reader, const struct surety_ynode *node, const char *path, const char *name,
                      const struct surety_tz **out)
{
    if (reader->base != NULL && strcmp(name, reader->base->term.timezone) == 0) { // known from the first reading
        *out = reader->base->term.zone;
        return true;
    }
    switch (surety_tz_load(reader->arena, name, out)) {
    case SURETY_TZ_OK:
        return true;
    case SURETY_TZ_NO_MEMORY:
        reader->out_of_memory = true;
        return false;
    case SURETY_TZ_BROKEN:
        surety_complain(reader, SURETY_D_FILE, node, path, "install the package tzdata anew",
                        "the rules of the time zone '%.40s' cannot be read", name);
        return false;
    case SURETY_TZ_NO_DATABASE:
        surety_complain(reader, SURETY_D_FILE, node, path, "install the package tzdata, or write UTC",
                        "there are no rules of time zones on this system");
        return false;
    case SURETY_TZ_UNKNOWN:
        break;
    }
    const char **names = NULL;
    const size_t n = surety_tz_names(reader->scratch, &names);
    const char *near = n > 0 ? surety_did_you_mean(name, names, n, sizeof *names) : NULL;
    surety_complain(reader, SURETY_D_CHOICE, node, path,
                    near == NULL ? "write an IANA name like Europe/Berlin or America/New_York"
                                 : surety_scratch_printf(reader, "did you mean '%s'?", near),
                    "there is no time zone '%.40s'", name);
    return false;
}
