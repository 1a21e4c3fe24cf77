// Products in the matrix registers of AMX (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1,
// chapter 18): eight registers of 16 rows of 64 bytes.
#include "MatrixTiles.h"
#include "Abi.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare::cpu;
using namespace pare::cpu::gemm;

/// Rows of a register, f32 in one of its rows, and pairs of bfloat16 there.
static constexpr int64_t kTileRows = 16, kLanes = 16, kPairs = 16;
/// Registers: sums of the first 16 rows from 0 on, of the second from 3 on, then the factors.
static constexpr int64_t kSecondSums = 3, kLeft = 6, kRight = 7;
/// With fewer rows the registers stay emptier than those of vectors.
static constexpr int64_t kFewRows = 4;
static constexpr int64_t kConfigBytes = 64;

namespace {
struct MatrixEmitter {
  ModuleOp module;
  const Routine &routine;
  int64_t vectors;
  func::FuncOp band;
  Abi builder{module.getLoc(), module.getContext()};

  Value mul(Value a, Value b) { return builder.createOrFold<arith::MulIOp>(a, b); }
  Value add(Value a, Value b) { return builder.createOrFold<arith::AddIOp>(a, b); }
  Value sub(Value a, Value b) { return builder.createOrFold<arith::SubIOp>(a, b); }
  Value scaled(Value a, int64_t factor) { return mul(a, builder.i64(factor)); }
  Value isNull(Value pointer) {
    Value null = LLVM::ZeroOp::create(builder, builder.ptr());
    return LLVM::ICmpOp::create(builder, LLVM::ICmpPredicate::eq, pointer, null);
  }
  Value number(int64_t value) { return LLVM::ConstantOp::create(builder, builder.getI8IntegerAttr(value)); }
  void intrinsic(StringRef name, ValueRange operands) {
    LLVM::CallIntrinsicOp::create(builder, builder.getStringAttr(("llvm.x86." + name).str()), operands);
  }
  void load(int64_t tile, Value address, Value stride) { intrinsic("tileloadd64", {number(tile), address, stride}); }
  void store(int64_t tile, Value address, Value stride) { intrinsic("tilestored64", {number(tile), address, stride}); }
  void multiply(int64_t sum) { intrinsic("tdpbf16ps", {number(sum), number(kLeft), number(kRight)}); }

  void loop(Value from, Value to, int64_t step, function_ref<void(Value)> body) {
    auto op = scf::ForOp::create(builder, builder.toIndex(from), builder.toIndex(to), builder.index(step));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.getBody());
    body(builder.toI64(op.getInductionVar()));
  }
  void when(Value condition, function_ref<void()> then, function_ref<void()> otherwise = {}) {
    auto op = scf::IfOp::create(builder, TypeRange{}, condition, /*withElseRegion=*/bool(otherwise));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.thenBlock());
    then();
    if (otherwise) {
      builder.setInsertionPointToStart(op.elseBlock());
      otherwise();
    }
  }

  /// Of an element of the result and of a side, which a tail may have in other types than f32.
  int64_t resultBytes() {
    return routine.tail ? bytesOf(func::FuncOp(routine.tail).getFunctionType().getResult(0)) : 4;
  }
  int64_t sideBytes(size_t side) { return bytesOf(func::FuncOp(routine.tail).getFunctionType().getInput(1 + side)); }

  static int64_t sumOf(int64_t block, int64_t column) { return block * kSecondSums + column; }

  /// Gives all registers `rows` rows (i8) of 64 bytes.
  void configure(Value config, Value rows) {
    auto put = [&](int64_t offset, Value value) { LLVM::StoreOp::create(builder, value, builder.at(config, offset)); };
    Value zero = builder.i64(0);
    for (int64_t offset = 0; offset < kConfigBytes; offset += 8)
      put(offset, zero);
    put(0, number(1)); // the palette
    constexpr int64_t kColumnBytes = 16, kRows = 48, kTiles = 8;
    for (int64_t tile = 0; tile < kTiles; ++tile) {
      put(kColumnBytes + 2 * tile, LLVM::ConstantOp::create(builder, builder.getI16IntegerAttr(64)));
      // The right factor always has all the pairs.
      put(kRows + tile, tile == kRight ? number(kPairs) : rows);
    }
    intrinsic("ldtilecfg", config);
  }

  struct Strides {
    Value a, b, sums; // in bytes: between rows of A, pairs of B, rows of `sums`
  };

  /// What a tile brings of the panel behind the right side into a cache with each step: lines of 64 bytes.
  struct Ahead {
    Value from, lines; // from in bytes from the right side of the step
  };

  void fetch(Value b, const Ahead &ahead) {
    loop(builder.i64(0), ahead.lines, 1, [&](Value line) {
      LLVM::Prefetch::create(builder, builder.at(b, add(ahead.from, scaled(line, 64))), /*rw=*/0, /*hint=*/2,
                             /*cache=*/1);
    });
  }

  /// One step of 16 pairs at `a` and `b`. Registers of the right side are read again for the second block, in the
  /// other order: the last one is still there.
  void step(Value a, Value b, int64_t blocks, const Strides &strides) {
    for (int64_t block = 0; block < blocks; ++block) {
      load(kLeft, block == 0 ? a : builder.at(a, scaled(strides.a, kTileRows)), strides.a);
      for (int64_t i = 0; i < vectors; ++i) {
        int64_t column = block == 0 ? i : vectors - 1 - i;
        if (block == 0 || i > 0)
          load(kRight, builder.at(b, column * kLanes * 4), strides.b);
        multiply(sumOf(block, column));
      }
    }
  }

  /// Sums of `blocks` times `kTileRows` rows from `from` on, or fewer where the registers are configured so: `rows`.
  void tile(ValueRange args, Value from, int64_t blocks, Value rows, Value whole, Value scratch) {
    Value rest = sub(args[Depth], whole), none = builder.i64(0);
    Value aFrom = builder.at(args[A], mul(from, scaled(args[ARow], 2)));
    Value cFrom = builder.at(args[C], mul(from, scaled(args[CRow], resultBytes())));
    Strides strides{scaled(args[ARow], 2), scaled(args[BDepth], 2), scaled(args[StartRow], 4)};
    auto each = [&](function_ref<void(int64_t, int64_t)> body) {
      for (int64_t block = 0; block < blocks; ++block)
        for (int64_t column = 0; column < vectors; ++column)
          body(block, column);
    };
    when(
        isNull(args[Start]),
        [&] { each([&](int64_t block, int64_t column) { intrinsic("tilezero", number(sumOf(block, column))); }); },
        [&] {
          Value start = builder.at(args[Start], mul(from, strides.sums));
          each([&](int64_t block, int64_t column) {
            Value row = builder.at(start, scaled(strides.sums, block * kTileRows));
            load(sumOf(block, column), builder.at(row, column * kLanes * 4), strides.sums);
          });
        });
    auto moved = [&](Value base, Value steps, Value stride) { return builder.at(base, mul(steps, scaled(stride, 2))); };
    // The tiles of all rows share what each step has of the panel behind.
    Value tall = builder.i64(2 * kTileRows), number = arith::CeilDivUIOp::create(builder, args[Rows], tall);
    Value lines = arith::CeilDivUIOp::create(builder, builder.i64(kPairs * vectors), number);
    Value share = mul(arith::DivUIOp::create(builder, from, tall), scaled(lines, 64));
    Ahead ahead{add(mul(args[Depth], strides.b), share), lines};
    loop(none, args[Far], 1, [&](Value far) {
      Value aFar = moved(aFrom, far, args[AFar]), bFar = moved(args[B], far, args[BFar]);
      loop(none, args[Outer], 1, [&](Value outer) {
        Value a = moved(aFar, outer, args[AOuter]), b = moved(bFar, outer, args[BOuter]);
        loop(none, whole, kPairs, [&](Value pair) {
          Value right = builder.at(b, mul(pair, strides.b));
          fetch(right, ahead);
          step(builder.at(a, scaled(pair, 4)), right, blocks, strides);
        });
      });
    });
    auto storeTo = [&](Value target, Value stride) {
      each([&](int64_t block, int64_t column) {
        Value row = builder.at(target, scaled(stride, block * kTileRows));
        store(sumOf(block, column), builder.at(row, column * kLanes * 4), stride);
      });
    };
    auto finish = [&] {
      Value width = builder.i64(vectors * kLanes);
      storeTo(scratch, scaled(width, 4));
      SmallVector<Value> operands = llvm::to_vector_of<Value>(args);
      operands[A] = builder.at(aFrom, scaled(whole, 4));
      operands[B] = builder.at(args[B], mul(whole, strides.b));
      operands[C] = cFrom;
      operands[Start] = scratch;
      operands[StartRow] = width;
      operands[Depth] = rest;
      operands[Rows] = rows;
      for (size_t side = 0; side < routine.repeats.size(); ++side) {
        size_t pointer = NumFixed + 2 * side;
        operands[pointer] = builder.at(args[pointer], mul(from, scaled(args[pointer + 1], sideBytes(side))));
      }
      func::CallOp::create(builder, band, operands);
    };
    if (routine.tail)
      return finish();
    Value done = arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, rest, none);
    when(done, [&] { storeTo(cFrom, scaled(args[CRow], 4)); }, finish);
  }

  func::FuncOp define() {
    builder.setInsertionPointToEnd(module.getBody());
    auto function = func::FuncOp::create(builder, (band.getName() + "_matrix").str(), band.getFunctionType());
    function.setPrivate();
    builder.setInsertionPointToStart(function.addEntryBlock());
    ValueRange args = function.getArguments();
    Value config = LLVM::AllocaOp::create(builder, builder.ptr(), builder.getI8Type(), builder.i64(kConfigBytes), 64);
    Value scratch = LLVM::AllocaOp::create(builder, builder.ptr(), builder.getF32Type(),
                                           builder.i64(2 * kTileRows * vectors * kLanes), 64);
    Value rows = args[Rows], pairs = builder.i64(kPairs), tall = builder.i64(2 * kTileRows);
    Value whole = mul(arith::DivUIOp::create(builder, args[Depth], pairs), pairs);
    auto atLeast = [&](Value value, int64_t limit) {
      return arith::CmpIOp::create(builder, arith::CmpIPredicate::sge, value, builder.i64(limit)).getResult();
    };
    Value worth = arith::AndIOp::create(builder, atLeast(rows, kFewRows), atLeast(whole, kPairs));
    when(
        worth,
        [&] {
          Value end = mul(arith::DivUIOp::create(builder, rows, tall), tall), left = sub(rows, end);
          when(atLeast(rows, kTileRows), [&] { configure(config, number(kTileRows)); });
          loop(builder.i64(0), end, 2 * kTileRows,
               [&](Value from) { tile(args, from, /*blocks=*/2, tall, whole, scratch); });
          Value middle = builder.i64(kTileRows);
          when(atLeast(left, kTileRows), [&] { tile(args, end, /*blocks=*/1, middle, whole, scratch); });
          Value few = arith::RemUIOp::create(builder, left, middle), from = sub(rows, few);
          when(atLeast(few, 1), [&] {
            configure(config, LLVM::TruncOp::create(builder, builder.getI8Type(), few));
            tile(args, from, /*blocks=*/1, few, whole, scratch);
          });
          intrinsic("tilerelease", {});
        },
        [&] { func::CallOp::create(builder, band, args); });
    func::ReturnOp::create(builder);
    return function;
  }
};
} // namespace

func::FuncOp pare::cpu::defineMatrixBand(ModuleOp module, const Routine &routine, int64_t vectors, func::FuncOp band) {
  return MatrixEmitter{module, routine, vectors, band}.define();
}
