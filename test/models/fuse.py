#!/usr/bin/env python3
"""Fuses exported models as ONNX Runtime does, into ops of domain com.microsoft.

`runtime` writes what a session makes of a model before it runs it. The others are the offline optimizer of transformers, for
BERT: with the mask as it is (`mask`), as lengths (`lengths`), or with attention that takes its projections (`heads`).
"""

import argparse
import contextlib
import io
import logging
import pathlib

import onnx
import onnxruntime
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import AttentionMaskFormat, FusionOptions

HEADS, HIDDEN = 3, 48


def run_runtime(source, target):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run_optimizer(source, target, way):
    # Its own inference of shapes needs a package that tests do not have; it makes do with declared ones.
    typed = target.with_suffix(".typed")
    onnx.save(onnx.shape_inference.infer_shapes(onnx.load(source)), typed)
    options = FusionOptions("bert")
    options.enable_shape_inference = False
    options.use_multi_head_attention = way == "heads"
    options.attention_mask_format = AttentionMaskFormat.MaskIndexEnd if way == "lengths" else AttentionMaskFormat.AttentionMask
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()):
        fused = optimizer.optimize_model(str(typed), "bert", HEADS, HIDDEN, opt_level=0, optimization_options=options)
        fused.save_model_to_file(str(target))
    typed.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where weights.py put the models, and where the fused ones go")
    parser.add_argument("way", choices=("runtime", "mask", "lengths", "heads"))
    parser.add_argument("pattern", help="which models, e.g. '*.ts.*.onnx'")
    options = parser.parse_args()
    for source in sorted(options.folder.glob(options.pattern)):
        target = source.with_suffix(f".{options.way}.onnx")
        if options.way == "runtime":
            run_runtime(source, target)
        else:
            run_optimizer(source, target, options.way)
        counts = {}
        for node in onnx.load(target, load_external_data=False).graph.node:
            if node.domain == "com.microsoft":
                counts[node.op_type] = counts.get(node.op_type, 0) + 1
        print(f"{target.name}:", ", ".join(f"{count} {op}" for op, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
