// The report for programs.
#include "llvm/Support/JSON.h"
#include "pare/Compiler/Explain.h"

using llvm::json::OStream;

namespace pare::explain {
namespace {
/// JSON must be UTF-8; names in a model need not be.
std::string utf8(const std::string &text) { return llvm::json::isUTF8(text) ? text : llvm::json::fixUTF8(text); }

void writeWork(OStream &json, llvm::StringRef name, const Work &work) {
  json.attributeObject(name, [&] {
    json.attribute("ops", work.ops);
    json.attribute("flops", work.flops);
    json.attribute("bytes", work.bytes);
  });
}

void writeChange(OStream &json, const Change &change) {
  writeWork(json, "before", change.before);
  writeWork(json, "after", change.after);
}

void writeRows(OStream &json, llvm::StringRef name, const std::vector<Row> &rows) {
  json.attributeArray(name, [&] {
    for (const Row &row : rows)
      json.object([&] {
        json.attribute("name", utf8(row.name));
        if (!row.op.empty())
          json.attribute("op", utf8(row.op));
        writeChange(json, row.work);
      });
  });
}

void writeFindings(OStream &json, llvm::StringRef name, const PassReport &pass, bool applied) {
  json.attributeArray(name, [&] {
    for (const Finding &finding : pass.findings) {
      if (finding.applied != applied)
        continue;
      json.object([&] {
        json.attribute("node", utf8(finding.node));
        json.attribute("op", utf8(finding.op));
        json.attribute(applied ? "text" : "reason", utf8(finding.text));
        if (!finding.proof.empty())
          json.attribute("proof", utf8(finding.proof));
        if (!finding.suggestion.empty())
          json.attribute("suggestion", utf8(finding.suggestion));
        json.attributeObject("metrics", [&] {
          for (const auto &[key, value] : finding.metrics)
            json.attribute(utf8(key), utf8(value));
        });
      });
    }
  });
}

void writeStrings(OStream &json, llvm::StringRef name, const std::vector<std::string> &texts) {
  json.attributeArray(name, [&] {
    for (const std::string &text : texts)
      json.value(utf8(text));
  });
}
} // namespace

void writeJson(const Report &report, llvm::raw_ostream &os) {
  OStream json(os, 2);
  json.object([&] {
    json.attribute("version", 1);
    json.attribute("model", utf8(report.model));
    json.attribute("entry", utf8(report.entry));
    json.attributeArray("inputs", [&] {
      for (const InputReport &input : report.inputs)
        json.object([&] {
          json.attribute("name", utf8(input.name));
          json.attribute("declared", utf8(input.declared));
          json.attribute("used", utf8(input.used));
          if (!input.elements.empty())
            json.attribute("elements", utf8(input.elements));
        });
    });
    json.attributeObject("sizes", [&] {
      for (const auto &[name, size] : report.sizes)
        json.attribute(utf8(name), size);
    });
    json.attributeObject("lengths", [&] {
      json.attribute("input", utf8(report.maskInput));
      json.attribute("origin", report.lengthsOrigin);
      json.attribute("max", report.maxLength);
      json.attribute("padding", report.shareOfPadding());
      if (!report.lengthsNote.empty())
        json.attribute("note", utf8(report.lengthsNote));
      json.attributeArray("values", [&] {
        for (int64_t length : report.lengths)
          json.value(length);
      });
    });
    json.attributeObject("total", [&] { writeChange(json, report.total); });
    writeRows(json, "kinds", report.kinds);
    json.attributeArray("passes", [&] {
      for (const PassReport &pass : report.passes)
        json.object([&] {
          json.attribute("name", pass.name);
          json.attribute("summary", pass.summary);
          json.attribute("exact", true);
          writeChange(json, pass.work);
          writeFindings(json, "applied", pass, true);
          writeFindings(json, "refused", pass, false);
        });
    });
    json.attributeArray("idle", [&] {
      for (const auto &pass : report.idle)
        json.object([&] {
          json.attribute("name", pass.first);
          json.attribute("summary", pass.second);
        });
    });
    writeStrings(json, "unknown", report.unknown);
    writeStrings(json, "not_looked_at", report.notLookedAt);
    writeRows(json, "layers", report.layers);
    writeRows(json, "nodes", report.nodes);
  });
  os << "\n";
}
} // namespace pare::explain
