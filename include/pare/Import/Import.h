// Reads ONNX models into the pare dialect.
#ifndef PARE_IMPORT_IMPORT_H
#define PARE_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <map>
#include <string>
#include <vector>

namespace pare {
struct ImportOptions {
  /// Shapes that replace those the model declares for its inputs; -1 leaves a dimension as declared.
  std::map<std::string, std::vector<int64_t>> inputShapes;
  /// Nodes that are imported at most, counting those of functions at every call: calls of calls may grow without bound.
  uint64_t maxNodes = 1'000'000;
};

/// Reads the model at `path` into a module with one entry point, func.func @main. The file is mapped: large weights
/// stay in it as #pare.external. An initializer that is also a graph input (an input with a default) takes its default
/// and is no argument of the entry point. On failure the result is null and at least one error was emitted; the
/// location of each says which file and node it is about (Location.h). All unsupported nodes are listed in one error.
mlir::OwningOpRef<mlir::ModuleOp> importONNX(mlir::MLIRContext &context, llvm::StringRef path,
                                             const ImportOptions &options = {});

/// The same for a model in memory, whose weights are copied. `name` stands for the path in messages; external data is
/// refused.
mlir::OwningOpRef<mlir::ModuleOp> importONNXFromMemory(mlir::MLIRContext &context, llvm::StringRef bytes,
                                                       llvm::StringRef name, const ImportOptions &options = {});
} // namespace pare

#endif
