# SPDX-License-Identifier: GPL-3.0-or-later
"""--report, --csv, --plot and `verify`: what they write, and what happens when they cannot."""

import csv
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile

from cli_harness import ROOT, SMALL

FULL = os.path.join(ROOT, "tests", "report", "full.yaml")
LATENCY = os.path.join(ROOT, "tests", "cli", "golden", "latency.yaml")
TRAFFIC = """
surety: 1
term: {start: 2027-01-01, months: 2}
workloads: {calls: {demand: 1/s}}
providers:
  a: {outages: {all: {time_to_failure: 30h, time_to_repair: 10h}}, request_errors: 10%, price: {per_request: 0.01 USD/request}}
  b: {outages: none, request_errors: 20%, price: {per_request: 0.02 USD/request}}
architectures:
  both: {fallback: {order: [a, b], retries: 1}}
  alone: a
contract: {availability: {measure: requests}, tiers: {standard: {availability: 99%}}}
"""
FEW = ("--replications", "1000", "--quiet")
FIGURES = ("cost-and-promise", "monthly-downtime", "phases", "causes", "credits", "error-budget", "bad-month")


def with_path(program, folder, *arguments, stdin="", cwd=ROOT):
    """runs with `folder` as the only place where programs are found"""
    return subprocess.run([program.path, *arguments], input=stdin, capture_output=True, text=True, cwd=cwd, timeout=120,
                          check=False, env={**os.environ, "PATH": folder})


def fake_gnuplot(folder, script):
    path = os.path.join(folder, "gnuplot")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(script)
    os.chmod(path, stat.S_IRWXU)


def read(path):
    with open(path, encoding="utf-8", newline="") as handle:
        return handle.read()


class approx(float):
    """equal to numbers that are as large, to nine digits"""

    def __eq__(self, other):
        return abs(self - float(other)) <= 1e-9 * abs(self)

    __hash__ = float.__hash__


def tests(program):
    has_gnuplot = shutil.which("gnuplot") is not None

    def in_folder(test):
        def run():
            with tempfile.TemporaryDirectory() as folder:
                test(folder)
        return run

    def report(folder):
        path = os.path.join(folder, "x.html")
        done = program.run("run", FULL, *FEW, "--report", path).expect(0, r"SIGN|sign|premium", "")
        page = read(path)
        assert os.listdir(folder) == ["x.html"] and done.out != ""
        for figure in FIGURES:
            assert f'<figure id="{figure}">' in page, figure
        assert "<script" not in page and "://" not in page and "\x1b" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; `id` &#39;q&#39; &quot;d&quot; &amp; \\x1b[31m $(id) @a" in page
        assert folder not in page and ROOT not in page, "a path is in the report"

    def traffic(folder):
        """attempts by hand: a with 10 % of errors and two tries, then b with 20 % and two; a is out, half or whole"""
        path, result = os.path.join(folder, "x.html"), os.path.join(folder, "x.json")
        program.run("run", "-", "--replications", "300", "--quiet", "--json", result, "--report", path, "--csv",
                    os.path.join(folder, "csv"), stdin=TRAFFIC).expect(0, r"Sends [\d.]+ requests per request served: 1\.1")
        both, alone = (a["traffic"] for a in json.loads(read(result))["architectures"])

        def by_hand(a, b):  # sent to a, to b, failed
            return 1 + a, a * a * (1 + b), a * a * b * b

        to_a, to_b, failed = by_hand(0.1, 0.2)
        assert both["all_well"]["sent_per_request"] == approx(to_a + to_b), both
        assert both["all_well"]["sent_per_served"] == approx((to_a + to_b) / (1 - failed)), both
        assert both["all_well"]["cost_per_served"] == approx((0.9 * to_a + 2 * 0.8 * to_b) / (1 - failed) / 100), both
        to_a, to_b, failed = by_hand(1, 0.2)
        assert both["outage_on"]["sent_per_request"] == approx(to_a + to_b), both
        assert both["outage_on"]["sent_per_served"] == approx((to_a + to_b) / (1 - failed)), both
        a, b = both["providers"]
        assert (a["outage_on"], b["outage_on"]) == (approx(2), approx(1.2)), both
        assert (a["most"], b["most"]) == (approx(2), approx(1.2)), both
        out = both["share_outage_on"]
        assert 0.2 < out < 0.3, out  # a quarter of the time
        for key in ("sent_per_request",):
            mean = (1 - out) * both["all_well"][key] + out * both["outage_on"][key]
            assert both["all"][key] == approx(mean), both
        assert alone["all"]["sent_per_request"] == 1 and alone["outage_on"]["sent_per_served"] is None, alone
        assert "What is sent for it" in read(path)
        rows = list(csv.DictReader(read(os.path.join(folder, "csv", "traffic.csv")).splitlines()))
        assert [(r["architecture"], r["provider"]) for r in rows] == [("both", ""), ("both", "a"), ("both", "b"),
                                                                      ("alone", ""), ("alone", "a")], rows
        assert float(rows[0]["sent_per_request"]) == both["all"]["sent_per_request"]

    def latency(folder):
        """how long customers wait: figures with targets, tables, quantiles of every month"""
        path, result, tables = (os.path.join(folder, name) for name in ("x.html", "x.json", "csv"))
        program.run("run", LATENCY, "--replications", "300", "--quiet", "--report", path, "--json", result, "--csv", tables,
                    "--keep-plots", os.path.join(folder, "kept")).expect(0)
        page, found = read(path), json.loads(read(result))
        for figure in ("latency", "latency-by-month"):
            assert f'<figure id="{figure}">' in page, figure
        by_month = page[page.index('<figure id="latency-by-month">'):]
        by_month = by_month[:by_month.index("</figure>")]
        names = [a["name"] for a in found["architectures"]]
        for name in names:
            assert f">{name}, p95<" in by_month, name
        assert ">quick 620 ms<" in by_month and by_month.count("fill-opacity") >= 2 * len(names) * found["run"]["windows"]
        rows = list(csv.DictReader(read(os.path.join(tables, "latency_months.csv")).splitlines()))
        seen = 0
        for architecture in found["architectures"]:
            for workload, laws in architecture["latency"].items():
                for metric in ("first_token", "end_to_end"):
                    windows = laws[metric]["windows"]
                    assert [w["window"] for w in windows] == ["2027-03", "2027-04", "2027-05", "2027-06", "2027-07"], windows
                    for window in windows:
                        for key, quantiles in window.items():
                            if key == "window":
                                continue
                            values = list(quantiles.values())
                            assert list(quantiles) == ["p05", "p25", "p50", "p75", "p95"] and values == sorted(values)
                            row, = (r for r in rows if (r["architecture"], r["workload"], r["metric"], r["window"],
                                                        f'p{r["percentile"]}_s') ==
                                    (architecture["name"], workload, metric, window["window"], key))
                            assert [float(row[f"{name}_s"]) for name in quantiles] == values
                            seen += 1
                    overall = laws[metric]["month_p95_s"]  # in bins of 0.1 %
                    medians = [w["p95_s"]["p50"] for w in windows]
                    assert min(medians) * 0.999 <= overall["p50"] <= max(medians) * 1.001, (overall, medians)
        assert seen == len(rows) and {r["percentile"] for r in rows} == {"90", "95"}
        law = [r for r in csv.DictReader(read(os.path.join(tables, "latency_cdf.csv")).splitlines())
               if (r["architecture"], r["workload"], r["metric"]) == (names[0], "calls", "first_token")]
        shares = [float(r["share_of_answers"]) for r in law]
        assert shares == sorted(shares) and 0.999 < shares[-1] <= 1, shares[-1]
        first, = (r for r in csv.DictReader(read(os.path.join(tables, "latency.csv")).splitlines())
                  if (r["architecture"], r["workload"], r["metric"]) == (names[0], "calls", "first_token"))
        below = max(s for s, r in zip(shares, law) if float(r["within_s"]) <= float(first["p95_s"]))
        above = min(s for s, r in zip(shares, law) if float(r["within_s"]) >= float(first["p95_s"]))
        assert below <= 0.95 <= above, (below, above)
        program.run("verify", path, "--quiet").expect(0)

    def same_bytes(folder):
        pages = []
        for threads, place in (("1", "a"), ("2", "b"), ("7", "c")):
            os.mkdir(os.path.join(folder, place))
            scenario = os.path.join(folder, place, "s.yaml")
            shutil.copy(FULL, scenario)
            path = os.path.join(folder, place, "x.html")
            program.run("run", scenario, *FEW, "--threads", threads, "--report", path).expect(0)
            pages.append(read(path))
        assert pages[0] == pages[1] == pages[2], "other bytes at other threads or in another folder"

    def verifies(folder):
        path = os.path.join(folder, "x.html")
        program.run("run", FULL, *FEW, "--seed", "18446744073709551615", "--set", "name=it's <b> & `x`", "--set",
                    "term.months=3", "--report", path).expect(0)
        program.run("verify", path, "--threads", "2").expect(0, r"the same, byte by byte: seed 18446744073709551615, 1000", "")
        page = read(path)
        changes = (
            ("one number", re.sub(r"(<td class=\"n\">)\d", r"\g<1>9", page, count=1), r"different from line \d+.*\n.*gives the result"),
            ("the seed", page.replace("seed: 18446744073709551615", "seed: 2"), r"numbers differ"),
            ("the version", page.replace("\nversion: ", "\nversion: 9"), r"another version, 9"),
            ("the scenario", page.replace("time_to_failure: 40d", "time_to_failure: 41d"), r"not the one it names"),
            ("a byte more", page + "\n", r"different from line"),
            ("its end", page[:-9], r"different from line"),
        )
        for what, text, pattern in changes:
            assert text != page, what
            with open(path, "w", encoding="utf-8", newline="") as handle:
                handle.write(text)
            program.run("verify", path, "--quiet").expect(1, pattern, "")

    def verifies_stdin(folder):
        path = os.path.join(folder, "x.html")
        program.small("--report", path).expect(0)
        program.run("verify", path).expect(0, r"the same")

    def verifies_precision(folder):
        path = os.path.join(folder, "x.html")
        program.run("run", "-", "--precision", "1%", "--quiet", "--report", path, stdin=SMALL).expect(0)
        program.run("verify", path).expect(0, r"the same")

    def no_report(folder):
        path = os.path.join(folder, "x.html")
        for text in ("", "<html></html>", "\0" * 100, "<pre id=\"surety-run\">seed: 1\n</pre><pre id=\"surety-scenario\"></pre>"):
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)
            program.run("verify", path).expect(2, "", r"x\.html: error\[value\].*report")
        program.run("verify", os.path.join(folder, "none.html")).expect(2, "", r"error\[file\].*No such file")
        program.run("verify", folder).expect(2, "", r"error\[file\]")

    if has_gnuplot:
        yield "report: figures, escaped, no paths", in_folder(report)
        yield "report: latency", in_folder(latency)
        yield "report: traffic, by hand", in_folder(traffic)
        yield "report: same bytes at any threads, in any folder", in_folder(same_bytes)
        yield "verify: the same, and every change is found", in_folder(verifies)
        yield "verify: a scenario from standard input", in_folder(verifies_stdin)
        yield "verify: a run with --precision", in_folder(verifies_precision)
    else:
        print("report tests: skipped, no gnuplot here")
    yield "verify: what is no report", in_folder(no_report)

    def fails(folder, pattern):
        """text, JSON and CSV come, no report and no remains, status 3, one line"""
        place = os.path.join(folder, "out")
        os.makedirs(place)
        path, result = os.path.join(place, "x.html"), os.path.join(place, "x.json")
        with open(path, "w", encoding="utf-8") as handle:
            handle.write("old")
        done = with_path(program, folder, "run", FULL, *FEW, "--report", path, "--json", result, "--csv",
                         os.path.join(place, "csv"))
        assert done.returncode == 3, done
        assert re.search(pattern, done.stderr), done.stderr
        assert len(done.stderr.splitlines()) == 2 and "1 error" in done.stderr, done.stderr
        assert "premium" in done.stdout
        assert json.loads(read(result))["kind"] == "run"
        assert read(path) == "old"
        assert sorted(os.listdir(place)) == ["csv", "x.html", "x.json"], os.listdir(place)
        assert "tiers.csv" in os.listdir(os.path.join(place, "csv"))

    def dying(script, pattern):
        def run(folder):
            fake_gnuplot(folder, script)
            fails(folder, pattern)
        return run

    yield "gnuplot missing", in_folder(lambda folder: fails(folder, r"error\[tool\].*gnuplot is not found.*apt-get install"))
    yield "gnuplot fails", in_folder(dying("#!/bin/sh\nexit 1\n", r"error\[tool\].*failed with status 1"))
    yield "gnuplot dies", in_folder(dying("#!/bin/sh\nkill -9 $$\n", r"error\[tool\].*ended by signal 9"))
    yield "gnuplot dies early", in_folder(dying("#!/bin/sh\nexec <&-\necho '<svg'\nkill -11 $$\n", r"ended by signal 11"))
    yield "gnuplot draws half", in_folder(dying("#!/bin/sh\necho '<svg viewBox=\"0 0 1 1\"><defs></defs><g>'\n", r"no whole SVG"))

    def script_shown(folder):
        fake_gnuplot(folder, "#!/bin/sh\necho 'line 3: no such thing' >&2\nexit 1\n")
        done = with_path(program, folder, "run", FULL, *FEW, "--report", os.path.join(folder, "x.html"))
        assert done.returncode == 3 and re.search(r"^    1  set terminal svg", done.stderr, re.M), done.stderr
        kept = os.path.join(folder, "kept")
        done = with_path(program, folder, "run", FULL, *FEW, "--report", os.path.join(folder, "x.html"), "--keep-plots", kept)
        assert done.returncode == 3 and "set terminal" not in done.stderr, done.stderr
        assert sorted(os.listdir(kept)) == sorted(f"{figure}.gp" for figure in FIGURES), os.listdir(kept)

    yield "a refused script is shown, or kept", in_folder(script_shown)

    def full_disk(folder):
        link = os.path.join(folder, "full.html")
        os.symlink("/dev/full", link)
        pattern = r"cannot write .*full.*: No space left" if has_gnuplot else r"gnuplot"
        for path in ("/dev/full", link):
            program.run("run", FULL, *FEW, "--report", path).expect(3, r"premium", pattern)

    yield "report on a full disk", in_folder(full_disk)

    def places(folder):
        for arguments, status, pattern in (
                (("--report", "x.txt"), 2, r"ends in \.html or \.pdf"),
                (("--report", folder), 2, r"ends in \.html or \.pdf"),
                (("--report", "/no/such/folder/x.html"), 3, r"No such file"),
                (("--csv", "/no/such/folder/csv"), 3, r"No such file"),
                (("--csv", FULL), 3, r"Not a directory"),
                (("--plot", "--json", "-"), 2, r"both want standard output")):
            program.run("run", "-", "--replications", "1G", *arguments, stdin=SMALL).expect(status, "", pattern)
        assert os.listdir(folder) == []

    def printed(folder):
        """whole or not at all, nothing left among the temporary files"""
        path, temporary = os.path.join(folder, "x.pdf"), os.path.join(folder, "tmp")
        os.mkdir(temporary)
        environment = {**os.environ, "TMPDIR": temporary}

        def run(place):
            return subprocess.run([program.path, "run", FULL, *FEW, "--report", path], capture_output=True, text=True,
                                  env={**environment, "PATH": place}, cwd=ROOT, timeout=300, check=False)

        fakes = os.path.join(folder, "bin")
        os.mkdir(fakes)
        os.symlink(shutil.which("gnuplot"), os.path.join(fakes, "gnuplot"))
        fake = os.path.join(fakes, "chromium")
        for script, pattern in ((None, r"the PDF is not printed: chromium is not found.*apt-get install chromium"),
                                ("#!/bin/sh\necho 'no display' >&2\nexit 7\n", r"chromium failed with status 7: no display"),
                                ("#!/bin/sh\nexit 0\n", r"chromium ended without a whole PDF")):
            if script is not None:
                with open(fake, "w", encoding="utf-8") as handle:
                    handle.write(script)
                os.chmod(fake, stat.S_IRWXU)
            done = run(fakes)
            assert done.returncode == 3 and re.search(pattern, done.stderr), done
            assert len(done.stderr.splitlines()) == 2 and "premium" in done.stdout, done.stderr
            assert not os.path.exists(path) and os.listdir(temporary) == []
        if shutil.which("chromium") is None:
            return
        assert run(os.environ["PATH"]).returncode == 0
        with open(path, "rb") as handle:
            pdf = handle.read()
        assert pdf.startswith(b"%PDF-") and len(pdf) > 20000 and os.listdir(temporary) == []
        program.run("verify", path).expect(2, "", r"a PDF does not hold the scenario")

    if has_gnuplot:
        yield "report: as PDF", in_folder(printed)

    yield "report: impossible places are found before the run", in_folder(places)

    def tables(folder):
        place = os.path.join(folder, "csv")
        program.run("run", FULL, *FEW, "--csv", place, "--json", os.path.join(folder, "x.json")).expect(0)
        result = json.loads(read(os.path.join(folder, "x.json")))
        names = os.listdir(place)
        assert {"architectures.csv", "tiers.csv", "downtime_histogram.csv", "causes.csv"} <= set(names), names
        for name in names:
            text = read(os.path.join(place, name))
            rows = list(csv.reader(text.splitlines()))
            assert text.count("\r\n") == len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}, name
        with open(os.path.join(place, "tiers.csv"), encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        expected = [(a["name"], t["name"], t["term_met"]["p"]) for a in result["architectures"] for t in a["tiers"]]
        assert [(row["architecture"], row["tier"], float(row["term_met_p"])) for row in rows] == expected
        program.run("run", FULL, *FEW, "--csv", place).expect(0)  # again, over the old ones

    yield "csv: tidy tables that agree with the JSON", in_folder(tables)

    def ignorance(folder):
        place, path = os.path.join(folder, "csv"), os.path.join(folder, "x.json")
        program.run("run", os.path.join("scenarios", "support-chat.yaml"), "--replications", "2048", "--csv", place,
                    "--json", path).expect(0)
        result = json.loads(read(path))
        rows = list(csv.DictReader(read(os.path.join(place, "inputs.csv")).splitlines()))
        assert [(row["input"], float(row["mean"])) for row in rows] == \
            [(i["path"], i["mean"]) for i in result["inputs"]["uncertain"]] and len(rows) > 3
        rows = iter(csv.DictReader(read(os.path.join(place, "tiers.csv")).splitlines()))
        for architecture in result["architectures"]:
            for tier in architecture["tiers"]:
                row = next(rows)
                for key in ("month_met", "term_met"):
                    said = [tier[key]["ignorance"]["lo"], tier[key]["ignorance"]["hi"], tier[key]["ignorance_share"]]
                    assert [float(row[f"{key}_ignorance_{x}"]) for x in ("lo", "hi", "share")] == said, (row, tier[key])

    yield "csv: what is uncertain", in_folder(ignorance)

    def plot():
        for locale, pattern in (("C.UTF-8", "█"), ("C", "#")):
            done = subprocess.run([program.path, "run", FULL, *FEW, "--plot"], capture_output=True, check=True, timeout=120,
                                  env={"PATH": "/nonexistent", "LC_ALL": locale}).stdout.decode()
            figure = done[done.index("Probability that every month"):]
            assert pattern in figure and "Downtime in a month" in figure and "\x1b" not in done, figure
            assert max(map(len, figure.splitlines())) <= 100, figure

    yield "plot: blocks or ASCII, without gnuplot", plot
