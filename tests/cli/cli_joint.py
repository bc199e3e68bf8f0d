# SPDX-License-Identifier: GPL-3.0-or-later
"""All dimensions of a contract at once: what the example scenarios of quality and cost go through."""

import os
import re
import shutil
import tempfile

from cli_golden import check_result, compare
from cli_harness import GOLDEN, ROOT, for_golden, parse, without_run_conditions

# Each with so few terms that it takes a second or two.
SCENARIOS = {"month": "500", "quality": "130", "enterprise-voice": "130", "reserved": "500", "counter-offer": "500"}
SHOWN = ("month", "quality", "enterprise-voice")  # golden files

# Two contracts on one service, of quality and of cost, on a provider with reserved units whose prices change.
TWO = """surety: 1
name: two promises
term: {start: 2027-01-01, months: 6}
workloads: {chats: {demand: 60/min, requests_per_task: 4, tokens: {input: 1k, output: 100}}}
providers:
  one:
    outages: {slow: {incidents: 20/year, time_to_repair: 4h, failing: 8%, quality: -8pp}}
    quality: {golden: 95.6%}
    price: {input: 2 USD/Mtok, output: 10 USD/Mtok}
    price_changes: [{rate: 1/year, factor: 1.2x, notice: 30d}]
    sla: {availability: 99.9%, down_at: 5%, credits: [{below: 99.9%, credit: 10%}]}
    reserved: {units: 1, tokens_per_minute_per_unit: 90k, output_weight: 8, price: 100 USD/day, term: 30d, overflow: on-demand}
architectures: {alone: one}
contracts:
  careful:
    fee: 20000 USD/month
    availability: {measure: requests}
    quality: {suites: {golden: {cases: 200, every: 1w}}}
    tiers: {base: {availability: 99%}, sure: {availability: 99%, quality: {golden: 95%}}}
    credits: {ladder: [{below: target, credit: 10%}]}
  thrifty:
    fee: 15000 USD/month
    availability: {measure: time}
    price_notice: 30d
    tiers: {base: {availability: 98%, cost: {over_forecast: 3%}}}
    credits: {ladder: [{below: target, credit: 10%}]}
"""


def tests(program):
    def same_bytes(name):
        """threads change nothing, and the result holds what every result holds"""
        path, written = f"scenarios/{name}.yaml", []
        for n in ("3",) if program.quick else ("1", "3"):
            with tempfile.TemporaryDirectory() as folder:
                place = os.path.join(folder, "x.json")
                out = program.run("run", path, "--replications", SCENARIOS[name], "--seed", "20270101", "--threads", n,
                                  "--json", place, "--quiet").expect(0, None, "").out
                with open(place, encoding="utf-8") as handle:
                    written.append((out, handle.read()))
        out, document = written[-1]
        assert out == written[0][0] and without_run_conditions(document) == without_run_conditions(written[0][1])
        check_result(parse(document))
        dimensions(parse(document))
        if name in SHOWN:
            compare(program, os.path.join(GOLDEN, f"scenario-{name}.txt"), out)
            compare(program, os.path.join(GOLDEN, f"scenario-{name}.json"), for_golden(document))

    def dimensions(result):
        """all is met no more often than each dimension, and no less than they leave it together"""
        for architecture in result["architectures"]:
            for tier in architecture["tiers"]:
                alone = [d["month_met"]["p"] for d in tier["dimensions"].values()]
                together = tier["month_met"]["p"]
                assert together <= min(alone) + 1e-12, (tier["name"], alone)
                assert together >= 1 - sum(1 - p for p in alone) - 1e-12, (tier["name"], alone)
                if "first_miss" in tier and tier["term_met"]["p"] < 1:
                    assert abs(sum(tier["first_miss"].values()) - 1) < 1e-9, tier

    for name in SCENARIOS:
        yield f"joint: {name}, same bytes", lambda name=name: same_bytes(name)

    def reported(name):
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "x.html")
            program.run("run", f"scenarios/{name}.yaml", "--replications", SCENARIOS[name], "--report", page,
                        "--quiet").expect(0, None, "")
            with open(page, encoding="utf-8") as handle:
                text = handle.read()
            assert text.count("<svg") >= 5 and "NaN" not in text and "nan" not in re.findall(r">([^<]*)<", text), name
            program.run("verify", page, "--quiet").expect(0, "the same, byte by byte")

    if not program.quick and shutil.which("gnuplot"):
        for name in SHOWN + ("reserved",):
            yield f"joint: {name}, report and verify", lambda name=name: reported(name)

    def papers(name):
        path = f"scenarios/{name}.yaml"
        with open(os.path.join(ROOT, path), encoding="utf-8") as handle:
            fee = re.search(r"^  fee: (\d+) ", handle.read(), re.M)
        tier = {"month": "all", "quality": "agreed", "enterprise-voice": "signed"}[name]
        run = lambda what: program.run("export", what, path, "--tier", tier, "--replications", "100")
        clauses = run("clauses").expect(0, "### Quality").out
        assert fee.group(1) in clauses and f"tier {tier}" in clauses, clauses
        assert ("### Cost" in clauses) == (name != "quality"), clauses
        run("openslo").expect(0, r"(?s)apiVersion: openslo/v1.*kind: SLO")
        run("prometheus").expect(0, r"(?s)groups:.*- alert:")
        program.run("check", path, "--quiet").expect(1, r"\d+ findings: 0 refused, [1-9]\d* missing")

    for name in SHOWN:
        yield f"joint: {name}, clauses, OpenSLO, rules and check", lambda name=name: papers(name)

    def offers():
        out = program.run("run", "scenarios/month.yaml", "--offers", "--replications", "500", "--quiet").expect(0, None, "").out
        text = re.sub(r"\s+", " ", out)
        # availability, quality and both costs are taken back together
        assert re.search(r"In place of all these can be signed.* golden passed to \d+ % in place of 95 %, cost [\d.]+ USD/task "
                         r"in place of 0.00401 USD/task, cost \d+% in place of 0%: safe on alone", text), out
        sets = re.findall(r'--set "(contract\.tiers\.all\.[^"]*)"', out)
        assert len(sets) >= 4, sets

    yield "joint: month, counter-offers", offers

    def two():
        run = lambda *options: program.run("run", "-", "--replications", "300", "--quiet", *options, stdin=TWO)
        result = run("--json", "-", "--threads", "3").expect(0, None, "")
        check_result(result.json())
        assert without_run_conditions(run("--json", "-", "--threads", "1").out) == without_run_conditions(result.out)
        careful, thrifty = result.json()["contracts"]
        sure, base = careful["architectures"][0]["tiers"][1], thrifty["architectures"][0]["tiers"][0]
        assert sure["dimensions"]["quality"]["month_met"]["p"] < 1 and "cost" not in sure["dimensions"], sure
        assert base["dimensions"]["cost"]["month_met"]["p"] > 0 and "quality" not in base["dimensions"], base
        # one world: what is not a matter of the contract is the same in both, but for the runs of the suite
        recovered = [c["architectures"][0]["recovered_per_term"]["mean"] for c in (careful, thrifty)]
        assert recovered[0] == recovered[1] > 0, recovered
        bills = [c["architectures"][0]["cost"]["per_month"]["mean"] for c in (careful, thrifty)]
        runs = 26 * 200 * 0.003 / 6  # the 26 weeks that begin in the half year, at prices that rise
        assert runs <= bills[0] - bills[1] < 1.3 * runs, (bills, runs)

    yield "joint: two contracts, of quality and of cost", two

    def shown():
        show = lambda name, *options: program.run("show", f"scenarios/{name}.yaml", "--replications", "60", *options)
        story = show("quality", "--architecture", "alone", "--json", "-").expect(0).json()
        text = show("quality", "--architecture", "alone").expect(0).out
        missed = [tier.get("missed") for window in story["windows"] for tier in window["tiers"] if not tier["met"]]
        assert set(missed) >= {None, "availability, quality"} and "MISSED: availability, quality;" in text, missed
        met = [tier for window in story["windows"] for tier in window["tiers"] if tier["met"]]
        assert met and not any("missed" in tier for tier in met), met
        month = show("month").expect(0).out
        assert re.search(r"all  99.9 %\s+MISSED: availability(, quality)?, cost; down for 2 h 39 min", month), month

    yield "joint: show tells what was missed", shown
