#!/usr/bin/env python3
"""Pare beside ONNX Runtime and OpenVINO on one model and one set of inputs, all in float32.

They run in turns, with equal numbers of threads; medians and ratios are printed, and the answers are compared. OpenVINO is
measured where it is installed (pip install openvino).

    test/benchmarks/against.py model.onnx --inputs in.npz --threads 1 2
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime


def measure(call, repeat):
    """Median seconds of a call after one that warms up."""
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def make_peers(model, values, threads):
    """Name to a function that runs the model once and returns its first output."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.log_severity_level = threads, 3
    # Its threads must not spin while the others run.
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    peers = {"ONNX Runtime": lambda: session.run(None, values)[0]}
    try:
        import openvino
    except ImportError:
        return peers, session.get_outputs()[0].name
    config = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(model, "CPU", config)
    request = compiled.create_infer_request()
    own = {i.any_name: values[i.any_name] for i in compiled.inputs}
    peers["OpenVINO"] = lambda: request.infer(own)[compiled.outputs[0]]
    return peers, session.get_outputs()[0].name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--inputs", type=pathlib.Path, required=True)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest difference, of the largest output")
    parser.add_argument("--pare", default="build/bin/pare")
    parser.add_argument("--pare-run", default="build/bin/pare-run")
    options = parser.parse_args()
    good = True
    with numpy.load(options.inputs) as archive, tempfile.TemporaryDirectory() as name:
        folder, values = pathlib.Path(name), dict(archive)
        subprocess.run([options.pare, "compile", options.model, "-o", folder / "m.pare"], check=True)
        for threads in options.threads:
            peers, output = make_peers(options.model, values, threads)
            command = [options.pare_run, folder / "m.pare", "--inputs", options.inputs, "--outputs", folder / "out.npz",
                       "--repeat", str(options.repeat), "--threads", str(threads)]
            times = {name: [] for name in ["Pare", *peers]}
            for _ in range(options.rounds):
                printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                median = re.search(r"median ([\d.]+) (us|ms|s)\b", printed)
                times["Pare"].append(float(median[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[median[2]])
                for name, call in peers.items():
                    times[name].append(measure(call, options.repeat))
            pare = statistics.median(times.pop("Pare"))
            with numpy.load(folder / "out.npz") as answers:
                answer = answers[output]
            print(f"{options.model.stem}, {threads} threads: Pare {1e3 * pare:.2f} ms", end="")
            for name, all_ in times.items():
                expected, peer = peers[name](), statistics.median(all_)
                error = numpy.abs(answer - expected).max() / max(numpy.abs(expected).max(), 1e-30)
                good &= bool(error <= options.tolerance)
                print(f"; {name} {1e3 * peer:.2f} ms, {peer / pare:.2f} of Pare's time, error {error:.0e}", end="")
            print(flush=True)
    sys.exit(not good)


if __name__ == "__main__":
    main()
