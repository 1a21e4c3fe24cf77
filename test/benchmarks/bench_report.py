#!/usr/bin/env python3
"""The page and the picture of what bench.py measured, from its JSON.

    test/benchmarks/bench_report.py docs/benchmarks/cpu-set.json      # writes cpu-set.md and cpu-set.png beside it
"""

import argparse
import json
import math
import pathlib
import sys

from catalogue import CLASSES, FAMILIES

SECTIONS = {"f32": "Full work", "padded": "Padded batches", "bf16": "Products in bfloat16"}
ABOUT = {
    "f32": "Every element of the inputs counts. All compute in float32.",
    "padded": "16 sequences whose lengths lie evenly between 20 % and 100 % of the longest: 60 % of the tokens are valid. Answers are "
              "compared where they are not padding. All compute in float32.",
    "bf16": "Pare with `--cpu-bf16`, OpenVINO with its default precision, which is bfloat16 on CPUs with instructions for it.",
}


def fastest(run):
    """The peer that took least, or None."""
    ran = [peer for peer in run["peers"] if "ratio" in peer]
    return min(ran, key=lambda peer: peer["ratio"]) if ran else None


def mean(values):
    """Geometric."""
    return math.exp(sum(map(math.log, values)) / len(values))


def of_section(results, section):
    return [run for run in results["runs"] if run["section"] == section]


def measured(runs):
    return [run for run in runs if run["status"] == "ok" and fastest(run)]


def peer_names(runs):
    return sorted({peer["name"] for run in runs for peer in run["peers"]})


def table(head, rows):
    return ["| " + " | ".join(map(str, row)) + " |" for row in [head, ["---"] * len(head), *rows]]


def write_runs(runs, peers):
    rows = []
    for run in runs:
        cells = {peer["name"]: f"{peer['ratio']:.2f}" if "ratio" in peer else "failed" for peer in run["peers"]}
        error = max(peer["error"] for peer in run["peers"] if "ratio" in peer)
        rows.append([run["title"], run["input"], run["threads"], f"{1e3 * run['seconds']:.4g}",
                     *(cells.get(name, "") for name in peers), f"{error:.0e}"])
    return table(["model", "input", "threads", "Pare ms", *peers, "error"], rows)


def write_means(runs, peers):
    rows = []
    present = [family for family in FAMILIES if any(run["family"] == family for run in runs)]
    groups = {family: (family,) for family in present}
    groups |= {name: families for name, families in CLASSES.items() if set(families) <= set(present)}
    groups |= {"all": present} if len(present) > 1 else {}
    for group, families in groups.items():
        for threads in sorted({run["threads"] for run in runs}):
            own = [run for run in runs if run["threads"] == threads and run["family"] in families]
            if not own:  # that combination failed
                continue
            cells = []
            for name in peers:
                ratios = [peer["ratio"] for run in own for peer in run["peers"] if peer["name"] == name and "ratio" in peer]
                cells.append(f"{mean(ratios):.2f}" if ratios else "")
            faster = [f"{mean([fastest(run)['ratio'] for run in own]):.2f}"] if len(peers) > 1 else []
            rows.append([group, threads, len(own), *cells, *faster])
    return table(["geometric means", "threads", "runs", *peers, *(["the faster"] if len(peers) > 1 else [])], rows)


def write_page(results, picture):
    """The text of the page; `picture` is the name of the picture, or None."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [
        "# The set of CPU benchmarks", "",
        f"`make bench` (test/benchmarks/bench.py) wrote this page. Numbers are a peer's time over Pare's as `pare bench` measures them, in",
        "turns ([Testing](../Testing.md#measuring)): **above 1, Pare is faster**. Weights are random; the architectures are real. The error",
        "is the largest difference from a peer's answer, as a share of that output's largest element.", "",
        f"{machine['cpu']} ({machine['variant']}), {machine['cpus']} CPUs, {machine['system']}; {versions}; {results['date']}.", "",
    ]
    if picture:
        lines += [f"![Ratios to the faster peer]({picture})", "", "Lines of the picture reach from the least to the greatest ratio of a round.", ""]
    for section, title in SECTIONS.items():
        runs = measured(of_section(results, section))
        if runs:
            peers = peer_names(runs)
            lines += [f"## {title}", "", ABOUT[section], "", *write_means(runs, peers), "", *write_runs(runs, peers), ""]
    lines += write_gaps(results)
    return "\n".join(lines).rstrip("\n") + "\n"


def write_gaps(results):
    """What was not measured, and why; equal reasons once."""
    gaps = {}
    for run in results["runs"]:
        what = f"{run['threads']} thread{'s' if run['threads'] > 1 else ''}" + (f", {run['input']}" if run["input"] else "")
        if run["section"] != "f32":
            what += f", {SECTIONS[run['section']].lower()}"
        if run["status"] != "ok":
            gaps.setdefault((run["title"], run["status"], run["reason"]), []).append(what)
        for peer in run["peers"]:
            if "reason" in peer:
                gaps.setdefault((run["title"], f"{peer['name']} failed", peer["reason"]), []).append(what)
    rows = [f"- {title}, {status} ({'; '.join(runs)}): {reason}" for (title, status, reason), runs in gaps.items()]
    return ["## Not measured", "", *rows, ""] if rows else []


def rows_of(results):
    """Rows of the picture from the top: (label, None) is a heading, (label, runs) has points."""
    rows = []
    for section, title in SECTIONS.items():
        runs = measured(of_section(results, section))
        for family in FAMILIES if section == "f32" else [None]:
            own = [run for run in runs if family in (None, run["family"])]
            if own:
                rows.append(((family or title).capitalize(), None))
            for label in dict.fromkeys(label_of(run) for run in own):
                rows.append((label, [run for run in own if label_of(run) == label]))
    return rows


def label_of(run):
    return f"{run['title']}, {run['input']}" if run["section"] == "padded" else run["title"]


def draw(results, path):
    """Ratios to the faster peer, one row a model; False if there is nothing to draw. ImportError without matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = rows_of(results)
    if not rows:
        return False
    points = [run for _, runs in rows for run in runs or []]
    threads, batches = sorted({run["threads"] for run in points}), sorted({run["batch"] for run in points})
    colours = dict(zip(threads, ["#1f6fb4", "#d9691e", "#2f8f4e", "#8c4fb0", "#7a7a7a", "#b8336a"] * len(threads)))
    markers = dict(zip(batches, "osD^vP" * len(batches)))
    figure, axes = pyplot.subplots(figsize=(10, 1.7 + 0.3 * len(rows)), dpi=120, layout="constrained")
    for place, (_, runs) in enumerate(rows):
        if runs is None:
            axes.axhspan(place - 0.5, place + 0.5, color="#eeeeee", zorder=0)
        # Side by side in the row, so that equal ratios do not hide each other.
        for index, run in enumerate(sorted(runs or [], key=lambda run: (run["threads"], run["batch"]))):
            y, peer, colour = place + 0.62 * ((index + 0.5) / len(runs) - 0.5), fastest(run), colours[run["threads"]]
            axes.plot([peer["least"], peer["most"]], [y, y], color=colour, linewidth=1, alpha=0.6, zorder=2)
            axes.plot(peer["ratio"], y, markers[run["batch"]], color=colour, markersize=5, zorder=3)
    axes.axvline(1, color="black", linewidth=1, zorder=1)
    axes.set_xscale("log")
    low = min(0.8, 0.95 * min(fastest(run)["ratio"] for run in points))
    high = max(1.25, 1.05 * max(fastest(run)["ratio"] for run in points))
    axes.set_xlim(low, high)
    ticks = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 20, 50, 100]
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    for tick, (_, runs) in zip(axes.get_yticklabels(), rows):
        tick.set_fontweight("normal" if runs else "bold")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("← peer faster     time of the faster peer / time of Pare     Pare faster →")
    handles = [pyplot.Line2D([], [], color=colours[count], linewidth=4, label=f"{count} thread{'s' if count > 1 else ''}") for count in threads]
    handles += [pyplot.Line2D([], [], color="#444444", marker=markers[batch], linestyle="", label=f"batch {batch}") for batch in batches]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    axes.set_title(f"Pare beside {' and '.join(peer_names(points))}: {results['machine']['cpu']}, {results['date']}", fontsize=11)
    figure.savefig(path)
    pyplot.close(figure)
    return True


def save(results, folder):
    """cpu-set.json in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu-set.json").write_text(json.dumps(results, indent=1) + "\n")


def write(results, folder):
    """cpu-set.json, cpu-set.md and, with matplotlib, cpu-set.png in `folder`."""
    save(results, folder)
    picture = "cpu-set.png"
    try:
        picture = picture if draw(results, folder / picture) else None
    except ImportError as error:
        print(f"no picture: {error}; tools/scripts/setup.sh bench installs it into .venv-bench")
        picture = None
    (folder / "cpu-set.md").write_text(write_page(results, picture))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=pathlib.Path, help="cpu-set.json, as bench.py wrote it")
    parser.add_argument("--output", type=pathlib.Path, metavar="FOLDER", help="default: where the results are")
    options = parser.parse_args()
    try:
        results = json.loads(options.results.read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"{options.results}: cannot read: {error}")
    write(results, options.output or options.results.parent)


if __name__ == "__main__":
    main()
