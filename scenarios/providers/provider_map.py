# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of one provider as YAML: an entry of the catalogue. Used by fit_providers.py and fit_status.py."""

import textwrap

NO_LICENCE = "none stated; facts only"
PRICES = {  # list prices: model, input, cached input (None: no such price), output in USD per million tokens
    "openai": ("gpt-5.4-mini", "0.75", "0.075", "4.5"),
    "anthropic": ("claude-haiku-4-5", "1", "0.1", "5"),
    "groq": ("llama-3.3-70b-versatile", "0.59", None, "0.79"),
}
PRICES_AS_OF = "2026-08-01 (LiteLLM's price list, MIT)"


def write_map(title, source, note, sources, weights, price):
    """the map of one provider as YAML; sources: name, comment or None, shape or None, up h, mean min, sigma, failing"""
    lines = [f"# {title}: the map of one provider, written by fit_providers.py. See README.md beside it.", "source:"]
    lines += [f"  {key}: {value}" for key, value in source.items()]
    if price is not None:
        note += f" List price of {price[0]}, as of {PRICES_AS_OF}"
    lines += textwrap.wrap(f'note: "{note}"', 118, subsequent_indent="  ", break_on_hyphens=False) + ["outages:"]
    for name, comment, shape, up, mean, sigma, failing in sources:
        lines += [f"  # {comment}"] if comment else []
        lines += [f"  {name}:", f"    time_to_failure: {{weibull: {{shape: {shape:.2f}, mean: {up:.1f}h}}}}",
                  f"    time_to_repair: {{lognormal: {{mean: {mean:.1f}m, sigma: {sigma:.2f}}}}}",
                  f"    failing: {100 * failing:.0f}%"]
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
