// What can be asked of the compiler.
#ifndef PARE_OPTIONS_H
#define PARE_OPTIONS_H

#include "pare/Phases.h"
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pare {
/// Sent when a phase begins and when it ended.
struct PhaseEvent {
  Phase phase = Phase::Import;
  bool finished = false;
  /// Seconds since the phase began.
  double seconds = 0;
};

struct CompileOptions {
  /// 0: only what lowering needs, and little effort of LLVM. 1: simplified, no redundancy passes. 2: all exact passes.
  unsigned level = 2;
  std::string target = "cpu";
  /// CPU variants to compile for; x86-64-v2 must be among them, for the host program is compiled for it. Where a model
  /// multiplies bytes, "x86-64-v4-vnni" is compiled beside x86-64-v4.
  std::vector<std::string> variants = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};
  /// Approximate: matrix products and convolutions multiply in bfloat16 and sum in f32. The variant
  /// "x86-64-v4-bf16" is then compiled beside x86-64-v4, for CPUs that have instructions for it.
  bool cpuBf16 = false;
  /// Outputs of which padding was removed hold the valid rows alone, one after the other, and two more outputs say
  /// which: "pare.rows" and "pare.offsets". It is an error when there is no such output.
  bool packedOutputs = false;
  /// Shapes that replace those the model declares for its inputs; -1 leaves a dimension as declared.
  std::map<std::string, std::vector<int64_t>> inputShapes;
  /// The model is IR as --stop-after printed it: go on behind this phase. Without a value, a file *.mlir is taken as IR
  /// after `import`, and any other as ONNX.
  std::optional<Phase> startFrom;
  /// Before `emit`: the output is the IR there, as text, and no artefact.
  Phase stopAfter = Phase::Emit;
  /// Called on the thread that compiles; may be empty.
  std::function<void(const PhaseEvent &)> onPhase;
};

struct CacheOptions {
  /// Created when it is missing.
  std::string directory;
  /// The least recently used artefacts go when all together are larger.
  uint64_t maxBytes = uint64_t(4) << 30;
  /// Called once when another process compiles the same model and this one waits for it; may be empty.
  std::function<void()> onWait;
};
} // namespace pare

#endif
