"""make.py FOLDER: a small ONNX model (m.onnx), the same with its weights in a file of its own (e.onnx), and inputs."""

import pathlib
import sys

import numpy
import onnx
import onnx.parser

TEXT = """
<ir_version: 8, opset_import: ["" : 17]>
small (float[n, 64] x, int64[n] row) => (float[n, 8] y, int64[n] best) {
  picked = Gather <axis = 0> (x, row)
  product = MatMul (picked, w)
  sum = Add (product, b)
  y = Tanh (sum)
  best = ArgMax <axis = 1, keepdims = 0> (y)
}
"""

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = numpy.random.default_rng(0)
weights = {"w": random.normal(size=(64, 8)).astype("float32"), "b": random.normal(size=8).astype("float32")}
model = onnx.parser.parse_model(TEXT)
for index, node in enumerate(model.graph.node):
    node.name = f"layer/{node.op_type}_{index}"
model.graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in weights.items())
onnx.save(model, folder / "m.onnx")
onnx.save(model, folder / "e.onnx", save_as_external_data=True, location="e.weights", size_threshold=0)

x = random.normal(size=(3, 64)).astype("float32")
row = numpy.array([2, 0, 1])
numpy.savez(folder / "in.npz", x=x, row=row)
numpy.savez(folder / "wrong.npz", x=x.astype("float64"), row=row)
numpy.savez(folder / "outside.npz", x=x, row=row + 1)
numpy.save(folder / "want.npy", numpy.tanh(x[row] @ weights["w"] + weights["b"]))
