#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of a body and rare stalls against measured times to the first token of 19 LLM services.

usage: validate_latency.py DATA_DIR SURETY

DATA_DIR/latency/llmperf_leaderboard_requests.csv holds single requests of the LLMPerf leaderboard (2023-12-19). To each
series of one provider and model `SURETY fit latency` fits a law. Each law becomes a provider of a scenario, and
`SURETY run` says what p50, p95 and p99 it makes of it.

Exit status: 0 when each of them is within 10 % of the series' own (nearest rank), 1 when not, 2 wrong usage or data,
3 when surety failed. Standard library only.
"""

import csv
import json
import math
import os
import subprocess
import sys
import tempfile

FILE = "llmperf_leaderboard_requests.csv"
JUDGED = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))
TOLERANCE = 0.10


def fail(status, message):
    print(f"validate_latency.py: {message}", file=sys.stderr)
    sys.exit(status)


def read_series(data_dir):
    """(provider, model) -> sorted times to the first token of the requests that did not fail"""
    path = os.path.join(data_dir, "latency", FILE)
    series = {}
    try:
        with open(path, newline="", encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                if row["error_code"] == "" and row["ttft_s"] != "":
                    series.setdefault((row["provider"], row["model"]), []).append(float(row["ttft_s"]))
    except (OSError, KeyError, ValueError) as error:
        fail(2, f"{path}: {error}")
    return {name: sorted(times) for name, times in sorted(series.items())}


def quantile(times, p):
    return times[max(0, math.ceil(p * len(times)) - 1)]


def fit(surety, path, provider, model):
    """the law of `surety fit latency` as (weight, median, sigma) of its parts"""
    done = subprocess.run(
        [surety, "fit", "latency", f"s={path}", "--filter", f"provider={provider}", "--filter", f"model={model}",
         "--json", "-"],
        capture_output=True, text=True, check=False,
    )
    if done.returncode != 0:
        fail(3, done.stderr.strip())
    law = json.loads(done.stdout)["providers"][0]["laws"][0]
    return [(part["weight"], part["median_s"], part["sigma"]) for part in law["parts"]]


def scenario(laws):
    lines = ["surety: 1", "term: {start: 2027-01-01, months: 1}", "workloads: {calls: {demand: 60/min}}", "providers:"]
    for i, law in enumerate(laws):
        parts = ", ".join(
            f"{{weight: {weight:.9g}, of: {{lognormal: {{median: {median:.9g}s, sigma: {sigma:.9g}}}}}}}"
            for weight, median, sigma in law
        )
        lines.append(f"  s{i}: {{outages: none, latency: {{first_token: {{mixture: [{parts}]}}}}}}")
    lines.append("architectures: {" + ", ".join(f"s{i}: s{i}" for i in range(len(laws))) + "}")
    lines.append("contract: {availability: {measure: time}}")
    return "\n".join(lines) + "\n"


def run(surety, text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        done = subprocess.run(
            [surety, "run", handle.name, "--replications", "10", "--json", "-", "--quiet"],
            capture_output=True, text=True, check=False,
        )
    if done.returncode != 0:
        fail(3, done.stderr.strip())
    document = json.loads(done.stdout)
    return [a["latency"]["calls"]["first_token"] for a in document["architectures"]]


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    series = read_series(sys.argv[1])
    path = os.path.join(sys.argv[1], "latency", FILE)
    laws = [fit(sys.argv[2], path, provider, model) for provider, model in series]
    results = run(sys.argv[2], scenario(laws))
    print(f"{'series':32} {'n':>5}   " + "   ".join(f"{name:>20}" for name, _ in JUDGED))
    n_bad = 0
    for (name, times), result in zip(series.items(), results):
        cells = []
        for label, p in JUDGED:
            want, got = quantile(times, p), result[label + "_s"]
            bad = got is None or abs(got / want - 1) > TOLERANCE
            n_bad += bad
            cells.append(f"{want:7.3f} s {got / want - 1:+7.1%}{' !' if bad else '  '}")
        print(f"{'/'.join(name):32} {len(times):5}   " + "   ".join(f"{c:>20}" for c in cells))
    print(f"{len(series)} series, {len(series) * len(JUDGED)} percentiles, {n_bad} off by more than {TOLERANCE:.0%}")
    sys.exit(1 if n_bad > 0 else 0)


if __name__ == "__main__":
    main()
