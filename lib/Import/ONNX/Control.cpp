// If and Loop.
#include "Importer.h"

using namespace mlir;

namespace pare::onnx_import {
namespace {
// The least precise of two types: what either may hold.
FailureOr<Type> join(Node &node, Type a, Type b) {
  if (getElementTypeOrSelf(a) != getElementTypeOrSelf(b)) {
    (void)node.error("values that must agree have different element types");
    return failure();
  }
  auto x = dyn_cast<RankedTensorType>(a), y = dyn_cast<RankedTensorType>(b);
  if (!x || !y || x.getRank() != y.getRank())
    return Type(UnrankedTensorType::get(getElementTypeOrSelf(a)));
  SmallVector<int64_t> shape;
  for (auto [m, n] : llvm::zip(x.getShape(), y.getShape()))
    shape.push_back(m == n ? m : ShapedType::kDynamic);
  return Type(RankedTensorType::get(shape, x.getElementType()));
}

LogicalResult importIf(Node &node) {
  const onnx::GraphProto *graphs[] = {node.getGraph("then_branch"), node.getGraph("else_branch")};
  if (!graphs[0] || !graphs[1])
    return failure();
  OperationState state(node.location, IfOp::getOperationName());
  state.addOperands(node.in(0));
  SmallVector<Value> results[2];
  bool poisoned = false;
  {
    OpBuilder::InsertionGuard guard(node.builder);
    for (int i = 0; i < 2; ++i) {
      node.builder.createBlock(state.addRegion());
      auto values = node.importer.importSubgraph(*graphs[i], {}, node.scope, node.frame);
      if (failed(values))
        return failure();
      results[i] = *values;
      poisoned |= llvm::is_contained(results[i], Value());
      if (!poisoned)
        YieldOp::create(node.builder, node.location, results[i]);
    }
  }
  if (poisoned)
    return node.poisoned();
  if (results[0].size() != results[1].size())
    return node.error("its branches have different numbers of outputs");
  for (auto [a, b] : llvm::zip(results[0], results[1])) {
    auto type = join(node, a.getType(), b.getType());
    if (failed(type))
      return failure();
    state.types.push_back(*type);
  }
  Operation *op = node.verified(node.builder.create(state));
  return op ? node.set(op->getResults()) : failure();
}

LogicalResult importLoop(Node &node) {
  const onnx::GraphProto *graph = node.getGraph("body");
  if (!graph)
    return failure();
  MLIRContext *context = &node.importer.context;
  Value trips = node.in(0), condition = node.in(1);
  SmallVector<Value> init(llvm::drop_begin(node.inputs, std::min(size_t(2), node.inputs.size())));
  if (llvm::is_contained(init, Value()))
    return node.error("a carried value is missing");
  SmallVector<Type> types = {RankedTensorType::get({}, IntegerType::get(context, 64, IntegerType::Signed)),
                             RankedTensorType::get({}, IntegerType::get(context, 1))};
  for (Value value : init)
    types.push_back(value.getType());

  // The shape of a carried value may change from one iteration to the next. Its type is what holds of all: start from
  // the first iteration's and widen until the body gives back what it takes.
  for (int round = 0; round < 3; ++round) {
    OperationState state(node.location, LoopOp::getOperationName());
    SmallVector<Value> results;
    {
      OpBuilder::InsertionGuard guard(node.builder);
      Block *body =
          node.builder.createBlock(state.addRegion(), {}, types, SmallVector<Location>(types.size(), node.location));
      auto values = node.importer.importSubgraph(*graph, body->getArguments(), node.scope, node.frame);
      if (failed(values))
        return failure();
      results = *values;
      if (llvm::is_contained(results, Value()))
        return node.poisoned();
      if (results.size() < init.size() + 1)
        return node.error("its body has " + Twine(results.size()) + " outputs for " + Twine(init.size()) +
                          " carried values");
      YieldOp::create(node.builder, node.location, results);
    }
    bool isStable = true;
    for (size_t i = 0; i < init.size(); ++i) {
      auto type = join(node, types[i + 2], results[i + 1].getType());
      if (failed(type))
        return failure();
      if (*type != types[i + 2]) {
        isStable = false;
        types[i + 2] = round == 1 ? Type(UnrankedTensorType::get(getElementTypeOrSelf(*type))) : *type;
      }
    }
    if (!isStable)
      continue;
    for (Value operand : {trips, condition})
      if (operand)
        state.addOperands(node.toScalar(operand));
    state.addOperands(init);
    state.addAttribute("operandSegmentSizes",
                       node.builder.getDenseI32ArrayAttr({trips ? 1 : 0, condition ? 1 : 0, int32_t(init.size())}));
    for (size_t i = 0; i < init.size(); ++i)
      state.types.push_back(types[i + 2]);
    for (Value scanned : llvm::drop_begin(results, init.size() + 1)) {
      auto type = cast<TensorType>(scanned.getType());
      auto ranked = dyn_cast<RankedTensorType>(scanned.getType());
      SmallVector<int64_t> shape = {ShapedType::kDynamic};
      if (ranked)
        llvm::append_range(shape, ranked.getShape());
      state.types.push_back(ranked ? Type(RankedTensorType::get(shape, type.getElementType()))
                                   : Type(UnrankedTensorType::get(type.getElementType())));
    }
    if (node.failed())
      return failure();
    Operation *op = node.verified(node.builder.create(state));
    return op ? node.set(op->getResults()) : failure();
  }
  return node.unsupported("shapes of carried values that do not settle");
}
} // namespace

void addControlHandlers(Registry &r) {
  r.add("If", 1, 1, importIf);
  r.add("Loop", 0, kVariadic, importLoop);
}
} // namespace pare::onnx_import
