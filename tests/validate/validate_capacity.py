#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch server against a measured load sweep of a language model on one GPU: where is the knee?

usage: validate_capacity.py DATA_DIR SURETY [DOCS_DIR]

DATA_DIR/latency/inference_perf_load_sweep.csv holds stages of 60 s at rising rates (inference-perf, Llama-3-8B under vLLM,
configuration `vllm`). The law of the batch, step + per_request x batch, is calibrated on the four lowest rates: with d
the mean time from the first to the last of N tokens, the mean batch that a request sees is 1 + rate x d, so that
d = N (step + per_request (1 + rate d)); least squares of the relative errors of d. The times to the first token are
those of the lowest rate. The largest batch is not in these four stages: it is 128, the power of two above the 124
requests that by Little's law are in the batch once it is full. 300 more may wait: the load generator never has more than
440 requests under way. Its tpot columns are half of (e2e - ttft) / tokens and are not used.

Then SURETY says how the server answers at each rate. Judged: p95 end to end below the knee within 20 % of the measured
one, and the rate that comes through at the highest rate within 15 % of the measured 103/s. Both curves are drawn into
DOCS_DIR/knee.svg by gnuplot (default: the project's docs).

Exit status: 0 when all hold, 1 when not, 2 wrong usage or data, 3 when surety failed. Standard library only.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

CONFIG, N_CALIBRATED, LARGEST_BATCH, QUEUE = "vllm", 4, 128, 300
P95_TOLERANCE, SATURATION_TOLERANCE = 0.20, 0.15


def fail(status, message):
    print(f"validate_capacity.py: {message}", file=sys.stderr)
    sys.exit(status)


def read_stages(data_dir):
    path = os.path.join(data_dir, "latency", "inference_perf_load_sweep.csv")
    try:
        with open(path, newline="", encoding="utf-8") as handle:
            rows = [row for row in csv.DictReader(handle) if row["config"] == CONFIG]
        stages = [{k: float(v) for k, v in row.items() if k not in ("config", "stage")} for row in rows]
    except (OSError, KeyError, ValueError) as error:
        fail(2, f"{path}: {error}")
    if len(stages) <= N_CALIBRATED:
        fail(2, f"{path}: too few stages of {CONFIG}")
    return sorted(stages, key=lambda stage: stage["achieved_rps"])


def decode_s(stage):
    return stage["e2e_mean_s"] - stage["ttft_mean_s"]


def model_s(step, per_request, rate, tokens):
    return tokens * (step + per_request) / (1 - rate * tokens * per_request)


def calibrate(stages):
    """step and per_request by Gauss and Newton's method with numerical derivatives"""
    x = [stages[0]["tpot_mean_s"] * 2, 1e-4]

    def residuals(x):
        return [
            model_s(x[0], x[1], s["achieved_rps"], s["mean_output_tokens"]) / decode_s(s) - 1 for s in stages
        ]

    for _ in range(50):
        r = residuals(x)
        columns = []
        for k in range(2):
            moved = list(x)
            moved[k] *= 1 + 1e-6
            columns.append([(b - a) / (x[k] * 1e-6) for a, b in zip(r, residuals(moved))])
        a = sum(u * u for u in columns[0])
        b = sum(u * v for u, v in zip(*columns))
        c = sum(v * v for v in columns[1])
        g = [sum(u * v for u, v in zip(column, r)) for column in columns]
        det = a * c - b * b
        x = [x[0] - (c * g[0] - b * g[1]) / det, x[1] - (a * g[1] - b * g[0]) / det]
    return x


def answer(surety, first, law, rate, tokens):
    """(p95 end to end or None, share refused)"""
    text = f"""surety: 1
term: {{start: 2027-01-01, months: 1}}
workloads: {{w: {{demand: {rate:.6f}/s, tokens: {{input: 1, output: {tokens:.4f}}}}}}}
providers:
  gpu:
    outages: none
    latency: {{first_token: {{lognormal: {{p50: {first['ttft_p50_s'] * 1000:.4f}ms, p95: {first['ttft_p95_s'] * 1000:.4f}ms}}}}}}
    capacity: {{concurrency: {LARGEST_BATCH}, queue: {QUEUE}, batch: {{step: {law[0] * 1000:.6f}ms, per_request: {law[1] * 1000:.6f}ms}}}}
architectures: {{alone: gpu}}
contract: {{availability: {{measure: requests, counts: expected}}}}
"""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        run = subprocess.run(
            [surety, "run", handle.name, "--replications", "64", "--quiet", "--json", "-"],
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode != 0:
        fail(3, run.stderr.strip())
    a = json.loads(run.stdout)["architectures"][0]
    return a["latency"]["w"]["end_to_end"]["p95_s"], a["capacity"][0]["share_refused"]


FIGURE = """set terminal svg size 760,460 dynamic noenhanced font 'sans-serif,13' background rgb '#ffffff' linewidth 1 butt
set encoding utf8
set output '{path}'
set border 3 linecolor rgb '#57606a'
set tics nomirror scale 0 textcolor rgb '#57606a'
set grid linecolor rgb '#dde2e7' linewidth 1
set xrange [0:{most:g}]
$measured << EOD
{measured}
EOD
$model << EOD
{model}
EOD
set multiplot
set lmargin at screen 0.10
set rmargin at screen 0.97
set tmargin at screen 0.96
set bmargin at screen 0.55
set yrange [0:125]
set format x ''
set ylabel 'answered (requests/s)'
set key bottom right
plot $model using 1:2 with lines linecolor rgb '#0072B2' linewidth 2.2 title 'model', \\
  $measured using 1:($4 == 1 ? $2 : NaN) with points pointtype 7 pointsize 0.9 linecolor rgb '#1b1f24' title \\
  'measured, the batch is calibrated on these', \\
  $measured using 1:($4 == 0 ? $2 : NaN) with points pointtype 6 pointsize 0.9 linecolor rgb '#1b1f24' title 'measured'
set tmargin at screen 0.49
set bmargin at screen 0.12
set yrange [0:5]
set format x '%g'
set xlabel 'requests/s that come'
set ylabel 'p95 end to end (s)'
unset key
plot $model using 1:3 with lines linecolor rgb '#0072B2' linewidth 2.2, \\
  $measured using 1:($4 == 1 ? $3 : NaN) with points pointtype 7 pointsize 0.9 linecolor rgb '#1b1f24', \\
  $measured using 1:($4 == 0 ? $3 : NaN) with points pointtype 6 pointsize 0.9 linecolor rgb '#1b1f24'
unset multiplot
"""


def draw(path, stages, calibrated, model):
    measured = "\n".join(
        f"{s['requested_rps']:.4f} {s['served_rps']:.4f} {s['e2e_p95_s']:.5f} {int(s in calibrated)}" for s in stages
    )
    curve = "\n".join(
        f"{rate:.4f} {through:.4f} {'NaN' if p95 is None else f'{p95:.5f}'}" for rate, through, p95 in model
    )
    most = 1.05 * max(s["requested_rps"] for s in stages)
    script = FIGURE.format(path=path, most=most, measured=measured, model=curve)
    try:
        subprocess.run(["gnuplot"], input=script, text=True, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        fail(3, f"gnuplot: {error}")


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    docs = sys.argv[3] if len(sys.argv) == 4 else os.path.join(root, "docs")
    stages = read_stages(sys.argv[1])
    calibrated = stages[:N_CALIBRATED]
    law = calibrate(calibrated)
    print(f"step {law[0] * 1000:.3f} ms + {law[1] * 1000:.4f} ms x batch, from the {N_CALIBRATED} lowest rates")
    print("  rate/s   measured: through/s   p95 s      model: through/s   p95 s")
    good = True
    for stage in sorted(stages, key=lambda s: s["requested_rps"]):
        rate = stage["requested_rps"]
        p95, refused = answer(sys.argv[2], calibrated[0], law, rate, stage["mean_output_tokens"])
        through = rate * (1 - refused)
        verdict = ""
        if stage in calibrated:
            error = (p95 or float("inf")) / stage["e2e_p95_s"] - 1
            good = good and abs(error) <= P95_TOLERANCE
            verdict = f"p95 {error:+.1%}"
        elif rate == max(s["requested_rps"] for s in stages):
            error = through / stage["served_rps"] - 1
            good = good and abs(error) <= SATURATION_TOLERANCE
            verdict = f"saturation {error:+.1%}"
        shown = "very long" if p95 is None else f"{p95:.3f}"
        print(
            f"  {rate:6.1f} {stage['served_rps']:19.1f} {stage['e2e_p95_s']:7.3f} {through:19.1f} {shown:>9}  {verdict}"
        )
    tokens = sum(s["mean_output_tokens"] for s in stages) / len(stages)
    model = []
    for k in range(1, 38):
        p95, refused = answer(sys.argv[2], calibrated[0], law, 5.0 * k, tokens)
        model.append((5.0 * k, 5.0 * k * (1 - refused), p95))
    draw(os.path.join(docs, "knee.svg"), stages, calibrated, model)
    print("wrote docs/knee.svg")
    print("within bounds" if good else "NOT within bounds")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
