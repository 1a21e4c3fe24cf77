#!/usr/bin/env python3
"""Imports models of several gigabytes and asserts that their weights are not read: little memory, little time.

Usage: large_model.py --folder FOLDER -- COMMAND..., where {model} in COMMAND stands for the path of the model. Two models
are tried, one with its weights in a file beside it and one with its weights in itself, beyond what protobuf can read.
Both are sparse files: they take next to no room.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

import onnx
from onnx import TensorProto, helper

ROWS, COLUMNS = 32768, 8192  # 1 GiB of floats
LAYERS = 3


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload_size):
    """The head of a length-delimited field."""
    return varint(number << 3 | 2) + varint(payload_size)


def make_model():
    """x goes through LAYERS products with weights that the model does not have yet."""
    shapes = [(COLUMNS, ROWS) if i % 2 == 0 else (ROWS, COLUMNS) for i in range(LAYERS)]
    nodes = [helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"x{i + 1}"], f"layer{i}") for i in range(LAYERS)]
    x = helper.make_tensor_value_info("x0", TensorProto.FLOAT, ["N", COLUMNS])
    y = helper.make_tensor_value_info(f"x{LAYERS}", TensorProto.FLOAT, ["N", shapes[-1][1]])
    graph = helper.make_graph(nodes, "large", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    tensors = [TensorProto(name=f"w{i}", data_type=TensorProto.FLOAT, dims=shape) for i, shape in enumerate(shapes)]
    return model, tensors


def write_external(folder):
    model, tensors = make_model()
    size = 4 * ROWS * COLUMNS
    for i, tensor in enumerate(tensors):
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in ("location", "weights.bin"), ("offset", str(i * size)), ("length", str(size)):
            tensor.external_data.add(key=key, value=value)
        model.graph.initializer.append(tensor)
    with open(folder / "weights.bin", "wb") as stream:
        stream.truncate(LAYERS * size)
    path = folder / "external.onnx"
    onnx.save(model, path)
    return path


def write_inline(folder):
    """As protobuf would write it, had it not its limit of 2 GB."""
    model, tensors = make_model()
    size = 4 * ROWS * COLUMNS
    raw_data = TensorProto.DESCRIPTOR.fields_by_name["raw_data"].number
    initializer = onnx.GraphProto.DESCRIPTOR.fields_by_name["initializer"].number
    graph = onnx.ModelProto.DESCRIPTOR.fields_by_name["graph"].number
    heads = []
    for tensor in tensors:
        own = tensor.SerializeToString() + field(raw_data, size)
        heads.append(field(initializer, len(own) + size) + own)
    rest = model.graph.SerializeToString()
    model.ClearField("graph")
    path = folder / "inline.onnx"
    with open(path, "wb") as stream:
        stream.write(model.SerializeToString())
        stream.write(field(graph, sum(len(head) + size for head in heads) + len(rest)))
        for head in heads:
            stream.write(head)
            stream.seek(size, os.SEEK_CUR)
        stream.write(rest)
    return path


def run(command, model, options):
    start = time.monotonic()
    process = subprocess.Popen([part.replace("{model}", str(model)) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    megabytes = usage.ru_maxrss / 1024
    if status != 0:
        sys.exit(f"{model.name}: the command failed with wait status {status}")
    if megabytes > options.megabytes:
        sys.exit(f"{model.name}: {megabytes:.0f} MB resident, at most {options.megabytes} are allowed")
    if seconds > options.seconds:
        sys.exit(f"{model.name}: {seconds:.1f} s, at most {options.seconds} are allowed")
    print(f"{model.name}: {model.stat().st_size / 1e9:.1f} GB, {megabytes:.0f} MB resident, {seconds:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where the models go; removed again")
    parser.add_argument("--megabytes", type=int, default=1024, help="resident memory allowed (default: 1024)")
    parser.add_argument("--seconds", type=int, default=30, help="time allowed (default: 30)")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for write in write_external, write_inline:
        model = write(options.folder)
        try:
            run(options.command, model, options)
        finally:
            for path in model, options.folder / "weights.bin":
                path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
