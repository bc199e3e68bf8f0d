# SPDX-License-Identifier: GPL-3.0-or-later
"""surety replay: the real record through architectures and contract; and model risk in `run`."""

import csv
import os
import shutil
import tempfile
import xml.etree.ElementTree

from cli_golden import compare
from cli_harness import GOLDEN, ROOT

SCENARIO = os.path.join("scenarios", "record.yaml")
DATES = ("--set", "term.start=2025-01-01", "--set", "term.months=18")
BOTH = "providers.north.outages={all: {incidents: 14/year, time_to_repair: 1.5h}}"
LAWS = """surety: 1
term: {start: 2026-02-01, months: 2}
workloads: {calls: {demand: 30/min}}
providers:
  one: {outages: {all: {time_to_failure: 30d, time_to_repair: 2h}}}
  two: {outages: {all: {time_to_failure: 20d, time_to_repair: 1h}}}
architectures: {both: {failover: {order: [one, two], detect: 60s}}}
contract: {availability: {measure: time}, tiers: {standard: {availability: 99.5%}}}
"""
RECORD = """id,start,end,severity
1,2026-02-03T10:00:00Z,2026-02-03T10:30:00Z,major
2,2026-03-05T10:00:00Z,2026-03-05T12:00:00Z,partial
"""


def check_replay(document):
    """what holds in every replay"""
    assert document["surety"] == 1 and document["kind"] == "replay"
    for architecture in document["architectures"]:
        windows = architecture["windows"]
        assert abs(sum(w["downtime_s"] for w in windows) - architecture["downtime_s"]) < 1e-5
        assert len(windows) == document["run"]["windows"]
        for i, tier in enumerate(architecture["tiers"]):
            assert tier["windows_met"] == sum(w["tiers"][i]["met"] for w in windows)
            if "credits" in tier:
                assert abs(tier["credits"] - sum(w["tiers"][i]["credit"] for w in windows)) < 1e-6
        assert abs(sum(d["down_s"] for d in architecture["days"]) - architecture["downtime_s"]) < 1e-4
        worst = max(architecture["days"], key=lambda d: d["lost_s"], default=None)
        assert architecture.get("worst_day") == worst


def tests(program):
    def golden():
        stem = os.path.join(GOLDEN, "replay-record")
        text = program.run("replay", SCENARIO, *DATES).expect(0, None, "").out
        assert all(len(line) <= 100 for line in text.splitlines()), text
        document = program.run("replay", SCENARIO, *DATES, "--json", "-").expect(0, None, "")
        check_replay(document.json())
        compare(program, stem + ".txt", text)
        compare(program, stem + ".json", document.out)
        drawing = program.run("replay", SCENARIO, *DATES, "--svg", "-", "--architecture", "both").expect(0, None, "")
        xml.etree.ElementTree.fromstring(drawing.out)

    yield "replay: golden", golden

    def exports():
        with tempfile.TemporaryDirectory() as folder:
            calendar, tables = os.path.join(folder, "calendar.svg"), os.path.join(folder, "tables")
            text = program.run("replay", SCENARIO, *DATES, "--plot", calendar, "--csv", tables).expect(0, None, "").out
            compare(program, os.path.join(GOLDEN, "replay-record.txt"), text)
            document = program.run("replay", SCENARIO, *DATES, "--json", "-").expect(0).json()
            svg = "{http://www.w3.org/2000/svg}"
            days = {}  # architecture: the squares' titles
            for element in xml.etree.ElementTree.parse(calendar).getroot():
                if element.tag == svg + "text" and element.text and ": availability" in element.text:
                    squares = days.setdefault(element.text.split(":")[0], [])
                elif element.tag == svg + "rect" and element.find(svg + "title") is not None:
                    squares.append((element.find(svg + "title").text, element.get("fill")))
            rows = {}
            for name in ("windows", "tiers", "days"):
                with open(os.path.join(tables, f"replay_{name}.csv"), newline="", encoding="utf-8") as handle:
                    rows[name] = list(csv.DictReader(handle))
            for a in document["architectures"]:
                failed = {d["date"]: d for d in a["days"]}
                squares = days[a["name"]]
                assert len(squares) == document["term"]["days"]
                assert {title[:10] for title, _ in squares if ": down" in title} == set(failed)
                assert len({colour for title, colour in squares if ": down" not in title}) == 1
                mine = {name: [r for r in list_ if r["architecture"] == a["name"]] for name, list_ in rows.items()}
                assert {r["date"] for r in mine["days"] if float(r["lost_s"]) > 0} == set(failed)
                assert abs(sum(float(r["down_s"]) for r in mine["days"]) - a["downtime_s"]) < 1e-4
                assert [float(r["availability"]) for r in mine["windows"]] == [w["availability"] for w in a["windows"]]
                for tier in a["tiers"]:
                    of = [r for r in mine["tiers"] if r["tier"] == tier["name"]]
                    assert sum(r["met"] == "yes" for r in of) == tier["windows_met"]
                    assert abs(sum(float(r["credit"]) for r in of) - tier["credits"]) < 1e-6
            program.run("replay", SCENARIO, *DATES, "--csv", calendar).expect(3, "", "cannot write into")
            program.run("replay", SCENARIO, *DATES, "--plot", "-", "--json", "-").expect(2, "", "only one of")

    yield "replay: calendar and tables", exports

    def wrong():
        program.run("replay", SCENARIO).expect(2, "", r"error\[record-span\].*term\.start=2025-01-01 --set term\.months=18")
        program.run("replay", SCENARIO, *DATES, "--architecture", "x").expect(2, "", 'no architecture "x"')
        program.run("replay", SCENARIO, *DATES, "--incidents", "x.csv").expect(2, "", "uses 2 providers")
        program.run("replay", SCENARIO, *DATES, "--incidents", "nobody=x.csv").expect(2, "", r"providers\.nobody")
        record = "nroth=" + os.path.join(ROOT, "scenarios", "two-records.csv")
        program.run("replay", SCENARIO, *DATES, "--incidents", record).expect(
            2, "", "no architecture uses a provider 'nroth', the providers are north, south")
        program.run("replay", SCENARIO, *DATES, "--set", "providers.north.record.provider=nroth").expect(
            2, "", r"providers\.north\.record.*no incident of the record names such a provider")
        program.run("replay", SCENARIO, *DATES, "--json", "-", "--svg", "-").expect(2, "", "only one of")

    yield "replay: mistakes", wrong

    def by_command_line():
        with tempfile.TemporaryDirectory() as folder:
            scenario, record = os.path.join(folder, "a.yaml"), os.path.join(folder, "it's one.csv")
            for path, text in ((scenario, LAWS), (record, RECORD)):
                with open(path, "w", encoding="utf-8") as handle:
                    handle.write(text)
            span = ("--set", "providers.one.record.from=2026-02-01", "--set", "providers.one.record.until=2026-04-01")
            common = ("replay", scenario, "--incidents", f"one={record}", *span)
            program.run(*common).expect(2, "", r"error\[missing-key\].*'two' has laws and no record")
            done = program.run(*common, "--others-perfect", "--json", "-").expect(0, None, "").json()
            check_replay(done)
            (both,) = done["architectures"]
            # 60 s to notice and 15 s to switch, twice; the record's file is named without its folder
            assert both["downtime_s"] == 150, both
            assert not any(folder in text for text in done["assumptions"]), done["assumptions"]
            alone = program.run(*common, "--others-perfect", "--json", "-", "--set", "architectures={a: one}")
            assert alone.expect(0, None, "").json()["architectures"][0]["downtime_s"] == 9000
            with open(record, "a", encoding="utf-8") as handle:
                handle.write("3,2026-03-09T10:00:00Z,2026-03-08T12:00:00Z,partial\n")
            program.run(*common, "--others-perfect").expect(2, "", r"error\[record-time\].*it's one.csv:4:3: 3: the incident ends")

    yield "replay: records of the command line", by_command_line

    def model_risk():
        common = ("run", SCENARIO, "--replications", "5k", "--set", BOTH)
        text = program.run(*common).expect(0, None, "").out
        assert "Model risk: the same with blocks of the record of north in place of laws." in text, text
        assert all(len(line) <= 100 for line in text.splitlines()), text
        result = program.run(*common, "--json", "-", "--quiet").expect(0, None, "").json()
        risk = result["model_risk"]
        assert risk["records_of"] == "north" and any("model risk" in w for w in result["warnings"])
        plain = program.run(*common[:4], "--json", "-", "--quiet").expect(0, None, "").json()
        assert "model_risk" not in plain
        # the record's side is the run without laws, and the difference is what it says
        for a, b, laws in zip(risk["architectures"], plain["architectures"], result["architectures"]):
            assert a["availability"]["mean"] == b["availability"]["mean"], (a, b["availability"])
            assert abs(a["availability"]["difference"] - (a["availability"]["mean"] - laws["availability"]["mean"])) < 1e-11
            for t, u in zip(a["tiers"], b["tiers"]):
                assert t["term_met"]["p"] == u["term_met"]["p"]
            assert [t["term_met"]["by_laws"] for t in a["tiers"]] == [t["term_met"]["p"] for t in laws["tiers"]]
        assert risk["plan"] == plain["scenario"]["plan"]

        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "risk.html")
            more = ("--report", page) if shutil.which("gnuplot") else ()
            program.run(*common, "--csv", folder, *more, "--quiet").expect(0)
            with open(os.path.join(folder, "model_risk.csv"), newline="", encoding="utf-8") as handle:
                rows = list(csv.DictReader(handle))
            pairs = [(a["name"], t["name"], t["term_met"]["by_laws"], t["term_met"]["p"])
                     for a in risk["architectures"] for t in a["tiers"]]
            assert [(r["architecture"], r["tier"], float(r["term_met_by_laws"]), float(r["term_met_by_record"]))
                    for r in rows] == pairs
            if more:
                with open(page, encoding="utf-8") as handle:
                    html = handle.read()
                table = html[html.index("model risk</h2>"):]
                table = table[:table.index("</table>")]
                assert table.count("<tr>") == 1 + len(risk["architectures"]) + len(pairs)
                for _, _, laws, record in pairs:
                    assert f">{100 * (record - laws) + 0.0:+.2f} pp</td>" in table, table

    yield "run: model risk", model_risk
