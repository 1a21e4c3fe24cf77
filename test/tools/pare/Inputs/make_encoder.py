"""make_encoder.py FILE: a small BERT encoder with an attention_mask of [batch, seq], whose padding is removed."""

import pathlib
import sys

import onnx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "benchmarks"))
import encoder  # noqa: E402

encoder.SIZES["tiny"] = (1, 16, 2, 32)
onnx.save(encoder.build("tiny", 64), sys.argv[1])
