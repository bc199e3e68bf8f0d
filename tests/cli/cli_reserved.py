# SPDX-License-Identifier: GPL-3.0-or-later
"""Reserved units as users meet them: offers, mistakes, reports."""

import csv
import json
import os
import re
import tempfile

from cli_harness import ROOT

SCENARIO = """surety: 1
workloads: {calls: {kind: voice, demand: 300/min}}
providers:
  azure:
    outages: {all: {incidents: 9/year, time_to_repair: 1.5h}}
    price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}
    reserved: %s
architectures: {alone: azure}
contract: {fee: 40000 USD/month, availability: {measure: time}}
"""
UNITS = "{units: 60, tokens_per_minute_per_unit: 10k, output_weight: 4, price: 90 USD/month, overflow: on-demand}"


def tests(program):
    def run(reserved, *options):
        return program.run("run", "-", "--replications", "64", *options, stdin=SCENARIO % reserved)

    def offers():
        text = program.run("catalog", "reserved", cwd="/").expect(0, None, "").out
        assert max(map(len, text.splitlines())) <= 100, text
        told, heard = text.split("Prices that are told and not used")
        names = re.findall(r"^  ([a-z][\w.-]+)  ", told, re.M)
        assert len(names) == len(set(names)) > 40, names
        assert "unverified" not in told and heard.count("unverified: ") == 6, text
        assert len(re.findall(r", as\s+of\s+\d{4}", told)) >= 4, told
        for name in names:
            keys = program.run("catalog", name).expect(0, None, "").out
            assert re.search(r"^# .* \((document|page excerpt|price list)", keys, re.M), keys
            lacks = "".join(f", {key}: {value}" for key, value in (("price", "50 USD/month"), ("output_weight", 4),
                                                                   ("tokens_per_minute_per_unit", 5000))
                            if key + ":" not in keys and not (key == "output_weight" and "output:" in keys))
            if "output:" in keys:
                price = "" if keys.count("price:") == 2 else ", price: 5 USD/month"
                lacks += f", output: {{units: 100{price}}}"
            done = run(f"{{use: {name}, units: 100, overflow: on-demand{lacks}}}").expect(0, None, "")
            assert f"reserved units as offered under {name}" in re.sub(r"\s+", " ", done.out), done.out
            if lacks:  # nothing that an offer does not say is made up
                run(f"{{use: {name}, units: 100, overflow: on-demand}}").expect(2, "", r"missing-key")

    yield "reserved: every offer", offers

    def mistakes():
        for reserved, message in (
                ("{use: azure-ptu-gpt-5-regional, units: 52, overflow: on-demand}",
                 r"range\].*52 units are not sold: they come in steps of 50 .*write `units: 50` or `units: 100`"),
                ("{use: azure-ptu-gpt-5-regional, units: 40, overflow: on-demand}", r"fewer than the minimum of 50, write `units: 50`"),
                ("{use: azure-ptu-gpt5-regional, units: 50, overflow: on-demand}", r"did you mean 'azure-ptu-gpt-5-regional'"),
                ("{use: azure-ptu-gpt-5, units: 50, overflow: on-demand}", r"'price' is missing"),
                ("{use: azure-ptu-gpt-5-regional, units: 50}", r"'overflow' is missing"),
                (UNITS.replace("on-demand", "spill"), r"choice\].*allowed: on-demand, reject"),
                (UNITS.replace("60", "2.5"), r"2.5 units are not sold: they come in steps of 1, write `units: 2` or `units: 3`"),
                (UNITS.replace("units: 60", "units: 0"), r"too small"),
                (UNITS.replace("output_weight: 4, ", ""), r"'output_weight' is missing"),
                (UNITS.replace("USD/month", "USD/h"), r"of: month year week day hour"),
                (UNITS.replace("price", "output: {units: 3, tokens_per_minute_per_unit: 5k, price: 1 USD/day}, price"),
                 r"conflict\].*output tokens have units of their own"),
                (UNITS.replace("}", ", term: 1}"), r"value\].*term"),
        ):
            run(reserved).expect(2, "", message)
        free = (SCENARIO % UNITS).replace("    price: {input: 1.25 USD/Mtok, output: 10 USD/Mtok}\n", "")
        program.run("run", "-", stdin=free).expect(2, "", r"billed on demand, and the tokens have no price")

    yield "reserved: mistakes", mistakes

    def by_request():
        events = json.loads(run(UNITS, "--json", "-", "--quiet").expect(0, None, "").out)["architectures"][0]
        requests = json.loads(run(UNITS, "--engine", "requests", "--json", "-", "--quiet").expect(0, None, "").out)["results"][0]
        truth, cost = events["cost"]["per_month"]["mean"] / (300 * 365 / 12 * 1440), requests["cost_per_request"]
        assert abs(cost["mean"] - truth) < 3 * cost["se"] < 0.2 * truth, (cost, truth)
        assert requests["refused_per_request"]["mean"] == 0, requests
        rejects = UNITS.replace("on-demand", "reject")
        requests = json.loads(run(rejects, "--engine", "requests", "--json", "-", "--quiet").expect(0, None, "").out)["results"][0]
        refused, share = requests["refused_per_request"], events["reserved"][0]["overflow_share"]
        assert abs(refused["mean"] - share) < 3 * refused["se"] < 0.5 * share, (refused, share)

    yield "reserved: request by request", by_request

    def reports():
        with tempfile.TemporaryDirectory() as folder:
            result = json.loads(run(UNITS, "--json", "-", "--quiet").expect(0, None, "").out)
            run(UNITS, "--csv", folder, "--quiet").expect(0, None, "")
            with open(os.path.join(folder, "reserved.csv"), newline="", encoding="utf-8") as handle:
                row, = csv.DictReader(handle)
            with open(os.path.join(folder, "reserved_hours.csv"), newline="", encoding="utf-8") as handle:
                hours = list(csv.DictReader(handle))
        reserved, = result["architectures"][0]["reserved"]
        cost = result["architectures"][0]["cost"]
        assert cost["parts"]["reserved"] == reserved["per_month"]["fee"] == 5400, cost
        assert abs(cost["parts"]["on_demand"] - reserved["per_month"]["overflow"]) < 1e-6 * cost["per_month"]["mean"], cost
        assert float(row["utilisation"]) == reserved["utilisation"] and row["overflow"] == "on-demand", row
        assert len(hours) == 168 and hours[9]["load"] > hours[3]["load"] and hours[9]["hour_of_week"] == "9"
        # 300/min x (1100 + 4 x 160) tokens against 600,000; five times as much from 8 to 18 on weekdays
        assert abs(float(hours[9]["load"]) - 300 * 1740 / 6e5 * 5 * 168 / (50 * 5 + 118)) < 1e-9, hours[9]
        assert abs(reserved["break_even_utilisation"] - 90 / (1e4 * 60 * 730 * 2.975e-3 / 1740)) < 1e-9, reserved

    yield "reserved: reports agree", reports

    def other_terms():
        path = os.path.join(ROOT, "scenarios", "reserved.yaml")
        text = program.run("run", path, "--replications", "500").expect(0, None, "").out
        assert re.search(r"Reserves 100 units at first .* reserving pays from\s+50\.0 % utilisation", text, re.S), text

    yield "reserved: the example", other_terms
