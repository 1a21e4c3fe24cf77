#include "pare/Phases.h"

namespace pare {
namespace {
struct PhaseText {
  std::string_view name, sentence;
};
constexpr PhaseText kTexts[] = {
    {"import", "every ONNX node is pare ops, every op's location names its node, shapes are inferred as far as known"},
    {"simplify", "constants are folded (within a size bound), dead and duplicate ops and exporter noise are gone"},
    {"raise", "composites (normalisations, activations, softmax, attention) are recognised by meaning"},
    {"pare", "the redundancy passes of the preset have run, family by family (there are none yet)"},
    {"lower", "only linalg, tensor, arith, math, scf and cf are left, fusion groups are formed"},
    {"codegen", "bufferised, memory-planned, tiled, vectorised, in the LLVM dialect"},
    {"emit", "one model.pare file is written"},
};
} // namespace

std::string_view getName(Phase phase) { return kTexts[static_cast<int>(phase)].name; }

std::string_view getSentence(Phase phase) { return kTexts[static_cast<int>(phase)].sentence; }

std::optional<Phase> parsePhase(std::string_view name) {
  for (Phase phase : kPhases)
    if (getName(phase) == name)
      return phase;
  return std::nullopt;
}
} // namespace pare
