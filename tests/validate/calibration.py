#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Score our own forecasts on real records and write docs/calibration.md with its figure.

usage: calibration.py [--accept] [--docs DIR] DATA_DIR SURETY

`surety backtest` forecasts each month of nine services from the record before it (tests/validate/calibration.yaml). The
page holds the scores once for readers and once as JSON. When a score is worse than the one on the page that is there,
beyond what the simulation's own error explains, the page is left as it is and the exit status is 1; --accept writes it
all the same. A page that is written is the same byte for byte from the same data and program.

Exit status: 0 the page is written; 1 a score is worse; 2 wrong usage or data; 3 surety failed. Standard library only.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIO = os.path.join(HERE, "calibration.yaml")
DAYS = "incidents_nolicence/llm_daily_outage_minutes_2021_2024.csv"
GITHUB = "incidents/github_incidents_2022_2026.csv"
SERVICES = (  # provider in the scenario, file, components
    ("openai-api", DAYS, "api"),
    ("chatgpt", DAYS, "chatgpt"),
    ("openai-labs", DAYS, "labs"),
    ("openai-playground", DAYS, "playground"),
    ("anthropic-api", DAYS, "api.anthropic.com"),
    ("claude-ai", DAYS, "claude.ai"),
    ("anthropic-console", DAYS, "console.anthropic.com"),
    ("character-ai", DAYS, "character.ai"),
    ("github", GITHUB, "API Requests,Git Operations"),
)
FORECASTERS = ("model", "climatology", "published")
LEVELS = ("50%", "80%", "90%")
WEIGHTS = (  # what else was tried: --belief, in words
    ("", "the defaults"),
    ("half_life_days=30", "half-life 30 days"),
    ("half_life_days=180", "half-life 180 days"),
    ("half_life_days=365", "half-life 365 days"),
    ("half_life_days=0", "no ageing"),
    ("dispersion=2", "dispersion 2"),
    ("drift=0", "no drift"),
    ("pool_outages=4,pool_days=100000", "the pool's rate counts for four outages, at any length"),
    ("pool_outages=0.25", "the pool's rate counts for a quarter of an outage"),
    ("pool_lengths=2", "the pool's median length counts for two outages"),
    ("up_shape=1", "exponential up times"),
    ("half_life_days=0,drift=0,pool_outages=0.25,pool_lengths=2", "nearly the plain record: no ageing, no drift, little pool"),
)
AHEAD = ((1, ""), (3, ""), (3, "drift=0"), (6, ""), (6, "drift=0"), (12, ""), (12, "drift=0"))
OTHER_REPLICATIONS = 8192  # of the runs that only compare weights
WORSE = 0.005  # a score that grows by more than this share of itself; coverage: by so much further from 90 %
BLOCK = re.compile(r"```json\n(.*?)```", re.S)


def fail(status, message):
    print(f"calibration.py: {message}", file=sys.stderr)
    sys.exit(status)


def backtest(surety, data_dir, *options):
    """the JSON result"""
    command = [surety, "backtest", SCENARIO, "--json", "-", "--quiet", "--seed", "1", *options]
    for provider, path, components in SERVICES:
        command += ["--incidents", f"{provider}={os.path.join(data_dir, path)}#{components}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        fail(3, f"{surety}: {error}")
    if done.returncode != 0:
        fail(2 if done.returncode == 2 else 3, f"surety ended with status {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def percent(share, digits=1):
    return f"{100 * share:.{digits}f} %"


def points(crps):
    return f"{100 * crps:.4f}"


def scores_of(result):
    """what is compared from version to version: smaller is better, but for coverage"""
    kept = {}
    for group in [result["all"]] + result["architectures"]:
        model = group["model"]
        kept[group["name"]] = {
            "months": group["months"],
            "covered_90": round(model["intervals"]["90%"]["covered"], 6),
            "crps": float(f"{model['crps']:.6g}"),
            "crps_climatology": float(f"{group['climatology']['crps']:.6g}"),
            "crps_published": float(f"{group['published']['crps']:.6g}"),
            "brier": {tier["name"]: float(f"{tier['brier']:.6g}") for tier in model["tiers"]},
            "log": {tier["name"]: float(f"{tier['log']:.6g}") for tier in model["tiers"]},
        }
    return kept


def what_is_worse(old, new):
    """sentences; services are too short to be compared one by one, so only all of them together are"""
    before, now, worse = old.get("all"), new["all"], []
    if before is None:
        return worse
    if before["months"] != now["months"]:
        return [f"{now['months']} months instead of {before['months']}: not the same data (--accept writes the page)"]
    pairs = [("CRPS", before["crps"], now["crps"])]
    for score in ("brier", "log"):
        pairs += [(f"{score} score of {tier}", before[score].get(tier, float("inf")), value)
                  for tier, value in now[score].items()]
    worse += [f"{name}: {value:.6g}, was {was:.6g}" for name, was, value in pairs if value > was * (1 + WORSE)]
    if abs(now["covered_90"] - 0.9) > abs(before["covered_90"] - 0.9) + WORSE:
        worse.append(f"90 % intervals hold {percent(now['covered_90'])}, was {percent(before['covered_90'])}")
    return worse


def listing(items):
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def first_sentence(result):
    overall = result["all"]
    covered = overall["model"]["intervals"]["90%"]["covered"]
    outside = [f"{g['name']} ({percent(g['model']['intervals']['90%']['covered'])} of {g['months']} months)"
               for g in result["architectures"] if not g["goal"]["covers"]]
    behind = [f"{g['name']} (behind {listing([f for f in FORECASTERS[1:] if not g['goal']['beats_' + f]])})"
              for g in result["architectures"]
              if not (g["goal"]["beats_climatology"] and g["goal"]["beats_published"])]
    missed = []
    if not overall["goal"]["covers"]:
        missed.append("of all services together")
    missed += outside
    if missed:
        text = (f"**Not met: 90 % intervals should hold 85 to 95 % of the months, and those of {listing(missed)} do "
                f"not**")
    else:
        text = "**Met: the 90 % intervals of every service hold 85 to 95 % of the months**"
    text += f"; over all {overall['months']} months they hold {percent(covered)}, "
    if behind:
        text += f"and the CRPS is not smaller than that of both baselines for {listing(behind)}."
    else:
        text += "and the CRPS is smaller than that of both baselines, over all and for each service."
    return text


def put_services(result, put):
    put("| service | months | 50 % held | 80 % held | 90 % held | 90 % said | evenly | width, pp | CRPS, pp | climatology | "
        "published |")
    put("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for group in result["architectures"] + [result["all"]]:
        intervals = group["model"]["intervals"]
        cells = [f"{100 * intervals[level]['covered']:.1f}" for level in LEVELS]
        cells += [f"{100 * intervals['90%']['said']:.1f}", f"{100 * intervals['90%']['central_share']:.1f}",
                  f"{100 * intervals['90%']['width']:.3f}"]
        cells += [points(group[f]["crps"]) for f in FORECASTERS]
        name = group["name"] if group is not result["all"] else "**all**"
        put(f"| {name} | {group['months']} | " + " | ".join(cells) + " |")


def put_tiers(result, put):
    put("| P(month met) | months that met it | Brier | climatology | published | log score | climatology | published |")
    put("|---|--:|--:|--:|--:|--:|--:|--:|")
    overall = result["all"]
    for i, tier in enumerate(overall["model"]["tiers"]):
        cells = [f"{overall[f]['tiers'][i][score]:.4f}" for score in ("brier", "log") for f in FORECASTERS]
        put(f"| {100 * tier['target']:g} % | {percent(tier['met'])} | " + " | ".join(cells) + " |")


def put_parts(result, put):
    put("| forecaster | reliability | resolution | uncertainty |")
    put("|---|--:|--:|--:|")
    for f in FORECASTERS:
        parts = result["reliability"][f]["brier_parts"]
        put(f"| {f} | {parts['reliability']:.4f} | {parts['resolution']:.4f} | {parts['uncertainty']:.4f} |")


def row_of(words, result):
    model = result["all"]["model"]
    premium = next(tier for tier in model["tiers"] if tier["name"] == "premium")
    return (f"| {words} | {result['all']['months']} | {100 * model['intervals']['90%']['covered']:.1f} | "
            f"{100 * model['intervals']['90%']['central_share']:.1f} | {points(model['crps'])} | "
            f"{points(result['all']['climatology']['crps'])} | {premium['brier']:.4f} | {premium['log']:.4f} |")


def put_rows(rows, put):
    put("| | months | 90 % held | evenly | CRPS, pp | climatology | Brier 99.9 % | log 99.9 % |")
    put("|---|--:|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        put(row)


def behind_ahead(ahead):
    """what the table of later months shows against the model"""
    narrow = [words for words, r in ahead if r["all"]["model"]["intervals"]["90%"]["covered"] < 0.85]
    behind = [words for words, r in ahead if not r["all"]["goal"]["beats_climatology"]]
    text = f"The intervals hold less than 85 % in {'; '.join(narrow)}. " if narrow else ""
    return text + (f"The past months themselves score better in {'; '.join(behind)}." if behind else
                   "The model's CRPS is smaller than that of the past months in each.")


def wrapped(line):
    """prose broken at 120 columns; tables, headings and pictures as they are"""
    if line.startswith(("|", "#", "!")):
        return line
    return textwrap.fill(line, 120, subsequent_indent="  " if line.startswith("* ") else "", break_long_words=False,
                         break_on_hyphens=False)


def page(result, weights, ahead):
    lines = []
    put = lines.append
    overall, belief, run = result["all"], result["belief"], result["run"]
    gains, interval = overall["crps_gain"], overall["coverage_interval"]["90%"]
    put("# How our forecasts did")
    put("")
    put(first_sentence(result))
    put("")
    put(f"Nine services, {overall['from']} to {overall['to']}: for each month `surety backtest` fits the record up to its first "
        "day, forecasts the month's availability, and compares it with what came. No forecast sees its own month or a later one, "
        "of any service. This page is written by `./dev validate DATA_DIR`, which fails when a score gets worse; the scenario is "
        "[calibration.yaml](../tests/validate/calibration.yaml).")
    put("")
    put("## Intervals and CRPS")
    put("")
    put_services(result, put)
    put("")
    put(f"* **Held**: share of the months whose availability lay inside the interval. The 95 % interval of {percent(overall['model']['intervals']['90%']['covered'])} "
        f"is {percent(interval['lo'])} to {percent(interval['hi'])}, months that services share counted together: services of one vendor fail "
        "together. A service has few months: 8 of 10 is no proof against 90 %, nor 15 of 15.")
    put("* **Said**: the probability that the model itself gave these intervals. An interval begins as low as it must to hold at "
        "least its level, and leaves at most half of the rest above; above 100 % there is nothing to leave.")
    put("* **Evenly**: coverage by the probability integral transform. A month without any downtime is a value with a probability of its "
        "own, and is spread evenly over its jump; a calibrated forecaster gets 90 % here, whatever the number of such months.")
    put("* **Width** of the 90 % interval and **CRPS** (continuous ranked probability score, smaller is better) in percentage "
        "points of availability.")
    put("* **Climatology**: the service's own past months. **Published**: the product of the published SLAs, "
        f"{percent(run['published'])} for each service, taken as certain. The model's CRPS is smaller by {points(gains['climatology']['gain'])} "
        f"(standard error {points(gains['climatology']['se'])}) and {points(gains['published']['gain'])} "
        f"({points(gains['published']['se'])}).")
    put("")
    put("## Probabilities of meeting a tier")
    put("")
    put_tiers(result, put)
    put("")
    put("Smaller is better. The log score keeps every probability between 1 and 99 %. Climatology says (met + 1) / (months + 2); published "
        "says 100 % or 0 %.")
    put("")
    put("![Reliability diagram: the share of months that met their tier against the forecast probability, with 95 % intervals; "
        "a calibrated forecaster is on the diagonal](calibration.svg)")
    put("")
    put("The intervals of the figure take forecasts as independent, which they are not quite: three tiers of one month stand in it. Murphy's parts "
        "of the mean Brier score, smaller reliability and larger resolution being better:")
    put("")
    put_parts(result, put)
    put("")
    put("## What is forecast, and from what")
    put("")
    put("* Eight services of OpenAI, Anthropic and Character.AI: minutes of partial and major outage a day, 2021-02 to 2024-08, Chu et al., "
        "ICPE 2025 (arXiv 2501.12469). GitHub's API requests and Git operations: incidents, 2022-03 to 2026-08, mrshu/github-statuses "
        "(MIT; minor counts as partial, major and critical as major).")
    put("* Availability is by requests at an even rate. A partial outage fails 30 % of them, a major one all: the weights of the study's own "
        "scaled minutes.")
    put(f"* A service is forecast once its record is {run['min_history_s'] / 86400:g} days long, with {run['replications']:,} simulated months each.")
    put(f"* The rate of each kind of outage is Gamma(a + n, b + T): n outages in T, both halved every {belief['half_life_s'] / 86400:g} days of age; "
        f"a and b are the pooled rate of the other services up to that day and count for {belief['pool_outages']:g} outage, at most "
        f"{belief['pool_most_s'] / 86400:g} days. Where they are silent too, 12 partial and 6 major outages a year are assumed, worth one each. "
        f"The log of the rate drifts by {belief['drift']:g} in a year; up times are Weibull with shape {belief['up_shape']:g}.")
    put(f"* Lengths are lognormal; the median leans on the other services' for {belief['pool_lengths']:g} outages, the spread for "
        f"{belief['pool_sigma']:g}.")
    put("")
    put("## Other weights")
    put("")
    put(f"The same months with {OTHER_REPLICATIONS:,} simulated ones each. The weights were chosen on these months, so "
        "the scores above flatter somewhat; that neighbours score alike says how little.")
    put("")
    put_rows(weights, put)
    put("")
    put("## Further ahead")
    put("")
    put("The third, sixth and twelfth month after the record's end, with the drift of the rate and without. " + behind_ahead(ahead))
    put("")
    put_rows([row_of(words, other) for words, other in ahead], put)
    put("")
    put("## What this does not show")
    put("")
    put("* One architecture each, one provider: what failover gains is not scored, for no record of a failover is at hand.")
    put("* Other years. The Anthropic services were without an outage for seven months of the record and had several a month "
        "from then on; no forecast from their own past could know it, and none will the next time.")
    put("* A year as a whole. Months are scored one by one; that they share their uncertain rate matters for every month of a term.")
    put("* That the status page tells the truth. What is forecast is what the page will say.")
    put("")
    put("## Scores for the next run to beat")
    put("")
    put(f"`./dev validate` fails when the CRPS, a Brier score or a log score of all services together grows by more than {percent(WORSE)} of itself, "
        f"or the coverage of the 90 % intervals is more than {100 * WORSE:g} points further from 90 %.")
    put("")
    text = "\n".join(wrapped(line) for line in lines)
    return f"{text}\n```json\n{json.dumps(scores_of(result), indent=1)}\n```\n"


def old_scores(path):
    try:
        with open(path, encoding="utf-8") as handle:
            block = BLOCK.search(handle.read())
    except FileNotFoundError:
        return {}
    try:
        return json.loads(block.group(1)) if block else {}
    except ValueError as error:
        fail(2, f"{path}: the scores on the page cannot be read: {error}")


def write(path, text):
    with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(path), delete=False, encoding="utf-8", newline="\n") as handle:
        handle.write(text)
    os.chmod(handle.name, 0o644)
    os.replace(handle.name, path)


def main():
    parser = argparse.ArgumentParser(description="score our own forecasts", allow_abbrev=False)
    parser.add_argument("data_dir", metavar="DATA_DIR")
    parser.add_argument("surety", metavar="SURETY", help="path of the program")
    parser.add_argument("--accept", action="store_true", help="write the page although a score is worse")
    parser.add_argument("--docs", default=os.path.join(HERE, "..", "..", "docs"), metavar="DIR",
                        help="where the page is (default: docs)")
    arguments = parser.parse_args()
    for path in (DAYS, GITHUB):
        if not os.path.isfile(os.path.join(arguments.data_dir, path)):
            fail(2, f"{arguments.data_dir}: no file {path}")
    target = os.path.join(arguments.docs, "calibration.md")
    before = old_scores(target)
    with tempfile.TemporaryDirectory() as folder:
        figure = os.path.join(folder, "reliability.svg")
        result = backtest(arguments.surety, arguments.data_dir, "--reliability", figure)
        with open(figure, encoding="utf-8") as handle:
            drawing = handle.read()
    print(first_sentence(result).replace("**", ""))
    worse = what_is_worse(before, scores_of(result))
    for line in worse:
        print(f"FAILED worse than docs/calibration.md: {line}")
    if worse and not arguments.accept:
        sys.exit(1)
    few = ("--replications", str(OTHER_REPLICATIONS))
    weights = [row_of(words, backtest(arguments.surety, arguments.data_dir, *few, *(("--belief", belief) if belief else ())))
               for belief, words in WEIGHTS]
    ahead = [(f"month {n}" + (", no drift" if belief else ""),
              backtest(arguments.surety, arguments.data_dir, *few, "--ahead", str(n),
                       *(("--belief", belief) if belief else ())))
             for n, belief in AHEAD]
    write(target, page(result, weights, ahead))
    write(os.path.join(arguments.docs, "calibration.svg"), drawing)
    print("wrote docs/calibration.md and docs/calibration.svg")


if __name__ == "__main__":
    main()
