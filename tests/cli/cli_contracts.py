# SPDX-License-Identifier: GPL-3.0-or-later
"""Several contracts: what `run` writes and requires, `verify` repeats, and `show` tells."""

import csv
import json
import os
import re
import shutil
import tempfile

from cli_harness import ROOT

CONTRACTS = os.path.join(ROOT, "tests", "report", "contracts.yaml")
NAMES = ("retail", "bank")
FIGURES = ("cost-and-promise", "monthly-downtime", "phases", "causes", "credits", "bad-month")
FEW = ("--replications", "1000", "--quiet")
REQUIRED = (  # --require, exit status, what standard error says
    ("retail.standard@both", 0, ""),
    ("bank.enterprise@alone", 1, r"does not hold: bank\.enterprise@alone"),
    ("retail.standard@alone:priced", 0, ""),
    ("retail.premium@alone:priced", 1, r"does not hold"),
    ("standard", 2, r'does not say of which contract, did you mean "retail\.standard"'),
    ("enterprise@both", 2, r'did you mean "bank\.enterprise@both"'),
    ("nothing", 2, r"does not say of which contract, write CONTRACT\.TIER"),
    ("retial.standard", 2, r'no contract \'retial\', did you mean "retail"'),
    ("something-else.standard", 2, r"no contract 'something-else', the contracts are retail, bank"),
    ("retail.enterprise", 2, r"no tier 'enterprise'.*CONTRACT\.TIER"),
    ("bank.enterprize", 2, r"no tier 'enterprize'; did you mean 'enterprise'\?$"),
    ("bank.enterprise@bth", 2, r"no architecture 'bth'; did you mean 'both'\?$"),
    ("bank.enterprise:fine", 2, r"no outcome"),
    ("bank.", 2, r"no tier ''"),
    (".standard", 2, r"no contract ''"),
)


def read(path):
    with open(path, encoding="utf-8", newline="") as handle:
        return handle.read()


def tests(program):
    def in_folder(test):
        def run():
            with tempfile.TemporaryDirectory() as folder:
                test(folder)
        return run

    for text, status, pattern in REQUIRED:
        yield f"contracts: --require {text}", lambda text=text, status=status, pattern=pattern: program.run(
            "run", CONTRACTS, "--replications", "300", "--require", text).expect(status, None, f"(?m){pattern}")

    def one_named():
        text = read(CONTRACTS)
        one = text[:text.index("  bank:")]
        for required in ("retail.standard@both", "standard@both"):
            program.run("run", "-", *FEW, "--require", required, stdin=one).expect(0)
        program.run("run", "-", *FEW, "--require", "bank.standard", stdin=one).expect(2, "", r"contracts are retail")

    yield "contracts: one in the map may be named", one_named

    def claims_apart():
        claims = [part for name in NAMES for part in
                  ("--set", f"contracts.{name}.credits.claimed={{between: [10%, 90%]}}")]
        document = program.run("run", CONTRACTS, *FEW, *claims, "--json", "-").expect(0, None, "").json()
        inputs = [contract["inputs"]["uncertain"] for contract in document["contracts"]]
        assert [[i["path"] for i in one] for one in inputs] == [[f"contracts.{name}.credits.claimed"] for name in NAMES]

    yield "contracts: each customer's uncertain claims are drawn apart", claims_apart

    def precision():
        program.run("run", CONTRACTS, "--precision", "1pp").expect(2, "", r"--precision is for one contract.*--replications")

    yield "contracts: --precision is refused", precision

    def warned_once():
        err = program.run("run", CONTRACTS, "--replications", "100", "--json", "-").expect(0).err
        assert err.count("warning[no-capacity]") == 1, err

    yield "contracts: a warning comes once", warned_once

    def report(folder):
        pages = []
        for threads, place in (("1", "a"), ("2", "b")):
            os.mkdir(os.path.join(folder, place))
            path, kept = os.path.join(folder, place, "x.html"), os.path.join(folder, place, "gp")
            program.run("run", CONTRACTS, *FEW, "--threads", threads, "--report", path, "--keep-plots", kept).expect(0)
            pages.append(read(path))
        assert pages[0] == pages[1], "other bytes at other threads or in another folder"
        page = pages[0]
        ids = re.findall(r'<figure id="([^"]*)"', page)
        assert sorted(ids) == sorted(["portfolio-credits"] + [f"{n}.{f}" for n in NAMES for f in FIGURES]), ids
        assert sorted(os.listdir(kept)) == sorted(f"{figure}.gp" for figure in ids)
        assert "<script" not in page and "://" not in page and "\x1b" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and ROOT not in page and folder not in page
        assert page.count("<h1") == 1 and all(f'<article id="{name}.contract">' in page for name in NAMES)
        program.run("verify", path, "--threads", "2").expect(0, r"the same, byte by byte: seed 1, 1000", "")
        for change, pattern in ((page.replace("seed: 1\n", "seed: 2\n"), r"different from line.*\n.*numbers differ"),
                                (re.sub(r"(<td class=\"n\">)\d", r"\g<1>9", page, count=1), r"gives the result")):
            assert change != page
            with open(path, "w", encoding="utf-8", newline="") as handle:
                handle.write(change)
            program.run("verify", path, "--quiet").expect(1, f"(?s){pattern}", "")

    if shutil.which("gnuplot") is not None:
        yield "contracts: report, and its verification", in_folder(report)

    def tables(folder):
        place, path = os.path.join(folder, "csv"), os.path.join(folder, "x.json")
        program.run("run", CONTRACTS, *FEW, "--csv", place, "--json", path).expect(0)
        result = json.loads(read(path))
        assert sorted(os.listdir(place)) == sorted([*NAMES, "portfolio.csv", "portfolio_credits.csv"])
        customers = list(csv.DictReader(read(os.path.join(place, "portfolio.csv")).splitlines()))
        assert [row["contract"] for row in customers] == [*NAMES, "(together)"]
        for row, customer in zip(customers, result["portfolio"]["customers"]):
            for key, column in (("credits_mean", "credits_mean_per_term"), ("credits_cvar95", "credits_cvar95_per_term"),
                                ("adds_cvar95", "adds_to_credits_cvar95_per_term")):
                assert float(row[column]) == customer[key], (row, customer)
        assert float(customers[-1]["credits_cvar95_per_term"]) == result["portfolio"]["credits_per_term"]["cvar95"]
        points = list(csv.reader(read(os.path.join(place, "portfolio_credits.csv")).splitlines()))[1:]
        assert [[float(x), float(p)] for x, p, _ in points] == result["portfolio"]["exceedance"]
        for contract in result["contracts"]:
            rows = list(csv.DictReader(read(os.path.join(place, contract["contract"], "tiers.csv")).splitlines()))
            expected = [(a["name"], t["name"], t["term_met"]["p"]) for a in contract["architectures"] for t in a["tiers"]]
            assert [(row["architecture"], row["tier"], float(row["term_met_p"])) for row in rows] == expected

    yield "contracts: tables", in_folder(tables)

    def plot():
        out = program.run("run", CONTRACTS, *FEW, "--plot").expect(0).out
        drawn = out[out.index("ALL CONTRACTS TOGETHER"):]
        for name in NAMES:
            assert f"\nCONTRACT {name}\n\nProbability that every month" in drawn, drawn
        assert max(map(len, drawn.splitlines())) <= 100, drawn

    yield "contracts: plot", plot

    def told():
        show = ("show", CONTRACTS, "--replications", "300")
        program.run(*show).expect(2, "", r"several contracts: --contract .*there are retail, bank")
        program.run(*show, "--contract", "bnk").expect(2, "", r'no contract "bnk", did you mean "bank"')
        story = program.run(*show, "--contract", "bank", "--breach", "enterprise", "--json", "-").expect(0).json()
        assert [tier["name"] for tier in story["windows"][0]["tiers"]] == ["premium", "enterprise"]
        program.run("show", "scenarios/leaf.yaml", "--contract", "bank").expect(2, "", r"one `contract`, without a name")

    yield "contracts: show tells the one that is asked for", told

    def mistakes():
        head = "surety: 1\nworkloads: {w: {demand: 6/min}}\nproviders: {a: {outages: none}}\narchitectures: {x: a}\n"
        text = head + "contracts:\n  good: {availability: {measure: time}, tiers: {t: {availability: 99%}}}\n" \
                      "  bad: {availability: {measure: tim}, tiers: {t: {availability: 99%, cost: {per_task: 1}}}}\n"
        err = program.run("run", "-", "--quiet", stdin=text).expect(2, "").err
        assert "error[choice]: contracts.bad.availability.measure: 'tim'" in err, err
        assert "contracts.bad.tiers.t.cost.per_task" in err and " contract." not in err, err
        # one misspelt map is one mistake
        one = head.replace("providers", "provders") + "contract: {availability: {measure: time}, tiers: {t: {availability: 99%}}}\n"
        err = program.run("run", "-", "--quiet", stdin=one).expect(2, "").err
        assert err.count("error[") == 1 and "did you mean 'providers'" in err, err

    yield "several contracts: mistakes name their contract", mistakes
