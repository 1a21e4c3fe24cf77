#!/usr/bin/env python3
"""Asserts that compiled recurrent layers answer as the standard's own test cases say, and as ONNX Runtime does."""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
FUNCTIONS = {"LSTM": 3, "GRU": 2, "RNN": 1}
STEPS, BATCH, INPUTS = 7, 5, 10


def call(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(str(part) for part in command[:2])}: {result.stderr.strip()}")


def standard_cases():
    """(name, model, inputs, outputs) of every node test of the three ops."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases("")
    for case in cases:
        graph = case.model.graph
        if not any(node.op_type in GATES for node in graph.node):
            continue
        inputs, outputs = case.data_sets[0]
        yield case.name, case.model, dict(zip((i.name for i in graph.input), inputs)), list(outputs)


class Layer:
    """One layer whose weights are initializers, and values for its inputs."""

    def __init__(self, op, hidden, direction="forward", bias=True, lengths=False, states=False, peepholes=False, **attributes):
        self.random = numpy.random.default_rng(7)
        self.name = "_".join([op, str(hidden), direction, *(f"{k}={v}" for k, v in attributes.items())])
        directions, gates = 2 if direction == "bidirectional" else 1, GATES[op]
        self.weights, self.values, self.infos = [], {}, []
        names = [self.feed("X", self.draw(STEPS, BATCH, INPUTS), ["steps", "batch", INPUTS])]
        scale = hidden**-0.5
        names += [self.weight("W", directions, gates * hidden, INPUTS, scale=scale), self.weight("R", directions, gates * hidden, hidden, scale=scale)]
        names.append(self.weight("B", directions, 2 * gates * hidden, scale=scale) if bias else "")
        lens = numpy.array([STEPS, 1, 3, STEPS, 2], numpy.int32)
        names.append(self.feed("lens", lens, ["batch"]) if lengths else "")
        for state in ("h", "c")[: 2 if op == "LSTM" else 1]:
            names.append(self.feed(state, self.draw(directions, BATCH, hidden), [directions, "batch", hidden]) if states else "")
        if peepholes:
            names.append(self.weight("P", directions, 3 * hidden))
        self.outputs = ["Y", "Y_h", "Y_c"][: 3 if op == "LSTM" else 2]
        if "activations" in attributes:
            attributes["activations"] = attributes["activations"] * directions
        self.node = helper.make_node(op, names, self.outputs, name=op, hidden_size=hidden, direction=direction, **attributes)

    def draw(self, *shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(numpy.float32)

    def feed(self, name, value, dims):
        self.values[name] = value
        self.infos.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), dims))
        return name

    def weight(self, name, *shape, scale=1.0):
        self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, shape, self.draw(*shape, scale=scale).tobytes(), raw=True))
        return name

    def build(self, opset):
        outputs = [helper.make_empty_tensor_value_info(name) for name in self.outputs]
        graph = helper.make_graph([self.node], "layer", self.infos, outputs, self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def layers():
    """Layers that ONNX Runtime has; it knows no layout 1, which the cases of the standard have."""
    for op in GATES:
        yield Layer(op, 100)
        yield Layer(op, 48, "reverse", bias=False, states=True)
        yield Layer(op, 20, "bidirectional", lengths=True, states=True)
        yield Layer(op, 20, "reverse", lengths=True)
        yield Layer(op, 5, "bidirectional", clip=0.4)
        yield Layer(op, 20, activations=["HardSigmoid", "Softsign", "ScaledTanh"][: FUNCTIONS[op]],
                    activation_alpha=[0.3, 1.5][: 2 if op == "LSTM" else 1], activation_beta=[0.4, 0.5][: 2 if op == "LSTM" else 1])  # fmt: skip
        yield Layer(op, 20, activations=["Sigmoid", "LeakyRelu", "Softplus"][-FUNCTIONS[op] :])
        yield Layer(op, 20, activations=["Affine", "Elu", "ThresholdedRelu"][-FUNCTIONS[op] :],
                    activation_alpha=[0.5, 1.0, 0.1][-FUNCTIONS[op] :])  # fmt: skip
    for linear in (0, 1):
        yield Layer("GRU", 60, "bidirectional", lengths=True, states=True, linear_before_reset=linear)
        yield Layer("GRU", 10, bias=False, linear_before_reset=linear)
    yield Layer("LSTM", 60, "bidirectional", lengths=True, states=True, peepholes=True)
    yield Layer("LSTM", 20, peepholes=True, input_forget=1)


def runtime_cases():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    for number, layer in enumerate(layers()):
        model = layer.build(opset=(7, 14)[number % 2])
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        yield layer.name, model, layer.values, session.run(None, layer.values)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pare", default="pare", help="the compiler")
    parser.add_argument("--report", action="store_true", help="print every difference")
    options = parser.parse_args()
    faults, count = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for cases, tolerance in ((standard_cases, 1e-5), (runtime_cases, 2e-5)):
            for case, model, values, expected in cases():
                count += 1
                onnx.save(model, folder / "m.onnx")
                numpy.savez(folder / "in.npz", **values)
                try:
                    call(options.pare, "run", folder / "m.onnx", "--inputs", folder / "in.npz", "--outputs", folder / "out.npz")
                except RuntimeError as error:
                    faults.append(f"{case}: {error}")
                    continue
                with numpy.load(folder / "out.npz") as archive:
                    for output, want in zip(model.graph.output, expected):
                        got = archive[output.name]
                        if got.shape != want.shape or got.dtype != want.dtype:
                            faults.append(f"{case}, {output.name}: {got.dtype} {got.shape} instead of {want.dtype} {want.shape}")
                            continue
                        error = numpy.abs(got - want).max(initial=0)
                        if options.report:
                            print(f"{case} {output.name}: {error:.1e}")
                        if not error <= tolerance * max(1, numpy.abs(want).max(initial=0)):
                            faults.append(f"{case}, {output.name}: differs by {error}")
    print("\n".join(faults) or f"{count} recurrent layers answer as ONNX and ONNX Runtime do")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
