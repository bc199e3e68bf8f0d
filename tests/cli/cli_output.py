# SPDX-License-Identifier: GPL-3.0-or-later
"""Where results go: files, pipes, full disks, terminals, interrupts."""

import json
import os
import pty
import re
import signal
import subprocess
import tempfile
import time

from cli_harness import ROOT, SMALL

LONG = ("--replications", "1G", "--threads", "1")  # never ends within a test


QUARTERS = """surety: 1
term: {start: 2027-01-01, months: 12}
workloads: {calls: {demand: 30/min}}
providers: {a: {outages: {x: {time_to_failure: 100d, time_to_repair: 2h}}}}
architectures: {alone: a}
contract:
  window: calendar-quarter
  fee: 1000 USD/month
  availability: {measure: time}
  tiers: {t: {availability: 99.9%}}
  credits: {ladder: [{below: target, credit: 10%}]}
"""


def tests(program):
    # Alternating renewal, start at random: a quarter of 90 to 92 d is missed with 0.2993 on average, so 359.2 USD of
    # credits a term (s.e. 2.8 of 10,000), and three quarters of 300 USD stay within 95 %. Amounts are written whole.
    def quarters():
        arguments = ("run", "-", "--replications", "10000", "--quiet")
        done = program.run(*arguments, "--json", "-", stdin=QUARTERS).expect(0).json()
        of = done["architectures"][0]["tiers"][0]
        assert abs(of["month_met"]["p"] - 0.7007) < 0.0092 and abs(of["credits_per_term"]["mean"] - 359.2) < 11, of
        text = " ".join(program.run(*arguments, stdin=QUARTERS).expect(0).out.split())
        assert "its credits stay within 900 USD a term" in text, text
        text = program.run(*arguments, "--set", "contract.fee=1000000 USD/month", stdin=QUARTERS).expect(0).out
        assert re.search(r"its credits stay within 900,\d{3} USD a term", " ".join(text.split())), text

    yield "quarters, by closed form, and money in words", quarters

    def json_file():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            done = program.small("--json", path).expect(0, r"small", "")
            with open(path, encoding="utf-8") as handle:
                assert json.load(handle)["surety"] == 1
            assert os.listdir(folder) == ["result.json"], os.listdir(folder)
            assert "small" in done.out

    yield "--json PATH writes the file and the table", json_file

    def json_stdout():
        done = program.small("--json", "-", "--quiet").expect(0, r"^\{", "")
        assert done.json()["kind"] == "run"

    yield "--json - writes nothing else", json_stdout

    def keeps_mode_and_links():
        with tempfile.TemporaryDirectory() as folder:
            path, link = os.path.join(folder, "result.json"), os.path.join(folder, "link.json")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write("old")
            os.chmod(path, 0o640)
            os.symlink("result.json", link)
            program.small("--json", link).expect(0)
            assert os.path.islink(link) and os.stat(path).st_mode & 0o777 == 0o640
            with open(path, encoding="utf-8") as handle:
                assert json.load(handle)["surety"] == 1

    yield "an existing file keeps its mode, a link stays", keeps_mode_and_links

    def failed_run_keeps_file():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write("old")
            program.small("--json", path, scenario="surety: 1\n").expect(2, "")
            with open(path, encoding="utf-8") as handle:
                assert handle.read() == "old"
            assert os.listdir(folder) == ["result.json"], os.listdir(folder)

    yield "a failed run keeps the old file", failed_run_keeps_file

    def no_folder():
        started = time.monotonic()
        program.run("run", "-", *LONG, "--json", "/no/such/folder/x.json", stdin=SMALL).expect(3, "", r"No such file")
        assert time.monotonic() - started < 60, "the file was not opened before the run"

    yield "an impossible path is found before the run", no_folder

    def is_folder():
        with tempfile.TemporaryDirectory() as folder:
            program.small("--json", folder).expect(3, "", r"directory")

    yield "a folder is no file", is_folder

    def full_disk():
        program.small("--json", "/dev/full").expect(3, "", r"/dev/full.*No space left")
        with open("/dev/full", "w", encoding="utf-8") as full:
            for arguments in (["run", "-"], ["run", "-", "--json", "-"], ["schema"], ["version"]):
                done = program.run(*arguments, stdin=SMALL, stdout=full)
                done.expect(3, None, r"cannot write standard output: No space left")

    yield "a full disk", full_disk

    def null_device():
        program.small("--json", "/dev/null").expect(0, r"small", "")

    yield "a device is written directly", null_device

    def closed_pipe():
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            program.run("run", "-", stdin=SMALL, stdout=pipe).expect(3, None, r"Broken pipe")

    yield "a closed pipe", closed_pipe

    def wait_for(condition, what):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError(what)

    def interrupt():
        with tempfile.TemporaryDirectory() as folder:
            scenario = os.path.join(folder, "small.yaml")
            with open(scenario, "w", encoding="utf-8") as handle:
                handle.write(SMALL)
            command = [program.path, "run", scenario, *LONG, "--json", os.path.join(folder, "result.json")]
            # who runs the tests in the background passes on that interrupts are ignored
            heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  preexec_fn=heed) as process:
                try:
                    wait_for(lambda: len(os.listdir(folder)) > 1, "no temporary file")
                    process.send_signal(signal.SIGINT)
                    process.wait(60)
                finally:
                    process.kill()
            assert process.returncode == -signal.SIGINT, process.returncode
            assert os.listdir(folder) == ["small.yaml"], os.listdir(folder)

    yield "an interrupt removes the temporary file", interrupt

    def progress():
        terminal, end = pty.openpty()
        scenario = SMALL.encode()
        command = [program.path, "run", "-", *LONG]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=end, cwd=ROOT) as process:
            os.close(end)
            try:
                process.stdin.write(scenario)
                process.stdin.close()
                seen = b""
                while b"terms/s" not in seen:
                    seen += os.read(terminal, 4096)
                assert b"\r" in seen and b"left" in seen, seen
            finally:
                process.kill()
        os.close(terminal)

    if not program.quick:
        yield "a long run shows its progress on a terminal", progress
