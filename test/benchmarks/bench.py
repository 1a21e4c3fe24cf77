#!/usr/bin/env python3
"""Measures the models of catalogue.py with Pare beside ONNX Runtime and OpenVINO, and writes a page and a picture of the ratios.

Each model is built, compiled once through a cache and run by `pare bench` for every batch and number of threads. What fails is
reported with its reason, and the rest goes on. The machine should be idle. Models, compiled models and reports stay in --work.

    make bench
    test/benchmarks/bench.py --models bert-base resnet50 --threads 1 4 --batches 1 --seconds 10
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

import bench_report
import catalogue
import numpy

PADDED_BATCH, PADDED_LENGTHS = 16, (128, 512)
# Of answers where both round to bfloat16, in different places: tells garbage from rounding; pare verify --cpu-bf16 is exact about it.
BF16_TOLERANCE = 0.25


def draw_lengths(longest):
    """Evenly between a fifth of `longest` and all of it, 60 % on average, in random order."""
    lengths = numpy.linspace(0.2 * longest, longest, PADDED_BATCH).round().astype(int)
    return numpy.random.default_rng(0).permutation(lengths).tolist()


def has_package(python, package):
    done = subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False)
    return done.returncode == 0


def describe_machine():
    name = platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return {"cpu": name, "cpus": len(os.sched_getaffinity(0)), "system": system, "variant": ""}


def describe_pare(pare):
    """Its version and, if it lies in a checkout, the commit of that."""
    version = subprocess.run([pare, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    commit = subprocess.run(["git", "-C", pare.parent, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    return f"{version} ({commit.stdout.strip()})" if commit.returncode == 0 else version


def plan(options):
    """All runs, those of a model together: (model, section, batch, length or None, threads)."""
    for model in options.models:
        cases = [("f32", batch, None) for batch in options.batches]
        if options.padded and model.padded:
            cases += [("padded", PADDED_BATCH, length) for length in PADDED_LENGTHS]
        if options.bf16:
            cases += [("bf16", batch, None) for batch in options.batches]
        for section, batch, length in cases:
            for threads in options.threads:
                yield model, section, batch, length, threads


def new_run(model, section, batch, length, threads):
    """What is known before it runs; run_one adds the rest."""
    longest = length or model.length
    text = f"{batch} x {longest}" if longest else str(batch)
    return {"model": model.name, "title": model.title, "family": model.family, "section": section, "batch": batch,
            "input": text, "threads": threads, "status": "ok", "peers": []}


class Failed(Exception):
    """A run of `pare bench`, with its reason."""


def call_pare(options, command, report):
    """The report of one `pare bench`."""
    report.unlink(missing_ok=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=options.timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"took more than {options.timeout:g} s") from None
    if done.returncode and not report.exists():
        errors = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.strip().splitlines()
        died = f"killed by signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
        raise Failed(errors[0].replace(f"{options.work}/", "") if errors else died)
    return json.loads(report.read_text())


def measure(options, run, peers, arguments, report):
    """Fills `run`; a peer that fails, or that alone answers otherwise, is left out with its reason."""
    peers = list(peers)
    while True:
        command = [options.pare, "bench", *arguments, "--against", ",".join(peers), "--json", report]
        try:
            found = call_pare(options, command, report)
            break
        except Failed as error:
            titles = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
            blamed = next((peer for peer in peers if f" {titles[peer]}: " in str(error)), None)
            if not blamed or len(peers) == 1:
                raise
            run["peers"].append({"name": titles[blamed], "reason": str(error)})
            peers.remove(blamed)
    pare, *others = found["contenders"]
    run.update(seconds=pare["median_s"], rounds=len(pare["round_medians_s"]), variant=found["variant"])
    for other in others:
        ratios = [theirs / own for own, theirs in zip(pare["round_medians_s"], other["round_medians_s"])]
        entry = {"name": other["name"], "version": other["version"], "seconds": other["median_s"], "ratio": other["ratio"],
                 "least": min(ratios), "most": max(ratios)}
        wrong = [output for output in other["outputs"] if not output["ok"]]
        if wrong:
            detail = wrong[0].get("mismatch") or f"largest error {wrong[0]['relative_error']} of the largest element"
            reason = f"the answer differs from that of {other['name']}: {wrong[0]['name']}: {detail}"
            entry = {"name": other["name"], "version": other["version"], "reason": reason}
        else:
            entry["error"] = max(output["relative_error"] or 0 for output in other["outputs"])
        run["peers"].append(entry)
    # Where another peer agrees with Pare, the one that does not has failed.
    if not any("ratio" in peer for peer in run["peers"]):
        raise Failed(run["peers"].pop()["reason"])


def run_one(options, model, path, run, length):
    """Measures one case into `run`."""
    bf16, padded = run["section"] == "bf16", run["section"] == "padded"
    sizes = catalogue.find_sizes(model, path, run["batch"], length)
    arguments = [path, "--threads", str(run["threads"]), "--seconds", str(options.seconds), "--warmup", str(options.warmup),
                 "--max-int", str(model.largest),
                 "--python", options.python, "--cache", options.work / "cache"]
    if sizes:
        arguments += ["--sizes", ",".join(f"{name}={size}" for name, size in sizes.items())]
    if padded:
        arguments += ["--lengths", ",".join(map(str, draw_lengths(length)))]
    if bf16:
        arguments += ["--cpu-bf16", "--openvino-precision", "default", "--tolerance", str(BF16_TOLERANCE)]
    name = f"{model.name}-{run['section']}-{run['batch']}{f'x{length}' if length else ''}-{run['threads']}.json"
    measure(options, run, ["openvino"] if bf16 else options.peers, arguments, options.work / "reports" / name)


def say_run(run):
    if run["status"] != "ok":
        return f"{run['status']}: {run['reason']}"
    parts = [f"{peer['name']} {peer['ratio']:.2f} (error {peer['error']:.0e})" if "ratio" in peer else
             f"{peer['name']} failed: {peer['reason']}" for peer in run["peers"]]
    return f"Pare {1e3 * run['seconds']:.4g} ms in {run['rounds']} rounds; " + ", ".join(parts)


def parse():
    names = {model.name: model for model in catalogue.MODELS}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=names, metavar="NAME", default=list(names), help=", ".join(names))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--seconds", type=float, default=10, help="of each run, all contenders together")
    parser.add_argument("--warmup", type=int, default=3, help="calls of each before its first round")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds after which a run has failed")
    parser.add_argument("--bf16", action="store_true", help="also --cpu-bf16 beside OpenVINO's default precision")
    parser.add_argument("--padded", action="store_true", help="also padded batches of 16, for encoders")
    parser.add_argument("--resume", action="store_true", help="keep the runs of the results in --output that did not fail")
    parser.add_argument("--work", type=pathlib.Path, metavar="FOLDER", default=pathlib.Path(".cache/bench"))
    parser.add_argument("--output", type=pathlib.Path, metavar="FOLDER", default=pathlib.Path("docs/benchmarks"))
    parser.add_argument("--pare", type=pathlib.Path, default=pathlib.Path("build/bin/pare"))
    parser.add_argument("--python", default=sys.executable, help="the Python that has the peers (default: this one)")
    options = parser.parse_args()
    options.models = [names[name] for name in dict.fromkeys(options.models)]
    if min([*options.threads, *options.batches, options.warmup]) < 1 or min(options.seconds, options.timeout) <= 0:
        parser.error("threads, batches, seconds and the timeout must be positive")
    options.pare = options.pare.resolve()
    if not options.pare.exists():
        parser.error(f"{options.pare} does not exist: ninja -C build pare, or name another with --pare")
    options.peers = [package for package in ("onnxruntime", "openvino") if has_package(options.python, package)]
    if not options.peers:
        parser.error(f"{options.python} has neither onnxruntime nor openvino: name another with --python")
    return options


def start(options):
    """The results so far: none, or with --resume what can be kept."""
    results = {"machine": describe_machine(), "versions": {"Pare": describe_pare(options.pare)}, "date": datetime.date.today().isoformat(), "runs": []}
    path = options.output / "cpu-set.json"
    if options.resume and path.exists():
        before = json.loads(path.read_text())
        for what in ("cpu", "cpus", "system"):
            if before["machine"][what] != results["machine"][what]:
                sys.exit(f"{path}: was measured on {before['machine'][what]}, this is {results['machine'][what]}: run without --resume")
        if before["versions"]["Pare"] != results["versions"]["Pare"]:
            sys.exit(f"{path}: was measured with Pare {before['versions']['Pare']}, this is {results['versions']['Pare']}: run without --resume")
        results["versions"], results["machine"] = before["versions"], before["machine"]
        results["runs"] = [run for run in before["runs"] if run["status"] == "ok"]
    return results


def note_versions(results, run):
    results["machine"]["variant"] = results["machine"]["variant"] or run.get("variant", "")
    for peer in run["peers"]:
        if "version" in peer:
            results["versions"][peer["name"]] = peer["version"]


def key(run):
    return run["model"], run["section"], run["input"], run["threads"]


def order(results):
    """Runs as the catalogue and the sections have them."""
    names, sections = [model.name for model in catalogue.MODELS], list(bench_report.SECTIONS)
    results["runs"].sort(key=lambda run: (sections.index(run["section"]), names.index(run["model"]), run["batch"], run["input"], run["threads"]))


def build(model, path):
    """Why the model cannot be written to `path`, or None. Weights are drawn from a seed: the caches know the same file again."""
    try:
        model.build(path)
    except catalogue.Missing as error:
        return str(error)
    return None


def main():
    options = parse()
    options.work = options.work.resolve()
    (options.work / "reports").mkdir(parents=True, exist_ok=True)
    results = start(options)
    done, missing, failed = {key(run) for run in results["runs"]}, {}, 0
    if "openvino" not in options.peers:
        print(f"{options.python} has no openvino: beside ONNX Runtime only" + (", without --bf16" if options.bf16 else ""), flush=True)
        options.bf16 = False
    runs = list(plan(options))
    for number, (model, section, batch, length, threads) in enumerate(runs, 1):
        run = new_run(model, section, batch, length, threads)
        label = f"{model.name}, {run['input']}, {threads} thread{'s' if threads > 1 else ''}" + ("" if section == "f32" else f", {section}")
        print(f"[{number}/{len(runs)}] {label}: ", end="", flush=True)
        if key(run) in done:
            print("measured before", flush=True)
            continue
        path = options.work / f"{model.name}.onnx"
        try:
            if model.name not in missing:
                missing[model.name] = build(model, path)
            if missing[model.name]:
                run.update(status="skipped", reason=missing[model.name])
            else:
                run_one(options, model, path, run, length)
        except catalogue.Missing as error:
            run.update(status="skipped", reason=str(error))
        except (Failed, ValueError) as error:
            run.update(status="failed", reason=str(error))
            failed += 1
        print(say_run(run), flush=True)
        note_versions(results, run)
        results["runs"].append(run)
        order(results)
        bench_report.save(results, options.output)
    bench_report.write(results, options.output)
    skipped = sum(run["status"] == "skipped" for run in results["runs"])
    print(f"{len(bench_report.measured(results['runs']))} measured, {skipped} skipped, {failed} failed; {options.output}/cpu-set.md")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
