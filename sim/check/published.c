// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/check/published.h"

#include <stddef.h>
#include <string.h>

#define OPENAI "openai.com/api-scale-tier (scale tier)"
#define ANTHROPIC "platform.claude.com service tiers (a target of the priority tier, without credits)"

static const struct surety_published_sla rows[] = {
    {"openai-api", 0.999, OPENAI, "2025"},
    {"openai-api-2026", 0.999, OPENAI, "2025"},
    {"anthropic-api", 0.995, ANTHROPIC, "2026"},
    {"anthropic-api-2026", 0.995, ANTHROPIC, "2026"},
};

const struct surety_published_sla *surety_published_sla(const char *entry)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].entry, entry) == 0)
            return &rows[i];
    return NULL;
}
