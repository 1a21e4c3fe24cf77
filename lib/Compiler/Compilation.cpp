// The phases in order, and what is said on the way.
#include "pare/Compiler/Compilation.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "pare/Codegen/CPU/Emit.h"
#include "pare/Import/Import.h"
#include "pare/Import/Location.h"
#include "pare/Pipeline/Pipeline.h"
#include "pare/Target/Artefact.h"
#include "pare/Target/Link.h"
#include "llvm/Support/ToolOutputFile.h"
#include <chrono>

using namespace mlir;

namespace pare {
namespace {
constexpr llvm::StringLiteral kProducer = "pare 0.1.0";

DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerDialects(registry);
  return registry;
}

/// The innermost place in a file that `location` names: "file:line:column", or "file" where the line says nothing.
std::string describeFile(Location location) {
  std::string text;
  location->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    text = file.getFilename().str();
    if (file.getLine())
      text += ":" + std::to_string(file.getLine()) + ":" + std::to_string(file.getColumn());
    return WalkResult::interrupt();
  });
  return text;
}

std::vector<std::string> namesOfNodes(Location location) {
  std::vector<std::string> names;
  location->walk([&](Location part) {
    auto fused = dyn_cast<FusedLoc>(part);
    auto origin = fused && isa_and_present<StringAttr>(fused.getMetadata()) ? getNodeOrigin(part) : std::nullopt;
    if (!origin)
      return WalkResult::advance();
    names.push_back(origin->name.str());
    return WalkResult::skip();
  });
  return names;
}

Diagnostic::Severity translate(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return Diagnostic::Severity::Error;
  case DiagnosticSeverity::Warning:
    return Diagnostic::Severity::Warning;
  case DiagnosticSeverity::Note:
  case DiagnosticSeverity::Remark:
    break;
  }
  return Diagnostic::Severity::Remark;
}
} // namespace

Compilation::Compilation(CompileOptions given) : options(std::move(given)), context(makeRegistry()) {
  context.printOpOnDiagnostic(false); // locations name the node; a module in a message helps nobody
  handler = std::make_unique<ScopedDiagnosticHandler>(&context, [this](mlir::Diagnostic &diagnostic) {
    record(diagnostic);
    return success();
  });
}

Compilation::~Compilation() = default;

void Compilation::record(mlir::Diagnostic &diagnostic) {
  Diagnostic result;
  result.severity = translate(diagnostic.getSeverity());
  result.reason = diagnostic.str();
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    result.reason += "\n  note: " + note.str();
  if (auto origin = getNodeOrigin(diagnostic.getLocation())) {
    result.file = origin->file.str();
    result.node = origin->name.str();
    result.op = origin->opType.str();
  } else {
    result.file = describeFile(diagnostic.getLocation());
  }
  if (result.file.empty())
    result.file = path;
  diagnostics.push_back(std::move(result));
}

bool Compilation::fail(const std::string &reason) {
  Diagnostic result;
  result.file = path;
  result.reason = reason;
  diagnostics.push_back(std::move(result));
  return false;
}

/// Whoever fails should have said why; an error without a word is a defect, but still an error.
bool Compilation::failedSilently(Phase next) {
  for (const Diagnostic &diagnostic : diagnostics)
    if (diagnostic.severity == Diagnostic::Severity::Error)
      return false;
  return fail("phase '" + std::string(getName(next)) + "' failed without a reason; this is a defect of Pare");
}

bool Compilation::timed(Phase next, llvm::function_ref<bool()> run) {
  if (options.onPhase)
    options.onPhase({next, false, 0});
  auto start = std::chrono::steady_clock::now();
  bool good = run();
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  if (!good)
    return failedSilently(next);
  phase = next;
  if (options.onPhase)
    options.onPhase({next, true, time.count()});
  return true;
}

bool Compilation::load(const std::string &model) {
  path = model;
  llvm::StringRef name = model;
  if (name.ends_with(".pare"))
    return fail("this is a compiled model; expected ONNX, or IR as .mlir");
  if (!options.startFrom && !name.ends_with(".mlir"))
    return timed(Phase::Import, [&] {
      ImportOptions import;
      import.inputShapes = options.inputShapes;
      module = importONNX(context, path, import);
      return static_cast<bool>(module);
    });
  Phase start = options.startFrom.value_or(Phase::Import);
  if (start == Phase::Emit)
    return fail("there is no IR after phase 'emit' to start from");
  if (!options.inputShapes.empty())
    return fail("shapes of inputs can be given for ONNX models only");
  return timed(start, [&] {
    module = parseSourceFile<ModuleOp>(path, ParserConfig(&context));
    return static_cast<bool>(module);
  });
}

bool Compilation::advance(Phase last) {
  while (phase < last && phase < Phase::Codegen) {
    Phase next = kPhases[static_cast<int>(phase) + 1];
    bool good = timed(next, [&] {
      PassManager manager(&context, ModuleOp::getOperationName());
      buildPhase(manager, next, options);
      if (preparePasses)
        preparePasses(manager);
      return succeeded(manager.run(*module));
    });
    if (!good)
      return false;
  }
  return true;
}

bool Compilation::emit(const std::string &output) {
  return timed(Phase::Emit, [&] {
    FailureOr<std::string> manifest = makeManifest(*module, kProducer, namesOfNodes);
    if (failed(manifest))
      return false;
    cpu::EmitOptions emit;
    emit.level = options.level == 0 ? 1 : 3;
    FailureOr<std::vector<cpu::Object>> objects = cpu::emitObjects(*module, emit);
    if (failed(objects))
      return false;
    std::vector<LinkInput> inputs;
    for (const cpu::Object &object : *objects)
      inputs.push_back({object.name, StringRef(object.bytes.data(), object.bytes.size())});
    llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> code = linkSharedObject(inputs);
    if (!code)
      return fail(llvm::toString(code.takeError()));
    return succeeded(writeArtefact(*module, (*code)->getBuffer(), *manifest, output));
  });
}

bool Compilation::print(const std::string &output) {
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> file = openOutputFile(output, &error);
  if (!file)
    return fail(error);
  module->print(file->os(), OpPrintingFlags().enableDebugInfo());
  file->os() << "\n";
  file->os().flush();
  if (file->os().has_error()) {
    error = file->os().error().message();
    file->os().clear_error();
    return fail("cannot write '" + output + "': " + error);
  }
  file->keep();
  return true;
}
} // namespace pare
