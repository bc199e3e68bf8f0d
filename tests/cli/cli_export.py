# SPDX-License-Identifier: GPL-3.0-or-later
"""`surety export`: the annex, OpenSLO v1 held against the specification, Prometheus rules held against promtool."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

from cli_harness import ROOT, SMALL

SIGNED = os.path.join("scenarios", "signed-terms.yaml")
NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DURATION = r"[1-9]\d*[mhdwMQY]|0m"
# OpenSLO v1 (README of github.com/OpenSLO/OpenSLO): keys of each map, "!" where one is required, and what a value is.
SOURCE = {"metricSource!": {"type": r"\w+", "metricSourceRef": NAME, "spec!": {"query!": r".+"}}}
SLI = {"metadata!": {"name!": NAME, "displayName": r".*"},
       "spec!": {"description": r".{0,1050}", "thresholdMetric": SOURCE,
                 "ratioMetric": {"counter": r"true|false", "good": SOURCE, "bad": SOURCE, "total!": SOURCE}}}
CONDITION = {"kind!": r"AlertCondition", "metadata!": {"name!": NAME},
             "spec!": {"description": r".{0,1050}", "severity!": r".+",
                       "condition!": {"kind!": r"burnrate", "threshold!": r"[\d.]+", "lookbackWindow!": DURATION,
                                      "alertAfter!": DURATION}}}
KINDS = {
    "Service": {"description": r".{0,1050}"},
    "SLO": {"description": r".{0,1050}", "service!": NAME, "indicator!": SLI,
            "timeWindow!": [{"duration!": DURATION, "isRolling!": r"true|false",
                             "calendar": {"startTime!": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "timeZone!": r"[\w/+-]+"}}],
            "budgetingMethod!": r"Occurrences|Timeslices|RatioTimeslices",
            "objectives!": [{"displayName": r".*", "op": r"lte|gte|lt|gt", "value": r"[\d.e-]+", "target!": r"0|0?\.\d+(e-\d+)?", "timeSliceTarget": r"0?\.\d+|1|1e-09",
                             "timeSliceWindow": DURATION}],
            "alertPolicies": [{"alertPolicyRef!": NAME}]},
    "AlertPolicy": {"description": r".{0,1050}", "alertWhenNoData": r"true|false", "alertWhenResolved": r"true|false",
                    "alertWhenBreaching": r"true|false", "conditions!": [CONDITION],
                    "notificationTargets!": [{"targetRef!": NAME}]},
    "AlertNotificationTarget": {"description": r".{0,1050}", "target!": r".+"},
}


def scalar(text):
    """the value of a scalar of our own YAML"""
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def parse(lines, depth=0):
    """a map or a list of block style, as `export` writes it"""
    if lines[0][1].startswith("- "):
        items = []
        while lines and lines[0][0] == depth and lines[0][1].startswith("- "):
            indent, text = lines.pop(0)
            lines.insert(0, (indent + 2, text[2:]))
            items.append(parse(lines, depth + 2))
        return items
    found = {}
    while lines and lines[0][0] == depth and not lines[0][1].startswith("- "):
        key, value = re.fullmatch(r"([\w./-]+):(?: (.*))?", lines.pop(0)[1]).groups()
        assert key not in found, f"{key} twice"
        found[key] = scalar(value) if value is not None else parse(lines, lines[0][0])
    return found


def documents(text):
    parts = [part for part in text.split("---\n") if part.strip()]
    return [parse([(len(line) - len(line.lstrip()), line.strip()) for line in part.splitlines()]) for part in parts]


def hold(value, rule, path):
    """the value keeps the rule"""
    if isinstance(rule, str):
        assert isinstance(value, str) and re.fullmatch(rule, value), (path, value, rule)
    elif isinstance(rule, list):
        assert isinstance(value, list) and value, (path, value)
        for item in value:
            hold(item, rule[0], path + "[]")
    else:
        known = {key.rstrip("!"): (key.endswith("!"), inner) for key, inner in rule.items()}
        assert isinstance(value, dict) and set(value) <= set(known), (path, value, sorted(known))
        for key, (required, inner) in known.items():
            assert key in value or not required, f"{path}.{key} is missing"
            if key in value:
                hold(value[key], inner, f"{path}.{key}")


def hold_document(document):
    assert document["apiVersion"] == "openslo/v1", document
    assert set(document) == {"apiVersion", "kind", "metadata", "spec"}, document
    hold({k: v for k, v in document["metadata"].items() if k != "annotations"}, {"name!": NAME, "displayName": r".*"}, "metadata")
    for key in document["metadata"].get("annotations", {}):
        assert re.fullmatch(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", key) and "openslo.com" not in key, key
    hold(document["spec"], KINDS[document["kind"]], document["kind"])
    spec = document["spec"]
    if document["kind"] == "SLO":
        assert len(spec["timeWindow"]) == 1 and 0 <= float(spec["objectives"][0]["target"]) < 1
        sliced = spec["budgetingMethod"] != "Occurrences"
        assert sliced == ("timeSliceWindow" in spec["objectives"][0]), spec
        assert (spec["budgetingMethod"] == "Timeslices") == ("timeSliceTarget" in spec["objectives"][0]), spec
        sli, threshold = spec["indicator"]["spec"], "thresholdMetric" in spec["indicator"]["spec"]
        assert ("ratioMetric" in sli) != threshold, sli
        assert all((key in spec["objectives"][0]) == threshold for key in ("op", "value")), spec
        if not threshold:
            assert ("good" in sli["ratioMetric"]) != ("bad" in sli["ratioMetric"]), sli
    if document["kind"] == "AlertPolicy":
        assert len(spec["conditions"]) == 1


def find_promtool():
    """promtool on the path, or unpacked into the build directory by ./dev test; None"""
    unpacked = sorted(glob.glob(os.path.join(ROOT, "build*", "promtool", "usr", "bin", "promtool")))
    return shutil.which("promtool") or (unpacked[0] if unpacked else None)


# A tier that promises all there is to promise, in every form.
ALL_PROMISES = """surety: 1
name: all-promises
term: {start: 2027-01-01, months: 3}
workloads: {calls: {demand: 30/min, requests_per_task: 3, tokens: {input: {lognormal: {mean: 900, cv: 0.9}}, output: 100}}, mail: {demand: 3/min, tokens: {input: 2000, output: 50}}}
providers:
  a: {latency: {first_token: {lognormal: {p50: 180ms, p95: 330ms}}}, quality: {golden: 98%, users: 98%, named: 98%},
    price: {input: 1 USD/Mtok, output: 4 USD/Mtok}, outages: {slow: {incidents: 2/year, time_to_repair: 1h, failing: 20%, latency: 2x}}}
architectures: {x: a}
contract:
  availability: {measure: requests}
  quality: {suites: {golden: {cases: 150, every: 1w, judge: {sensitivity: 99%, specificity: 90%}, adjusted: yes},
    named: {kind: scenarios, scenarios: [refund, angry caller], cases: 120, every: 3d},
    users: {kind: issues, reported: 50%, false_reports: 0.5%}}}
  tiers:
    all: {availability: 99%, latency: {calls: {metric: first_token, percentile: 90, target: 425ms}, mail: {metric: first_token,
      percentile: 95, target: 425ms, failed_as: infinite}}, quality: {golden: {pass_rate: 95%}, named: {pass_rate: 94%},
      users: {issue_rate: 2.5%}}, cost: {workload: calls, per_task: 0.01 USD/task, per_month: 5000 USD/month,
      over_forecast: 20%, per_request: 0.01 USD/request, percentile: 95}}
    cells: {availability: 99%, latency: {calls: {metric: first_token, percentile: 95, target: 425ms, over: intervals,
      cells_met: 99%}}}
"""

# A service without failures for seven hours, then `step` of 1000 requests fail in each half minute.
HEALTHY_MINUTES = 420
PROMTOOL_TEST = """rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - interval: 30s
    input_series:
      - series: 'requests_total{{service="small"}}'
        values: '0+1000x1300'
      - series: 'requests_failed_total{{service="small"}}'
        values: '0x840 {step}+{step}x460'
    alert_rule_test:
"""


def tests(program):
    def export(what, *arguments, scenario=None):
        file = "-" if scenario is not None else SIGNED
        return program.run("export", what, file, "--replications", "2k", *arguments, stdin=scenario or "").expect(0, None, "").out

    def clauses():
        text = export("clauses", "--tier", "premium")
        for heading in ("1. Definitions", "2. Service levels", "3. Window", "4. Exclusions", "5. Remedies", "6. A window"):
            assert f"## {heading}" in text, heading
        # by hand: 1.2 x 0.1 % of 744 h are 53.568 min, so 54; the hour at 30 % counts in full, the one at 3 % not
        assert "availability = 1 - 114 minutes / 44,640 minutes = 99.744624 %" in text, text
        assert "The window's fee is 24000.00 USD, the credit 2400.00 USD." in text, text
        assert "| latency of calls | first_token, percentile 95 | at most 500ms |" in text
        # by requests of flat demand: 54 min + 0.3 x 60 + 0.03 x 120 = 75.6 min of 44,640, of 30 requests a minute
        by_requests = export("clauses", "--tier", "premium", "--set", "contract.availability={measure: requests}", "--set",
                             "workloads.calls.demand.profile=flat")
        assert "1 - 2,268 requests / 1,339,200 requests = 99.830645 %" in by_requests, by_requests
        for measure in ("time", "intervals", "minutes", "tasks", "probes, interval: 1m"):
            other = export("clauses", "--tier", "premium", "--set", f"contract.availability={{measure: {measure}}}")
            assert re.search(r"That (misses|meets) 99\.9 %", other), measure
        excluded = export("clauses", "--tier", "premium", "--set", "contract.exclude=[upstream]", "--set",
                          "contract.availability={measure: time}")
        # 54 + 60 min down, half an hour less counts: 3240 + 3600 of 2678400 - 1800
        assert "1 - 6840 s / 2676600 s = 99.744452 %" in excluded, excluded
        assert "tier premium" in export("clauses", scenario=SMALL)  # no --tier: a run chooses

    yield "export: clauses", clauses

    def openslo():
        for more in ((), ("--set", "contract.availability={measure: requests}"),
                     ("--set", "contract.availability={measure: intervals, cell: 90s}"),
                     ("--set", "contract.window=30d", "--set", "contract.alerts={only: {long: 90m, short: 5m, burn: 3x}}"),
                     ("--set", "contract.tiers.premium.availability=100%"),
                     ("--set", "name='Ünit \"x\" \\ and a very long name that no label of DNS can hold, however it is cut'")):
            found = documents(export("openslo", "--tier", "premium", *more))
            for document in found:
                hold_document(document)
            kinds = [document["kind"] for document in found]
            assert kinds[:3] == ["Service", "SLO", "SLO"] and kinds[-1] == "AlertNotificationTarget", kinds
            names = [(d["kind"], d["metadata"]["name"]) for d in found]
            assert len(set(names)) == len(names), names
            refs = {p["alertPolicyRef"] for p in found[1]["spec"]["alertPolicies"]}
            assert refs == {d["metadata"]["name"] for d in found if d["kind"] == "AlertPolicy"}, refs
        slo = documents(export("openslo", "--tier", "premium"))[1]
        result = program.run("run", SIGNED, "--replications", "2k", "--json", "-", "--quiet").json()
        internal = result["architectures"][0]["internal_slo"]
        assert abs(float(slo["spec"]["objectives"][0]["target"]) - internal["availability"]) < 1e-9, (slo, internal)
        assert slo["metadata"]["annotations"]["sla.surety/availability"] == "99.9 %"

    yield "export: OpenSLO", openslo

    def openslo_of_promises():
        found = documents(export("openslo", "--tier", "all", scenario=ALL_PROMISES))
        for document in found:
            hold_document(document)
        slos = {d["metadata"]["name"]: d["spec"] for d in found if d["kind"] == "SLO"}
        assert set(slos) == {"all-promises-" + name for name in (
            "availability", "calls-first-token", "mail-first-token", "quality-golden", "quality-named-refund",
            "quality-named-angry-caller", "quality-users", "cost-per-task", "cost-per-request", "cost-a-month")}, sorted(slos)
        result = program.run("run", "-", "--replications", "2k", "--json", "-", "--quiet", "--set",
                             "contract.tiers={all: {availability: 99%, latency: {calls: {metric: first_token, percentile: 90, "
                             "target: 425ms}, mail: {metric: first_token, percentile: 95, target: 425ms, failed_as: infinite}}, "
                             "quality: {golden: {pass_rate: 95%}, named: {pass_rate: 94%}, users: {issue_rate: 2.5%}}, cost: "
                             "{workload: calls, per_task: 0.01 USD/task, per_month: 5000 USD/month, over_forecast: 20%, "
                             "per_request: 0.01 USD/request, percentile: 95}}}", stdin=ALL_PROMISES).json()
        internal = result["architectures"][0]["internal_slo"]

        def near(name, key, value):
            said = float(slos["all-promises-" + name]["objectives"][0][key])
            assert abs(said - value) < 1e-8 * max(1, abs(value)), (name, said, value)

        latency, quality, cost = ({p["promise"]: p for p in internal[d]["promises"]} for d in ("latency", "quality", "cost"))
        near("calls-first-token", "target", latency["p90 of first_token of calls"]["share_within_at"])
        near("mail-first-token", "target", latency["p95 of first_token of mail"]["share_within_at"])
        near("quality-golden", "target", 0.99 * quality["golden"]["run_at"] + 0.1 * (1 - quality["golden"]["run_at"]))
        near("quality-named-refund", "target", quality["named"]["run_at"])
        near("quality-users", "target", 1 - quality["users"]["run_at"])
        near("cost-per-task", "value", cost["per task of calls"]["run_at"])
        near("cost-a-month", "value", cost["a month of calls"]["run_at"])
        near("cost-per-request", "target", cost["per request at p95 of calls"]["share_within_at"])
        # an alert that asks for 14.4 x 10 % of the requests is left out
        assert [p["alertPolicyRef"] for p in slos["all-promises-calls-first-token"]["alertPolicies"]] == [
            "all-promises-medium", "all-promises-slow", "all-promises-creep"] or latency[
                "p90 of first_token of calls"]["share_within_at"] > 1 - 1 / 14.4
        cells = documents(export("openslo", "--tier", "cells", scenario=ALL_PROMISES))
        for document in cells:
            hold_document(document)
        spec = next(d["spec"] for d in cells if d["metadata"]["name"] == "all-promises-calls-first-token")
        assert (spec["budgetingMethod"], spec["objectives"][0]["target"], spec["objectives"][0]["timeSliceTarget"]) == (
            "Timeslices", "0.99", "0.95"), spec

    yield "export: OpenSLO of all promises", openslo_of_promises

    def prometheus():
        promtool = find_promtool()
        if promtool is None:
            print("export: Prometheus: skipped, no promtool here")
            return
        scenarios = [export("prometheus", "--tier", "premium"), export("prometheus", scenario=SMALL),
                     export("prometheus", "--tier", "all", scenario=ALL_PROMISES),
                     export("prometheus", "--tier", "cells", scenario=ALL_PROMISES)]
        for measure in ("time", "requests", "intervals", "minutes", "tasks", "probes, interval: 1m"):
            scenarios.append(export("prometheus", "--tier", "premium", "--set", f"contract.availability={{measure: {measure}}}"))
        for rules in scenarios:
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "rules.yaml")
                with open(path, "w", encoding="utf-8") as handle:
                    handle.write(rules)
                done = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)
                assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr

    yield "export: Prometheus", prometheus

    def alerts():
        """promtool plays the rules: when each alert fires at a constant share of failures"""
        promtool = find_promtool()
        if promtool is None:
            print("export: alerts: skipped, no promtool here")
            return
        by_requests = SMALL.replace("{measure: time}", "{measure: requests}").replace("contract: {", "contract: {window: 6h, ")
        rules = export("prometheus", "--tier", "premium", "--set",
                       "contract.alerts={fast: {long: 1h, short: 5m, burn: 14.4x}, medium: {long: 6h, short: 30m, burn: 6x}}",
                       scenario=by_requests)
        # failing of 1000, then (alert, minutes after the failures began, is on). The budget is 0.1 %: when everything
        # fails 14.4 x 0.1 % of an hour are reached after 52 s, 6 x of 6 h after 130 s; at 1.5 % after 57.6 and 144
        # minutes; at 1.3 % the fast one never fires.
        cases = {1000: [("fast", 0, False), ("fast", 2, True), ("medium", 1, False), ("medium", 4, True)],
                 15: [("fast", 55, False), ("fast", 60, True), ("medium", 141, False), ("medium", 147, True)],
                 13: [("fast", 200, False), ("medium", 163, False), ("medium", 170, True)]}
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "rules.yaml"), "w", encoding="utf-8") as handle:
                handle.write(rules)
            for step, looks in cases.items():
                text = PROMTOOL_TEST.format(step=step)
                for alert, minutes, is_on in looks:
                    text += f"      - eval_time: {HEALTHY_MINUTES + minutes}m\n        alertname: ErrorBudgetBurn_{alert}\n"
                    burn, windows = {"fast": ("14.4", "1h and 5m"), "medium": ("6", "6h and 30m")}[alert]
                    if is_on:
                        text += ("        exp_alerts: [{exp_labels: {service: small, severity: page, alert: %s}, "
                                 "exp_annotations: {summary: \"the error budget of small burns at least %s times as fast as "
                                 "it lasts, over %s\"}}]\n" % (alert, burn, windows))
                path = os.path.join(folder, f"test{step}.yaml")
                with open(path, "w", encoding="utf-8") as handle:
                    handle.write(text)
                done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
                assert done.returncode == 0, (step, done.stdout + done.stderr)

    if not program.quick:
        yield "export: alerts", alerts

    def promise_alerts():
        """promtool plays what else is promised: alerts on late requests, a suite's runs and money at rates by hand"""
        promtool = find_promtool()
        if promtool is None:
            print("export: alerts of promises: skipped, no promtool here")
            return
        rules = export("prometheus", "--tier", "all", "--set", "contract.window=6h", "--set",
                       "contract.quality.suites.golden={cases: 100, every: 1h}", "--set",
                       "contract.alerts={fast: {long: 1h, short: 5m, burn: 14.4x}, medium: {long: 6h, short: 30m, burn: 6x}}",
                       scenario=ALL_PROMISES)
        assert "# fast asks for more than there is: no alert" in rules  # 14.4 x 10 % of calls
        minutes = HEALTHY_MINUTES
        # From minute 420 on all calls are late: 60 % of six hours are reached after 216 min. A task costs 0.07 in the
        # place of 0.005 of a ceiling of 0.01: 6 times that over six hours after (0.06 - 0.005) / 0.065 of them, 304.6 min.
        # The suite's run at minute 480 fails 20 of 100: 5 % may. Over six hours 30 of 600 may, 20 do, 40 at minute 540.
        steps = (("LatencyBudgetBurn_calls_first_token_medium", 210, False), ("LatencyBudgetBurn_calls_first_token_medium", 222, True),
                 ("CostBudgetBurn_per_task_medium", 298, False), ("CostBudgetBurn_per_task_medium", 311, True),
                 ("QualityRunBelow_golden", 58, False), ("QualityRunBelow_golden", 62, True),
                 ("QualityBelow_golden", 62, False), ("QualityBelow_golden", 122, True))
        labels = {"Latency": ("page", "medium", "the share of calls that may be late of all-promises burns at least 6 times as "
                              "fast as it lasts, over 6h and 30m"),
                  "CostBud": ("page", "medium", "what the ceiling of cost allows of all-promises burns at least 6 times as fast "
                              "as it lasts, over 6h and 30m"),
                  "QualityR": ("ticket", "run", "the last run of golden of all-promises reads worse than promised"),
                  "QualityB": ("page", "window", "golden of all-promises reads worse than promised over 6h")}
        hour = 120  # steps of 30 s
        runs = "".join(f" {100 * (k + 1)}x{hour - 1}" for k in range(14))
        failed = f"0x{8 * hour - 1} " + "".join(f" {20 * (k + 1)}x{hour - 1}" for k in range(6))
        text = ("rule_files: [rules.yaml]\nevaluation_interval: 30s\ntests:\n  - interval: 30s\n    input_series:\n"
                "      - {series: 'first_token_seconds_count{service=\"all-promises\", workload=\"calls\"}', values: '0+100x1700'}\n"
                "      - {series: 'first_token_seconds_bucket{service=\"all-promises\", workload=\"calls\", le=\"0.425\"}', "
                f"values: '0+100x{2 * minutes} {200 * minutes}x800'}}\n"
                "      - {series: 'tasks_total{service=\"all-promises\", workload=\"calls\"}', values: '0+100x1700'}\n"
                "      - {series: 'cost_total{service=\"all-promises\", workload=\"calls\"}', "
                f"values: '0+0.5x{2 * minutes} {minutes + 7}+7x800'}}\n"
                f"      - {{series: 'suite_cases_total{{service=\"all-promises\", suite=\"golden\"}}', values: '{runs.strip()}'}}\n"
                f"      - {{series: 'suite_cases_failed_total{{service=\"all-promises\", suite=\"golden\"}}', values: '{failed}'}}\n"
                "    alert_rule_test:\n")
        for alert, after, is_on in steps:
            text += f"      - eval_time: {minutes + after}m\n        alertname: {alert}\n"
            severity, name, summary = next(v for k, v in labels.items() if alert.startswith(k))
            if is_on:
                text += (f"        exp_alerts: [{{exp_labels: {{service: all-promises, severity: {severity}, alert: {name}}}, "
                         f"exp_annotations: {{summary: \"{summary}\"}}}}]\n")
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("rules.yaml", rules), ("test.yaml", text)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as handle:
                    handle.write(content)
            done = subprocess.run([promtool, "test", "rules", os.path.join(folder, "test.yaml")], capture_output=True, text=True,
                                  check=False)
            assert done.returncode == 0, done.stdout + done.stderr

    if not program.quick:
        yield "export: alerts of promises", promise_alerts

    def wrong():
        program.run("export", "clause", SIGNED).expect(2, "", r'did you mean "clauses"')
        program.run("export", "clauses").expect(2, "", r"error\[usage\]")
        program.run("export", "clauses", SIGNED, "--tier", "premum").expect(2, "", r'no tier "premum".*did you mean "premium"')
        program.run("export", "openslo", SIGNED, "--tier", "premium", "--architecture", "x").expect(2, "", r'no architecture')
        program.run("export", "clauses", "scenarios/contracts.yaml").expect(2, "", r"several contracts.*--contract")
        program.run("export", "clauses", "scenarios/contracts.yaml", "--contract", "bnk").expect(2, "", r'did you mean "bank"')
        done = program.run("export", "clauses", "scenarios/contracts.yaml", "--contract", "bank", "--tier", "enterprise")
        done.expect(0, r"^# Annex: service levels of Two customers, tier enterprise\n", "")
        program.run("export", "clauses", SIGNED, "--set", "contract.alerts={a: {long: 5m, short: 5m, burn: 2x}}").expect(
            2, "", r"error\[conflict\]: contract\.alerts\.a\.short")

    yield "export: wrong input", wrong
