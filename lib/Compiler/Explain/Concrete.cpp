#include "Concrete.h"

#include "Work.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "pare/Dialect/Pare.h"
#include "pare/Dialect/Shapes.h"

using namespace mlir;

namespace pare::explain {
using reference::Tensor;

namespace {
/// What evaluating one op may cost: the interpreter is slow, and only masks and shapes are worth its time.
constexpr double kMaxFlops = 1e8;
constexpr int64_t kMaxElements = int64_t(1) << 25;
/// Type inference reads shape operands up to this size.
constexpr int64_t kMaxShapeElements = 1024;

/// Size of an axis of a value of static shape.
int64_t staticSize(Value value, int64_t axis) {
  int64_t size = cast<ShapedType>(value.getType()).getDimSize(axis);
  return ShapedType::isDynamic(size) ? 1 : size;
}

bool isStaticTensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape();
}

/// The most elements that an op can select of its operand.
int64_t largestSelection(Operation *op) {
  return isStaticTensor(op->getOperand(0)) ? cast<ShapedType>(op->getOperand(0).getType()).getNumElements() : 1;
}
} // namespace

std::unique_ptr<ConcreteFunction> ConcreteFunction::make(func::FuncOp function, ArrayRef<ConcreteInput> inputs,
                                                         std::string &error) {
  std::unique_ptr<ConcreteFunction> result(new ConcreteFunction);
  // What inference says when sizes do not fit.
  std::string said;
  ScopedDiagnosticHandler handler(function.getContext(), [&](mlir::Diagnostic &diagnostic) {
    if (said.empty())
      said = placeOf(diagnostic.getLocation()) + ": " + diagnostic.str();
    return success();
  });
  for (auto [argument, input] : llvm::zip_equal(function.getArguments(), inputs)) {
    auto type = RankedTensorType::get(input.shape, getElementTypeOrSelf(argument.getType()));
    Value value = result->block.addArgument(type, argument.getLoc());
    result->mapping.map(argument, value);
    if (input.elements)
      result->known[value] = std::make_unique<Tensor>(*input.elements);
  }
  if (result->addBlock(function.front(), result->mapping, 1))
    return result;
  error = said.empty() ? result->error : said;
  return nullptr;
}

ConcreteFunction::~ConcreteFunction() { block.dropAllReferences(); }

void ConcreteFunction::forEachOp(llvm::function_ref<void(Operation *, double)> visit) {
  for (Operation &op : block)
    visit(&op, weights.lookup(&op));
}

void ConcreteFunction::assume(Location location, const Twine &text) {
  assumptions.insert(placeOf(location) + ": " + text.str());
}

bool ConcreteFunction::fail(Operation *op, const Twine &text) {
  error = placeOf(op->getLoc()) + ": " + text.str();
  return false;
}

bool ConcreteFunction::isStatic(Operation *op) const { return llvm::all_of(op->getResults(), isStaticTensor); }

//===- Elements ---------------------------------------------------------------------------------------------------===//

const Tensor *ConcreteFunction::elements(Value value) {
  if (auto found = known.find(value); found != known.end())
    return found->second.get();
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast_or_null<ConstantOp>(op))
    known[value] = std::make_unique<Tensor>(Tensor::fromConstant(constant.getValue()));
  else if (auto shape = dyn_cast_or_null<ShapeOfOp>(op); shape && isStaticTensor(shape.getX())) {
    ArrayRef<int64_t> sizes = cast<ShapedType>(shape.getX().getType()).getShape();
    known[value] = std::make_unique<Tensor>(
        Tensor::fromInts(getElementTypeOrSelf(value.getType()), {static_cast<int64_t>(sizes.size())}, sizes));
  } else if (op && isStatic(op))
    evaluate(op);
  return known[value].get(); // null is remembered too
}

bool ConcreteFunction::evaluate(Operation *op) {
  for (Value result : op->getResults())
    if (isStaticTensor(result) && cast<ShapedType>(result.getType()).getNumElements() > kMaxElements)
      return false;
  auto cost = dyn_cast<CostOpInterface>(op);
  if (op->getNumRegions() || !reference::canEvaluate(op) || (cost && cost.getFlops(staticSize) > kMaxFlops))
    return false;
  reference::Tensors operands;
  for (Value operand : op->getOperands()) {
    const Tensor *tensor = elements(operand);
    if (!tensor)
      return false;
    operands.push_back(*tensor);
  }
  llvm::Expected<reference::Tensors> results = reference::evaluateOp(op, operands);
  if (!results) {
    llvm::consumeError(results.takeError());
    return false;
  }
  for (auto [value, tensor] : llvm::zip_equal(op->getResults(), *results))
    known[value] = std::make_unique<Tensor>(std::move(tensor));
  return true;
}

//===- Types ------------------------------------------------------------------------------------------------------===//

bool ConcreteFunction::inferTypes(Operation *op) {
  auto inferable = dyn_cast<InferTypeOpInterface>(op);
  if (!inferable)
    return true;
  SmallVector<Type> types;
  if (failed(inferable.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(), op->getRawDictionaryAttrs(),
                                        op->getPropertiesStorage(), op->getRegions(), types)))
    return fail(op, "these sizes do not fit");
  for (auto [value, type] : llvm::zip_equal(op->getResults(), types)) {
    if (!areCompatible(type, value.getType()))
      return fail(op, "these sizes do not fit what the model declares");
    value.setType(meet(cast<TensorType>(type), cast<TensorType>(value.getType())));
  }
  return true;
}

/// Shape operands whose elements are known are handed to type inference as constants.
void ConcreteFunction::makeOperandsConstant(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type || !type.hasStaticShape() || type.getNumElements() > kMaxShapeElements ||
        !isa<IntegerType>(type.getElementType()) || operand.get().getDefiningOp<ConstantOp>())
      continue;
    const Tensor *tensor = elements(operand.get());
    if (!tensor)
      continue;
    OpBuilder builder(op);
    auto constant = ConstantOp::create(builder, op->getLoc(), cast<TypedAttr>(tensor->toConstant()));
    operand.set(constant.getResult());
  }
}

/// Where nothing tells a size, the largest one that is possible, or 1.
void ConcreteFunction::assumeSizes(Operation *op) {
  bool selects = isa<RowsFromMaskOp, NonZeroOp>(op);
  int64_t most = selects ? largestSelection(op) : 1;
  assume(op->getLoc(), op->getName().stripDialect() + " has a size that follows from data: counted as " +
                           (selects ? "all " + Twine(most) + " elements" : Twine(most)));
  for (Value result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || type.hasStaticShape())
      continue;
    SmallVector<int64_t> sizes(type.getShape());
    for (int64_t &size : sizes)
      size = ShapedType::isDynamic(size) ? most : size;
    result.setType(RankedTensorType::get(sizes, type.getElementType()));
  }
}

//===- Ops --------------------------------------------------------------------------------------------------------===//

bool ConcreteFunction::addBlock(Block &source, IRMapping &map, double weight) {
  for (Operation &op : source)
    if (!op.hasTrait<OpTrait::IsTerminator>() && !addOp(op, map, weight))
      return false;
  return true;
}

bool ConcreteFunction::addOp(Operation &op, IRMapping &map, double weight) {
  if (isa<IfOp>(op))
    return addBranch(&op, map, weight);
  if (isa<LoopOp>(op))
    return addLoop(&op, map, weight);
  Operation *clone = op.cloneWithoutRegions(map);
  block.push_back(clone);
  weights[clone] = weight;
  if (!inferTypes(clone))
    return false;
  if (isStatic(clone))
    return true;
  makeOperandsConstant(clone);
  if (!inferTypes(clone))
    return false;
  if (isStatic(clone))
    return true;
  if (evaluate(clone)) {
    for (Value result : clone->getResults())
      result.setType(known[result]->getType());
    return true;
  }
  assumeSizes(clone);
  return true;
}

bool ConcreteFunction::addBranch(Operation *op, IRMapping &map, double weight) {
  auto branch = cast<IfOp>(op);
  const Tensor *condition = elements(map.lookup(branch.getCondition()));
  Block *blocks[] = {&branch.getThenRegion().front(), &branch.getElseRegion().front()};
  IRMapping maps[] = {map, map};
  unsigned taken = condition && !condition->getInt(0) ? 1 : 0;
  if (condition) {
    if (!addBlock(*blocks[taken], maps[taken], weight))
      return false;
  } else {
    double flops[2] = {};
    std::vector<Operation *> added[2];
    for (unsigned side : {0, 1}) {
      Operation *last = block.empty() ? nullptr : &block.back();
      if (!addBlock(*blocks[side], maps[side], weight))
        return false;
      for (auto it = last ? std::next(last->getIterator()) : block.begin(); it != block.end(); ++it) {
        added[side].push_back(&*it);
        flops[side] += weights.lookup(&*it) * workOf(&*it, *this).flops;
      }
    }
    taken = flops[1] > flops[0];
    for (Operation *other : added[1 - taken])
      weights[other] = 0;
    assume(op->getLoc(), "which branch runs follows from data: counted as the one with more work");
  }
  for (auto [result, yielded] : llvm::zip_equal(branch.getResults(), blocks[taken]->getTerminator()->getOperands()))
    map.map(result, maps[taken].lookup(yielded));
  return true;
}

bool ConcreteFunction::addLoop(Operation *op, IRMapping &map, double weight) {
  auto loop = cast<LoopOp>(op);
  Block &body = loop.getBody().front();
  const Tensor *count = loop.getTripCount() ? elements(map.lookup(loop.getTripCount())) : nullptr;
  int64_t trips = count ? std::max<int64_t>(count->getInt(0), 0) : 1;
  Value goes = body.getTerminator()->getOperand(0);
  if (!count)
    assume(op->getLoc(), "how often the loop runs follows from data: counted as once");
  else if (goes != body.getArgument(1) && !goes.getDefiningOp<ConstantOp>())
    assume(op->getLoc(), "the loop may end early: counted as " + Twine(trips) + " runs");
  IRMapping inner = map;
  for (auto [index, argument] : llvm::enumerate(body.getArguments())) {
    Type type = index < 2 ? Type(RankedTensorType::get({}, getElementTypeOrSelf(argument.getType())))
                          : map.lookup(loop.getInit()[index - 2]).getType();
    inner.map(argument, unknownValue(type, argument.getLoc()));
  }
  if (!addBlock(body, inner, weight * static_cast<double>(trips)))
    return false;
  size_t carried = loop.getInit().size();
  for (auto [index, result] : llvm::enumerate(loop.getResults())) {
    auto type = cast<RankedTensorType>(inner.lookup(body.getTerminator()->getOperand(index + 1)).getType());
    if (index < carried) {
      if (type != map.lookup(loop.getInit()[index]).getType())
        assume(op->getLoc(), "a carried tensor changes its size in the loop: counted as in the first run");
    } else {
      SmallVector<int64_t> sizes(type.getShape());
      sizes.insert(sizes.begin(), trips);
      type = RankedTensorType::get(sizes, type.getElementType());
    }
    map.map(result, unknownValue(type, op->getLoc()));
  }
  return true;
}

} // namespace pare::explain
