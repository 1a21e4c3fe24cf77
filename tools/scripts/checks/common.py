"""What the house-rule checks share: which files there are, comments out of the way, and how findings are printed."""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
CXX = (".h", ".hpp", ".c", ".cc", ".cpp", ".cu", ".cuh")


def parser(doc):
    result = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--root", type=pathlib.Path, default=ROOT, help="tree to check (default: this repository)")
    return result


def files(root, suffixes):
    """Sorted paths, relative to root, of its files with these suffixes; what git ignores is left out."""
    root = root.resolve()
    listing = None
    if (root / ".git").exists():
        command = ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    else:
        listing = [os.path.relpath(os.path.join(d, f), root) for d, _, names in os.walk(root) for f in names]
    found = {pathlib.PurePosixPath(f) for f in listing if f.endswith(tuple(suffixes))}
    # A file deleted in the working tree is still listed as cached.
    return sorted(f for f in found if (root / f).is_file())


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text):
    """C++ text with comments blanked and its line numbers kept; string literals stay."""

    def blank(match):
        token = match.group(0)
        return "\n" * token.count("\n") if token.startswith("/") else token

    return _COMMENT.sub(blank, text)


def finish(name, findings, checked):
    """Prints the findings and ends the program: 1 if there are any."""
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(f"{name}: {len(findings)} found")
    print(f"{name}: {checked} files, nothing found")
    sys.exit(0)
