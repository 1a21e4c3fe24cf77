#!/usr/bin/env python3
"""Retrieval of WordNet definitions by their example sentences: are the answers of a compiled sentence encoder those of ONNX Runtime?

Embeds the definitions and the examples of nouns in unsorted batches of 32, which are mostly padding, on both, and prints
the share of examples whose own definition is nearest (top1), the mean reciprocal rank (MRR), the share of padding, and the
time of both. Needs numpy, onnxruntime and tokenizers, and Debian's package wordnet-base (or --wordnet).

    test/benchmarks/wordnet.py model.onnx tokenizer.json --pare-run build/bin/pare-run --pare build/bin/pare
"""

import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime
from tokenizers import Tokenizer


def read_pairs(path, count):
    """(definition, example) of `count` nouns that have both."""
    pairs = []
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("  ") or "|" not in line:
                continue
            gloss = line.split("|", 1)[1].strip()
            examples = re.findall(r'"([^"]{15,})"', gloss)
            definition = re.split(r';\s*"', gloss)[0].strip()
            if examples and len(definition) > 15:
                pairs.append((definition, examples[0]))
    random.Random(0).shuffle(pairs)
    return pairs[:count]


def make_batches(tokenizer, texts, size, names):
    """Inputs of each batch, padded on the right to its longest text."""
    for start in range(0, len(texts), size):
        ids = [tokenizer.encode(text).ids for text in texts[start : start + size]]
        longest = max(len(one) for one in ids)
        tokens = numpy.zeros((len(ids), longest), numpy.int64)
        mask = numpy.zeros_like(tokens)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        values = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": numpy.zeros_like(tokens)}
        yield {name: values[name] for name in names}, mask


def pool(states, mask):
    """The mean over tokens, of length 1; what is pooled already is scaled only."""
    if states.ndim == 3:
        weights = mask[..., None].astype(numpy.float32)
        states = numpy.where(weights > 0, states, 0).sum(1) / weights.sum(1)
    return states / numpy.linalg.norm(states, axis=1, keepdims=True)


def score(definitions, examples):
    """top1 and MRR of the retrieval."""
    similarity = examples @ definitions.T
    rank = (similarity > numpy.diag(similarity)[:, None]).sum(1)
    return (rank == 0).mean(), (1 / (rank + 1)).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("tokenizer", type=pathlib.Path)
    parser.add_argument("--pare", default="build/bin/pare")
    parser.add_argument("--pare-run", default="build/bin/pare-run")
    parser.add_argument("--wordnet", type=pathlib.Path, default="/usr/share/wordnet/data.noun")
    parser.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()

    tokenizer = Tokenizer.from_file(str(options.tokenizer))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    output = session.get_outputs()[0].name
    times = {"ONNX Runtime": 0.0, "Pare": 0.0}
    embedded = {"ONNX Runtime": [], "Pare": []}
    tokens = places = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([options.pare, "compile", options.model, "-o", folder / "model.pare"], check=True)
        for texts in zip(*read_pairs(options.wordnet, options.count)):
            rows = {"ONNX Runtime": [], "Pare": []}
            for values, mask in make_batches(tokenizer, texts, 32, names):
                tokens, places = tokens + mask.sum(), places + mask.size
                start = time.perf_counter()
                (states,) = session.run([output], values)
                times["ONNX Runtime"] += time.perf_counter() - start
                rows["ONNX Runtime"].append(pool(states, mask))
                numpy.savez(folder / "in.npz", **values)
                command = [options.pare_run, folder / "model.pare", "--inputs", folder / "in.npz", "--outputs", folder / "out.npz", "--repeat", "1", "--threads", "2"]
                printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                median = re.search(r"median ([\d.]+) (us|ms|s)\b", printed)
                times["Pare"] += float(median[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[median[2]]
                with numpy.load(folder / "out.npz") as archive:
                    rows["Pare"].append(pool(archive[output], mask))
            for peer, parts in rows.items():
                embedded[peer].append(numpy.concatenate(parts))
    print(f"{1 - tokens / places:.1%} of the batches is padding")
    results = {}
    for peer, (definitions, examples) in embedded.items():
        results[peer] = score(definitions, examples)
        print(f"{peer}: top1 {results[peer][0]:.4f}, MRR {results[peer][1]:.4f}, {times[peer]:.2f} s")
    print(f"Pare takes {times['Pare'] / times['ONNX Runtime']:.2f} of ONNX Runtime's time")
    largest = max(numpy.abs(a - b).max() for a, b in zip(*embedded.values()))
    print(f"largest difference of an embedding: {largest:.2g}")
    sys.exit(any(abs(a - b) > 5e-5 for a, b in zip(*results.values())))


if __name__ == "__main__":
    main()
