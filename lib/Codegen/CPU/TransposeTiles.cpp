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

SmallVector<Value> pare::cpu::transposeSquare(Abi &builder, SmallVector<Value> rows) {
  // Each step interleaves the first half of the rows with the second.
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
  auto wholeOf = [&](Value number) { return mul(arith::DivUIOp::create(builder, number, width), width); };
  Value wholeColumns = wholeOf(columns), wholeRows = wholeOf(rows);
  Value last = arith::SubIOp::create(builder, rows, builder.i64(1));
  auto store = [&](Value values, Value place, Value mask) {
    if (mask)
      LLVM::MaskedStoreOp::create(builder, values, place, mask, /*alignment=*/4);
    else
      LLVM::StoreOp::create(builder, values, place, /*alignment=*/4);
  };
  auto square = [&](Value row, Value column, Value mask) {
    SmallVector<Value> vectors;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      Value line = add(row, builder.i64(lane));
      if (mask) // rows that are not there repeat the last one
        line = arith::MinSIOp::create(builder, line, last);
      Value address = at(source, add(mul(line, sourceStride), column));
      vectors.push_back(LLVM::LoadOp::create(builder, vector, address, /*alignment=*/4));
    }
    for (auto [lane, values] : llvm::enumerate(transposeSquare(builder, vectors))) {
      Value place = mul(add(column, builder.i64(static_cast<int64_t>(lane))), targetStride);
      store(values, at(target, add(place, row)), mask);
    }
  };
  SmallVector<int64_t> numbers = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
  auto counts = VectorType::get(lanes, builder.getI64Type());
  Value lane = arith::ConstantOp::create(builder, DenseElementsAttr::get(counts, ArrayRef<int64_t>(numbers)));
  Value left = arith::SubIOp::create(builder, rows, wholeRows);
  Value limit = vector::BroadcastOp::create(builder, counts, left);
  Value mask = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, lane, limit);
  // Along the rows first: the target is written line by line.
  loop(zero, wholeColumns, lanes, [&](Value column) {
    loop(zero, wholeRows, lanes, [&](Value row) { square(row, column, Value()); });
    loop(wholeRows, rows, lanes, [&](Value row) { square(row, column, mask); });
  });
  loop(wholeColumns, columns, 1, [&](Value column) {
    Value from = at(source, column), to = at(target, mul(column, targetStride));
    loop(zero, rows, 1, [&](Value row) {
      Value element = LLVM::LoadOp::create(builder, f32, at(from, mul(row, sourceStride)));
      LLVM::StoreOp::create(builder, element, at(to, row));
    });
  });
  func::ReturnOp::create(builder);
}
