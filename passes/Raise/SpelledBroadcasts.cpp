#include "SpelledBroadcasts.h"
#include "Utils.h"

using namespace mlir;
using namespace pare;

/// Elementwise ops in front of `value`, of which masks and biases are made.
static void collect(Value value, llvm::SetVector<Operation *> &ops) {
  SmallVector<Value> work{value};
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (op && op->hasTrait<Broadcasts>() && ops.insert(op))
      llvm::append_range(work, op->getOperands());
  }
}

/// An operand of `op` with an axis of the size that axis `axis` of the result is known to have.
static std::optional<IndexAxis> findLike(SymbolicDims &dims, Operation *op, const Polynomial &size, int64_t axis) {
  int64_t rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
      if (int64_t own = axis - (rank - type.getRank()); own >= 0 && dims.sizeOf(operand, own) == size)
        return IndexAxis{nullptr, size, operand, own};
  return std::nullopt;
}

/// The shape that spells how an operand broadcasts; empty where the sizes show it or nothing tells.
static SmallVector<IndexAxis> findShape(SymbolicDims &dims, Operation *op, Value operand) {
  auto whole = dyn_cast<RankedTensorType>(op->getResult(0).getType()),
       type = dyn_cast<RankedTensorType>(operand.getType());
  if (!whole || !type || type.getRank() > whole.getRank())
    return {};
  bool isKnown = true;
  SmallVector<IndexAxis> shape;
  for (int64_t axis = 0, lead = whole.getRank() - type.getRank(); axis < type.getRank(); ++axis) {
    const Polynomial &own = dims.sizeOf(operand, axis), &size = dims.sizeOf(op->getResult(0), axis + lead);
    shape.push_back({nullptr, polynomial::constant(1), {}, 0});
    if (own == size || polynomial::asConstant(own) == 1 || dims.isCutTo(own, size))
      continue;
    std::optional<IndexAxis> like = findLike(dims, op, size, axis + lead);
    if (!like)
      return {};
    isKnown = false;
    shape.back() = *like;
  }
  return isKnown ? SmallVector<IndexAxis>() : shape;
}

SpelledBroadcasts::SpelledBroadcasts(func::FuncOp function) {
  llvm::SetVector<Operation *> ops;
  function.walk([&](SoftmaxOp op) { collect(op.getX(), ops); });
  if (ops.empty())
    return;
  SymbolicDims dims(function, /*trustProducts=*/true);
  for (Operation *op : ops)
    for (OpOperand &operand : op->getOpOperands()) {
      SmallVector<IndexAxis> shape = findShape(dims, op, operand.get());
      if (shape.empty())
        continue;
      ImplicitLocOpBuilder builder(op->getLoc(), op);
      auto expand = ExpandOp::create(builder, operand.get(), emitShape(builder, shape));
      all.push_back({op, operand.getOperandNumber(), expand});
    }
  // At the end: the analysis remembers the operands.
  for (Spelled &spelled : all)
    spelled.op->setOperand(spelled.operand, spelled.expand);
}

SpelledBroadcasts::~SpelledBroadcasts() {
  for (Spelled &spelled : all) {
    spelled.op->setOperand(spelled.operand, spelled.expand.getX());
    if (spelled.expand->use_empty())
      spelled.expand->erase();
  }
}
