"""make_requests.py FOLDER: an attention over sentences (m.onnx), one with a mask of another name (named.onnx), and requests.

check_requests.py computes what they should give."""

import pathlib
import sys

import numpy
import onnx
import onnx.parser

TEXT = """
<ir_version: 8, opset_import: ["" : 17]>
sentences (int64[batch, seq] input_ids, int64[batch, seq] attention_mask) => (float[batch, seq, 8] rows, float[batch, 8] pooled) {
  x = Gather <axis = 0> (table, input_ids)
  xt = Transpose <perm = [0, 2, 1]> (x)
  scores = MatMul (x, xt)
  one = Constant <value = float {1.0}> ()
  low = Constant <value = float {-1000000000.0}> ()
  axis1 = Constant <value = int64[1] {1}> ()
  axis2 = Constant <value = int64[1] {2}> ()
  valid = Cast <to = 1> (attention_mask)
  padding = Sub (one, valid)
  bias2 = Mul (padding, low)
  bias = Unsqueeze (bias2, axis1)
  masked = Add (scores, bias)
  weights = Softmax <axis = -1> (masked)
  mixed = MatMul (weights, x)
  product = MatMul (mixed, w)
  rows = Tanh (product)
  keep = Unsqueeze (valid, axis2)
  kept = Mul (rows, keep)
  pooled = ReduceSum <keepdims = 0> (kept, axis1)
}
"""

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = numpy.random.default_rng(0)
weights = {"table": random.normal(size=(50, 8)).astype("float32"), "w": random.normal(size=(8, 8)).astype("float32")}
numpy.savez(folder / "weights.npz", **weights)
for name, text in ("m", TEXT), ("named", TEXT.replace("attention_mask", "valid_tokens")):
    model = onnx.parser.parse_model(text)
    for index, node in enumerate(model.graph.node):
        node.name = f"layer/{node.op_type}_{index}"
    model.graph.initializer.extend(onnx.numpy_helper.from_array(value, key) for key, value in weights.items())
    onnx.save(model, folder / f"{name}.onnx")

lengths = [3, 17, 1, 9, 40, 2, 8]
requests = {f"{i}/input_ids": random.integers(0, 50, size=n) for i, n in enumerate(lengths)}
numpy.savez(folder / "requests.npz", **requests)
# One request per file; with the batch dimension and the mask, as tokenizers give it.
numpy.savez(folder / "first.npz", input_ids=requests["0/input_ids"])
numpy.savez(
    folder / "second.npz", input_ids=requests["1/input_ids"][None], attention_mask=numpy.ones((1, 17), dtype="int64")
)
numpy.savez(folder / "empty.npz", **{"0/input_ids": requests["0/input_ids"], "1/input_ids": numpy.zeros(0, "int64")})
numpy.savez(folder / "gap.npz", **{"0/input_ids": requests["0/input_ids"], "0/other": lengths, "2/input_ids": lengths})
numpy.savez(folder / "far.npz", **{"900000/input_ids": lengths})
numpy.savez(folder / "mixed.npz", **{"0/input_ids": lengths, "input_ids": lengths})
numpy.savez(folder / "other.npz", **{"0/input_ids": lengths, "0/other": lengths})
numpy.savez(folder / "none.npz", **{"0/attention_mask": lengths})
numpy.savez(folder / "dtype.npz", **{"0/input_ids": numpy.ones(3, "int32")})
numpy.savez(folder / "outside.npz", **{"0/input_ids": numpy.ones(3, "int64"), "1/input_ids": numpy.array([50])})
