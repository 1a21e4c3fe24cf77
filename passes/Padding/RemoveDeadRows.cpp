// Moves selections of rows in front of what computes the rows.
#include "Pack.h"
#include "Passes.h"
#include "mlir/IR/Remarks.h"

namespace pare {
#define GEN_PASS_DEF_REMOVEDEADROWS
#include "passes/Padding/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::padding;

namespace {
/// A gather by a list of indices, or a slice, along one axis, which stays.
struct Pick {
  Operation *op = nullptr;
  Value x;
  int64_t axis = 0;

  static std::optional<Pick> of(Operation *op) {
    if (auto gather = dyn_cast<GatherOp>(op);
        gather && rankOf(gather.getIndices()) == 1 && rankOf(gather.getData()) > 0)
      return Pick{op, gather.getData(), static_cast<int64_t>(gather.getAxis())};
    if (auto slice = dyn_cast<SliceOp>(op); slice && slice.getAxes().size() == 1 && rankOf(slice.getX()) > 0)
      return Pick{op, slice.getX(), slice.getAxes()[0]};
    return std::nullopt;
  }

  Value apply(ImplicitLocOpBuilder &builder, Value value, int64_t along) const {
    if (auto gather = dyn_cast<GatherOp>(op))
      return GatherOp::create(builder, value, gather.getIndices(), along);
    auto slice = cast<SliceOp>(op);
    return SliceOp::create(builder, value, slice.getStarts(), slice.getEnds(), slice.getSteps(),
                           ArrayRef<int64_t>{along});
  }

  /// The constant position of the only row that it picks: 0, or -1 for the last one.
  std::optional<int64_t> position() const {
    auto slice = dyn_cast<SliceOp>(op);
    auto at = getConstantInts(slice ? slice.getStarts() : cast<GatherOp>(op).getIndices(), 1);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (!at || at->size() != 1 || type.getDimSize(axis) != 1 || (at->front() != 0 && at->front() != -1))
      return std::nullopt;
    return at->front();
  }
};

/// Whether the elements of a vector are known not to descend.
bool isAscending(Value value) {
  auto source = [](Value value) {
    while (Operation *op = value.getDefiningOp()) {
      if (!isa<ReshapeOp, UnsqueezeOp, SqueezeOp, FlattenOp>(op))
        break;
      value = op->getOperand(0);
    }
    return value;
  };
  // Numbers 0, 1, 2, ..
  auto counts = [&](Value value) {
    auto range = source(value).getDefiningOp<RangeOp>();
    auto delta = range ? getPartialInts(range.getDelta(), 1) : std::nullopt;
    return delta && delta->size() == 1 && delta->front().value_or(0) > 0;
  };
  auto isRunningCount = [&](Value value) {
    value = source(value);
    if (auto sub = value.getDefiningOp<SubOp>(); sub && getPartialInts(sub.getRhs(), 1))
      value = source(sub.getLhs());
    auto sum = value.getDefiningOp<CumSumOp>();
    auto cast = sum ? source(sum.getX()).getDefiningOp<CastOp>() : CastOp();
    return cast && !sum.getReverse() && getElementTypeOrSelf(cast.getX().getType()).isInteger(1);
  };
  if (counts(value) || isRunningCount(value))
    return true;
  // One element of each row, in order, of a matrix that ascends row by row.
  auto gather = value.getDefiningOp<GatherNdOp>();
  auto tuples = gather && gather.getBatchDims() == 0 ? gather.getIndices().getDefiningOp<ConcatOp>() : ConcatOp();
  return tuples && tuples.getAxis() == 1 && tuples.getInputs().size() == 2 && rankOf(gather.getData()) == 2 &&
         counts(tuples.getInputs()[0]) && isRunningCount(gather.getData());
}

class Pusher {
public:
  explicit Pusher(func::FuncOp function) : function(function) {}

  void run() {
    dropAxes();
    SymbolicDims dims(function);
    SmallVector<Pick> work;
    function.walk([&](Operation *op) {
      if (auto pick = Pick::of(op); pick && op->getBlock() == &function.getBody().front())
        work.push_back(*pick);
    });
    while (!work.empty()) {
      Pick pick = work.pop_back_val();
      Operation *producer = pick.x.getDefiningOp();
      if (dead.contains(pick.op) || !producer || !isa<PareDialect>(producer->getDialect()) ||
          producer->getNumResults() != 1 || producer->getNumRegions() != 0 ||
          producer->getBlock() != pick.op->getBlock() || !readsOnly(pick))
        continue;
      SmallVector<Operation *> made;
      Value result = push(dims, pick, producer, made);
      if (!result)
        continue;
      if (isa<MatmulOp, AttentionOp, SegmentAttentionOp>(producer))
        remark::passed(producer->getLoc(), remark::RemarkOpts::name("remove-dead-rows").category("padding"))
            << (producer->getName().getStringRef() + " computes only the rows that are read").str()
            << remark::metric("Proof", "each row is computed by itself, and nothing else reads the others");
      pick.op->getResult(0).replaceAllUsesWith(result);
      dead.insert(pick.op);
      dead.insert(producer);
      for (Operation *op : made)
        if (auto next = Pick::of(unify(op)))
          work.push_back(*next);
    }
    SmallVector<Operation *> all;
    function.walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all))
      if (isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
        op->erase();
  }

private:
  /// A gather by one number drops its axis; as a gather by a list of one and a squeeze it is like all others.
  void dropAxes() {
    SmallVector<GatherOp> gathers;
    function.walk([&](GatherOp op) {
      auto type = dyn_cast<RankedTensorType>(op.getData().getType());
      // Entries of shapes are no rows.
      if (rankOf(op.getIndices()) == 0 && type && type.getRank() > 1 && !op.getData().getDefiningOp<ConstantOp>())
        gathers.push_back(op);
    });
    for (GatherOp op : gathers) {
      ImplicitLocOpBuilder builder(op.getLoc(), op);
      Value list = UnsqueezeOp::create(builder, op.getIndices(), ArrayRef<int64_t>{0});
      if (auto known = getConstantInts(op.getIndices(), 1); known && known->size() == 1)
        list = emitInts(builder, known->front());
      auto axis = static_cast<int64_t>(op.getAxis());
      Value kept = GatherOp::create(builder, op.getData(), list, axis);
      Value result = SqueezeOp::create(builder, kept, ArrayRef<int64_t>{axis});
      result.setType(op.getType());
      op.replaceAllUsesWith(result);
      op.erase();
    }
  }

  /// Of all equal picks the first one, which takes the place of the others.
  Operation *unify(Operation *op) {
    for (Operation *other : llvm::to_vector(op->getOperand(0).getUsers())) {
      if (other == op || dead.contains(other) || other->getName() != op->getName() ||
          other->getBlock() != op->getBlock() || other->getOperands() != op->getOperands() ||
          other->getAttrDictionary() != op->getAttrDictionary())
        continue;
      Operation *first = other->isBeforeInBlock(op) ? other : op, *second = first == op ? other : op;
      second->getResult(0).replaceAllUsesWith(first->getResult(0));
      dead.insert(second);
      op = first;
    }
    return op;
  }

  /// Whether nothing else reads what `pick` reads.
  bool readsOnly(const Pick &pick) {
    return llvm::all_of(pick.x.getUsers(), [&](Operation *user) { return dead.contains(user) || user == pick.op; });
  }

  /// `producer` on picked operands; null when it cannot be.
  Value push(SymbolicDims &dims, const Pick &pick, Operation *producer, SmallVector<Operation *> &made) {
    ImplicitLocOpBuilder builder(producer->getLoc(), pick.op);
    auto select = [&](Value value, int64_t axis) {
      Value selected = pick.apply(builder, value, axis);
      made.push_back(selected.getDefiningOp());
      return selected;
    };
    if (auto reshape = dyn_cast<ReshapeOp>(producer))
      return pushReshape(dims, pick, reshape, builder, select);
    if (auto attention = dyn_cast<SegmentAttentionOp>(producer))
      return pushSegments(pick, attention, builder, select);
    auto rowWise = dyn_cast<RowWiseOpInterface>(producer);
    if (!rowWise || isa<ExpandOp, FlattenOp, GatherOp, SliceOp, RowsGatherOp, RowsScatterOp, ConstantOp>(producer))
      return Value();
    auto banded = dyn_cast<AttentionOp>(producer);
    bool alignEnd = false;
    if (banded && (banded.getBandLower() || banded.getBandUpper())) {
      // The first row stays the first, and the last one the last.
      auto position = pick.position();
      bool square = dims.equal(banded.getQ(), 2, banded.getK(), 2);
      if (pick.axis != 2 || !position || !square)
        return Value();
      alignEnd = *position == -1;
    }
    SmallVector<Value> operands(producer->getOperands());
    bool any = false;
    // Decided first: what was made for an op that cannot be moved would stay.
    SmallVector<std::pair<unsigned, int64_t>> along;
    for (OpOperand &operand : producer->getOpOperands()) {
      Value value = operand.get();
      for (int64_t axis = 0; axis < rankOf(value); ++axis) {
        auto mapped = rowWise.mapAxis(operand.getOperandNumber(), axis, 0);
        if (banded && operand.getOperandNumber() == 0 && axis == 2 && pick.axis == 2)
          mapped = 2;
        if (mapped != pick.axis || polynomial::asConstant(dims.sizeOf(value, axis)) == 1)
          continue;
        if (!dims.equal(value, axis, producer->getResult(0), pick.axis))
          return Value();
        along.push_back({operand.getOperandNumber(), axis});
        any = true;
      }
    }
    if (!any)
      return Value();
    for (auto [number, axis] : along)
      operands[number] = select(operands[number], axis);
    Operation *moved = builder.clone(*producer);
    moved->setOperands(operands);
    if (alignEnd)
      cast<AttentionOp>(moved).setAlignEnd(true);
    SmallVector<Type> types;
    if (failed(cast<InferTypeOpInterface>(moved).inferReturnTypes(
            moved->getContext(), moved->getLoc(), moved->getOperands(), moved->getRawDictionaryAttrs(),
            moved->getPropertiesStorage(), moved->getRegions(), types)))
      return Value();
    moved->getResult(0).setType(meet(cast<TensorType>(types[0]), cast<TensorType>(pick.op->getResult(0).getType())));
    return moved->getResult(0);
  }

  /// Through a reshape that leaves the axes up to the picked one as they are.
  Value pushReshape(SymbolicDims &dims, const Pick &pick, ReshapeOp reshape, ImplicitLocOpBuilder &builder,
                    llvm::function_ref<Value(Value, int64_t)> select) {
    Value data = reshape.getData(), result = reshape.getResult();
    if (rankOf(data) <= pick.axis)
      return Value();
    for (int64_t axis = 0; axis <= pick.axis; ++axis)
      if (!dims.equal(data, axis, result, axis))
        return Value();
    SmallVector<int64_t> rest;
    for (int64_t axis = pick.axis + 1; axis < rankOf(result); ++axis) {
      auto size = polynomial::asConstant(dims.sizeOf(result, axis));
      if (!size)
        return Value();
      rest.push_back(*size);
    }
    Value selected = select(data, pick.axis), sizes = ShapeOfOp::create(builder, selected);
    SmallVector<Value> parts;
    for (int64_t axis = 0; axis <= pick.axis; ++axis)
      parts.push_back(emitEntry(builder, sizes, axis));
    if (!rest.empty())
      parts.push_back(emitInts(builder, rest));
    Value shape = parts.size() == 1 ? parts[0] : Value(ConcatOp::create(builder, parts, 0));
    Value moved = ReshapeOp::create(builder, selected, shape, /*allow_zero=*/true);
    moved.setType(meet(cast<TensorType>(moved.getType()), cast<TensorType>(pick.op->getResult(0).getType())));
    return moved;
  }

  /// Rows that ascend stay in their segments, of which new offsets count them.
  Value pushSegments(const Pick &pick, SegmentAttentionOp op, ImplicitLocOpBuilder &builder,
                     llvm::function_ref<Value(Value, int64_t)> select) {
    auto gather = dyn_cast<GatherOp>(pick.op);
    if (!gather || pick.axis != 1 || !isAscending(gather.getIndices()))
      return Value();
    bool byPlace = op.getBandLower() || op.getBandUpper() || !op.getBias().empty() || op.getMask();
    if (byPlace && !op.getQPositions())
      return Value();
    // Offset n is the number of rows before segment n.
    Value rows = UnsqueezeOp::create(builder, gather.getIndices(), ArrayRef<int64_t>{1});
    Value before = CompareOp::create(builder, rows, op.getQOffsets(), CompareKind::lt); // [rows, N + 1]
    Value offsets = ReduceOp::create(builder, CastOp::create(builder, before, getElementTypeOrSelf(rows.getType())),
                                     ArrayRef<int64_t>{0}, ReduceKind::sum, /*keep_dims=*/false);
    Value positions = op.getQPositions() ? select(op.getQPositions(), 0) : Value();
    Value queries = op.getQueryMask() ? select(op.getQueryMask(), 0) : Value();
    auto moved = SegmentAttentionOp::create(
        builder, select(op.getQ(), 1), op.getK(), op.getV(), offsets, op.getKOffsets(), positions, op.getKPositions(),
        op.getBias(), op.getKeyMask(), queries, op.getMask(), op.getScaleAttr(), op.getFillAttr(), op.getMaskModeAttr(),
        op.getBandLowerAttr(), op.getBandUpperAttr(), op.getZeroMaskedRowsAttr(), op.getSoftcapAttr(),
        op.getScoreLevelsAttr(), op.getWeightLevelsAttr());
    return moved.getResult();
  }

  func::FuncOp function;
  DenseSet<Operation *> dead;
};

struct RemoveDeadRows : public pare::impl::RemoveDeadRowsBase<RemoveDeadRows> {
  void runOnOperation() override {
    if (!getOperation().isExternal() && getOperation().getBody().hasOneBlock())
      Pusher(getOperation()).run();
  }
};
} // namespace
