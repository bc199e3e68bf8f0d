#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the model with the recorded availability of eight LLM services.

usage: validate_record.py [--replications N] [--seed S] DATA_DIR SURETY

For each fragment in scenarios/providers, a scenario with that one provider and a term of exactly the record's months
is given to the program SURETY. Printed are the recorded mean, 10th percentile (nearest rank) and minimum of the monthly
availability and the numbers of months at or above 99.5, 99.9 and 99.95 %, beside the model's 90 % bands over terms of
that length. DATA_DIR/validation/monthly_availability_scaled.csv holds the recorded months: shares of minutes, partial
outages weighted 0.3. The same number in the model is `measure: requests` under flat demand with expected counts.

The entries' uncertain values are replaced by what was recorded: rates by outages / days (half an outage where none was
seen), the mean length and the 30 % of a partial outage by the mean of their laws, no drift. So the bands hold chance
alone. The laws were fitted to the same record: the bands test the form of the model, not a forecast.

Exit status: 0 when the model's mean for the OpenAI API is within 99.82 +- 0.05 % and the recorded number of its months
at 99.9 % lies inside the model's band; 1 when not; 2 wrong usage or data; 3 when surety failed. Standard library only.
"""

import argparse
import csv
import json
import math
import os
import re
import subprocess
import sys
import tempfile

FRAGMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scenarios", "providers")
SERVICES = (  # fragment, service in the record
    ("openai-api", "api"),
    ("chatgpt", "chatgpt"),
    ("openai-labs", "labs"),
    ("openai-playground", "playground"),
    ("anthropic-api", "api.anthropic.com"),
    ("claude-ai", "claude.ai"),
    ("anthropic-console", "console.anthropic.com"),
    ("character-ai", "character.ai"),
)
TIERS = (("t995", 99.5), ("t999", 99.9), ("t9995", 99.95))
REQUIRED = ("openai-api", 99.82, 0.05, 99.9)  # fragment, mean and tolerance in percent, target of the counted months


def fail(status, message):
    print(f"validate_record.py: {message}", file=sys.stderr)
    sys.exit(status)


def read_record(data_dir):
    """service -> sorted list of (month, availability in percent); months must follow each other"""
    path = os.path.join(data_dir, "validation", "monthly_availability_scaled.csv")
    record = {}
    try:
        with open(path, newline="", encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                record.setdefault(row["service"], []).append((row["month"], float(row["availability_pct"])))
    except (OSError, KeyError, ValueError) as error:
        fail(2, f"{path}: {error}")
    for service, rows in record.items():
        rows.sort()
        numbers = [int(month[:4]) * 12 + int(month[5:7]) for month, _ in rows]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            fail(2, f"{path}: {service}: a month is missing")
    return record


OBSERVED = re.compile(r"\{observed: \{count: (\d+), over: ([\d.]+)d, until: [\d-]+,\s+prior: [\w-]+\}\}")
LENGTH = re.compile(r"\{law: \{lognormal: \{mean: ([\d.]+m), sigma: [\d.]+\}\}\}")
FAILING = re.compile(r"\{law: \{mixture: \[\s*\{weight: 0\.6, of: \{uniform: \{min: 10%, max: 30%\}\}\},"
                     r" \{weight: 0\.4, of: \{uniform: \{min: 30%, max: 60%\}\}\}\]\}\}")


def as_recorded(name, text):
    """the entry with every uncertain value replaced by what was recorded"""
    text, rates = OBSERVED.subn(lambda m: f"{(int(m[1]) or 0.5) / float(m[2]) * 365:.12g}/year", text)
    text, lengths = LENGTH.subn(lambda m: m[1], text)
    text, shares = FAILING.subn("30%", text)
    if (rates, lengths, shares) != (2, 2, 1) or re.search(r"observed:|law:|between:", text):
        fail(2, f"{name}.yaml: its uncertain values are not as expected")
    return text


def scenario(name, first_month, months):
    with open(os.path.join(FRAGMENTS, name + ".yaml"), encoding="utf-8") as handle:
        text = as_recorded(name, handle.read())
    provider = "".join("    " + line if line.strip() else line for line in text.splitlines(keepends=True))
    tiers = ", ".join(f"{tier}: {{availability: {target:g}%}}" for tier, target in TIERS)
    return (f"surety: 1\nname: Validation of {name}\n"
            f"term: {{start: {first_month}-01, months: {months}, timezone: UTC, initial_state: stationary}}\n"
            "workloads: {calls: {demand: {rate: 1000/min, profile: flat}, tokens: {input: 0, output: 0}}}\n"
            f"providers:\n  provider:\n{provider}"
            "architectures: {alone: provider}\n"
            f"contract:\n  fee: 1000 USD/month\n  window: calendar-month\n  tiers: {{{tiers}}}\n"
            "  availability: {measure: requests, counts: expected}\n")


def run(surety, text, name, replications, seed):
    """the result's architecture, or ends the program"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name + ".yaml")
        with open(path, "w", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
        command = [surety, "run", path, "--json", "-", "--quiet", "--replications", str(replications),
                   "--seed", str(seed)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            fail(3, f"{surety}: {error}")
        if done.returncode != 0:
            fail(3, f"{name}: surety ended with status {done.returncode}\n{done.stderr}")
        try:
            return json.loads(done.stdout)["architectures"][0]
        except (ValueError, KeyError, IndexError) as error:
            fail(3, f"{name}: the result is not what was expected: {error!r}")


def model_rows(result, months):
    """[(low, middle, high)] in the order of `recorded_rows`; counts of months are met = months - missed"""
    availability = result["availability"]
    rows = [tuple(100 * availability[key][q] for q in ("p05", "p50", "p95"))
            for key in ("term_quantiles", "p10_month_quantiles", "worst_month_quantiles")]
    tiers = {tier["name"]: tier for tier in result["tiers"]}
    for tier, _ in TIERS:
        missed = tiers[tier]["breaches_per_term"]
        rows.append(tuple(months - round(missed[q]) for q in ("p95", "p50", "p05")))
    return rows


def recorded_rows(values):
    ordered = sorted(values)
    return ([sum(ordered) / len(ordered), ordered[math.ceil(len(ordered) / 10) - 1], ordered[0]]
            + [sum(value >= target for value in ordered) for _, target in TIERS])


def main():
    parser = argparse.ArgumentParser(description="compare the model with the record", allow_abbrev=False)
    parser.add_argument("data_dir", metavar="DATA_DIR")
    parser.add_argument("surety", metavar="SURETY", help="path of the program")
    parser.add_argument("--replications", type=int, default=20000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    arguments = parser.parse_args()
    record = read_record(arguments.data_dir)
    labels = ["mean %", "p10 month %", "minimum %"] + [f"months >= {target:g} %" for _, target in TIERS]

    print(f"{'service':<18} {'months':>6}  {'statistic':<17} {'record':>9} {'p05':>9} {'p50':>9} {'p95':>9}")
    inside = total = 0
    problems = []
    for name, service in SERVICES:
        if service not in record:
            fail(2, f"{arguments.data_dir}: no recorded months of {service}")
        rows = record[service]
        recorded = recorded_rows([value for _, value in rows])
        result = run(arguments.surety, scenario(name, rows[0][0], len(rows)), name, arguments.replications,
                     arguments.seed)
        try:
            bands = model_rows(result, len(rows))
            mean = 100 * result["availability"]["mean"]
        except KeyError as error:
            fail(3, f"{name}: the result has no key {error}")
        head = f"{name:<18} {len(rows):>6}"
        for label, value, (low, middle, high) in zip(labels, recorded, bands):
            slack = 0 if isinstance(value, int) else 5e-5 + 1e-9  # the record is rounded to 4 decimals
            ok = low - slack <= value <= high + slack
            inside, total = inside + ok, total + 1
            cells = " ".join(f"{v:9d}" if isinstance(value, int) else f"{v:9.4f}" for v in (value, low, middle, high))
            print(f"{head}  {label:<17} {cells}" + ("" if ok else "  outside"))
            head = " " * len(head)
            if name == REQUIRED[0] and label == f"months >= {REQUIRED[3]:g} %" and not ok:
                problems.append(f"{name}: recorded {value} months >= {REQUIRED[3]:g} %, model's band {low} to {high}")
        print(f"{head}  {'model mean %':<17} {mean:9.4f}")
        if name == REQUIRED[0] and abs(mean - REQUIRED[1]) > REQUIRED[2]:
            problems.append(f"{name}: mean {mean:.4f} %, required {REQUIRED[1]} +- {REQUIRED[2]} %")

    print(f"{inside} of {total} recorded values lie inside the model's 90 % band")
    for problem in problems:
        print(f"FAILED {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
