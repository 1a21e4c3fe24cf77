#include "CopyFactors.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace pare::cpu;

/// Columns of whole vectors.
static constexpr int64_t kLanes = 16;

Value FactorCopier::element(Type type, Value base, Value position) {
  return LLVM::GEPOp::create(builder, builder.ptr(), type, base, ArrayRef<LLVM::GEPArg>{builder.toI64(position)});
}

void FactorCopier::loop(Value size, function_ref<void(Value)> body) {
  auto loopOp = scf::ForOp::create(builder, builder.index(0), size, builder.index(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loopOp.getBody());
  body(loopOp.getInductionVar());
}

/// The least multiple of `unit` that is not below.
Value FactorCopier::aligned(Value size, int64_t unit) {
  return mul(builder.createOrFold<arith::CeilDivSIOp>(size, builder.index(unit)), builder.index(unit));
}

/// Tiles bound sizes, which makes those of memory loop invariant.
Value FactorCopier::boundOf(Value size) {
  auto constant = ValueBoundsConstraintSet::computeConstantBound(presburger::BoundType::UB, size, nullptr, true);
  return succeeded(constant) ? builder.index(*constant) : size;
}

Value FactorCopier::allocate(Value rows, Value width, Type element) {
  SmallVector<Value> extents;
  SmallVector<int64_t> shape;
  for (Value extent : {rows, width}) {
    auto known = getConstantIntValue(extent);
    shape.push_back(known ? *known : ShapedType::kDynamic);
    if (!known)
      extents.push_back(extent);
  }
  auto type = MemRefType::get(shape, element);
  return builder.address(memref::AllocOp::create(builder, type, extents, builder.getI64IntegerAttr(64)));
}

bool FactorCopier::hasRest(Value depth) {
  auto known = getConstantIntValue(depth);
  return !known || *known % 4 != 0;
}

Value FactorCopier::makePanel(Value depth, Value columns, Value &width) {
  width = aligned(boundOf(columns), kLanes);
  if (isBytes())
    return allocate(aligned(depth, 4), width, builder.getI8Type());
  if (!isNarrow())
    return allocate(depth, width, builder.getF32Type());
  // Rather too much than a size whose bound cannot be told.
  Value height = add(depth, builder.index(2 * kNarrowingRoom - 1));
  return allocate(height, width, builder.getBF16Type());
}

Value FactorCopier::makeLeft(Value depth, Value rows, Value &stride) {
  stride = aligned(depth, 2 * kNarrowingRoom);
  Value height = add(boundOf(rows), builder.index(kNarrowingRoom - 1));
  return allocate(height, add(depth, builder.index(2 * kNarrowingRoom - 1)), builder.getBF16Type());
}

/// Source rows are along what is not contiguous.
void FactorCopier::call(FlatSymbolRefAttr routine, const FactorMatrix &source, Value target, Value targetStride) {
  bool alongDepth = source.depthIsUnit;
  SmallVector<Value> args{
      source.address, alongDepth ? source.stride : source.depthStride, target,
      targetStride,   alongDepth ? source.depth : source.count,        alongDepth ? source.count : source.depth};
  for (Value &arg : args)
    if (arg.getType().isIndex())
      arg = builder.toI64(arg);
  func::CallOp::create(builder, routine, TypeRange{}, args);
}

/// One by one, to where `target` of the step of the depth and the row or column says; an odd depth ends with a zero.
void FactorCopier::copyNarrow(const FactorMatrix &source, function_ref<Value(Value, Value)> target) {
  Type type = source.element;
  Value zero = arith::ConstantOp::create(builder, builder.getZeroAttr(type));
  Value last = builder.createOrFold<arith::SubIOp>(source.depth, builder.index(1));
  loop(aligned(source.depth, 2), [&](Value k) {
    Value exists = arith::CmpIOp::create(builder, arith::CmpIPredicate::sle, k, last);
    Value line = element(type, source.address, mul(builder.createOrFold<arith::MinSIOp>(k, last), source.depthStride));
    loop(source.count, [&](Value n) {
      Value value = LLVM::LoadOp::create(builder, type, element(type, line, mul(n, source.stride)));
      value = arith::SelectOp::create(builder, exists, value, zero);
      if (type.isF32())
        value = arith::TruncFOp::create(builder, builder.getBF16Type(), value);
      LLVM::StoreOp::create(builder, value, target(k, n));
    });
  });
}

void FactorCopier::copyLeft(const FactorMatrix &left, Value copy, Value stride) {
  if (left.depthIsUnit || left.isUnit) {
    Value words = arith::DivUIOp::create(builder, stride, builder.index(2));
    call(routines.narrow(left.depthIsUnit ? Narrowing::rows : Narrowing::transposedPairs, left.element.isBF16()), left,
         copy, words);
    return;
  }
  copyNarrow(left, [&](Value k, Value row) { return element(builder.getBF16Type(), copy, add(mul(row, stride), k)); });
}

void FactorCopier::copyRight(const FactorMatrix &right, Value panel, Value width) {
  if (isBytes())
    return copyBytes(right, panel, width);
  if (isNarrow()) {
    if (right.depthIsUnit || right.isUnit)
      return call(
          routines.narrow(right.depthIsUnit ? Narrowing::transposedRows : Narrowing::pairs, right.element.isBF16()),
          right, panel, width);
    return copyNarrow(right, [&](Value k, Value column) {
      Value half = arith::RemUIOp::create(builder, k, builder.index(2));
      Value row = mul(arith::SubIOp::create(builder, k, half), width);
      return element(builder.getBF16Type(), panel, add(add(row, half), mul(column, builder.index(2))));
    });
  }
  if (right.depthIsUnit)
    return call(routines.transpose(), right, panel, width);
  Type f32 = builder.getF32Type();
  loop(right.depth, [&](Value k) {
    Value from = element(f32, right.address, mul(k, right.depthStride)), to = element(f32, panel, mul(k, width));
    loop(right.count, [&](Value n) {
      Value value = LLVM::LoadOp::create(builder, f32, element(f32, from, right.isUnit ? n : mul(n, right.stride)));
      LLVM::StoreOp::create(builder, value, element(f32, to, n));
    });
  });
}

void FactorCopier::copyBytes(const FactorMatrix &right, Value panel, Value width) {
  Type byte = builder.getI8Type(), word = builder.getI32Type();
  Value zero = builder.i32(0);
  auto groups = [&](Value from, Value to, bool whole) {
    auto loopOp = scf::ForOp::create(builder, from, to, builder.index(4));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loopOp.getBody());
    Value k = loopOp.getInductionVar();
    Value line = element(byte, panel, mul(k, width));
    loop(right.count, [&](Value n) {
      Value base = element(byte, right.address, right.isUnit ? n : mul(n, right.stride)), four = zero;
      for (int64_t row = 0; row < 4; ++row) {
        Value at = add(k, builder.index(row)), read = at, exists;
        if (!whole) { // the first row of a group exists
          exists = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, at, right.depth);
          read = arith::SelectOp::create(builder, exists, at, k);
        }
        Value value = LLVM::LoadOp::create(builder, byte, element(byte, base, mul(read, right.depthStride)));
        value = arith::ShLIOp::create(builder, arith::ExtUIOp::create(builder, word, value), builder.i32(8 * row));
        if (exists)
          value = arith::SelectOp::create(builder, exists, value, zero);
        four = arith::OrIOp::create(builder, four, value);
      }
      LLVM::StoreOp::create(builder, four, element(word, line, n));
    });
  };
  Value rest = builder.createOrFold<arith::RemUIOp>(right.depth, builder.index(4));
  Value whole = builder.createOrFold<arith::SubIOp>(right.depth, rest);
  groups(builder.index(0), whole, true);
  if (hasRest(right.depth))
    groups(whole, right.depth, false);
}
