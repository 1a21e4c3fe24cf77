#include "TransposeTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace pare::cpu;

FunctionType pare::cpu::transposeType(Abi &builder) {
  Type pointer = builder.ptr(), number = builder.getI64Type();
  return builder.getFunctionType({pointer, number, pointer, number, number, number}, {});
}

/// The columns of a square of vectors: each step interleaves the first half of the rows with the second.
static SmallVector<Value> transposed(Abi &builder, SmallVector<Value> rows) {
  int64_t lanes = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    int64_t from = lane / 2 + (lane % 2) * lanes;
    low.push_back(from);
    high.push_back(from + lanes / 2);
  }
  for (int64_t step = 1; step < lanes; step *= 2) {
    SmallVector<Value> next;
    for (int64_t row = 0; row < lanes / 2; ++row)
      for (ArrayRef<int64_t> order : {ArrayRef(low), ArrayRef(high)})
        next.push_back(vector::ShuffleOp::create(builder, rows[row], rows[row + lanes / 2], order));
    rows = next;
  }
  return rows;
}

void pare::cpu::defineTranspose(ModuleOp module, int64_t lanes) {
  Abi builder(module.getLoc(), module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, kTransposeName, transposeType(builder));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  ValueRange args = function.getArguments();
  Value source = args[0], sourceStride = args[1], target = args[2], targetStride = args[3], columns = args[4],
        rows = args[5];
  Type f32 = builder.getF32Type();
  auto vector = VectorType::get(lanes, f32);
  auto mul = [&](Value a, Value b) { return arith::MulIOp::create(builder, a, b).getResult(); };
  auto add = [&](Value a, Value b) { return arith::AddIOp::create(builder, a, b).getResult(); };
  auto at = [&](Value base, Value position) {
    return LLVM::GEPOp::create(builder, builder.ptr(), f32, base, ArrayRef<LLVM::GEPArg>{position}).getResult();
  };
  auto loop = [&](Value from, Value to, int64_t step, function_ref<void(Value)> body) {
    auto op = scf::ForOp::create(builder, builder.toIndex(from), builder.toIndex(to), builder.index(step));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.getBody());
    body(builder.toI64(op.getInductionVar()));
  };
  Value zero = builder.i64(0), width = builder.i64(lanes);
  Value whole = mul(arith::DivUIOp::create(builder, columns, width), width);
  Value last = arith::SubIOp::create(builder, rows, builder.i64(1));
  loop(zero, rows, lanes, [&](Value row) {
    // Rows that are not there repeat the last one.
    SmallVector<Value> lines;
    for (int64_t lane = 0; lane < lanes; ++lane)
      lines.push_back(
          at(source, mul(arith::MinSIOp::create(builder, add(row, builder.i64(lane)), last), sourceStride)));
    Value to = at(target, row);
    loop(zero, whole, lanes, [&](Value column) {
      SmallVector<Value> square;
      for (Value line : lines)
        square.push_back(LLVM::LoadOp::create(builder, vector, at(line, column), /*alignment=*/4));
      for (auto [lane, values] : llvm::enumerate(transposed(builder, square))) {
        Value place = mul(add(column, builder.i64(static_cast<int64_t>(lane))), targetStride);
        LLVM::StoreOp::create(builder, values, at(to, place), /*alignment=*/4);
      }
    });
    loop(whole, columns, 1, [&](Value column) {
      Value place = at(to, mul(column, targetStride));
      for (auto [lane, line] : llvm::enumerate(lines))
        LLVM::StoreOp::create(builder, LLVM::LoadOp::create(builder, f32, at(line, column)),
                              at(place, builder.i64(static_cast<int64_t>(lane))));
    });
  });
  func::ReturnOp::create(builder);
}
