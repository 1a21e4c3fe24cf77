#!/usr/bin/env python3
"""A BERT encoder of any size with random weights, as an ONNX model.

    test/benchmarks/encoder.py bert-base model.onnx      # with BERT's 30522 tokens and 512 positions
"""

import functools

import builder
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

VOCABULARY = 1000
SIZES = {  # layers, width, heads, inner width
    "bert-base": (12, 768, 12, 3072),
    "minilm": (6, 384, 12, 1536),
}
SMALL_SIZES = {"bert-base": (2, 48, 3, 96), "minilm": (1, 32, 4, 64)}


class Graph:
    """Nodes and weights of a model that is being built."""

    def __init__(self):
        self.nodes, self.weights = [], []
        self.random = numpy.random.default_rng(0)

    def constant(self, values):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def weight(self, *shape, mean=0.0, deviation=0.05):
        return self.constant((mean + deviation * self.random.standard_normal(shape)).astype(numpy.float32))

    def add(self, op, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"{op}_{len(self.nodes)}", **attributes))
        return name

    def linear(self, x, rows, columns):
        return self.add("Add", self.add("MatMul", x, self.weight(rows, columns)), self.weight(columns))

    def norm(self, x, width):
        return self.add("LayerNormalization", x, self.weight(width, mean=1.0), self.weight(width), axis=-1)


def build(size, positions, vocabulary=VOCABULARY, sizes=SIZES):
    """The model `size` for sequences of up to `positions` tokens: input_ids and attention_mask to last_hidden_state."""
    layers, width, heads, inner = sizes[size]
    g = Graph()
    depth = width // heads
    places = g.add("Slice", g.weight(positions, width), g.constant(numpy.array([0])),
                   g.add("Shape", "input_ids", start=1, end=2), g.constant(numpy.array([0])))
    x = g.norm(g.add("Add", g.add("Gather", g.weight(vocabulary, width), "input_ids"), places), width)
    mask = g.add("Cast", g.add("Unsqueeze", "attention_mask", g.constant(numpy.array([1, 2]))), to=TensorProto.BOOL)
    bias = g.add("Where", mask, g.constant(numpy.float32(0)), g.constant(numpy.finfo(numpy.float32).min))
    split, join = g.constant(numpy.array([0, 0, heads, depth])), g.constant(numpy.array([0, 0, width]))
    for _ in range(layers):
        def head(order):
            return g.add("Transpose", g.add("Reshape", g.linear(x, width, width), split), perm=order)
        scores = g.add("MatMul", head([0, 2, 1, 3]), head([0, 2, 3, 1]))
        scores = g.add("Add", g.add("Div", scores, g.constant(numpy.float32(depth**0.5))), bias)
        mixed = g.add("MatMul", g.add("Softmax", scores, axis=-1), head([0, 2, 1, 3]))
        mixed = g.add("Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), join)
        x = g.norm(g.add("Add", x, g.linear(mixed, width, width)), width)
        h = g.linear(x, width, inner)
        gate = g.add("Add", g.add("Erf", g.add("Div", h, g.constant(numpy.float32(2**0.5)))), g.constant(numpy.float32(1)))
        h = g.add("Mul", g.add("Mul", h, gate), g.constant(numpy.float32(0.5)))
        x = g.norm(g.add("Add", x, g.linear(h, inner, width)), width)
    g.nodes[-1].output[0] = "last_hidden_state"
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "seq"]) for n in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "seq", width])]
    graph = helper.make_graph(g.nodes, size, inputs, outputs, g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


BUILDERS = {name: functools.partial(build, name, 512, 30522) for name in SIZES}
SMALL = {name: functools.partial(build, name, 32, 97, SMALL_SIZES) for name in SIZES}

if __name__ == "__main__":
    builder.main(__doc__, BUILDERS, SMALL)
