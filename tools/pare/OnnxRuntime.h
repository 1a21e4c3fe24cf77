// ONNX Runtime as a peer, where its Python package is installed.
#ifndef PARE_TOOLS_PARE_ONNXRUNTIME_H
#define PARE_TOOLS_PARE_ONNXRUNTIME_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "pare/Reference/Reference.h"

namespace pare::tool {
/// Runs the ONNX file `model` in a process of `python`; `function` is what it was imported as. Fails with what that
/// process said.
llvm::Expected<reference::Tensors> runOnnxRuntime(const std::string &python, const std::string &model,
                                                  mlir::func::FuncOp function,
                                                  llvm::ArrayRef<reference::Tensor> inputs);
} // namespace pare::tool

#endif
