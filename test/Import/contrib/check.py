#!/usr/bin/env python3
"""Asserts that compiled ops of domain com.microsoft answer as ONNX Runtime does, within 1e-4, for every pattern of padding.

Where a query has no key left, ONNX Runtime adds -10000 to all of its scores: they keep a precision of 1e-3, and so does the
answer. Outputs for which that can be are named "..by_..", after the form of the mask.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from models import FAMILIES

TOLERANCE, ROUNDED = 1e-4, 2e-3


def call(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(str(part) for part in command[:2])}: {result.stderr.strip()}")


def load(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def find_faults(pare, family, folder, report):
    """What is wrong with one family, as lines of text."""
    compiled, inputs, outputs = folder / f"{family}.pare", folder / "inputs.npz", folder / "outputs.npz"
    session = None
    for number, (model, values) in enumerate(FAMILIES[family]()):
        if session is None:
            path = folder / f"{family}.onnx"
            onnx.save(model.build(), path)
            call(pare, "compile", "-O1", path, "-o", compiled)
            session = load(model.build(reference=True))
        values = {**model.values, **values}
        numpy.savez(inputs, **values)
        call(pare, "run", compiled, "--inputs", inputs, "--outputs", outputs)
        with numpy.load(outputs) as archive:
            for name, expected in zip(model.outputs, session.run(None, values)):
                answer = archive[name]
                if answer.shape != expected.shape or answer.dtype != expected.dtype:
                    yield f"{name}, call {number}: {answer.dtype} {answer.shape} instead of {expected.dtype} {expected.shape}"
                    continue
                error = numpy.abs(answer - expected).max(initial=0)
                if report:
                    print(f"{family} {name} {number}: {error:.1e}")
                if not error <= (ROUNDED if "by_" in name else TOLERANCE):
                    yield f"{name}, call {number}: differs by {error} from ONNX Runtime"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", help="which families of ops (default: all)")
    parser.add_argument("--pare", default="pare", help="the compiler")
    parser.add_argument("--report", action="store_true", help="print every difference")
    options = parser.parse_args()
    families, faults = options.families or list(FAMILIES), []
    with tempfile.TemporaryDirectory() as folder:
        for family in families:
            try:
                faults += [f"{family}: {fault}" for fault in find_faults(options.pare, family, pathlib.Path(folder), options.report)]
            except Exception as error:  # of ONNX Runtime too: the next family is tested all the same
                faults.append(f"{family}: {error}")
    print("\n".join(faults) or f"{len(families)} families of ops answer as ONNX Runtime does")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
