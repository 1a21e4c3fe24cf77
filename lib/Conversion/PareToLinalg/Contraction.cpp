// Matrix products.
#include "Emit.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// lhs [B.., M, K] by rhs [B.., K, N] with equal (or no) batch axes, as one loop nest that widens its operands.
static Value integerProduct(Emit &e, Value lhs, Value rhs, Type lhsType, Type rhsType, Type resultType) {
  int64_t batch = rankOf(rhs) - 2, rank = batch + 3;
  SmallVector<int64_t> lhsAxes, rhsAxes;
  for (int64_t axis = 0; axis < batch; ++axis) {
    lhsAxes.push_back(axis);
    rhsAxes.push_back(axis);
  }
  lhsAxes.append({batch, batch + 2});
  rhsAxes.append({batch + 2, batch + 1});
  Sizes sizes = e.sizes(lhs);
  sizes.back() = e.size(rhs, batch + 1);
  Value zero = e.filled(sizes, e.number(signless(resultType), 0));
  return e.reduce(zero, rank, batch + 2, {lhs, rhs},
                  {project(e.getContext(), rank, lhsAxes), project(e.getContext(), rank, rhsAxes)},
                  [&](Emit &inner, ValueRange args) {
                    Value a = emitCast(inner, args[0], lhsType, resultType),
                          b = emitCast(inner, args[1], rhsType, resultType);
                    return inner.add(args[2], inner.mul(a, b));
                  });
}

/// As integerProduct for all types: named ops where linalg has one.
static Value product(Emit &e, Value lhs, Value rhs, Type lhsType, Type rhsType, Type resultType) {
  if (!isa<FloatType>(resultType))
    return integerProduct(e, lhs, rhs, lhsType, rhsType, resultType);
  Sizes sizes = e.sizes(lhs);
  sizes.back() = e.size(rhs, rankOf(rhs) - 1);
  Value zero = e.filled(sizes, e.number(accumulatorOf(resultType), 0)), result;
  if (rankOf(rhs) == 2)
    result = linalg::MatmulOp::create(e, ValueRange{lhs, rhs}, ValueRange{zero}).getResult(0);
  else
    result = linalg::BatchMatmulOp::create(e, ValueRange{lhs, rhs}, ValueRange{zero}).getResult(0);
  return e.convertFloat(result, resultType);
}

static Value lowerMatmul(Emit &e, MatmulOp op, MatmulOp::Adaptor adaptor) {
  Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
  bool row = rankOf(lhs) == 1, column = rankOf(rhs) == 1;
  Type lhsType = elementOf(op.getLhs()), rhsType = elementOf(op.getRhs()), resultType = elementOf(op.getResult());
  int64_t lhsK = rankOf(lhs) - 1, rhsK = column ? 0 : rankOf(rhs) - 2;
  if (!e.state.equal(op.getLhs(), lhsK, op.getRhs(), rhsK))
    e.check(e.eq(e.index(e.size(lhs, lhsK)), e.index(e.size(rhs, rhsK))), "the inner sizes of the product differ");
  if (row)
    lhs = e.unsqueeze(lhs, 0);
  if (column)
    rhs = e.unsqueeze(rhs, 1);
  Value result;
  if (rankOf(rhs) == 2) {
    Sizes sizes = e.sizes(lhs);
    sizes.back() = e.size(rhs, 1);
    int64_t rank = sizes.size();
    result = product(e, e.collapse(lhs, 0, rank - 1), rhs, lhsType, rhsType, resultType);
    result = e.reshape(result, sizes, [&](int64_t i, int64_t j) { return i == 1 && j == rank - 1; });
  } else {
    // Batch axes broadcast; the matrices do not, which the plan learns from operands cut down to the batch axes.
    int64_t lhsBatch = rankOf(lhs) - 2, rhsBatch = rankOf(rhs) - 2, batch = std::max(lhsBatch, rhsBatch);
    Sizes sizes;
    SmallVector<bool> repeatsStatically;
    auto batchSize = [&](Value value, int64_t own, int64_t axis) {
      int64_t at = axis - (batch - own);
      return at < 0 ? OpFoldResult(e.getIndexAttr(1)) : e.size(value, at);
    };
    bool lhsWhole = lhsBatch == batch, rhsWhole = rhsBatch == batch, dynamic = false;
    for (int64_t axis = 0; axis < batch; ++axis) {
      OpFoldResult a = batchSize(lhs, lhsBatch, axis), b = batchSize(rhs, rhsBatch, axis);
      auto fixedA = constantOf(a), fixedB = constantOf(b);
      if (fixedA == 1 && fixedB != 1) {
        lhsWhole = false;
        sizes.push_back(b);
      } else if (fixedB == 1 || (fixedA && fixedA == fixedB)) {
        rhsWhole &= fixedA == 1 || fixedB != 1;
        sizes.push_back(a);
      } else if (e.state.equal(op.getLhs(), axis - (batch - lhsBatch), op.getRhs(), axis - (batch - rhsBatch))) {
        sizes.push_back(a);
      } else {
        Value one = e.index(1), sizeA = e.index(a), sizeB = e.index(b);
        e.check(e.either(e.either(e.eq(sizeA, one), e.eq(sizeB, one)), e.eq(sizeA, sizeB)),
                "the batch axes of the product cannot be broadcast");
        sizes.push_back(getAsOpFoldResult(e.select(e.eq(sizeA, one), sizeB, sizeA)));
        dynamic = true;
        lhsWhole = rhsWhole = false;
      }
    }
    auto spread = [&](Value value, int64_t own) {
      Sizes all = sizes;
      Sizes from = e.sizes(value);
      all.append(from.end() - 2, from.end());
      SmallVector<Value> repeats(rankOf(value));
      for (int64_t axis = 0; axis < own; ++axis)
        if (!constantOf(from[axis]))
          repeats[axis] = e.eq(e.index(from[axis]), e.index(1));
      if (!dynamic)
        return e.broadcast(value, all, {});
      return e.build(all, elementOf(value), [&](Emit &inner, ValueRange indices) {
        Values at;
        for (int64_t axis = 0; axis < rankOf(value); ++axis) {
          Value index = constantOf(from[axis]) == 1 ? inner.index(0) : Value(indices[axis + batch - own]);
          at.push_back(repeats[axis] ? inner.select(repeats[axis], inner.index(0), index) : index);
        }
        return tensor::ExtractOp::create(inner, value, at);
      });
    };
    if (!lhsWhole)
      lhs = spread(lhs, lhsBatch);
    if (!rhsWhole)
      rhs = spread(rhs, rhsBatch);
    Sizes all = sizes;
    all.append({e.size(lhs, batch), e.size(rhs, batch + 1)});
    result = product(e, e.collapse(lhs, 0, batch), e.collapse(rhs, 0, batch), lhsType, rhsType, resultType);
    result = e.reshape(result, all, [&](int64_t i, int64_t j) { return i > 0 && j == batch + i - 1; });
  }
  SmallVector<int64_t> dropped;
  if (row)
    dropped.push_back(rankOf(result) - 2);
  if (column)
    dropped.push_back(rankOf(result) - 1);
  return dropped.empty() ? result : e.squeeze(result, dropped);
}

void lowering::addContractionPatterns(Patterns &patterns) { patterns.add<MatmulOp>(lowerMatmul); }
