// What the bounds on rounding ask of attention.
#ifndef PARE_LIB_REFERENCE_ATTENTION_H
#define PARE_LIB_REFERENCE_ATTENTION_H

#include "Case.h"

namespace pare::reference {
/// How far each element of the result of an attention op may be off when sums round to `u` and products are off by
/// `productError` of themselves; empty for operands that the op refuses.
std::vector<double> attentionBound(mlir::Operation *op, llvm::ArrayRef<Tensor> operands, double u, double productError);
} // namespace pare::reference

#endif
