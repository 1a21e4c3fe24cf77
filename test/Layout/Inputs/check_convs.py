"""Compares compiled convolutions, many small ones of random shapes, with the Reference interpreter (`pare verify`)."""

import argparse
import random
import struct
import subprocess
import sys
from pathlib import Path


def tensor(shape):
    return "tensor<" + "".join(f"{'?' if size is None else size}x" for size in shape) + "f32>"


def constant(rng, shape):
    count = 1
    for size in shape:
        count *= size
    data = struct.pack(f"<{count}f", *(rng.uniform(-1, 1) for _ in range(count)))
    return f'pare.constant dense<"0x{data.hex().upper()}"> : {tensor(shape)}'


def ints(name, values):
    return f"{name} = array<i64: {', '.join(map(str, values))}>"


class Case:
    """One convolution with what may follow it."""

    def __init__(self, rng, number):
        self.number = number
        self.lines = []
        self.transposed = rng.random() < 0.5
        self.rank = rng.choice((1, 2, 2, 2, 3))
        # An unknown batch or image, and the sizes that verify uses.
        self.batch = rng.choice((1, 1, 2, None))
        self.open = rng.random() < 0.25
        while not self.draw(rng):
            pass
        self.write(rng)

    def draw(self, rng):
        rank = self.rank
        self.groups = rng.choice((1, 1, 1, 2, 3, 4, 8))
        widths = (1, 1, 2, 3, 4, 5, 8, 16, 17) if self.groups > 1 else (1, 3, 4, 7, 16, 19, 33, 50)
        inner, outer = rng.choice(widths), rng.choice(widths)
        if self.groups > 1 and rng.random() < 0.5:
            outer = inner
        self.inputs, self.outputs = inner * self.groups, outer * self.groups
        self.kernel = [rng.choice((1, 2, 3, 3, 4)) for _ in range(rank)]
        self.strides = [rng.choice((1, 2, 2, 3)) for _ in range(rank)]
        self.dilations = [rng.choice((1, 1, 1, 2, 3)) for _ in range(rank)]
        if self.transposed and rng.random() < 0.3:
            self.kernel = list(self.strides)
        self.pads = [rng.choice((0, 0, 1, 1, 2)) for _ in range(2 * rank)]
        self.extra = [rng.randrange(stride) for stride in self.strides] if rng.random() < 0.5 else [0] * rank
        self.spatial = [rng.randint(1, 9) for _ in range(rank)]
        self.result = []
        for axis in range(rank):
            reach = self.dilations[axis] * (self.kernel[axis] - 1) + 1
            pads = self.pads[axis] + self.pads[axis + rank]
            if self.transposed:
                size = self.strides[axis] * (self.spatial[axis] - 1) + self.extra[axis] + reach - pads
            else:
                size = (self.spatial[axis] + pads - reach) // self.strides[axis] + 1
            self.result.append(size)
        return min(self.result) > 0

    def write(self, rng):
        n, rank = self.number, self.rank
        spatial = [None] * rank if self.open else self.spatial
        result = [None] * rank if self.open else self.result
        x = tensor([self.batch, self.inputs, *spatial])
        y = tensor([self.batch, self.outputs, *result])
        names = [] if self.batch is None else [""]
        names = ["n" if self.batch is None else "", ""]
        names += [f"s{n}_{axis}" if self.open else "" for axis in range(rank)]
        self.argument = f'%x{n}: {x} {{pare.name = "x{n}", pare.dims = [{", ".join(chr(34) + a + chr(34) for a in names)}]}}'
        self.sizes = [f"s{n}_{axis}={size}" for axis, size in enumerate(self.spatial)] if self.open else []
        leading = [self.inputs, self.outputs // self.groups]
        if not self.transposed:
            leading = [self.outputs, self.inputs // self.groups]
        weight = [*leading, *self.kernel]
        self.lines.append(f"%w{n} = {constant(rng, weight)}")
        operands, types = [f"%x{n}", f"%w{n}"], [x, tensor(weight)]
        if rng.random() < 0.6:
            self.lines.append(f"%b{n} = {constant(rng, [self.outputs])}")
            operands.append(f"%b{n}")
            types.append(tensor([self.outputs]))
        attributes = [ints("strides", self.strides), ints("pads", self.pads), ints("dilations", self.dilations)]
        if self.transposed:
            attributes.append(ints("output_padding", self.extra))
        attributes.append(f"groups = {self.groups} : i64")
        op = "conv_transpose" if self.transposed else "conv"
        self.lines.append(
            f"%c{n} = pare.{op} {', '.join(operands)} {{{', '.join(attributes)}}} : ({', '.join(types)}) -> {y}"
        )
        value = f"%c{n}"
        tail = rng.choice(("none", "relu", "sigmoid", "scale", "double", "conv"))
        if tail in ("relu", "sigmoid"):
            self.lines.append(f"%t{n} = pare.{tail} {value} : ({y}) -> {y}")
            value = f"%t{n}"
        elif tail == "scale":
            scale = tensor([self.outputs] + [1] * rank)
            self.lines.append(f"%s{n} = {constant(rng, [self.outputs] + [1] * rank)}")
            self.lines.append(f"%t{n} = pare.mul {value}, %s{n} : ({y}, {scale}) -> {y}")
            value = f"%t{n}"
        elif tail == "double":
            self.lines.append(f"%r{n} = pare.relu {value} : ({y}) -> {y}")
            self.lines.append(f"%t{n} = pare.add %r{n}, {value} : ({y}, {y}) -> {y}")
            value = f"%t{n}"
        elif tail == "conv":
            shape = [5, self.outputs] + [3] * rank
            after = tensor([self.batch, 5, *result])
            self.lines.append(f"%v{n} = {constant(rng, shape)}")
            same = ", ".join((ints("strides", [1] * rank), ints("pads", [1] * 2 * rank), ints("dilations", [1] * rank)))
            self.lines.append(
                f"%t{n} = pare.conv {value}, %v{n} {{{same}, groups = 1 : i64}} : ({y}, {tensor(shape)}) -> {after}"
            )
            value, y = f"%t{n}", after
        self.value, self.type = value, y


def module(cases):
    arguments = ",\n                ".join(case.argument for case in cases)
    results = ", ".join(f'{case.type} {{pare.name = "y{case.number}"}}' for case in cases)
    body = "\n".join("  " + line for case in cases for line in case.lines)
    values, types = ", ".join(case.value for case in cases), ", ".join(case.type for case in cases)
    return f"func.func @main({arguments})\n    -> ({results}) {{\n{body}\n  return {values} : {types}\n}}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pare", default="pare")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--cases", type=int, default=20, help="in each file")
    options, arguments = parser.parse_known_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for number in range(options.files):
        rng = random.Random(options.seed * 1000 + number)
        cases = [Case(rng, case) for case in range(options.cases)]
        path = options.folder / f"convs{number}.mlir"
        path.write_text(module(cases))
        sizes = ",".join(["n=3", *(size for case in cases for size in case.sizes)])
        # All variants take their time to compile: every other file has the least and the most of them.
        command = [options.pare, "verify", str(path), "--sizes", sizes, *(["--variant", "v4"] if number % 2 else [])]
        command += arguments
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            failed += 1
            print(" ".join(command), result.stdout, result.stderr, sep="\n")
    print(f"{options.files * options.cases} convolutions, {failed} of {options.files} files with wrong answers")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
