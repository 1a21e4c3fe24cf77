#!/usr/bin/env python3
"""Writes the model that a file holds in ONNX's textual syntax. Lines with a # are comments."""

import argparse
import pathlib

import onnx
import onnx.parser
from onnx import external_data_helper


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--external", metavar="FILE", help="put the elements of initializers into FILE beside the model")
    options = parser.parse_args()
    lines = options.text.read_text().splitlines()
    model = onnx.parser.parse_model("\n".join(line for line in lines if not line.startswith("#")))
    for tensor in model.graph.initializer:
        # The parser writes typed fields, exporters raw data.
        tensor.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor), tensor.name))
    if options.external:
        external_data_helper.convert_model_to_external_data(model, location=options.external, size_threshold=0)
    options.model.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, options.model)


if __name__ == "__main__":
    main()
