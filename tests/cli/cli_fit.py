# SPDX-License-Identifier: GPL-3.0-or-later
"""surety fit outages: from a record to a scenario. The record was made by a random number generator: two services that
share twelve outages, break in working hours, and the last outage is still on."""

import csv
import datetime
import json
import os
import random
import re
import shutil
import tempfile

from cli_golden import compare
from cli_harness import GOLDEN, ROOT

RECORD = os.path.join("tests", "cli", "golden", "fit-record.csv")
FIT = ("outages", "--by", "component", RECORD, "--bootstrap", "19")
WRONG = (  # arguments, what standard error says; all have status 2
    (("demand", RECORD), r"`fit demand` is not supported yet"),
    (("latency", RECORD), r"fit-record.csv:1:1: error.record-format.: no column is known as the time to the first token"),
    (("latency", RECORD, "--first-token", "opened"), r"the table has no column 'opened', columns: "),
    (("latency", RECORD, "--laws", "weibull"), r"--laws does not go with `fit latency`"),
    (("outages", RECORD, "--first-token", "a"), r"--first-token does not go with `fit outages`"),
    (("latency",), r"usage: surety fit latency FILE"),
    (("latency", "none.csv"), r"cannot read 'none.csv'"),
    (("latency", RECORD, "--plot", "-"), r"--plot and --into write no standard output, name a file"),
    (("latency", RECORD, "--into", "none.yaml", "--first-token", "severity"), r"is no number"),
    (("outage", RECORD), r'there is no fit of "outage".*surety fit outages FILE'),
    (("outages",), r"usage: surety fit outages FILE"),
    (("outages", RECORD, "--format", "excel"), r"there is no format 'excel', formats: statuspage-atlassian, .*table"),
    (("outages", RECORD, "--grade", "bananas=yellow"), r'"bananas=yellow" is not a value for --grade, write WORD=GRADE'),
    (("outages", RECORD, "--plot", "-"), r"--plot and --into write no standard output, name a file"),
    (("outages", RECORD, "--laws", "weibul"), r'"weibul" is not a value for --laws, allowed: exponential, weibull'),
    (("outages", RECORD, "--profile", "status-pag"), r'did you mean "status-page"'),
    (("outages", RECORD, "--winsorise", "3"), r"write a duration such as 3d or a quantile such as 99%"),
    (("outages", RECORD, "--winsorise", "100%"), r"write a duration such as 3d or a quantile such as 99%"),
    (("outages", RECORD, "--from", "2024-13-01"), r"write a date or a time"),
    (("outages", RECORD, "--filter", "grade=bad"), r"grades: none, degraded, partial, major, maintenance"),
    (("outages", RECORD, "--filter", "region=eu"), r"write component=NAME, provider=NAME or grade=NAME"),
    (("outages", RECORD, "--filter", "region"), r"component=NAME, provider=NAME or grade=NAME"),
    (("outages", RECORD, "--by", "vendor"), r"allowed: file, component, provider"),
    (("outages", RECORD, "--by", "provider"), r"no provider to tell apart"),
    (("outages", RECORD, "--table", "icpe26"), r"allowed: icpe25"),
    (("outages", RECORD, "--filter", "component=nobody"), r"no incident of the record names such a component"),
    (("outages", RECORD, "--laws", "weibul", "--winsorise", "x"), r"2 errors"),
    (("outages", RECORD, "--bootstrap", "0"), r"whole number"),
    (("outages", RECORD, "--plot"), r'option "--plot" needs a value: --plot FILE.svg'),
)
SCENARIO = """surety: 1
name: Before   # kept
workloads: {calls: {kind: chat, demand: 30/min}}
providers:
  # the one we have
  voice:
    note: old
    # its outages were guessed
    outages:
      all: {time_to_failure: 30d, time_to_repair: 1h}

    price: {input: 1 USD/Mtok, output: 2 USD/Mtok}   # list price
  other: {outages: none}

# who carries what
architectures: {alone: voice, both: {failover: {order: [voice, other], detect: 60s}}}
contract: {availability: {measure: time}}   # the end
"""


def write_examples(folder):
    """the files that docs/guide.md names: exports of status pages, tickets.csv of somebody's own"""
    with open(os.path.join(ROOT, RECORD), newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    impacts = {"major_outage": "critical", "partial_outage": "major", "degraded_performance": "none"}
    incidents = [{"id": row["incident_id"], "status": "resolved" if row["resolved_utc"] else "investigating",
                  "impact": impacts[row["severity"]], "created_at": row["opened_utc"], "started_at": row["opened_utc"],
                  "resolved_at": row["resolved_utc"] or None, "components": [{"name": row["component"]}],
                  "incident_updates": []} for row in rows]
    page = {"page": {"name": "example", "updated_at": "2026-01-01T00:00:00Z"}, "incidents": incidents}
    for name in ("incidents.json", "openai.json", "anthropic.json"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as handle:
            json.dump(page, handle)
    with open(os.path.join(folder, "tickets.csv"), "w", encoding="utf-8") as handle:
        handle.write("number,began,ended,prio,component\n")
        for row in rows:
            component = {"voice": "API"}.get(row["component"], row["component"])
            handle.write(f"{row['incident_id']},{row['opened_utc']},{row['resolved_utc']},{row['severity']},{component}\n")


def write_record(path, outages, name):
    """outages: seconds from 2024-01-01, length, severity"""
    start = datetime.datetime(2024, 1, 1)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("start,end,severity,component\n")
        for at, length, severity in outages:
            times = [start + datetime.timedelta(seconds=x) for x in (at, at + length)]
            handle.write(",".join([f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in times] + [severity, name]) + "\n")


def draw_outages(seed, days):
    draw, at, outages = random.Random(seed), 0, []
    while True:
        at += draw.expovariate(1 / (8 * 86400))
        length = max(60, int(3600 * draw.lognormvariate(0, 0.8)))
        if at + length > days * 86400:
            return outages
        outages.append((int(at), length, draw.choice(("major", "partial"))))
        at += length


def tests(program):
    def golden():
        text = program.run("fit", *FIT).expect(0, None, "").out
        compare(program, os.path.join(GOLDEN, "fit.txt"), text)
        assert text == program.run("fit", *FIT).expect(0).out
        document = program.run("fit", *FIT, "--json", "-").expect(0, None, "")
        compare(program, os.path.join(GOLDEN, "fit.json"), document.out)
        fit = document.json()
        assert [p["name"] for p in fit["providers"]] == ["search", "voice"] and fit["pairs"][0]["dependent"]
        for provider in fit["providers"]:
            for outage in provider["outages"]:
                for fitted in (outage["up"], outage["repair"]):
                    assert any(law["law"] == fitted["chosen"] for law in fitted["laws"])
                    for law in fitted["laws"]:
                        for p in law["parameters"]:
                            assert p["lo"] is None or p["lo"] <= p["value"] <= p["hi"], (law["law"], p)

    def runs(*more):
        scenario = program.run("fit", *FIT, *more).expect(0, None, "").out
        done = program.run("run", "-", "--replications", "300", "--json", "-", "--quiet", stdin=scenario).expect(0, None, "")
        assert [a["name"] for a in done.json()["architectures"]] == ["search-alone", "voice-alone", "failover"]
        return scenario

    def plain():
        scenario = runs()
        assert "common_causes:\n  search-voice: {members: [search, voice]" in scenario and "included: true" in scenario
        assert "observed" not in scenario

    def long_names():  # what many parts have in common has a name of its own, and a scenario of it runs
        parts = [f"{part}-of-the-platform" for part in ("search", "voice", "billing", "payments")]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "parts.csv")
            with open(path, "w") as handle:
                handle.write("start,end,severity,component\n")
                for month in range(1, 13):
                    handle.write(f"2025-{month:02}-10T0{month % 9}:00:00Z,2025-{month:02}-10T0{month % 9}:50:00Z,major,"
                                 f"{';'.join(parts)}\n")
            fit = ("fit", "outages", path, "--by", "component", "--from", "2025-01-01", "--until", "2026-01-01")
            scenario = program.run(*fit).expect(0, None, "").out
            assert "  common-cause-1: {members: [billing-of-the-platform, " in scenario, scenario[-900:]
            program.run("run", "-", "--replications", "300", "--quiet", stdin=scenario).expect(0, None, "")
            into = os.path.join(folder, "deal.yaml")
            for _ in range(2):  # and again: the same cause is replaced
                program.run(*fit, "--into", into).expect(0)
            text = open(into).read()
            assert text.count("common-cause-") == 1, text

    def keeps_downtime():  # what is common is taken off the members' own starts; each is down for as long as before
        fit = program.run("fit", *FIT, "--json", "-").expect(0, None, "").json()
        scenario = program.run("fit", *FIT).expect(0, None, "").out
        done = program.run("run", "-", "--replications", "4096", "--json", "-", "--quiet", stdin=scenario).expect(0, None, "")
        for provider, architecture in zip(fit["providers"], done.json()["architectures"]):
            up = 1
            for outage in provider["outages"]:
                up *= 1 - outage["share_down_by_laws"]
            assert provider["own_starts"] > 1 and f"starts are x {provider['own_starts']:.3g} here" in scenario
            down = 1 - architecture["availability"]["mean"]  # 6 and 10 % too little without the factor
            assert abs(down / (1 - up) - 1) < 0.025, (provider["name"], down, 1 - up)

    def dependent(more, level):
        """Two records of the same outages: each service, and both together, are as available as the record, to four
        standard errors and the 0.4 % that a member keeps of its own and that causes overlap. (On top of the members' own,
        both would be twice as much down; without a cause, both together hardly ever.)"""
        outages = draw_outages(11, 700)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("one", "two"):
                write_record(os.path.join(folder, name + ".csv"), outages, name)
            files = [os.path.join(folder, name + ".csv") for name in ("one", "two")]
            text = program.run("fit", "outages", *files, "--from", "2024-01-01", "--until", "2025-12-01", "--laws",
                               "exponential", "--bootstrap", "9", *more).expect(0, None, "").out
        assert len(re.findall(r'note: "[^"]* % of its downtime [^"]*common causes', text)) == 2, text
        text = text.replace("architectures:\n", "architectures:\n  both: {parallel: [one, two]}\n", 1)
        text = text.replace("{measure: time, down_at: 5%}", "{measure: requests}")
        done = program.run("run", "-", "--replications", "8192", "--json", "-", "--quiet", stdin=text).expect(0, None, "")
        lost = {severity: sum(length for _, length, s in outages if s == severity) / (700 * 86400)
                for severity in ("major", "partial")}
        found = {a["name"]: (1 - a["availability"]["mean"], a["availability"]["se"]) for a in done.json()["architectures"]}
        for name, record in (("one-alone", lost["major"] + 0.3 * lost["partial"]),
                             ("two-alone", lost["major"] + 0.3 * lost["partial"]),
                             ("both", lost["major"] + 0.09 * lost["partial"])):
            if level:
                down, se = found[name]
                assert abs(down - record) < 4 * se + 0.004 * record, (name, down, se, record)
        both, alone = found["both"][0], found["one-alone"][0]
        assert abs(both / alone / (record / (lost["major"] + 0.3 * lost["partial"])) - 1) < (0.01 if level else 0.1)
        return text

    def certain_dependence():
        assert "included: true" in dependent((), True)

    def uncertain_dependence():  # the level is the belief's
        text = dependent(("--uncertain",), False)
        assert "included: true" not in text
        causes = text[text.index("common_causes:"):]
        assert re.search(r"time_to_repair: \{\w+: \{\w+: \{law: \{lognormal: ", causes), causes  # not as if it were exact

    def several():  # one fails with all the others, these among each other oftener: all as often down as by their laws
        outages = draw_outages(12, 700)
        lists = {"rare": outages[::8], "one": outages, "two": outages}
        with tempfile.TemporaryDirectory() as folder:
            for name, list_ in lists.items():
                write_record(os.path.join(folder, name + ".csv"), list_, name)
            text = program.run("fit", "outages", *(os.path.join(folder, name + ".csv") for name in lists), "--from",
                               "2024-01-01", "--until", "2025-12-01", "--laws", "exponential", "--bootstrap", "9").expect(0).out
        assert "members: [rare, one, two]" in text and "members: [one, two]" in text, text
        text = text.replace("architectures:\n", "architectures:\n  both: {parallel: [one, two]}\n", 1)
        text = text.replace("{measure: time, down_at: 5%}", "{measure: requests}")
        done = program.run("run", "-", "--replications", "8192", "--json", "-", "--quiet", stdin=text).expect(0, None, "")
        for architecture in done.json()["architectures"]:
            name = architecture["name"]
            if name == "failover":
                continue
            share = 0.09 if name == "both" else 0.3
            down = sum(length * (1 if s == "major" else share) for _, length, s in lists[name.replace("-alone", "")
                       if name != "both" else "one"]) / (700 * 86400)
            availability = architecture["availability"]
            # causes are severe as the common outages are on average, not as each member's
            assert abs(1 - availability["mean"] - down) < 4 * availability["se"] + 0.05 * down, \
                (name, availability["mean"], down)

    def twice():
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "copy.csv")
            shutil.copyfile(os.path.join(ROOT, RECORD), copy)
            for files in ((RECORD, RECORD), (f"one={RECORD}", f"two={copy}")):
                done = program.run("fit", "outages", *files).expect(2, "", None)
                assert re.search(r"fit-record.csv, byte for byte, give each record once; --by component", done.err), done.err

    def watched():
        """a component is watched since the file's first incident, not since its own"""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "two.csv")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write("start,end,severity,component\n2025-01-03T00:00:00Z,2025-01-03T01:00:00Z,major,early\n"
                             "2025-02-13T00:00:00Z,2025-02-13T02:00:00Z,major,late\n"
                             "2025-03-13T00:00:00Z,2025-03-13T02:00:00Z,major,late\n"
                             "2025-04-13T00:00:00Z,2025-04-13T02:00:00Z,major,early\n")
            fit = program.run("fit", "outages", path, "--by", "component", "--bootstrap", "9", "--json", "-").expect(0).json()
        assert [p["from"] for p in fit["providers"]] == 2 * ["2025-01-03T00:00:00Z"], fit["providers"]

    def parts():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "two.csv")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write("start,end,severity,provider,component\n"
                             "2025-01-03T00:00:00Z,2025-01-03T01:00:00Z,major,a.b,\n"
                             "2025-01-13T00:00:00Z,2025-01-13T01:00:00Z,major,a.b,\n"
                             "2025-02-13T00:00:00Z,2025-02-13T02:00:00Z,major,c,\n"
                             "2025-03-13T00:00:00Z,,major,c,\n")
            one = program.run("fit", "outages", path, "--bootstrap", "9").expect(0, None, "").out
            assert "SEVERAL PROVIDERS of the record are read as one" in one
            assert "1 incident left out: not in the time that was watched" in one
            several = program.run("fit", "outages", path, "--bootstrap", "9", "--by", "provider").expect(0, None, "").out
            assert "SEVERAL" not in several and "# a-b: 2 outages from 2 incidents in two.csv (table), provider a.b, " in several
            assert 'what: "two.csv (table), provider a.b, sha256 ' in several
            bananas = os.path.join(folder, "bananas.csv")
            with open(bananas, "w", encoding="utf-8") as handle:
                handle.write("start,end,severity\n2025-01-03,2025-01-04,bananas\n2025-02-03,2025-02-04,major\n")
            program.run("fit", "outages", bananas).expect(2, "", "bananas.csv:2:23: error.record-value.*--grade WORD=GRADE")
            read = program.run("fit", "outages", bananas, "--grade", "bananas=partial", "--bootstrap", "9").expect(0, None, "")
            assert "# bananas.partial: 1 outage" in read.out and "# bananas.major: 1 outage" in read.out
            with open(path, "a", encoding="utf-8") as handle:
                handle.write("2025-03-13T00:00:00Z,NaN,major,c,\n")
            done = program.run("fit", "outages", RECORD, path).expect(2, "", None)
            assert f"{path}:6:22: error[record-time]" in done.err, done.err

    def uncertain():
        scenario = runs("--uncertain")
        assert re.search(r"incidents: .*observed: \{count: [\d.]+, over: [\d.]+d, until: 2025-12-25", scenario), scenario
        assert "failing: {between: [10%, 60%]}" in scenario and "{law: {lognormal: {median: " in scenario

    def options():
        one = program.run("fit", "outages", "all=" + RECORD, "--laws", "weibull", "--winsorise", "4h", "--bootstrap", "9",
                          "--filter", "grade=major", "--until", "2025-06-01").expect(0, None, "").out
        assert "# all.major" in one and "partial:" not in one and "winsorised: 20" in one
        assert re.search(r"counts as 4\.0 h", one) and "time_to_repair: {weibull: " in one
        assert "until: 2025-05-31" in one
        listed = program.run("fit", "outages", "--profile", "list").expect(0, None, "").out
        assert "partial 30 % (10 % to 60 %)" in listed and "answers take 1.5x as long" in listed
        table = program.run("fit", "outages", "--table", "icpe25", RECORD).expect(0, None, "").out
        assert table.splitlines()[0] == "provider,service,reports,repairs,mttr_h,mtbf_d"
        assert [line.split(",")[:3] for line in table.splitlines()[1:]] == [["search", "search", "85"], ["voice", "voice", "62"]]

    def into():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "deal.yaml")

            def read():
                with open(path, encoding="utf-8") as handle:
                    return handle.read()

            def write(text):
                with open(path, "w", encoding="utf-8") as handle:
                    handle.write(text)

            write(SCENARIO)
            program.run("fit", *FIT, "--into", path).expect(0, None, "")
            text = read()
            kept = [line for line in SCENARIO.splitlines() if line and not re.search(r"note: old|outages:$|all: ", line)]
            lines = text.splitlines()
            places = [lines.index(line) for line in kept]  # each is still there, in its order
            assert places == sorted(places), text
            assert "note: old" not in text and "30d" not in text and "\n  search:\n    source: " in text
            program.run("run", path, "--replications", "300").expect(0)
            program.run("fit", *FIT, "--into", path).expect(0, None, "")
            assert read() == text, "the second time changes nothing"
            # a cause of an earlier fit would count again what is written now
            stale = text.replace("common_causes:\n  search-voice:", "common_causes:\n  voice-search:")
            assert stale != text
            write(stale)
            done = program.run("fit", *FIT, "--into", path).expect(2, "", None)
            assert re.search(r"the common cause 'voice-search' has only members that are fitted together.*take it out",
                             done.err) and read() == stale, done.err
            # in braces, on one line
            braces = ('surety: 1\nworkloads: {calls: {kind: chat, demand: 30/min}}\nproviders: {voice: {outages: none, note: '
                      '"a } b", request_errors: 0.1%}} # kept\narchitectures: {alone: voice}\n'
                      'contract: {availability: {measure: time}}\n')
            write(braces)
            program.run("fit", *FIT, "--into", path).expect(0, None, "")
            text = read()
            assert "request_errors: 0.1%}" in text and "# kept" in text and "a } b" not in text and "outages: none" not in text
            program.run("run", path, "--replications", "300").expect(0)
            # what is wrong stays as it is
            for broken in (braces.replace("measure: time", "measure: tme"), "surety: [1\n", "- 1\n",
                           "surety: 1\nproviders: {voice: none}\n"):
                write(broken)
                program.run("fit", *FIT, "--into", path).expect(2, "", None)
                assert read() == broken
            assert os.listdir(folder) == ["deal.yaml"]
            fresh = os.path.join(folder, "fresh.yaml")
            program.run("fit", *FIT, "--into", fresh).expect(0, None, "")
            program.run("run", fresh, "--replications", "300").expect(0)

    def latency():
        with tempfile.TemporaryDirectory() as folder:
            path, scenario = os.path.join(folder, "times.csv"), os.path.join(folder, "deal.yaml")
            with open(path, "w", encoding="utf-8") as handle:  # medians 400 ms and 10 ms a token, every tenth a stall
                handle.write("ttft_ms,end_to_end_ms,output_tokens,error\n")
                for i in range(200):
                    first = (3000 if i % 10 == 9 else 400) * (1 + 0.004 * (i // 10 - 9.5))
                    handle.write(f"{first:.3f},{first + 100 * (10 + 0.02 * (i - 99.5)):.3f},100,\n")
                handle.write("5,,,timeout\n")
            done = program.run("fit", "latency", f"voice={path}").expect(0, None, "")
            assert done.out.startswith("# voice: times.csv (table, sha256 ") and "201 requests, 1 failed" in done.out
            assert re.search(r"first_token from ttft_ms, 200 values: 9\d\.?\d* % body, median 0\.4", done.out), done.out
            fit = program.run("fit", "latency", f"voice={path}", "--json", "-").expect(0, None, "").json()["providers"][0]
            assert [law["key"] for law in fit["laws"]] == ["first_token", "per_output_token"]
            for law in fit["laws"]:
                assert law["n"] == 200 and abs(sum(part["weight"] for part in law["parts"]) - 1) < 1e-9
                for q in law["quantiles"]:
                    assert abs(q["error"]) < 0.1 and abs(q["error"] - (q["fitted_s"] / q["measured_s"] - 1)) < 1e-9, law
            with open(scenario, "w", encoding="utf-8") as handle:
                handle.write(SCENARIO)
            program.run("fit", "latency", f"voice={path}", f"other={path}", "--into", scenario).expect(0, None, "")
            with open(scenario, encoding="utf-8") as handle:
                text = handle.read()
            kept = [line for line in SCENARIO.splitlines() if line and "other: {" not in line]
            places = [text.splitlines().index(line) for line in kept]
            assert places == sorted(places), text
            assert "latency: # times.csv, sha256 " in text and 'note: "Latency measured: times.csv (table)' in text
            run = program.run("run", scenario, "--replications", "64", "--json", "-", "--quiet").expect(0, None, "").json()
            median = run["architectures"][0]["latency"]["calls"]["first_token"]["p50_s"]
            assert abs(median / 0.4 - 1) < 0.05, median
            program.run("fit", "latency", f"voice={path}", f"other={path}", "--into", scenario).expect(0, None, "")
            with open(scenario, encoding="utf-8") as handle:
                assert handle.read() == text, "the second time changes nothing"
            nobody = program.run("fit", "latency", f"nobody={path}", "--into", scenario).expect(2, "", None)
            assert "deal.yaml:6:3: error[reference]: providers: there is no provider 'nobody'" in nobody.err, nobody.err
            program.run("fit", "latency", path, "--into", os.path.join(folder, "no.yaml")).expect(3, "", "there is no file")
            program.run("fit", "latency", path, path).expect(2, "", "two files for one provider 'times'")
            if shutil.which("gnuplot") is not None:
                drawing = os.path.join(folder, "fit.svg")
                program.run("fit", "latency", path, "--plot", drawing).expect(0, None, "")
                with open(drawing, encoding="utf-8") as handle:
                    svg = handle.read()
                assert svg.rstrip().endswith("</svg>") and "times: first token, p50 to p99 within" in svg

    def plot():
        if shutil.which("gnuplot") is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "fit.svg")
            program.run("fit", *FIT, "--plot", path).expect(0, None, "")
            with open(path, encoding="utf-8") as handle:
                svg = handle.read()
        assert svg.rstrip().endswith("</svg>") and "search.major: repair times suit the lognormal" in svg
        assert "share that lasts longer (%)" in svg and "repair time (logarithmic)" in svg

    def wrong(arguments, said):
        done = program.run("fit", *arguments).expect(3 if "none.csv" in arguments else 2, "", None)
        assert re.search(said, done.err, re.S), done.err

    yield "fit: golden", golden
    if not program.quick:
        yield "fit: its scenario runs", plain
        yield "fit: what is common adds no up time", keeps_downtime
        yield "fit: what is common has a name", long_names
        yield "fit: with ranges it runs too", uncertain
        yield "fit: what always fails together", certain_dependence
        yield "fit: what always fails together, with ranges", uncertain_dependence
        yield "fit: what fails together oftener than one fails", several
    yield "fit: the same record twice", twice
    yield "fit: components are watched since the file is", watched
    yield "fit: options", options
    yield "fit: parts of a record are named", parts
    yield "fit: into a scenario", into
    yield "fit: latency", latency
    yield "fit: plot", plot
    for arguments, said in WRONG:
        yield "fit: refused: " + " ".join(arguments[2:] or arguments), lambda a=arguments, s=said: wrong(a, s)
