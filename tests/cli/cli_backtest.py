# SPDX-License-Identifier: GPL-3.0-or-later
"""surety backtest: forecasts of months that have passed. The record is the one of `surety fit`: two services of a random
number generator."""

import os
import shutil
import tempfile

from cli_golden import compare
from cli_harness import GOLDEN

RECORD = os.path.join("tests", "cli", "golden", "fit-record.csv")
SCENARIO = """surety: 1
name: Two services
workloads: {calls: {demand: {rate: 1000/min, profile: flat}}}
providers: {voice: {outages: none}, search: {outages: none}}
architectures: {voice-alone: voice, search-alone: search}
contract:
  availability: {measure: requests, counts: expected}
  tiers: {standard: {availability: 99.5%}, premium: {availability: 99.9%}}
"""
BOTH = ("--incidents", f"voice={RECORD}#voice", "--incidents", f"search={RECORD}#search")
FEW = ("--replications", "4096", "--seed", "7")
WRONG = (  # arguments, what standard error says; all have status 2
    ((), r"needs the record of at least one provider.*--incidents PROVIDER=FILE"),
    (("--incidents", RECORD), r"whose record is it\? There are 2 providers.*PROVIDER=FILE"),
    (("--incidents", f"voise={RECORD}"), r'no provider "voise".*did you mean "voice"'),
    (BOTH + BOTH[:2], r'provider "voice" has two records'),
    (("--incidents", f"voice={RECORD}#nobody"), r"no incident of the record names such a component"),
    (BOTH + ("--belief", "drift=x"), r'"drift=x" is no weight.*half_life_days'),
    (BOTH + ("--belief", "drift=1,half_life=3"), r'"half_life=3" is no weight'),
    (BOTH + ("--belief", "drift=1,"), r'"" is no weight'),
    (BOTH + ("--published", "101%"), r"not a value for --published"),
    (BOTH + ("--ahead", "0"), r"not a value for --ahead"),
    (BOTH + ("--ahead", "40"), r"no month can be forecast"),
    (BOTH + ("--set", "contract.window=30d"), r"a backtest forecasts calendar months"),
)


def check(result):
    """what holds in every backtest"""
    assert result["surety"] == 1 and result["kind"] == "backtest"
    assert result["all"]["months"] == len(result["forecasts"]) == sum(a["months"] for a in result["architectures"])
    for forecast in result["forecasts"]:
        lows, highs = [[forecast[level][i] for level in ("50%", "80%", "90%")] for i in (0, 1)]
        assert lows == sorted(lows, reverse=True) and highs == sorted(highs), forecast
        assert all(0 <= p <= 1 for p in forecast["p_met"]) and forecast["p_met"] == sorted(forecast["p_met"], reverse=True)
    for group in [result["all"]] + result["architectures"]:
        said = [group["model"]["intervals"][level]["said"] for level in ("50%", "80%", "90%")]
        assert said[0] >= 0.5 - 1e-9 and said[1] >= 0.8 - 1e-9 and said[2] >= 0.9 - 1e-9
        gain = group["climatology"]["crps"] - group["model"]["crps"]
        assert abs(gain - group["crps_gain"]["climatology"]["gain"]) < 1e-12
    for forecaster in result["reliability"].values():
        assert sum(b["n"] for b in forecaster["bins"]) == result["all"]["months"] * 2
        parts = forecaster["brier_parts"]
        assert min(parts["reliability"], parts["resolution"]) >= 0


def tests(program):
    def backtest(*arguments):
        return program.run("backtest", "-", *FEW, *arguments, stdin=SCENARIO)

    def golden():
        found = {}
        for threads in ("1", "2", "5"):
            text = backtest(*BOTH, "--threads", threads, "--quiet").expect(0, None, "").out
            assert all(len(line) <= 100 for line in text.splitlines()), text
            json = backtest(*BOTH, "--threads", threads, "--quiet", "--json", "-").expect(0, None, "")
            check(json.json())
            found[threads] = (text, json.out)
        assert len(set(found.values())) == 1, "depends on the number of threads"
        compare(program, os.path.join(GOLDEN, "backtest.txt"), found["1"][0])
        compare(program, os.path.join(GOLDEN, "backtest.json"), found["1"][1])

    def availabilities(result, architecture):
        return {f["month"]: f["availability"] for f in result["forecasts"] if f["architecture"] == architecture}

    def replayed():
        """what came is the same read off the record and replayed; a failover is better, but less than independence says"""
        alone = backtest(*BOTH, "--quiet", "--json", "-").expect(0).json()
        both = ("--set", "architectures.search-alone={failover: {order: [voice, search], detect: 1m}}")
        pair = backtest(*BOTH, *both, "--quiet", "--json", "-").expect(0).json()
        check(pair)
        read, played = availabilities(alone, "voice-alone"), availabilities(pair, "voice-alone")
        assert read.keys() == played.keys() and all(abs(read[m] - played[m]) < 1e-9 for m in read), (read, played)
        failover = availabilities(pair, "search-alone")
        assert all(failover[m] >= played[m] - 1e-9 for m in played)
        covered = [a["model"]["intervals"]["90%"]["covered"] for a in pair["architectures"]]
        assert covered[1] < covered[0] - 0.1, f"twelve outages hit both services, and no forecast knows it: {covered}"
        by_time = ("--set", "contract.availability={measure: time, down_at: 5%}")
        harder = availabilities(backtest(*BOTH, *by_time, "--quiet", "--json", "-").expect(0).json(), "voice-alone")
        assert all(harder[m] <= read[m] + 1e-9 for m in read) and harder != read

    def months_ahead():
        near, far = [backtest(*BOTH, "--quiet", "--json", "-", "--ahead", n).expect(0).json() for n in ("1", "6")]
        check(far)
        assert far["all"]["months"] < near["all"]["months"]
        assert far["all"]["model"]["intervals"]["90%"]["width"] > near["all"]["model"]["intervals"]["90%"]["width"]

    def weights():
        sure = backtest(*BOTH, "--quiet", "--json", "-", "--belief", "drift=0,half_life_days=0").expect(0).json()
        assert sure["belief"]["drift"] == 0 and sure["belief"]["half_life_s"] == 0
        check(sure)

    def figure():
        if shutil.which("gnuplot") is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "reliability.svg")
            backtest(*BOTH, "--quiet", "--reliability", path).expect(0)
            with open(path, encoding="utf-8") as handle:
                drawing = handle.read()
            assert drawing.rstrip().endswith("</svg>") and "forecast probability" in drawing

    def unwritable():
        backtest(*BOTH, "--quiet", "--json", "/nowhere/x.json").expect(3, "", r"cannot write /nowhere/x.json")

    yield "backtest, golden files", golden
    if not program.quick:
        yield "backtest, replayed", replayed
        yield "backtest, months ahead", months_ahead
        yield "backtest, other weights", weights
        yield "backtest, figure", figure
        yield "backtest, a folder that is not there", unwritable
    for arguments, message in WRONG:
        yield f"backtest, wrong: {' '.join(arguments[-2:])}", \
            lambda arguments=arguments, message=message: backtest(*arguments).expect(2, "", message)
