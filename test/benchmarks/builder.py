"""The command line of the files that build models: NAME and where to write the model."""

import argparse
import pathlib
import sys

import onnx


def main(description, builders):
    """Writes the model that `builders[NAME]()` returns."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="NAME", choices=builders, help=", ".join(builders))
    parser.add_argument("model", metavar="OUT.onnx", type=pathlib.Path)
    options = parser.parse_args()
    model = builders[options.name]()
    onnx.checker.check_model(model)
    try:
        onnx.save(model, options.model)
    except OSError as error:
        sys.exit(f"{options.model}: cannot write: {error.strerror}")
