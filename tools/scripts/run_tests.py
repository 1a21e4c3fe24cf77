#!/usr/bin/env python3
"""Runs every test suite of a build and closes with one line, `N passed, N failed`.

Exit status: 0 all passed; 1 something failed, a suite broke, or no test ran.
Arguments after -- go to lit, e.g. `run_tests.py -- --filter Simplify`.
"""

import argparse
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIT = "/usr/lib/llvm-22/bin/lit"


def lit_suites(build):
    """Folders of the build tree with a lit configuration; each is a suite."""
    return [p for p in (build / "test", build / "test" / "unit") if (p / "lit.site.cfg.py").exists()]


def count(report):
    """(passed, failed, skipped) of a JUnit file."""
    passed = failed = skipped = 0
    for case in xml.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="build directory (default: build)")
    parser.add_argument("lit_arguments", nargs="*", help="passed on to lit")
    options = parser.parse_args()

    suites = lit_suites(options.build)
    if not suites:
        sys.exit(f"run_tests: no lit configuration under {options.build}/test; build first with `make build`")
    report = options.build / "test" / "results.xml"
    report.unlink(missing_ok=True)

    command = [LIT, "-sv", "--order=lexical", f"--xunit-xml-output={report}"]
    status = subprocess.run([*command, *options.lit_arguments, *map(str, suites)], check=False).returncode

    passed, failed, skipped = count(report) if report.exists() else (0, 0, 0)
    # lit reports some breakages (a test it cannot discover, a broken configuration) by exit status alone.
    broken = status != 0 and failed == 0
    sys.stdout.flush()
    if broken:
        print(f"run_tests: lit ended with status {status} without naming a failed test", file=sys.stderr)
    if skipped:
        print(f"({skipped} not supported here)")
    print(f"{passed} passed, {failed + broken} failed", flush=True)
    sys.exit(1 if broken or failed or passed == 0 else 0)


if __name__ == "__main__":
    main()
