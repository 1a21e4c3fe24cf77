#!/usr/bin/env python3
"""Asserts with ONNX Runtime that the exported models are fit for tests, once they have their weights.

Their answers are finite and differ between tokens and between rows; exports of one model answer alike where there is no
padding; and padding reaches the answer of exactly those that are there to show it.
"""

import argparse
import pathlib
import sys

import numpy
import onnxruntime
from inputs import PATTERNS, make_inputs, make_mask

# Their answers for tokens that are not padding depend on what the padding tokens are.
READ_PADDING = ("bert_unmasked_mean", "bert_two_masks", "bert_convolved", "bert_mask_from_tokens", "gpt2_last")


def load(path):
    """A session of ONNX Runtime, and the names of the model's inputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session, [i.name for i in session.get_inputs()]


def find_faults(path):
    """What is wrong with one model, as lines of text."""
    session, names = load(path)
    for batch, seq in ((5, 11), (1, 1), (2, 40)):
        for pattern in PATTERNS:
            answer = session.run(None, make_inputs(names, pattern, batch, seq))[0]
            if not numpy.isfinite(answer).all():
                yield f"{pattern}, batch {batch}, seq {seq}: the answer is not finite"

    values = make_inputs(names, "right")
    (answer,) = session.run(None, values)
    for axis in range(answer.ndim):
        if answer.std(axis=axis).mean() < 0.05:
            yield f"the answer is nearly the same along axis {axis}"

    if "input_ids" in names:
        mask = make_mask("right", *values["input_ids"].shape)
        values["input_ids"] = numpy.where(mask == 1, values["input_ids"], 50)
        difference = numpy.abs(session.run(None, values)[0] - answer)
        difference = difference[mask == 1] if answer.ndim == 3 else difference
        reads = bool(difference.max() > 1e-3)
        if reads != (path.name.split(".")[0] in READ_PADDING):
            yield f"padding {'reaches' if reads else 'does not reach'} the answer"


def find_differences(paths):
    """Which exports of one model answer otherwise than its first does, as lines of text."""
    first = {}
    for path in paths:
        session, names = load(path)
        (answer,) = session.run(None, make_inputs(names, "full"))
        name, expected = first.setdefault(path.name.split(".")[0], (path.name, answer))
        difference = numpy.abs(answer - expected).max()
        if not difference < 1e-4:
            yield f"{path.name}: differs by {difference} from {name}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where weights.py put the models")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.onnx"))
    faults = [f"{path.name}: {fault}" for path in paths for fault in find_faults(path)]
    faults += find_differences(paths)
    print("\n".join(faults) or f"{len(paths)} models are fit")
    sys.exit(bool(faults) or not paths)


if __name__ == "__main__":
    main()
