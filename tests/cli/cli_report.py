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
