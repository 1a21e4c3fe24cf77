"""check_trace.py TRACE THREADS: fails unless the trace is what trace viewers read, with kernels inside their calls."""

import json
import pathlib
import sys

trace = json.loads(pathlib.Path(sys.argv[1]).read_text())
threads = int(sys.argv[2])
events = trace["traceEvents"]
rows = {event["tid"]: event["args"]["name"] for event in events if event["ph"] == "M"}
assert rows == {0: "calls and kernels", **{i + 1: f"thread {i}" for i in range(threads)}}, rows
spans = [event for event in events if event["ph"] == "X"]
assert len(rows) + len(spans) == len(events), events
for span in spans:
    assert span["pid"] == 1 and span["tid"] in rows and span["ts"] >= 0 and span["dur"] >= 0, span
calls = {span["args"]["call"]: span for span in spans if span["cat"] == "call"}
kernels = [span for span in spans if span["cat"] == "kernel"]
parts = [span for span in spans if span["cat"] == "thread"]
assert sorted(calls) == list(range(len(calls))) and calls and kernels and parts
inside = lambda inner, outer: outer["ts"] - 1e-3 <= inner["ts"] and inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"] + 1e-3
for kernel in kernels:
    assert inside(kernel, calls[kernel["args"]["call"]]), kernel
for part in parts:
    assert part["tid"] > 0 and any(inside(part, kernel) for kernel in kernels if kernel["name"] == part["name"]), part
assert sum(kernel["args"]["tiles"] for kernel in kernels) == sum(part["args"]["tiles"] for part in parts)
product = next(kernel for kernel in kernels if kernel["name"] == "matmul+add+tanh")
assert product["args"]["nodes"] == "layer/MatMul_1, layer/Add_2, layer/Tanh_3", product
