// The report as one page: no script, no other file, well-formed as XML too.
#include "Format.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using llvm::formatv;
using llvm::raw_ostream;

namespace pare::explain {
namespace {
constexpr size_t kLayersShown = 64, kNodesShown = 40, kNodesInChart = 12, kColumns = 64;

constexpr llvm::StringLiteral kStyle = R"(
:root { color-scheme: light dark; --page: #ffffff; --text: #1f2328; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --before: #6e7781; --after: #0969da; --bad: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --soft: #9da7b1; --line: #30363d;
  --card: #161b22; --before: #8b949e; --after: #58a6ff; --bad: #d29922; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 60rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; } p { margin: .25rem 0 .75rem; } .soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  margin: 0 0 .75rem; }
.cards .card { margin: 0; } .big { font-size: 1.6rem; font-weight: 600; line-height: 1.2; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } thead th { color: var(--soft); font-weight: 600; }
table.text th, table.text td { text-align: left; } td.name { white-space: normal; min-width: 11rem; } tr.total td, tr.total th { font-weight: 600; border-bottom: 0; }
svg { display: block; width: 100%; margin: 0 0 1rem; overflow: visible; font: 13px system-ui, sans-serif; } svg text { fill: var(--text); }
.fill-before { fill: var(--before); } .fill-after { fill: var(--after); }
svg .soft { fill: var(--soft); } svg line { stroke: var(--soft); stroke-dasharray: 4 3; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .35em 0 0; }
.key.before { background: var(--before); } .key.after { background: var(--after); } .legend span { margin-right: 1rem; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--soft); } ul { margin: .25rem 0 .5rem; padding-left: 1.25rem; }
code { font: .9em ui-monospace, monospace; } .refused { border-left: 4px solid var(--bad); }
)";

/// Text between tags and in attributes.
std::string escape(llvm::StringRef text) {
  std::string result;
  for (char character : llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text))
    switch (character) {
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '&':
      result += "&amp;";
      break;
    case '"':
      result += "&quot;";
      break;
    default:
      // Control characters have no place in a page.
      result += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
    }
  return result;
}

/// A number as people read it, with the exact one for programs.
std::string data(double number) {
  return formatv("<data value=\"{0:F0}\">{1}</data>", number, number ? formatCount(number) : "–").str();
}

std::string changeText(double before, double after) {
  std::string text = formatChange(before, after);
  if (!text.empty() && text[0] == '-')
    text.replace(0, 1, "−");
  return text;
}

void writeLegend(raw_ostream &os) {
  os << "<p class=\"legend soft\"><span><i class=\"key before\"></i>before (upper bar)</span><span><i class=\"key "
        "after\"></i>after (lower bar)</span></p>\n";
}

/// Rows with work that can be seen next to all of it.
std::vector<Row> visibleRows(llvm::ArrayRef<Row> rows, const Change &total) {
  constexpr double kLeast = 1e-3;
  std::vector<Row> visible;
  for (const Row &row : rows)
    if (row.work.before.flops > kLeast * total.before.flops || row.work.after.flops > kLeast * total.after.flops)
      visible.push_back(row);
  return visible;
}

/// Bars of FLOPs before and after. Widths are shares of the page, so that the text keeps its size on any screen.
void writeBars(raw_ostream &os, llvm::StringRef id, const std::string &title, llvm::ArrayRef<Row> rows) {
  constexpr int kRow = 50;
  double most = 0;
  for (const Row &row : rows)
    most = std::max({most, row.work.before.flops, row.work.after.flops});
  std::string description;
  for (const Row &row : rows)
    description += row.name + ": " + formatCount(row.work.before.flops) + " before, " +
                   formatCount(row.work.after.flops) + " after. ";
  os << formatv("<svg role=\"img\" aria-labelledby=\"{0}-t {0}-d\" height=\"{1}\"><title id=\"{0}-t\">{2}</title><desc "
                "id=\"{0}-d\">{3}</desc>\n",
                id, static_cast<int>(rows.size()) * kRow, escape(title), escape(description));
  int top = 0;
  for (const Row &row : rows) {
    auto bar = [&](llvm::StringRef style, double flops, int y) {
      os << formatv("<rect class=\"fill-{0}\" x=\"0\" y=\"{1}\" width=\"{2:F2}%\" height=\"10\" rx=\"2\"/>", style, y,
                    most > 0 ? 100 * flops / most : 0);
    };
    double before = row.work.before.flops, after = row.work.after.flops;
    std::string change = changeText(before, after);
    // The end of a long name says more than its beginning.
    std::string name = row.name.size() > 34 ? "…" + row.name.substr(row.name.size() - 33) : row.name;
    os << formatv("<text x=\"0\" y=\"{0}\">{1}</text><text class=\"soft\" x=\"100%\" y=\"{0}\" "
                  "text-anchor=\"end\">{2} → {3}{4}</text>",
                  top + 14, escape(name), formatCount(before), formatCount(after),
                  change.empty() ? "" : " (" + change + ")");
    bar("before", before, top + 20);
    bar("after", after, top + 32);
    os << "\n";
    top += kRow;
  }
  os << "</svg>\n";
}

/// One column per sequence, or the mean of a few: the grey area is padding.
void writeLengths(raw_ostream &os, const Report &report) {
  std::vector<int64_t> lengths = report.lengths;
  llvm::sort(lengths);
  size_t columns = std::min(lengths.size(), kColumns);
  constexpr int kTop = 18, kHeight = 150;
  std::string share = formatShare(report.shareOfPadding());
  os << "<h2>Lengths</h2>\n<p>" << lengths.size() << " sequences of " << escape(formatLengths(report.lengths)) << " of "
     << report.maxLength << " tokens (" << escape(report.lengthsOrigin) << "). <strong>" << share
     << "</strong> of all tokens are padding.</p>\n";
  if (!report.lengthsNote.empty())
    os << "<p>" << escape(report.lengthsNote) << ".</p>\n";
  os << formatv("<svg role=\"img\" aria-labelledby=\"len-t len-d\" height=\"{0}\"><title id=\"len-t\">Tokens of each "
                "sequence, sorted by length</title><desc id=\"len-d\">{1} sequences, {2} of the tokens are "
                "padding</desc>\n<text class=\"soft\" x=\"0\" y=\"12\">{3} tokens</text><line x1=\"0\" x2=\"100%\" "
                "y1=\"{4}\" y2=\"{4}\"/>\n",
                kTop + kHeight + 4, lengths.size(), share, report.maxLength, kTop);
  for (size_t column = 0; column < columns; ++column) {
    size_t first = column * lengths.size() / columns, last = (column + 1) * lengths.size() / columns;
    double sum = 0;
    for (size_t i = first; i < last; ++i)
      sum += static_cast<double>(lengths[i]);
    double valid =
        sum / static_cast<double>(last - first) / static_cast<double>(std::max<int64_t>(report.maxLength, 1));
    double step = 100.0 / static_cast<double>(columns), height = kHeight * valid;
    auto part = [&](llvm::StringRef style, double y, double tall, llvm::StringRef opacity) {
      os << formatv("<rect class=\"fill-{0}\" x=\"{1:F2}%\" y=\"{2:F1}\" width=\"{3:F2}%\" height=\"{4:F1}\"{5}/>",
                    style, step * static_cast<double>(column), y, step * 0.85, tall, opacity);
    };
    part("before", kTop, kHeight - height, " opacity=\"0.35\"");
    part("after", kTop + kHeight - height, height, "");
    os << "\n";
  }
  os << "</svg>\n<p class=\"legend soft\"><span><i class=\"key after\"></i>tokens</span><span><i class=\"key before\" "
        "style=\"opacity:.35\"></i>padding</span></p>\n";
}

void writeTable(raw_ostream &os, const std::string &caption, llvm::ArrayRef<Row> rows, const Change *total) {
  os << "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" << escape(caption)
     << "\"><table>\n<thead><tr><th scope=\"col\">" << escape(caption)
     << "</th><th scope=\"col\">FLOPs before</th><th scope=\"col\">after</th><th scope=\"col\">change</th><th "
        "scope=\"col\">bytes before</th><th scope=\"col\">after</th><th "
        "scope=\"col\">change</th></tr></thead>\n<tbody>\n";
  auto write = [&](const std::string &name, const Change &work) {
    os << "<td class=\"name\">" << escape(name) << "</td><td>" << data(work.before.flops) << "</td><td>"
       << data(work.after.flops) << "</td><td>" << changeText(work.before.flops, work.after.flops) << "</td><td>"
       << data(work.before.bytes) << "</td><td>" << data(work.after.bytes) << "</td><td>"
       << changeText(work.before.bytes, work.after.bytes) << "</td></tr>\n";
  };
  for (const Row &row : rows) {
    os << "<tr>";
    write(formatNode(row.name, row.op), row.work);
  }
  if (total) {
    os << "<tr class=\"total\">";
    write("total", *total);
  }
  os << "</tbody></table></div>\n";
}

void writeGroup(raw_ostream &os, const FindingGroup &group) {
  os << "<p>" << escape(group.text.empty() ? "no reason given" : group.text);
  for (const auto &[key, value] : group.metrics)
    os << "; " << escape(key) << ": " << escape(value);
  os << "</p>\n";
  if (!group.proof.empty())
    os << "<p><strong>Why it is safe:</strong> " << escape(group.proof) << "</p>\n";
  if (!group.suggestion.empty())
    os << "<p><strong>What to do:</strong> " << escape(group.suggestion) << "</p>\n";
  if (group.nodes.size() == 1) {
    os << "<p class=\"soft\">at <code>" << escape(group.nodes.front()) << "</code></p>\n";
    return;
  }
  os << "<details><summary>at " << group.nodes.size() << " nodes</summary><ul>\n";
  for (const std::string &node : group.nodes)
    os << "<li><code>" << escape(node) << "</code></li>\n";
  os << "</ul></details>\n";
}

void writePasses(raw_ostream &os, const Report &report, bool applied) {
  for (const PassReport &pass : report.passes) {
    size_t count = pass.countApplied();
    if (!applied)
      count = pass.findings.size() - count;
    if (!count)
      continue;
    os << (applied ? "<div class=\"card\">\n<h3>" : "<div class=\"card refused\">\n<h3>") << escape(pass.name)
       << "</h3>\n";
    if (applied) {
      std::string change = changeText(pass.work.before.flops, pass.work.after.flops);
      os << "<p>" << escape(pass.summary) << ". <strong>" << formatFlops(pass.work.before.flops) << " → "
         << formatFlops(pass.work.after.flops) << (change.empty() ? "" : " (" + change + ")") << "</strong>, exact, "
         << count << (count == 1 ? " place" : " places") << ".</p>\n";
    }
    for (const FindingGroup &group : groupFindings(pass))
      if (group.applied == applied)
        writeGroup(os, group);
    os << "</div>\n";
  }
}

void writeCards(raw_ostream &os, const Report &report) {
  auto card = [&](llvm::StringRef what, double before, double after) {
    std::string change = changeText(before, after);
    os << "<div class=\"card\"><div class=\"soft\">" << what << "</div><div class=\"big\">"
       << (change.empty() ? "unchanged" : change) << "</div><div>" << data(before) << " → " << data(after)
       << "</div></div>\n";
  };
  os << "<div class=\"cards\">\n";
  card("FLOPs", report.total.before.flops, report.total.after.flops);
  card("bytes moved", report.total.before.bytes, report.total.after.bytes);
  if (!report.lengths.empty())
    os << "<div class=\"card\"><div class=\"soft\">padding in the input</div><div class=\"big\">"
       << formatShare(report.shareOfPadding()) << "</div><div>" << report.lengths.size() << " sequences, "
       << report.maxLength << " tokens at most</div></div>\n";
  os << "</div>\n";
}

void writeInputs(raw_ostream &os, const Report &report) {
  os << "<h2>Inputs</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Inputs\"><table "
        "class=\"text\">\n"
        "<thead><tr><th scope=\"col\">input</th><th scope=\"col\">declared</th><th scope=\"col\">counted for</th><th "
        "scope=\"col\">elements</th></tr></thead>\n<tbody>\n";
  for (const InputReport &input : report.inputs)
    os << "<tr><td>" << escape(input.name) << "</td><td>" << escape(input.declared) << "</td><td>" << escape(input.used)
       << "</td><td>" << escape(input.elements.empty() ? "any" : input.elements) << "</td></tr>\n";
  os << "</tbody></table></div>\n";
}

void writeList(raw_ostream &os, llvm::StringRef title, llvm::ArrayRef<std::string> items) {
  if (items.empty())
    return;
  os << "<h2>" << title << "</h2>\n<ul>\n";
  for (const std::string &item : items)
    os << "<li>" << escape(item) << "</li>\n";
  os << "</ul>\n";
}
} // namespace

void writeHtml(const Report &report, raw_ostream &os) {
  std::string name = escape(llvm::StringRef(report.model).rsplit('/').second.empty()
                                ? llvm::StringRef(report.model)
                                : llvm::StringRef(report.model).rsplit('/').second);
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\"/>\n<title>Redundant work in "
     << name << "</title>\n<style>" << kStyle << "</style>\n</head>\n<body>\n<main>\n";
  os << "<h1>Redundant work in " << name
     << "</h1>\n<p class=\"soft\">What the exact passes of Pare remove from entry <code>" << escape(report.entry)
     << "</code>, counted for the inputs below. <em>Before</em> is the simplified model without these passes.</p>\n";
  writeCards(os, report);
  os << "<h2>FLOPs by kind of op</h2>\n";
  writeLegend(os);
  writeBars(os, "kind", "FLOPs by kind of op", visibleRows(report.kinds, report.total));
  writeTable(os, "kind of op", report.kinds, &report.total);
  os << "<p class=\"soft\">Bytes are those that move if every op reads its operands and writes its results once.</p>\n";
  os << "<h2>Found</h2>\n";
  bool found = llvm::any_of(report.passes, [](const PassReport &pass) { return pass.countApplied() > 0; });
  if (!found)
    os << "<p>No redundant work was found.</p>\n";
  writePasses(os, report, true);
  bool refused =
      llvm::any_of(report.passes, [](const PassReport &pass) { return pass.countApplied() < pass.findings.size(); });
  if (refused) {
    os << "<h2>Refused</h2>\n<p class=\"soft\">What could not be proved stays as it is. That costs "
          "speed, never answers. The ops are in what <code>pare compile "
       << escape(report.model) << " --stop-after=raise</code> prints.</p>\n";
    writePasses(os, report, false);
  }
  if (!report.idle.empty()) {
    os << "<h2>Looked for, not there</h2>\n<ul>\n";
    for (const auto &[pass, summary] : report.idle)
      os << "<li><strong>" << escape(pass) << "</strong>: " << escape(summary) << "</li>\n";
    os << "</ul>\n";
  }
  if (!report.lengths.empty())
    writeLengths(os, report);
  writeInputs(os, report);
  std::vector<Row> layers = visibleRows(report.layers, report.total);
  llvm::ArrayRef<Row> nodes(report.nodes);
  if (!layers.empty()) {
    os << "<h2>FLOPs by layer</h2>\n";
    writeLegend(os);
    writeBars(os, "layer", "FLOPs by layer", llvm::ArrayRef(layers).take_front(kLayersShown));
  } else if (!nodes.empty()) {
    os << "<h2>Nodes with the most FLOPs</h2>\n";
    writeLegend(os);
    writeBars(os, "node", "Nodes with the most FLOPs", nodes.take_front(kNodesInChart));
  }
  os << "<details><summary>The " << std::min(nodes.size(), kNodesShown) << " of " << nodes.size()
     << " nodes with the most work</summary>\n";
  writeTable(os, "ONNX node", nodes.take_front(kNodesShown), nullptr);
  os << "</details>\n";
  writeList(os, "Unknown sizes", report.unknown);
  writeList(os, "Not looked at", report.notLookedAt);
  os << "</main>\n</body>\n</html>\n";
}
} // namespace pare::explain
