// How far rounding may move the results of recurrent layers.
#ifndef PARE_LIB_REFERENCE_RECURRENT_H
#define PARE_LIB_REFERENCE_RECURRENT_H

#include "pare/Reference/Reference.h"

namespace pare::reference {

/// The bound of docs/Numerics.md for each element of `result`, one of a recurrent layer. Rounding of one step moves all
/// that follow, by a factor that no formula gives; it is measured: the layer runs several times with every sum and
/// every activation of every step moved by up to what its own row allows, and twice the largest deviation of a row
/// counts. `u` is the unit roundoff of sums. Empty where the layer cannot be evaluated.
std::vector<double> recurrentBound(mlir::Operation *op, llvm::ArrayRef<Tensor> operands, const Tensor &result,
                                   double u);

} // namespace pare::reference

#endif
