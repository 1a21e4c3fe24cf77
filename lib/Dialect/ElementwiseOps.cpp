// Verifiers of elementwise ops and the definitions that TableGen writes for all ops.
#include "mlir/IR/TypeUtilities.h"
#include "pare/Dialect/Pare.h"

using namespace mlir;
using namespace pare;

#define GET_OP_CLASSES
#include "pare/Dialect/PareOps.cpp.inc"

LogicalResult WhereOp::verify() {
  if (getElementTypeOrSelf(getX()) != getElementTypeOrSelf(getY()))
    return emitOpError("needs one element type for both choices");
  return success();
}

LogicalResult ClipOp::verify() {
  for (Value bound : {getLow(), getHigh()}) {
    if (!bound)
      continue;
    if (getElementTypeOrSelf(bound) != getElementTypeOrSelf(getX()))
      return emitOpError("needs bounds of the element type of its operand");
    auto type = dyn_cast<RankedTensorType>(bound.getType());
    if (type && type.hasStaticShape() && type.getNumElements() != 1)
      return emitOpError("needs bounds of one element");
  }
  return success();
}
