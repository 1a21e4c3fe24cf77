#!/usr/bin/env python3
"""Writes recurrent models with drawn weights, and inputs for them, into a folder; `pare bench` measures them.

    test/benchmarks/recurrent.py /tmp/models
    build/bin/pare bench /tmp/models/lstm-1.onnx --inputs /tmp/models/lstm-1.npz --against onnxruntime
"""

import argparse
import pathlib

import numpy
import onnx
from onnx import helper, numpy_helper

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def make_model(op, inputs, hidden, layers, directions, **attributes):
    """`layers` layers as PyTorch exports them: directions side by side before the next layer."""
    random, nodes, weights, x, width = numpy.random.default_rng(0), [], [], "x", inputs

    def weight(name, *shape):
        values = random.uniform(-(hidden**-0.5), hidden**-0.5, shape).astype(numpy.float32)
        weights.append(numpy_helper.from_array(values, name))
        return name

    weights.append(numpy_helper.from_array(numpy.array([0, 0, -1]), "shape"))
    for layer in range(layers):
        rows = GATES[op] * hidden
        names = [weight(f"W{layer}", directions, rows, width), weight(f"R{layer}", directions, rows, hidden), weight(f"B{layer}", directions, 2 * rows)]
        direction = "bidirectional" if directions == 2 else "forward"
        nodes.append(helper.make_node(op, [x, *names], [f"y{layer}"], hidden_size=hidden, direction=direction, **attributes))
        nodes.append(helper.make_node("Transpose", [f"y{layer}"], [f"t{layer}"], perm=[0, 2, 1, 3]))
        x, width = f"x{layer}", directions * hidden
        nodes.append(helper.make_node("Reshape", [f"t{layer}", "shape"], [x]))
    info = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["steps", "batch", inputs])
    graph = helper.make_graph(nodes, op, [info], [helper.make_empty_tensor_value_info(x)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=256, help="inputs and hidden units")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    models = {
        "lstm": make_model("LSTM", options.size, options.size, 1, 1),
        "bilstm2": make_model("LSTM", options.size, options.size, 2, 2),
        "gru": make_model("GRU", options.size, options.size, 1, 1, linear_before_reset=1),
        "gru-reset": make_model("GRU", options.size, options.size, 1, 1),
        "rnn": make_model("RNN", options.size, options.size, 1, 1),
    }
    random = numpy.random.default_rng(1)
    for name, model in models.items():
        for batch in options.batches:
            onnx.save(model, options.folder / f"{name}-{batch}.onnx")
            x = random.standard_normal((options.steps, batch, options.size)).astype(numpy.float32)
            numpy.savez(options.folder / f"{name}-{batch}.npz", x=x)


if __name__ == "__main__":
    main()
