// Hands code, weights and manifest to the writer that the runtime's loader is tested against.
#include "pare/Target/Artefact.h"
#include "Weights.h"
#include "module/Writer.h"

using namespace mlir;

LogicalResult pare::writeArtefact(ModuleOp module, StringRef code, StringRef manifest, StringRef path) {
  FailureOr<std::vector<Weight>> weights = readWeights(module);
  if (failed(weights))
    return failure();
  std::string sourceError;
  rt::Artefact artefact;
  artefact.code = std::string_view(code.data(), code.size());
  artefact.manifest = std::string_view(manifest.data(), manifest.size());
  artefact.weights = [&](const rt::WeightsSink &sink) {
    auto push = [&](ArrayRef<char> bytes) { return sink(bytes.data(), bytes.size()); };
    return streamWeights(*weights, push, sourceError) == StreamResult::Done;
  };
  rt::Status status = rt::writeArtefact(path.str(), artefact);
  if (status.failed())
    return module.emitError() << (sourceError.empty() ? status.message() : sourceError);
  return success();
}
