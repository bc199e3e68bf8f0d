# SPDX-License-Identifier: GPL-3.0-or-later
"""`surety check`: findings, places, exit status; its page."""

import os
import re
import tempfile

from cli_harness import ROOT, SMALL

WHOLE = SMALL.replace("contract: {availability: {measure: time},",
                      "contract: {fee: 1000 USD/month, window: calendar-month, exclude: [], "
                      "availability: {measure: time, down_at: 5%}, credits: {ladder: [{below: target, credit: 10%}]},")


def rules_of_source():
    """(id, grade, clause) of each row of sim/check/rules.c"""
    with open(os.path.join(ROOT, "sim", "check", "rules.c"), encoding="utf-8") as handle:
        return re.findall(r'^    \{"([\w-]+)", (\w+), "(\w+)",', handle.read(), re.M)


def tests(program):
    def clean():
        done = program.run("check", "-", "--quiet", stdin=WHOLE).expect(0, r"Nothing found\.", "")
        assert "Mean availability in the long run, at most:" in done.out
        program.run("check", "scenarios/signed-terms.yaml", "--quiet").expect(0, r"Nothing found\.", "")

    yield "check: nothing found", clean

    def findings():
        done = program.run("check", "-", "--quiet", stdin=SMALL).expect(1, r"refused, 4 missing", "")
        assert re.search(r"^missing\[remedy-unsaid\], clause: all\n  standard input:9:1: contract\.credits|"
                         r"^missing\[remedy-unsaid\], clause: all\n  -:9:1: contract\.credits", done.out, re.M), done.out
        assert all(len(line) <= 100 for line in done.out.splitlines()), done.out
        program.run("check", "-", stdin=SMALL, cwd="/").expect(1, None, r"warning\[no-price\]|warning\[")
        done = program.run("check", "-", "--quiet", "--set", "contract.tiers={top: {availability: 100%}}", stdin=WHOLE)
        done.expect(1, r"refused\[perfect-availability\], clause: availability\n  --set contract\.tiers: ", "")

    yield "check: findings", findings

    def as_json():
        document = program.run("check", "-", "--quiet", "--json", "-", stdin=SMALL).expect(1, None, "").json()
        assert list(document) == ["surety", "kind", "scenario", "contracts"] and document["kind"] == "check"
        contract, = document["contracts"]
        assert list(contract["findings"][0]) == ["id", "severity", "clause", "path", "file", "line", "column", "what",
                                                 "why", "fix"]
        assert {f["severity"] for f in contract["findings"]} == {"missing"}
        alone, both = contract["bounds"]
        # 2 h of 722, 1 h of 481
        assert abs(alone["by_time"] - 720 / 722) < 1e-9 and alone["single_points"] == ["one"], alone
        assert abs(both["by_time"] - (1 - 2 / 722 / 481)) < 1e-9 and both["single_points"] == [], both
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "x.json")
            done = program.run("check", "-", "--quiet", "--json", place, stdin=SMALL).expect(1, r"4 missing", "")
            assert os.path.getsize(place) > 1000 and done.out
        several = program.run("check", "scenarios/contracts.yaml", "--quiet", "--json", "-").expect(1).json()
        assert [c["contract"] for c in several["contracts"]] == ["retail", "bank"]

    yield "check: JSON", as_json

    def wrong():
        program.run("check", "-", stdin="surety: 1\n").expect(2, "", r"error\[missing-key\]")
        program.run("check", "/no/such/file.yaml").expect(2, "", r"error\[file\]")
        program.run("check").expect(2, "", r"error\[usage\]")
        program.run("check", "-", "--architecture", "bth", stdin=WHOLE).expect(2, "", r'did you mean "both"')
        done = program.run("check", "-", "--quiet", "--architecture", "alone", stdin=WHOLE).expect(1, None, "")
        assert "warning[out-of-reach]" in done.out and "\nboth " not in done.out, done.out

    yield "check: wrong input", wrong

    def page():
        rules = rules_of_source()
        assert len(rules) > 20
        with open(os.path.join(ROOT, "docs", "check.md"), encoding="utf-8") as handle:
            rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", handle.read(), re.M)
        assert rows == [(name, grade.lower()) for name, grade, _ in rules], (rows, rules)
        for name, grade, clause in rules:
            program.run("explain", name).expect(0, rf"^{grade.lower()}\[{name}\] of `surety check`, clause: {clause}", "")

    yield "check: its page and explain", page
