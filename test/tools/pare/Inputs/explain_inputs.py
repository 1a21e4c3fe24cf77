"""explain_inputs.py FOLDER: inputs of three sequences (in.npz: right padding, left padding, holes), and wrong ones."""

import pathlib
import sys

import numpy

folder = pathlib.Path(sys.argv[1])
ids = numpy.ones((3, 10), "int64")
mask = numpy.ones((3, 10), "int64")
mask[1, :6] = 0
mask[2] = numpy.arange(10) == 4
numpy.savez(folder / "in.npz", input_ids=ids, attention_mask=mask)
numpy.savez(folder / "ids.npz", input_ids=ids)
numpy.savez(folder / "more.npz", input_ids=ids, attention_mask=mask, more=mask)
numpy.savez(folder / "float.npz", input_ids=ids, attention_mask=mask.astype("float32"))
numpy.savez(folder / "ragged.npz", input_ids=ids, attention_mask=mask[:, :9])
