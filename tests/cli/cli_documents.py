# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples in README.md and docs/ run, and print what the page shows.

A ```yaml block with a line `surety: 1` is a scenario and has to run. In a ```console block each line `$ build/surety ...`
is run; when lines follow it, they are exactly what it prints. `--update` writes them anew.
"""

import os
import re
import shlex

from cli_harness import ROOT

BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.M | re.S)


def pages():
    yield os.path.join(ROOT, "README.md")
    folder = os.path.join(ROOT, "docs")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".md"):
            yield os.path.join(folder, name)


def read(path):
    with open(path, encoding="utf-8") as handle:
        return handle.read()


def replay(program, block):
    """the block with the output that its commands print now"""
    parts = re.split(r"^(\$ .*\n)", block, flags=re.M)
    text = parts[0]
    for command, shown in zip(parts[1::2], parts[2::2]):
        words = shlex.split(command[2:], comments=True)
        if words[0] == "build/surety" and shown.strip():
            done = program.run(*words[1:]).expect(0, None, "")
            shown = done.out + ("\n" if shown.endswith("\n\n") and not done.out.endswith("\n\n") else "")
        elif words[0] == "build/surety":
            program.run(*words[1:]).expect(0)
        text += command + shown
    return text


def tests(program):
    def scenario(text):
        program.run("run", "-", "--replications", "300", stdin=text).expect(0, None, "")

    def console(path, block):
        found = replay(program, block)
        if program.update and found != block:
            page = read(path)
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(page.replace(block, found))
        else:
            assert found == block, f"the page shows\n{block}\nthe program prints\n{found}"

    for path in pages():
        if not os.path.exists(path):
            continue
        for number, match in enumerate(BLOCK.finditer(read(path)), 1):
            name = f"{os.path.basename(path)}, block {number}"
            kind, block = match.groups()
            if kind == "yaml" and re.search(r"^surety: 1$", block, re.M):
                yield name, lambda block=block: scenario(block)
            elif kind == "console" and not program.quick:
                yield name, lambda path=path, block=block: console(path, block)
