#!/usr/bin/env python3
"""Asserts that small forms of the networks of test/benchmarks are fit, and that Pare answers as ONNX Runtime does.

They hold to the standard, their answers are finite and differ between requests of one batch, and compiled code is within 1e-4
of the largest element of the answer.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

sys.path.append(str(pathlib.Path(__file__).parents[1] / "benchmarks"))
from networks import SMALL  # noqa: E402

SIZES = {"batch": 3, "steps": 5}


def find_faults(pare, folder, name):
    """What is wrong with one network, as lines of text."""
    model, paths = SMALL[name](), {key: folder / key for key in ("m.onnx", "in.npz", "out.npz", "cache")}
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, paths["m.onnx"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(paths["m.onnx"], options, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(1)
    shapes = {i.name: [SIZES.get(size, size) for size in i.shape] for i in session.get_inputs()}
    values = {key: random.standard_normal(shape).astype(numpy.float32) for key, shape in shapes.items()}
    (output,) = session.get_outputs()
    (expected,) = session.run(None, values)
    if not numpy.isfinite(expected).all():
        yield f"{name}: the answer is not finite"
    # Ten times what compiled code may be off.
    if numpy.ptp(expected, axis=output.shape.index("batch")).max() < 1e-3 * numpy.abs(expected).max():
        yield f"{name}: the answer is nearly the same for all requests"

    numpy.savez(paths["in.npz"], **values)
    command = [pare, "run", paths["m.onnx"], "--inputs", paths["in.npz"], "--outputs", paths["out.npz"], "--cache", paths["cache"]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        yield f"{name}: {done.stderr.strip()}"
        return
    with numpy.load(paths["out.npz"]) as archive:
        answer = archive[output.name]
    if answer.shape != expected.shape:
        yield f"{name}: expected {list(expected.shape)}, got {list(answer.shape)}"
    elif not (error := numpy.abs(answer - expected).max() / numpy.abs(expected).max()) <= 1e-4:
        yield f"{name}: differs by {error} of the largest element"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pare", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = [fault for name in SMALL for fault in find_faults(options.pare, pathlib.Path(folder), name)]
    print("\n".join(faults) or f"{len(SMALL)} networks agree")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
