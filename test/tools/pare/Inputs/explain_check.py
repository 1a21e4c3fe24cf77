"""explain_check.py JSON HTML: the page is well-formed, needs nothing else, and holds the figures of the JSON."""

import json
import re
import sys
import xml.etree.ElementTree

report = json.load(open(sys.argv[1], encoding="utf-8"))
text = open(sys.argv[2], encoding="utf-8").read()
page = xml.etree.ElementTree.fromstring(text)

tags = {element.tag for element in page.iter()}
assert not tags & {"script", "link", "img", "iframe", "object", "embed"}, tags
assert not re.search(r"https?:|url\(|@import|src=|href=", text), "the page refers to something outside"
ids = [element.get("id") for element in page.iter() if element.get("id")]
assert len(ids) == len(set(ids)), ids
for figure in page.iter("svg"):
    assert figure.find("title").text and figure.find("desc").text
    assert set(figure.get("aria-labelledby").split()) <= set(ids)
assert page.find("head/title").text and page.get("lang") == "en"

shown = {int(element.get("value")) for element in page.iter("data")}
for row in [report["total"]] + report["kinds"]:
    for when in ("before", "after"):
        for what in ("flops", "bytes"):
            assert round(row[when][what]) in shown, (row, when, what)
everything = " ".join("".join(page.itertext()).split())
for item in report["passes"]:
    assert item["name"] in everything
    for finding in item["applied"] + item["refused"]:
        assert finding["node"] in everything and finding.get("text", finding.get("reason", "")) in everything
for item in report["inputs"]:
    assert item["name"] in everything and item["used"] in everything

# The report agrees with itself.
total = report["total"]
for when in ("before", "after"):
    for rows in (report["kinds"], report["nodes"]):
        for what in ("ops", "flops", "bytes"):
            assert abs(sum(row[when][what] for row in rows) - total[when][what]) <= 1e-9 * total[when][what]
lengths = report["lengths"]
assert abs(1 - sum(lengths["values"]) / (len(lengths["values"]) * lengths["max"]) - lengths["padding"]) < 1e-9
for first, second in zip(report["passes"], report["passes"][1:]):
    assert first["after"] == second["before"]
assert report["passes"][-1]["after"] == total["after"]
