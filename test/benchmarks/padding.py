#!/usr/bin/env python3
"""What the removal of padding brings: Pare without it (-O1), with it (-O2) and ONNX Runtime on one padded batch.

Encoders of the size of BERT-base and MiniLM with random weights, batch 16, lengths uniform with a mean of 0.6 of the
longest, and a batch without padding. The three run in turns, with 2 threads each; medians and ratios are printed, FLOPs are
those of `pare explain`, and the answers are compared. Times on a busy machine say little: look at the ratios.

    make bench-padding
    test/benchmarks/padding.py --models minilm --seq 128 512 --rounds 5
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
from encoder import SIZES, VOCABULARY, build

BATCH, THREADS = 16, 2


def make_lengths(seq, full):
    """Uniform in [0.2, 1] of `seq`, the longest being `seq`; or all of them `seq`."""
    if full:
        return numpy.full(BATCH, seq)
    lengths = numpy.linspace(0.2 * seq, seq, BATCH).round().astype(int)
    return numpy.random.default_rng(0).permutation(lengths)


def count_flops(pare, model, seq, lengths):
    """FLOPs before and after, as `pare explain` counts them."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        command = [pare, "explain", model, "--shape", f"batch={BATCH},seq={seq}", "--lengths", ",".join(map(str, lengths)), "--json", report]
        subprocess.run(command, check=True, capture_output=True)
        total = json.loads(report.read_text())["total"]
    return total["before"]["flops"], total["after"]["flops"]


def run_pare(pare_run, module, inputs, outputs, repeat):
    """Median seconds of a call."""
    command = [pare_run, module, "--inputs", inputs, "--outputs", outputs, "--repeat", str(repeat), "--threads", str(THREADS)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    median = re.search(r"median ([\d.]+) (us|ms|s)\b", printed)
    return float(median[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[median[2]]


def measure(options, model, seq, full, folder):
    """One line of the table."""
    path = folder / "model.onnx"
    lengths = make_lengths(seq, full)
    random = numpy.random.default_rng(1)
    mask = (numpy.arange(seq)[None, :] < lengths[:, None]).astype(numpy.int64)
    values = {"input_ids": random.integers(0, VOCABULARY, (BATCH, seq)), "attention_mask": mask}
    numpy.savez(folder / "in.npz", **values)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    times = {"-O1": [], "-O2": [], "peer": []}
    for _ in range(options.rounds):
        for level in ("-O1", "-O2"):
            times[level].append(run_pare(options.pare_run, folder / f"{level}.pare", folder / "in.npz", folder / f"{level}.npz", options.repeat))
        own = []
        for _ in range(options.repeat):
            start = time.perf_counter()
            (expected,) = session.run(None, values)
            own.append(time.perf_counter() - start)
        times["peer"].append(statistics.median(own))
    medians = {name: statistics.median(all_) for name, all_ in times.items()}
    with numpy.load(folder / "-O2.npz") as archive:
        answer = archive["last_hidden_state"]
    error = numpy.abs(answer - expected)[mask == 1].max()
    before, after = count_flops(options.pare, path, seq, lengths)
    ratio, flops = medians["-O2"] / medians["-O1"], after / before
    print(f"{model:10} {seq:4} {mask.mean():7.1%} {before / 1e9:8.1f} {after / 1e9:8.1f} {flops:6.3f} "
          f"{1e3 * medians['-O1']:9.1f} {1e3 * medians['-O2']:9.1f} {ratio:6.3f} {ratio / flops:6.3f} "
          f"{1e3 * medians['peer']:9.1f} {medians['-O2'] / medians['peer']:6.3f} {error:8.1e}", flush=True)
    return error < 1e-3 and not answer[mask == 0].any()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--seq", nargs="+", type=int, default=[128, 512])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--pare", default="build/bin/pare")
    parser.add_argument("--pare-run", default="build/bin/pare-run")
    options = parser.parse_args()
    print("                valid GFLOPs before/after       -O1 ms    -O2 ms  ratio  of FL.   ORT ms  of ORT    error")
    good = True
    for model in options.models:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            onnx.save(build(model, max(options.seq)), folder / "model.onnx")
            for level in ("-O1", "-O2"):
                subprocess.run([options.pare, "compile", folder / "model.onnx", level, "-o", folder / f"{level}.pare"], check=True)
            for seq in options.seq:
                for full in (False, True):
                    good &= bool(measure(options, model, seq, full, folder))
    sys.exit(not good)


if __name__ == "__main__":
    main()
