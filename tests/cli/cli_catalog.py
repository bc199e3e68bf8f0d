# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue, `use`, `style`, `init`, and the commands of docs/guide.md."""

import os
import re
import shutil
import subprocess
import tempfile
import time

from cli_fit import write_examples
from cli_harness import GOLDEN, ROOT

NAMES = ("openai-api", "openai-api-2026", "chatgpt", "chatgpt-2026", "anthropic-api", "anthropic-api-2026", "claude-ai",
         "claude-ai-2026", "groq-api", "github", "cloud-region", "own-gateway")
KINDS = ("voice", "chat", "agentic", "background")
STYLES = ("aws", "google", "azure", "probes")
ENTRIES = os.path.join(ROOT, "scenarios", "providers")
# The shortest scenario that the interface promises.
SHORTEST = """surety: 1
workloads: {calls: {kind: voice, demand: 30/min}}
providers: {openai: {use: openai-api}, anthropic: {use: anthropic-api}}       # from the catalogue
architectures: {alone: openai, both: {failover: {order: [openai, anthropic], detect: 60s}}}
contract: {style: aws, fee: 24000 USD/month}
"""


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as handle:
        return handle.read()


def lines_of(text):
    """the lines that are not comments"""
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def tests(program):
    def table():
        text = program.run("catalog", cwd="/").expect(0, None, "").out
        listed = re.findall(r"^([a-z][\w-]+)  ", text, re.M)
        shipped = sorted(name[:-5] for name in os.listdir(ENTRIES) if name.endswith(".yaml"))
        assert sorted(listed) == shipped and set(NAMES) <= set(listed), (listed, shipped)
        assert text.count("licence:") == len(listed) and max(map(len, text.splitlines())) <= 100, text
        for name in NAMES:
            day = r"\d{4}-\d\d-\d\d"
            entry = re.search(rf"^{name} +({day} to {day} +\d+|assumed +-) +(\d+\.\d+) %", text, re.M)
            assert entry and 98 < float(entry.group(2)) < 100, (name, text)
            assert ("SHORT" in text.split(f"\n{name} ")[1].split("\n\n")[0]) == name.endswith("-2026"), name

    yield "catalog", table

    def entry():
        for name in NAMES:
            assert program.run("catalog", name, cwd="/").expect(0, None, "").out.endswith(read(ENTRIES, name + ".yaml"))
        assert program.run("catalog", "openai").out == program.run("catalog", "openai-api").out
        assert program.run("catalog", "claude").out == program.run("catalog", "claude-ai").out
        program.run("catalog", "opnai-api").expect(2, "", r'error\[reference\].*did you mean "openai-api"')
        program.run("catalog", "opnai").expect(2, "", r'did you mean "openai-api')
        program.run("catalog", "x" * 100).expect(2, "", r"surety catalog")
        program.run("catalog", "a", "b").expect(2, "", r"unexpected argument")

    yield "catalog NAME", entry

    def ranges():
        table = program.run("catalog").out
        for name in re.findall(r"^([a-z][\w-]+)  ", table, re.M):
            text = program.run("catalog", name).out
            head = text[:-len(read(ENTRIES, name + ".yaml"))]
            # what is uncertain is listed, each mean between the ends
            found = [tuple(map(float, row)) for row in
                     re.findall(r"^#   [\w.-]+: (\S+) (?:a year|min|%), (\S+) to ([\d.e+]+)", head, re.M)]
            uncertain = len(re.findall(r"observed:|law:|between:", text[len(head):]))
            assert len(found) == uncertain >= 3 and all(low < mean < high for mean, low, high in found), text
            # the note's availability is the table's
            note = re.search(r"with uncertain values at their means (\d+\.\d+) %", " ".join(text.split()), re.I)
            shown = float(re.search(rf"^{name} .*?(\d+\.\d+) %", table, re.M).group(1))
            assert note is None or abs(float(note.group(1)) - shown) < 0.0015, (name, note.group(0), shown)
            assert (note is None) == (name in ("cloud-region", "own-gateway")), name

    yield "the entries' uncertain values and what the notes say of them", ranges

    def all_entries_run():
        listed = re.findall(r"^([a-z][\w-]+)  ", program.run("catalog").out, re.M)
        frame = ("surety: 1\nworkloads: {w: {kind: chat, demand: 1/s}}\nproviders:\n%s"
                 + "architectures:\n" + "".join(f"  {name}: {name}\n" for name in listed)
                 + "contract: {availability: {measure: requests, counts: expected}}\n")
        used = frame % "".join(f"  {name}: {{use: {name}}}\n" for name in listed)
        program.run("run", "-", "--quiet", "--replications", "300", stdin=used).expect(0)
        still = ""  # without drift, which makes rates higher on average
        for name in listed:
            entry = re.sub(r"(prior: [\w-]+)", r"\1, drift: 0", read(ENTRIES, name + ".yaml"))
            still += f"  {name}:\n" + "".join(f"    {line}\n" for line in entry.splitlines())
        done = program.run("run", "-", "--json", "-", "--quiet", "--replications", "6400", stdin=frame % still).expect(0)
        table = program.run("catalog").out
        for architecture in done.json()["architectures"]:
            # The simulated mean is the table's, but for the rhythm of demand and outages.
            shown = float(re.search(rf"^{architecture['name']} .*?(\d+\.\d+) %", table, re.M).group(1))
            mean = 100 * architecture["availability"]["mean"]
            assert abs(mean - shown) < 0.35 * (100 - shown) + 0.02, (architecture["name"], shown, mean)

    yield "every entry runs, and the table's availability is that of the run", all_entries_run

    def shortest():
        done = program.run("run", "-", "--replications", "300", stdin=SHORTEST).expect(0, None, "")
        flat = " ".join(done.out.split())
        for part in ("openai: catalogue entry openai-api, unchanged", "2021-02-11 to 2024-08-31, 101 outages",
                     "contract.style aws: availability.measure: intervals - source aws.amazon.com/bedrock/sla, as of "
                     "2023-10-04", "its record ends on 2024-08-31, 28 months before the term starts"):
            assert part in flat, (part, done.out)
        document = program.run("run", "-", "--json", "-", "--quiet", "--replications", "300", stdin=SHORTEST).json()
        names = [tier["name"] for tier in document["architectures"][0]["tiers"]]
        assert names == ["standard", "premium", "enterprise"], names
        assert any(line.startswith("currency: USD") for line in document["defaults_used"])

    yield "the shortest scenario", shortest

    def mistakes():
        done = program.run("run", "-", stdin=SHORTEST.replace("openai-api}", "opnai-api}")).expect(2, "")
        pattern = r":3:27: error\[reference\]: providers.openai.use: .*did you mean 'openai-api'.*surety catalog"
        assert re.search(pattern, done.err), done.err
        program.run("run", "-", stdin=SHORTEST.replace("aws", "amazon")).expect(2, "", r":5:19: error\[choice\]")
        euros = SHORTEST.replace("USD", "EUR")
        program.run("run", "-", stdin=euros).expect(2, "", r"error\[currency\].*must be in USD, as at line 3")

    yield "mistakes in use and style", mistakes

    def sync():
        case = read(ROOT, "scenarios", "support-chat.yaml")
        for name in ("openai-api", "anthropic-api"):
            text = read(ENTRIES, name + ".yaml")
            copy = "".join("    " + line + "\n" for line in text[text.index("outages:\n"):].splitlines())
            assert copy in case, f"the copy of {name} in support-chat.yaml differs from the catalogue"

    yield "support-chat.yaml has the catalogue's figures", sync

    def init(kind, style):
        arguments = ("init", kind, "--providers", "openai,anthropic", "--style", style)
        text = program.run(*arguments, cwd="/").expect(0, None, "").out
        assert len(lines_of(text)) <= 12 < len(text.splitlines()) and max(map(len, text.splitlines())) <= 120, text
        program.run("run", "-", "--replications", "300", stdin=text).expect(0, r"failover", "")

    for kind in KINDS:
        yield f"init {kind}", lambda kind=kind: init(kind, "aws")
    for style in STYLES:
        yield f"init --style {style}", lambda style=style: init("voice", style)

    def init_choices():
        for n, names in enumerate(("groq", "openai,own-gateway", "openai,anthropic,groq",
                                   "openai-api-2026,anthropic-api-2026,groq,cloud-region,github"), 1):
            text = program.run("init", "chat", "--providers", names, "--fee", "9000 USD/month").expect(0, None, "").out
            assert len(lines_of(text)) <= 12 and "9000 USD/month" in text, text
            program.run("run", "-", "--replications", "300", stdin=text).expect(0, None, "")
            assert ("failover:" in text) == (n > 1)
        written_out = ("init", "voice", "--style=aws", "--providers=openai,anthropic")
        assert program.run("init", "voice").out == program.run(*written_out).out

    yield "init with one to five providers", init_choices

    def init_mistakes():
        wrong = ("--providers", "opnai-api,openai,openai-api", "--style", "ams", "--fee", "5")
        done = program.run("init", "vioce", *wrong).expect(2, "")
        for part in ('"voice"?', 'did you mean "openai-api"', "openai-api twice", 'did you mean "aws"', "--fee"):
            assert part in done.err, (part, done.err)
        program.run("init").expect(2, "", r"usage: surety init KIND")
        program.run("init", "voice", "--providers", ",").expect(2, "", r"entry|no provider")
        program.run("init", "voice", "--providers", "a,b,c,d,e,f").expect(2, "", r"at most 5")
        program.run("init", "voice", "--fee", "20000 EUR/month").expect(2, "", r"error\[currency\]")
        program.run("init", "--help").expect(0, r"init voice --providers openai,anthropic --style aws > d.yaml", "")

    yield "mistakes in init", init_mistakes

    def the_line():
        """surety init voice --providers openai,anthropic --style aws > d.yaml && surety run d.yaml"""
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            line = ("init", "voice", "--providers", "openai,anthropic", "--style", "aws")
            text = program.run(*line).expect(0, None, "").out
            with open(os.path.join(folder, "d.yaml"), "w", encoding="utf-8") as handle:
                handle.write(text)
            done = program.run("run", "d.yaml", cwd=folder).expect(0, None, "")
            print(f"init and run: {time.monotonic() - started:.1f} s")
        path = os.path.join(GOLDEN, "init-voice.yaml")
        if program.update:
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)
        assert text == read(path), "init writes another scenario than golden/init-voice.yaml: --update"
        for pattern in (r"premium|standard|enterprise", r"probability", r"USD", r"record\s+ends\s+on\s+2024-08-31"):
            assert re.search(pattern, done.out), (pattern, done.out)

    if not program.quick:
        yield "the line of the guide: init and run", the_line

    def guide():
        text = read(ROOT, "docs", "guide.md")
        blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)
        assert blocks, "docs/guide.md has no commands"
        with tempfile.TemporaryDirectory() as folder:
            write_examples(folder)
            shutil.copytree(os.path.join(ROOT, "scenarios"), os.path.join(folder, "scenarios"))
            os.mkdir(os.path.join(folder, "bin"))
            with open(os.path.join(folder, "bin", "surety"), "w", encoding="utf-8") as handle:  # the words, fewer terms
                handle.write('#!/bin/sh\ncase "$*" in *"--engine requests"*) set -- "$@" --replications 8;; '
                             f'run*|show*) set -- "$@" --replications 500;; esac\nexec {program.path} "$@"\n')
            os.chmod(os.path.join(folder, "bin", "surety"), 0o755)
            path = os.path.join(folder, "bin") + os.pathsep + os.environ.get("PATH", "/usr/bin:/bin")
            for block in blocks:
                done = subprocess.run(["sh", "-e", "-c", block], cwd=folder, env={**os.environ, "PATH": path},
                                      capture_output=True, timeout=300, check=False)
                assert done.returncode == 0, f"{block}\nstatus {done.returncode}\n{done.stderr.decode()}"

    if not program.quick:
        yield "the commands of docs/guide.md", guide
