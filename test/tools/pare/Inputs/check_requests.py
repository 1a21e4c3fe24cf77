"""check_requests.py FOLDER OUT.npz COUNT: what numpy gives for the first COUNT requests of make_requests.py, each alone."""

import pathlib
import sys

import numpy

folder = pathlib.Path(sys.argv[1])
weights, requests, out = (numpy.load(file) for file in (folder / "weights.npz", folder / "requests.npz", sys.argv[2]))
count = int(sys.argv[3])
assert set(out) == {f"{i}/{name}" for i in range(count) for name in ("rows", "pooled")}, sorted(out)
for i in range(count):
    x = weights["table"][requests[f"{i}/input_ids"]].astype("float64")
    scores = numpy.exp(x @ x.T - (x @ x.T).max(axis=1, keepdims=True))
    rows = numpy.tanh(scores / scores.sum(axis=1, keepdims=True) @ x @ weights["w"])
    numpy.testing.assert_allclose(out[f"{i}/rows"], rows, atol=1e-4)
    numpy.testing.assert_allclose(out[f"{i}/pooled"], rows.sum(axis=0), atol=1e-3)
