#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of a body and rare stalls against measured times to the first token of 19 LLM services.

usage: validate_latency.py DATA_DIR SURETY

DATA_DIR/latency/llmperf_leaderboard_requests.csv holds single requests of the LLMPerf leaderboard (2023-12-19). To each
series of one provider and model a mixture of two lognormals is fitted: started by expectation maximisation, then moved
until its quantiles agree with those of the series (least squares of their logarithms at 5, 10, ..., 90, 95 and 99 %, the
median, 95 and 99 % weighing most, because those are what is promised). Each law becomes a provider of a scenario, and the
program SURETY says what p50, p95 and p99 it makes of it.

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

LEVELS = [0.05 * k for k in range(1, 20)] + [0.99]
WEIGHTS = [30.0 if abs(p - 0.5) < 1e-9 or p > 0.94 else 1.0 for p in LEVELS]
JUDGED = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))
TOLERANCE = 0.10
LEAST_SIGMA = 0.01


def fail(status, message):
    print(f"validate_latency.py: {message}", file=sys.stderr)
    sys.exit(status)


def read_series(data_dir):
    """(provider, model) -> sorted times to the first token of the requests that did not fail"""
    path = os.path.join(data_dir, "latency", "llmperf_leaderboard_requests.csv")
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


def cdf(law, x):
    weight, m1, s1, m2, s2 = law
    return 0.5 * (1 - weight) * math.erfc((m1 - x) / (s1 * 1.4142135623730951)) + 0.5 * weight * math.erfc(
        (m2 - x) / (s2 * 1.4142135623730951)
    )


def log_quantile(law, p):
    low, high = min(law[1], law[3]) - 8 * max(law[2], law[4]), max(law[1], law[3]) + 8 * max(law[2], law[4])
    for _ in range(40):
        middle = (low + high) / 2
        if cdf(law, middle) < p:
            low = middle
        else:
            high = middle
    return high


def moments(values):
    mean = sum(values) / len(values)
    return mean, max(LEAST_SIGMA, math.sqrt(sum((v - mean) ** 2 for v in values) / len(values)))


def maximise(logs, share, rounds):
    """expectation maximisation from a split of the sorted logarithms"""
    cut = max(2, min(len(logs) - 2, round(len(logs) * (1 - share))))
    (m1, s1), (m2, s2) = moments(logs[:cut]), moments(logs[cut:])
    weight = share
    for _ in range(rounds):
        tail = []
        for v in logs:
            a = (1 - weight) * math.exp(-(((v - m1) / s1) ** 2) / 2) / s1
            b = weight * math.exp(-(((v - m2) / s2) ** 2) / 2) / s2
            tail.append(b / (a + b) if a + b > 0 else float(v > m2))
        in_tail, in_body = sum(tail), len(logs) - sum(tail)
        if in_tail < 0.5 or in_body < 0.5:
            break
        weight = in_tail / len(logs)
        m1 = sum((1 - r) * v for r, v in zip(tail, logs)) / in_body
        m2 = sum(r * v for r, v in zip(tail, logs)) / in_tail
        s1 = max(LEAST_SIGMA, math.sqrt(sum((1 - r) * (v - m1) ** 2 for r, v in zip(tail, logs)) / in_body))
        s2 = max(LEAST_SIGMA, math.sqrt(sum(r * (v - m2) ** 2 for r, v in zip(tail, logs)) / in_tail))
    return [weight, m1, s1, m2, s2]


def unpack(x):
    return (1 / (1 + math.exp(-x[0])), x[1], math.exp(x[2]), x[3], math.exp(x[4]))


def distance(x, wanted):
    if max(abs(v) for v in x) > 12:
        return 1e9
    law = unpack(x)
    return sum(w * (log_quantile(law, p) - q) ** 2 for p, q, w in zip(LEVELS, wanted, WEIGHTS))


def descend(start, wanted, rounds):
    """Nelder and Mead, Computer Journal 7 (1965) 308-313"""
    simplex = [list(start)] + [[v + (0.3 if i == k else 0.0) for i, v in enumerate(start)] for k in range(len(start))]
    points = sorted((distance(x, wanted), x) for x in simplex)
    for _ in range(rounds):
        worst = points[-1][1]
        centre = [sum(x[i] for _, x in points[:-1]) / (len(points) - 1) for i in range(len(worst))]

        def at(t):
            x = [c + t * (c - v) for c, v in zip(centre, worst)]
            return distance(x, wanted), x

        new = at(1.0)
        if new[0] < points[0][0]:
            new = min(new, at(2.0))
        elif new[0] >= points[-2][0]:
            new = at(-0.5) if new[0] >= points[-1][0] else at(0.5)
        if new[0] < points[-1][0]:
            points[-1] = new
        else:
            best = points[0][1]
            points = [points[0]] + [
                (distance(y, wanted), y) for y in ([(a + b) / 2 for a, b in zip(best, x)] for _, x in points[1:])
            ]
        points.sort()
    return points[0]


def fit(times):
    logs = [math.log(t) for t in times]
    wanted = [math.log(quantile(times, p)) for p in LEVELS]
    best = None
    for share in (0.03, 0.06, 0.1, 0.4):
        w, m1, s1, m2, s2 = maximise(logs, share, 60)
        w = min(max(w, 1e-4), 1 - 1e-4)
        found = descend([math.log(w / (1 - w)), m1, math.log(s1), m2, math.log(s2)], wanted, 250)
        best = found if best is None or found < best else best
    return unpack(best[1])


def scenario(laws):
    lines = ["surety: 1", "term: {start: 2027-01-01, months: 1}", "workloads: {calls: {demand: 60/min}}", "providers:"]
    for i, (w, m1, s1, m2, s2) in enumerate(laws):
        parts = ", ".join(
            f"{{weight: {weight:.9f}, of: {{lognormal: {{median: {math.exp(m):.9g}s, sigma: {s:.9g}}}}}}}"
            for weight, m, s in ((1 - w, m1, s1), (w, m2, s2))
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
    laws = [fit(times) for times in series.values()]
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
