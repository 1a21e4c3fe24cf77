"""run.py model.pare NAME=DTYPE:SHAPE ...: runs the model on counting inputs and prints every output, flat."""

import subprocess
import sys

import numpy

TYPES = {"f32": "float32", "f64": "float64", "f16": "float16", "i32": "int32", "i64": "int64", "u8": "uint8", "bool": "bool"}

model, *arguments = sys.argv[1:]
inputs = {}
for argument in arguments:
    name, kind = argument.split("=")
    dtype, _, shape = kind.partition(":")
    dims = [int(size) for size in shape.split("x")] if shape else []
    inputs[name] = numpy.arange(numpy.prod(dims, dtype=int)).reshape(dims).astype(TYPES[dtype])
numpy.savez(model + ".in.npz", **inputs)
command = ["pare-run", model, "--inputs", model + ".in.npz", "--outputs", model + ".out.npz"]
if subprocess.run(command, check=False).returncode:
    sys.exit(1)
for name, value in numpy.load(model + ".out.npz").items():
    print(f"{name}:", *(f"{x:g}" for x in value.ravel()))
