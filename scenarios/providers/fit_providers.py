#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fit the outage laws of services from their public status records: the catalogue's entries.

usage: fit_providers.py [--write] [--check] [--records N] [--seed S] DATA_DIR [SERVICE ...]

DATA_DIR holds the input files (facts only: times, minutes, severity codes):
  incidents_nolicence/llm_daily_outage_minutes_2021_2024.csv   minutes of partial and major outage per service and day
  incidents_nolicence/llm_incidents_icpe25.csv                 start and close of every incident report
  incidents_nolicence/ai_status_2026.csv, incidents/github_incidents_2022_2026.csv   see fit_status.py

Without options: print one YAML fragment per service (the map of one provider) and a table of what was fitted.
  --write   also write each fragment to NAME.yaml beside this script, and say which copy in ../support-chat.yaml differs
  --check   simulate N records (default 2000) as long as the real one and print the recorded monthly availability
            beside the 5 %, 50 % and 95 % quantiles of the simulated ones
SERVICE is a name of the record (api, claude.ai, ...) or of the fragment (openai-api, claude-ai, ...); default all.

What is fitted, and to what, is explained in README.md beside this script. Standard library only; the same input and
options give the same output.
"""

import argparse
import bisect
import csv
import datetime as dt
import math
import os
import random
import sys

import fit_status
from provider_map import NO_LICENCE, PRICES, believed_long_run, believed_per_day, copy_for_case, write_map

# name of the fragment, service in the daily file, service in the incident file, vendor, what it is
SERVICES = (
    ("openai-api", "api", "API", "openai", "OpenAI API"),
    ("chatgpt", "chatgpt", "ChatGPT", "openai", "ChatGPT (web application)"),
    ("openai-labs", "labs", "Labs", "openai", "OpenAI Labs (DALL-E)"),
    ("openai-playground", "playground", "Playground", "openai", "OpenAI Playground"),
    ("anthropic-api", "api.anthropic.com", "api.anthropic.com", "anthropic", "Anthropic API"),
    ("claude-ai", "claude.ai", "claude.ai", "anthropic", "Claude.ai (web application)"),
    ("anthropic-console", "console.anthropic.com", "console.anthropic.com", "anthropic", "Anthropic Console"),
    ("character-ai", "character.ai", "Character.AI", "character", "Character.AI"),
)

SOURCES = (("major", 1.0), ("partial", 0.3))  # share of requests that fail; the record weighs minutes the same way
MIN_OWN_SIGMA = 20  # episodes a source needs before its own spread is used; below it the pooled spread
RHYTHM_OFFSET = -8  # hours from UTC of US Pacific standard time, in which the rhythm's classes are cut
RHYTHM_PRIOR = 10.0  # starts' worth of all vendors' pooled rhythm mixed into each vendor's own
CONTINUED = 5.0  # minutes: a day's outage that reaches midnight within this is one with the next day's
TARGETS = (99.5, 99.9, 99.95)
HOUR = dt.timedelta(hours=1)


# --- calendar -------------------------------------------------------------------------------------------------------

def pacific_midnight(day):
    """UTC time of the midnight that begins `day` in US Pacific time (the status pages count days in that zone)."""
    def sunday(month, nth):
        first = dt.date(day.year, month, 1)
        return first + dt.timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
    summer = sunday(3, 2) < day <= sunday(11, 1)  # changes happen at 02:00, after midnight
    return dt.datetime(day.year, day.month, day.day, 7 if summer else 8)


def parse_time(text):
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


# --- reading --------------------------------------------------------------------------------------------------------

def read_days(path):
    """service -> sorted list of (date, {source: minutes}, scaled minutes)"""
    days = {}
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            minutes = {"partial": float(row["partial_outage_min"]), "major": float(row["major_outage_min"])}
            days.setdefault(row["service"], []).append(
                (dt.date.fromisoformat(row["date"]), minutes, float(row["scaled_outage_min"])))
    for service, rows in days.items():
        rows.sort(key=lambda row: row[0])
        for (a, _, _), (b, _, _) in zip(rows, rows[1:]):
            if (b - a).days != 1:
                raise SystemExit(f"{path}: {service}: {a} is followed by {b}")
    return days


def read_incidents(path):
    """service -> list of (start, close), and vendor -> list of distinct starts; scheduled maintenance is left out"""
    by_service, by_vendor = {}, {}
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["impact_level"] == "4":
                continue
            start, close = parse_time(row["start_utc"]), parse_time(row["close_utc"])
            services = [s for s in row["services"].split(";") if s]
            if services:  # a report without a service is mostly a note written later, its time not that of an outage
                by_vendor.setdefault(row["provider"], []).append(start)
            for service in services:
                by_service.setdefault(service, []).append((start, close))
    return by_service, by_vendor


def merge(incidents):
    """overlapping or touching incidents become one episode"""
    episodes = []
    for start, close in sorted(incidents):
        if episodes and start <= episodes[-1][1]:
            episodes[-1][1] = max(episodes[-1][1], close)
        else:
            episodes.append([start, close])
    return episodes


# --- outage lengths -------------------------------------------------------------------------------------------------

def continues(day, minutes, incidents):
    """whether the outage of `day` goes on past its end: an incident is open at midnight, or the day's minutes fill
    the time from the start of one of its incidents to midnight"""
    begin, end = pacific_midnight(day), pacific_midnight(day + dt.timedelta(days=1))
    for start, close in incidents:
        if start < end < close:
            return True
        if begin <= start < end and minutes >= 60 and abs((end - start).total_seconds() / 60 - minutes) <= CONTINUED:
            return True
    return False


def outage_lengths(rows, incidents, source):
    """minutes of each outage of one source: a day's minutes, joined with the next day's when the outage continues"""
    lengths, joined = [], False
    for day, minutes, _ in rows:
        value = minutes[source]
        if value > 0:
            if joined:
                lengths[-1] += value
            else:
                lengths.append(value)
        joined = value > 0 and continues(day, sum(minutes.values()), incidents)
    return lengths


def log_moments(lengths):
    logs = [math.log(x) for x in lengths]
    mean = sum(logs) / len(logs)
    return mean, sum((x - mean) ** 2 for x in logs)


# --- weekly rhythm --------------------------------------------------------------------------------------------------

def rhythm_class(hour, window):
    """0 = Mon-Fri inside the window, 1 = Mon-Fri outside, 2 = weekend; `hour` is of the UTC week"""
    local = (hour + RHYTHM_OFFSET) % 168
    if local >= 120:
        return 2
    return 0 if window[0] <= local % 24 < window[1] else 1


def hour_of_week(time):
    return time.weekday() * 24 + time.hour


def fit_rhythm(by_vendor):
    """vendor -> 168 weights over the UTC week; window by maximum likelihood on all starts, weights per vendor"""
    def count(starts, window):
        counts = [0, 0, 0]
        for start in starts:
            counts[rhythm_class(hour_of_week(start), window)] += 1
        return counts

    everything = [s for starts in by_vendor.values() for s in starts]
    best = None
    for first in range(0, 18):
        for last in range(first + 4, min(first + 16, 24) + 1):
            window = (first, last)
            hours = [sum(rhythm_class(h, window) == c for h in range(168)) for c in range(3)]
            counts = count(everything, window)
            likelihood = sum(n * math.log(n / h) for n, h in zip(counts, hours) if n)
            if best is None or likelihood > best[0]:
                best = (likelihood, window, hours, counts)
    _, window, hours, pooled = best
    weights = {}
    for vendor, starts in sorted(by_vendor.items()):
        counts = count(starts, window)
        total = len(starts) + RHYTHM_PRIOR
        rates = [(n + RHYTHM_PRIOR * p / len(everything)) / total * 168 / h for n, p, h in zip(counts, pooled, hours)]
        weights[vendor] = ([round(rates[rhythm_class(h, window)], 2) for h in range(168)], counts,
                           [round(r, 2) for r in rates])
    return window, weights


class Clock:
    """operational time of a weekly table of weights (scaled to mean 1); hours, origin Monday 00:00 UTC"""

    def __init__(self, weights):
        scale = 168 / sum(weights)
        self.rate = [w * scale for w in weights]
        self.table = [0.0]
        for rate in self.rate:
            self.table.append(self.table[-1] + rate)

    def operational(self, hour):
        weeks, rest = divmod(hour, 168.0)
        whole = min(int(rest), 167)
        return weeks * 168.0 + self.table[whole] + (rest - whole) * self.rate[whole]

    def calendar(self, operational):
        weeks, rest = divmod(operational, 168.0)
        whole = min(bisect.bisect_right(self.table, rest) - 1, 167)
        return weeks * 168.0 + whole + (rest - self.table[whole]) / self.rate[whole]


EPOCH = dt.datetime(2018, 1, 1)  # a Monday


def hours_since_epoch(time):
    return (time - EPOCH) / HOUR


# --- shape of the up times ------------------------------------------------------------------------------------------

def fit_weibull(values, censored):
    """shape by maximum likelihood, `censored` values only survived; returns shape and its standard error"""
    scale = sum(values) / len(values)
    x = [v / scale for v in values]
    c = [v / scale for v in censored if v > 0]
    both, mean_log = x + c, sum(math.log(v) for v in x) / len(x)

    def score(k):
        power = [v ** k for v in both]
        return sum(p * math.log(v) for p, v in zip(power, both)) / sum(power) - 1 / k - mean_log

    low, high = 0.05, 10.0
    for _ in range(200):
        middle = (low + high) / 2
        if score(middle) > 0:
            high = middle
        else:
            low = middle
    k = (low + high) / 2
    step = 1e-4
    information = len(x) * (score(k + step) - score(k - step)) / (2 * step)
    return k, 1 / math.sqrt(information)


# --- the fit --------------------------------------------------------------------------------------------------------

def fit(data_dir):
    folder = os.path.join(data_dir, "incidents_nolicence")
    days = read_days(os.path.join(folder, "llm_daily_outage_minutes_2021_2024.csv"))
    by_service, by_vendor = read_incidents(os.path.join(folder, "llm_incidents_icpe25.csv"))
    window, rhythm = fit_rhythm(by_vendor)

    lengths = {(name, source): outage_lengths(days[key], by_service[incident_key], source)
               for name, key, incident_key, _, _ in SERVICES for source, _ in SOURCES}
    pooled = {}
    for source, _ in SOURCES:
        squares = degrees = number = 0
        total = 0.0
        for name, *_ in SERVICES:
            values = lengths[name, source]
            if values:
                squares += log_moments(values)[1]
                degrees += len(values) - 1
                number += len(values)
                total += sum(values)
        pooled[source] = (math.sqrt(squares / degrees), total / number)

    fits = []
    for name, key, incident_key, vendor, title in SERVICES:
        rows = days[key]
        weights, _, _ = rhythm[vendor]
        clock = Clock(weights)
        episodes = merge(by_service[incident_key])
        end = pacific_midnight(rows[-1][0] + dt.timedelta(days=1))
        operational = [(clock.operational(hours_since_epoch(a)), clock.operational(hours_since_epoch(b)))
                       for a, b in episodes]
        gaps = [b[0] - a[1] for a, b in zip(operational, operational[1:])]
        last = clock.operational(hours_since_epoch(end)) - operational[-1][1]
        shape, error = fit_weibull(gaps, [last])
        result = {"name": name, "key": key, "title": title, "vendor": vendor, "rows": rows, "weights": weights,
                  "shape": round(shape, 2), "shape_error": error, "incidents": len(by_service[incident_key]),
                  "episodes": len(episodes), "gap_mean": sum(gaps) / len(gaps), "sources": {}}
        total = len(rows) * 1440.0
        result["record"] = 1 - sum(row[2] for row in rows) / total
        for source, failing in SOURCES:
            values = lengths[name, source]
            number, down = len(values), sum(values)
            own = math.sqrt(log_moments(values)[1] / number) if values else 0.0
            if values:
                mean = down / number
                up = (total - down) / number
            else:  # never seen is not impossible: half an event in the record, the other services' mean length
                mean = pooled[source][1]
                up = total / 0.5 - mean
            sigma = own if number >= MIN_OWN_SIGMA else pooled[source][0]
            result["sources"][source] = {"failing": failing, "number": number, "minutes": down, "own": own,
                                         "values": values, "mean": round(mean, 1), "sigma": round(sigma, 2),
                                         "up": round(up / 60, 1)}
        result["model"] = 1 - sum(s["failing"] * s["mean"] / (s["mean"] + 60 * s["up"])
                                  for s in result["sources"].values())
        fits.append(result)
    return fits, window, rhythm, pooled


# --- output ---------------------------------------------------------------------------------------------------------

STUDY = "public status page, daily outage minutes of the study Chu et al., ICPE 2025 (arXiv 2501.12469)"


def fragment(result):
    first, last, days = result["rows"][0][0], result["rows"][-1][0], len(result["rows"])
    outages, counts, believed = [], [], []
    for name, s in result["sources"].items():
        comment, prior = None, f"llm-api-{name}"
        if not s["number"]:
            comment = "None recorded: lengths as of the other services."
        elif s["number"] < MIN_OWN_SIGMA:
            comment = f"Only {s['number']} recorded: their mean length, the other services' spread."
        outages.append((name, comment, result["shape"], s["number"], days, prior, s["mean"], s["sigma"]))
        believed.append((believed_per_day(s["number"], days, prior), s["mean"], s["failing"]))
        counts.append(f"{s['number']} {name} ({s['minutes']:.0f} min)")
    note = (f"{result['title']}: {', '.join(counts)} in {days} days. The record's mean is {100 * result['record']:.3f} %,"
            f" with uncertain values at their means {100 * believed_long_run(believed):.3f} %: the share of requests served"
            " under flat demand (measure: requests), not the share of time.")
    source = {"what": f'"{STUDY}"', "from": first, "until": last,
              "incidents": sum(s["number"] for s in result["sources"].values()), "licence": NO_LICENCE}
    api = result["name"] in ("openai-api", "anthropic-api")
    price = PRICES[result["vendor"]] if api else None
    return write_map(result["title"], source, note, outages, result["weights"], price)


def print_tables(fits, window, rhythm, pooled):
    print(f"weekly rhythm: Mon-Fri {window[0]:02d}-{window[1]:02d} (UTC{RHYTHM_OFFSET:+d}), Mon-Fri else, weekend")
    for vendor, (_, counts, rates) in rhythm.items():
        print(f"  {vendor:<12} starts {counts[0]:4d} {counts[1]:4d} {counts[2]:4d}   weights "
              + " ".join(f"{r:5.2f}" for r in rates))
    print("pooled lengths: " + ", ".join(f"{s} mean {m:.1f} min, sigma {g:.2f}" for s, (g, m) in pooled.items()))
    print()
    print(f"{'service':<18} {'days':>5} {'reports':>7} {'episodes':>8} {'shape':>6} {'+-':>5}   {'source':<8}"
          f"{'outages':>7} {'minutes':>8} {'mean min':>9} {'sigma':>6} {'own':>6} {'up h':>8}"
          f" {'record %':>9} {'model %':>9}")
    for r in fits:
        head = (f"{r['name']:<18} {len(r['rows']):>5} {r['incidents']:>7} {r['episodes']:>8} {r['shape']:>6.2f}"
                f" {r['shape_error']:>5.2f}")
        tail = f" {100 * r['record']:>9.4f} {100 * r['model']:>9.4f}"
        for source, s in r["sources"].items():
            print(f"{head}   {source:<8}{s['number']:>7} {s['minutes']:>8.0f} {s['mean']:>9.1f} {s['sigma']:>6.2f}"
                  f" {s['own']:>6.2f} {s['up']:>8.1f}{tail}")
            head, tail = " " * len(head), ""


# --- check by simulation --------------------------------------------------------------------------------------------

def months_of(rows):
    """whole calendar months of a record: list of (first day, minutes, scaled minutes); a month counts from 28 days"""
    groups = {}
    for day, _, scaled in rows:
        groups.setdefault((day.year, day.month), []).append((day, scaled))
    return [(days[0][0], 1440.0 * len(days), sum(s for _, s in days))
            for _, days in sorted(groups.items()) if len(days) >= 28]


def statistics(availability):
    ordered = sorted(availability)
    return ([100 * sum(ordered) / len(ordered), 100 * ordered[math.ceil(len(ordered) / 10) - 1], 100 * ordered[0]]
            + [sum(a >= t / 100 - 1e-12 for a in ordered) for t in TARGETS])


STATISTICS = ("mean %", "p10 %", "minimum %") + tuple(f"months >= {t:g} %" for t in TARGETS)


def simulate(result, months, random_source):
    """down time of each month, weighted by the share failing, over one stationary record (minutes)"""
    start = hours_since_epoch(dt.datetime.combine(months[0][0], dt.time()))
    bounds = [start]
    for _, minutes, _ in months:
        bounds.append(bounds[-1] + minutes / 60)
    lost = [0.0] * len(months)
    clock, shape = result["clock"], result["shape"]
    for s in result["sources"].values():
        scale = s["up"] / math.gamma(1 + 1 / shape)
        mean, sigma = s["mean"] / 60, s["sigma"]
        mu = math.log(mean) - sigma * sigma / 2
        now = start
        if random_source.random() < mean / (mean + s["up"]):  # down at the start: rest of a length-biased repair
            up, length = 0.0, random_source.random() * math.exp(random_source.gauss(mu + sigma * sigma, sigma))
        else:
            up = random_source.random() * scale * random_source.gammavariate(1 + 1 / shape, 1) ** (1 / shape)
            length = random_source.lognormvariate(mu, sigma)
        while True:
            now = clock.calendar(clock.operational(now) + up)
            if now >= bounds[-1]:
                break
            first, end = now, now + length
            month = bisect.bisect_right(bounds, first) - 1
            while month < len(months) and first < end:
                piece = min(end, bounds[month + 1]) - first
                lost[month] += 60 * piece * s["failing"]
                first += piece
                month += 1
            now = end
            up = scale * random_source.expovariate(1) ** (1 / shape)
            length = random_source.lognormvariate(mu, sigma)
    return lost


def check(fits, records, seed):
    print(f"check: {records} simulated records per service; the record beside the model's 5, 50 and 95 % quantiles")
    print(f"{'service':<18} {'months':>6}  {'statistic':<17} {'record':>9} {'p05':>9} {'p50':>9} {'p95':>9}")
    inside = total = 0
    for result in fits:
        random_source = random.Random(f"{seed}:{result['name']}")
        result["clock"] = Clock(result["weights"])
        months = months_of(result["rows"])
        recorded = statistics([1 - lost / minutes for _, minutes, lost in months])
        drawn = [[] for _ in recorded]
        for _ in range(records):
            lost = simulate(result, months, random_source)
            values = statistics([max(0.0, 1 - l / m) for l, (_, m, _) in zip(lost, months)])
            for column, value in zip(drawn, values):
                column.append(value)
        head = f"{result['name']:<18} {len(months):>6}"
        for label, value, column in zip(STATISTICS, recorded, drawn):
            column.sort()
            low, middle, high = (column[max(0, math.ceil(p * records) - 1)] for p in (0.05, 0.5, 0.95))
            ok = low - 1e-9 <= value <= high + 1e-9
            inside, total = inside + ok, total + 1
            text = (lambda v: f"{v:9d}") if isinstance(value, int) else (lambda v: f"{v:9.4f}")
            print(f"{head}  {label:<17} {text(value)} {text(low)} {text(middle)} {text(high)}"
                  + ("" if ok else "  outside"))
            head = " " * len(head)
    print(f"{inside} of {total} recorded values lie inside the model's 90 % band")


def main():
    parser = argparse.ArgumentParser(description="fit the outage laws of services", allow_abbrev=False)
    parser.add_argument("data_dir", metavar="DATA_DIR")
    parser.add_argument("services", metavar="SERVICE", nargs="*")
    parser.add_argument("--write", action="store_true", help="write NAME.yaml beside this script")
    parser.add_argument("--check", action="store_true", help="simulate and compare with the record")
    parser.add_argument("--records", type=int, default=2000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    arguments = parser.parse_args()
    known = {label for name, key, *_ in SERVICES for label in (name, key)} | set(fit_status.NAMES)
    for service in arguments.services:
        if service not in known:
            parser.error(f"unknown service {service}; known: {', '.join(sorted(known))}")
    if arguments.records < 1:
        parser.error("--records must be at least 1")

    try:
        fits, window, rhythm, pooled = fit(arguments.data_dir)
        entries = {r["name"]: fragment(r) for r in fits}
        entries.update(fit_status.entries(arguments.data_dir, fits, window, rhythm, pooled))
    except OSError as error:
        sys.exit(f"fit_providers.py: {error}")
    if arguments.services:
        fits = [r for r in fits if r["name"] in arguments.services or r["key"] in arguments.services]
        chosen = {r["name"] for r in fits} | set(arguments.services)
        entries = {name: text for name, text in entries.items() if name in chosen}
    here = os.path.dirname(os.path.abspath(__file__))
    for name, text in entries.items():
        print(f"--- {name}\n{text}")
        if arguments.write:
            with open(os.path.join(here, name + ".yaml"), "w", encoding="utf-8", newline="\n") as handle:
                handle.write(text)
    with open(os.path.join(here, "..", "support-chat.yaml"), encoding="utf-8") as handle:
        case = handle.read()
    for name in ("openai-api", "anthropic-api"):
        if name in entries and copy_for_case(entries[name]) not in case:
            print(f"fit_providers.py: the copy of {name} in support-chat.yaml differs", file=sys.stderr)
    if fits:
        print_tables(fits, window, rhythm, pooled)
    if arguments.check:
        print()
        check(fits, arguments.records, arguments.seed)


if __name__ == "__main__":
    main()
