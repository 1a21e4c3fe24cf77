"""Writes a model whose product is quantised at once: x f32[n, 96] times a constant, to y u8[n, 112]."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

weight = (np.random.default_rng(0).standard_normal((96, 112)) / 10).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("QuantizeLinear", ["p", "scale", "zero"], ["y"])],
    "rounded_product",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 96])],
    [helper.make_tensor_value_info("y", TensorProto.UINT8, ["n", 112])],
    [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(np.float32(0.02), "scale"),
     numpy_helper.from_array(np.uint8(128), "zero")])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
