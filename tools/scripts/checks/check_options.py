#!/usr/bin/env python3
"""Options are structs: llvm::cl and the environment are read in tools/ alone.

One exception: runtime/base may read PARE_THREADS, in one place.
"""

import re

import common

ROOMS = ("include", "lib", "passes", "runtime")
FORBIDDEN = [
    (re.compile(r"\bcl::(opt|list|bits|alias|ParseCommandLineOptions)\b"), "llvm::cl outside tools/; use an options struct"),
    (re.compile(r'#\s*include\s*[<"]llvm/Support/CommandLine\.h[>"]'), "llvm::cl outside tools/; use an options struct"),
    (re.compile(r"\b(?:secure_)?getenv\s*\(|\benviron\b|\bProcess::GetEnv\b"), "environment read outside tools/; use an options struct"),
]
THREADS = re.compile(r'\bgetenv\s*\(\s*"PARE_THREADS"\s*\)')


def main():
    options = common.parser(__doc__).parse_args()
    paths = [p for p in common.files(options.root, common.CXX) if p.parts[0] in ROOMS]
    findings, threads = [], []
    for path in paths:
        for number, line in enumerate(common.without_comments(common.read(options.root, path)).split("\n"), 1):
            if path.parts[:2] == ("runtime", "base") and THREADS.search(line):
                threads.append(f"{path}:{number}")
                line = THREADS.sub("", line)
            findings += [f"{path}:{number}: {why}" for pattern, why in FORBIDDEN if pattern.search(line)]
    findings += [f"{place}: PARE_THREADS is read a second time; first at {threads[0]}" for place in threads[1:]]
    common.finish("check_options", findings, len(paths))


if __name__ == "__main__":
    main()
