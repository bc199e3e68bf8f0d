#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event engine against the request-level one, on every scenario with latencies and without limits.

usage: compare_engines.py [DATA_DIR] SURETY [--se PERCENT] [--most REQUESTS] [--markdown] [SCENARIO...]

Both engines run whole terms of the same worlds (same seed, same outages), so that they differ by the chance of single
requests and by what the event engine composes where the other one plays. Of each architecture and workload: share
failing, p50, p95 and p99 of the first token and of the end. Worlds are added until the standard error of the share
failing, by the event engine's own value, is at most --se (0.4 %) of it, or --most requests have been played.
A row is `same` within 2 %, `chance` within 5 standard errors, `APART` else. Exit status 1 when a row is APART.
Standard library only.
"""

import argparse
import datetime
import glob
import json
import math
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WITHIN = 0.02
ERRORS = 5
PERCENTILES = (50, 95, 99)


def ask(surety, scenario, *arguments):
    done = subprocess.run([surety, "run", scenario, "--quiet", "--json", "-", *arguments], capture_output=True, text=True,
                          cwd=ROOT, check=False)
    if done.returncode == 2 and "unsupported" in done.stderr:
        return None
    if done.returncode != 0:
        raise SystemExit(f"{scenario}: {done.stderr}")
    return json.loads(done.stdout)


def events(surety, scenario, worlds):
    """[(architecture, workload, {what: value})], and the term's length in days"""
    result = ask(surety, scenario, "--replications", str(worlds))
    rows = {}
    for architecture in result["architectures"]:
        for workload, laws in architecture.get("latency", {}).items():
            values = {"failing": laws["share_failing"]}
            for metric in ("first_token", "end_to_end"):
                for p in PERCENTILES:
                    if metric in laws:
                        values[f"{metric} p{p}"] = laws[metric][f"p{p}_s"]
            rows[architecture["name"], workload] = values
    return rows


def requests(surety, scenario, worlds, days):
    result = ask(surety, scenario, "--engine", "requests", "--replications", str(worlds), "--horizon", f"{days}d")
    if result is None:
        return None
    rows = {}
    for row in result["results"]:
        values = {"failing": (row["share_failing"]["mean"], None)}
        for metric in ("first_token", "end_to_end"):
            for q in row.get(metric, []):
                if q["percentile"] in PERCENTILES:
                    values[f"{metric} p{q['percentile']:g}"] = (q["s"], (q["lo"], q["hi"]))
        rows[row["architecture"], row["workload"]] = (row["requests"], values)
    return rows


def term_days(scenario):
    """of `term: {start: ..., months: ...}`"""
    with open(os.path.join(ROOT, scenario), encoding="utf-8") as handle:
        found = re.search(r"^term: *\{start: *(\d+)-(\d+)-(\d+), *months: *(\d+)", handle.read(), re.M)
    if found is None:
        return None
    year, month, day, months = map(int, found.groups())
    end = month - 1 + months
    return (datetime.date(year + end // 12, end % 12 + 1, day) - datetime.date(year, month, day)).days


def judge(event, request, se):
    """relative difference, verdict"""
    if event is None or request is None:
        return None, "same" if event == request else "APART"
    if event == 0:
        return 0.0 if request == 0 else math.inf, "same" if request == 0 else "APART"
    difference = request / event - 1
    if abs(difference) <= WITHIN:
        return difference, "same"
    return difference, "chance" if abs(difference) <= ERRORS * se else "APART"


def compare(surety, scenario, se_wanted, most, markdown):
    days = term_days(scenario)
    played = requests(surety, scenario, 1, days) if days is not None else None
    if played is None:
        print(f"{scenario}: left out: the request-level engine does not support it, or `term` is on several lines")
        return 0
    per_world = max(n for n, _ in played.values())
    guess = events(surety, scenario, 64)
    if not guess:
        return 0
    rarest = min(v["failing"] for v in guess.values() if v["failing"] > 0)
    worlds = min(math.ceil((1 - rarest) / rarest / se_wanted ** 2 / per_world), max(1, int(most / per_world)))
    by_events, by_requests = events(surety, scenario, worlds), requests(surety, scenario, worlds, days)
    n_apart = 0
    for key, expected in by_events.items():
        n, values = by_requests[key]
        for what, value in expected.items():
            request, interval = values.get(what, (None, None))
            if what == "failing":
                se = math.sqrt((1 - value) / (value * n)) if value > 0 else 0.0
            else:  # of the percentile, from its 95 % interval
                se = (interval[1] - interval[0]) / (2 * 1.96) / value if interval and interval[0] and interval[1] else 0.0
            difference, verdict = judge(value, request, se)
            n_apart += verdict == "APART"
            cells = (os.path.basename(scenario)[:-5], key[0], key[1], what, f"{n:.3g}",
                     "-" if value is None else f"{value:.5g}", "-" if request is None else f"{request:.5g}",
                     "-" if difference is None else f"{100 * difference:+.2f} %", f"{100 * se:.2f} %", verdict)
            print("| " + " | ".join(cells) + " |" if markdown else
                  "{:16} {:10} {:8} {:16} {:>9} {:>10} {:>10} {:>9} {:>8}  {}".format(*cells), flush=True)
    return n_apart


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("surety")
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--se", type=float, default=0.4, help="percent")
    parser.add_argument("--most", type=float, default=4e7, help="requests of an architecture")
    parser.add_argument("--markdown", action="store_true")
    given = sys.argv[1:]
    arguments = parser.parse_args(given[1:] if given and os.path.isdir(given[0]) else given)  # needs no data
    surety = os.path.abspath(arguments.surety)
    names = arguments.scenario
    if not names:
        for path in sorted(glob.glob(os.path.join(ROOT, "scenarios", "*.yaml"))):
            with open(path, encoding="utf-8") as handle:
                text = handle.read()
            if "latency:" in text and "capacity:" not in text:  # those with limits: validate_load.py
                names.append(os.path.relpath(path, ROOT))
    heads = ("scenario", "architecture", "workload", "what", "requests", "events", "requests", "apart", "s.e.", "")
    if arguments.markdown:
        print("| " + " | ".join(heads) + " |\n|" + "---|" * 4 + "--:|" * 5 + "---|")
    else:
        print("{:16} {:10} {:8} {:16} {:>9} {:>10} {:>10} {:>9} {:>8}  {}".format(*heads))
    n_apart = sum(compare(surety, name, arguments.se / 100, arguments.most, arguments.markdown) for name in names)
    print(f"{n_apart} apart")
    return 1 if n_apart else 0


if __name__ == "__main__":
    sys.exit(main())
