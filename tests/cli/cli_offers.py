# SPDX-License-Identifier: GPL-3.0-or-later
"""Counter-offers: each is put back as the contract and run on fresh seeds."""

import csv
import os
import tempfile

from cli_harness import ROOT

SCENARIO = os.path.join(ROOT, "scenarios", "counter-offer.yaml")
FRESH = ("71", "72")  # seeds that no search has seen
TERMS = "16384"

WORLD = """surety: 1
term: {{start: 2027-01-01, months: 6}}
workloads: {{w: {{kind: background, demand: 1/min}}}}
providers:
  a: {{outages: {{x: {{time_to_failure: 200h, time_to_repair: 1h}}}}}}
  b: {{outages: {{x: {{time_to_failure: 400h, time_to_repair: 1h}}}}}}
architectures: {architectures}
contract:
  fee: 1000 USD/month
  sign_when: {rule}
  tiers: {tiers}
  availability: {{measure: requests}}
  credits: {{ladder: [{{below: target, credit: 60%}}]}}
"""
CASES = {  # name: architectures, rule, tiers, kinds that must be offered
    "credits rule": ("{it: a}", "{credits_at_most: 5%}", "{t: {availability: 99.9%}}", {"cap", "target", "second-route"}),
    "slow failover": ("{it: {failover: {order: [a, b], detect: 20m, success: 100%}}}", "{every_month_met: 90%}",
                      "{t: {availability: 99.9%}}", {"detection", "target"}),
    "by month": ("{it: a}", "{month_met: 95%}", "{low: {availability: 90%}, t: {availability: 99%}}", {"target"}),
}


# Quality and cost fail, each in its own months: 400 cases a week read 95 % as less in half of the months, and the standby
# is ten times as dear.
MORE = """surety: 1
term: {start: 2027-01-01, months: 6}
workloads: {w: {kind: background, demand: 1/min}}
providers:
  a: {outages: {x: {time_to_failure: 200h, time_to_repair: 1h}}, quality: {golden: 95%}, price: {per_request: 0.01 USD/request}}
  b: {outages: {x: {time_to_failure: 400h, time_to_repair: 1h}}, quality: {golden: 95%}, price: {per_request: 0.1 USD/request}}
architectures: {it: {failover: {order: [a, b], detect: 10s, success: 100%}}}
contract:
  fee: 1000 USD/month
  sign_when: {every_month_met: 90%}
  tiers: {t: {availability: 90%, quality: {golden: {pass_rate: 95%}}, cost: {per_task: 0.0101 USD/task}}}
  availability: {measure: requests}
  quality: {suites: {golden: {cases: 400, every: 1w}}}
"""


def tests(program):
    def put_back(text, kinds=None, terms=TERMS):
        """Every offer is safe in the contract that its arguments make, on every fresh seed."""
        found = program.run("run", "-", "--offers", "--replications", terms, "--json", "-", "--quiet", stdin=text)
        offers = found.expect(0).json()["counter_offers"]["offers"]
        assert offers, "no offers"
        assert kinds is None or kinds <= {offer["kind"] for offer in offers}, [offer["kind"] for offer in offers]
        for offer in offers:
            sets = [word for value in offer["set"] for word in ("--set", value)]
            required = f"{offer['tier']}@{offer['architecture']}"
            for seed in FRESH:
                program.run("run", "-", "--seed", seed, "--replications", terms, "--require", required, "--quiet", *sets,
                            stdin=text).expect(0)
        return offers

    for name, (architectures, rule, tiers, kinds) in () if program.quick else CASES.items():
        text = WORLD.format(architectures=architectures, rule=rule, tiers=tiers)
        yield f"offers: {name}", lambda text=text, kinds=kinds: put_back(text, kinds)

    def example():
        with open(SCENARIO, encoding="utf-8") as handle:
            offers = put_back(handle.read(), {"target", "second-route", "upstream"}, "9000")
        quick = next(o for o in offers if o["tier"] == "quick" and o["kind"] == "target")
        assert "98 % in place of 99.8 %" in quick["change"] and "600 ms in place of 500 ms" in quick["change"], quick
        assert "at least 98 %" in quick["clause"] and "within 600 milliseconds" in quick["clause"], quick["clause"]
        assert not any(o["tier"] == "quick" and o["kind"] == "upstream" for o in offers), "latency is not upstream's"

    if not program.quick:
        yield "offers: the example, put back", example

    def nearest():
        """The next milder figure is not safe: the offer is the nearest one."""
        text = WORLD.format(architectures="{it: a}", rule="{every_month_met: 90%}", tiers="{t: {availability: 99.9%}}")
        offers = put_back(text)
        target = next(o for o in offers if o["kind"] == "target")
        assert target["set"] == ["contract.tiers.t.availability=98%"], target
        program.run("run", "-", "--replications", TERMS, "--require", "t", "--quiet", "--set",
                    "contract.tiers.t.availability=98.5%", stdin=text).expect(1)

    yield "offers: the nearest figure", nearest

    def more():
        """Promises of quality and cost are taken back step by step, and stand in the clause."""
        target = next(o for o in put_back(MORE) if o["kind"] == "target")
        assert target["set"] == ["contract.tiers.t.quality.golden.pass_rate=93%",
                                 "contract.tiers.t.cost.per_task=0.01212 USD/task"], target
        assert "At least 93 % of the cases of the suite golden" in target["clause"], target["clause"]
        assert "A task costs at most 0.01212 USD on average." in target["clause"], target["clause"]
        cheaper = ("--set", target["set"][0], "--set", "contract.tiers.t.cost.per_task=0.01111 USD/task")
        program.run("run", "-", "--replications", TERMS, "--require", "t", "--quiet", *cheaper, stdin=MORE).expect(1)

    if not program.quick:
        yield "offers: quality and cost", more

    def safe():
        text = WORLD.format(architectures="{it: a}", rule="{every_month_met: 90%}", tiers="{t: {availability: 90%}}")
        found = program.run("run", "-", "--offers", "--replications", "2000", stdin=text).expect(0)
        assert "no other clauses were looked for" in found.out, found.out
        plain = program.run("run", "-", "--replications", "2000", "--json", "-", "--quiet", stdin=text).expect(0)
        assert "counter_offers" not in plain.json()

    yield "offers: none where all is safe, none unless asked", safe

    def hopeless():
        text = WORLD.format(architectures="{it: a}", rule="{every_month_met: 90%}", tiers="{t: {availability: 99.9%}}")
        text = text.replace("time_to_failure: 200h, time_to_repair: 1h", "time_to_failure: 20h, time_to_repair: 20h")
        text = text.replace("time_to_failure: 400h, time_to_repair: 1h", "time_to_failure: 20h, time_to_repair: 20h")
        found = program.run("run", "-", "--offers", "--replications", "500", stdin=text).expect(0)
        assert "In place of t" in found.out, found.out

    yield "offers: where little helps", hopeless

    def written():
        """The same at any number of threads, in the report that verifies, and as a table."""
        text = WORLD.format(architectures="{it: a}", rule="{every_month_met: 90%}", tiers="{t: {availability: 99.9%}}")
        with tempfile.TemporaryDirectory() as folder:
            scenario, report = os.path.join(folder, "a.yaml"), os.path.join(folder, "a.html")
            with open(scenario, "w", encoding="utf-8") as handle:
                handle.write(text)
            common = ("run", scenario, "--offers", "--replications", "9000", "--quiet")
            outs = [program.run(*common, "--threads", n).expect(0).out for n in ("1", "3")]
            assert outs[0] == outs[1], "threads change the answer"
            program.run(*common, "--report", report, "--csv", folder).expect(0)
            program.run("verify", report, "--quiet").expect(0)
            with open(report, encoding="utf-8") as handle:
                assert "What can be signed instead" in handle.read()
            with open(os.path.join(folder, "offers.csv"), encoding="utf-8", newline="") as handle:
                rows = list(csv.DictReader(handle))
            assert rows and all(float(row["term_met_lo"]) >= 0.9 for row in rows), rows

    yield "offers: threads, report, table", written

    def elsewhere():
        program.run("run", SCENARIO, "--engine", "requests", "--offers").expect(
            2, "", r"--offers does not go with --engine requests")

    yield "offers: not request by request", elsewhere
