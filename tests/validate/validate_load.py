#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event engine against request-level engine, from little load to more than can be carried: where do they part, and why?

usage: validate_load.py [DATA_DIR] SURETY

A server with 16 places gets 10 to 120 % of what it can carry: by itself with room for 200 that wait (`alone`); behind a
gateway that gives up after 5 s and tries three times more (`retrying`); and that with room for 20 only, who wait less than
5 s (`short`). The event engine takes a steady state, the one with the least load; the request-level engine plays 40 hours of
each. `alone` both have to agree up to 85 %: the 95th percentile of the first token within 3 %, and the share failing within
3 % of itself and 0.1 % of all requests. `retrying` has to up to 70 %, for beyond chance alone sets off storms, and `short`
up to 50 %, for beyond a limited queue's wait is no gamma law and a retry that comes at once finds the queue as full as
before. The tables are those of docs/semantics.md, which say why they part.

Exit status: 0 when all hold, 1 when not, 2 wrong usage, 3 when surety failed. Standard library only.
"""

import json
import math
import subprocess
import sys
import tempfile

PLACES, TOKENS, TOLERANCE, AGREE_UP_TO = 16, 160, 0.03, {"alone": 0.85, "retrying": 0.70, "short": 0.50}
PLACE_S = 0.2 * math.exp(0.4**2 / 2) + TOKENS * 0.012 * math.exp(0.3**2 / 2)  # means of the laws below
LOADS = (0.10, 0.30, 0.50, 0.70, 0.85, 0.90, 0.95, 1.00, 1.05, 1.20)
SCENARIO = """
surety: 1
term: {start: 2027-01-04, months: 1}
workloads: {w: {demand: %.9f/s, tokens: {input: 0, output: {gamma: {mean: 160, shape: 4}}}}}
providers:
  own:
    outages: none
    latency:
      first_token: {lognormal: {median: 200ms, sigma: 0.4}}
      per_output_token: {lognormal: {median: 12ms, sigma: 0.3}}
    capacity: {concurrency: 16, queue: 200}
  brief:
    outages: none
    latency:
      first_token: {lognormal: {median: 200ms, sigma: 0.4}}
      per_output_token: {lognormal: {median: 12ms, sigma: 0.3}}
    capacity: {concurrency: 16, queue: 20}
architectures:
  alone: own
  retrying: {fallback: {order: [own], timeout: 5s, retries: 3}}
  short: {fallback: {order: [brief], timeout: 5s, retries: 3}}
contract: {window: 2w, availability: {measure: requests, counts: expected}}
"""


def fail(status, message):
    print(f"validate_load.py: {message}", file=sys.stderr)
    sys.exit(status)


def run(surety, path, *options):
    found = subprocess.run([surety, "run", path, "--json", "-", "--quiet", *options], capture_output=True, text=True)
    if found.returncode != 0:
        fail(3, found.stderr)
    return json.loads(found.stdout)


def by_events(surety, path):
    """architecture -> (share failing, p95 of the first token: inf beyond the grid, None where nobody is answered)"""
    out = {}
    for a in run(surety, path, "--replications", "1")["architectures"]:
        first = a["latency"]["w"].get("first_token")
        p95 = None if first is None else math.inf if first["p95_s"] is None else first["p95_s"]
        out[a["name"]] = (1 - a["availability"]["mean"], p95)
    return out


def by_requests(surety, path):
    rows = run(surety, path, "--engine", "requests", "--replications", "40", "--horizon", "1h")["results"]
    return {row["architecture"]: (row["share_failing"]["mean"],
                                  next(q["s"] for q in row["first_token"] if q["percentile"] == 95)) for row in rows}


def agree(events, requests):
    (f, p95), (played_f, played_p95) = events, requests
    return abs(p95 / played_p95 - 1) <= TOLERANCE and abs(f - played_f) <= TOLERANCE * played_f + 0.001


def cells(state):
    failing, p95 = state
    return f"{100 * failing:.2f} % | " + ("-" if p95 is None else f"{p95:.2f} s" if math.isfinite(p95) else "very long")


def main():
    if len(sys.argv) not in (2, 3):
        fail(2, "usage: validate_load.py [DATA_DIR] SURETY")
    surety, states, apart = sys.argv[-1], {}, []
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as handle:
        for load in LOADS:
            handle.seek(0)
            handle.truncate()
            handle.write(SCENARIO % (load * PLACES / PLACE_S))
            handle.flush()
            states[load] = (by_events(surety, handle.name), by_requests(surety, handle.name))
    for name, limit in AGREE_UP_TO.items():
        print(f"\n| load | {name}, by events: failing | p95 | by requests: failing | p95 |\n|--:|--:|--:|--:|--:|")
        for load, (events, requests) in states.items():
            print(f"| {100 * load:.0f} % | {cells(events[name])} | {cells(requests[name])} |")
            if load <= limit and not agree(events[name], requests[name]):
                apart.append(f"{name} at {100 * load:.0f} %: {events[name]}, {requests[name]}")
    print()
    for text in apart:
        print("APART: " + text)
    print("both engines agree where they have to" if not apart else f"{len(apart)} apart")
    sys.exit(1 if apart else 0)


if __name__ == "__main__":
    main()
