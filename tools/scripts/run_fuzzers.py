#!/usr/bin/env python3
"""Builds the fuzzers that a build directory offers (targets *_fuzzer) and runs each for a while.

A corpus is read from test/fuzz/corpus/<target>/ where there is one, and made by test/fuzz/<name>/make_seeds.py for
target <name>_fuzzer where there is that; what a run adds stays in the build directory.
Exit status: 0 nothing found; 1 a fuzzer failed: its input is kept and its path printed.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def fuzzers(build):
    listing = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], check=True, capture_output=True, text=True)
    # CMake also offers cmake_object_order_depends_target_<fuzzer>, which is no program.
    return sorted(set(re.findall(r"^(?!cmake_)(\w+_fuzzer): phony", listing.stdout, re.MULTILINE)))


def seeds(target, work):
    """Folders with inputs to start from."""
    folders = [ROOT / "test" / "fuzz" / "corpus" / target]
    script = ROOT / "test" / "fuzz" / target.removesuffix("_fuzzer") / "make_seeds.py"
    if script.exists():
        folders.append(work / "seeds")
        if not folders[-1].exists():
            subprocess.run([sys.executable, script, folders[-1]], check=True)
    return [folder for folder in folders if folder.is_dir()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="build directory made with PARE_BUILD_FUZZERS=ON")
    parser.add_argument("--seconds", type=int, default=30, help="how long each target runs (default: 30)")
    options = parser.parse_args()

    build = options.build.resolve()
    targets = fuzzers(build)
    if not targets:
        print("run_fuzzers: this build has no *_fuzzer target")
        return 0
    subprocess.run(["ninja", "-C", build, *targets], check=True)

    environment = dict(os.environ)
    # The packaged LLVM is not instrumented: containers and bump allocators that cross the border would be false alarms.
    environment["ASAN_OPTIONS"] = "detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0"
    failed = []
    for target in targets:
        work = build / "fuzz" / target
        (work / "corpus").mkdir(parents=True, exist_ok=True)
        command = [build / "bin" / target, work / "corpus", *seeds(target, work)]
        command += [f"-max_total_time={options.seconds}", "-timeout=20", "-rss_limit_mb=4096", "-max_len=65536"]
        command += [f"-artifact_prefix={work}/", "-print_final_stats=1"]
        print(f"==> {target}: {options.seconds} s", flush=True)
        with open(work / "log", "w") as log:
            status = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, env=environment, check=False).returncode
        text = (work / "log").read_text(errors="replace")
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
        if status:
            failed.append(target)
            print(text[-6000:])
            print(f"{target}: failed with status {status}; inputs and log are in {work}")
        else:
            print(f"    {runs.group(1) if runs else '?'} inputs, nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
