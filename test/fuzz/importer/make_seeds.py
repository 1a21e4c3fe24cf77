#!/usr/bin/env python3
"""Writes small models to a folder, a few for each operator: those of the ONNX standard's own tests."""

import argparse
import collections
import pathlib
import warnings

from onnx.backend.test.loader import load_node_model_tests

PER_OPERATOR = 3
LARGEST = 2048  # bytes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # numpy's, about the extreme values of some tests

    written = collections.Counter()
    for case in load_node_model_tests():
        operator = case.model.graph.node[0].op_type
        content = case.model.SerializeToString()
        if len(content) <= LARGEST and written[operator] < PER_OPERATOR:
            written[operator] += 1
            (options.folder / f"{case.name}.onnx").write_bytes(content)


if __name__ == "__main__":
    main()
