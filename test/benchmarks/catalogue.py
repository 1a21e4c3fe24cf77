"""The models of `make bench`: where each comes from, and what it is given."""

import dataclasses
import pathlib
import subprocess
import sys
from typing import Callable

import onnx
import recurrent

HERE = pathlib.Path(__file__).resolve().parent
FAMILIES = ("transformers", "decoders", "image networks", "recurrent")
# Families whose means are given together too.
CLASSES = {"transformers and decoders": FAMILIES[:2], "image networks and recurrent": FAMILIES[2:]}
# What exporters call the dimension that grows with the number of examples, and that of the length of a sequence.
BATCH_NAMES = ("batch", "batch_size", "n")
LENGTH_NAMES = ("seq", "seq_len", "sequence", "sequence_length", "length", "steps")


class Missing(Exception):
    """There is no such model, it cannot be built, or not for that batch; says why."""


def script(file, name):
    """Builds with `file NAME OUT.onnx`, in a process of its own: some models take gigabytes while they are made."""

    def build(path):
        if not (HERE / file).exists():
            raise Missing(f"test/benchmarks/{file} does not exist")
        done = subprocess.run([sys.executable, HERE / file, name, path], capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            raise Missing(f"test/benchmarks/{file} {name}: {lines[-1] if lines else f'exit status {done.returncode}'}")

    return build


def recurrent_model(*arguments, **attributes):
    return lambda path: onnx.save(recurrent.make_model(*arguments, **attributes), path)


@dataclasses.dataclass(frozen=True)
class Model:
    name: str
    title: str
    family: str
    build: Callable[[pathlib.Path], None]  # writes the model; Missing if that cannot be
    length: int = 0  # of sequences; 0: it has none
    sizes: dict = dataclasses.field(default_factory=dict)  # of open dimensions, where the two above do not say it
    largest: int = 1  # that integers of inputs may be
    padded: bool = False  # whether it is measured on padded batches too


MODELS = [
    Model("bert-base", "BERT-base", "transformers", script("encoder.py", "bert-base"), 128, largest=30521, padded=True),
    Model("minilm", "MiniLM-L6", "transformers", script("encoder.py", "minilm"), 128, largest=30521, padded=True),
    Model("vit", "ViT-S/16", "transformers", script("networks.py", "vit")),
    Model("whisper", "Whisper tiny, encoder", "transformers", script("networks.py", "whisper")),
    Model("gpt2", "GPT-2 small, prefill", "decoders", script("decoders.py", "gpt2"), 128, largest=50256),
    Model("smollm2-135m", "SmolLM2-135M, prefill", "decoders", script("decoders.py", "smollm2-135m"), 128, largest=49151),
    Model("smollm2-135m-step", "SmolLM2-135M, a token after 255", "decoders", script("decoders.py", "smollm2-135m-step"), 1,
          {"past_sequence_length": 255, "total_sequence_length": 256}, largest=49151),
    Model("resnet50", "ResNet-50", "image networks", script("convnets.py", "resnet50")),
    Model("mobilenet_v3_large", "MobileNetV3-Large", "image networks", script("convnets.py", "mobilenet_v3_large")),
    Model("efficientnet_b0", "EfficientNet-B0", "image networks", script("convnets.py", "efficientnet_b0")),
    Model("unet", "U-Net of latent diffusion", "image networks", script("networks.py", "unet")),
    Model("yolo", "YOLOv8 n", "image networks", script("networks.py", "yolo")),
    Model("ocr", "CRNN for text lines", "image networks", script("networks.py", "ocr")),
    Model("lstm", "LSTM, 2 layers, both directions", "recurrent", script("networks.py", "lstm"), 100),
    Model("lstm-1", "LSTM, 1 layer", "recurrent", recurrent_model("LSTM", 256, 256, 1, 1), 100),
    Model("gru", "GRU, 1 layer", "recurrent", recurrent_model("GRU", 256, 256, 1, 1, linear_before_reset=1), 100),
]


def find_sizes(model, path, batch, length=None):
    """Sizes of all open dimensions of the inputs of the file `path`, as `pare bench --sizes` takes them. ValueError: one is unknown."""
    sizes, batched = {}, False
    for value in onnx.load(path, load_external_data=False).graph.input:
        for dim in value.type.tensor_type.shape.dim:
            name = dim.dim_param
            if not name:
                continue
            if name.lower() in BATCH_NAMES:
                sizes[name], batched = batch, True
            elif name in model.sizes:
                sizes[name] = model.sizes[name]
            elif name.lower() in LENGTH_NAMES and model.length:
                sizes[name] = length or model.length
            else:
                raise ValueError(f"input '{value.name}' has an open dimension '{name}', for which catalogue.py gives no size")
    if not batched and batch != 1:
        raise Missing("the model has no open dimension for the batch: only batch 1 can be run")
    return sizes
