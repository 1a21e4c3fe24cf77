// FLOPs and bytes of ops of static shape.
#ifndef PARE_LIB_COMPILER_EXPLAIN_WORK_H
#define PARE_LIB_COMPILER_EXPLAIN_WORK_H

#include "mlir/IR/Operation.h"
#include "pare/Compiler/Explain.h"

namespace pare::explain {
class ConcreteFunction;

/// Of one run of an op of `function`.
Work workOf(mlir::Operation *op, ConcreteFunction &function);

/// "matmul", "attention", ...: how tables group ops.
llvm::StringRef kindOf(mlir::Operation *op);

/// The ONNX node that an op came from, or its place in a file; and the op type of the node.
std::pair<std::string, std::string> nodeOf(mlir::Location location);

/// The same as text: "node 'encoder/MatMul_3' (MatMul)", or "line 3:8".
std::string placeOf(mlir::Location location);

} // namespace pare::explain

#endif
