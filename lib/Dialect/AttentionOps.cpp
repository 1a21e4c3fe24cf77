// Attention.
#include "Infer.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
/// Sizes of the axes of the scores and of the result that operands have agreed on.
struct Scores {
  Loc location;
  int64_t batch = kDyn, heads = kDyn, queries = kDyn, keys = kDyn;

  LogicalResult agree(int64_t &size, Value value, int64_t axis, StringRef what) {
    auto type = ranked(value);
    if (!type)
      return success();
    std::optional<int64_t> met = meetSizes(size, type.getDimSize(axis));
    if (!met)
      return inferenceError(location, what + " has size " + Twine(type.getDimSize(axis)) + " on axis " + Twine(axis) +
                                          " instead of " + Twine(size));
    size = *met;
    return success();
  }

  /// Axes that are 1 or one of `sizes`; unknown ones are not checked.
  LogicalResult checkBroadcast(Value value, ArrayRef<int64_t> sizes, StringRef what) {
    if (failed(checkRank(location, value, sizes.size(), what)))
      return failure();
    auto type = ranked(value);
    for (size_t axis = 0; type && axis < sizes.size(); ++axis) {
      int64_t size = type.getDimSize(axis);
      if (!isDyn(size) && !isDyn(sizes[axis]) && size != 1 && size != sizes[axis])
        return inferenceError(location, what + " has size " + Twine(size) + " on axis " + Twine(axis) + " instead of " +
                                            Twine(sizes[axis]) + " or 1");
    }
    return success();
  }
};

/// Queries, keys and values whose heads, rows and features stand at `lead`, `lead` + 1 and `lead` + 2.
template <typename Adaptor> LogicalResult agreeOnHeads(Scores &scores, Adaptor adaptor, int64_t lead) {
  Value q = adaptor.getQ(), k = adaptor.getK(), v = adaptor.getV();
  for (auto [value, name] : {std::pair(q, "q"), std::pair(k, "k"), std::pair(v, "v")})
    if (failed(checkRank(scores.location, value, lead + 3, name)))
      return failure();
  int64_t keyHeads = kDyn, depth = kDyn;
  if (failed(scores.agree(scores.heads, q, lead, "q")) || failed(scores.agree(scores.queries, q, lead + 1, "q")) ||
      failed(scores.agree(keyHeads, k, lead, "k")) || failed(scores.agree(keyHeads, v, lead, "v")) ||
      failed(scores.agree(scores.keys, k, lead + 1, "k")) || failed(scores.agree(scores.keys, v, lead + 1, "v")) ||
      failed(scores.agree(depth, q, lead + 2, "q")) || failed(scores.agree(depth, k, lead + 2, "k")))
    return failure();
  if (!isDyn(keyHeads) && !isDyn(scores.heads) && (keyHeads == 0 ? scores.heads != 0 : scores.heads % keyHeads != 0))
    return inferenceError(scores.location,
                          Twine(scores.heads) + " heads of q do not share " + Twine(keyHeads) + " heads of k evenly");
  return success();
}

template <typename Op> LogicalResult verifyTypes(Op op) {
  Type type = element(op.getQ());
  auto differs = [&](Value value) { return element(value) != type; };
  if (differs(op.getK()) || differs(op.getV()) || llvm::any_of(op.getBias(), differs))
    return op.emitOpError("needs one element type for q, k, v and bias");
  if (IntegerAttr lower = op.getBandLowerAttr(), upper = op.getBandUpperAttr();
      lower && upper && lower.getInt() > upper.getInt())
    return op.emitOpError("has an empty band from ") << lower.getInt() << " to " << upper.getInt();
  if (FloatAttr cap = op.getSoftcapAttr(); cap && !(cap.getValueAsDouble() > 0 && cap.getValue().isFinite()))
    return op.emitOpError("needs a softcap that is positive and finite");
  return success();
}

/// Whether every head of the queries has a head of the keys of its own.
bool headsMatch(Value q, Value k, int64_t axis) {
  auto left = ranked(q), right = ranked(k);
  return left && right && !left.isDynamicDim(axis) && left.getDimSize(axis) == right.getDimSize(axis);
}

/// Whether an operand belongs to the group of this number in the definition of the op.
template <typename Op> bool isIn(Op op, unsigned operand, unsigned group) {
  auto [first, size] = op.getODSOperandIndexAndLength(group);
  return operand >= first && operand < first + size;
}

bool repeats(Value value, int64_t axis) {
  auto type = ranked(value);
  return !type || type.getDimSize(axis) == 1;
}
} // namespace

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Scores scores{location};
  Type elementType = element(adaptor.getQ());
  if (failed(agreeOnHeads(scores, adaptor, 1)))
    return failure();
  for (auto [value, name] :
       {std::pair(adaptor.getQ(), "q"), std::pair(adaptor.getK(), "k"), std::pair(adaptor.getV(), "v")})
    if (failed(scores.agree(scores.batch, value, 0, name)))
      return failure();
  for (Value bias : adaptor.getBias())
    if (failed(scores.checkBroadcast(bias, {scores.batch, scores.heads, scores.queries, scores.keys}, "a bias")))
      return failure();
  if (Value mask = adaptor.getMask();
      mask &&
      failed(scores.checkBroadcast(mask, {scores.batch, scores.heads, scores.queries, scores.keys}, "the mask")))
    return failure();
  for (auto [value, rows, name] : {std::tuple(adaptor.getKeyMask(), scores.keys, "the key mask"),
                                   std::tuple(adaptor.getQueryMask(), scores.queries, "the query mask")}) {
    if (!value)
      continue;
    if (failed(scores.checkBroadcast(value, {scores.batch, kDyn}, name)) || failed(scores.agree(rows, value, 1, name)))
      return failure();
  }
  auto q = ranked(adaptor.getQ()), v = ranked(adaptor.getV());
  if (!q && !v)
    return pushUnranked(inferred, elementType);
  return push(inferred, {scores.batch, scores.heads, scores.queries, v ? v.getDimSize(3) : kDyn}, elementType);
}

LogicalResult AttentionOp::verify() { return verifyTypes(*this); }

std::optional<int64_t> AttentionOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  // A band counts rows from the first one, so that rows may not move.
  bool rowsMove = !getBandLower() && !getBandUpper(), oneToOne = headsMatch(getQ(), getK(), 1);
  Value value = getOperand(operand);
  if (!ranked(value))
    return std::nullopt;
  auto mapped = [](bool holds, int64_t target) { return holds ? std::optional<int64_t>(target) : std::nullopt; };
  if (operand < 3) {
    if (axis == 0)
      return 0;
    if (axis == 1)
      return mapped(oneToOne, 1);
    if (axis == 2)
      return mapped(operand == 0 && rowsMove, 2);
    return mapped(operand == 2, 3);
  }
  if (repeats(value, axis))
    return std::nullopt;
  constexpr unsigned kKeyMask = 4, kQueryMask = 5;
  bool ofQueries = isIn(*this, operand, kQueryMask);
  if (ofQueries || isIn(*this, operand, kKeyMask))
    return axis == 0 ? mapped(true, 0) : mapped(ofQueries && rowsMove, 2);
  if (axis == 1)
    return mapped(oneToOne, 1);
  return axis == 2 ? mapped(rowsMove, 2) : mapped(axis == 0, 0);
}

double AttentionOp::getFlops(DimFn dim) {
  if (!ranked(getQ()) || !ranked(getK()) || !ranked(getV()))
    return 0;
  double pairs = static_cast<double>(dim(getQ(), 0)) * static_cast<double>(dim(getQ(), 1)) *
                 static_cast<double>(dim(getQ(), 2)) * static_cast<double>(dim(getK(), 2));
  return pairs * (2 * static_cast<double>(dim(getQ(), 3) + dim(getV(), 3)) + 5);
}

LogicalResult SegmentAttentionOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Scores scores{location};
  Type elementType = element(adaptor.getQ());
  if (failed(agreeOnHeads(scores, adaptor, 0)))
    return failure();
  int64_t offsets = kDyn;
  for (auto [value, name] :
       {std::pair(adaptor.getQOffsets(), "q_offsets"), std::pair(adaptor.getKOffsets(), "k_offsets")})
    if (failed(checkRank(location, value, 1, name)) || failed(scores.agree(offsets, value, 0, name)))
      return failure();
  if (offsets == 0)
    return inferenceError(location, "offsets need one entry at least");
  scores.batch = isDyn(offsets) ? kDyn : offsets - 1;
  for (auto [value, rows, name] : {std::tuple(adaptor.getQPositions(), &scores.queries, "q_positions"),
                                   std::tuple(adaptor.getKPositions(), &scores.keys, "k_positions"),
                                   std::tuple(adaptor.getKeyMask(), &scores.keys, "the key mask"),
                                   std::tuple(adaptor.getQueryMask(), &scores.queries, "the query mask")})
    if (value && (failed(checkRank(location, value, 1, name)) || failed(scores.agree(*rows, value, 0, name))))
      return failure();
  // How far positions go is known to nobody.
  for (Value bias : adaptor.getBias())
    if (failed(scores.checkBroadcast(bias, {scores.batch, scores.heads, kDyn, kDyn}, "a bias")))
      return failure();
  if (Value mask = adaptor.getMask();
      mask && failed(scores.checkBroadcast(mask, {scores.batch, scores.heads, kDyn, kDyn}, "the mask")))
    return failure();
  auto q = ranked(adaptor.getQ()), v = ranked(adaptor.getV());
  if (!q && !v)
    return pushUnranked(inferred, elementType);
  return push(inferred, {scores.heads, scores.queries, v ? v.getDimSize(2) : kDyn}, elementType);
}

LogicalResult SegmentAttentionOp::verify() { return verifyTypes(*this); }

std::optional<int64_t> SegmentAttentionOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  // The offsets name rows by their place, so that rows may not move.
  Value value = getOperand(operand);
  bool oneToOne = headsMatch(getQ(), getK(), 0);
  if (!ranked(value))
    return std::nullopt;
  if (operand < 3) {
    if (axis == 0 && oneToOne)
      return 0;
    return axis == 2 && operand == 2 ? std::optional<int64_t>(2) : std::nullopt;
  }
  constexpr unsigned kBias = 7, kMask = 10;
  bool perHead = isIn(*this, operand, kBias) || isIn(*this, operand, kMask);
  return perHead && axis == 1 && oneToOne && !repeats(value, axis) ? std::optional<int64_t>(0) : std::nullopt;
}

double SegmentAttentionOp::getFlops(DimFn dim) {
  if (!ranked(getQ()) || !ranked(getK()) || !ranked(getV()) || !ranked(getQOffsets()))
    return 0;
  // The value for segments of equal lengths.
  auto segments = static_cast<double>(std::max<int64_t>(dim(getQOffsets(), 0) - 1, 1));
  double pairs = static_cast<double>(dim(getQ(), 0)) * static_cast<double>(dim(getQ(), 1)) *
                 static_cast<double>(dim(getK(), 1)) / segments;
  return pairs * (2 * static_cast<double>(dim(getQ(), 2) + dim(getV(), 2)) + 5);
}
