// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/unit_offers.h"

// Facts from vendors' pages, each with its source and date. What nobody could vouch for stands in surety_hearsay below:
// it is listed and never used.

#define SCALE_SOURCE "OpenAI's page on Scale Tier"
#define PTU_SOURCE "Azure's documentation of provisioned throughput, provisioned-throughput-onboarding.md"
#define GSU_SOURCE "Google Cloud's documentation of provisioned throughput, supported models"
#define BOOK "book Azure OpenAI Essentials, 2024/25"

// Input and output tokens are bought apart, by the day.
#define SCALE(model, input, input_price, output, output_price)                                                         \
    {                                                                                                                  \
        "openai-scale-" model,                                                                                         \
            "{tokens_per_minute_per_unit: " input ", minimum: 1, increment: 1, price: " input_price                    \
            " USD/day, term: 30d, output: {tokens_per_minute_per_unit: " output                                        \
            ", minimum: 1, increment: 1, price: " output_price " USD/day}}",                                           \
            "bundle", input " in, " output " out", input_price " + " output_price " USD/day", "2025-H2", SCALE_SOURCE, \
            "page excerpt"                                                                                             \
    }

#define PTU(model, tokens, weight, shown, minimum, increment)                                                          \
    {                                                                                                                  \
        "azure-ptu-" model,                                                                                            \
            "{tokens_per_minute_per_unit: " tokens weight ", minimum: " minimum ", increment: " increment "}", "PTU",  \
            tokens shown "; from " minimum " by " increment, "none known", "2025-08-14", PTU_SOURCE, "document"        \
    }

#define PTU_REGIONAL(model, tokens, weight, shown, minimum, increment)                                                 \
    {                                                                                                                  \
        "azure-ptu-" model "-regional",                                                                                \
            "{tokens_per_minute_per_unit: " tokens weight ", minimum: " minimum ", increment: " increment              \
            ", price: 2 USD/hour}",                                                                                    \
            "PTU", tokens shown "; from " minimum " by " increment, "2 USD/hour", "2025-08-14",                        \
            PTU_SOURCE "; its price: " BOOK, "document; price: third party"                                            \
    }

#define GSU(model, tokens, weight, minimum)                                                                            \
    {                                                                                                                  \
        "vertex-gsu-" model,                                                                                           \
            "{tokens_per_minute_per_unit: " tokens ", output_weight: " weight ", minimum: " minimum                    \
            ", increment: 1, term: 7d}",                                                                               \
            "GSU", tokens ", out x " weight "; from " minimum " by 1", "none known", "2025-05-12", GSU_SOURCE,         \
            "document"                                                                                                 \
    }

// A vendor tells what a unit carries only to those who ask.
#define BEDROCK(name, price, term)                                                                                     \
    {                                                                                                                  \
        "bedrock-" name, "{minimum: 1, increment: 1, price: " price " USD/hour, term: " term "}", "model unit",        \
            "not published", price " USD/hour", "legacy", "LiteLLM's price list, per second", "price list"             \
    }

// clang-format off
const struct surety_unit_offer surety_unit_offers[] = {
    SCALE("gpt-5", "25000", "75", "2500", "60"),
    SCALE("gpt-5-mini", "500000", "275", "50000", "220"),
    SCALE("gpt-4.1", "30000", "110", "2500", "36"),
    SCALE("gpt-4.1-mini", "500000", "450", "50000", "175"),
    SCALE("gpt-4.1-nano", "500000", "110", "50000", "40"),
    SCALE("o3", "25000", "75", "5000", "60"),
    SCALE("o4-mini", "30000", "50", "5000", "32.5"),
    SCALE("gpt-4o", "30000", "124.59", "2500", "39.34"),
    SCALE("gpt-4o-mini", "500000", "114.75", "50000", "49.18"),
    PTU("gpt-5", "4750", ", output_weight: 8", ", out x 8", "15", "5"),
    PTU("o4-mini", "5400", "", ", out x ?", "15", "5"),
    PTU("gpt-4.1", "3000", ", output_weight: 4", ", out x 4", "15", "5"),
    PTU("gpt-4.1-mini", "14900", ", output_weight: 4", ", out x 4", "15", "5"),
    PTU("gpt-4.1-nano", "59400", ", output_weight: 4", ", out x 4", "15", "5"),
    PTU("o3", "3000", "", ", out x ?", "15", "5"),
    PTU("o3-mini", "2500", "", ", out x ?", "15", "5"),
    PTU("o1", "230", "", ", out x ?", "15", "5"),
    PTU("gpt-4o", "2500", "", ", out x ?", "15", "5"),
    PTU("gpt-4o-mini", "37000", "", ", out x ?", "15", "5"),
    PTU("deepseek-r1", "4000", "", ", out x ?", "100", "100"),
    PTU("deepseek-v3-0324", "4000", "", ", out x ?", "100", "100"),
    PTU("deepseek-r1-0528", "4000", "", ", out x ?", "100", "100"),
    PTU_REGIONAL("gpt-5", "4750", ", output_weight: 8", ", out x 8", "50", "50"),
    PTU_REGIONAL("o4-mini", "5400", "", ", out x ?", "25", "25"),
    PTU_REGIONAL("gpt-4.1", "3000", ", output_weight: 4", ", out x 4", "50", "50"),
    PTU_REGIONAL("gpt-4.1-mini", "14900", ", output_weight: 4", ", out x 4", "25", "25"),
    PTU_REGIONAL("gpt-4.1-nano", "59400", ", output_weight: 4", ", out x 4", "25", "25"),
    PTU_REGIONAL("o3", "3000", "", ", out x ?", "50", "50"),
    PTU_REGIONAL("o3-mini", "2500", "", ", out x ?", "25", "25"),
    PTU_REGIONAL("o1", "230", "", ", out x ?", "25", "25"),
    PTU_REGIONAL("gpt-4o", "2500", "", ", out x ?", "50", "50"),
    PTU_REGIONAL("gpt-4o-mini", "37000", "", ", out x ?", "25", "25"),
    GSU("gemini-2.5-pro", "32400", "8", "1"),
    GSU("gemini-2.5-flash", "268800", "4", "1"),
    GSU("gemini-2.5-flash-thinking", "268800", "24", "1"),
    GSU("gemini-2.0-flash", "201600", "4", "1"),
    GSU("gemini-2.0-flash-lite", "403200", "4", "1"),
    GSU("claude-3.7-sonnet", "21000", "5", "25"),
    GSU("claude-3.5-sonnet-v2", "21000", "5", "25"),
    GSU("claude-3.5-haiku", "120000", "5", "10"),
    GSU("claude-3-opus", "4200", "5", "35"),
    GSU("claude-3-haiku", "252000", "5", "5"),
    BEDROCK("claude-v2.1-us-east-1-1-month", "63", "30d"),
    BEDROCK("claude-v2.1-us-east-1-6-months", "34.99", "182d"),
    BEDROCK("claude-v2.1-eu-central-1-1-month", "149.4", "30d"),
    BEDROCK("claude-v2.1-eu-central-1-6-months", "82.98", "182d"),
    BEDROCK("claude-instant-v1-us-east-1-1-month", "39.6", "30d"),
    BEDROCK("claude-instant-v1-us-east-1-6-months", "22", "182d"),
    BEDROCK("command-text-v14-1-month", "39.6", "30d"),
    BEDROCK("command-text-v14-6-months", "23.77", "182d"),
    {"bedrock-reserved-tier",
     "{tokens_per_minute_per_unit: 1000, minimum: 100, increment: 1, term: 30d, "
     "output: {tokens_per_minute_per_unit: 1000, minimum: 10, increment: 1}}",
     "1K tokens", "1000 in, 1000 out; 100 + 10", "none known", "2026", "Amazon Bedrock's documentation of service tiers", "document"},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
// clang-format on

const struct surety_hearsay surety_hearsay[] = {
    {"PTU, regional, term of a month", "260 USD/month", "2024/25", BOOK, "third party"},
    {"PTU, regional, term of a year", "221 USD/month", "2024/25", BOOK, "third party"},
    {"PTU, global", "1 USD/hour", "2025", "recollection", "unverified"},
    {"PTU, data zone", "1.10 USD/hour", "2025", "recollection", "unverified"},
    {"GSU, term of a week", "1200 USD/week", "2025", "recollection", "unverified"},
    {"GSU, term of a month", "2700 USD/month", "2025", "recollection", "unverified"},
    {"GSU, term of three months", "2400 USD/month", "2025", "recollection", "unverified"},
    {"GSU, term of a year", "2000 USD/month", "2025", "recollection", "unverified"},
    {NULL, NULL, NULL, NULL, NULL},
};
