"""Models that multiply bytes, as quantisers write them: "products" of matrices, "images", and a "network" in QDQ form."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(0)
nodes, inputs, outputs, constants = [], [], [], {}
KINDS = {"u": (np.uint8, TensorProto.UINT8), "s": (np.int8, TensorProto.INT8)}


def constant(value, dtype=None):
    """The name of a constant."""
    name = f"c{len(constants)}"
    constants[name] = np.asarray(value, dtype)
    return name


def weight(kind, *shape):
    """Bytes with the least and the largest among them."""
    dtype = KINDS[kind][0]
    info = np.iinfo(dtype)
    return constant(random.integers(info.min, info.max + 1, shape), dtype)


def scales(*shape):
    return constant(0.001 + 0.01 * random.random(shape), np.float32)


def node(op, *operands, count=1, **attributes):
    names = [f"{op}_{len(nodes)}_{i}" for i in range(count)]
    nodes.append(helper.make_node(op, operands, names, **attributes))
    return names[0] if count == 1 else names


def value(kind, name, *shape):
    inputs.append(helper.make_tensor_value_info(name, KINDS[kind][1] if kind in KINDS else TensorProto.FLOAT, shape))
    return name


def output(kind, name, *shape):
    types = {"i": TensorProto.INT32, "f": TensorProto.FLOAT}
    outputs.append(helper.make_tensor_value_info(name, types.get(kind) or KINDS[kind][1], shape))


def quantised(x, scale, zero, kind="u"):
    """x, rounded to bytes and back."""
    parameters = [constant(scale, np.float32), constant(zero, KINDS[kind][0])]
    return node("DequantizeLinear", node("QuantizeLinear", x, *parameters), *parameters)


def dequantised(kind, shape, axis, zero=None):
    """A weight with a scale for each of its columns."""
    columns = shape[axis]
    zeros = np.zeros(columns) if zero is None else random.integers(zero - 3, zero + 3, columns)
    return node("DequantizeLinear", weight(kind, *shape), scales(columns), constant(zeros, KINDS[kind][0]), axis=axis)


def make_products():
    """Depths of whole groups of four bytes and not, of more than one part, and panels that are whole and not."""
    x, y, z = value("u", "x", "n", 77), value("s", "y", "n", 80), value("u", "z", "n", 9301)
    xz, yz = value("u", "xz"), value("s", "yz")
    output("i", node("MatMulInteger", x, weight("s", 77, 101)), "n", 101)
    output("i", node("MatMulInteger", x, weight("u", 77, 48), xz, constant(random.integers(0, 256, 48), np.uint8)), "n", 48)
    output("i", node("MatMulInteger", y, weight("s", 80, 13), yz), "n", 13)
    output("i", node("MatMulInteger", z, weight("s", 9301, 20)), "n", 20)
    # Two that are computed: one of each sign, and two of one sign, which nothing multiplies as bytes.
    output("i", node("MatMulInteger", x, value("s", "w", 77, "m")), "n", "m")
    output("i", node("MatMulInteger", x, value("u", "v", 77, "m")), "n", "m")
    # A stack of matrices.
    output("i", node("MatMulInteger", value("u", "stack", 3, "n", 20), weight("s", 20, 50), xz), 3, "n", 50)
    for kind, zero, left, depth in [("u", 120, x, 77), ("s", -3, y, 80)]:
        operands = [constant(0.02, np.float32), constant(zero, KINDS[kind][0]), weight("s", depth, 60), scales(60),
                    constant(np.zeros(60), np.int8), constant(0.7, np.float32), constant(zero, KINDS[kind][0])]
        output(kind, node("QLinearMatMul", left, *operands), "n", 60)
    # As dynamic quantisation writes it.
    floats = value("f", "floats", "n", 77)
    bytes_, scale, zero = node("DynamicQuantizeLinear", floats, count=3)
    sums = node("Cast", node("MatMulInteger", bytes_, weight("s", 77, 52), zero, constant(0, np.int8)), to=TensorProto.FLOAT)
    output("f", node("Add", node("Mul", sums, node("Mul", scale, scales())), constant(random.random(52), np.float32)), "n", 52)
    # Dequantised: a weight as it is and one transposed; what follows rounds to bytes again.
    left = quantised(floats, 0.02, 128)
    product = node("MatMul", left, dequantised("s", (77, 60), 1))
    output("f", quantised(node("Relu", node("Add", product, constant(random.random(60), np.float32))), 0.05, 3), "n", 60)
    product = node("Gemm", left, dequantised("u", (50, 77), 0, zero=120), constant(random.random(50), np.float32), transB=1)
    output("f", node("Sigmoid", product), "n", 50)


def make_images():
    """Windows with strides, borders of the zero point, few channels, groups, and each channel by itself."""
    wide, narrow, signed = value("u", "wide", "n", 24, 9, 11), value("u", "narrow", "n", 3, 17, 17), value("s", "signed", "n", 16, 8, 8)
    zero, line = value("u", "zero"), value("u", "line", "n", 12, 30)
    output("i", node("ConvInteger", wide, weight("s", 20, 24, 3, 3), constant(120, np.uint8), pads=[1, 1, 1, 1]), "n", 20, 9, 11)
    output("i", node("ConvInteger", wide, weight("s", 20, 24, 3, 3), zero, pads=[1, 2, 0, 1]), "n", 20, 8, 12)
    output("i", node("ConvInteger", narrow, weight("s", 52, 3, 7, 7), pads=[3, 3, 3, 3], strides=[2, 2]), "n", 52, 9, 9)
    output("i", node("ConvInteger", wide, weight("u", 13, 24, 3, 3), constant(7, np.uint8),
                     constant(random.integers(0, 256, 13), np.uint8), pads=[1, 1, 1, 1], dilations=[1, 2]), "n", 13, 9, 9)
    output("i", node("ConvInteger", wide, weight("s", 12, 12, 3, 3), constant(120, np.uint8), pads=[1, 1, 1, 1], group=2), "n", 12, 9, 11)
    output("i", node("ConvInteger", wide, weight("u", 24, 1, 3, 3), constant(120, np.uint8), constant(99, np.uint8), group=24), "n", 24, 7, 9)
    output("i", node("ConvInteger", line, weight("s", 10, 12, 5), constant(9, np.uint8), auto_pad="SAME_UPPER", strides=[2]), "n", 10, 15)
    for x, kind, number, channels, size, extent in [(signed, "s", -3, 16, 1, (8, 8)), (wide, "u", 9, 24, 3, (7, 9))]:
        operands = [constant(0.02, np.float32), constant(number, KINDS[kind][0]), weight("s", 40, channels, size, size), scales(40),
                    constant(np.zeros(40), np.int8), constant(0.3, np.float32), constant(number, KINDS[kind][0]),
                    constant(random.integers(-1000, 1000, 40), np.int32)]
        output(kind, node("QLinearConv", x, *operands), "n", 40, *extent)


def convolution(x, shape, **attributes):
    bias = constant(random.random(shape[0]), np.float32)
    return node("Conv", x, dequantised("s", shape, 0), bias, **attributes)


def make_network():
    """A small residual network whose tensors were quantised."""
    border = {"pads": [1, 1, 1, 1]}
    x = quantised(value("f", "image", "n", 3, 32, 32), 0.02, 110)
    x = quantised(node("Relu", convolution(x, (16, 3, 3, 3), strides=[2, 2], **border)), 0.05, 0)
    x = quantised(node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), 0.05, 0)
    for kind, zero in [("u", 0), ("s", -128)]:
        y = quantised(node("Relu", convolution(x, (16, 16, 3, 3), **border)), 0.1, zero, kind)
        y = quantised(convolution(y, (16, 16, 3, 3), **border), 0.2, zero + 100, kind)
        x = quantised(node("Relu", node("Add", x, y)), 0.2, zero, kind)
    x = quantised(node("Clip", convolution(x, (64, 16, 1, 1)), constant(0, np.float32), constant(6, np.float32)), 0.03, 5)
    x = quantised(node("Clip", convolution(x, (64, 1, 3, 3), group=64, **border), constant(0, np.float32), constant(6, np.float32)), 0.03, 5)
    x = quantised(convolution(x, (24, 64, 1, 1)), 0.05, 128)
    x = quantised(node("GlobalAveragePool", x), 0.02, 128)
    x = node("Flatten", x)
    output("f", node("Gemm", x, dequantised("s", (10, 24), 0), constant(random.random(10), np.float32), transB=1), "n", 10)


{"products": make_products, "images": make_images, "network": make_network}[sys.argv[1]]()
graph = helper.make_graph(nodes, "quantised", inputs, outputs, [numpy_helper.from_array(v, n) for n, v in constants.items()])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, sys.argv[2])
