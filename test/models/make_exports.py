#!/usr/bin/env python3
"""Exports the models of exports/ anew: small random-weight transformers, in the ways that exporters write them.

Needs, beside requirements.txt, what the tests do not: torch 2.15.0, transformers 5.24.0 and onnxscript 0.7.2. Other
versions write other graphs; that is a reason to keep old ones. Of every export large weights become external data (see
weights.py), metadata and documentation strings go, and values and nodes get short names. Each is answered with ONNX
Runtime before it is kept: the answers for tokens that are not padding are PyTorch's.
"""

import argparse
import logging
import pathlib
import tempfile
import warnings

import architectures
import numpy
import onnx
import onnxruntime
import torch
import weights
from inputs import make_inputs, make_mask

EXPORTS = pathlib.Path(__file__).parent / "exports"
TOLERANCE = 2e-5

# Which exports are kept, as exporter (TorchScript or dynamo), opset and attention: all ways of a few models, and of the others
# those that add something. Rotary models stop at opset 18: for 23 dynamo writes RotaryEmbedding with tables that fit a batch
# of 1 only. DeBERTa and MPNet have no sdpa; TorchScript has none below opset 14.
ALL_WAYS = ("ts.op17.eager", "ts.op17.sdpa", "dynamo.op18.eager", "dynamo.op18.sdpa")
KEPT = {
    "bert": (*ALL_WAYS, "ts.op11.eager", "ts.op14.sdpa", "dynamo.op20.sdpa", "dynamo.op23.sdpa"),
    "gpt2": (*ALL_WAYS, "dynamo.op23.sdpa"),
    "llama": ALL_WAYS,
    "distilbert": ("ts.op17.sdpa", "dynamo.op18.eager"),
    "roberta": ("ts.op17.sdpa", "dynamo.op18.eager"),
    "albert": ("ts.op17.eager", "dynamo.op18.sdpa"),
    "electra": ("ts.op17.sdpa", "dynamo.op18.eager"),
    "mpnet": ("ts.op17.eager", "dynamo.op18.eager"),
    "deberta_v2": ("ts.op17.eager", "dynamo.op18.eager"),
    "deberta_v3": ("ts.op17.eager", "dynamo.op18.eager"),
    "modernbert": ("ts.op17.sdpa", "dynamo.op18.eager", "dynamo.op18.sdpa"),
    "t5_encoder": ("ts.op17.eager", "dynamo.op18.sdpa", "dynamo.op23.sdpa"),
    "whisper_encoder": ("ts.op17.sdpa", "dynamo.op18.eager", "dynamo.op23.sdpa"),
    "clip_text": ("ts.op17.eager", "dynamo.op18.sdpa"),
    "qwen3": ("ts.op17.sdpa", "dynamo.op18.eager"),
    "bert_classify": ("ts.op17.sdpa", "dynamo.op18.eager"),
    "bert_mean": ("ts.op17.sdpa", "dynamo.op18.eager"),
    "bert_mean_normalised": ("dynamo.op18.sdpa",),
    "bert_max": ("ts.op17.eager",),
    "bert_unmasked_mean": ("ts.op17.sdpa",),
    "bert_two_masks": ("ts.op17.sdpa",),
    "bert_convolved": ("dynamo.op18.sdpa",),
    "bert_mask_from_tokens": ("ts.op17.eager", "dynamo.op18.sdpa"),
    "bert_token_types": ("dynamo.op18.eager",),
    "gpt2_last": ("ts.op17.sdpa",),
    "gpt2_last_valid": ("dynamo.op18.sdpa",),
}


def make_case(name, attention):
    """The case, with the weights that weights.py draws."""
    case = architectures.CASES[name](attention)
    case.module.eval()
    with torch.no_grad():
        for parameter, tensor in case.module.named_parameters():
            tensor.copy_(torch.from_numpy(weights.draw(parameter, tuple(tensor.shape))))
    return case


def tensors(values):
    return tuple(torch.from_numpy(value) for value in values.values())


def export(case, exporter, opset, path):
    """Writes the module of `case` as ONNX; sizes of batch and sequence stay open."""
    example = tensors(make_inputs(case.inputs, "right", batch=2, seq=7))
    axes = {name: {0: "batch"} if name == "input_features" else {0: "batch", 1: "seq"} for name in case.inputs}
    common = {"input_names": list(case.inputs), "output_names": [case.output], "opset_version": opset}
    if exporter == "ts":
        dynamic = {**axes, case.output: case.output_axes}
        torch.onnx.export(case.module, example, path, dynamic_axes=dynamic, dynamo=False, **common)
    else:
        sizes = {name: torch.export.Dim(name) for name in ("batch", "seq")}
        dynamic = tuple({axis: sizes[size] for axis, size in axes[name].items()} for name in case.inputs)
        common.update(external_data=False, verbose=False)
        torch.onnx.export(case.module, example, path, dynamic_shapes=dynamic, dynamo=True, **common)


def find_parameter(values, parameters):
    """The parameter that a tensor holds, and whether transposed; None if it holds none."""
    for name, parameter in parameters.items():
        if values.shape == parameter.shape and numpy.array_equal(values, parameter):
            return name, False
        if values.ndim == 2 and values.shape == parameter.T.shape and numpy.array_equal(values, parameter.T):
            return name, True
    return None


def strip_weights(model, location, parameters):
    """Makes external data, at `location`, of every tensor that holds a large parameter."""
    end = 0
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        found = find_parameter(values, parameters) if values.size > weights.SMALL else None
        if found is None:
            if values.size > 4 * weights.SMALL:
                print(f"{location}: {tensor.name} {values.shape} {values.dtype} is no parameter and stays")
            continue
        stripped = onnx.TensorProto(name=tensor.name, dims=tensor.dims, data_type=tensor.data_type)
        stripped.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", end), ("length", values.nbytes)):
            stripped.external_data.add(key=key, value=str(value))
        stripped.metadata_props.add(key=weights.PARAMETER, value=found[0])
        if found[1]:
            stripped.metadata_props.add(key=weights.TRANSPOSED, value="1")
        end += values.nbytes
        tensor.CopyFrom(stripped)


def shorten(model):
    """Drops what describes the model only, some of it paths of the exporting machine, and gives short names."""
    graph = model.graph
    if any(a.type in (a.GRAPH, a.GRAPHS) for node in graph.node for a in node.attribute) or model.functions:
        raise ValueError("nested graphs and functions are not expected here")
    outside = {value.name for value in (*graph.input, *graph.output)}
    names = {}

    def short(name):
        return name if not name or name in outside else names.setdefault(name, f"v{len(names)}")

    for message in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        message.ClearField("doc_string")
        message.ClearField("metadata_props")
    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    for index, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{index}"
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    for value in graph.value_info:
        value.name = short(value.name)
    graph.name = "main"


def run(path, values):
    """ONNX Runtime's answer."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {i.name: values[i.name] for i in session.get_inputs()})[0]


def compare(case, path):
    """Asserts that the file answers as the module does, at sizes other than those it was exported with."""
    for pattern in ("full", "right", "left", "holes"):
        values = make_inputs(case.inputs, pattern)
        difference = numpy.abs(run(path, values) - case.module(*tensors(values)).numpy())
        if difference.ndim == 3 and "input_ids" in values:
            # At padding exporters differ: they disagree on what a query gets that may look at nothing.
            difference = difference[make_mask(pattern, *values["input_ids"].shape) == 1]
        if not difference.max() < TOLERANCE:
            raise ValueError(f"{path}: {pattern}: the answer differs by {difference.max()}")


@torch.no_grad()
def make(name, way):
    """Makes one file of exports/; returns its size."""
    exporter, opset, attention = way.split(".")
    case = make_case(name, attention)
    graph = EXPORTS / f"{name}.{way}.onnx"
    with tempfile.TemporaryDirectory() as folder:
        whole = pathlib.Path(folder) / "whole.onnx"
        export(case, exporter, int(opset.removeprefix("op")), str(whole))
        model = onnx.load(whole)
        parameters = {key: value.numpy() for key, value in case.module.named_parameters() if value.numel() > weights.SMALL}
        shorten(model)
        strip_weights(model, f"{graph.stem}.weights", parameters)
        graph.write_bytes(model.SerializeToString(deterministic=True))
        compare(case, str(weights.fill(graph, pathlib.Path(folder))))
    return graph.stat().st_size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="architectures (default: all)")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    EXPORTS.mkdir(exist_ok=True)
    total = 0
    for name in options.names or KEPT:
        for way in KEPT[name]:
            size = make(name, way)
            total += size
            print(f"{size:7d} {name}.{way}.onnx", flush=True)
    print(f"{total:7d} in all")


if __name__ == "__main__":
    main()
