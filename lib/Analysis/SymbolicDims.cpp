// Sizes of axes as polynomials of symbols.
#include "pare/Analysis/SymbolicDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "pare/Dialect/Resize.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace mlir;
using namespace pare;

using namespace pare::polynomial;

//===- Symbols ----------------------------------------------------------------------------------------------------===//

Polynomial SymbolicDims::fresh(std::string name, bool isSize) {
  symbols.push_back({std::move(name), isSize, "", {}});
  return {{{static_cast<unsigned>(symbols.size() - 1)}, 1}};
}

Polynomial SymbolicDims::derived(StringRef tag, const Elements &operands, bool isSize) {
  auto [it, inserted] = known.try_emplace({tag.str(), operands});
  if (inserted) {
    it->second = fresh("", isSize);
    symbols.back().tag = tag.str();
    symbols.back().operands = operands;
  }
  return it->second;
}

Polynomial SymbolicDims::orDerived(std::optional<Polynomial> value, StringRef tag, const Elements &operands,
                                   bool isSize) {
  return value ? *value : derived(tag, operands, isSize);
}

bool SymbolicDims::isSize(const Polynomial &polynomial) const {
  return llvm::all_of(polynomial, [&](const auto &term) {
    return term.second > 0 && llvm::all_of(term.first, [&](unsigned symbol) { return symbols[symbol].isSize; });
  });
}

bool SymbolicDims::isCutTo(const Polynomial &a, const Polynomial &b) const {
  if (a.size() != 1 || a.begin()->first.size() != 1 || a.begin()->second != 1)
    return false;
  const Symbol &symbol = symbols[a.begin()->first.front()];
  // {size of the axis, start, end, step}: the first `b` elements of a table.
  return symbol.tag == "slice" && asConstant(symbol.operands[0]).value_or(0) > 0 && symbol.operands[1].empty() &&
         symbol.operands[2] == b && asConstant(symbol.operands[3]) == 1 && isSize(b);
}

Polynomial SymbolicDims::broadcast(const Polynomial &a, const Polynomial &b) {
  std::optional<int64_t> left = asConstant(a), right = asConstant(b);
  // A constant other than 1 is the result, whatever the other size is.
  if (a == b || right == 1 || (left && *left != 1))
    return a;
  if (left == 1 || right)
    return b;
  // A table that is cut to b elements either has them all, or is too short and does not broadcast.
  if (isCutTo(a, b))
    return b;
  if (isCutTo(b, a))
    return a;
  // What has been broadcast with a size already stays what it is.
  if (const Symbol *done = asBroadcast(a); done && llvm::is_contained(done->operands, b))
    return a;
  if (const Symbol *done = asBroadcast(b); done && llvm::is_contained(done->operands, a))
    return b;
  return a < b ? derived("broadcast", {a, b}) : derived("broadcast", {b, a});
}

const SymbolicDims::Symbol *SymbolicDims::asBroadcast(const Polynomial &polynomial) const {
  if (polynomial.size() != 1 || polynomial.begin()->first.size() != 1 || polynomial.begin()->second != 1)
    return nullptr;
  const Symbol &symbol = symbols[polynomial.begin()->first.front()];
  return symbol.tag == "broadcast" ? &symbol : nullptr;
}

AffineExpr SymbolicDims::toExpr(const Polynomial &polynomial) const {
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (const auto &[factors, coefficient] : polynomial) {
    AffineExpr term;
    for (unsigned factor : factors) {
      AffineExpr symbol = getAffineSymbolExpr(factor, context);
      term = term ? term * symbol : symbol;
    }
    sum = sum + (term ? term * coefficient : getAffineConstantExpr(coefficient, context));
  }
  return sum;
}

//===- Queries ---------------------------------------------------------------------------------------------------===//

SymbolicDims::SymbolicDims(Operation *root, bool trustProducts) : context(root->getContext()) {
  // Sizes that one argument fixes hold for every dimension of the name.
  root->walk([&](func::FuncOp function) {
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
      auto known = dyn_cast<RankedTensorType>(type);
      auto dims = function.getArgAttrOfType<ArrayAttr>(i, kDimsAttr);
      if (!known || !dims || static_cast<int64_t>(dims.size()) != known.getRank())
        continue;
      for (auto [axis, name] : llvm::enumerate(dims))
        if (auto text = dyn_cast<StringAttr>(name); text && !text.empty() && !known.isDynamicDim(axis))
          named[{function.getOperation(), text.str()}] = constant(known.getDimSize(axis));
    }
  });
  computeAll(root);
  while (trustProducts && learnFromProducts(root)) {
    sizes.clear();
    contents.clear();
    computeAll(root);
  }
}

bool SymbolicDims::learnFromProducts(Operation *root) {
  bool learned = false;
  root->walk([&](MatmulOp op) {
    auto left = dyn_cast<RankedTensorType>(op.getLhs().getType()),
         right = dyn_cast<RankedTensorType>(op.getRhs().getType());
    // Of a branch nobody knows whether it runs.
    if (!left || !right || !isa<func::FuncOp>(op->getParentOp()))
      return;
    Polynomial a = size(op.getLhs(), left.getRank() - 1),
               b = size(op.getRhs(), std::max<int64_t>(right.getRank() - 2, 0));
    for (const auto &[from, to] : {std::pair(a, b), std::pair(b, a)})
      if (const Symbol *symbol = asBroadcast(from); symbol && llvm::is_contained(symbol->operands, to)) {
        Polynomial &meaning = known[{symbol->tag, symbol->operands}];
        if (asBroadcast(meaning) == symbol) {
          meaning = to;
          learned = true;
        }
      }
  });
  return learned;
}

void SymbolicDims::computeAll(Operation *root) {
  root->walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (auto type = dyn_cast<RankedTensorType>(result.getType())) {
        for (int64_t axis = 0; axis < type.getRank(); ++axis)
          size(result, axis);
        values(result);
      }
  });
}

const Polynomial &SymbolicDims::sizeOf(Value value, int64_t axis) { return size(value, axis); }

AffineExpr SymbolicDims::dim(Value value, int64_t axis) { return toExpr(size(value, axis)); }

bool SymbolicDims::equal(Value a, int64_t axisOfA, Value b, int64_t axisOfB) {
  return size(a, axisOfA) == size(b, axisOfB);
}

bool SymbolicDims::sameShape(Value a, Value b) {
  auto left = dyn_cast<RankedTensorType>(a.getType()), right = dyn_cast<RankedTensorType>(b.getType());
  if (!left || !right || left.getRank() != right.getRank())
    return false;
  for (int64_t axis = 0; axis < left.getRank(); ++axis)
    if (!equal(a, axis, b, axis))
      return false;
  return true;
}

AffineExpr SymbolicDims::numElements(Value value) { return toExpr(product(value)); }

StringRef SymbolicDims::getName(unsigned position) const {
  return position < symbols.size() ? StringRef(symbols[position].name) : StringRef();
}

//===- Sizes -----------------------------------------------------------------------------------------------------===//

const Polynomial &SymbolicDims::size(Value value, int64_t axis) {
  std::pair<void *, int64_t> key(value.getAsOpaquePointer(), axis);
  if (auto it = sizes.find(key); it != sizes.end())
    return it->second;
  auto type = cast<RankedTensorType>(value.getType());
  Polynomial computed;
  if (!type.isDynamicDim(axis))
    computed = constant(type.getDimSize(axis));
  else if (auto argument = dyn_cast<BlockArgument>(value))
    computed = computeArgument(argument, axis);
  else
    computed = computeResult(cast<OpResult>(value), axis);
  return sizes[key] = std::move(computed);
}

Polynomial SymbolicDims::product(Value value) {
  Polynomial total = constant(1);
  for (int64_t axis = 0; axis < cast<RankedTensorType>(value.getType()).getRank(); ++axis) {
    const Polynomial &factor = size(value, axis);
    total = orDerived(multiply(total, factor), "mul", {total, factor});
  }
  return total;
}

Polynomial SymbolicDims::computeArgument(BlockArgument argument, int64_t axis) {
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  if (!function || !argument.getOwner()->isEntryBlock())
    return fresh();
  auto dims = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kDimsAttr);
  auto name = dims && axis < static_cast<int64_t>(dims.size()) ? dyn_cast<StringAttr>(dims[axis]) : StringAttr();
  if (!name || name.empty())
    return fresh();
  auto [it, inserted] = named.try_emplace({function.getOperation(), name.str()});
  if (inserted)
    it->second = fresh(name.str());
  return it->second;
}

std::optional<Polynomial> SymbolicDims::sizeElement(Value tensor, int64_t index) {
  const std::optional<Elements> &entries = values(tensor);
  if (!entries || index >= static_cast<int64_t>(entries->size()) || !isSize((*entries)[index]))
    return std::nullopt;
  return (*entries)[index];
}

Polynomial SymbolicDims::computeReshape(OpResult result, int64_t axis) {
  auto reshape = cast<ReshapeOp>(result.getOwner());
  auto data = dyn_cast<RankedTensorType>(reshape.getData().getType());
  const std::optional<Elements> &entries = values(reshape.getShape());
  if (!data || !entries || entries->size() != static_cast<size_t>(cast<RankedTensorType>(result.getType()).getRank()))
    return fresh();
  // Every other axis has to be known to make up the one that is inferred.
  Polynomial others = constant(1);
  bool complete = true;
  auto entrySize = [&](int64_t i) -> std::optional<Polynomial> {
    const Polynomial &entry = (*entries)[i];
    if (entry.empty() && !reshape.getAllowZero())
      return i < data.getRank() ? std::optional<Polynomial>(size(reshape.getData(), i)) : std::nullopt;
    return isSize(entry) ? std::optional<Polynomial>(entry) : std::nullopt;
  };
  if (std::optional<Polynomial> own = entrySize(axis))
    return *own;
  for (int64_t i = 0; i < static_cast<int64_t>(entries->size()); ++i) {
    if (i == axis)
      continue;
    std::optional<Polynomial> entry = entrySize(i);
    complete &= entry.has_value();
    if (entry)
      others = orDerived(multiply(others, *entry), "mul", {others, *entry});
  }
  if (!complete || others.empty())
    return fresh();
  Polynomial total = product(reshape.getData());
  return orDerived(divide(total, others), "div", {total, others});
}

std::optional<Polynomial> SymbolicDims::computeWindow(OpResult result, int64_t axis) {
  Operation *op = result.getOwner();
  auto x = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
  if (!x || axis < 2)
    return std::nullopt;
  auto entry = [&](StringRef name, int64_t i) { return cast<DenseI64ArrayAttr>(op->getAttr(name)).asArrayRef()[i]; };
  int64_t at = axis - 2, spatial = x.getRank() - 2, kernel;
  if (isa<ConvOp>(op)) {
    auto weight = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
    if (!weight || weight.isDynamicDim(axis))
      return std::nullopt;
    kernel = weight.getDimSize(axis);
  } else {
    kernel = entry("kernel", at);
  }
  int64_t stride = entry("strides", at), pad = entry("pads", at), padEnd = entry("pads", spatial + at);
  int64_t extent = entry("dilations", at) * (kernel - 1) + 1;
  bool ceil = op->hasAttr("ceil_mode");
  const Polynomial &input = size(op->getOperand(0), axis);
  if (stride == 1)
    return add(input, constant(pad + padEnd - extent + 1));
  return derived(ceil ? "window-ceil" : "window",
                 {input, constant(stride), constant(ceil ? pad : 0), constant(pad + padEnd), constant(extent)});
}

/// The size of an axis that an op moves, copies or makes from a shape operand.
std::optional<Polynomial> SymbolicDims::computeMoved(OpResult result, int64_t axis) {
  Operation *op = result.getOwner();
  auto rankOf = [](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type ? type.getRank() : -1;
  };
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    std::optional<Polynomial> total = constant(0);
    if (axis != static_cast<int64_t>(concat.getAxis()))
      return std::nullopt;
    for (Value input : concat.getInputs()) {
      if (rankOf(input) < 0 || !total)
        return std::nullopt;
      total = add(*total, size(input, axis));
    }
    return total;
  }
  if (auto split = dyn_cast<SplitOp>(op)) {
    if (axis != static_cast<int64_t>(split.getAxis()))
      return std::nullopt;
    if (split.getSizes())
      return sizeElement(split.getSizes(), result.getResultNumber());
    return rankOf(split.getX()) < 0
               ? std::nullopt
               : divide(size(split.getX(), axis), constant(static_cast<int64_t>(split.getPieces())));
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    auto *at = llvm::find(slice.getAxes(), axis);
    if (at == slice.getAxes().end() || rankOf(slice.getX()) < 0)
      return std::nullopt;
    int64_t i = at - slice.getAxes().begin();
    Elements operands = {size(slice.getX(), axis)};
    for (Value operand : {slice.getStarts(), slice.getEnds(), slice.getSteps()}) {
      const std::optional<Elements> &entries = values(operand);
      if (!entries || i >= static_cast<int64_t>(entries->size()))
        return std::nullopt;
      operands.push_back((*entries)[i]);
    }
    std::optional<int64_t> end = asConstant(operands[2]);
    bool toEnd = operands[2] == operands[0] || (end && *end >= std::numeric_limits<int32_t>::max());
    if (operands[1].empty() && asConstant(operands[3]) == 1 && toEnd)
      return operands[0];
    return derived("slice", operands);
  }
  if (auto pad = dyn_cast<PadOp>(op)) {
    const std::optional<Elements> &pads = values(pad.getPads());
    int64_t rank = rankOf(pad.getX());
    if (!pads || rank < 0 || static_cast<int64_t>(pads->size()) != 2 * rank)
      return std::nullopt;
    std::optional<Polynomial> sum = add(size(pad.getX(), axis), (*pads)[axis]);
    return sum ? add(*sum, (*pads)[rank + axis]) : std::nullopt;
  }
  if (auto resize = dyn_cast<ResizeOp>(op)) {
    const auto *at = llvm::find(resize.getAxes(), axis);
    if (at == resize.getAxes().end() || rankOf(resize.getX()) < 0 || resize.getPolicy() != ResizePolicy::stretch)
      return std::nullopt;
    int64_t i = at - resize.getAxes().begin();
    if (resize.getSizes())
      return sizeElement(resize.getSizes(), i);
    auto scales = getConstantFloats(resize.getScales());
    if (!scales)
      return std::nullopt;
    float scale = (*scales)[i];
    if (scale <= 1024 && scale == std::floor(scale))
      return multiply(size(resize.getX(), axis), constant(static_cast<int64_t>(scale)));
    return derived("resize", {size(resize.getX(), axis), constant(llvm::bit_cast<int32_t>(scale))});
  }
  if (auto tile = dyn_cast<TileOp>(op)) {
    std::optional<Polynomial> repeats = sizeElement(tile.getRepeats(), axis);
    return repeats && rankOf(tile.getX()) > 0 ? multiply(size(tile.getX(), axis), *repeats) : std::nullopt;
  }
  if (auto full = dyn_cast<FullOp>(op))
    return sizeElement(full.getShape(), axis);
  if (auto oneHot = dyn_cast<OneHotOp>(op))
    return axis == static_cast<int64_t>(oneHot.getAxis()) ? sizeElement(oneHot.getDepth(), 0) : std::nullopt;
  if (auto top = dyn_cast<TopKOp>(op))
    return axis == static_cast<int64_t>(top.getAxis()) ? sizeElement(top.getK(), 0) : std::nullopt;
  if (auto range = dyn_cast<RangeOp>(op)) {
    Elements operands;
    for (Value operand : op->getOperands()) {
      const std::optional<Elements> &entries = values(operand);
      if (!entries || entries->size() != 1)
        return std::nullopt;
      operands.push_back(entries->front());
    }
    std::optional<Polynomial> count = add(operands[1], operands[0], -1);
    if (asConstant(operands[2]) == 1 && count && isSize(*count))
      return count;
    return derived("range", operands);
  }
  if (auto flatten = dyn_cast<FlattenOp>(op)) {
    std::optional<Polynomial> total = constant(1);
    int64_t rank = rankOf(flatten.getX()), at = flatten.getAxis();
    if (rank < 0)
      return std::nullopt;
    for (int64_t i = axis == 0 ? 0 : at; total && i < (axis == 0 ? at : rank); ++i)
      total = multiply(*total, size(flatten.getX(), i));
    return total;
  }
  if (auto expand = dyn_cast<ExpandOp>(op)) {
    const std::optional<Elements> &entries = values(expand.getShape());
    int64_t rank = cast<RankedTensorType>(result.getType()).getRank(), own = rankOf(expand.getX());
    if (!entries || own < 0)
      return std::nullopt;
    int64_t inX = axis - (rank - own), inShape = axis - (rank - static_cast<int64_t>(entries->size()));
    Polynomial a = inX < 0 ? constant(1) : size(expand.getX(), inX);
    Polynomial b = inShape < 0 ? constant(1) : (*entries)[inShape];
    return isSize(b) ? std::optional<Polynomial>(broadcast(a, b)) : std::nullopt;
  }
  if (isa<ConvOp, MaxPoolOp, AveragePoolOp>(op))
    return computeWindow(result, axis);
  if (isa<AttentionOp, SegmentAttentionOp>(op)) {
    int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
    Value source = op->getOperand(axis == rank - 1 ? 2 : 0); // features are those of v
    return rankOf(source) == rank ? std::optional<Polynomial>(size(source, axis)) : std::nullopt;
  }
  if (isa<LstmOp, GruOp, RnnOp>(op)) {
    int64_t batch = result.getResultNumber() == 0 ? 2 : 1; // y [T, D, B, H] and states [D, B, H]
    Value x = op->getOperand(0);
    if (rankOf(x) != 3 || (axis != batch && (batch == 1 || axis != 0)))
      return std::nullopt;
    return size(x, axis == batch ? 1 : 0);
  }
  if (auto rows = dyn_cast<RowsFromMaskOp>(op))
    return result == rows.getOffsets() && rankOf(rows.getMask()) == 2 ? add(size(rows.getMask(), 0), constant(1))
                                                                      : std::nullopt;
  if (auto scatter = dyn_cast<RowsScatterOp>(op)) {
    auto batchAxis = static_cast<int64_t>(scatter.getBatchAxis()), rowAxis = static_cast<int64_t>(scatter.getRowAxis());
    if (axis != batchAxis && axis != rowAxis)
      return std::nullopt;
    std::optional<Polynomial> batch = sizeElement(scatter.getSizes(), 0), rows = sizeElement(scatter.getSizes(), 1);
    if (batchAxis == -1)
      return batch && rows ? multiply(*batch, *rows) : std::nullopt;
    return axis == batchAxis ? batch : rows;
  }
  return std::nullopt;
}

Polynomial SymbolicDims::computeResult(OpResult result, int64_t axis) {
  Operation *op = result.getOwner();
  int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
  auto rankOf = [](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type ? type.getRank() : -1;
  };
  // The shape of the first operand.
  if (isa<SoftmaxOp, LogSoftmaxOp, LayerNormOp, RmsNormOp, BatchNormOp, QuantizeOp, DequantizeOp, TriluOp, CumSumOp,
          ScatterNdOp, ScatterElementsOp, ClipOp>(op))
    return rankOf(op->getOperand(0)) == rank ? size(op->getOperand(0), axis) : fresh();
  if (auto gather = dyn_cast<GatherElementsOp>(op))
    return rankOf(gather.getIndices()) == rank ? size(gather.getIndices(), axis) : fresh();
  if (isa<ReshapeOp>(op))
    return computeReshape(result, axis);
  if (auto choice = dyn_cast<IfOp>(op)) {
    Value a = choice.getThenRegion().front().getTerminator()->getOperand(result.getResultNumber());
    Value b = choice.getElseRegion().front().getTerminator()->getOperand(result.getResultNumber());
    bool same = rankOf(a) == rank && rankOf(b) == rank && size(a, axis) == size(b, axis);
    return same ? size(a, axis) : fresh();
  }
  if (std::optional<Polynomial> moved = computeMoved(result, axis))
    return *moved;
  auto rowWise = dyn_cast<RowWiseOpInterface>(op);
  if (!rowWise)
    return fresh();
  // Elementwise ops and the batch axes of matmul broadcast; all others keep the size of an axis that they map.
  bool broadcasts = isa<MatmulOp>(op) ||
                    !isa<TransposeOp, SqueezeOp, UnsqueezeOp, ConcatOp, SplitOp, SliceOp, PadOp, TileOp, ResizeOp,
                         GatherOp, GatherNdOp, OneHotOp, ConvOp, ConvTransposeOp, MaxPoolOp, AveragePoolOp, ReduceOp,
                         ArgMaxOp, ArgMinOp, TopKOp, RowsGatherOp, RowsScatterOp, LstmOp, GruOp, RnnOp>(op);
  std::optional<Polynomial> found;
  for (OpOperand &operand : op->getOpOperands()) {
    int64_t own = rankOf(operand.get());
    if (own < 0 && broadcasts)
      return fresh();
    for (int64_t i = 0; i < own; ++i)
      if (rowWise.mapAxis(operand.getOperandNumber(), i, result.getResultNumber()) == axis) {
        const Polynomial &other = size(operand.get(), i);
        if (!broadcasts)
          return other;
        found = found ? broadcast(*found, other) : other;
      }
  }
  return found ? *found : fresh();
}
