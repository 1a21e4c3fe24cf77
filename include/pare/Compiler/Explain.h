// What redundant work a model has: which pass finds it, why it is safe to remove, what is refused, and what is left.
#ifndef PARE_COMPILER_EXPLAIN_H
#define PARE_COMPILER_EXPLAIN_H

#include "pare-rt/api.h"
#include "pare/Compiler.h"
#include "llvm/Support/raw_ostream.h"

namespace pare::explain {

struct Options {
  CompileOptions compile;
  /// Of dimensions that the model names. For the rest: 16 sequences, or as many as there are lengths; the longest
  /// length, else 128 elements; in both cases what `inputs` says comes first.
  std::map<std::string, int64_t> sizes;
  /// Valid tokens of each sequence, which stand before its padding. Empty: drawn, see `mean`.
  std::vector<int64_t> lengths;
  /// Lengths are drawn uniformly with this mean, as a share of the size of the sequence axis.
  double mean = 0.6;
  uint64_t seed = 0;
  /// Arrays of all inputs by name; lengths follow from them. Empty: inputs are made from sizes and lengths.
  std::map<std::string, pare_rt_tensor> inputs;
};

struct Work {
  int64_t ops = 0;
  double flops = 0;
  /// Moved if every op read its operands and wrote its results once.
  double bytes = 0;

  Work &operator+=(const Work &other);
};

struct Change {
  Work before, after;
};

/// What a pass said about one place.
struct Finding {
  bool applied = false;
  /// The ONNX node and its op, or a place in a file of IR.
  std::string node, op;
  /// What was done, or why it was not; why that is safe; what the user can do.
  std::string text, proof, suggestion;
  std::vector<std::pair<std::string, std::string>> metrics;
};

struct PassReport {
  /// Without "pare-".
  std::string name;
  std::string summary;
  /// Of the whole model, before this pass and before the next one of the report.
  Change work;
  std::vector<Finding> findings;

  size_t countApplied() const;
};

struct InputReport {
  /// Types are as "i64[batch, seq]" and "i64[16, 128]".
  std::string name, declared, used;
  /// Where its elements came from; empty when sizes alone matter.
  std::string elements;
};

struct Row {
  std::string name, op;
  Change work;
};

struct Report {
  std::string model, entry;
  std::vector<InputReport> inputs;
  /// Dimension and size.
  std::vector<std::pair<std::string, int64_t>> sizes;
  /// Empty when nothing in the model masks a sequence.
  std::vector<int64_t> lengths;
  int64_t maxLength = 0;
  std::string maskInput, lengthsOrigin;
  /// Why lengths make no difference; empty when they may.
  std::string lengthsNote;
  /// Before: after simplification, as a compiler without redundancy passes runs it.
  Change total;
  /// The most work first.
  std::vector<Row> kinds, nodes;
  /// In the order of the model; empty when names of nodes tell no layers.
  std::vector<Row> layers;
  std::vector<PassReport> passes;
  /// Passes that looked and found nothing, by their summaries.
  std::vector<std::pair<std::string, std::string>> idle;
  /// Sizes that could not be found, and what was counted instead.
  std::vector<std::string> unknown;
  std::vector<std::string> notLookedAt;

  double shareOfPadding() const;
};

/// Runs the phases up to `pare` and counts. Fails when the model is at fault, or sizes and inputs do not fit it.
CompileResult explain(const std::string &model, const Options &options, Report &report);

void writeText(const Report &report, llvm::raw_ostream &os);
void writeJson(const Report &report, llvm::raw_ostream &os);
/// One page that needs nothing else.
void writeHtml(const Report &report, llvm::raw_ostream &os);

} // namespace pare::explain

#endif
