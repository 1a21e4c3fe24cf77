#!/usr/bin/env python3
"""Gives the exported models their weights: copies each to a folder and writes the file of weights that it names.

The models in exports/ hold only small tensors. A larger one is external data and says in its metadata which parameter of
the PyTorch module it is, and whether it is stored transposed. Its values depend on that name and its shape alone, so that
all exports of one architecture have the same weights, and tied weights stay tied.
"""

import argparse
import pathlib
import zlib

import numpy
import onnx

PARAMETER, TRANSPOSED = "parameter", "transposed"  # the metadata keys
SMALL = 64  # elements; a tensor with more is external


def draw(parameter, shape):
    """The values of the parameter of that name: normal, around 1 for the scale of a norm and around 0 for all else."""
    random = numpy.random.default_rng(zlib.crc32(parameter.encode()))
    values = random.standard_normal(shape, numpy.float32)
    if len(shape) > 1:
        return values * numpy.float32(0.15)
    if parameter.endswith("weight"):
        return 1 + values * numpy.float32(0.1)
    return values * numpy.float32(0.05)


def tensor_values(tensor):
    """The values of a tensor that is external data."""
    metadata = {entry.key: entry.value for entry in tensor.metadata_props}
    shape = tuple(tensor.dims)
    if TRANSPOSED in metadata:
        return draw(metadata[PARAMETER], shape[::-1]).T
    return draw(metadata[PARAMETER], shape)


def fill(graph, folder):
    """Copies the model to `folder`, with its weights beside it; returns the path of the copy."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {}  # the file each tensor is in: its bytes so far
    for tensor in onnx.load(graph, load_external_data=False).graph.initializer:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        if entries:
            data = tensor_values(tensor).astype("<f4").tobytes()
            content = contents.setdefault(entries["location"], bytearray())
            if int(entries["length"]) != len(data) or int(entries["offset"]) != len(content):
                raise ValueError(f"{graph}: tensor '{tensor.name}' is not where it was expected in {entries['location']}")
            content += data
    for location, content in contents.items():
        (folder / location).write_bytes(content)
    copy = folder / graph.name
    copy.write_bytes(graph.read_bytes())
    return copy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where to put the models")
    parser.add_argument("graphs", type=pathlib.Path, nargs="*", help="models of exports/ (default: all)")
    options = parser.parse_args()
    for graph in options.graphs or sorted((pathlib.Path(__file__).parent / "exports").glob("*.onnx")):
        fill(graph, options.folder)


if __name__ == "__main__":
    main()
