"""Convolutions over padded images of every geometry in which rows of zeros may be left out, and some in which they may not."""
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

random = np.random.default_rng(0)
nodes, outputs, weights = [], [], {}


def conv(source, channels, outputs_count, kernel, relu=True, bias=True, group=1, **attributes):
    name = f"c{len(outputs)}"
    shape = (outputs_count, channels // group, *kernel)
    weights[name + "_w"] = (random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
    inputs = [source, name + "_w"]
    if bias:
        weights[name + "_b"] = random.standard_normal(outputs_count).astype(np.float32)
        inputs.append(name + "_b")
    nodes.append(helper.make_node("Conv", inputs, [name + "_s" if relu else name], group=group, **attributes))
    if relu:
        nodes.append(helper.make_node("Relu", [name + "_s"], [name]))
    outputs.append(name)


# Every row of a low image is near a border; as high as wide; higher than a tile; sums too long for one call.
conv("low", 16, 20, (3, 3), pads=[1, 1, 1, 1])
conv("square", 32, 20, (3, 3), pads=[1, 1, 1, 1])
conv("square", 32, 20, (3, 3), pads=[1, 1, 1, 1], strides=[2, 2])
conv("high", 8, 50, (3, 3), pads=[1, 1, 1, 1])
conv("deep", 512, 16, (3, 3), relu=False, pads=[1, 1, 1, 1])
# Other windows: uneven padding, strides, dilations, padding wider than the window, which then lies in it.
conv("square", 32, 20, (4, 2), pads=[3, 0, 1, 1])
conv("square", 32, 20, (5, 5), pads=[2, 2, 2, 2], strides=[3, 1])
conv("square", 32, 20, (3, 3), pads=[4, 4, 4, 4], dilations=[3, 2])
conv("low", 16, 20, (3, 3), bias=False, relu=False, pads=[5, 2, 4, 2])
conv("low", 16, 20, (3, 3), pads=[5, 0, 5, 0], strides=[2, 1], dilations=[2, 1])
# Each channel by itself.
conv("square", 32, 32, (5, 5), group=32, pads=[2, 2, 2, 2])
conv("square", 32, 32, (3, 3), group=32, bias=False, pads=[3, 1, 3, 1], strides=[2, 2])
# Padding by an op of its own, then with more of it by the convolution; padding that is not zero.
for number, value in enumerate((0, 0.5)):
    weights[f"v{number}"] = np.float32(value)
    nodes.append(helper.make_node("Pad", ["low", "amounts", f"v{number}"], [f"p{number}"]))
    conv(f"p{number}", 16, 12, (3, 3))
    conv(f"p{number}", 16, 12, (3, 3), pads=[1, 1, 1, 1])
weights["amounts"] = np.array([0, 0, 1, 1, 0, 0, 2, 1], np.int64)

value = helper.make_tensor_value_info
graph = helper.make_graph(
    nodes, "padded",
    [value("low", 1, ["b", 16, 2, 9]), value("square", 1, ["b", 32, 7, 7]), value("high", 1, ["b", 8, 41, 6]),
     value("deep", 1, [1, 512, 4, 5])],
    [onnx.ValueInfoProto(name=name) for name in outputs],
    [numpy_helper.from_array(array, name) for name, array in weights.items()])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.save(onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True), sys.argv[1])
