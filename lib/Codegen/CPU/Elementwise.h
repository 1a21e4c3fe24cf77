// What the fusion passes ask of an op.
#ifndef PARE_CODEGEN_CPU_ELEMENTWISE_H
#define PARE_CODEGEN_CPU_ELEMENTWISE_H

#include "mlir/IR/Operation.h"

namespace pare::cpu {
/// A linalg.generic on tensors without reductions that writes each element of its one result once.
bool isElementwiseMap(mlir::Operation *op);
/// Fills, transpositions and elementwise ops of a few simple instructions: as well computed twice as stored.
bool isCheap(mlir::Operation *op);
/// Whether a tensor is a weight of the model, perhaps in another shape.
bool isWeight(mlir::Value value);
} // namespace pare::cpu

#endif
