// Writes model.pare files (docs/Artefact.md) from a module after phase `codegen` and its linked code.
#ifndef PARE_TARGET_ARTEFACT_H
#define PARE_TARGET_ARTEFACT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <string>
#include <vector>

namespace pare {
/// Of the module after `codegen`: an array of {name, inputs, outputs}, where inputs and outputs are arrays of
/// {name = "x", type = tensor<?x4xf32>, dims = ["batch", ""]}. `dims` names dynamic dimensions, "" for none; it
/// may be absent.
inline constexpr llvm::StringLiteral kEntriesAttr = "pare.entries";
/// Of the module after `codegen`: an array of {data, offset, layout} in ascending order of offsets, which are multiples
/// of 64. `data` is a dense, dense_resource or external constant. Without `layout` (or with an empty one) it is stored
/// as it is. With {kind = "panels", width = 16 : i64} each matrix KxN of its last two dimensions is stored as
/// ceil(N / width) panels of K rows by `width` columns, the last padded with zeros; with `transposed` as well, the
/// matrices are given as NxK; with `pairs`, f32 is rounded to bfloat16 and rows 2k and 2k + 1 lie side by side in each
/// column; with `quads`, bytes of rows 4k to 4k + 3 do, with rows of zeros behind the last. With `shape` they are those
/// of the last two dimensions of that shape, which has as many elements.
inline constexpr llvm::StringLiteral kWeightsAttr = "pare.weights";
/// Of the module after `codegen`, optional: an array of {kernel, name, locations}, one for each place that runs a
/// kernel: its number, what it computes ("matmul+add"), and the locations of the ops that it is made of.
inline constexpr llvm::StringLiteral kLaunchesAttr = "pare.launches";
/// Of each module nested in it: the CPU variant that it is compiled for.
inline constexpr llvm::StringLiteral kVariantAttr = "pare.variant";

/// Names of the nodes of the model that a location stands for.
using NodeNames = llvm::function_ref<std::vector<std::string>(mlir::Location)>;

/// The manifest as JSON. Fails, with an error at the module, when the attributes are not as described above or a name
/// is not UTF-8. `nodesOf` may be null: launches then name no nodes.
llvm::FailureOr<std::string> makeManifest(mlir::ModuleOp module, llvm::StringRef producer, NodeNames nodesOf = nullptr);

/// Writes `code`, the weights and the manifest to `path`. Weights go from the mapped model to the file piece by piece.
/// The file appears only when it is complete. Fails, with an error at the module that names the file and the reason,
/// when the attributes are wrong, a file of weights is gone or too short, or the artefact cannot be written.
llvm::LogicalResult writeArtefact(mlir::ModuleOp module, llvm::StringRef code, llvm::StringRef manifest,
                                  llvm::StringRef path);
} // namespace pare

#endif
