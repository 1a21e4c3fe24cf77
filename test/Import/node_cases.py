#!/usr/bin/env python3
"""Runs the ONNX standard's own tests of some operators: compiled models against the standard's answers.

Each case runs twice: with all inputs as inputs, and with all but the first as constants, as exporters write scales, sizes
and axes.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_node_model_tests


def fix_inputs(model, values):
    """The model with all inputs but the first as initializers, and the values of those that are left."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    graph = fixed.graph
    names = [i.name for i in graph.input]
    del graph.input[1:]
    graph.initializer.extend(numpy_helper.from_array(values[name], name) for name in names[1:])
    return fixed, {names[0]: values[names[0]]}


def run_model(pare, folder, model, values):
    """The outputs by name; fails with the compiler's or the runtime's own message."""
    onnx.save(model, folder / "m.onnx")
    numpy.savez(folder / "in.npz", **values)
    command = [pare, "run", folder / "m.onnx", "--inputs", folder / "in.npz", "--outputs", folder / "out.npz", "--cache", folder / "cache"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    with numpy.load(folder / "out.npz") as archive:
        return dict(archive)


def find_faults(pare, folder, case):
    """What is wrong with one case, as lines of text."""
    names = [i.name for i in case.model.graph.input]
    for inputs, outputs in case.data_sets:
        values = dict(zip(names, map(numpy.asarray, inputs)))
        for kind, (model, given) in {"inputs": (case.model, values), "constants": fix_inputs(case.model, values)}.items():
            try:
                answers = run_model(pare, folder, model, given)
            except RuntimeError as error:
                yield f"{case.name} with {kind}: {error}"
                continue
            for output, expected in zip(case.model.graph.output, outputs):
                answer = answers[output.name]
                if answer.dtype != expected.dtype or answer.shape != expected.shape:
                    yield f"{case.name} with {kind}: expected {expected.dtype}{list(expected.shape)}, got {answer.dtype}{list(answer.shape)}"
                elif not numpy.allclose(answer, expected, rtol=case.rtol, atol=case.atol, equal_nan=True):
                    yield f"{case.name} with {kind}: differs by {numpy.abs(answer - expected).max()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", help="regular expression that names of cases match as a whole")
    parser.add_argument("--pare", required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # numpy's, about the extreme values of some tests
    cases = [case for case in load_node_model_tests() if re.fullmatch(options.pattern, case.name)]
    with tempfile.TemporaryDirectory() as folder:
        faults = [fault for case in cases for fault in find_faults(options.pare, pathlib.Path(folder), case)]
    print("\n".join(faults) or f"{len(cases)} cases agree")
    sys.exit(bool(faults) or not cases)


if __name__ == "__main__":
    main()
