"""check_profile.py REPORT N: fails unless the profile of make.py's model has the work of N rows."""

import json
import pathlib
import sys

profile = json.loads(pathlib.Path(sys.argv[1]).read_text())["profile"]
n = int(sys.argv[2])
assert profile["calls"] >= 1 and profile["peak_flops_per_s"] > 1e8 and profile["peak_bytes_per_s"] > 1e8, profile
kernels = {kernel["name"]: kernel for kernel in profile["kernels"]}
product = kernels["matmul+add+tanh"]
assert product["launches_per_call"] == 1, product
# A product with a depth of 64, a sum and a tanh; x, w, b and y.
assert product["flops_per_call"] == n * 8 * (2 * 64 + 2), product
assert product["bytes_per_call"] == 4 * (n * 64 + 64 * 8 + 8 + n * 8), product
# What is read of x depends on the rows that are picked.
assert kernels["gather"]["flops_per_call"] == 0 and kernels["gather"]["bytes_per_call"] is None, kernels
places = {tuple(launch["nodes"]): launch for launch in profile["launches"]}
assert places["layer/MatMul_1", "layer/Add_2", "layer/Tanh_3"]["flops_per_call"] == product["flops_per_call"], places
total = profile["host_seconds_per_call"] + sum(kernel["seconds_per_call"] for kernel in profile["kernels"])
assert abs(total - profile["seconds_per_call"]) < 1e-9, profile
assert all(0 < kernel["busy_seconds_per_call"] for kernel in profile["kernels"]), profile
