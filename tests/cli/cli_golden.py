# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden results at fixed seeds, and what holds in every result."""

import difflib
import os
import tempfile

from cli_harness import GOLDEN, ROOT, for_golden, parse, without_run_conditions

REPLICATIONS = "5k"  # more than one chunk of work, and not a whole number of them


def check_result(result):
    """what holds in every result v1"""
    assert list(result)[:4] == ["surety", "kind", "scenario", "run"], list(result)
    if result["kind"] != "portfolio":
        check_run(result)
        return
    assert list(result)[4:] == ["contracts", "portfolio"], list(result)
    for contract in result["contracts"]:
        assert list(contract)[:5] == ["contract", "scenario", "run", "verdict", "architectures"], list(contract)
        for key in ("version", "seed", "replications", "confidence"):
            assert contract["run"][key] == result["run"][key], key
        assert contract["scenario"]["sha256"] == result["scenario"]["sha256"]
        check_run(contract)
    check_portfolio(result)


def check_portfolio(result):
    """the sum of the credits against the contracts' own"""
    portfolio, contracts = result["portfolio"], result["contracts"]
    credits, customers, points = portfolio["credits_per_term"], portfolio["customers"], portfolio["exceedance"]
    assert [c["contract"] for c in customers] == [c["contract"] for c in contracts]
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in zip(points, points[1:])) and points[-1][1] == 0, points
    total = 0
    for customer, contract in zip(customers, contracts):
        verdict = contract["verdict"]
        tier, = (t for a in contract["architectures"] if a["name"] == verdict["architecture"]
                 for t in a["tiers"] if t["name"] == verdict["tier"])
        own = tier.get("credits_per_term", {"mean": 0, "cvar95": 0})
        assert abs(customer["credits_mean"] - own["mean"]) <= 1e-6 * (1 + own["mean"]), (customer, own)
        assert customer["adds_cvar95"] <= customer["credits_cvar95"] * (1 + 1e-9) + 1e-9, customer  # CVaR is subadditive
        total += own["mean"]
    assert abs(credits["mean"] - total) <= 1e-6 * (1 + total), (credits, total)
    assert credits["cvar95"] <= credits["sum_of_cvar95"] * (1 + 1e-9)


def check_run(result):
    """what holds in the result of one contract"""
    for architecture in result["architectures"]:
        name, availability = architecture["name"], architecture["availability"]
        assert 0 <= availability["mean"] <= 1 and availability["se"] >= 0, name
        for key in ("month_quantiles", "term_quantiles", "worst_month_quantiles", "p10_month_quantiles"):
            values = list(availability[key].values())
            assert values == sorted(values) and 0 <= values[0] and values[-1] <= 1, (name, key, values)
        bins = availability["histogram"]
        n_windows = result["run"]["windows"] * result["run"]["replications"]
        assert sum(count for _, count in bins) == n_windows, (name, n_windows)
        assert all(a[0] < b[0] for a, b in zip(bins, bins[1:])), name
        before = None
        for tier in architecture["tiers"]:
            for key in ("month_met", "term_met"):
                estimate = tier[key]
                assert 0 <= estimate["lo"] <= estimate["p"] <= estimate["hi"] <= 1, (name, tier["name"], key, estimate)
            assert tier["term_met"]["p"] <= tier["month_met"]["p"] + 1e-12, (name, tier["name"])
            if before is not None and before["dimensions"]["availability"]["target"] <= tier["dimensions"]["availability"]["target"]:
                assert tier["month_met"]["p"] <= before["month_met"]["p"], (name, tier["name"])
            before = tier


def scenario_files(folder):
    for top, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(top, name)
            if name.endswith(".yaml"):
                with open(path, encoding="utf-8") as handle:
                    if any(line.startswith("surety:") for line in handle):  # else a fragment to be pasted
                        yield os.path.relpath(path, ROOT)


def compare(program, path, text):
    """the golden file at `path` holds `text`"""
    if program.update:
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        return
    assert os.path.exists(path), f"no {os.path.basename(path)}: run with --update"
    with open(path, encoding="utf-8") as handle:
        expected = handle.read()
    if text != expected:
        lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), "golden", "got", n=1, lineterm="")
        raise AssertionError("differs from the golden file\n" + "\n".join(list(lines)[:60]))


def tests(program):
    # the golden file is what one thread writes: a slow build shows with two that they do not matter
    threads = ("2",) if program.quick else ("1", "3")

    def golden(path):
        results = {}
        for n in threads:
            with tempfile.TemporaryDirectory() as folder:
                place = os.path.join(folder, "x.json")
                text = program.run("run", path, "--replications", REPLICATIONS, "--seed", "20270101", "--threads", n,
                                   "--json", place).expect(0, None, "").out
                with open(place, encoding="utf-8") as handle:
                    document = handle.read()
            check_result(parse(document))
            assert all(len(line) <= 100 for line in text.splitlines()), text
            results[n] = (text, without_run_conditions(document), for_golden(document))
        for n in threads[1:]:
            assert results[n] == results[threads[0]], f"other bytes at {n} threads than at {threads[0]}"
        stem = os.path.join(ROOT, os.path.splitext(path)[0])
        compare(program, stem + ".txt", results[threads[0]][0])
        compare(program, stem + ".json", results[threads[0]][2])

    for path in scenario_files(GOLDEN):
        yield f"golden: {os.path.basename(path)}", lambda path=path: golden(path)

    def runs(path):
        done = program.run("run", path, "--replications", "300", "--json", "-", "--quiet").expect(0, None, "")
        check_result(done.json())

    for path in scenario_files(os.path.join(ROOT, "scenarios")):
        yield f"runs: {path}", lambda path=path: runs(path)
