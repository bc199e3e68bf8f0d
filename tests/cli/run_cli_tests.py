#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command-line tests: the program as a user meets it.

usage: run_cli_tests.py [--update] [--quick] [-j N] SURETY [NAME]

SURETY is the program under test, NAME a part of the names of the tests to run. `--update` writes the golden files anew
(read the difference before you keep it), `--quick` leaves out what takes seconds, for slow builds, `-j` runs N tests at a time (default: one per processor). The slowest
are listed. Standard library only.
Exit status 1 when a test failed.
"""

import argparse
import concurrent.futures
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cli_backtest
import cli_catalog
import cli_check
import cli_contracts
import cli_documents
import cli_export
import cli_fit
import cli_flips
import cli_golden
import cli_joint
import cli_offers
import cli_output
import cli_replay
import cli_report
import cli_requests
import cli_reserved
import cli_show
import cli_usage
from cli_harness import Program

SLOWEST = 10  # tests that are listed


MODULES = (cli_documents, cli_golden, cli_joint, cli_offers, cli_catalog, cli_fit, cli_flips, cli_contracts, cli_backtest, cli_report, cli_replay,
           cli_requests, cli_reserved, cli_show, cli_check, cli_export, cli_output, cli_usage)  # longest first


def run(name, test):
    """(name, seconds, what is wrong or None)"""
    started, problem = time.monotonic(), None
    try:
        test()
    except AssertionError as error:
        problem = str(error)
    except Exception:  # a broken test is a failed test, with its trace
        problem = "\n" + traceback.format_exc()
    return name, time.monotonic() - started, problem


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("surety")
    parser.add_argument("name", nargs="?", default="")
    options = parser.parse_args()
    program = Program(os.path.abspath(options.surety), options.quick, options.update)
    tests = [test for module in MODULES for test in module.tests(program) if options.name in test[0]]
    jobs = 1 if options.update else max(1, options.jobs)  # several blocks of a page are written one after the other
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(lambda test: run(*test), tests))
    failed = [(name, problem) for name, _, problem in done if problem is not None]
    for name, problem in failed:
        print(f"FAILED {name}: {problem}")
    if len(done) > SLOWEST:
        print(f"the slowest of {len(done)} tests, {jobs} at a time:")
        for name, seconds, _ in sorted(done, key=lambda row: -row[1])[:SLOWEST]:
            print(f"  {seconds:6.1f} s  {name}")
    print(f"command line: {len(done) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
