#!/usr/bin/env python3
"""Runs every house-rule check of this folder; fails if one fails."""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=HERE.parents[2] / "build", help="build directory (default: build)")
    options = parser.parse_args()
    checks = [
        ["check_format.py"],
        ["check_size.py"],
        ["check_options.py"],
        ["check_rooms.py"],
        ["../gen_docs.py", "--check"],
        ["check_tidy.py", "--build", options.build],
    ]
    failed = [c[0] for c in checks if subprocess.run([sys.executable, HERE / c[0], *c[1:]], check=False).returncode]
    if failed:
        sys.exit(f"house rules broken: {', '.join(failed)}")


if __name__ == "__main__":
    main()
