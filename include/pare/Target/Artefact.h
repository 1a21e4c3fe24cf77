// Writes model.pare files (docs/Artefact.md) from a module after phase `codegen` and its linked code.
#ifndef PARE_TARGET_ARTEFACT_H
#define PARE_TARGET_ARTEFACT_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace pare {
/// Of the module after `codegen`: an array of {name, inputs, outputs}, where inputs and outputs are arrays of
/// {name = "x", type = tensor<?x4xf32>, dims = ["batch", ""]}. `dims` names dynamic dimensions, "" for none; it
/// may be absent.
inline constexpr llvm::StringLiteral kEntriesAttr = "pare.entries";
/// Of the module after `codegen`: an array of {data, offset, layout} in ascending order of offsets, which are multiples
/// of 64. `data` is a dense, dense_resource or external constant. Without `layout` (or with an empty one) it is stored
/// as it is. With {kind = "panels", width = 16 : i64} each matrix KxN of its last two dimensions is stored as
/// ceil(N / width) panels of K rows by `width` columns, the last padded with zeros; with `transposed` as well, the
/// matrices are given as NxK. With `shape` they are those of the last two dimensions of that shape, which has as many
/// elements.
inline constexpr llvm::StringLiteral kWeightsAttr = "pare.weights";
/// Of each module nested in it: the CPU variant that it is compiled for.
inline constexpr llvm::StringLiteral kVariantAttr = "pare.variant";

/// The manifest as JSON. Fails, with an error at the module, when the attributes are not as described above or a name
/// is not UTF-8.
llvm::FailureOr<std::string> makeManifest(mlir::ModuleOp module, llvm::StringRef producer);

/// Writes `code`, the weights and the manifest to `path`. Weights go from the mapped model to the file piece by piece.
/// The file appears only when it is complete. Fails, with an error at the module that names the file and the reason,
/// when the attributes are wrong, a file of weights is gone or too short, or the artefact cannot be written.
llvm::LogicalResult writeArtefact(mlir::ModuleOp module, llvm::StringRef code, llvm::StringRef manifest,
                                  llvm::StringRef path);
} // namespace pare

#endif
