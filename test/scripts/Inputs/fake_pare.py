#!/usr/bin/env python3
"""Stands for `pare` in bench.test: fails for some models and peers, else reports times that are known beforehand."""

import json
import pathlib
import sys


def option(name):
    return sys.argv[sys.argv.index(name) + 1]


def main():
    if sys.argv[1] == "--version":
        print("pare 0.0.0")
        return
    model, peers, threads = pathlib.Path(sys.argv[2]), option("--against").split(","), int(option("--threads"))
    if model.name == "gru.onnx":
        sys.exit(f"{model}: error: node 'GRU_0' (GRU): cannot be compiled")
    if "openvino" in peers:
        sys.exit(f"error: {model}: OpenVINO: cannot load the model")
    output = {"name": "y", "ok": threads != 3, "relative_error": 2e-6 if threads != 3 else 0.5}
    own, other = [0.002 / threads] * 3, [0.002 / threads, 0.003 / threads, 0.004 / threads]
    report = {"variant": "x86-64-v3", "contenders": [
        {"name": "Pare", "median_s": own[0], "round_medians_s": own},
        {"name": "ONNX Runtime", "version": "1.0", "median_s": other[1], "round_medians_s": other, "ratio": 1.5, "outputs": [output]},
    ]}
    pathlib.Path(option("--json")).write_text(json.dumps(report))
    sys.exit(not output["ok"])


if __name__ == "__main__":
    main()
