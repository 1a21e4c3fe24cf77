#!/usr/bin/env python3
"""Networks of several kinds with drawn weights, as ONNX models of opset 17, spelled as PyTorch's exporters write them.

    test/benchmarks/networks.py unet unet.onnx

The command line knows the encoders, convolutional networks and decoders of the files beside this one too.

Weights are drawn with a fixed seed and scaled by what they sum (He et al. 2015), so that activations stay in range. The batch
is dynamic. Each function builds one network and takes its sizes, so that tests can build small ones.
"""

import functools
import math

import builder
import convnets
import decoders
import encoder
import numpy
from encoder import Graph
from onnx import TensorProto, helper

# The variance of weights times the number of terms that they sum: more before a function that lowers it (ReLU and GELU, SiLU),
# less for what is added to a sum.
KEEP, ACTIVATED, GATED, ADDED = 1.0, 2.0, 2.2, 0.2


class Network(Graph):
    """Layers as exporters write them. Images are [batch, channels, height, width], tokens [batch, tokens, width]."""

    def draw(self, *shape, terms, gain=KEEP):
        return self.constant((math.sqrt(gain / terms) * self.random.standard_normal(shape)).astype(numpy.float32))

    def zeros(self, *shape):
        return self.constant((0.02 * self.random.standard_normal(shape)).astype(numpy.float32))

    def ones(self, *shape):
        return self.constant((1 + 0.02 * self.random.standard_normal(shape)).astype(numpy.float32))

    def ints(self, *values):
        return self.constant(numpy.array(values, numpy.int64))

    def number(self, value):
        return self.constant(numpy.float32(value))

    def conv(self, x, channels, outputs, kernel, stride=1, pads=None, gain=KEEP):
        """A convolution with bias; `kernel` is one size, of two axes, or the sizes of all."""
        kernel = [kernel] * 2 if isinstance(kernel, int) else kernel
        weight = self.draw(outputs, channels, *kernel, terms=channels * math.prod(kernel), gain=gain)
        pads = [size // 2 for size in kernel] * 2 if pads is None else pads
        return self.add("Conv", x, weight, self.zeros(outputs), kernel_shape=kernel, strides=[stride] * len(kernel), pads=pads,
                        dilations=[1] * len(kernel), group=1)

    def dense(self, x, rows, columns, gain=KEEP, bias=True):
        product = self.add("MatMul", x, self.draw(rows, columns, terms=rows, gain=gain))
        return self.add("Add", self.zeros(columns), product) if bias else product

    def layer_norm(self, x, width, epsilon=1e-5):
        return self.add("LayerNormalization", x, self.ones(width), self.zeros(width), axis=-1, epsilon=epsilon)

    def group_norm(self, x, channels, groups, epsilon=1e-5):
        """Instance normalisation of the groups, then a factor and a summand for each channel."""
        parts = self.add("Reshape", x, self.ints(0, groups, -1))
        scale, bias = self.constant(numpy.ones(groups, numpy.float32)), self.constant(numpy.zeros(groups, numpy.float32))
        normal = self.add("InstanceNormalization", parts, scale, bias, epsilon=epsilon)
        normal = self.add("Reshape", normal, self.add("Shape", x))
        return self.add("Add", self.add("Mul", normal, self.ones(channels, 1, 1)), self.zeros(channels, 1, 1))

    def silu(self, x):
        return self.add("Mul", x, self.add("Sigmoid", x))

    def gelu(self, x):
        gate = self.add("Add", self.add("Erf", self.add("Div", x, self.number(math.sqrt(2)))), self.number(1))
        return self.add("Mul", self.add("Mul", x, gate), self.number(0.5))

    def attend(self, x, context, width, context_width, heads, bias=True):
        """Multi-head attention (Vaswani et al. 2017) of tokens x to `context`, and the product behind it."""
        depth = width // heads
        split, join = self.ints(0, -1, heads, depth), self.ints(0, -1, width)

        def head(tokens, rows, order, biased):
            projected = self.dense(tokens, rows, width, bias=biased)
            return self.add("Transpose", self.add("Reshape", projected, split), perm=order)

        q, k = head(x, width, [0, 2, 1, 3], bias), head(context, context_width, [0, 2, 3, 1], False)
        v = head(context, context_width, [0, 2, 1, 3], bias)
        scores = self.add("Mul", self.add("MatMul", q, k), self.number(depth**-0.5))
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), v)
        mixed = self.add("Reshape", self.add("Transpose", mixed, perm=[0, 2, 1, 3]), join)
        return self.dense(mixed, width, width, gain=ADDED)

    def encode(self, x, width, heads, epsilon=1e-5):
        """A layer of a transformer that normalises first, with an inner width of four times its own."""
        normal = self.layer_norm(x, width, epsilon)
        x = self.add("Add", x, self.attend(normal, normal, width, width, heads))
        inner = self.gelu(self.dense(self.layer_norm(x, width, epsilon), width, 4 * width, gain=ACTIVATED))
        return self.add("Add", x, self.dense(inner, 4 * width, width, gain=ADDED))

    def pool(self, x, kernel, strides, pads=(0, 0, 0, 0)):
        return self.add("MaxPool", x, kernel_shape=kernel, strides=strides, pads=list(pads), ceil_mode=0)

    def double(self, x):
        """Twice the height and width, each element four times."""
        scales = self.constant(numpy.array([1, 1, 2, 2], numpy.float32))
        return self.add("Resize", x, "", scales, coordinate_transformation_mode="asymmetric", mode="nearest", nearest_mode="floor",
                        cubic_coeff_a=-0.75)

    def finish(self, name, inputs, output, shape):
        """The model whose last node gives `output`; `inputs` are names to shapes."""
        self.nodes[-1].output[0] = output
        infos = [helper.make_tensor_value_info(key, TensorProto.FLOAT, value) for key, value in inputs.items()]
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, name, infos, [result], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def unet(widths=(96, 192, 288), blocks=2, groups=32, depth=32, tokens=77, context=512, size=32):
    """The denoiser of latent diffusion (Rombach et al. 2022, after Ho et al. 2020), 38 million weights.

    sample [batch, 4, size, size], timestep [batch], context [batch, tokens, context] to noise [batch, 4, size, size]. The levels
    have `widths` channels and half the height and width of the one above; all but the first attend to themselves and to the
    context. Heads are of `depth` channels.
    """
    g = Network()
    steps = g.constant(numpy.exp(-math.log(10000) * numpy.arange(widths[0] // 2) / (widths[0] // 2)).astype(numpy.float32))
    angles = g.add("Mul", g.add("Unsqueeze", "timestep", g.ints(1)), steps)
    time = g.add("Concat", g.add("Cos", angles), g.add("Sin", angles), axis=-1)
    embedded = 4 * widths[0]
    time = g.dense(g.silu(g.dense(time, widths[0], embedded, gain=ACTIVATED)), embedded, embedded, gain=ACTIVATED)
    time = g.silu(time)

    def block(x, channels, outputs):
        h = g.conv(g.silu(g.group_norm(x, channels, groups)), channels, outputs, 3)
        shift = g.add("Unsqueeze", g.dense(time, embedded, outputs), g.ints(2, 3))
        h = g.group_norm(g.add("Add", h, shift), outputs, groups)
        h = g.conv(g.silu(h), outputs, outputs, 3, gain=ADDED)
        return g.add("Add", x if channels == outputs else g.conv(x, channels, outputs, 1), h)

    def transform(x, channels, side):
        heads = channels // depth
        h = g.conv(g.group_norm(x, channels, groups, 1e-6), channels, channels, 1)
        h = g.add("Reshape", g.add("Transpose", h, perm=[0, 2, 3, 1]), g.ints(0, side * side, channels))
        normal = g.layer_norm(h, channels)
        h = g.add("Add", g.attend(normal, normal, channels, channels, heads, bias=False), h)
        h = g.add("Add", g.attend(g.layer_norm(h, channels), "context", channels, context, heads, bias=False), h)
        inner = g.dense(g.layer_norm(h, channels), channels, 8 * channels)
        g.nodes.append(helper.make_node("Split", [inner, g.ints(4 * channels, 4 * channels)], [f"{inner}_a", f"{inner}_b"], axis=-1))
        gated = g.add("Mul", f"{inner}_a", g.gelu(f"{inner}_b"))
        h = g.add("Add", g.dense(gated, 4 * channels, channels, gain=ADDED), h)
        h = g.add("Transpose", g.add("Reshape", h, g.ints(0, side, side, channels)), perm=[0, 3, 1, 2])
        return g.add("Add", g.conv(h, channels, channels, 1, gain=ADDED), x)

    x, channels, side = g.conv("sample", 4, widths[0], 3), widths[0], size
    skips = [(x, channels)]
    for level, width in enumerate(widths):
        for _ in range(blocks):
            x, channels = block(x, channels, width), width
            x = transform(x, width, side) if level else x
            skips.append((x, channels))
        if level + 1 < len(widths):
            x, side = g.conv(x, channels, channels, 3, stride=2), side // 2
            skips.append((x, channels))
    x = block(transform(block(x, channels, channels), channels, side), channels, channels)
    for level, width in reversed(list(enumerate(widths))):
        for _ in range(blocks + 1):
            skip, more = skips.pop()
            x, channels = block(g.add("Concat", x, skip, axis=1), channels + more, width), width
            x = transform(x, width, side) if level else x
        if level:
            x, side = g.conv(g.double(x), channels, channels, 3), 2 * side
    g.conv(g.silu(g.group_norm(x, channels, groups)), channels, 4, 3)
    inputs = {"sample": ["batch", 4, size, size], "timestep": ["batch"], "context": ["batch", tokens, context]}
    return g.finish("unet", inputs, "noise", ["batch", 4, size, size])


def yolo(widths=(16, 32, 64, 128, 256), blocks=(1, 2, 2, 1), classes=80, bins=16, size=640):
    """A detector as YOLOv8 n (Ultralytics 2023; C2f after Wang et al. 2020, SPPF after He et al. 2015), 3 million weights.

    images [batch, 3, size, size] to boxes [batch, 4 + classes, places]: centre, size and scores at each place of three grids.
    """
    g = Network()

    def conv(x, channels, outputs, kernel=3, stride=1, gain=GATED):
        return g.silu(g.conv(x, channels, outputs, kernel, stride, gain=gain))

    def split(x, parts, axis):
        names = [f"{x}_{i}" for i in range(len(parts))]
        g.nodes.append(helper.make_node("Split", [x, g.ints(*parts)], names, axis=axis))
        return names

    def c2f(x, channels, outputs, count, shortcut):
        half = outputs // 2
        parts = split(conv(x, channels, outputs, 1), [half, half], 1)
        for _ in range(count):
            h = conv(conv(parts[-1], half, half), half, half, gain=KEEP if shortcut else GATED)
            parts.append(g.add("Add", parts[-1], h) if shortcut else h)
        return conv(g.add("Concat", *parts, axis=1), (2 + count) * half, outputs, 1)

    def sppf(x, channels):
        parts = [conv(x, channels, channels // 2, 1)]
        for _ in range(3):
            parts.append(g.pool(parts[-1], [5, 5], [1, 1], [2, 2, 2, 2]))
        return conv(g.add("Concat", *parts, axis=1), 2 * channels, channels, 1)

    x, levels = conv("images", 3, widths[0], stride=2), []
    for i, count in enumerate(blocks):
        x = c2f(conv(x, widths[i], widths[i + 1], stride=2), widths[i + 1], widths[i + 1], count, True)
        levels.append(x)
    _, a, b, c = widths[1:]
    p3, p4, p5 = levels[1], levels[2], sppf(levels[3], c)
    n4 = c2f(g.add("Concat", g.double(p5), p4, axis=1), c + b, b, blocks[0], False)
    n3 = c2f(g.add("Concat", g.double(n4), p3, axis=1), b + a, a, blocks[0], False)
    n4 = c2f(g.add("Concat", conv(n3, a, a, stride=2), n4, axis=1), a + b, b, blocks[0], False)
    n5 = c2f(g.add("Concat", conv(n4, b, b, stride=2), p5, axis=1), b + c, c, blocks[0], False)

    box, score, grids, centres, strides = max(16, a // 4, 4 * bins), max(a, min(classes, 100)), [], [], []
    for x, width, stride in ((n3, a, 8), (n4, b, 16), (n5, c, 32)):
        boxes = g.conv(conv(conv(x, width, box), box, box), box, 4 * bins, 1)
        scores = g.conv(conv(conv(x, width, score), score, score), score, classes, 1)
        side = size // stride
        grids.append(g.add("Reshape", g.add("Concat", boxes, scores, axis=1), g.ints(0, 4 * bins + classes, side * side)))
        ys, xs = numpy.mgrid[0:side, 0:side] + 0.5
        centres.append(numpy.stack([xs.ravel(), ys.ravel()]))
        strides.append(numpy.full((1, side * side), stride))
    places = sum(s.shape[1] for s in strides)
    boxes, scores = split(g.add("Concat", *grids, axis=2), [4 * bins, classes], 1)
    # Each distance is the mean of a distribution over bins (Li et al. 2020).
    bars = g.add("Transpose", g.add("Reshape", boxes, g.ints(0, 4, bins, places)), perm=[0, 2, 1, 3])
    means = g.constant(numpy.arange(bins, dtype=numpy.float32).reshape(1, bins, 1, 1))
    distances = g.add("Conv", g.add("Softmax", bars, axis=1), means, kernel_shape=[1, 1])
    low, high = split(g.add("Reshape", distances, g.ints(0, 4, places)), [2, 2], 1)
    centre = g.constant(numpy.concatenate(centres, axis=1)[None].astype(numpy.float32))
    begin, end = g.add("Sub", centre, low), g.add("Add", centre, high)
    middle = g.add("Div", g.add("Add", begin, end), g.number(2))
    found = g.add("Concat", middle, g.add("Sub", end, begin), axis=1)
    found = g.add("Mul", found, g.constant(numpy.concatenate(strides, axis=1).astype(numpy.float32)))
    g.add("Concat", found, g.add("Sigmoid", scores), axis=1)
    return g.finish("yolo", {"images": ["batch", 3, size, size]}, "boxes", ["batch", 4 + classes, places])


def recur(g, x, inputs, hidden):
    """A bidirectional LSTM layer over x [steps, batch, inputs], to [steps, batch, 2 * hidden]."""
    weights = [g.draw(2, 4 * hidden, inputs, terms=inputs), g.draw(2, 4 * hidden, hidden, terms=hidden), g.zeros(2, 8 * hidden)]
    y = g.add("LSTM", x, *weights, hidden_size=hidden, direction="bidirectional")
    return g.add("Reshape", g.add("Transpose", y, perm=[0, 2, 1, 3]), g.ints(0, 0, -1))


def ocr(scale=64, hidden=256, characters=37, width=320):
    """A recogniser of text lines, CRNN (Shi et al. 2015), 8 million weights.

    image [batch, 1, 32, width] to scores [width / 4 + 1, batch, characters]: convolutions, then two bidirectional LSTMs along
    the line, each with a product behind it.
    """
    g = Network()

    def conv(x, channels, outputs, **more):
        return g.add("Relu", g.conv(x, scale * channels if channels else 1, scale * outputs, gain=ACTIVATED, **more))

    x = g.pool(conv("image", 0, 1, kernel=3), [2, 2], [2, 2])
    x = g.pool(conv(x, 1, 2, kernel=3), [2, 2], [2, 2])
    x = g.pool(conv(conv(x, 2, 4, kernel=3), 4, 4, kernel=3), [2, 2], [2, 1], [0, 1, 0, 1])
    x = g.pool(conv(conv(x, 4, 8, kernel=3), 8, 8, kernel=3), [2, 2], [2, 1], [0, 1, 0, 1])
    x = conv(x, 8, 8, kernel=2, pads=[0, 0, 0, 0])
    x = g.add("Transpose", g.add("Squeeze", x, g.ints(2)), perm=[2, 0, 1])
    x = g.dense(recur(g, x, 8 * scale, hidden), 2 * hidden, hidden)
    g.dense(recur(g, x, hidden, hidden), 2 * hidden, characters)
    return g.finish("ocr", {"image": ["batch", 1, 32, width]}, "scores", [width // 4 + 1, "batch", characters])


def vit(width=384, layers=12, heads=6, patch=16, size=224, classes=1000):
    """A vision transformer, ViT-S/16 (Dosovitskiy et al. 2021; the size is that of Touvron et al. 2021), 22 million weights.

    image [batch, 3, size, size] to logits [batch, classes].
    """
    g = Network()
    places = (size // patch) ** 2
    x = g.conv("image", 3, width, [patch, patch], stride=patch, pads=[0, 0, 0, 0])
    x = g.add("Transpose", g.add("Reshape", x, g.ints(0, width, places)), perm=[0, 2, 1])
    batch = g.add("Slice", g.add("Shape", "image"), g.ints(0), g.ints(1), g.ints(0))
    first = g.add("Expand", g.zeros(1, 1, width), g.add("Concat", batch, g.ints(1, width), axis=0))
    x = g.add("Add", g.add("Concat", first, x, axis=1), g.draw(1, places + 1, width, terms=4))
    for _ in range(layers):
        x = g.encode(x, width, heads, 1e-6)
    first = g.add("Gather", g.layer_norm(x, width, 1e-6), g.constant(numpy.array(0)), axis=1)
    g.dense(first, width, classes)
    return g.finish("vit", {"image": ["batch", 3, size, size]}, "logits", ["batch", classes])


def whisper(width=384, layers=4, heads=6, mels=80, frames=3000):
    """The encoder of Whisper tiny (Radford et al. 2023), 8 million weights.

    mel [batch, mels, frames], a log-mel spectrogram, to states [batch, frames / 2, width].
    """
    g = Network()
    x = g.gelu(g.conv("mel", mels, width, [3], gain=ACTIVATED))
    x = g.gelu(g.conv(x, width, width, [3], stride=2, gain=ACTIVATED))
    rates = numpy.exp(-math.log(10000) * numpy.arange(width // 2) / (width // 2 - 1))
    angles = numpy.arange(frames // 2)[:, None] * rates
    places = g.constant(numpy.concatenate([numpy.sin(angles), numpy.cos(angles)], axis=1).astype(numpy.float32))
    x = g.add("Add", g.add("Transpose", x, perm=[0, 2, 1]), places)
    for _ in range(layers):
        x = g.encode(x, width, heads)
    g.layer_norm(x, width)
    return g.finish("whisper", {"mel": ["batch", mels, frames]}, "states", ["batch", frames // 2, width])


def lstm(width=256, hidden=256, layers=2):
    """Bidirectional LSTM layers (Hochreiter & Schmidhuber 1997; Schuster & Paliwal 1997), 2.6 million weights.

    x [steps, batch, width] to y [steps, batch, 2 * hidden].
    """
    g, x = Network(), "x"
    for layer in range(layers):
        x = recur(g, x, 2 * hidden if layer else width, hidden)
    return g.finish("lstm", {"x": ["steps", "batch", width]}, "y", ["steps", "batch", 2 * hidden])


NETWORKS = {build.__name__: build for build in (unet, yolo, ocr, vit, whisper, lstm)}
# The same in small, for tests.
SMALL = {
    "unet": functools.partial(unet, widths=(16, 32), blocks=1, groups=8, depth=16, tokens=5, context=24, size=16),
    "yolo": functools.partial(yolo, widths=(8, 8, 16, 16, 32), blocks=(1, 1, 1, 1), classes=5, bins=4, size=96),
    "ocr": functools.partial(ocr, scale=4, hidden=16, characters=11, width=48),
    "vit": functools.partial(vit, width=48, layers=2, heads=3, size=64, classes=10),
    "whisper": functools.partial(whisper, width=48, layers=2, heads=3, mels=16, frames=60),
    "lstm": functools.partial(lstm, width=12, hidden=16),
}

if __name__ == "__main__":
    builder.main(__doc__, encoder.BUILDERS | convnets.BUILDERS | decoders.BUILDERS | NETWORKS,
                 encoder.SMALL | convnets.SMALL | decoders.SMALL | SMALL)
