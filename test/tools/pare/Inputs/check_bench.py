"""check_bench.py REPORT ROUNDS NAME...: fails unless the report has these contenders with that many rounds or more."""

import json
import pathlib
import statistics
import sys

report = json.loads(pathlib.Path(sys.argv[1]).read_text())
rounds, names = int(sys.argv[2]), sys.argv[3:]
assert [contender["name"] for contender in report["contenders"]] == names, report
assert report["threads"] >= 1 and report["inputs"][0].startswith("x: f32["), report
pare = report["contenders"][0]
for index, contender in enumerate(report["contenders"]):
    medians = contender["round_medians_s"]
    assert len(medians) >= rounds and contender["calls"] >= len(medians), contender
    assert 0 < contender["least_s"] <= contender["median_s"] <= contender["most_s"], contender
    assert contender["load_s"] > 0 and contender["first_s"] > 0, contender
    if index > 0:
        ratio = statistics.median(theirs / own for theirs, own in zip(medians, pare["round_medians_s"]))
        assert abs(contender["ratio"] - ratio) < 1e-9 * ratio, contender
        assert all(output["ok"] and output["elements"] > 0 for output in contender["outputs"]), contender
    else:
        assert "ratio" not in contender and "outputs" not in contender, contender
