#!/usr/bin/env python3
"""GPT-2 and Llama decoders with random weights, as ONNX models: input_ids (and attention_mask) to logits of every token.

They are spelled as PyTorch and transformers export them; the table of the tokens is the last layer's weight too. With a cache
each call computes the tokens that are new: past_key_values.N.key and .value are what calls before gave as present.N.key and .value.

    test/benchmarks/decoders.py smollm2-135m model.onnx
"""

import dataclasses
import functools
import math

import builder
import numpy
import onnx
from encoder import Graph
from onnx import TensorProto, helper

OPSET = 18


@dataclasses.dataclass(frozen=True)
class Sizes:
    layers: int
    width: int
    heads: int
    groups: int  # heads of keys and values, each read by heads / groups of queries
    inner: int
    vocabulary: int
    positions: int = 0  # rows of the table of positions; 0: rotary embeddings


GPT2_SMALL = Sizes(layers=12, width=768, heads=12, groups=12, inner=3072, vocabulary=50257, positions=1024)
SMOLLM2_135M = Sizes(layers=30, width=576, heads=9, groups=3, inner=1536, vocabulary=49152)
SMALL_GPT2 = Sizes(layers=2, width=48, heads=3, groups=3, inner=80, vocabulary=97, positions=32)
SMALL_LLAMA = Sizes(layers=2, width=48, heads=6, groups=2, inner=80, vocabulary=97)


class Decoder(Graph):
    """What both have in common: [batch, sequence] tokens, of which each sees those up to itself and, with a cache, the past."""

    def __init__(self, sizes, mask, cache):
        super().__init__()
        self.sizes, self.mask, self.cache, self.presents = sizes, mask, cache, []
        self.depth = sizes.width // sizes.heads
        self.batch = self.add("Shape", "input_ids", start=0, end=1)
        self.sequence = self.add("Shape", "input_ids", start=1, end=2)
        self.table = self.weight(sizes.vocabulary, sizes.width)
        self.embedded = self.add("Gather", self.table, "input_ids", axis=0)
        past = self.add("Shape", "past_key_values.0.key", start=2, end=3) if cache else self.ints(0)
        total = self.add("Add", past, self.sequence) if cache else self.sequence
        first, last = self.add("Squeeze", past), self.add("Squeeze", total)
        self.positions = self.add("Range", first, last, self.constant(numpy.int64(1)))
        self.bias = self.make_bias(last)

    def ints(self, *values):
        return self.constant(numpy.array(values, numpy.int64))

    def scalar(self, value):
        return self.constant(numpy.float32(value))

    def project(self, x, rows, columns):
        """A product whose answer varies as `x` does."""
        return self.add("MatMul", x, self.weight(rows, columns, deviation=rows**-0.5))

    def make_bias(self, total):
        """What is added to scores, [batch or 1, 1, sequence, total]: 0 where a token is seen, else the least float."""
        keys = self.add("Range", self.constant(numpy.int64(0)), total, self.constant(numpy.int64(1)))
        queries = self.add("Unsqueeze", self.positions, self.ints(0, 1, 3))
        seen = self.add("LessOrEqual", self.add("Unsqueeze", keys, self.ints(0, 1, 2)), queries)
        if self.mask:
            kept = self.add("Unsqueeze", self.add("Cast", "attention_mask", to=TensorProto.BOOL), self.ints(1, 2))
            seen = self.add("And", seen, kept)
        return self.add("Where", seen, self.scalar(0), self.scalar(numpy.finfo(numpy.float32).min))

    def split(self, x, heads):
        """[batch, sequence, heads * depth] to [batch, heads, sequence, depth]."""
        shape = self.add("Concat", self.batch, self.sequence, self.ints(heads), self.ints(self.depth), axis=0)
        return self.add("Transpose", self.add("Reshape", x, shape), perm=[0, 2, 1, 3])

    def remember(self, layer, name, x):
        """The past of the cache and `x`."""
        if not self.cache:
            return x
        present = f"present.{layer}.{name}"
        self.nodes.append(helper.make_node("Concat", [f"past_key_values.{layer}.{name}", x], [present], name=present, axis=2))
        self.presents.append(present)
        return present

    def repeat(self, x):
        """Keys or values for each head of queries."""
        heads, groups = self.sizes.heads, self.sizes.groups
        if heads == groups:
            return x
        length = self.add("Shape", x, start=2, end=3)
        wide = self.add("Concat", self.batch, self.ints(groups), self.ints(heads // groups), length, self.ints(self.depth), axis=0)
        joined = self.add("Concat", self.batch, self.ints(heads), length, self.ints(self.depth), axis=0)
        return self.add("Reshape", self.add("Expand", self.add("Unsqueeze", x, self.ints(2)), wide), joined)

    def attend(self, scores, values):
        """[batch, sequence, width], of scores without mask."""
        mixed = self.add("MatMul", self.add("Softmax", self.add("Add", scores, self.bias), axis=-1), values)
        shape = self.add("Concat", self.batch, self.sequence, self.ints(self.sizes.width), axis=0)
        return self.add("Reshape", self.add("Transpose", mixed, perm=[0, 2, 1, 3]), shape)

    def finish(self, name, x):
        self.add("MatMul", x, self.add("Transpose", self.table, perm=[1, 0]))
        self.nodes[-1].output[0] = "logits"
        total = "total_sequence_length" if self.cache else "sequence_length"
        inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"])]
        if self.mask:
            inputs.append(helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch_size", total]))
        outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch_size", "sequence_length", self.sizes.vocabulary])]
        for present in self.presents:
            def info(name, length):
                shape = ["batch_size", self.sizes.groups, length, self.depth]
                return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            inputs.append(info(present.replace("present", "past_key_values"), "past_sequence_length"))
            outputs.append(info(present, "total_sequence_length"))
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


class Gpt2(Decoder):
    """Radford et al. 2019."""

    def affine(self, x, rows, columns):
        """transformers' Conv1D: a Gemm of all tokens."""
        flat = self.add("Reshape", x, self.ints(-1, rows))
        flat = self.add("Gemm", flat, self.weight(rows, columns, deviation=rows**-0.5), self.weight(columns))
        return self.add("Reshape", flat, self.add("Concat", self.batch, self.sequence, self.ints(columns), axis=0))

    def gelu(self, x):
        """The approximation by tanh (Hendrycks & Gimpel 2016)."""
        inner = self.add("Add", x, self.add("Mul", self.add("Pow", x, self.scalar(3)), self.scalar(0.044715)))
        gate = self.add("Tanh", self.add("Mul", inner, self.scalar(math.sqrt(2 / math.pi))))
        return self.add("Mul", self.add("Mul", x, self.scalar(0.5)), self.add("Add", gate, self.scalar(1)))

    def build(self, name):
        width, inner = self.sizes.width, self.sizes.inner
        places = self.add("Gather", self.weight(self.sizes.positions, width), self.add("Unsqueeze", self.positions, self.ints(0)))
        x = self.add("Add", self.embedded, places)
        for layer in range(self.sizes.layers):
            joint = self.affine(self.norm(x, width), width, 3 * width)
            parts = [f"{joint}.{part}" for part in ("query", "key", "value")]
            self.nodes.append(helper.make_node("Split", [joint, self.ints(width, width, width)], parts, name=f"{joint}.split", axis=2))
            query, key, value = (self.split(part, self.sizes.heads) for part in parts)
            key, value = self.remember(layer, "key", key), self.remember(layer, "value", value)
            scores = self.add("MatMul", query, self.add("Transpose", key, perm=[0, 1, 3, 2]))
            scores = self.add("Div", scores, self.scalar(math.sqrt(self.depth)))
            x = self.add("Add", self.affine(self.attend(scores, value), width, width), x)
            h = self.gelu(self.affine(self.norm(x, width), width, inner))
            x = self.add("Add", x, self.affine(h, inner, width))
        return self.finish(name, self.norm(x, width))


class Llama(Decoder):
    """Touvron et al. 2023: RMSNorm, rotary embeddings, SwiGLU, groups of heads."""

    def rms_norm(self, x):
        mean = self.add("ReduceMean", self.add("Pow", x, self.scalar(2)), self.ints(-1), keepdims=1)
        scale = self.add("Reciprocal", self.add("Sqrt", self.add("Add", mean, self.scalar(1e-5))))
        return self.add("Mul", self.weight(self.sizes.width, mean=1.0), self.add("Mul", x, scale))

    def make_rotation(self):
        """Cosines and sines of [1, 1, sequence, depth] (Su et al. 2021)."""
        rates = 100000.0 ** (-numpy.arange(0, self.depth, 2) / self.depth)
        places = self.add("Cast", self.add("Unsqueeze", self.positions, self.ints(0, 2)), to=TensorProto.FLOAT)
        angles = self.add("Mul", places, self.constant(rates.astype(numpy.float32)))
        angles = self.add("Concat", angles, angles, axis=-1)
        return [self.add("Unsqueeze", self.add(op, angles), self.ints(1)) for op in ("Cos", "Sin")]

    def rotate(self, x, cosines, sines):
        half, end = self.ints(self.depth // 2), self.ints(numpy.iinfo(numpy.int64).max)
        low = self.add("Slice", x, self.ints(0), half, self.ints(3), self.ints(1))
        high = self.add("Slice", x, half, end, self.ints(3), self.ints(1))
        turned = self.add("Concat", self.add("Neg", high), low, axis=-1)
        return self.add("Add", self.add("Mul", x, cosines), self.add("Mul", turned, sines))

    def build(self, name):
        sizes = self.sizes
        width, few = sizes.width, sizes.groups * self.depth
        rotation = self.make_rotation()
        scale = self.scalar(self.depth**-0.25)
        x = self.embedded
        for layer in range(sizes.layers):
            h = self.rms_norm(x)
            query = self.rotate(self.split(self.project(h, width, width), sizes.heads), *rotation)
            key = self.rotate(self.split(self.project(h, width, few), sizes.groups), *rotation)
            key = self.repeat(self.remember(layer, "key", key))
            value = self.repeat(self.remember(layer, "value", self.split(self.project(h, width, few), sizes.groups)))
            key = self.add("Transpose", key, perm=[0, 1, 3, 2])
            scores = self.add("MatMul", self.add("Mul", query, scale), self.add("Mul", key, scale))
            x = self.add("Add", x, self.project(self.attend(scores, value), width, width))
            h = self.rms_norm(x)
            gate = self.project(h, width, sizes.inner)
            gate = self.add("Mul", gate, self.add("Sigmoid", gate))
            x = self.add("Add", x, self.project(self.add("Mul", gate, self.project(h, width, sizes.inner)), sizes.inner, width))
        return self.finish(name, self.rms_norm(x))


def build(name, sizes, mask=True, cache=False):
    """GPT-2 if it has a table of positions, else Llama."""
    model = (Gpt2 if sizes.positions else Llama)(sizes, mask, cache).build(name)
    onnx.checker.check_model(model)
    return model


def make_builders(gpt2, llama):
    return {
        "gpt2": functools.partial(build, "gpt2", gpt2),
        "smollm2-135m": functools.partial(build, "smollm2-135m", llama),
        "smollm2-135m-step": functools.partial(build, "smollm2-135m-step", llama, cache=True),
    }


BUILDERS = make_builders(GPT2_SMALL, SMOLLM2_135M)
SMALL = make_builders(SMALL_GPT2, SMALL_LLAMA)

if __name__ == "__main__":
    builder.main(__doc__, BUILDERS, SMALL)
