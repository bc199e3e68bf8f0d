# SPDX-License-Identifier: GPL-3.0-or-later
"""surety run --engine requests: each request of a stretch of time."""

import os
import tempfile

from cli_golden import compare
from cli_harness import ROOT, SMALL, without_run_conditions

FOLDER = os.path.join("tests", "cli", "requests")  # apart from the golden results of the event engine
SCENARIO = os.path.join(FOLDER, "gateways.yaml")
COMMON = ("run", SCENARIO, "--engine", "requests", "--horizon", "20m", "--at", "Tue 10:00", "--replications", "40",
          "--seed", "20270101")
WRONG = (  # options, what standard error says; all have status 2
    (("--engine", "request"), r'no engine "request".*did you mean "requests"'),
    (("--engine", "x"), r'no engine "x".*events or requests'),
    (("--at", "Tue 10:00"), r"--at does not go with --engine events.*add --engine requests"),
    (("--horizon", "2h", "--trace", "x.csv"), r"(?s)--horizon does not go.*--trace does not go.*2 errors"),
    (("--engine", "requests", "--precision", "1pp"), r"--precision does not go with --engine requests"),
    (("--engine", "requests", "--require", "premium", "--plot"), r"(?s)--require does not go.*--plot does not go"),
    (("--engine", "requests", "--horizon", "200d"), r"the horizon is longer than the term"),
    (("--outage", "one.x=5m"), r"--outage does not go with --engine events.*add --engine requests"),
    (("--engine", "requests", "--outage", "one.x=5m", "--trace", "x.csv"), r"--outage does not go with --trace"),
    (("--engine", "requests", "--outage", "one.down=5m"), r'no outage "one.down".*(did you mean|one of) '),
    (("--engine", "requests", "--outage", "one=60d"), r"together longer than two days or the term"),
    (("--engine", "requests", "--outage", "one=5m", "--horizon", "299s"), r"below five minutes shows no recovery"),
    (("--engine", "requests", "--horizon", "89d", "--at", "Sun 23:59"), r"no such hour of the term"),
)
WRONG_VALUES = {
    "--at": ("Tue", "Tue 24:00", "Tue 10:60", "tue 10:00", "Tue 1:00", "Tue 10:00 ", "Tue  10:0", "10:00"),
    "--horizon": ("2", "0s", "-1h", "1e", "x", "0.1ms"),
    "--outage": ("one", "one=", "=5m", "one=5", "one=0s", "one=-5m", "one=0.1ms", "one=5m "),
}
WRONG_TRACES = (  # text, what is said of it
    ("", r"there is no request"),
    ("timestamp\n", r"there is no request"),
    ("time,tokens\n1,2\n", r':1:1: error\[value\].*there is no column "timestamp"'),
    ("timestamp\n1\nx\n", r':3:1: error\[value\]: not a timestamp: "x"'),
    ("timestamp\n2\n1\n", r":3:1: .*the time falls"),
    ("timestamp,tokens\n1,-2\n2\n", r"(?s):2:1: .*not a number of tokens.*:3:1: .*not a number of tokens.*2 errors"),
    ("timestamp\n2023-13-01 10:00:00\n", r":2:1: .*not a timestamp"),
    ("timestamp\n2023-11-16 18:15:46+01:00\n", r":2:1: .*not a timestamp"),
)


def check(result):
    """what holds in every result of kind requests"""
    assert result["surety"] == 1 and result["kind"] == "requests", result
    for row in result["results"]:
        name, share = row["architecture"], row["share_failing"]
        assert 0 <= share["lo"] <= share["mean"] <= share["hi"] <= 1, (name, share)
        assert abs(share["mean"] * row["requests"] - row["failed"]) < 1e-3, row
        assert row["never_heard_of"] <= row["failed"] <= row["requests"], row
        for key in ("first_token", "end_to_end"):
            before = 0
            for q in row.get(key, ()):
                assert before <= q["lo"] <= q["s"] and (q["hi"] is None or q["s"] <= q["hi"]), (name, key, q)
                before = q["lo"]
        for a, b in zip(row.get("first_token", ()), row.get("end_to_end", ())):
            assert a["s"] <= b["s"], (name, a, b)


def tests(program):
    def golden():
        results = {}
        for n in ("1", "2") if program.quick else ("1", "2", "7"):
            text = program.run(*COMMON, "--threads", n).expect(0, None, "").out
            document = program.run(*COMMON, "--threads", n, "--json", "-", "--quiet").expect(0, None, "")
            check(document.json())
            assert all(len(line) <= 100 for line in text.splitlines()), text
            results[n] = (text, without_run_conditions(document.out))
            assert results[n] == results["1"], f"other bytes at {n} threads than at one"
        compare(program, os.path.join(ROOT, FOLDER, "gateways.txt"), results["1"][0])
        compare(program, os.path.join(ROOT, FOLDER, "gateways.json"), results["1"][1])

    yield "requests: golden", golden

    def small(*options, scenario=SMALL):
        return program.run("run", "-", "--replications", "5", *options, stdin=scenario)

    for options, pattern in WRONG:
        yield "requests: wrong: " + " ".join(options), lambda o=options, p=pattern: small(*o).expect(2, "", p)
    for option, values in WRONG_VALUES.items():
        for value in values:
            yield f"requests: wrong: {option} {value}", lambda o=option, v=value: small(
                "--engine", "requests", o, v).expect(2, "", rf'error\[usage\]: "{v}" is not a value for {o}')

    def with_trace(text, *options, scenario=SMALL):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "trace.csv")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)
            return small("--engine", "requests", "--trace", path, *options, scenario=scenario)

    for text, pattern in WRONG_TRACES:
        yield f"requests: wrong trace: {text!r}", lambda t=text, p=pattern: with_trace(t).expect(2, "", p)

    def no_trace():
        small("--engine", "requests", "--trace", "no-such.csv").expect(3, "", r"error\[file\].*No such file")

    yield "requests: no trace", no_trace

    def several_workloads():
        with_trace("timestamp\n1\n", scenario=SMALL.replace("calls: {demand: 30/min}", "a: {demand: 1/s}, b: {demand: 1/s}")
                   ).expect(2, "", r"--trace stands for one workload")

    yield "requests: a trace and two workloads", several_workloads

    def trace():
        tokens = SMALL.replace("one: {", "one: {latency: {first_token: 1s, per_output_token: 10ms}, ").replace(
            "calls: {demand: 30/min}", "calls: {demand: 30/min, tokens: {output: 7}}")
        text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,374,100\n2023-11-16T18:15:50.99Z,396,200\n"
        row = with_trace(text, "--json", "-", "--quiet", scenario=tokens).expect(0, None, "").json()["results"][0]
        assert row["requests"] == 10, row  # two in each of five worlds
        ends = [q["s"] for q in row["end_to_end"]]
        assert abs(ends[0] - 2) < 0.003 and abs(ends[-1] - 3) < 0.004, ends
        row = with_trace("timestamp\n1\n2.5\n9\n", "--horizon", "2s", "--json", "-", scenario=tokens).expect(0).json()
        assert row["results"][0]["requests"] == 10 and row["run"]["horizon_s"] == 2, row
        assert abs(row["results"][0]["end_to_end"][0]["s"] - 1.07) < 0.002, row

    yield "requests: a trace", trace

    def several_memories():
        cool = "{fallback: {order: [one, two], timeout: 1s, cooldown: 5s}}"
        hedge = "architectures.both={hedge: {order: [%s, %s], after: 100ms}}"
        latencies = SMALL.replace("one: {", "one: {latency: 1s, ").replace("two: {", "two: {latency: 1s, ")
        small("--engine", "requests", "--set", hedge % (cool, cool), scenario=latencies).expect(
            2, "", r"error\[unsupported\]: architectures.both: .*cooldown on several routes")
        written = latencies.replace("both: {failover: {order: [one, two], detect: 60s}}", "x: {series: [%s]}" % (
            "{hedge: {order: [%s, %s], after: 100ms}}" % (cool, cool)))
        small("--engine", "requests", scenario=written).expect(
            2, "", r"-:8:\d+: error\[unsupported\]: architectures.x.series\[0\]: .*cooldown on several routes")
        small("--engine", "requests", "--set", hedge % (cool, "two"), scenario=latencies).expect(0, r"both ", "")

    yield "requests: several memories", several_memories

    def burstiness():
        small("--set", "workloads.calls.demand={rate: 1/s, burstiness: 11}").expect(2, "", r"error\[range\].*burstiness")
        small("--engine", "requests", "--set", "workloads.calls.demand={rate: 1/s, burstiness: 0}").expect(0, r"18,000", "")

    yield "requests: burstiness", burstiness

    def recorded_shares():
        storm = program.run("run", os.path.join("scenarios", "record.yaml"), "--engine", "requests", "--outage",
                            "north.partial=10m", "--horizon", "5m", "--replications", "4", "--json", "-", "--quiet")
        outage = storm.expect(0, None, "").json()["outage"]
        during = outage["storms"][0]["failing_by_minute"][10:20]
        assert 0 < outage["share_failing"] < 1, outage
        assert abs(sum(during) / 10 - outage["share_failing"]) < 0.1, during

    yield "requests: a recorded outage fails its share", recorded_shares

    def storm(*options):
        found = program.run("run", os.path.join("scenarios", "retry-storm.yaml"), "--engine", "requests", "--outage",
                            "own.hang=2m", "--horizon", "10m", "--at", "Tue 10:00", "--replications", "3", *options)
        return found.expect(0, None, "")

    def does_the_storm_end():
        metastable = {}
        for set_ in ((), ("--set", "architectures.eager.fallback.retries=1"), ("--set", "providers.own.capacity.queue=60")):
            document = storm("--json", "-", "--quiet", *set_).json()
            check(document)
            outage = document["outage"]
            assert (outage["name"], outage["lasts_s"], outage["from_s"], outage["watched_s"]) == ("own.hang", 120, 600, 600)
            eager, pausing = outage["storms"]
            metastable[set_] = eager["metastable"]
            assert pausing["metastable"] is False and pausing["worlds_down_at_end"] == 0, pausing
            assert eager["worlds_judged"] == 3 and eager["worlds_down_at_end"] == (0 if set_ else 3), eager
            assert len(eager["failing_by_minute"]) == len(eager["attempts_by_minute"]) == 22, eager
            assert (eager["recovered_after_s"]["p50"] is None) == eager["metastable"], eager
        assert list(metastable.values()) == [True, False, False], metastable
        busy = storm("--json", "-", "--quiet", "--set", "workloads.chats.demand=40/s").json()["outage"]["storms"][0]
        assert busy["metastable"] is None and busy["worlds_judged"] == 0, busy  # down without any outage

    yield "requests: does the storm end", does_the_storm_end

    def storm_told():
        text = storm().out
        assert all(len(line) <= 100 for line in text.splitlines()), text
        assert "METASTABLE: eager does not come back" in text and "pausing comes back when the outage is over" in text, text
        for n in ("1", "3"):
            assert storm("--threads", n).out == text
            assert storm("--threads", n, "--set", "architectures.eager.fallback.retries=1").out.count("comes back when") == 2

    yield "requests: storms in words, at 1 and 3 threads", storm_told

    def limits():
        capacity = SMALL.replace("one: {", "one: {capacity: {requests_per_minute: 15}, ")
        rows = small("--engine", "requests", "--horizon", "5h", "--json", "-", "--quiet", scenario=capacity).expect(
            0, None, "").json()["results"]
        assert abs(rows[0]["share_failing"]["mean"] - 0.5) < 0.02, rows[0]
        assert abs(rows[0]["refused_per_request"]["mean"] - 0.5) < 0.02, rows[0]
        small("--engine", "requests", "--set", "providers.one.capacity={concurrency: 4, batch: {step: 10ms, per_request: "
              "1ms}}", "--set", "providers.one.latency=100ms", "--set", "workloads.calls.tokens={input: 1, output: 9}",
              "--set", "architectures.both={series: [one, one]}").expect(
                  2, "", r"architectures.both: .*several batches in a series")

    yield "requests: limits", limits
