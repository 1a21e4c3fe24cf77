// What the locations of imported ops say about the ONNX node that an op came from.
#ifndef PARE_IMPORT_LOCATION_H
#define PARE_IMPORT_LOCATION_H

#include "mlir/IR/Location.h"
#include <optional>
#include <string>

namespace pare {
/// A node of an ONNX model.
struct NodeOrigin {
  llvm::StringRef name;   ///< name of the node, or of its first output when it has none
  llvm::StringRef opType; ///< e.g. MatMul
  llvm::StringRef file;   ///< path of the model
};

/// fused<"MatMul">["encoder/MatMul_3", "model.onnx":0:0]
mlir::Location makeNodeLocation(mlir::MLIRContext &context, const NodeOrigin &origin);

/// The (first) node that `location` names.
std::optional<NodeOrigin> getNodeOrigin(mlir::Location location);

/// "node 'encoder/MatMul_3' (MatMul)", or a plain rendering of a location that names no node.
std::string describe(mlir::Location location);
} // namespace pare

#endif
