#!/usr/bin/env python3
"""Every C and C++ file is as clang-format (.clang-format at the root) would write it."""

import concurrent.futures
import os
import shutil
import subprocess
import sys

import common

CLANG_FORMAT = shutil.which("clang-format-22") or "/usr/lib/llvm-22/bin/clang-format"


def main():
    parser = common.parser(__doc__)
    parser.add_argument("--fix", action="store_true", help="rewrite the files instead")
    options = parser.parse_args()
    paths = common.files(options.root, common.CXX)
    if not os.path.exists(CLANG_FORMAT):
        sys.exit("check_format: clang-format-22 is not installed; run tools/scripts/setup.sh")

    action = ["-i"] if options.fix else ["--dry-run", "-Werror", "--ferror-limit=1"]
    style = f"--style=file:{common.ROOT / '.clang-format'}"

    def run(chunk):
        return subprocess.run([CLANG_FORMAT, style, *action, *chunk], cwd=options.root, capture_output=True, text=True, check=False)

    chunks = [list(map(str, paths[i : i + 40])) for i in range(0, len(paths), 40)]
    findings = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(run, chunks):
            lines = [l for l in result.stderr.splitlines() if "error:" in l]
            findings += [l.split(": error:")[0] + ": not formatted; run `make format`" for l in lines]
            if result.returncode and not lines:
                findings.append(result.stderr.strip())
    common.finish("check_format", findings, len(paths))


if __name__ == "__main__":
    main()
