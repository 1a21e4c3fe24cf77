// The report for a terminal.
#include "Format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using llvm::raw_ostream;

namespace pare::explain {
namespace {
constexpr size_t kNodesShown = 2, kUnknownShown = 4;

/// Fills lines of at most 120 columns, of which all but the first are indented.
void writeWrapped(raw_ostream &os, llvm::StringRef text, unsigned indent) {
  constexpr size_t kWidth = 118;
  size_t column = indent;
  os.indent(indent);
  for (llvm::StringRef word : llvm::split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > kWidth) {
      os << "\n";
      os.indent(indent);
      column = indent;
    }
    os << (column > indent ? " " : "") << word;
    column += word.size() + (column > indent);
  }
  os << "\n";
}

void writeChange(raw_ostream &os, const std::string &name, const Change &change) {
  auto cell = [](double number) { return number ? formatCount(number) : std::string("-"); };
  auto padded = [](const std::string &text, unsigned width) { return llvm::right_justify(text, width); };
  os << llvm::formatv("  {0,-18}", name) << padded(cell(change.before.flops), 9) << padded(cell(change.after.flops), 10)
     << padded(formatChange(change.before.flops, change.after.flops), 9) << padded(cell(change.before.bytes), 12)
     << padded(cell(change.after.bytes), 10) << padded(formatChange(change.before.bytes, change.after.bytes), 9);
  os << "\n";
}

void writeGroup(raw_ostream &os, const FindingGroup &group) {
  std::string text = group.text.empty() ? "no reason given" : group.text;
  for (const auto &[key, value] : group.metrics)
    text += ", " + key + " " + value;
  std::string nodes;
  for (const std::string &node : llvm::ArrayRef(group.nodes).take_front(kNodesShown))
    nodes += (nodes.empty() ? "" : ", ") + node;
  if (group.nodes.size() > kNodesShown)
    nodes += " and " + std::to_string(group.nodes.size() - kNodesShown) + " more";
  writeWrapped(os, text + " (at " + nodes + ")", 6);
  if (!group.proof.empty())
    writeWrapped(os, "why it is safe: " + group.proof, 6);
  if (!group.suggestion.empty())
    writeWrapped(os, "what to do: " + group.suggestion, 6);
}

void writeInputs(const Report &report, raw_ostream &os) {
  os << report.model << "\n";
  for (const InputReport &input : report.inputs)
    os << "  input " << input.name << ": " << input.declared
       << (input.used == input.declared ? "" : " as " + input.used)
       << (input.elements.empty() ? "" : ", " + input.elements) << "\n";
  if (report.lengths.empty()) {
    os << "  no input masks a sequence: lengths do not matter\n";
    return;
  }
  os << "  " << report.lengths.size() << " sequences of " << formatLengths(report.lengths) << " of " << report.maxLength
     << " tokens (" << report.lengthsOrigin << "): " << formatShare(report.shareOfPadding()) << " is padding\n";
  if (!report.lengthsNote.empty())
    writeWrapped(os, report.lengthsNote, 2);
}

void writeFound(const Report &report, raw_ostream &os) {
  bool none = true;
  for (const PassReport &pass : report.passes) {
    size_t applied = pass.countApplied();
    if (!applied)
      continue;
    if (none)
      os << "\nfound\n";
    none = false;
    std::string change = formatChange(pass.work.before.flops, pass.work.after.flops);
    os << "  " << pass.name << " (exact): " << applied << (applied == 1 ? " place" : " places") << ", "
       << formatFlops(pass.work.before.flops) << " -> " << formatFlops(pass.work.after.flops)
       << (change.empty() ? "" : " (" + change + ")") << "\n";
    writeWrapped(os, pass.summary, 6);
    for (const FindingGroup &group : groupFindings(pass))
      if (group.applied)
        writeGroup(os, group);
  }
  if (none)
    os << "\nno redundant work was found\n";
}

void writeRefused(const Report &report, raw_ostream &os) {
  bool none = true;
  for (const PassReport &pass : report.passes) {
    if (pass.countApplied() == pass.findings.size())
      continue;
    if (none)
      os << "\nrefused: what could not be proved stays as it is, which costs speed, never answers\n"
         << "  (the ops: pare compile " << report.model << " --stop-after=raise)\n";
    none = false;
    os << "  " << pass.name << ":\n";
    for (const FindingGroup &group : groupFindings(pass))
      if (!group.applied)
        writeGroup(os, group);
  }
}
} // namespace

void writeText(const Report &report, raw_ostream &os) {
  writeInputs(report, os);
  os << "\n                 FLOPs before     after   change bytes before     after   change\n";
  for (const Row &row : report.kinds)
    writeChange(os, row.name, row.work);
  writeChange(os, "total", report.total);
  writeFound(report, os);
  writeRefused(report, os);
  if (!report.idle.empty()) {
    os << "\nlooked for, not there\n";
    for (const auto &[name, summary] : report.idle)
      writeWrapped(os, name + ": " + summary, 2);
  }
  if (!report.unknown.empty()) {
    os << "\nunknown sizes\n";
    for (const std::string &text : llvm::ArrayRef(report.unknown).take_front(kUnknownShown))
      writeWrapped(os, text, 2);
    if (report.unknown.size() > kUnknownShown)
      os << "  and " << report.unknown.size() - kUnknownShown << " more (see --json)\n";
  }
  os << "\n";
  std::string text = "not looked at: ";
  for (const auto &[index, what] : llvm::enumerate(report.notLookedAt))
    text += (index ? "; " : "") + what;
  writeWrapped(os, text, 0);
}
} // namespace pare::explain
