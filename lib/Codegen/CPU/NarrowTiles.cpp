#include "NarrowTiles.h"
#include "TransposeTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace pare::cpu;

std::string pare::cpu::narrowingName(Narrowing narrowing, bool fromNarrow) {
  constexpr llvm::StringLiteral kNames[]{"rows", "pairs", "transposed_rows", "transposed_pairs"};
  return (kNarrowingName + (fromNarrow ? "bf16_" : "f32_") + kNames[static_cast<size_t>(narrowing)]).str();
}

namespace {
struct NarrowEmitter {
  RegisterTile tile;
  bool byRows;     // the elements of a word lie side by side
  bool fromNarrow; // and are in bfloat16
  Abi builder;
  Value source, sourceStride, target, targetStride, columns, rows;
  Value lastRow = {}, lines = {}, numWords = {}; // what words are made of: lines of as many
  Type i32 = builder.getI32Type();
  VectorType words = VectorType::get(tile.lanes, i32);

  Value mul(Value a, Value b) { return arith::MulIOp::create(builder, a, b); }
  Value add(Value a, Value b) { return arith::AddIOp::create(builder, a, b); }
  Value add(Value a, int64_t b) { return add(a, builder.i64(b)); }
  Value div(Value a, int64_t b) { return arith::DivUIOp::create(builder, a, builder.i64(b)); }
  Value wholeOf(Value a, int64_t b) { return mul(div(a, b), builder.i64(b)); }
  Value splat(int64_t value) {
    return arith::ConstantOp::create(builder, DenseElementsAttr::get(words, builder.getI32IntegerAttr(value)));
  }
  Value at(Type type, Value base, Value position) {
    return LLVM::GEPOp::create(builder, builder.ptr(), type, base, ArrayRef<LLVM::GEPArg>{position});
  }
  void loop(Value from, Value to, int64_t step, function_ref<void(Value)> body) {
    auto op = scf::ForOp::create(builder, builder.toIndex(from), builder.toIndex(to), builder.index(step));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.getBody());
    body(builder.toI64(op.getInductionVar()));
  }

  /// `size` elements of `type` from `column` on of a row; with `careful`, zeros behind the last column.
  Value load(Type type, int64_t size, Value row, Value column, bool careful) {
    auto vector = VectorType::get(size, type);
    Value address = at(type, source, add(mul(row, sourceStride), column));
    auto alignment = static_cast<unsigned>(bytesOf(type));
    if (!careful)
      return LLVM::LoadOp::create(builder, vector, address, alignment);
    auto numbers = VectorType::get(size, builder.getI64Type());
    SmallVector<int64_t> lanes = llvm::to_vector(llvm::seq<int64_t>(0, size));
    Value lane = arith::ConstantOp::create(builder, DenseElementsAttr::get(numbers, ArrayRef<int64_t>(lanes)));
    Value left = vector::BroadcastOp::create(builder, numbers, arith::SubIOp::create(builder, columns, column));
    Value mask = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, lane, left);
    Value zero = arith::ConstantOp::create(builder, builder.getZeroAttr(vector));
    return LLVM::MaskedLoadOp::create(builder, vector, address, mask, zero, alignment);
  }
  /// One for each lane, in the low half of words.
  Value loadNarrow(Value row, Value column, bool careful) {
    if (!fromNarrow)
      return round(load(builder.getF32Type(), tile.lanes, row, column, careful));
    return LLVM::ZExtOp::create(builder, words, load(builder.getI16Type(), tile.lanes, row, column, careful));
  }

  /// Each element as bfloat16, to nearest even, in the low half of a word.
  Value round(Value x) {
    if (tile.hasDot) {
      auto narrow = VectorType::get(tile.lanes, builder.getBF16Type());
      auto bits = VectorType::get(tile.lanes, builder.getI16Type());
      Value rounded = LLVM::CallIntrinsicOp::create(
                          builder, narrow, builder.getStringAttr("llvm.x86.avx512bf16.cvtneps2bf16.512"), ValueRange{x})
                          .getResult(0);
      return LLVM::ZExtOp::create(builder, words, LLVM::BitcastOp::create(builder, bits, rounded));
    }
    Value word = arith::BitcastOp::create(builder, words, x), shift = splat(16);
    Value high = arith::ShRUIOp::create(builder, word, shift);
    Value odd = arith::AndIOp::create(builder, high, splat(1));
    Value rounded = arith::AddIOp::create(builder, word, arith::AddIOp::create(builder, odd, splat(0x7fff)));
    rounded = arith::ShRUIOp::create(builder, rounded, shift);
    Value isNan = arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO, x, x);
    Value quiet = arith::OrIOp::create(builder, high, splat(0x40));
    return arith::SelectOp::create(builder, isNan, quiet, rounded);
  }
  Value join(Value low, Value high) {
    return arith::OrIOp::create(builder, low, arith::ShLIOp::create(builder, high, splat(16)));
  }

  /// `lanes` words from `word` on of a line; with `careful`, of lines and columns that may not be there.
  Value fetch(Value line, Value word, bool careful) {
    if (byRows) {
      if (careful)
        line = arith::MinUIOp::create(builder, line, lastRow);
      Value column = mul(word, builder.i64(2));
      if (fromNarrow)
        return LLVM::BitcastOp::create(builder, words,
                                       load(builder.getI16Type(), 2 * tile.lanes, line, column, careful));
      Type f32 = builder.getF32Type();
      Value first = load(f32, tile.lanes, line, column, careful);
      Value second = load(f32, tile.lanes, line, add(column, tile.lanes), careful);
      SmallVector<int64_t> even, odd;
      for (int64_t lane = 0; lane < tile.lanes; ++lane) {
        even.push_back(2 * lane);
        odd.push_back(2 * lane + 1);
      }
      return join(round(vector::ShuffleOp::create(builder, first, second, even)),
                  round(vector::ShuffleOp::create(builder, first, second, odd)));
    }
    Value row = mul(line, builder.i64(2)), next = add(row, 1);
    if (!careful)
      return join(loadNarrow(row, word, false), loadNarrow(next, word, false));
    Value exists = arith::CmpIOp::create(builder, arith::CmpIPredicate::ule, next, lastRow);
    Value low = loadNarrow(arith::MinUIOp::create(builder, row, lastRow), word, true);
    Value high = loadNarrow(arith::MinUIOp::create(builder, next, lastRow), word, true);
    return join(low, arith::SelectOp::create(builder, exists, high, splat(0)));
  }
  void store(Value values, Value line, Value word) {
    LLVM::StoreOp::create(builder, values, at(i32, target, add(mul(line, targetStride), word)), /*alignment=*/4);
  }

  /// `height` lines at a time, of which the last ones need care, and `lanes` words.
  void sweep(int64_t height, function_ref<void(Value, Value, bool)> body) {
    Value zero = builder.i64(0),
          wholeWords = byRows ? wholeOf(div(columns, 2), tile.lanes) : wholeOf(columns, tile.lanes);
    Value wholeLines = wholeOf(byRows ? rows : div(rows, 2), height);
    loop(zero, wholeWords, tile.lanes, [&](Value word) {
      loop(zero, wholeLines, height, [&](Value line) { body(line, word, false); });
      loop(wholeLines, lines, height, [&](Value line) { body(line, word, true); });
    });
    loop(wholeWords, numWords, tile.lanes,
         [&](Value word) { loop(zero, lines, height, [&](Value line) { body(line, word, true); }); });
  }

  void run(bool transposes) {
    Value one = builder.i64(1);
    lastRow = arith::SubIOp::create(builder, rows, one);
    lines = byRows ? rows : div(add(rows, 1), 2);
    numWords = byRows ? div(add(columns, 1), 2) : columns;
    if (!transposes) {
      sweep(1, [&](Value line, Value word, bool careful) { store(fetch(line, word, careful), line, word); });
      return;
    }
    sweep(tile.lanes, [&](Value line, Value word, bool careful) {
      SmallVector<Value> vectors;
      for (int64_t lane = 0; lane < tile.lanes; ++lane)
        vectors.push_back(fetch(add(line, lane), word, careful));
      for (auto [lane, values] : llvm::enumerate(transposeSquare(builder, vectors)))
        store(values, add(word, static_cast<int64_t>(lane)), line);
    });
  }
};
} // namespace

void pare::cpu::defineNarrowing(ModuleOp module, RegisterTile tile, Narrowing narrowing, bool fromNarrow) {
  Abi builder(module.getLoc(), module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, narrowingName(narrowing, fromNarrow), transposeType(builder));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  ValueRange args = function.getArguments();
  bool byRows = narrowing == Narrowing::rows || narrowing == Narrowing::transposedRows;
  bool transposes = narrowing == Narrowing::transposedRows || narrowing == Narrowing::transposedPairs;
  NarrowEmitter emitter{tile, byRows, fromNarrow, builder, args[0], args[1], args[2], args[3], args[4], args[5]};
  emitter.run(transposes);
  func::ReturnOp::create(emitter.builder);
}
