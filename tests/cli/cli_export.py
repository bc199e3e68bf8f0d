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
       "spec!": {"description": r".{0,1050}", "ratioMetric!": {"counter": r"true|false", "good": SOURCE, "bad": SOURCE,
                                                               "total!": SOURCE}}}
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
            "objectives!": [{"displayName": r".*", "target!": r"0|0?\.\d+(e-\d+)?", "timeSliceTarget": r"0?\.\d+|1|1e-09",
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
        metric = spec["indicator"]["spec"]["ratioMetric"]
        assert ("good" in metric) != ("bad" in metric), metric
    if document["kind"] == "AlertPolicy":
        assert len(spec["conditions"]) == 1


def find_promtool():
    """promtool on the path, or unpacked into the build directory by ./dev test; None"""
    unpacked = sorted(glob.glob(os.path.join(ROOT, "build*", "promtool", "usr", "bin", "promtool")))
    return shutil.which("promtool") or (unpacked[0] if unpacked else None)


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

    def prometheus():
        promtool = find_promtool()
        if promtool is None:
            print("export: Prometheus: skipped, no promtool here")
            return
        scenarios = [export("prometheus", "--tier", "premium"), export("prometheus", scenario=SMALL)]
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
