#!/usr/bin/env python3
"""Asserts that compiled models do not compute padding, and that their answers are those of ONNX Runtime all the same.

For every pattern of padding: rows of tokens agree within 1e-4, rows of padding hold 0, pooled answers agree. Models whose
answer depends on padding must have been left alone.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from check_exports import load
from inputs import PATTERNS, make_inputs, make_mask, PAD

TOLERANCE = 1e-4
# They mix rows of padding into their answer, or have no mask.
LEFT_ALONE = ("bert_unmasked_mean", "bert_two_masks", "bert_convolved", "whisper_encoder")
# ONNX Runtime answers otherwise than the standard where an Attention of opset 23 has no key (see README.md).
WRONG_IN_ONNX_RUNTIME = ("t5_encoder.dynamo.op23.sdpa.onnx",)


def call(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(str(part) for part in command[:2])}: {result.stderr.strip()}")
    return result.stdout


def find_faults(pare, path, folder):
    """What is wrong with one model, as lines of text."""
    name = path.name.split(".")[0]
    text = call(pare, "compile", path, "--stop-after=pare", "-o", "-")
    whole, packed = text.count("= pare.attention"), text.count("= pare.segment_attention")
    if name in LEFT_ALONE and packed:
        yield "rows of padding are removed although the answer depends on them"
    if name not in LEFT_ALONE and (whole or not packed):
        yield f"{whole} of {whole + packed} attentions compute padding"
    compiled, inputs, outputs = folder / "model.pare", folder / "inputs.npz", folder / "outputs.npz"
    call(pare, "compile", path, "-o", compiled)
    session, names = load(path)
    for pattern in PATTERNS:
        if ".lengths." in path.name and pattern in ("left", "holes"):
            continue  # padding that lengths cannot describe
        values = make_inputs(names, pattern)
        numpy.savez(inputs, **values)
        call(pare, "run", compiled, "--inputs", inputs, "--outputs", outputs)
        (expected,) = session.run(None, values)
        with numpy.load(outputs) as archive:
            (answer,) = (archive[key] for key in archive.files)
        if answer.shape != expected.shape:
            yield f"{pattern}: the answer has shape {answer.shape} instead of {expected.shape}"
            continue
        token = numpy.ones(expected.shape[:1], bool)
        if "input_ids" in values and name not in LEFT_ALONE:
            token = values["input_ids"] != PAD if name == "bert_mask_from_tokens" else make_mask(pattern, *values["input_ids"].shape) == 1
            if expected.shape[:2] == token.shape:
                if numpy.any(answer[~token]):
                    yield f"{pattern}: rows of padding are not 0"
            elif path.name in WRONG_IN_ONNX_RUNTIME:
                token = token.any(axis=1)
            else:
                token = numpy.ones(expected.shape[:1], bool)
        error = numpy.abs(answer[token] - expected[token]).max()
        if not error <= TOLERANCE:
            yield f"{pattern}: differs by {error} from ONNX Runtime"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where weights.py put the models")
    parser.add_argument("pattern", help="which models, e.g. '*.ts.*.onnx'")
    parser.add_argument("--pare", default="pare", help="the compiler")
    options = parser.parse_args()
    paths = sorted(options.folder.glob(options.pattern))
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            try:
                faults += [f"{path.name}: {fault}" for fault in find_faults(options.pare, path, pathlib.Path(folder))]
            except RuntimeError as error:
                faults.append(f"{path.name}: {error}")
    print("\n".join(faults) or f"{len(paths)} models compute no padding")
    sys.exit(bool(faults) or not paths)


if __name__ == "__main__":
    main()
