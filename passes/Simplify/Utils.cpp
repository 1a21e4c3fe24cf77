// What the passes of the family share.
#include "Utils.h"
#include "pare/Dialect/Pare.h"

using namespace mlir;
using namespace pare;

void pare::syncResultTypes(func::FuncOp function) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return;
  Operation *terminator = function.getBody().front().getTerminator();
  function.setFunctionType(
      FunctionType::get(function.getContext(), function.getArgumentTypes(), terminator->getOperandTypes()));
}

bool pare::refineTo(Value value, Type type) {
  auto own = dyn_cast<TensorType>(value.getType()), other = dyn_cast<TensorType>(type);
  if (!own || !other || !areCompatible(TypeRange(own), TypeRange(other)))
    return false;
  TensorType both = meet(own, other);
  if (both == own)
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || !isa<PareDialect>(op->getDialect()))
    return false;
  value.setType(both);
  return true;
}
