# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands, options, exit statuses, messages."""

import os
import re

from cli_harness import ROOT, SMALL

ALL_COMMANDS = {"run", "init", "catalog", "check", "show", "replay", "compare", "sweep", "size", "fit", "backtest", "report",
                "verify", "export", "merge", "schema", "explain", "man", "version"}
RUN_OPTIONS = ("--json", "--set", "--replications", "--precision", "--seed", "--threads", "--quiet")

WRONG = (  # arguments, what standard error says; all have status 2
    ((), r"usage: surety COMMAND"),
    (("rnu",), r'error\[usage\].*no command "rnu".*did you mean "run"'),
    (("nonsense",), r"surety --help"),
    (("run",), r"usage: surety run FILE"),
    (("run", "a.yaml", "b.yaml"), r'unexpected argument "b.yaml"'),
    (("run", "-", "--replication", "9"), r'did you mean "--replications"'),
    (("run", "-", "--zzz"), r'no option "--zzz"'),
    (("run", "-", "-x"), r'no option "-x"'),
    (("run", "-", "--seed"), r'"--seed" needs a value'),
    (("run", "-", "--quiet=yes"), r'"--quiet" takes no value'),
    (("run", "-", "--set", "months"), r"PATH=VALUE"),
    (("run", "-", "--set", "=3"), r"PATH=VALUE"),
    (("schema", "x"), r'unexpected argument "x"'),
    (("version", "--seed", "1"), r'no option "--seed" for `surety version`'),
    (("explain",), r"usage: surety explain KEY\|ERROR-ID"),
    (("run", "no-such-file.yaml"), r"error\[file\].*No such file"),
)
WRONG_VALUES = {
    "--replications": ("0", "-1", "1.5", "1e3", "10x", "", "k", "0x10", "2000G", "nan", " 5", "1kk"),
    "--seed": ("-1", "1.5", "18446744073709551616", "", "0x1", "1k"),
    "--threads": ("0", "-1", "1.5", "1025", "many"),
    "--precision": ("0", "0.51", "-0.1", "51%", "x", "1e-3"),
    "--json": ("",),
}

ONE_MISTAKE = (  # of SMALL: what is replaced, by what, the one error
    ("time_to_repair: 2h", "time_to_repiar: 2h", r":6:47: error\[unknown-key\].*did you mean 'time_to_repair'"),
    ("detect: 60s", "detcet: 60s", r":8:66: error\[unknown-key\].*did you mean 'detect'"),
    ("order:", "oder:", r":8:47: error\[unknown-key\].*did you mean 'order'"),
    ("measure: time", "mesure: time", r":9:27: error\[unknown-key\].*did you mean 'measure'"),
    ("{availability: {", "{availabilty: {", r":9:12: error\[unknown-key\].*did you mean 'availability'"),
    ("workloads:", "worklods:", r":4:1: error\[unknown-key\].*did you mean 'workloads'"),
    ("detect: 60s", "detect: 1ms, success: 0.000001%", r":8:88: error\[too-large\].*7200 s makes about 7.2e\+06 attempts"),
    ("detect: 60s", "detect: 1ms, success: 0%", r":8:88: error\[too-large\].*a longer `retry_switch`"),
    ("demand: 30/min", "demand: 1000000000000/s", r":4:13: error\[too-large\]: workloads\.calls"),
    ("contract: {", "contract: {fee: 1000000000000 USD/month, ", r":9:17: error\[too-large\]: contract\.tiers\.standard"),
)


def tests(program):
    def wrong(arguments, pattern):
        return lambda: program.run(*arguments, stdin=SMALL).expect(2, "", pattern)

    overview = program.run("--help").expect(0, r"usage: surety COMMAND", "").out
    later = re.search(r"^not supported yet: (.*)$", overview, re.M)
    later = later.group(1).split() if later else []
    commands = re.findall(r"^  (\w+) ", overview, re.M)

    def overview_is_complete():
        assert set(commands) | set(later) == ALL_COMMANDS and not set(commands) & set(later), overview
        assert program.run("-h").expect(0).out == overview

    yield "help", overview_is_complete

    def manual_is_complete():
        page = program.run("man").expect(0, r"^\.TH SURETY 1 ", "").out
        assert re.findall(r"^\.SS (\w+) ", page, re.M) == commands, page
        for command in commands:
            section = page.split(f"\n.SS {command} ")[1].split("\n.S")[0]
            listed = {row.replace("\\-", "-") for row in re.findall(r"^\.B (\S+)", section, re.M)}
            helped = set(re.findall(r"^  (--[\w-]+)", program.run(command, "--help").out, re.M)) - {"--help"}
            assert listed == helped, (command, listed ^ helped)
        assert not re.search(r"[^\\]--", page), "a dash that roff prints as a hyphen"

    yield "manual page", manual_is_complete

    for arguments, pattern in WRONG:
        yield "wrong: " + " ".join(arguments), wrong(arguments, pattern)
    for option, values in WRONG_VALUES.items():
        for value in values:
            arguments = ("run", "-", f"{option}={value}")
            yield f"wrong value: {option}={value}", wrong(arguments, rf"is not a value for {option}")
    for command in later:
        yield f"later: {command}", wrong((command, "x"), rf'command "{command}" is not supported yet')
        yield f"later: {command} --help", wrong((command, "--help"), rf'command "{command}" is not supported yet')

    def later_options():
        known = program.run("run", "--help").expect(0).out
        for option in ("--report=x.html", "--csv=x", "--plot", "--rare=auto", "--require=premium"):
            if option.split("=")[0] not in known:
                program.run("run", "-", option, stdin=SMALL).expect(2, "", r"error\[unsupported\].*is not supported yet")

    yield "options that are not supported yet", later_options

    def all_mistakes_listed():
        done = program.run("run", "-", "--seed", "x", "--threads", "0", "--bogus").expect(2, "")
        assert done.err.count("error[usage]") == 3 and "3 errors" in done.err, done.err

    yield "all usage mistakes are listed", all_mistakes_listed

    def help_of_command(command):
        text = program.run(command, "--help").expect(0, rf"usage: surety {command}", "").out
        assert command != "run" or all(option in text for option in RUN_OPTIONS), text
        assert max(map(len, text.splitlines())) <= 120, text

    for command in commands:
        yield f"help of {command}", lambda command=command: help_of_command(command)

    def version():
        first = program.run("version").expect(0, r"^surety \d+\.\d+\.\d+\n", "").out
        assert first == program.run("--version").expect(0).out
        assert "GPL-3.0-or-later" in first

    yield "version", version

    def counts():
        for text, n in (("500", 500), ("1k", 1000), ("1.1k", 1100), ("0.002M", 2000)):
            found = program.run("run", "-", "--json", "-", "--quiet", "--replications", text, stdin=SMALL).expect(0)
            assert found.json()["run"]["replications"] == n, text

    yield "replications with suffixes", counts

    def seed():
        found = program.small("--json=-", "--seed=18446744073709551615").expect(0)
        assert found.json()["run"]["seed"] == 2**64 - 1
        assert found.out != program.small("--json=-", "--seed", "1").out

    yield "seed", seed

    def precision():
        found = program.run("run", "-", "--json", "-", "--precision", "2pp", stdin=SMALL).expect(0).json()
        for architecture in found["architectures"]:
            for tier in architecture["tiers"]:
                width = (tier["term_met"]["hi"] - tier["term_met"]["lo"]) / 2
                assert width <= 0.02, (architecture["name"], tier["name"], width)
        assert found["run"]["replications"] % 4096 == 0, found["run"]

    yield "precision", precision

    def override():
        plain = program.small("--json", "-").expect(0).json()
        worse = program.small("--json", "-", "--set", "providers.one.outages.all.time_to_repair=20h", "--set",
                              "term.months=2").expect(0).json()
        assert worse["run"]["windows"] == 2
        assert worse["architectures"][0]["availability"]["mean"] < plain["architectures"][0]["availability"]["mean"]
        program.small("--set", "providers.one.outages.all.time_to_repiar=20h").expect(2, "", r"time_to_repair")
        program.small("--set", "term.months=many").expect(2, "", r"months")

    yield "--set", override

    def broken_scenario():
        text = SMALL.replace("detect: 60s", "detect: 60").replace("two]", "tow]").replace("months: 3", "month: 3")
        done = program.run("run", "-", stdin=text).expect(2, "", r"3 errors")
        assert re.search(r":3:\d+: error\[unknown-key\].*months", done.err), done.err
        assert done.err.count("^") >= 3, done.err

    yield "a broken scenario lists all its mistakes", broken_scenario

    def hostile(path):
        done = program.run("run", path, "--replications", "100")
        assert done.status in (0, 2), f"{path}: status {done.status}\n{done.err[:2000]}"

    found = os.path.join(ROOT, "tests", "fuzz", "found")
    for name in sorted(os.listdir(found)):
        yield f"once found by fuzzing: {name}", lambda name=name: hostile(os.path.join(found, name))

    def double_dash():
        program.run("run", "--replications", "100", "--", "-", stdin=SMALL).expect(0)

    yield "-- ends the options", double_dash

    def explain():
        for word in ("unknown-key", "usage", "unsupported", "contract.tiers", "term.months"):
            program.run("explain", word).expect(0, r"\w", "")
        program.run("explain", "no-such-thing").expect(2, "", r"no-such-thing")

    yield "explain", explain

    def schema():
        document = program.run("schema").expect(0, None, "").json()
        assert "properties" in document and "providers" in str(document), list(document)

    yield "schema", schema

    def one_mistake(old, new, pattern):
        """the scenario with one slip has one error, at its place"""
        assert old in SMALL, old
        done = program.small(scenario=SMALL.replace(old, new, 1)).expect(2, "", pattern)
        assert done.err.count("error[") == 1, done.err

    def too_long():
        scenario = SMALL.replace("months: 3}", "months: 1200}").replace("contract: {", "contract: {window: 100d, ")
        done = program.small(scenario=scenario).expect(2, "", r":3:35: error\[too-large\]: term\.months: the term is too long")
        assert done.err.count("error[") == 1, done.err

    yield "one mistake: the term is too long", too_long
    for old, new, pattern in ONE_MISTAKE:
        yield f"one mistake: {new}", lambda old=old, new=new, pattern=pattern: one_mistake(old, new, pattern)
