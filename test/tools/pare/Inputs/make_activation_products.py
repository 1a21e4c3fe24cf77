"""Products of activations as matrices lie: either side transposed, odd and long depths, attention with and without masks.
With an .npz and a number m, only the products, and inputs of m rows that bfloat16 holds."""
import sys

import numpy
import onnx
from onnx import helper

TYPES = {"mask": onnx.TensorProto.BOOL}
inputs = {
    "a": ["b", "m", 37], "w": ["b", 37, 70], "at": ["b", 37, "m"], "wt": ["b", 70, 37],
    "even": ["m", 48], "even_t": [40, 48], "deep": [20, 4703], "deep_w": [4703, 50], "few": [3, 48],
    "q": [2, 4, "m", 24], "k": [2, 2, 77, 24], "v": [2, 2, 77, 40], "mask": ["m", 77],
}
nodes = [
    helper.make_node("MatMul", ["a", "w"], ["ab"]),
    helper.make_node("Transpose", ["at"], ["left"], perm=[0, 2, 1]),
    helper.make_node("MatMul", ["left", "w"], ["atb"]),
    helper.make_node("Transpose", ["wt"], ["right"], perm=[0, 2, 1]),
    helper.make_node("MatMul", ["a", "right"], ["abt"]),
    helper.make_node("MatMul", ["left", "right"], ["atbt"]),
    helper.make_node("Gemm", ["even", "even_t"], ["product"], transB=1),
    helper.make_node("Relu", ["product"], ["relu"]),
    helper.make_node("MatMul", ["deep", "deep_w"], ["long"]),
    # Too few rows to be worth copying.
    helper.make_node("Gemm", ["few", "even_t"], ["few_rows"], transB=1),
    helper.make_node("Attention", ["q", "k", "v"], ["plain"]),
    helper.make_node("Attention", ["q", "k", "v", "mask"], ["masked"], is_causal=1),
]
outputs = {"ab": ["b", "m", 70], "atb": ["b", "m", 70], "abt": ["b", "m", 70], "atbt": ["b", "m", 70], "relu": ["m", 40],
           "long": [20, 50], "few_rows": [3, 40], "plain": [2, 4, "m", 40], "masked": [2, 4, "m", 40]}
if len(sys.argv) > 2:
    nodes = [node for node in nodes if node.op_type != "Attention"]
    inputs = {name: shape for name, shape in inputs.items() if name not in ("q", "k", "v", "mask")}
    outputs = {name: shape for name, shape in outputs.items() if name not in ("plain", "masked")}
    random, sizes = numpy.random.default_rng(0), {"b": 2, "m": int(sys.argv[3])}
    draw = lambda shape: random.standard_normal([sizes.get(size, size) for size in shape]).astype(numpy.float32)
    arrays = {name: (draw(shape).view(numpy.uint32) & 0xFFFF0000).view(numpy.float32) for name, shape in inputs.items()}
    numpy.savez(sys.argv[2], **arrays)
value = lambda item: helper.make_tensor_value_info(item[0], TYPES.get(item[0], onnx.TensorProto.FLOAT), item[1])
graph = helper.make_graph(nodes, "products", list(map(value, inputs.items())), list(map(value, outputs.items())))
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=11), sys.argv[1])
