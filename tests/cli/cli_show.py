# SPDX-License-Identifier: GPL-3.0-or-later
"""surety show: one simulated term as a dated story."""

import os
import tempfile
import xml.etree.ElementTree

from cli_golden import compare
from cli_harness import GOLDEN, SMALL

SCENARIO = os.path.join("tests", "cli", "golden", "failover-by-time.yaml")
COMMON = ("--replications", "2k", "--seed", "20270101")
WRONG = (  # options, what standard error says; all have status 2
    (("--architecture", "bth"), r'no architecture "bth".*did you mean "both"'),
    (("--architecture", "something-else"), r'no architecture "something-else".*there are alone, both'),
    (("--breach", "premum"), r'no tier "premum".*did you mean "premium"'),
    (("--breach", "premum", "--architecture", "bth"), r"2 errors"),
    (("--worst", "1%", "--replication", "3"), r"exclude each other"),
    (("--breach", "premium", "--worst", "5%"), r"exclude each other"),
    (("--json", "-", "--svg", "-"), r"only one of --json and --svg"),
    (("--precision", "1pp"), r'no option "--precision" for `surety show`'),
    (("--replicaton", "1"), r'did you mean "--replication"'),
)
WRONG_VALUES = {
    "--worst": ("0", "0%", "101%", "1.01", "-1%", "x", "", "1pp"),
    "--replication": ("-1", "1.5", "1k", "", "18446744073709551616"),
    "--breach": ("",),
    "--architecture": ("",),
    "--svg": ("",),
}


def check_story(story):
    """what holds in every story"""
    assert story["surety"] == 1 and story["kind"] == "show"
    events, windows, routes = story["events"], story["windows"], story["routes"]
    assert [e["at_s"] for e in events] == sorted(e["at_s"] for e in events)
    assert [e["when"] for e in events] == sorted(e["when"] for e in events)
    assert sum(e["kind"] == "window" for e in events) == len(windows)
    assert routes[0]["from_s"] == 0 and routes[-1]["to_s"] == story["term"]["length_s"]
    assert all(a["to_s"] == b["from_s"] for a, b in zip(routes, routes[1:]))
    assert abs(sum(w["downtime_s"] for w in windows) - story["term"]["downtime_s"]) < 1e-5
    for window in windows:
        for tier in window["tiers"]:
            assert tier["met"] == (window["downtime_s"] <= tier["budget_s"]), (window, tier)


def tests(program):
    def small(*arguments, scenario=SMALL, **more):
        return program.run("show", "-", "--replications", "300", *arguments, stdin=scenario, **more)

    def golden():
        stem = os.path.join(GOLDEN, "show-failover-by-time")
        common = (SCENARIO, "--architecture", "slow", *COMMON)
        text = program.run("show", *common).expect(0, None, "").out
        assert all(len(line) <= 100 for line in text.splitlines()), text
        assert text == program.run("show", *common, "--worst", "0.01").expect(0).out
        document = program.run("show", *common, "--json", "-").expect(0, None, "")
        check_story(document.json())
        drawing = program.run("show", *common, "--svg", "-").expect(0, None, "").out
        compare(program, stem + ".txt", text)
        compare(program, stem + ".json", document.out)
        compare(program, stem + ".svg", drawing)

    yield "show: golden", golden

    def same_term():
        worst = small("--architecture", "both", "--json", "-").expect(0).json()
        number = worst["run"].pop("replication")
        again = small("--architecture", "both", "--json", "-", "--replication", str(number)).expect(0).json()
        assert again["run"].pop("replication") == number
        assert worst["run"].pop("because") == "the 3rd worst of 300 terms"
        assert again["run"].pop("because") == "the term that was asked for"
        assert worst == again
        other = small("--architecture", "both", "--json", "-", "--seed", "2", "--replication", str(number)).expect(0)
        assert other.json()["events"] != worst["events"]

    yield "show: the same replication is the same story", same_term

    def first_architecture():
        assert small("--json", "-").expect(0).json()["term"]["architecture"] == "alone"

    yield "show: the first architecture is the default", first_architecture

    def breach():
        story = small("--breach", "premium", "--json", "-").expect(0, None, "").json()
        check_story(story)
        assert any(not tier["met"] for w in story["windows"] for tier in w["tiers"] if tier["name"] == "premium")
        text = small("--breach", "premium").expect(0, r"the first term that breaches premium", "").out
        assert "MISSED by" in text and "premium is missed in" in text, text

    yield "show: --breach", breach

    def none_breaches():
        scenario = SMALL.replace("standard: {availability: 99.5%}", "standard: {availability: 1%}")
        small("--breach", "standard", scenario=scenario).expect(
            2, "", r'none of 300 simulated terms breaches tier "standard" on architecture "alone".*--replications')

    yield "show: no term breaches", none_breaches

    def everything():
        some, all_ = small("--architecture", "both").expect(0).out, small("--architecture", "both", "--all").expect(0).out
        assert "(not felt)" in all_ and "(not felt)" not in some, all_

    yield "show: --all", everything

    for arguments, pattern in WRONG:
        yield "show: wrong: " + " ".join(arguments), lambda arguments=arguments, pattern=pattern: small(
            *arguments).expect(2, "", f"(?s){pattern}")
    for option, values in WRONG_VALUES.items():
        for value in values:
            yield f"show: wrong value: {option}={value}", lambda option=option, value=value: small(
                f"{option}={value}").expect(2, "", rf"is not a value for {option}")

    def files():
        with tempfile.TemporaryDirectory() as folder:
            svg, document = os.path.join(folder, "a.svg"), os.path.join(folder, "a.json")
            small("--svg", svg, "--json", document).expect(0, r"one simulated term on alone", "")
            assert sorted(os.listdir(folder)) == ["a.json", "a.svg"]
            root = xml.etree.ElementTree.parse(svg).getroot()
            assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
            for term in ("--all", "--worst=100%", "--replication=0"):
                xml.etree.ElementTree.fromstring(small("--svg", "-", term).expect(0, None, "").out)
        name = SMALL.replace("name: small", 'name: "</title><script>&\'\\u0007\\"x"')
        drawing = small("--svg", "-", scenario=name).expect(0).out
        assert "<script>" not in drawing and "&lt;script&gt;&amp;" in drawing, drawing[:300]
        xml.etree.ElementTree.fromstring(drawing)

    yield "show: files", files

    def full_disk():
        small("--json", "/dev/full").expect(3, "", r"/dev/full.*No space left")
        small("--svg", "/dev/full").expect(3, "", r"/dev/full.*No space left")
        small("--svg", "/no/such/folder/x.svg").expect(3, "", r"No such file")
        with open("/dev/full", "w", encoding="utf-8") as full:
            for arguments in ((), ("--json", "-"), ("--svg", "-")):
                small(*arguments, stdout=full).expect(3, None, r"cannot write standard output: No space left")

    yield "show: a full disk", full_disk

    def help_():
        text = program.run("show", "--help").expect(0, r"usage: surety show FILE", "").out
        for option in ("--architecture", "--worst", "--breach", "--replication", "--all", "--json", "--svg"):
            assert f"  {option} " in text, text

    yield "show: help", help_
