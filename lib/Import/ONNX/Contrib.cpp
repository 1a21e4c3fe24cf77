// The pieces that composites of domain com.microsoft are made of.
#include "Contrib.h"

using namespace mlir;

namespace pare::onnx_import::contrib {
LogicalResult importAs(Node &node, StringRef opType) { return Registry::get().find("", opType)->handler(node); }

Value compare(Node &node, Value a, Value b, CompareKind kind) {
  return node.make<CompareOp>({a, b}, {node.attr("kind", CompareKindAttr::get(&node.importer.context, kind))});
}

Value unsqueeze(Node &node, Value x, ArrayRef<int64_t> axes) {
  return node.make<UnsqueezeOp>(x, {node.ints("axes", axes)});
}

Value slice(Node &node, Value x, int64_t axis, Value start, Value end) {
  return node.make<SliceOp>({x, start, end, number(node, 1)}, {node.ints("axes", {axis})});
}

Value reduce(Node &node, Value x, int64_t axis, ReduceKind kind) {
  return node.make<ReduceOp>(x, {node.ints("axes", {axis}), node.unit("keep_dims"),
                                 node.attr("kind", ReduceKindAttr::get(&node.importer.context, kind))});
}

Value gelu(Node &node, Value x, GeluKind kind) {
  return node.make<GeluOp>(x, {node.attr("approximate", GeluKindAttr::get(&node.importer.context, kind))});
}

SmallVector<Value> split(Node &node, Value x, ArrayRef<int64_t> sizes) {
  if (node.failed())
    return SmallVector<Value>(sizes.size());
  int64_t axis = *Node::rank(x) - 1;
  Operation *op =
      node.makeOp<SplitOp>({x, node.shape(sizes)}, {node.i64("axis", axis), node.i64("pieces", int64_t(sizes.size()))});
  return op ? SmallVector<Value>(op->getResults()) : SmallVector<Value>(sizes.size());
}

Value toInt(Node &node, Value x) {
  return node.cast(x, IntegerType::get(&node.importer.context, 64, IntegerType::Signed));
}

Value range(Node &node, Value limit) {
  Type si64 = IntegerType::get(&node.importer.context, 64, IntegerType::Signed);
  return node.make<RangeOp>({node.scalar(si64, 0), node.toScalar(limit), node.scalar(si64, 1)});
}

double lowest(Type element) {
  return -APFloat::getLargest(cast<FloatType>(element).getFloatSemantics()).convertToDouble();
}

Value splitHeads(Node &node, Value x, int64_t heads) {
  std::optional<int64_t> width = needLast(node, x, "a hidden size");
  if (!width)
    return {};
  if (*width % heads != 0) {
    (void)node.error("num_heads " + Twine(heads) + " does not divide the hidden size " + Twine(*width));
    return {};
  }
  return node.transpose(node.reshape(x, {0, 0, heads, *width / heads}), {0, 2, 1, 3});
}

Value joinHeads(Node &node, Value x) {
  if (node.failed())
    return {};
  int64_t heads = Node::size(x, 1), depth = Node::size(x, 3);
  return node.reshape(node.transpose(x, {0, 2, 1, 3}), {0, 0, heads * depth});
}

std::optional<int64_t> needLast(Node &node, Value x, StringRef what) {
  std::optional<int64_t> rank = node.failed() ? std::nullopt : node.needRank(x);
  if (!rank)
    return std::nullopt;
  int64_t size = *rank > 0 ? Node::size(x, *rank - 1) : ShapedType::kDynamic;
  if (ShapedType::isDynamic(size)) {
    (void)node.unsupported(what + " that is not known (declare the shape of the input)");
    return std::nullopt;
  }
  return size;
}

Value rotate(Node &node, Value x, Value cos, Value sin, int64_t half, bool interleaved) {
  if (node.failed())
    return {};
  int64_t rank = *Node::rank(x), depth = Node::size(x, rank - 1);
  if (2 * half > depth) {
    (void)node.error("the rotated " + Twine(2 * half) + " elements are more than the head size " + Twine(depth));
    return {};
  }
  Value rest;
  if (2 * half < depth) {
    SmallVector<Value> parts = split(node, x, {2 * half, depth - 2 * half});
    x = parts[0];
    rest = parts[1];
  }
  Value a, b;
  if (interleaved) {
    SmallVector<int64_t> pairs(size_t(rank), 0);
    pairs.back() = half;
    pairs.push_back(2);
    SmallVector<Value> parts = split(node, node.reshape(x, pairs), {1, 1});
    auto drop = [&](Value part) { return node.make<SqueezeOp>(part, {node.ints("axes", {rank})}); };
    a = drop(parts[0]);
    b = drop(parts[1]);
  } else {
    SmallVector<Value> parts = split(node, x, {half, half});
    a = parts[0];
    b = parts[1];
  }
  Value first = node.make<SubOp>({node.make<MulOp>({a, cos}), node.make<MulOp>({b, sin})});
  Value second = node.make<AddOp>({node.make<MulOp>({a, sin}), node.make<MulOp>({b, cos})});
  Value turned;
  if (interleaved) {
    SmallVector<int64_t> flat(size_t(rank), 0);
    flat.back() = 2 * half;
    Value pairs = node.make<ConcatOp>({unsqueeze(node, first, {rank}), unsqueeze(node, second, {rank})},
                                      {node.i64("axis", rank)});
    turned = node.reshape(pairs, flat);
  } else {
    turned = node.make<ConcatOp>({first, second}, {node.i64("axis", rank - 1)});
  }
  return rest ? node.make<ConcatOp>({turned, rest}, {node.i64("axis", rank - 1)}) : turned;
}

/// Whether a tensor of rank 1 has one element per row of a matrix, as a sum over each row has.
static bool isPerRow(Value x) {
  while (auto cast = x.getDefiningOp<CastOp>())
    x = cast.getX();
  auto reduce = x.getDefiningOp<ReduceOp>();
  return reduce && reduce.getAxes() == ArrayRef<int64_t>{1} && Node::rank(reduce.getX()) == 2;
}

Value readMask(Node &node, Value mask, Value batch, Value keys, bool mayBeStarts) {
  std::optional<int64_t> rank = mask && !node.failed() ? node.needRank(mask) : std::nullopt;
  if (!rank)
    return {};
  Value zero = node.scalar(Node::element(mask), 0);
  if (*rank == 2 && Node::size(mask, 1) == 1)
    return {}; // ONNX Runtime takes a mask [B, 1] for none
  if (*rank == 2)
    return compare(node, unsqueeze(node, mask, {1, 2}), zero, CompareKind::gt);
  if (*rank == 3)
    return compare(node, unsqueeze(node, mask, {1}), zero, CompareKind::gt);
  if (*rank != 1) {
    (void)node.unsupported("a mask of rank " + Twine(*rank) + " (lengths [B], [B, T] and [B, S, T] are)");
    return {};
  }
  Value ends = toInt(node, mask), starts;
  auto known = getConstantInts(batch);
  int64_t size = Node::size(mask, 0), rows = known && known->size() == 1 ? known->front() : ShapedType::kDynamic;
  bool isLengths = !mayBeStarts || isPerRow(mask) || (size == rows && !ShapedType::isDynamic(size));
  if (!ShapedType::isDynamic(size) && !ShapedType::isDynamic(rows) && size != rows &&
      !(mayBeStarts && size == 2 * rows)) {
    (void)node.unsupported("a mask of " + Twine(size) + " entries for a batch of " + Twine(rows) + " (lengths [B]" +
                           (mayBeStarts ? ", ends and starts [2 * B]," : "") + " [B, T] and [B, S, T] are)");
    return {};
  }
  if (!isLengths) {
    // Lengths alone are ends with starts of 0. Of any other size the reshape is an error of the input.
    Value twice = node.make<MulOp>({batch, number(node, 2)});
    Value missing = node.make<SubOp>({twice, node.make<ShapeOfOp>(mask)});
    Value filler = node.make<FullOp>(missing, {node.attr("value", node.splat({1}, Node::element(ends), 0))});
    Value all = node.make<ConcatOp>({ends, filler}, {node.i64("axis", 0)});
    Value pairs = node.make<ReshapeOp>({all, node.make<ConcatOp>({number(node, 2), batch}, {node.i64("axis", 0)})},
                                       {node.unit("allow_zero")});
    // As a reduction each is a value of its own to those who read conditions.
    auto row = [&](int64_t index) {
      Value picked = slice(node, pairs, 0, number(node, index), number(node, index + 1));
      return node.make<ReduceOp>(
          picked,
          {node.ints("axes", {0}), node.attr("kind", ReduceKindAttr::get(&node.importer.context, ReduceKind::max))});
    };
    ends = row(0);
    starts = row(1);
  }
  Value columns = range(node, keys);
  Value valid = compare(node, columns, unsqueeze(node, ends, {1}), CompareKind::lt);
  if (starts)
    valid = node.make<AndOp>({valid, compare(node, columns, unsqueeze(node, starts, {1}), CompareKind::ge)});
  return unsqueeze(node, valid, {1, 2});
}

Value causal(Node &node, Value queries, Value keys, Value past) {
  Value row = unsqueeze(node, range(node, queries), {1});
  if (past)
    row = node.make<AddOp>({row, past});
  return compare(node, range(node, keys), row, CompareKind::le);
}

Value maskTerm(Node &node, Value condition, Type element, double fill) {
  if (node.failed())
    return {};
  return node.make<WhereOp>({condition, node.scalar(element, 0), node.scalar(element, fill)});
}

Value attend(Node &node, Value q, Value k, Value v, double scale, ArrayRef<Value> terms) {
  Value scores = node.make<MatmulOp>({q, node.transpose(k, {0, 1, 3, 2})});
  if (node.failed())
    return {};
  scores = node.make<MulOp>({scores, node.scalar(Node::element(scores), scale)});
  for (Value term : terms)
    scores = node.make<AddOp>({scores, term});
  Value weights = node.make<SoftmaxOp>(scores, {node.i64("axis", 3)});
  return joinHeads(node, node.make<MatmulOp>({weights, v}));
}
} // namespace pare::onnx_import::contrib
