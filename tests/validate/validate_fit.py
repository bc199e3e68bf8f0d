#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare `surety fit outages --table icpe25` with the published table and with reference fits of the same series.

usage: validate_fit.py DATA_DIR SURETY

1. DATA_DIR/validation/icpe25_published_table.csv: mean time to repair, mean time between failures (of incidents), mean
   and lowest daily availability, days without and with an outage (of minutes a day) have to agree to the printed digit.
2. DATA_DIR/validation/distribution_fits.csv, dataset icpe25: for 16 series of gaps and repair times the parameters of
   four laws have to agree within 1 %, AIC within 0.1 % and the order of the laws by AIC exactly.

Exit status: 0 all agree; 1 not; 2 wrong usage or data; 3 surety failed. Standard library only.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import sys


def fail(status, message):
    print(f"validate_fit.py: {message}", file=sys.stderr)
    sys.exit(status)


def rows(path):
    try:
        with open(path, newline="", encoding="utf-8") as handle:
            return list(csv.DictReader(handle))
    except OSError as error:
        fail(2, f"{path}: {error}")


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        fail(3, f"{command[0]}: {error}")
    if done.returncode != 0:
        fail(3, f"surety ended with status {done.returncode}\n{done.stderr}")
    return done.stdout


def check_table(published, by_incidents, by_days):
    """number of cells that agree, of all"""
    good = total = 0
    columns = (("mttr_h", by_incidents), ("mtbf_d", by_incidents), ("mean_daily_avail_pct", by_days),
               ("min_daily_avail_pct", by_days), ("days_at_100_pct", by_days), ("outage_days_pct", by_days),
               ("outage_days", by_days))
    print(f"{'service':<22}" + "".join(f" {name[:20]:>20}" for name, _ in columns))
    for row in published:
        cells = []
        for name, table in columns:
            got = table.get(row["service_key"].lower(), {}).get(name)
            same = got is not None and float(got) == float(row[name])
            good, total = good + same, total + 1
            cells.append(f"{got if same else f'{got} not {row[name]}':>20}")
        print(f"{row['service_key']:<22} " + " ".join(cells))
    return good, total


def reference(row):
    """law -> (parameters as surety has them, AIC)"""
    number = {key: float(value) for key, value in row.items() if key not in ("dataset", "group", "variable", "unit", "best_by_aic")}
    k, scale = number["weibull_k"], number["weibull_scale"]
    return {"exponential": ((number["mean"],), number["exp_aic"]),
            "weibull": ((k, scale * math.gamma(1 + 1 / k)), number["weibull_aic"]),
            "gamma": ((number["gamma_shape"], number["gamma_shape"] * number["gamma_scale"]), number["gamma_aic"]),
            "lognormal": ((math.exp(number["lognorm_mu"]), number["lognorm_sigma"]), number["lognorm_aic"])}


def check_fits(fits, references):
    good = n = 0
    print(f"{'series':<28} {'n':>4} {'worst parameter':>16} {'worst AIC':>10}  order by AIC")
    for row in references:
        if row["dataset"] != "icpe25":
            continue
        n += 1
        name = f"{row['group']} {row['variable']}"
        got = fits.get(row["group"], {}).get({"gap": "gap_d", "ttr": "repair_h"}[row["variable"]])
        if got is None or got["n"] != int(row["n"]):
            print(f"{name:<28} {row['n']:>4} {'not found' if got is None else got['n']}")
            continue
        want = reference(row)
        worst = max(abs(a / b - 1) for law, (values, _) in want.items() for a, b in zip(got[law]["parameters"], values))
        aic = max(abs(got[law]["aic"] / value - 1) for law, (_, value) in want.items())
        order = sorted(want, key=lambda law: got[law]["aic"])
        same = order == sorted(want, key=lambda law: want[law][1]) and worst <= 0.01 and aic <= 0.001
        good += same
        print(f"{name:<28} {row['n']:>4} {100 * worst:>14.4f} % {100 * aic:>8.4f} %  {', '.join(order)}"
              + ("" if same else "  DIFFERS"))
    return good, n


def main():
    parser = argparse.ArgumentParser(description="compare fits with published ones", allow_abbrev=False)
    parser.add_argument("data_dir", metavar="DATA_DIR")
    parser.add_argument("surety", metavar="SURETY", help="path of the program")
    arguments = parser.parse_args()
    folder = os.path.join(arguments.data_dir, "incidents_nolicence")
    incidents = os.path.join(folder, "llm_incidents_icpe25.csv")
    days = os.path.join(folder, "llm_daily_outage_minutes_2021_2024.csv")
    command = (arguments.surety, "fit", "outages", "--table", "icpe25")

    def table(path):
        return {row["service"].lower(): row for row in csv.DictReader(run(*command, path).splitlines())}

    good, total = check_table(rows(os.path.join(arguments.data_dir, "validation", "icpe25_published_table.csv")),
                              table(incidents), table(days))
    print(f"{good} of {total} published values are reproduced to the printed digit\n")
    fits = json.loads(run(*command, incidents, "--json", "-"))
    good_fits, total_fits = check_fits(fits, rows(os.path.join(arguments.data_dir, "validation", "distribution_fits.csv")))
    print(f"{good_fits} of {total_fits} series have the reference's parameters, AIC and order")
    sys.exit(0 if (good, good_fits) == (total, total_fits) and total > 0 and total_fits == 16 else 1)


if __name__ == "__main__":
    main()
