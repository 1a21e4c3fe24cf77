#!/usr/bin/env python3
"""No source file is longer than 600 lines: a longer one is split by theme."""

import common

LIMIT = 600
SUFFIXES = common.CXX + (".td", ".py", ".sh", ".cmake", "CMakeLists.txt", "Makefile", ".toml")


def main():
    options = common.parser(__doc__).parse_args()
    paths = common.files(options.root, SUFFIXES)
    findings = []
    for path in paths:
        lines = len(common.read(options.root, path).splitlines())
        if lines > LIMIT:
            findings.append(f"{path}:{LIMIT + 1}: {lines} lines, the limit is {LIMIT}: split it by theme")
    common.finish("check_size", findings, len(paths))


if __name__ == "__main__":
    main()
