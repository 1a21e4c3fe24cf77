// Defaults of the op interfaces.
#include "pare/Interfaces/Interfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

#include "pare/Interfaces/Interfaces.cpp.inc"

unsigned pare::elementBytes(Type elementType) { return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8); }

double pare::numElements(Value value, DimFn dim) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return 0;
  double count = 1;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    count *= static_cast<double>(dim(value, axis));
  return count;
}

double pare::defaultBytes(Operation *op, DimFn dim) {
  llvm::SmallPtrSet<Value, 8> seen;
  double bytes = 0;
  auto add = [&](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (type && seen.insert(value).second)
      bytes += numElements(value, dim) * elementBytes(type.getElementType());
  };
  for (Value operand : op->getOperands())
    add(operand);
  for (Value result : op->getResults())
    add(result);
  return bytes;
}
