#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command-line tests: the program as a user meets it.

usage: run_cli_tests.py [--update] [--quick] SURETY [NAME]

SURETY is the program under test, NAME a part of the names of the tests to run. `--update` writes the golden files anew
(read the difference before you keep it), `--quick` leaves out what takes seconds, for slow builds. Standard library only.
Exit status 1 when a test failed.
"""

import argparse
import os
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cli_catalog
import cli_documents
import cli_flips
import cli_golden
import cli_output
import cli_report
import cli_requests
import cli_show
import cli_usage
from cli_harness import Program


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("surety")
    parser.add_argument("name", nargs="?", default="")
    options = parser.parse_args()
    program = Program(os.path.abspath(options.surety), options.quick, options.update)
    modules = (cli_usage, cli_output, cli_report, cli_requests, cli_show, cli_golden, cli_catalog, cli_flips, cli_documents)
    tests = [test for module in modules for test in module.tests(program)]
    passed, failed = 0, []
    for name, test in tests:
        if options.name not in name:
            continue
        try:
            test()
            passed += 1
        except AssertionError as error:
            failed.append(name)
            print(f"FAILED {name}: {error}")
        except Exception:  # a broken test is a failed test, with its trace
            failed.append(name)
            print(f"FAILED {name}:\n{traceback.format_exc()}")
    print(f"command line: {passed} passed, {len(failed)} failed")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
