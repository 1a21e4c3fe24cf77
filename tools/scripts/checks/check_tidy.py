#!/usr/bin/env python3
"""clang-tidy (.clang-tidy at the root) on the C++ files that differ from the main branch.

Compared against the merge base with --base; on the main branch itself against the commit 20 before. At most --limit
files are checked, the largest changes first, and the rest are named: a whole-tree change would otherwise take over CI.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import time

import common

CLANG_TIDY = "/usr/lib/llvm-22/bin/clang-tidy"


def git(root, *arguments):
    result = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else None


def merge_base(root, wanted):
    head = git(root, "rev-parse", "HEAD")
    for base in [wanted] if wanted else ["origin/main", "main", "HEAD~20"]:
        commit = git(root, "merge-base", base, "HEAD")
        if commit and commit != head:
            return commit
    return git(root, "hash-object", "-t", "tree", "/dev/null")  # the empty tree: everything is new


def changed(root, base):
    """{path: changed lines}, committed or not."""
    result = {}
    for line in (git(root, "diff", "--numstat", "--no-renames", base) or "").splitlines():
        added, removed, path = line.split("\t")
        result[path] = sum(int(n) for n in (added, removed) if n.isdigit())
    for path in (git(root, "ls-files", "--others", "--exclude-standard") or "").splitlines():
        result[path] = 1_000_000
    return result


def main():
    parser = common.parser(__doc__)
    parser.add_argument("--build", default=common.ROOT / "build", help="build directory with compile_commands.json")
    parser.add_argument("--base", help="commit or branch to compare with (default: origin/main, main, HEAD~20)")
    parser.add_argument("--limit", type=int, default=12, help="files to check at most (default: 12)")
    parser.add_argument("--seconds", type=int, default=300, help="start no further file after this long (default: 300)")
    parser.add_argument("files", nargs="*", help="check these files instead of the changed ones")
    options = parser.parse_args()

    database = os.path.join(options.build, "compile_commands.json")
    if not os.path.exists(database):
        sys.exit(f"check_tidy: no {database}; run `make build` first")
    with open(database) as stream:
        compiled = {os.path.realpath(os.path.join(e["directory"], e["file"])) for e in json.load(stream)}

    if options.files:
        sizes = {f: 0 for f in options.files}
    else:
        sizes = changed(options.root, merge_base(options.root, options.base))
    sizes = {f: n for f, n in sizes.items() if os.path.realpath(os.path.join(options.root, f)) in compiled}
    order = sorted(sizes, key=lambda f: (-sizes[f], f))
    chosen, left = order[: options.limit], order[options.limit :]
    start = time.monotonic()

    def run(path):
        if time.monotonic() - start > options.seconds:
            left.append(path)
            return ""
        # The precompiled header is clang's own and clang-tidy cannot use it with other warnings; sources name what they use.
        command = [CLANG_TIDY, "--quiet", "-p", options.build, "--extra-arg=-Wno-unknown-warning-option", path]
        result = subprocess.run(command, cwd=options.root, capture_output=True, text=True, check=False)
        return result.stdout + (result.stderr if result.returncode and not result.stdout else "")

    findings = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for output in pool.map(run, chosen):
            if output.strip():
                findings.append(output.strip())
    if left:
        print(f"check_tidy: {len(left)} changed files not checked this time: {' '.join(sorted(left))}")
    common.finish("check_tidy", findings, len(chosen))


if __name__ == "__main__":
    main()
