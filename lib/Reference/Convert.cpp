// Constants and conversions of elements.
#include "Case.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;

namespace pare::reference {

// A 64-bit integer rounded once to a float type; going through double would round twice.
static double roundInt(FloatType type, int64_t value, bool isSigned) {
  llvm::APFloat number(type.getFloatSemantics());
  number.convertFromAPInt(llvm::APInt(64, static_cast<uint64_t>(value)), isSigned, llvm::APFloat::rmNearestTiesToEven);
  bool losesInfo;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

static llvm::Error castOp(CastOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  Tensor result(op.getTo(), x.getShape());
  auto toFloat = dyn_cast<FloatType>(op.getTo());
  bool isSigned = x.getElementType().isSignedInteger();
  for (int64_t i = 0, count = x.getNumElements(); i < count; ++i) {
    if (x.isFloat())
      result.setDouble(i, x.getDouble(i));
    else if (toFloat)
      result.setDouble(i, roundInt(toFloat, x.getInt(i), isSigned));
    else
      result.setInt(i, x.getInt(i));
  }
  return call.give(std::move(result));
}

void registerConvert(Registry &registry) {
  registry.add<CastOp>(castOp);
  registry.add<ConstantOp>(
      [](ConstantOp op, Call &call) { return call.give(Tensor::fromConstant(cast<TypedAttr>(op.getValue()))); });
}

} // namespace pare::reference
