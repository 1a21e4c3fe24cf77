"""The command line of the files that build models: NAME and where to write the model, in small with --small."""

import argparse
import pathlib
import sys

import onnx


def main(description, builders, small):
    """Writes the model that `builders[NAME]()` returns; `small` has the same names."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="NAME", choices=builders, help=", ".join(builders))
    parser.add_argument("model", metavar="OUT.onnx", type=pathlib.Path)
    parser.add_argument("--small", action="store_true", help="few layers and channels, as tests take them")
    options = parser.parse_args()
    model = (small if options.small else builders)[options.name]()
    onnx.checker.check_model(model)
    try:
        onnx.save(model, options.model)
    except OSError as error:
        sys.exit(f"{options.model}: cannot write: {error.strerror}")
