# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's entries from lists of incidents: AI services in 2026, GitHub 2022-2026. Used by fit_providers.py.

incidents_nolicence/ai_status_2026.csv      one row per incident and component: severity, opened, resolved
incidents/github_incidents_2022_2026.csv    one row per incident: impact, start and end of the downtime, components

What is fitted, and to what, is explained in README.md beside this script. Standard library only.
"""

import csv
import datetime as dt
import math
import os

import fit_providers as base
from provider_map import NO_LICENCE, PRICES, believed_long_run, believed_per_day, write_map

AI = (  # entry, product in the list, vendor, 2021-24 entry whose shape is taken where reports are few, what it is
    ("openai-api-2026", "openai-api", "openai", "openai-api", "OpenAI API"),
    ("chatgpt-2026", "chatgpt", "openai", "chatgpt", "ChatGPT (web application)"),
    ("anthropic-api-2026", "anthropic-api", "anthropic", "anthropic-api", "Anthropic API"),
    ("claude-ai-2026", "claude-ai", "anthropic", "claude-ai", "Claude.ai (web application)"),
    ("groq-api", "groq-api", "groq", "openai-api", "Groq API"),
)
NAMES = tuple(name for name, *_ in AI) + ("github",)
SEVERITIES = {"partial_outage": "partial", "major_outage": "major"}  # degraded_performance: slow, no request fails
GITHUB_IMPACTS = {"minor": "partial", "major": "major", "critical": "major"}
GITHUB_COMPONENTS = {"API Requests", "Git Operations"}
LONGEST = 24 * 60.0  # minutes: an incident open longer as an outage is a page that was not updated
MIN_REPORTS = 20  # below it the shape of the up times is another entry's
PRIOR = 5.0  # outages' worth of the pooled mean length mixed into a short record's own
LAST_SCRAPE = dt.datetime(2026, 7, 1)


def poisson_cdf(n, mean):
    term = total = math.exp(-mean)
    for k in range(1, n + 1):
        term *= mean / k
        total += term
    return total


def solve(function, low, high):
    """where a falling function is 0"""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


def rate_range(n, years):
    """the exact 90 % interval of a Poisson rate per year"""
    top = n + 10 * math.sqrt(n + 1) + 10
    low = 0.0 if n == 0 else solve(lambda m: poisson_cdf(n - 1, m) - 0.95, 0.0, top)
    return low / years, solve(lambda m: poisson_cdf(n, m) - 0.05, 0.0, top) / years


def read_ai(path, product):
    """list of (start, end, severity): one per incident, its components' rows joined; and those that were too long"""
    joined, too_long = {}, []
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["product"] != product or row["severity"] == "operational" or not row["resolved_utc"]:
                continue
            start, end = base.parse_time(row["opened_utc"]), base.parse_time(row["resolved_utc"])
            severity = SEVERITIES.get(row["severity"], "degraded")
            if severity != "degraded" and (end - start).total_seconds() / 60 > LONGEST:
                too_long.append((start, end))
                severity = "degraded"
            joined.setdefault((start, end, severity), None)
    return sorted(joined), sorted(set(too_long))


def first_of_vendor(path, vendor):
    with open(path, newline="", encoding="utf-8") as handle:
        return min(base.parse_time(r["opened_utc"]) for r in csv.DictReader(handle) if r["company"] == vendor)


def read_github(path):
    incidents = []
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["impact"] in GITHUB_IMPACTS and GITHUB_COMPONENTS & set(row["components"].split(";")):
                incidents.append((base.parse_time(row["downtime_start_utc"]), base.parse_time(row["downtime_end_utc"]),
                                  GITHUB_IMPACTS[row["impact"]]))
    return sorted(incidents)


def weights_of(starts, window, pooled_counts):
    """168 weights by class of hour, ten starts' worth of the pooled ones mixed in, as in fit_providers.fit_rhythm"""
    classes = [base.rhythm_class(h, window) for h in range(168)]
    hours = [classes.count(c) for c in range(3)]
    counts = [sum(classes[base.hour_of_week(s)] == c for s in starts) for c in range(3)]
    prior, total = sum(pooled_counts), len(starts) + base.RHYTHM_PRIOR
    rates = [(n + base.RHYTHM_PRIOR * p / prior) / total * 168 / h for n, p, h in zip(counts, pooled_counts, hours)]
    return [round(rates[c], 2) for c in classes]


def shape_of(incidents, weights, end):
    clock = base.Clock(weights)
    at = [(clock.operational(base.hours_since_epoch(a)), clock.operational(base.hours_since_epoch(b)))
          for a, b in base.merge([(a, b) for a, b, _ in incidents])]
    gaps = [b[0] - a[1] for a, b in zip(at, at[1:])]
    return base.fit_weibull(gaps, [clock.operational(base.hours_since_epoch(end)) - at[-1][1]])


def fit_sources(incidents, minutes, pooled, prior):
    """per source: number, minutes, mean length, sigma, mean up time in hours"""
    found = {}
    for source, failing in base.SOURCES:
        episodes = base.merge([(a, b) for a, b, severity in incidents if severity == source])
        lengths = [(b - a).total_seconds() / 60 for a, b in episodes if b > a]
        n, down = len(lengths), sum(lengths)
        sigma = math.sqrt(base.log_moments(lengths)[1] / n) if n >= base.MIN_OWN_SIGMA else pooled[source][0]
        mean = round((down + prior * pooled[source][1]) / (n + prior) if n + prior > 0 else pooled[source][1], 1)
        up = round((minutes / max(n, 0.5) - mean) / 60, 1)
        found[source] = {"n": n, "minutes": down, "mean": mean, "sigma": round(sigma, 2), "up": up, "failing": failing}
    return found


def long_run(sources, days, kind):
    """in percent, with the uncertain values at their means"""
    return 100 * believed_long_run([(believed_per_day(s["n"], days, f"{kind}-{name}"), s["mean"], s["failing"])
                                    for name, s in sources.items()])


def rows_of(sources, shape, prior, days, kind):
    rows = []
    for name, s in sources.items():
        comment = None
        if s["n"] == 0:
            comment = "None recorded: length as of the other services in 2021-24."
        elif s["n"] < base.MIN_OWN_SIGMA:
            comment = (f"Only {s['n']} recorded: the other services' spread" +
                       (", and five of their mean length mixed in." if prior else "."))
        rows.append((name, comment, shape, s["n"], days, f"{kind}-{name}", s["mean"], s["sigma"]))
    return rows


def ranges(sources, years):
    texts = []
    for name, s in sources.items():
        low, high = rate_range(s["n"], years)
        texts.append(f"{name} {s['n']} ({low:.1f} to {high:.1f} a year)")
    return ", ".join(texts)


def entries(data_dir, fits, window, rhythm, pooled):
    """name -> YAML text"""
    ai_path = os.path.join(data_dir, "incidents_nolicence", "ai_status_2026.csv")
    pooled_counts = [sum(counts[c] for _, counts, _ in rhythm.values()) for c in range(3)]
    shapes = {r["name"]: r["shape"] for r in fits}
    texts = {}
    for name, product, vendor, shape_from, title in AI:
        incidents, too_long = read_ai(ai_path, product)
        first = first_of_vendor(ai_path, vendor)
        first = dt.datetime(first.year, first.month, first.day)
        minutes = (LAST_SCRAPE - first).total_seconds() / 60
        weights = weights_of([a for a, _, _ in incidents], window, pooled_counts)
        shape = round(shape_of(incidents, weights, LAST_SCRAPE)[0], 2) if len(incidents) >= MIN_REPORTS \
            else shapes[shape_from]
        sources = fit_sources(incidents, minutes, pooled, PRIOR)
        n, days = sum(s["n"] for s in sources.values()), minutes / 1440
        slow = sum(severity == "degraded" for _, _, severity in incidents)
        omitted = "" if not too_long else (f" Left out: {len(too_long)} listed as an outage for more than 24 h"
                                           f" (from {too_long[0][0]:%Y-%m-%d}), as outages are reported inside it.")
        note = (f"{title}, SHORT WINDOW of {days:.0f} days: {ranges(sources, days / 365)}; the range is the 90 %"
                f" interval of the record alone. {slow} reports of degraded performance count as no failing"
                f" request.{omitted} With uncertain values at their means"
                f" {long_run(sources, days, 'llm-api'):.3f} % by requests.")
        source = {"what": '"vendor\'s public status page as collected by b3ngriffiths/ai-status-leaderboard"',
                  "from": first.date(), "until": LAST_SCRAPE.date(), "incidents": n, "licence": NO_LICENCE}
        price = PRICES[vendor] if name in ("openai-api-2026", "anthropic-api-2026", "groq-api") else None
        texts[name] = write_map(title, source, note, rows_of(sources, shape, PRIOR, days, 'llm-api'),
                                weights, price)

    path = os.path.join(data_dir, "incidents", "github_incidents_2022_2026.csv")
    incidents = read_github(path)
    first, last = dt.datetime(2022, 3, 24), dt.datetime(2026, 8, 20)
    minutes = (last - first).total_seconds() / 60
    weights = weights_of([a for a, _, _ in incidents], window, pooled_counts)
    sources = fit_sources(incidents, minutes, pooled, 0)
    note = (f"GitHub, API requests and Git operations, a long record for comparison:"
            f" {ranges(sources, minutes / 525600)}. Impact minor counts as partial (30 % of requests, an assumption), major"
            f" and critical as major (all of them): pessimistic. With uncertain values at their means"
            f" {long_run(sources, minutes / 1440, 'developer-platform'):.3f} % by requests.")
    source = {"what": '"public status page, incidents collected by mrshu/github-statuses"', "from": first.date(),
              "until": last.date(), "incidents": sum(s["n"] for s in sources.values()), "licence": "MIT"}
    shape = round(shape_of(incidents, weights, last)[0], 2)
    rows = rows_of(sources, shape, 0, minutes / 1440, "developer-platform")
    texts["github"] = write_map("GitHub", source, note, rows, weights, None)
    return texts
