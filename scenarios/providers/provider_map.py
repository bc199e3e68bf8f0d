# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of one provider as YAML: an entry of the catalogue. Used by fit_providers.py and fit_status.py."""

import math
import textwrap

NO_LICENCE = "none stated; facts only"
PRICES = {  # list prices: model, input, cached input (None: no such price), output in USD per million tokens
    "openai": ("gpt-5.4-mini", "0.75", "0.075", "4.5"),
    "anthropic": ("claude-haiku-4-5", "1", "0.1", "5"),
    "groq": ("llama-3.3-70b-versatile", "0.59", None, "0.79"),
}
PRICES_AS_OF = "2026-08-01 (LiteLLM's price list, MIT)"


PRIORS = {  # the program's classes (models/prior.c): one outage in so many days
    "llm-api-partial": 21.9, "llm-api-major": 52.9,
    "developer-platform-partial": 18.3, "developer-platform-major": 42.5,
}
HALF_LIFE = 90.0  # days, the default of `observed`
POOL_WORTH = 20  # outages that the other services' mean length is worth
FAILING = {  # 30 % on average, 10 to 60 %: below 30 % with probability 0.6, as 0.6 x 20 % + 0.4 x 45 % = 30 %
    "partial": "{law: {mixture: [\n      {weight: 0.6, of: {uniform: {min: 10%, max: 30%}}},"
               " {weight: 0.4, of: {uniform: {min: 30%, max: 60%}}}]}}",
    "major": "100%",
}


def believed_per_day(number, days, prior):
    """mean rate of what `observed` makes of a record"""
    exposure = HALF_LIFE / math.log(2) * (1 - 2 ** (-days / HALF_LIFE))
    return (1 + number * exposure / days) / (PRIORS[prior] + exposure)


def believed_long_run(sources):
    """share of requests served with all uncertain values at their means; sources: (rate per day, mean min, failing)"""
    return math.prod(1 - rate * mean / 1440 * failing for rate, mean, failing in sources)


def write_map(title, source, note, outages, weights, price):
    """the map of one provider as YAML; outages: (name, comment or None, shape, number, days, prior, mean min, sigma)"""
    lines = [f"# {title}: the map of one provider, written by fit_providers.py. See README.md beside it.", "source:"]
    lines += [f"  {key}: {value}" for key, value in source.items()]
    if price is not None:
        note += f" List price of {price[0]}, as of {PRICES_AS_OF}"
    lines += textwrap.wrap(f'note: "{note}"', 118, subsequent_indent="  ", break_on_hyphens=False) + ["outages:"]
    for name, comment, shape, number, days, prior, mean, sigma in outages:
        doubt = sigma / math.sqrt(max(number, POOL_WORTH))
        lines += [f"  # {comment}"] if comment else []
        lines += [f"  {name}:",
                  f"    incidents: {{shape: {shape:.2f}, rate: {{observed: {{count: {number}, over: {days:g}d,"
                  f" until: {source['until']},", f"      prior: {prior}}}}}}}",
                  f"    time_to_repair: {{lognormal: {{mean: {{law: {{lognormal: {{mean: {mean:.1f}m,"
                  f" sigma: {doubt:.2f}}}}}}}, sigma: {sigma:.2f}}}}}",
                  f"    failing: {FAILING[name]}"]
    lines += ["weekly_rhythm:", "  # when outages start; 12 hours of UTC a line, from Monday 00:00", "  timezone: UTC",
              "  hours: ["]
    for first_hour in range(0, 168, 12):
        hours = ", ".join(f"{w:.2f}" for w in weights[first_hour:first_hour + 12])
        lines.append("    " + hours + ("," if first_hour < 156 else "]"))
    if price is not None:
        cached = f" cached_input: {price[2]} USD/Mtok," if price[2] else ""
        lines.append(f"price: {{input: {price[1]} USD/Mtok,{cached} output: {price[3]} USD/Mtok}}")
    return "\n".join(lines) + "\n"


def copy_for_case(text):
    """what ../support-chat.yaml has of an entry: outages, rhythm and price, indented as a provider"""
    return textwrap.indent(text[text.index("outages:\n"):], "    ")
