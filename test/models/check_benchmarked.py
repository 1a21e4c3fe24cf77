#!/usr/bin/env python3
"""Asserts that the encoders, convolutional networks and decoders of test/benchmarks are fit, and that Pare answers as ONNX Runtime does.

The networks have as many weights as those of torchvision; the rest is tested in small. Answers are finite and differ between the
requests of a batch, compiled code is within 1e-4 of the largest element of an answer, and a decoder that is given its past
answers as one that is given all tokens.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

sys.path.append(str(pathlib.Path(__file__).parents[1] / "benchmarks"))
import convnets  # noqa: E402
import decoders  # noqa: E402
import encoder  # noqa: E402

# torchvision's numbers of parameters, less a scale for each channel that a batch norm has: folding joins scales with weights.
WEIGHTS = {"resnet50": 25557032 - 26560, "mobilenet_v3_large": 5483032 - 12200, "efficientnet_b0": 5288548 - 21008}
NETWORKS = convnets.SMALL
DECODERS = {"gpt2": decoders.SMALL_GPT2, "smollm2": decoders.SMALL_LLAMA}
SEQUENCE, PAST = 9, 8


class Checker:
    def __init__(self, pare, folder):
        self.pare, self.folder, self.faults = pare, folder, []

    def run(self, name, model, values):
        """ONNX Runtime's outputs by name, of which compiled code's may differ by rounding only."""
        onnx.checker.check_model(model, full_check=True)
        paths = {key: self.folder / key for key in ("m.onnx", "in.npz", "out.npz", "cache")}
        onnx.save(model, paths["m.onnx"])
        numpy.savez(paths["in.npz"], **values)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(paths["m.onnx"], options, providers=["CPUExecutionProvider"])
        expected = dict(zip([output.name for output in session.get_outputs()], session.run(None, values)))
        command = [self.pare, "run", paths["m.onnx"], "--inputs", paths["in.npz"], "--outputs", paths["out.npz"], "--cache", paths["cache"]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.faults.append(f"{name}: {done.stderr.strip()}")
            return expected
        with numpy.load(paths["out.npz"]) as answers:
            for key, value in expected.items():
                self.compare(f"{name}: {key}", answers[key], value, 1e-4)
        return expected

    def compare(self, what, answer, expected, tolerance):
        if answer.shape != expected.shape:
            self.faults.append(f"{what}: expected {list(expected.shape)}, got {list(answer.shape)}")
        elif not (error := numpy.abs(answer - expected).max() / numpy.abs(expected).max()) <= tolerance:
            self.faults.append(f"{what}: differs by {error} of the largest element")

    def check_range(self, name, logits):
        """Along axis 0 are requests."""
        if not numpy.isfinite(logits).all() or not 0.01 < logits.std() < 100:
            self.faults.append(f"{name}: the answer is out of range")
        # Ten times what compiled code may be off.
        if numpy.ptp(logits, axis=0).max() < 1e-3 * numpy.abs(logits).max():
            self.faults.append(f"{name}: the answer is nearly the same for all requests")

    def check_network(self, name):
        full = convnets.BUILDERS[name]()
        count = sum(int(numpy.prod(weight.dims)) for weight in full.graph.initializer)
        if count != WEIGHTS[name]:
            self.faults.append(f"{name}: expected {WEIGHTS[name]} weights, got {count}")
        images = numpy.random.default_rng(1).standard_normal((3, 3, 64, 64)).astype(numpy.float32)
        self.check_range(name, self.run(name, NETWORKS[name](), {"input": images})["logits"])

    def check_encoder(self, name):
        tokens = numpy.random.default_rng(1).integers(0, 97, (3, SEQUENCE))
        mask = numpy.ones_like(tokens)
        self.check_range(name, self.run(name, encoder.SMALL[name](), {"input_ids": tokens, "attention_mask": mask})["last_hidden_state"])

    def check_decoder(self, name):
        sizes = DECODERS[name]
        tokens = numpy.random.default_rng(1).integers(0, sizes.vocabulary, (3, SEQUENCE))
        mask = numpy.ones_like(tokens)
        logits = self.run(name, decoders.build(name, sizes), {"input_ids": tokens, "attention_mask": mask})["logits"]
        self.check_range(name, logits)
        bare = self.run(f"{name} without a mask", decoders.build(name, sizes, mask=False), {"input_ids": tokens})["logits"]
        self.compare(f"{name} without a mask: all tokens", bare, logits, 1e-5)

        model = decoders.build(name, sizes, cache=True)
        empty = numpy.zeros((3, sizes.groups, 0, sizes.width // sizes.heads), numpy.float32)
        pasts = {i.name: empty for i in model.graph.input if i.name.startswith("past")}
        first = self.run(f"{name}, no past", model, {"input_ids": tokens[:, :PAST], "attention_mask": mask[:, :PAST], **pasts})
        pasts = {key: first[key.replace("past_key_values", "present")] for key in pasts}
        step = self.run(f"{name}, a step", model, {"input_ids": tokens[:, PAST:], "attention_mask": mask, **pasts})
        self.compare(f"{name}, a step: all tokens", step["logits"], logits[:, PAST:], 1e-5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pare", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checker = Checker(options.pare, pathlib.Path(folder))
        for name in encoder.SMALL:
            checker.check_encoder(name)
        for name in NETWORKS:
            checker.check_network(name)
        for name in DECODERS:
            checker.check_decoder(name)
    print("\n".join(checker.faults) or f"{len(encoder.SMALL)} encoders, {len(NETWORKS)} networks and {len(DECODERS)} decoders agree")
    sys.exit(bool(checker.faults))


if __name__ == "__main__":
    main()
