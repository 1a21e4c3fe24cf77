// Verifiers of control flow.
#include "Infer.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
LogicalResult checkScalar(Operation *op, Value value, StringRef what) {
  auto type = ranked(value);
  if (type && type.hasStaticShape() && type.getNumElements() != 1)
    return op->emitOpError() << what << " must hold one element, not " << type;
  return success();
}

bool compatible(Type a, Type b) { return areCompatible(TypeRange(a), TypeRange(b)); }

LogicalResult checkYield(Operation *op, Region &region, TypeRange expected) {
  auto yield = dyn_cast_or_null<YieldOp>(region.front().empty() ? nullptr : &region.front().back());
  if (!yield)
    return op->emitOpError("needs regions that end in pare.yield");
  if (yield.getNumOperands() != expected.size())
    return op->emitOpError() << "yields " << yield.getNumOperands() << " values for " << expected.size() << " results";
  for (auto [i, yielded, type] : llvm::enumerate(yield.getOperandTypes(), expected))
    if (!compatible(yielded, type))
      return op->emitOpError() << "yields " << yielded << " where " << type << " is expected (value " << i << ")";
  return success();
}
} // namespace

LogicalResult IfOp::verify() {
  if (failed(checkScalar(*this, getCondition(), "condition")))
    return failure();
  for (Region *region : {&getThenRegion(), &getElseRegion()}) {
    if (region->getNumArguments() != 0)
      return emitOpError("has regions without arguments");
    if (failed(checkYield(*this, *region, getResultTypes())))
      return failure();
  }
  return success();
}

LogicalResult LoopOp::verify() {
  if (getTripCount() && failed(checkScalar(*this, getTripCount(), "trip count")))
    return failure();
  if (getCondition() && failed(checkScalar(*this, getCondition(), "condition")))
    return failure();
  Block &body = getBody().front();
  size_t carried = getInit().size();
  if (body.getNumArguments() != carried + 2)
    return emitOpError() << "needs " << carried + 2 << " body arguments, has " << body.getNumArguments();
  if (getNumResults() < carried)
    return emitOpError() << "carries " << carried << " values but has " << getNumResults() << " results";
  MLIRContext *context = getContext();
  auto integer = IntegerType::get(context, 64, IntegerType::Signed), boolean = IntegerType::get(context, 1);
  if (getElementTypeOrSelf(body.getArgument(0)) != integer || getElementTypeOrSelf(body.getArgument(1)) != boolean)
    return emitOpError("needs a body whose first arguments are tensor<si64> and tensor<i1>");
  SmallVector<Type> expected = {UnrankedTensorType::get(boolean)};
  for (size_t i = 0; i < carried; ++i) {
    Type type = body.getArgument(i + 2).getType();
    if (!isa<TensorType>(type) || !compatible(type, getInit()[i].getType()))
      return emitOpError() << "carried value " << i << " starts as " << getInit()[i].getType() << " but the body takes "
                           << type;
    if (!compatible(type, getResult(i).getType()))
      return emitOpError() << "carried value " << i << " is " << type << " but ends as " << getResult(i).getType();
    expected.push_back(type);
  }
  for (size_t i = carried; i < getNumResults(); ++i) {
    // A scanned value is a slice of its result.
    auto stacked = ranked(getResult(i));
    Type elementType = element(getResult(i));
    if (stacked && stacked.getRank() == 0)
      return emitOpError() << "result " << i << " needs an axis to stack along";
    expected.push_back(stacked ? Type(RankedTensorType::get(stacked.getShape().drop_front(), elementType))
                               : Type(UnrankedTensorType::get(elementType)));
  }
  return checkYield(*this, getBody(), expected);
}

void YieldOp::build(OpBuilder &, OperationState &) {}
