"""phases.py MODEL.onnx MODEL.pare: stops the compilation after each phase, lets pare-opt read what was printed, and goes on
from it: the artefact must be the given one, compiled for x86-64-v2."""

import pathlib
import subprocess
import sys

COMPILE = ["pare", "compile", "--variant=v2"]

model, want = map(pathlib.Path, sys.argv[1:])
for phase in ("import", "simplify", "raise", "pare", "lower", "codegen"):
    ir, artefact = model.with_suffix(f".{phase}.mlir"), model.with_suffix(f".{phase}.pare")
    subprocess.run([*COMPILE, model, f"--stop-after={phase}", "-o", ir], check=True)
    subprocess.run(["pare-opt", ir, "-o", "/dev/null"], check=True)
    subprocess.run([*COMPILE, ir, f"--start-from={phase}", "-o", artefact], check=True)
    if artefact.read_bytes() != want.read_bytes():
        sys.exit(f"going on from {phase} gives another artefact")
artefact = model.with_suffix(".emit.pare")
subprocess.run([*COMPILE, model, "--stop-after=emit", "-o", artefact], check=True)
if artefact.read_bytes() != want.read_bytes():
    sys.exit("--stop-after=emit gives another artefact")
