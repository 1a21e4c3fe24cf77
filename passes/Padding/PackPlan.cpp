// Which ops can compute on packed rows.
#include "Pack.h"
#include "mlir/Analysis/SliceAnalysis.h"

using namespace mlir;
using namespace pare;
using namespace pare::padding;
using Expr = ElementExprs::Expr;
using Use = OperandPlan::Use;
using Kind = ElementExpr::Kind;

int64_t padding::rankOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getRank() : -1;
}

/// How an operand that broadcasts to a result of `rank` axes with rows at `view` is read.
std::optional<OperandPlan> Planner::aligned(Value operand, int64_t rank, const RowView &view) {
  int64_t own = rankOf(operand);
  if (own < 0 || own > rank)
    return std::nullopt;
  int64_t lead = rank - own, batch = view.batch - lead, row = view.row - lead;
  auto isAbsent = [&](int64_t axis) { return axis < 0 || polynomial::asConstant(dims.sizeOf(operand, axis)) == 1; };
  OperandPlan plan;
  if (isAbsent(batch) && isAbsent(row)) {
    if (view.dropsBatch() && batch >= 0)
      plan.dropped = batch;
    return plan;
  }
  plan.use = Use::packed;
  plan.view = {batch, row, view.inner};
  if (batch >= 0 && row >= 0 && views.fits(operand, plan.view))
    return plan;
  // Repeated over sequences, or over the rows of each: packing spells that out.
  if (view.merged() || view.inner != 1)
    return std::nullopt;
  if ((!isAbsent(batch) && dims.sizeOf(operand, batch) != views.batchSize()) ||
      (!isAbsent(row) && dims.sizeOf(operand, row) != views.rowSize() &&
       !dims.isCutTo(dims.sizeOf(operand, row), views.rowSize())))
    return std::nullopt;
  plan.lead = lead;
  plan.view = view;
  return plan;
}

std::optional<OpPlan> Planner::broadcast(Operation *op, const RowView &view, unsigned operands) {
  OpPlan plan(op->getNumOperands());
  for (unsigned number = 0; number < operands; ++number) {
    auto one = aligned(op->getOperand(number), rankOf(op->getResult(0)), view);
    if (!one)
      return std::nullopt;
    plan[number] = *one;
  }
  return plan;
}

/// The first operand has the rows, others are the same for all.
std::optional<OpPlan> Planner::own(Operation *op, const RowView &view) {
  OpPlan plan(op->getNumOperands());
  // The view of the operand that leads to that of the result.
  auto found = views.of(op->getOperand(0));
  if (!found || views.through(op->getOpOperand(0), *found, 0) != view)
    return std::nullopt;
  plan[0].use = Use::packed;
  plan[0].view = *found;
  return plan;
}

/// Whether products or attention are among what a value is computed from.
bool Planner::isComputedFromRows(Value value) {
  BackwardSliceOptions options;
  options.omitBlockArguments = true;
  options.inclusive = true;
  SetVector<Operation *> slice;
  if (Operation *op = value.getDefiningOp())
    (void)getBackwardSlice(op, &slice, options);
  return llvm::any_of(slice, [](Operation *op) { return isa<MatmulOp, AttentionOp, ConvOp>(op); });
}

bool Planner::readsCopies(Value other, const RowView &view, OperandPlan &plan) {
  if (dims.sizeOf(other, 0) != views.batchAxisSize(view))
    return false;
  Expr inner = exprs.variable(polynomial::constant(view.inner)), first = exprs.variable(dims.sizeOf(other, 1)),
       second = exprs.variable(dims.sizeOf(other, 2));
  Expr place =
      exprs.apply(ElementFn::add,
                  {exprs.apply(ElementFn::mul, {mask.batch, exprs.integer(polynomial::constant(view.inner))}), inner});
  Expr source = exprs.origin(other, {place, first, second});
  if (source->kind != Kind::leaf || source->operands.size() != 3)
    return false;
  plan.permutation.clear();
  for (Expr wanted : {inner, first, second}) {
    auto found = llvm::find(source->operands, wanted);
    if (found == source->operands.end())
      return false;
    plan.permutation.push_back(found - source->operands.begin());
  }
  // All of it, so that the sizes agree.
  for (auto [axis, from] : llvm::enumerate(plan.permutation))
    if (dims.sizeOf(source->value, from) != (axis == 0 ? polynomial::constant(view.inner) : dims.sizeOf(other, axis)))
      return false;
  plan.source = source->value;
  return true;
}

std::optional<OpPlan> Planner::matmul(MatmulOp op, const RowView &view) {
  int64_t rank = rankOf(op.getResult()), left = rankOf(op.getLhs()), right = rankOf(op.getRhs());
  if (left < 2 || right < 2 || rank < 2)
    return std::nullopt;
  // Rows stand along the rows or the batch axes of the left side, or along the columns of the right side.
  bool inRight = view.row == rank - 1;
  unsigned main = inRight ? 1 : 0;
  Value rows = op->getOperand(main), other = op->getOperand(1 - main);
  if (rankOf(rows) != rank || !views.fits(rows, view) || (inRight && view.merged()))
    return std::nullopt;
  OpPlan plan(2);
  plan[main].use = Use::packed;
  plan[main].view = view;
  // The other side is the same for all rows: its batch axes, aligned with those of the result, have size 1 there.
  int64_t lead = rank - rankOf(other), matrix = rankOf(other) - 2;
  for (int64_t axis : {view.batch - lead, view.row - lead}) {
    if (axis < 0 || axis >= matrix)
      continue;
    // [B * n, ..] that holds the same [n, ..] for each sequence.
    if (view.inner != 1 && axis == view.batch - lead && rankOf(other) == 3 && readsCopies(other, view, plan[1 - main]))
      continue;
    if (polynomial::asConstant(dims.sizeOf(other, axis)) != 1)
      return std::nullopt;
    if (axis == view.batch - lead && view.dropsBatch())
      plan[1 - main].dropped = axis;
  }
  // A batch axis within the matrix of the result would be contracted or mixed.
  if (view.batch >= rank - 2 && !view.merged())
    return std::nullopt;
  return plan;
}

/// Whether a constant may hold an element that masks.
static bool hasLowElement(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return false;
  if (!getElementTypeOrSelf(value.getType()).isF32())
    return true;
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  for (size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
    float element;
    std::memcpy(&element, bytes.data() + at, sizeof(element));
    if (!(element > kMasked))
      return true;
  }
  return false;
}

SmallVector<Expr> Planner::scoreIndices(Value value, bool ownKeys) {
  SmallVector<Expr> indices;
  for (int64_t axis = 0; axis < 4; ++axis) {
    const Polynomial &size = dims.sizeOf(value, axis);
    bool isOwn = ownKeys && axis == 3 && size == dims.sizeOf(value, 2);
    if (polynomial::asConstant(size) == 1)
      indices.push_back(exprs.integer({}));
    else
      indices.push_back(isOwn ? indices.back() : exprs.variable(size));
  }
  return indices;
}

bool Planner::isOrdinary(Value bias, bool ownKeys) {
  bool ordinary = true;
  std::function<void(Expr)> visit = [&](Expr expr) {
    if (expr->kind == Kind::leaf) {
      // What an input holds is not known; what the model computes from data is a score, and ordinary.
      ordinary &= expr->value.getDefiningOp() && !hasLowElement(expr->value);
      return;
    }
    ordinary &= !(expr->kind == Kind::number && expr->number <= kMasked);
    if (expr->kind == Kind::apply)
      llvm::for_each(expr->operands, visit);
  };
  visit(exprs.element(bias, scoreIndices(bias, ownKeys)));
  return ordinary;
}

std::optional<OpPlan> Planner::attention(AttentionOp op) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return std::nullopt;
  };
  RowView rows{0, 2, 1};
  if (!op.getKeyMask())
    return fail("attention without a mask on its keys reads every row");
  if (!views.fits(op.getQ(), rows) || !views.fits(op.getK(), rows) || !views.fits(op.getV(), rows))
    return fail("attention between rows of different batches");
  // Queries of a decoder over keys of an encoder, say, although both are as long.
  for (Value rows : {op.getQ(), op.getK(), op.getV()})
    if (!views.sameRows(rows, mask.rows))
      return fail("queries and keys are rows of different sequences");
  Expr key = exprs.element(
      op.getKeyMask(),
      {polynomial::asConstant(dims.sizeOf(op.getKeyMask(), 0)) == 1 ? exprs.integer({}) : mask.batch, mask.row});
  if (key != mask.valid)
    return fail("attention masks its keys by another mask");
  if (op.getFill().convertToFloat() > kMasked)
    return fail("the fill of the mask is not low enough to make a weight 0");
  // The accessors give what the attributes hold as unsigned numbers.
  if (static_cast<int64_t>(op.getBandLower().value_or(0)) > 0 ||
      static_cast<int64_t>(op.getBandUpper().value_or(0)) < 0)
    return fail("the band keeps a query from its own key");
  if (Value queries = op.getQueryMask()) {
    Expr own = exprs.element(
        queries, {polynomial::asConstant(dims.sizeOf(queries, 0)) == 1 ? exprs.integer({}) : mask.batch, mask.row});
    SmallVector<Expr> valid = exprs.conjuncts(mask.valid);
    if (!llvm::all_of(exprs.conjuncts(own), [&](Expr part) { return llvm::is_contained(valid, part); }))
      return fail("a query may be masked although its row is valid");
  }
  OpPlan plan(op->getNumOperands());
  for (unsigned number = 0; number < 3; ++number) {
    plan[number].use = Use::packed;
    plan[number].view = rows;
  }
  const Polynomial sizes[] = {views.batchSize(), {}, views.rowSize(), views.rowSize()};
  auto fitsScores = [&](Value value) {
    for (auto [axis, size] : llvm::enumerate(sizes))
      if (axis != 1 && polynomial::asConstant(dims.sizeOf(value, axis)) != 1 && dims.sizeOf(value, axis) != size &&
          !dims.isCutTo(dims.sizeOf(value, axis), size))
        return false;
    return true;
  };
  if (Value further = op.getMask()) {
    if (!fitsScores(further))
      return fail("the shape of a mask is not known");
    if (!exprs.element(further, scoreIndices(further, /*ownKeys=*/true))->isNumber(1))
      return fail("a further mask may leave a query without a key");
    ownKeysOnly = true;
  }
  for (Value bias : op.getBias()) {
    if (!fitsScores(bias))
      return fail("the shape of a bias is not known");
    // A bias that may be very low could leave a query with masked keys only.
    bool bounded = isOrdinary(bias, /*ownKeys=*/false);
    // One number per key can be looked at before the rows are chosen.
    bool perKey =
        polynomial::asConstant(dims.sizeOf(bias, 1)) == 1 && polynomial::asConstant(dims.sizeOf(bias, 2)) == 1;
    if (!bounded && perKey && !isComputedFromRows(bias)) {
      if (!llvm::is_contained(keyBiases, bias))
        keyBiases.push_back(bias);
      continue;
    }
    // Nor does a query lack keys that its bias lets see its own, as one that is low behind the diagonal does.
    if (!bounded && !isOrdinary(bias, /*ownKeys=*/true))
      return fail("a bias may mask keys too");
    ownKeysOnly |= !bounded;
  }
  for (OpOperand &operand : op->getOpOperands())
    if (operand.getOperandNumber() >= 3 &&
        (llvm::is_contained(op.getBias(), operand.get()) || operand.get() == op.getMask()))
      plan[operand.getOperandNumber()].use = Use::whole;
  return plan;
}

/// Whether the packed shape can be made from constants and the sizes of the batch.
bool Planner::hasKnownShape(Value value, const RowView &view) {
  for (int64_t axis = 0; axis < rankOf(value); ++axis) {
    const Polynomial &size = dims.sizeOf(value, axis);
    if (!view.isToken(axis) && !polynomial::asConstant(size) && size != views.rowSize() && size != views.batchSize())
      return false;
  }
  return true;
}

std::optional<OpPlan> Planner::plan(Operation *op) {
  reason.clear();
  if (!isa<PareDialect>(op->getDialect()) || op->getNumRegions() != 0 || op->getNumResults() == 0)
    return std::nullopt;
  if (auto attentionOp = dyn_cast<AttentionOp>(op)) {
    auto view = views.of(op->getResult(0));
    return view == RowView{0, 2, 1} ? attention(attentionOp) : std::nullopt;
  }
  std::optional<RowView> view = views.of(op->getResult(0));
  if (!view)
    return std::nullopt;
  for (Value result : op->getResults())
    if (views.of(result) != view)
      return std::nullopt;
  auto isToken = [&](int64_t axis) { return view->isToken(axis); };
  if (op->hasTrait<Broadcasts>())
    return broadcast(op, *view, op->getNumOperands());
  if (auto product = dyn_cast<MatmulOp>(op))
    return matmul(product, *view);
  if (isa<ExpandOp>(op)) {
    if (view->inner != 1 || !hasKnownShape(op->getResult(0), *view))
      return std::nullopt;
    return broadcast(op, *view, 1);
  }
  if (isa<ReshapeOp, FlattenOp>(op))
    return hasKnownShape(op->getResult(0), *view) ? own(op, *view) : std::nullopt;
  if (auto gather = dyn_cast<GatherOp>(op)) {
    auto indices = views.of(gather.getIndices());
    if (indices && views.through(op->getOpOperand(1), *indices, 0) == view) {
      OpPlan plan(2);
      plan[1].use = Use::packed;
      plan[1].view = *indices;
      return plan;
    }
    return own(op, *view);
  }
  if (auto concat = dyn_cast<ConcatOp>(op))
    return isToken(concat.getAxis()) ? std::nullopt : broadcast(op, *view, op->getNumOperands());
  if (auto gather = dyn_cast<GatherElementsOp>(op))
    return isToken(gather.getAxis()) ? std::nullopt : broadcast(op, *view, 2);
  if (isa<TransposeOp, SqueezeOp, UnsqueezeOp, SoftmaxOp, LogSoftmaxOp, LayerNormOp, RmsNormOp, ReduceOp, ArgMaxOp,
          ArgMinOp, TopKOp, SplitOp, SliceOp, CumSumOp>(op))
    return own(op, *view);
  if (isa<QuantizeOp, DequantizeOp>(op)) {
    // Blocks and one parameter per row are read along with x.
    int64_t axis = cast<IntegerAttr>(op->getAttr("axis")).getInt();
    for (Value parameter : op->getOperands().drop_front()) {
      int64_t rank = rankOf(parameter);
      bool single = rank == 0 || (rank == 1 && polynomial::asConstant(dims.sizeOf(parameter, 0)) == 1);
      if (rank > 1 || rank < 0 || (!single && isToken(axis)))
        return std::nullopt;
    }
    return own(op, *view);
  }
  return std::nullopt;
}

std::optional<Selection> Planner::selection(Operation *op) {
  Selection result;
  auto position = [&](Value index) {
    auto known = getConstantInts(index);
    if (!known || known->size() != 1 || (known->front() != 0 && known->front() != -1))
      return false;
    result.position = known->front();
    return true;
  };
  if (auto gather = dyn_cast<GatherOp>(op)) {
    result.x = gather.getData();
    auto view = views.of(result.x);
    int64_t rank = rankOf(gather.getIndices());
    if (!view || !view->dropsBatch() || static_cast<int64_t>(gather.getAxis()) != view->row || rank > 1 ||
        !position(gather.getIndices()))
      return std::nullopt;
    result.view = *view;
    result.keepsAxis = rank == 1;
    return result;
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    result.x = slice.getX();
    auto view = views.of(result.x);
    auto steps = getConstantInts(slice.getSteps()), starts = getConstantInts(slice.getStarts());
    if (!view || !view->dropsBatch() || slice.getAxes() != ArrayRef<int64_t>{view->row} || !steps || !starts ||
        steps->front() != 1 || polynomial::asConstant(dims.sizeOf(op->getResult(0), view->row)) != 1 ||
        !position(slice.getStarts()))
      return std::nullopt;
    result.view = *view;
    result.keepsAxis = true;
    return result;
  }
  if (auto gather = dyn_cast<GatherNdOp>(op)) {
    // Tuples (b, index of a row of b).
    result.x = gather.getData();
    auto view = views.of(result.x);
    if (!view || !(*view == RowView{0, 1, 1}) || gather.getBatchDims() != 0 || rankOf(gather.getIndices()) != 2 ||
        polynomial::asConstant(dims.sizeOf(gather.getIndices(), 1)) != 2 ||
        dims.sizeOf(gather.getIndices(), 0) != views.batchSize() ||
        exprs.element(gather.getIndices(), {mask.batch, exprs.integer({})}) != mask.batch)
      return std::nullopt;
    result.view = *view;
    result.index = gather.getIndices();
    result.tupleEntry = 1;
    return result;
  }
  if (auto gather = dyn_cast<GatherElementsOp>(op)) {
    // One index for all of a row.
    result.x = gather.getData();
    auto view = views.of(result.x);
    Value indices = gather.getIndices();
    if (!view || !(*view == RowView{0, 1, 1}) || rankOf(result.x) != 3 || gather.getAxis() != 1 ||
        dims.sizeOf(indices, 0) != views.batchSize() || polynomial::asConstant(dims.sizeOf(indices, 1)) != 1 ||
        !dims.equal(indices, 2, result.x, 2) || polynomial::asConstant(dims.sizeOf(indices, 2)).value_or(0) < 1)
      return std::nullopt;
    Expr feature = exprs.variable(dims.sizeOf(indices, 2));
    if (exprs.uses(exprs.element(indices, {mask.batch, exprs.integer({}), feature}), feature))
      return std::nullopt;
    result.view = *view;
    result.index = indices;
    result.keepsAxis = true;
    return result;
  }
  return std::nullopt;
}

std::optional<double> Planner::padValue(Value value) {
  auto view = views.of(value);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!view || !view->dropsBatch() || !type)
    return std::nullopt;
  SmallVector<Expr> indices;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    indices.push_back(axis == view->batch ? mask.batch
                      : axis == view->row ? mask.row
                                          : exprs.variable(dims.sizeOf(value, axis)));
  Expr element = exprs.substitute(exprs.element(value, indices), mask.valid, exprs.number(0));
  // Not valid because some x is 0: x is 0 then.
  if (mask.valid->isApply(ElementFn::logicalNot) && mask.valid->operands[0]->isApply(ElementFn::eq))
    for (int side : {0, 1}) {
      Expr zero = mask.valid->operands[0]->operands[side], x = mask.valid->operands[0]->operands[1 - side];
      if (zero->isNumber(0) || (zero->kind == Kind::integer && zero->integer.empty()))
        element = exprs.substitute(element, x, zero);
    }
  auto constant = [](Expr expr) -> std::optional<double> {
    if (expr->kind == Kind::number)
      return expr->number;
    if (expr->kind == Kind::integer)
      if (auto known = polynomial::asConstant(expr->integer))
        return static_cast<double>(*known);
    return std::nullopt;
  };
  // What padding holds is finite (docs/Numerics.md), so that its product with 0 is 0.
  if (element->isApply(ElementFn::mul))
    for (Expr factor : element->operands)
      if (constant(factor) == 0.0)
        return 0.0;
  return constant(element);
}
