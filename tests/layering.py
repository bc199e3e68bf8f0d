#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house that a compiler does not check.

usage: layering.py [ROOT]

A folder may include only what stands before it in LAYERS, and nobody includes sim/cli. Libraries do not print, exit or
read the environment; no file is longer than 500 lines; each source names its licence and is in its folder's list of
sources; structs keep their tag; all places that name the version name the same. The test first plants one violation of each rule in a scratch tree and fails when one is
not found. Exit status 1 on a finding.
"""

import os
import re
import sys
import tempfile

LAYERS = ("include", "sim/base", "sim/record", "sim/fit", "sim/scenario", "models", "sim/check", "sim/engine", "sim/requests", "plots", "sim/cli")
SOURCES = (".c", ".h", ".inc")
LICENCED = SOURCES + (".py", ".sh")
MAX_LINES = 500
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
LIBRARY_RULES = (  # what no library does
    (re.compile(r"(?<![\w.>])(exit|_exit|abort|quick_exit)\s*\("), "ends the program"),
    (re.compile(r"(?<![\w.>])(printf|puts|putchar|perror)\s*\("), "prints"),
    (re.compile(r"\b(stdout|stderr)\b"), "uses the program's streams"),
    (re.compile(r"(?<![\w.>])(getenv|setlocale|rand|srand|time)\s*\("), "depends on the surroundings"),
    (re.compile(r"(?<![\w.>])(lgamma|strtok|localtime|gmtime)\s*\("), "writes what all threads share"),
)
TYPEDEF = re.compile(r"^\s*typedef\s+struct\b")
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def layer_of(path):
    """index in LAYERS of a path relative to the root, None outside"""
    for index, folder in enumerate(LAYERS):
        if path.startswith(folder + "/"):
            return index
    return None


def resolve(root, path, name):
    """the included file relative to the root, as the compiler would find it; None when it is not in the tree"""
    for base in (os.path.dirname(path), "", "include") + (("sim",) if path.startswith("tests/") else ()):
        candidate = os.path.normpath(os.path.join(base, name))
        if os.path.isfile(os.path.join(root, candidate)):
            return candidate
    return None


def without_comments(text):
    """comments and strings blanked, lines kept"""
    return COMMENT.sub(lambda match: "\n" * match.group(0).count("\n") + '""', text)


def check_includes(root, path, lines):
    own = layer_of(path)
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match is None:
            continue
        target = resolve(root, path, match.group(1))
        if target is None:
            yield f'{path}:{number}: includes "{match.group(1)}", which is not in the tree'
            continue
        layer = layer_of(target)
        if layer is None:
            if own is not None:
                yield f"{path}:{number}: includes {target}, which is outside the layers"
        elif layer == len(LAYERS) - 1 and own != layer:
            yield f"{path}:{number}: includes {target}: nobody includes {LAYERS[-1]}"
        elif own is not None and layer > own:
            yield f"{path}:{number}: includes {target}: {LAYERS[own]} stands before {LAYERS[layer]}"


def check_file(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as handle:
        text = handle.read()
    lines = text.splitlines()
    if LICENCE not in "\n".join(lines[:3]):
        yield f"{path}:1: no line with {LICENCE}"
    if len(lines) > MAX_LINES:
        yield f"{path}: {len(lines)} lines, at most {MAX_LINES}"
    if not path.endswith(SOURCES):
        return
    yield from check_includes(root, path, lines)
    in_library = layer_of(path) not in (None, len(LAYERS) - 1)
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        if TYPEDEF.match(line):
            yield f"{path}:{number}: typedef of a struct"
        for pattern, what in LIBRARY_RULES if in_library else ():
            if pattern.search(line):
                yield f"{path}:{number}: {what}: {line.strip()}"


def check_lists(root):
    """a source that its folder's list of sources does not name would be left out of the build in silence"""
    for folder in LAYERS[1:] + ("tests/unit", "tests/stat", "tests/stress", "tests/bench", "tests/fuzz"):
        path = ("tests" if folder.startswith("tests/") else folder) + "/meson.build"
        if not os.path.isfile(os.path.join(root, path)):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as handle:
            text = handle.read()
        for name in sorted(os.listdir(os.path.join(root, folder))):
            # kernel_avx2.c is listed by its instruction set, with its flags
            listed = (os.path.relpath(os.path.join(folder, name), os.path.dirname(path)), name.split("_", 1)[-1][:-2])
            if name.endswith(".c") and "run_command(" not in text and not any(f"'{item}'" in text for item in listed):
                yield f"{folder}/{name}: not in {path}"


VERSIONS = (  # file, where it names the version of what is being built
    ("meson.build", re.compile(r"^project\(.*?\bversion: '([^']*)'", re.M | re.S)),
    ("debian/changelog", re.compile(r"\Asurety \(([^)]*)\)")),
    ("CHANGELOG.md", re.compile(r"^## (\d+\.\d+\.\d+)", re.M)),
)


def check_versions(root):
    found = {}
    for path, pattern in VERSIONS:
        if os.path.isfile(os.path.join(root, path)):
            with open(os.path.join(root, path), encoding="utf-8") as handle:
                match = pattern.search(handle.read())
            found[path] = match.group(1) if match else "none"
    if len(set(found.values())) > 1:
        yield "debian/changelog: one version everywhere: " + ", ".join(f"{path} {v}" for path, v in found.items())


def check_tree(root):
    findings = list(check_lists(root)) + list(check_versions(root))
    n_files = 0
    for top in ("include", "sim", "models", "plots", "tests"):
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(LICENCED):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    findings += check_file(root, path)
                    n_files += 1
    return n_files, findings


def self_test():
    """one violation of each rule, each in its own file; returns those that were not found"""
    head = f"// {LICENCE}\n"
    planted = {
        "sim/base/upwards.c": head + '#include "models/model.h"\n',
        "sim/scenario/model.c": head + '#include "../../models/model.h"\n',
        "models/cli.c": head + '#include "sim/cli/command.h"\n',
        "tests/unit/cli.c": head + '#include "sim/cli/command.h"\n',
        "plots/nowhere.c": head + '#include "no/such.h"\n',
        "plots/print.c": head + 'void f(void);\nvoid f(void)\n{\n    printf("%d", 1);\n}\n',
        "sim/engine/exit.c": head + "void f(void)\n{\n    exit(1);\n}\n",
        "sim/base/environment.c": head + 'const char *f(void)\n{\n    return getenv("HOME");\n}\n',
        "models/shared.c": head + "double f(double x);\ndouble f(double x)\n{\n    return lgamma(x);\n}\n",
        "sim/base/typedef.h": head + "typedef struct { int a; } a_t;\n",
        "sim/base/long.c": head + "\n" * MAX_LINES,
        "sim/base/licence.c": "int a;\n",
        "sim/engine/unlisted.c": head,
        "debian/changelog": "surety (0.2.0) bookworm; urgency=medium\n",
    }
    harmless = {
        "models/model.h": head,
        "sim/engine/meson.build": "sources += files('exit.c', 'listed.c')\n",
        "sim/engine/listed.c": head,
        "meson.build": "project('surety', 'c', version: '0.1.0')\n",
        "sim/cli/command.h": head,
        "sim/cli/main.c": head + '#include "plots/report.h"\n#include "command.h"\nint main(void)\n{\n    exit(0);\n}\n',
        "plots/report.h": head + '#include "models/model.h"\n// it prints: printf("x"), exit(1), stdout\n',
        "tests/unit/model.c": head + '#include "models/model.h"\n',
    }
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**planted, **harmless}.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as handle:
                handle.write(text)
        _, findings = check_tree(root)
    found = {finding.split(":")[0] for finding in findings}
    missed = [f"self-test: not found: {path}" for path in planted if path not in found]
    return missed + [f"self-test: wrongly found: {path}" for path in harmless if path in found]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    problems = self_test()
    n_files, findings = check_tree(root)
    for line in problems + findings:
        print(line)
    n_bad = len({line.split(":")[0] for line in findings})
    print(f"layering: {n_files - n_bad} files passed, {n_bad} failed; {len(problems)} problems in the self-test")
    return 1 if problems or findings else 0


if __name__ == "__main__":
    sys.exit(main())
