#!/usr/bin/env python3
"""Convolutional networks for images with random weights, as ONNX models: input of [batch, 3, size, size] to logits.

They are spelled as PyTorch exports those of torchvision, with batch norms folded into the convolutions before them. Weights are
scaled by what each convolution sums and by the function that follows, so that activations neither vanish nor overflow.

    test/benchmarks/convnets.py resnet50 model.onnx
"""

import functools
import math

import builder
from encoder import Graph
from onnx import TensorProto, helper

# Kernel, channels that it sees, channels out, squeeze and excitation?, hard swish (else ReLU)?, stride. (Howard et al. 2019, table 1)
MOBILENET_V3_LARGE = [
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
]

# Expansion, kernel, stride of the first, channels out, blocks. (Tan & Le 2019, table 1)
EFFICIENTNET_B0 = [
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
]

# The variance of weights times the number of terms that keeps that of activations: twice before a function that leaves half of
# it, less where a block's answer is added to its input.
KEEP, RECTIFIED, GATED, ADDED = 1.0, 2.0, 2.8, 0.3


class Network(Graph):
    """A graph of convolutions; images are [batch, channels, height, width]."""

    def convolve(self, x, channels, outputs, kernel, stride=1, groups=1, gain=KEEP):
        terms, pad = channels // groups * kernel * kernel, kernel // 2
        weight = self.weight(outputs, channels // groups, kernel, kernel, deviation=math.sqrt(gain / terms))
        return self.add("Conv", x, weight, self.weight(outputs), dilations=[1, 1], group=groups, kernel_shape=[kernel] * 2,
                        pads=[pad] * 4, strides=[stride] * 2)

    def dense(self, x, rows, columns, gain=KEEP):
        return self.add("Gemm", x, self.weight(columns, rows, deviation=math.sqrt(gain / rows)), self.weight(columns), transB=1)

    def relu(self, x):
        return self.add("Relu", x)

    def hard_swish(self, x):
        return self.add("HardSwish", x)

    def silu(self, x):
        return self.add("Mul", x, self.add("Sigmoid", x))

    def pool(self, x):
        """[batch, channels]: the means of all channels."""
        return self.add("Flatten", self.add("GlobalAveragePool", x), axis=1)

    def squeeze(self, x, channels, inner, activate, gate):
        """Squeeze and excitation (Hu et al. 2017): each channel times a factor that follows from the means of all."""
        means = activate(self.convolve(self.add("GlobalAveragePool", x), channels, inner, 1, gain=RECTIFIED))
        return self.add("Mul", gate(self.convolve(means, inner, channels, 1)), x)

    def invert(self, x, channels, expanded, outputs, kernel, stride, activate, squeeze=None):
        """An inverted residual block (Sandler et al. 2018); `squeeze` is called on what the depthwise convolution gave."""
        h = x if expanded == channels else activate(self.convolve(x, channels, expanded, 1, gain=GATED))
        h = activate(self.convolve(h, expanded, expanded, kernel, stride, groups=expanded, gain=GATED))
        added = stride == 1 and channels == outputs
        # Factors of squeeze and excitation are about a half.
        gain = (ADDED if added else KEEP) * (4 if squeeze else 1)
        h = self.convolve(squeeze(h) if squeeze else h, expanded, outputs, 1, gain=gain)
        return self.add("Add", h, x) if added else h

    def finish(self, name, size, classes):
        self.nodes[-1].output[0] = "logits"
        image = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, size, size])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])
        graph = helper.make_graph(self.nodes, name, [image], [logits], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def whole(channels):
    """The multiple of 8 that is nearest to `channels`, but not below 90 % of it."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def resnet50(blocks=(3, 4, 6, 3), width=64, size=224, classes=1000):
    """ResNet-50 (He et al. 2015), strides in the 3 x 3 convolutions, as torchvision has them."""
    g = Network()
    x = g.relu(g.convolve("input", 3, width, 7, 2, gain=RECTIFIED))
    x = g.add("MaxPool", x, ceil_mode=0, dilations=[1, 1], kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    channels = width
    for stage, count in enumerate(blocks):
        inner = width << stage
        for block in range(count):
            stride = 2 if stage > 0 and block == 0 else 1
            h = g.relu(g.convolve(x, channels, inner, 1, gain=RECTIFIED))
            h = g.relu(g.convolve(h, inner, inner, 3, stride, gain=RECTIFIED))
            h = g.convolve(h, inner, 4 * inner, 1, gain=ADDED)
            if block == 0:
                x = g.convolve(x, channels, 4 * inner, 1, stride)
            x, channels = g.relu(g.add("Add", h, x)), 4 * inner
    g.dense(g.pool(x), channels, classes)
    return g.finish("resnet50", size, classes)


def mobilenet_v3_large(rows=tuple(MOBILENET_V3_LARGE), last=1280, size=224, classes=1000):
    """MobileNetV3-Large (Howard et al. 2019)."""
    g = Network()

    def squeezed(channels):
        return lambda h: g.squeeze(h, channels, whole(channels / 4), g.relu, lambda v: g.add("HardSigmoid", v, alpha=1 / 6))

    channels = rows[0][1]
    x = g.hard_swish(g.convolve("input", 3, channels, 3, 2, gain=GATED))
    for kernel, expanded, outputs, excited, swish, stride in rows:
        activate = g.hard_swish if swish else g.relu
        x = g.invert(x, channels, expanded, outputs, kernel, stride, activate, squeezed(expanded) if excited else None)
        channels = outputs
    x = g.hard_swish(g.convolve(x, channels, 6 * channels, 1, gain=GATED))
    x = g.hard_swish(g.dense(g.pool(x), 6 * channels, last, gain=GATED))
    g.dense(x, last, classes)
    return g.finish("mobilenet_v3_large", size, classes)


def efficientnet_b0(stages=tuple(EFFICIENTNET_B0), stem=32, last=1280, size=224, classes=1000):
    """EfficientNet-B0 (Tan & Le 2019)."""
    g = Network()

    def squeezed(channels, expanded):
        return lambda h: g.squeeze(h, expanded, channels // 4, g.silu, lambda v: g.add("Sigmoid", v))

    channels, x = stem, g.silu(g.convolve("input", 3, stem, 3, 2, gain=GATED))
    for expansion, kernel, first, outputs, count in stages:
        for block in range(count):
            expanded, stride = expansion * channels, first if block == 0 else 1
            x = g.invert(x, channels, expanded, outputs, kernel, stride, g.silu, squeezed(channels, expanded))
            channels = outputs
    x = g.silu(g.convolve(x, channels, last, 1, gain=GATED))
    g.dense(g.pool(x), last, classes)
    return g.finish("efficientnet_b0", size, classes)


BUILDERS = {"resnet50": resnet50, "mobilenet_v3_large": mobilenet_v3_large, "efficientnet_b0": efficientnet_b0}
# The same in small, for tests.
SMALL = {
    "resnet50": functools.partial(resnet50, (1, 2, 1, 1), 8, 64, 10),
    "mobilenet_v3_large": functools.partial(mobilenet_v3_large, MOBILENET_V3_LARGE[:5:2], 24, 64, 10),
    "efficientnet_b0": functools.partial(efficientnet_b0, EFFICIENTNET_B0[:3], 8, 24, 64, 10),
}

if __name__ == "__main__":
    builder.main(__doc__, BUILDERS, SMALL)
