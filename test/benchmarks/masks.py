#!/usr/bin/env python3
"""Attention whose mask lets queries see few keys: Pare beside ONNX Runtime, and beside itself without a mask.

softmax(q k^T / 8 + mask) v with 12 heads of 64 features over one sequence, the mask being computed in the model:
`none`; `causal`; `window` (64 on both sides); `plus` (the window, and a first token that sees and is seen by all);
`documents` (equal segment ids, an input, of documents of 128 tokens). Interleaved, 2 threads each, medians; answers compared.

    make bench-masks
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper
from padding import THREADS, run_pare

HEADS, DEPTH, WINDOW, DOCUMENT = 12, 64, 64, 128
KINDS = ["none", "causal", "window", "plus", "documents"]


def build(kind, seq):
    """The ONNX model."""
    constants = {"scale": 0.125, "zero": 0.0, "low": -numpy.inf, "i0": 0, "i1": 1, "width": WINDOW, "axis0": [0], "axis1": [1]}
    initializers = [onnx.numpy_helper.from_array(numpy.array(value, numpy.float32 if isinstance(value, float) else numpy.int64), name)
                    for name, value in constants.items()]
    initializers.append(onnx.numpy_helper.from_array(numpy.array(seq, numpy.int64), "seq"))
    node = helper.make_node
    nodes = [node("Transpose", ["k"], ["kt"], perm=[0, 1, 3, 2]), node("MatMul", ["q", "kt"], ["raw"]),
             node("Mul", ["raw", "scale"], ["scores"]), node("Range", ["i0", "seq", "i1"], ["key"]),
             node("Unsqueeze", ["key", "axis1"], ["query"]), node("Sub", ["query", "key"], ["distance"])]
    near = [node("Abs", ["distance"], ["far"]), node("LessOrEqual", ["far", "width"], ["near"])]
    if kind == "causal":
        nodes.append(node("GreaterOrEqual", ["distance", "i0"], ["allowed"]))
    elif kind == "window":
        nodes += [*near, node("Identity", ["near"], ["allowed"])]
    elif kind == "plus":
        nodes += [*near, node("Equal", ["key", "i0"], ["column"]), node("Equal", ["query", "i0"], ["row"]),
                  node("Or", ["column", "row"], ["cross"]), node("Or", ["near", "cross"], ["allowed"])]
    elif kind == "documents":
        nodes += [node("Unsqueeze", ["ids", "axis1"], ["id_q"]), node("Unsqueeze", ["ids", "axis0"], ["id_k"]),
                  node("Equal", ["id_q", "id_k"], ["allowed"])]
    if kind == "none":
        nodes.append(node("Identity", ["scores"], ["masked"]))
    else:
        nodes += [node("Where", ["allowed", "zero", "low"], ["mask"]), node("Add", ["scores", "mask"], ["masked"])]
    nodes += [node("Softmax", ["masked"], ["weights"], axis=-1), node("MatMul", ["weights", "v"], ["y"])]
    shape = [1, HEADS, seq, DEPTH]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "qkv"]
    if kind == "documents":
        inputs.append(helper.make_tensor_value_info("ids", TensorProto.INT64, [seq]))
    graph = helper.make_graph(nodes, kind, inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def share_of(kind, seq):
    """Share of the pairs that the mask allows."""
    distance = numpy.abs(numpy.arange(seq)[:, None] - numpy.arange(seq))
    if kind == "causal":
        return (seq + 1) / (2 * seq)
    if kind == "documents":
        return DOCUMENT / seq
    allowed = distance <= WINDOW if kind != "none" else distance >= 0
    if kind == "plus":
        allowed[0] = allowed[:, 0] = True
    return allowed.mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seq", nargs="+", type=int, default=[512, 2048])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--pare", default="build/bin/pare")
    parser.add_argument("--pare-run", default="build/bin/pare-run")
    options = parser.parse_args()
    print("mask        seq  allowed  Pare ms  of no mask   ORT ms  of ORT    error")
    good = True
    for seq in options.seq:
        random = numpy.random.default_rng(0)
        values = {name: random.standard_normal((1, HEADS, seq, DEPTH), numpy.float32) for name in "qkv"}
        values["ids"] = numpy.arange(seq) // DOCUMENT
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            sessions, times = {}, {}
            for kind in options.kinds:
                onnx.save(build(kind, seq), folder / f"{kind}.onnx")
                subprocess.run([options.pare, "compile", folder / f"{kind}.onnx"], check=True)
                settings = onnxruntime.SessionOptions()
                settings.intra_op_num_threads, settings.log_severity_level = THREADS, 3
                sessions[kind] = onnxruntime.InferenceSession(folder / f"{kind}.onnx", settings, providers=["CPUExecutionProvider"])
                own = {i.name: values[i.name] for i in sessions[kind].get_inputs()}
                numpy.savez(folder / f"{kind}.npz", **own)
                times[kind] = {"pare": [], "peer": []}
            expected = {}
            for _ in range(options.rounds):
                for kind, session in sessions.items():
                    times[kind]["pare"].append(run_pare(options.pare_run, folder / f"{kind}.pare", folder / f"{kind}.npz",
                                                        folder / f"{kind}-out.npz", options.repeat))
                    own, given = [], {i.name: values[i.name] for i in session.get_inputs()}
                    for _ in range(options.repeat):
                        start = time.perf_counter()
                        (expected[kind],) = session.run(None, given)
                        own.append(time.perf_counter() - start)
                    times[kind]["peer"].append(statistics.median(own))
            plain = statistics.median(times["none"]["pare"]) if "none" in times else float("nan")
            for kind in options.kinds:
                pare, peer = (statistics.median(times[kind][side]) for side in ("pare", "peer"))
                with numpy.load(folder / f"{kind}-out.npz") as archive:
                    error = numpy.abs(archive["y"] - expected[kind]).max()
                good &= bool(error < 1e-4)
                print(f"{kind:9} {seq:5} {share_of(kind, seq):8.1%} {1e3 * pare:8.2f} {pare / plain:11.2f} {1e3 * peer:8.2f} "
                      f"{pare / peer:7.2f} {error:8.1e}", flush=True)
    sys.exit(not good)


if __name__ == "__main__":
    main()
