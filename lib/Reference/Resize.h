// What the bounds on rounding ask of resizing.
#ifndef PARE_LIB_REFERENCE_RESIZE_H
#define PARE_LIB_REFERENCE_RESIZE_H

#include "Case.h"

namespace pare::reference {
/// How far each element of the result may be off when sums round to `u`; empty for operands that the op refuses.
std::vector<double> resizeBound(ResizeOp op, llvm::ArrayRef<Tensor> operands, double u);
} // namespace pare::reference

#endif
