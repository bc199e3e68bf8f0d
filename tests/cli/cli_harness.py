# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the program and looking at what it did."""

import hashlib
import json
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
GOLDEN = os.path.join(HERE, "golden")

# The smallest scenario that can be said without the catalogue; quick to run.
SMALL = """surety: 1
name: small
term: {start: 2027-01-01, months: 3}
workloads: {calls: {demand: 30/min}}
providers:
  one: {outages: {all: {time_to_failure: 30d, time_to_repair: 2h}}}
  two: {outages: {all: {time_to_failure: 20d, time_to_repair: 1h}}}
architectures: {alone: one, both: {failover: {order: [one, two], detect: 60s}}}
contract: {availability: {measure: time}, tiers: {standard: {availability: 99.5%}, premium: {availability: 99.9%}}}
"""


class Done:
    """A finished run: status, out, err as text."""

    def __init__(self, arguments, status, out, err):
        self.arguments, self.status, self.out, self.err = arguments, status, out, err

    def expect(self, status, out=None, err=None):
        """fails unless the status is `status` and out and err match the patterns; "" asks for nothing written"""
        what = f"surety {' '.join(self.arguments)}: status {self.status}\n--- out\n{self.out[:2000]}\n--- err\n{self.err[:2000]}"
        assert self.status == status, f"expected status {status}; {what}"
        for pattern, text in ((out, self.out), (err, self.err)):
            if pattern == "":
                assert text == "", f"expected silence; {what}"
            elif pattern is not None:
                assert re.search(pattern, text), f"expected /{pattern}/; {what}"
        return self

    def json(self):
        return parse(self.out)


def parse(text):
    """the JSON document, with nothing that JSON does not know and no key twice"""
    return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)


def _refuse(word):
    raise AssertionError(f"JSON holds {word}")


def _unique(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


class Program:
    def __init__(self, path, quick, update):
        self.path, self.quick, self.update = path, quick, update

    def run(self, *arguments, stdin="", cwd=ROOT, stdout=subprocess.PIPE, timeout=300):
        """runs `surety ARGUMENTS`; stdin may be text or bytes"""
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run([self.path, *arguments], input=data, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd,
                              timeout=timeout, check=False)
        return Done(arguments, done.returncode, (done.stdout or b"").decode(), done.stderr.decode())

    def small(self, *arguments, scenario=SMALL):
        """runs a scenario from standard input with few replications"""
        return self.run("run", "-", "--replications", "200", *arguments, stdin=scenario)


def without_run_conditions(text):
    """the JSON text without what may differ between runs: wall time and number of threads"""
    return re.sub(r'("(?:wall_s|threads)"): [-+.0-9e]+', r"\1: 0", text)


def for_golden(text):
    """the same with each histogram as its number of bins and a digest, so that a golden file can be read"""

    def digest(match):
        bins = match.group(1).count("[")
        return f'"histogram": "{bins} bins, sha256 {hashlib.sha256(match.group(1).encode()).hexdigest()[:16]}"'

    return re.sub(r'"histogram": \[(.*)\]', digest, without_run_conditions(text))
