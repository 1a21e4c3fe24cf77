"""Products and convolutions with weights: all that has code of its own, and some that --cpu-bf16 leaves alone."""
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

random = np.random.default_rng(0)
weights = {}


def weight(name, *shape):
    scale = 1 / np.sqrt(np.prod(shape[:-1]) if len(shape) == 2 else np.prod(shape[1:]))
    weights[name] = (random.standard_normal(shape) * scale).astype(np.float32)
    return name


nodes = [
    # More steps than one part of the depth has pairs, and columns that are no whole panel.
    helper.make_node("MatMul", ["x", weight("deep", 4700, 70)], ["a"]),
    helper.make_node("Relu", ["a"], ["b"]),
    # The weight transposed, a bias, and a residual.
    helper.make_node("Gemm", ["b", weight("turned", 52, 70), weight("bias", 52)], ["c"], transB=1),
    helper.make_node("Add", ["c", "r"], ["y"]),
    # Functions behind the sums, with another operand and without: the logistic one, the error function, tanh.
    helper.make_node("MatMul", ["r", weight("gate", 52, 70)], ["l"]),
    helper.make_node("Sigmoid", ["l"], ["m"]),
    helper.make_node("Mul", ["l", "m"], ["o"]),
    helper.make_node("Mul", ["o", "b"], ["silu"]),
    helper.make_node("Gemm", ["r", weight("up", 52, 107), weight("up_bias", 107)], ["p"]),
    helper.make_node("Div", ["p", "root"], ["q"]),
    helper.make_node("Erf", ["q"], ["s"]),
    helper.make_node("Add", ["s", "one"], ["t"]),
    helper.make_node("Mul", ["p", "t"], ["u"]),
    helper.make_node("Mul", ["u", "half"], ["gelu"]),
    helper.make_node("MatMul", ["silu", weight("down", 70, 16)], ["v"]),
    helper.make_node("Tanh", ["v"], ["tanh"]),
    # An odd number of steps stays in f32.
    helper.make_node("MatMul", ["r5", weight("odd", 5, 9)], ["odd_out"]),
    # Channels: 3 (odd), then 8 over a window with strides, then one pixel at a time, then each channel by itself (more
    # than fit one tile; dilated as well), then groups.
    helper.make_node("Conv", ["image", weight("stem", 8, 3, 3, 3)], ["d"], pads=[1, 1, 1, 1]),
    helper.make_node("Conv", ["d", weight("window", 10, 8, 3, 3), weight("window_bias", 10)], ["e"],
                     pads=[1, 1, 1, 1], strides=[2, 2]),
    helper.make_node("Relu", ["e"], ["f"]),
    helper.make_node("Conv", ["f", weight("pixel", 50, 10, 1, 1)], ["g"]),
    helper.make_node("Conv", ["g", weight("depthwise", 50, 1, 5, 5), weight("depthwise_bias", 50)], ["h"], group=50,
                     pads=[2, 2, 2, 2]),
    helper.make_node("Clip", ["h", "zero", "six"], ["i"]),
    helper.make_node("Conv", ["i", weight("dilated", 50, 1, 3, 3)], ["j"], group=50, pads=[2, 2, 2, 2],
                     dilations=[2, 2]),
    helper.make_node("Add", ["j", "i"], ["k"]),
    helper.make_node("Conv", ["k", weight("grouped", 4, 25, 3, 3)], ["z"], group=2),
]
weights.update({name: np.float32(number) for name, number in
                {"zero": 0, "six": 6, "root": np.sqrt(2), "one": 1, "half": 0.5}.items()})
value = helper.make_tensor_value_info
graph = helper.make_graph(
    nodes, "contractions",
    [value("x", 1, ["n", 4700]), value("r", 1, ["n", 52]), value("r5", 1, ["n", 5]), value("image", 1, ["b", 3, 14, 14])],
    [value("y", 1, ["n", 52]), value("gelu", 1, ["n", 107]), value("tanh", 1, ["n", 16]), value("odd_out", 1, ["n", 9]), value("z", 1, ["b", 4, 5, 5])],
    [numpy_helper.from_array(array, name) for name, array in weights.items()])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), sys.argv[1])
