#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the entries of the catalogue as a C source.

usage: embed_catalog.py OUTPUT.c NAME.yaml...

Each file becomes the entry with the file's name; order: as given. Called by the build, standard library only.
"""

import os
import sys

ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "?": "\\?"}


def literal(line):
    """a line as a C string literal; bytes beyond ASCII in octal, which ends after three digits"""
    text = "".join(ESCAPES.get(c, c) if ord(c) < 128 else "".join(f"\\{b:03o}" for b in c.encode()) for c in line)
    return f'"{text}\\n"'


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.split("\n\n")[1])
    lines = ["// SPDX-License-Identifier: GPL-3.0-or-later", "// Written by embed_catalog.py.",
             '#include "models/catalog.h"', "", "const struct surety_catalog_entry surety_catalog_entries[] = {"]
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as handle:
            text = handle.read().splitlines()
        name = os.path.splitext(os.path.basename(path))[0]
        lines += [f'    {{"{name}",'] + ["     " + literal(line) for line in text] + ["    },"]
    lines += ["    {0, 0},", "};", ""]
    with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as handle:
        handle.write("\n".join(lines))


if __name__ == "__main__":
    main()
