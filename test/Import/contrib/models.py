"""Small models of the ops of domain com.microsoft: a family of ops each, with one output per variant.

Weights are drawn when they are asked for. Every model has the inputs that its variants share, of sizes that are not known
when it is compiled.
"""

import numpy
from onnx import TensorProto, helper

DOMAIN = "com.microsoft"
BATCH, SEQ, KEYS = 4, 7, 9
HEADS, DEPTH = 4, 16
HIDDEN = HEADS * DEPTH
PATTERNS = ("full", "right", "left", "holes", "empty")
# What ONNX Runtime and Hugging Face's tools list in files, used or not.
OPSETS = (("", 17), (DOMAIN, 1), ("ai.onnx.ml", 5), ("ai.onnx.training", 1), ("ai.onnx.preview.training", 1), ("com.microsoft.nchwc", 1),
          ("com.microsoft.experimental", 1), ("com.ms.internal.nhwc", 23), ("org.pytorch.aten", 1))  # fmt: skip


class Model:
    """A graph under construction, and one like it for ONNX Runtime where its kernels lack a variant."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.inputs, self.values, self.weights, self.outputs = [], {}, [], []
        self.nodes, self.reference = [], []

    def draw(self, *shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(numpy.float32)

    def input(self, name, value, dims):
        """An input with the value that it has unless `patterns` says otherwise; a dimension is a name or a number."""
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims))
        self.values[name] = value
        return name

    def weight(self, value):
        name = f"w{len(self.weights)}"
        self.weights.append(helper.make_tensor(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape, value.tobytes(), raw=True))
        return name

    def node(self, op, inputs, outputs, domain=DOMAIN, reference=None, **attributes):
        """A node whose outputs are outputs of the model. `reference` computes them in its place in ONNX Runtime."""
        node = helper.make_node(op, [i or "" for i in inputs], outputs, name=outputs[0], domain=domain, **attributes)
        self.nodes.append(node)
        self.reference += reference or [node]
        self.outputs += [name for name in outputs if name]
        return outputs[0]

    def build(self, reference=False):
        outputs = [helper.make_empty_tensor_value_info(name) for name in self.outputs]
        nodes = self.reference if reference else self.nodes
        graph = helper.make_graph(nodes, "family", self.inputs, outputs, self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid(*opset) for opset in OPSETS], ir_version=10)


def node(op, inputs, outputs, domain="", **attributes):
    return helper.make_node(op, inputs, outputs, domain=domain, **attributes)


def make_mask(pattern, size):
    """1 for a token, 0 for padding; rows differ in length."""
    mask = numpy.ones((BATCH, size), numpy.int32)
    for row in range(1, BATCH):
        if pattern in ("right", "empty"):
            mask[row, size - 2 * row + 1 :] = 0
        elif pattern == "left":
            mask[row, : 2 * row - 1] = 0
        elif pattern == "holes":
            mask[row, row % 2 :: row + 1] = 0
    if pattern == "empty":
        mask[-1] = 0
    return mask


def masks(pattern, size):
    """The same padding in every form that a mask has."""
    mask = make_mask(pattern, size)
    ends = numpy.array([size if row[-1] else int(row.argmin()) for row in mask], numpy.int32)
    lengths = mask.sum(axis=1).astype(numpy.int32)
    starts = numpy.array([row.argmax() if row.any() else 0 for row in mask], numpy.int32)
    queries = numpy.random.default_rng(size).integers(0, 2, (BATCH, SEQ, size)).astype(numpy.int32) * mask[:, None]
    return mask, lengths, numpy.concatenate([ends, starts]), queries


def attention():
    model = Model(1)
    x = model.input("x", model.draw(BATCH, SEQ, HIDDEN), ["batch", "seq", HIDDEN])
    mask, lengths, ends, queries = masks("right", SEQ)
    names = {
        "mask": model.input("mask", mask, ["batch", "seq"]),
        "lengths": model.input("lengths", lengths, ["batch"]),
        "ends": model.input("ends", ends, ["twice"]),
        "queries": model.input("queries", queries, ["batch", "seq", "seq"]),
    }
    bias = model.input("bias", model.draw(1, HEADS, SEQ, SEQ), [1, HEADS, "seq", "seq"])
    past = model.input("past", model.draw(2, BATCH, HEADS, 3, DEPTH), [2, "batch", HEADS, "past", DEPTH])
    w = model.weight(model.draw(HIDDEN, 3 * HIDDEN, scale=0.15))
    b = model.weight(model.draw(3 * HIDDEN, scale=0.1))
    call = lambda out, *rest, **attributes: model.node("Attention", [x, w, b, *rest], [out], num_heads=HEADS, **attributes)
    call("plain")
    for kind, name in names.items():
        call(f"by_{kind}", name)
        call(f"causal_by_{kind}", name, unidirectional=1)
        call(f"biased_by_{kind}", name, None, bias)
    call("causal", unidirectional=1)
    call("biased_causal_by_mask", names["mask"], None, bias, unidirectional=1)
    call("soft", names["mask"], mask_filter_value=-3.0)
    call("soft_causal", names["mask"], mask_filter_value=-3.0, unidirectional=1)
    call("scaled_by_mask", names["mask"], scale=0.3)
    call("dummy_mask", model.weight(numpy.zeros((BATCH, 1), numpy.int32)))
    model.node("Attention", [x, w], ["unbiased"], num_heads=HEADS)
    wide = model.weight(model.draw(HIDDEN, 2 * 32 + 96, scale=0.15))
    model.node("Attention", [x, wide, model.weight(model.draw(160)), names["mask"]], ["sizes_by_mask"], num_heads=HEADS,
               qkv_hidden_sizes=[32, 32, 96])  # fmt: skip
    model.node("Attention", [x, w, b, None, past], ["with_past", "present"], num_heads=HEADS)
    model.node("Attention", [x, w, b, None, past], ["causal_with_past", "causal_present"], num_heads=HEADS, unidirectional=1)
    for pattern in PATTERNS:
        yield model, dict(zip(names, masks(pattern, SEQ)))


def multi_head():
    model = Model(2)
    q = model.input("q", model.draw(BATCH, SEQ, HIDDEN), ["batch", "seq", HIDDEN])
    k = model.input("k", model.draw(BATCH, KEYS, HIDDEN), ["batch", "keys", HIDDEN])
    v = model.input("v", model.draw(BATCH, KEYS, 96), ["batch", "keys", 96])
    u = model.input("u", model.draw(BATCH, KEYS, HIDDEN), ["batch", "keys", HIDDEN])
    qs = model.input("qs", model.draw(BATCH, KEYS, HIDDEN), ["batch", "keys", HIDDEN])
    mask, lengths, _, queries = masks("right", KEYS)
    names = {
        "mask": model.input("mask", mask, ["batch", "keys"]),
        "lengths": model.input("lengths", lengths, ["batch"]),
        "queries": model.input("queries", queries, ["batch", "seq", "keys"]),
    }
    bias = model.input("bias", model.draw(BATCH, 1, SEQ, KEYS), ["batch", 1, "seq", "keys"])
    past = [model.input(n, model.draw(BATCH, HEADS, 3, DEPTH), ["batch", HEADS, "past", DEPTH]) for n in ("past_k", "past_v")]
    total = model.input("total", make_mask("right", KEYS + 3), ["batch", "total"])
    b = model.weight(model.draw(2 * HIDDEN + 96))
    same = model.weight(model.draw(3 * HIDDEN))
    call = lambda outs, *inputs, **attributes: model.node("MultiHeadAttention", inputs, outs, num_heads=HEADS, **attributes)
    call(["plain"], q, k, v)
    call(["projected"], q, k, v, b)
    for kind, name in names.items():
        call([f"by_{kind}"], q, k, v, b, name)
        call([f"biased_by_{kind}"], q, k, v, None, name, bias)
    call(["causal"], qs, k, v, unidirectional=1)
    call(["causal_by_mask"], qs, k, v, None, names["mask"], unidirectional=1)
    call(["scaled"], q, k, v, None, names["mask"], scale=0.3, mask_filter_value=-4.0)
    call(["presents", "present_k", "present_v"], q, k, u, same)
    call(["continued", "continued_k", "continued_v"], q, k, u, same, None, None, *past)
    call(["continued_by_mask", "by_mask_k", "by_mask_v"], q, k, u, None, total, None, *past)
    call(["continued_causal", "causal_k", "causal_v"], qs, k, u, None, total, None, *past, unidirectional=1)
    call(["ready_by_mask"], q, "present_k", "present_v", same, names["mask"])

    # Packed operands, which ONNX Runtime has no kernels for on CPUs.
    packed = model.input("packed", model.draw(BATCH, KEYS, HEADS, 3, DEPTH), ["batch", "keys", HEADS, 3, DEPTH])
    pair = model.input("pair", model.draw(BATCH, KEYS, HEADS, 2, DEPTH), ["batch", "keys", HEADS, 2, DEPTH])
    flat = model.weight(numpy.array([0, 0, HIDDEN], numpy.int64))

    def unpacked(out, source, count, inputs):
        nodes = [node("Split", [source], [f"{out}_{i}" for i in range(count)], axis=3, num_outputs=count)]
        nodes[0].attribute.pop()  # opset 17 goes by the number of outputs
        nodes += [node("Squeeze", [f"{out}_{i}", model.weight(numpy.array([3], numpy.int64))], [f"{out}_{i}s"]) for i in range(count)]
        nodes += [node("Reshape", [f"{out}_{i}s", flat], [f"{out}_{i}r"]) for i in range(count)]
        operands = [f"{out}_{i}r" for i in range(count)]
        return [*nodes, node("MultiHeadAttention", [*([q] if count == 2 else []), *operands, *inputs], [out], DOMAIN, num_heads=HEADS)]

    call(["packed_qkv_by_mask"], packed, None, None, same, names["mask"], reference=unpacked("packed_qkv_by_mask", packed, 3, [same, names["mask"]]))
    call(["packed_kv_by_mask"], q, pair, None, None, names["mask"], reference=unpacked("packed_kv_by_mask", pair, 2, ["", names["mask"]]))
    for pattern in PATTERNS:
        mask, lengths, _, queries = masks(pattern, KEYS)
        yield model, {"mask": mask, "lengths": lengths, "queries": queries, "total": make_mask(pattern, KEYS + 3)}


def group_query():
    groups = 2
    model = Model(3)
    q = model.input("q", model.draw(BATCH, SEQ, HIDDEN), ["batch", "seq", HIDDEN])
    k = model.input("k", model.draw(BATCH, SEQ, groups * DEPTH), ["batch", "seq", groups * DEPTH])
    v = model.input("v", model.draw(BATCH, SEQ, groups * DEPTH), ["batch", "seq", groups * DEPTH])
    packed = model.input("packed", model.draw(BATCH, SEQ, (HEADS + 2 * groups) * DEPTH), ["batch", "seq", (HEADS + 2 * groups) * DEPTH])
    bias = model.input("bias", model.draw(BATCH, 1, SEQ, SEQ), ["batch", 1, "seq", "seq"])
    last = model.input("last", numpy.full(BATCH, SEQ - 1, numpy.int32), ["batch"])
    total = model.input("total", numpy.array(SEQ, numpy.int32), [])
    empty = [model.input(n, model.draw(BATCH, groups, 0, DEPTH), ["batch", groups, "none", DEPTH]) for n in ("empty_k", "empty_v")]
    angles = numpy.arange(32)[:, None] * 100.0 ** (-numpy.arange(DEPTH // 2) / (DEPTH // 2))
    caches = [model.weight(f(angles).astype(numpy.float32)) for f in (numpy.cos, numpy.sin)]
    norms = [model.weight(1 + model.draw(DEPTH, scale=0.1)) for _ in range(2)]

    def call(out, *inputs, **attributes):
        outs = [out, f"{out}_k", f"{out}_v"]
        return model.node("GroupQueryAttention", inputs, outs, num_heads=HEADS, kv_num_heads=groups, **attributes)

    call("prompt", q, k, v, None, None, last, total)
    call("prompt_no_past", q, k, v, *empty, last, total, *caches, do_rotary=1)
    call("rotary", q, k, v, None, None, last, total, *caches, do_rotary=1)
    call("interleaved", q, k, v, None, None, last, total, *caches, do_rotary=1, rotary_interleaved=1)
    call("packed_prompt", packed, None, None, None, None, last, total, *caches, do_rotary=1)
    call("window", q, k, v, None, None, last, total, local_window_size=3)
    call("scaled", q, k, v, None, None, last, total, scale=0.4)
    call("capped", q, k, v, None, None, last, total, softcap=1.5)
    call("biased", q, k, v, None, None, last, total, None, None, None, bias)
    call("capped_biased", q, k, v, None, None, last, total, None, None, None, bias, softcap=1.5)
    call("bidirectional", q, k, v, None, None, last, total, causal=0)
    # No kernels for CPUs:
    outs = ["normed", "normed_k", "normed_v"]
    attributes = {"num_heads": HEADS, "kv_num_heads": groups, "do_rotary": 1}
    flat = model.weight(numpy.array([0, 0, -1], numpy.int64))
    reference = []
    for name, heads, scale in ((q, HEADS, norms[0]), (k, groups, norms[1])):
        split = model.weight(numpy.array([0, 0, heads, DEPTH], numpy.int64))
        reference += [
            node("Reshape", [name, split], [f"{name}_heads"]),
            node("SimplifiedLayerNormalization", [f"{name}_heads", scale], [f"{name}_normal"], axis=-1, epsilon=1e-3),
            node("Reshape", [f"{name}_normal", flat], [f"{name}_flat"]),
        ]
    reference.append(node("GroupQueryAttention", ["q_flat", "k_flat", v, "", "", last, total, *caches], outs, DOMAIN, **attributes))
    model.node("GroupQueryAttention", [q, k, v, None, None, last, total, *caches, *[None] * 5, *norms], outs, reference=reference,
               qk_norm_epsilon=1e-3, **attributes)  # fmt: skip
    for lengths in ((SEQ,) * 4, (SEQ, 5, 1, 3)):
        yield model, {"last": numpy.array(lengths, numpy.int32) - 1}


def group_query_step(rows, pasts):
    """Steps after the prompt: the cache holds `pasts` rows of each sequence, `rows` come."""
    groups, batch, size = 2, len(pasts), max(pasts)
    model = Model(4)
    q = model.input("q", model.draw(batch, rows, HIDDEN), ["batch", "seq", HIDDEN])
    k = model.input("k", model.draw(batch, rows, groups * DEPTH), ["batch", "seq", groups * DEPTH])
    v = model.input("v", model.draw(batch, rows, groups * DEPTH), ["batch", "seq", groups * DEPTH])
    past = [model.input(n, model.draw(batch, groups, size, DEPTH), ["batch", groups, "past", DEPTH]) for n in ("past_k", "past_v")]
    last = model.input("last", numpy.array(pasts, numpy.int32) + rows - 1, ["batch"])
    total = model.input("total", numpy.array([size + rows], numpy.int32), [1])
    angles = numpy.arange(32)[:, None] * 100.0 ** (-numpy.arange(DEPTH // 2) / (DEPTH // 2))
    caches = [model.weight(f(angles).astype(numpy.float32)) for f in (numpy.cos, numpy.sin)]
    ragged = len(set(pasts)) > 1
    for name, attributes in (("step", {}), ("window_step", {"local_window_size": 3}), ("turned_step", {"do_rotary": 1})):
        outs = [name, f"{name}_k", f"{name}_v"]
        inputs = [q, k, v, *past, last, total, *caches]
        model.node("GroupQueryAttention", inputs, outs, num_heads=HEADS, kv_num_heads=groups, **attributes)
        if len(set(pasts)) > 1:  # what stands behind the end of a sequence in its cache is not said
            model.outputs = [out for out in model.outputs if out not in outs[1:]]
    yield model, {}


def rotary():
    model = Model(5)
    x = model.input("x", model.draw(BATCH, SEQ, HIDDEN), ["batch", "seq", HIDDEN])
    h = model.input("h", model.draw(BATCH, HEADS, SEQ, DEPTH), ["batch", HEADS, "seq", DEPTH])
    places = model.input("places", model.random.integers(0, 20, (BATCH, SEQ)), ["batch", "seq"])
    first = model.input("first", numpy.array([3], numpy.int64), [1])
    whole = [model.weight(model.draw(32, DEPTH // 2)) for _ in range(2)]
    part = [model.weight(model.draw(32, DEPTH // 4)) for _ in range(2)]
    for turned in (0, 1):
        for name, data in (("flat", x), ("heads", h)):
            model.node("RotaryEmbedding", [data, places, *whole], [f"{name}{turned}"], interleaved=turned)
            model.node("RotaryEmbedding", [data, first, *whole], [f"{name}_first{turned}"], interleaved=turned)
            model.node("RotaryEmbedding", [data, places, *part], [f"{name}_part{turned}"], interleaved=turned, num_heads=HEADS,
                       rotary_embedding_dim=DEPTH // 2)  # fmt: skip
    yield model, {}


def norms():
    model = Model(6)
    x = model.input("x", model.draw(BATCH, SEQ, HIDDEN), ["batch", "seq", HIDDEN])
    skip = model.input("skip", model.draw(BATCH, SEQ, HIDDEN), ["batch", "seq", HIDDEN])
    row = model.input("row", model.draw(SEQ, HIDDEN), ["seq", HIDDEN])
    gamma, beta, bias = (model.weight(model.draw(HIDDEN)) for _ in range(3))
    model.node("SkipLayerNormalization", [x, skip, gamma, beta], ["skip_plain"])
    model.node("SkipLayerNormalization", [x, skip, gamma, beta, bias], ["skip_all", "skip_mean", "skip_deviation", "skip_sum"], epsilon=1e-3)
    model.node("SkipLayerNormalization", [x, skip, gamma, None, bias], ["skip_unshifted", "", "", "skip_unshifted_sum"], epsilon=1e-3)
    model.node("SkipLayerNormalization", [x, row, gamma, beta], ["skip_broadcast"])
    model.node("SkipSimplifiedLayerNormalization", [x, skip, gamma], ["rms_plain"])
    model.node("SkipSimplifiedLayerNormalization", [x, skip, gamma, bias], ["rms_all", "", "rms_deviation", "rms_sum"], epsilon=1e-3)
    model.node("SimplifiedLayerNormalization", [x, gamma], ["rms", "rms_inverse"], domain="", epsilon=1e-4, axis=-1, stash_type=1)
    yield model, {}


def embedding():
    model = Model(7)
    ids = model.input("ids", model.random.integers(0, 20, (BATCH, SEQ)).astype(numpy.int32), ["batch", "seq"])
    segments = model.input("segments", model.random.integers(0, 2, (BATCH, SEQ)).astype(numpy.int32), ["batch", "seq"])
    places = model.input("places", model.random.integers(0, 12, (BATCH, SEQ)).astype(numpy.int32), ["batch", "seq"])
    mask = model.input("mask", make_mask("right", SEQ), ["batch", "seq"])
    words, positions, kinds = (model.weight(model.draw(size, HIDDEN)) for size in (20, 12, 2))
    gamma, beta = (model.weight(model.draw(HIDDEN)) for _ in range(2))
    tables = [words, positions, kinds, gamma, beta]
    call = lambda outs, *inputs, **attributes: model.node("EmbedLayerNormalization", inputs, outs, **attributes)
    call(["all", "lengths", "sum"], ids, segments, *tables, mask, epsilon=1e-4)
    call(["placed", "", "placed_sum"], ids, segments, *tables, None, places)
    call(["unmasked", "no_lengths"], ids, segments, *tables)
    call(["plain", "plain_lengths"], ids, None, words, positions, None, gamma, beta, mask)
    w, b = model.weight(model.draw(HIDDEN, 3 * HIDDEN, scale=0.15)), model.weight(model.draw(3 * HIDDEN))
    model.node("Attention", ["all", w, b, "lengths"], ["attended_by_lengths"], num_heads=HEADS)
    for pattern in PATTERNS:
        yield model, {"mask": make_mask(pattern, SEQ)}
    yield model, {"mask": make_mask("holes", SEQ) * 3 - make_mask("left", SEQ)}


def activations():
    model = Model(8)
    x = model.input("x", model.draw(BATCH, SEQ, HIDDEN, scale=2), ["batch", "seq", HIDDEN])
    b = model.weight(model.draw(HIDDEN))
    model.node("Gelu", [x], ["gelu"])
    model.node("BiasGelu", [x, b], ["bias_gelu"])
    model.node("FastGelu", [x], ["fast_gelu"])
    model.node("FastGelu", [x, b], ["fast_bias_gelu"])
    model.node("QuickGelu", [x], ["quick_gelu"])
    model.node("QuickGelu", [x], ["quick_gelu_alpha"], alpha=1.0)
    # No kernels for CPUs:
    half, w = HIDDEN // 2, model.weight(model.draw(HIDDEN, 8, scale=0.2))
    bw = model.weight(model.draw(8))
    model.node("BiasSplitGelu", [x, b], ["split_gelu"], reference=[
        node("Add", [x, b], ["sg_sum"]),
        node("Split", ["sg_sum", model.weight(numpy.array([half, half], numpy.int64))], ["sg_left", "sg_right"], axis=2),
        node("Gelu", ["sg_right"], ["sg_gelu"], DOMAIN), node("Mul", ["sg_left", "sg_gelu"], ["split_gelu"])])  # fmt: skip
    model.node("BiasAdd", [x, b, x], ["bias_add"], reference=[node("Add", [x, b], ["ba_sum"]), node("Add", ["ba_sum", x], ["bias_add"])])
    model.node("GemmFastGelu", [x, w, bw], ["gemm_fast_gelu"], reference=[node("MatMul", [x, w], ["gf"]), node("FastGelu", ["gf", bw], ["gemm_fast_gelu"], DOMAIN)])  # fmt: skip
    yield model, {}


def products():
    model = Model(9)
    a = model.input("a", model.draw(2, 3, 4, 5), ["i", "j", "m", 5])
    b = model.input("b", model.draw(2, 3, 5, 6), ["i", "j", 5, "n"])
    model.node("FusedMatMul", [a, b], ["product"], alpha=0.5)
    model.node("TransposeMatMul", [a, b], ["old_name"], alpha=0.5)
    for name, shapes, attributes in (
        ("swap_a", ((2, 3, 5, 4), (2, 3, 5, 6)), {"transA": 1}),
        ("swap_b", ((2, 3, 4, 5), (2, 3, 6, 5)), {"transB": 1}),
        ("swap_both", ((5, 4), (6, 5)), {"transA": 1, "transB": 1}),
        ("batch_a", ((4, 2, 3, 5), (2, 3, 5, 6)), {"transBatchA": 1}),
        ("batch_b", ((2, 3, 4, 5), (5, 2, 3, 6)), {"transBatchB": 1}),
        ("all", ((5, 2, 3, 4), (6, 2, 3, 5)), {"transBatchA": 1, "transBatchB": 1, "transA": 1, "transB": 1, "alpha": -2.0}),
        ("vector", ((5,), (5, 6)), {"transA": 1}),
    ):
        operands = [model.input(f"{name}_{side}", model.draw(*shape), [f"{name}{side}{i}" for i in range(len(shape))]) for side, shape in zip("ab", shapes)]
        model.node("FusedMatMul", operands, [name], **attributes)
    x, w, c = model.input("x", model.draw(3, 8), ["rows", 8]), model.weight(model.draw(6, 8)), model.weight(model.draw(6))
    for name, attributes in (("Relu", {}), ("Tanh", {}), ("Sigmoid", {}), ("LeakyRelu", {"activation_alpha": 0.3})):
        model.node("FusedGemm", [x, w, c], [f"gemm_{name}"], activation=name, transB=1, alpha=0.7, **attributes)
    image, filters, offsets = model.input("image", model.draw(2, 3, 6, 6), ["batch", 3, 6, 6]), model.weight(model.draw(4, 3, 3, 3)), model.weight(model.draw(4))
    z = model.input("z", model.draw(2, 4, 6, 6), ["batch", 4, 6, 6])
    pads = {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}
    for name, parameters in (("Relu", []), ("Tanh", []), ("Sigmoid", []), ("LeakyRelu", [0.3]), ("Clip", [-0.5, 0.7]), ("HardSigmoid", [0.3, 0.4])):
        given = {"activation_params": parameters} if parameters else {}
        model.node("FusedConv", [image, filters, offsets], [f"conv_{name}"], activation=name, **pads, **given)
    model.node("FusedConv", [image, filters, offsets, z], ["conv_sum"], activation="Relu", **pads)
    yield model, {}


FAMILIES = {
    "attention": attention,
    "multi_head": multi_head,
    "group_query": group_query,
    "group_query_step": lambda: group_query_step(1, (5, 5, 5)),
    "group_query_ragged": lambda: group_query_step(1, (5, 2, 1)),
    "group_query_chunk": lambda: group_query_step(3, (5,)),
    "rotary": rotary,
    "norms": norms,
    "embedding": embedding,
    "activations": activations,
    "products": products,
}
