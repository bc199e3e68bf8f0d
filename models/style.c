// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/style.h"

// A style is how a kind of contract reads, not the vendor's promise: the tiers stay the scenario's own. What a vendor
// writes is put into the keys that come nearest; the text of each clause is the vendor's alone.

#define AWS "aws.amazon.com/bedrock/sla"
#define GOOGLE "cloud.google.com/vertex-ai/generative-ai/sla"
#define MICROSOFT "Microsoft Online Services SLA, Azure OpenAI"
#define OWN "this program, no vendor's text"

static const struct surety_style_key aws_keys[] = {
    {.path = "availability.measure",
     .value = "intervals",
     .source = AWS,
     .as_of = "2023-10-04",
     .seen = "official page seen for commitment and credits; that the month averages error rates of intervals is read "
             "from copies of other AWS agreements"},
    {.path = "availability.cell",
     .value = "5m",
     .unless = "availability.measure",
     .source = AWS,
     .as_of = "2023-10-04",
     .seen = "length of the interval read from copies of other AWS agreements"},
    {.path = "credits.ladder",
     .value = "[{below: target, credit: 10%}, {below: 99%, credit: 25%}, {below: 95%, credit: 100%}]",
     .needs_fee = true,
     .source = AWS,
     .as_of = "2023-10-04",
     .seen = "official page seen"},
};

static const struct surety_style_key google_keys[] = {
    {.path = "availability.measure",
     .value = "minutes",
     .source = GOOGLE,
     .as_of = "2026",
     .seen = "official page seen for the commitment; what a minute of downtime is was read in copies of other Google "
             "Cloud agreements"},
    {.path = "availability.down_at",
     .value = "5%",
     .unless = "availability.measure",
     .source = GOOGLE,
     .as_of = "2026",
     .seen = "error rate (after back-off) read in copies of other Google Cloud agreements, where it varies by service"},
    {.path = "availability.minimum_outage",
     .value = "1m",
     .unless = "availability.measure",
     .source = GOOGLE,
     .as_of = "2026",
     .seen = "consecutive minutes read in copies of other Google Cloud agreements, where they vary by service"},
    {.path = "credits.ladder",
     .value = "[{below: target, credit: 10%}, {below: 99%, credit: 25%}, {below: 95%, credit: 50%}]",
     .needs_fee = true,
     .source = GOOGLE "; sla.directory/vendors/gemini",
     .as_of = "2026",
     .seen = "bands from a third party, vendor's own text not seen"},
};

static const struct surety_style_key azure_keys[] = {
    {.path = "availability.measure",
     .value = "minutes",
     .source = MICROSOFT,
     .as_of = "2025",
     .seen = "vendor's own text not seen"},
    {.path = "availability.down_at",
     .value = "100%",
     .unless = "availability.measure",
     .source = MICROSOFT,
     .as_of = "2025",
     .seen = "a minute is lost when all attempts in it fail; vendor's own text not seen"},
    {.path = "credits.ladder",
     .value = "[{below: target, credit: 10%}, {below: 99%, credit: 25%}]",
     .needs_fee = true,
     .source = MICROSOFT,
     .as_of = "2025",
     .seen = "bands unverified, vendor's own text not seen"},
};

static const struct surety_style_key probes_keys[] = {
    {.path = "availability.measure", .value = "probes", .source = OWN, .as_of = "2026", .seen = "a common set-up"},
    {.path = "availability.interval",
     .value = "1m",
     .unless = "availability.measure",
     .source = OWN,
     .as_of = "2026",
     .seen = "a common set-up"},
    {.path = "availability.failures",
     .value = "3",
     .unless = "availability.measure",
     .source = OWN,
     .as_of = "2026",
     .seen = "a common set-up"},
    {.path = "availability.sites",
     .value = "3",
     .unless = "availability.measure",
     .source = OWN,
     .as_of = "2026",
     .seen = "a common set-up"},
    {.path = "availability.quorum",
     .value = "2",
     .unless = "availability.measure",
     .source = OWN,
     .as_of = "2026",
     .seen = "a common set-up"},
    {.path = "credits.ladder",
     .value = "[{below: target, credit: 10%}, {below: 99%, credit: 25%}, {below: 95%, credit: 100%}]",
     .needs_fee = true,
     .source = AWS,
     .as_of = "2023-10-04",
     .seen = "the strictest of the known ladders; official page seen"},
};

#define N(array) (sizeof array / sizeof *array)

const struct surety_style surety_styles[] = {
    {"aws", "error rates of 5-minute intervals, averaged over the month", aws_keys, N(aws_keys)},
    {"google", "minutes with 5 % errors, in runs of at least one minute", google_keys, N(google_keys)},
    {"azure", "minutes in which all attempts fail", azure_keys, N(azure_keys)},
    {"probes", "synthetic probes from three sites, two of which must agree", probes_keys, N(probes_keys)},
    {NULL, NULL, NULL, 0},
};

const char *const surety_style_words[] = {"aws", "google", "azure", "probes", NULL};
