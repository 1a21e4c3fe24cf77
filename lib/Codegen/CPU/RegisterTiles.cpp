// Emits the loop nest of a matrix product with all constants of the register tile known.
#include "RegisterTiles.h"
#include "Abi.h"
#include "ByteProducts.h"
#include "MatrixTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace pare::cpu;

RegisterTile pare::cpu::registerTileOf(StringRef variant, Products products) {
  bool narrow = products == Products::bf16 || products == Products::bytes;
  if (variant == "x86-64-v4-bf16" || variant == "x86-64-v4-amx" ||
      (variant == "x86-64-v4-vnni" && products != Products::bf16))
    return {9, 3, 16, /*hasDot=*/true, /*hasMatrix=*/variant == "x86-64-v4-amx"};
  if (variant == "x86-64-v4" || variant == "x86-64-v4-vnni")
    return {narrow ? 7 : 9, 3, 16};
  if (variant == "x86-64-v3")
    return {narrow ? 4 : 6, 2, 8};
  return {narrow ? 3 : 4, 2, 4};
}

/// With AVX-512; all vectors are as wide or half or a fourth of it.
static constexpr int64_t kMostLanes = 16;

bool pare::cpu::isGroupedProduct(const Grouping &grouping) {
  return grouping.outputs > 1 && (grouping.outputs % kMostLanes == 0 ||
                                  (kMostLanes % grouping.outputs == 0 && grouping.inputs == grouping.outputs));
}

/// Vectors of a tile are of one group, so that they multiply the same element of A, or each holds several groups.
static RegisterTile groupedTile(RegisterTile tile, int64_t outputs) {
  while (outputs % tile.lanes == 0 && outputs / tile.lanes % tile.vectors != 0) {
    --tile.vectors;
    tile.rows = tile.lanes == kMostLanes ? 12 : 6;
  }
  if (outputs % tile.lanes != 0)
    tile.rows = tile.lanes == kMostLanes ? 7 : tile.rows - 1; // what is permuted takes registers as well
  return tile;
}

using namespace pare::cpu::gemm;

namespace {
/// Of a tile that is not masked, in place of what only masked ones read: where its share of what is behind the right
/// side starts, in bytes from B, and how much of it there is for each step.
constexpr Arg Behind = Rows, BehindStep = Columns;

struct Emitter {
  ModuleOp module;
  RegisterTile tile;
  const Routine &routine;
  Abi builder;
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type(), i64 = builder.getI64Type();
  bool narrow = routine.products == Products::bf16, depthwise = routine.products == Products::depthwise,
       bytes = routine.products == Products::bytes;
  bool spansGroups = routine.groupOutputs % tile.lanes != 0; // a vector holds several groups
  Type factor = narrow ? Type(builder.getBF16Type()) : bytes ? Type(builder.getI8Type()) : f32; // what A and B hold
  Type sumType = bytes ? i32 : f32;
  VectorType vector = VectorType::get(tile.lanes, sumType), words = VectorType::get(tile.lanes, i32);

  int64_t numSides() const { return routine.repeats.size(); }
  static int64_t sideArg(int64_t side) { return NumFixed + 2 * side; }
  SmallVector<Type> argTypes() {
    SmallVector<Type> types(NumFixed, i64);
    types[A] = types[B] = types[C] = types[Start] = builder.ptr();
    for (int64_t side = 0; side < numSides(); ++side)
      types.append({builder.ptr(), i64});
    return types;
  }

  Value element(Type type, Value base, LLVM::GEPArg position) {
    return LLVM::GEPOp::create(builder, builder.ptr(), type, base, ArrayRef{position});
  }
  Value element(Value base, Value position) { return element(f32, base, position); }
  Value element(Value base, int64_t position) { return element(f32, base, static_cast<int32_t>(position)); }
  Value element(Type type, Value base, int64_t position) {
    return element(type, base, LLVM::GEPArg(static_cast<int32_t>(position)));
  }
  /// What C holds.
  Type resultType() { return routine.tail ? func::FuncOp(routine.tail).getResultTypes()[0] : sumType; }
  Type sideType(int64_t side) { return func::FuncOp(routine.tail).getArgumentTypes()[1 + side]; }
  Value mul(Value a, Value b) { return arith::MulIOp::create(builder, a, b); }
  Value add(Value a, Value b) { return arith::AddIOp::create(builder, a, b); }
  Value constant(int64_t value) { return arith::ConstantOp::create(builder, builder.getI64IntegerAttr(value)); }

  /// Lanes below the number of columns.
  Value mask(Value columns) {
    SmallVector<int64_t> lanes(tile.lanes);
    for (int64_t lane = 0; lane < tile.lanes; ++lane)
      lanes[lane] = lane;
    auto type = VectorType::get(tile.lanes, i64);
    Value numbers = arith::ConstantOp::create(builder, DenseElementsAttr::get(type, ArrayRef<int64_t>(lanes)));
    Value limit = vector::BroadcastOp::create(builder, type, columns);
    return arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, numbers, limit);
  }
  Value load(VectorType type, Value address, Value mask) {
    auto alignment = static_cast<unsigned>(bytesOf(type.getElementType()));
    if (!mask)
      return LLVM::LoadOp::create(builder, type, address, alignment);
    Value zero = arith::ConstantOp::create(builder, builder.getZeroAttr(type));
    return LLVM::MaskedLoadOp::create(builder, type, address, mask, zero, alignment);
  }
  Value load(Value address, Value mask) { return load(vector, address, mask); }
  void store(Value value, Value address, Value mask) {
    auto alignment = static_cast<unsigned>(bytesOf(cast<VectorType>(value.getType()).getElementType()));
    if (mask)
      LLVM::MaskedStoreOp::create(builder, value, address, mask, alignment);
    else
      LLVM::StoreOp::create(builder, value, address, alignment);
  }

  func::FuncOp begin(const Twine &name) {
    builder.setInsertionPointToEnd(module.getBody());
    auto function = func::FuncOp::create(builder, name.str(), builder.getFunctionType(argTypes(), {}));
    function.setPrivate();
    builder.setInsertionPointToStart(function.addEntryBlock());
    return function;
  }

  /// The rows of an operand from `base` on.
  SmallVector<Value> rowsOf(Type type, Value base, Value stride, int64_t height) {
    SmallVector<Value> rows{base};
    for (int64_t row = 1; row < height; ++row)
      rows.push_back(element(type, rows.back(), stride));
    return rows;
  }

  /// What the sums of a tile start from.
  SmallVector<Value> startOf(ValueRange args, int64_t height, int64_t width, Value lanes) {
    SmallVector<Type> types(height * width, vector);
    Value null = LLVM::ZeroOp::create(builder, builder.ptr());
    Value given = LLVM::ICmpOp::create(builder, LLVM::ICmpPredicate::ne, args[Start], null);
    auto choice = scf::IfOp::create(builder, types, given, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    SmallVector<Value> values;
    for (Value row : rowsOf(f32, args[Start], args[StartRow], height))
      for (int64_t column = 0; column < width; ++column)
        values.push_back(load(element(row, column * tile.lanes), lanes));
    scf::YieldOp::create(builder, values);
    builder.setInsertionPointToStart(choice.elseBlock());
    Value zero = arith::ConstantOp::create(builder, builder.getZeroAttr(vector));
    scf::YieldOp::create(builder, SmallVector<Value>(types.size(), zero));
    return llvm::to_vector_of<Value>(choice.getResults());
  }

  /// The two elements of pairs as f32.
  std::pair<Value, Value> splitPairs(Value words) {
    auto constant = [&](int64_t value) {
      return arith::ConstantOp::create(builder, DenseElementsAttr::get(this->words, builder.getI32IntegerAttr(value)));
    };
    Value low = arith::ShLIOp::create(builder, words, constant(16));
    Value high = arith::AndIOp::create(builder, words, constant(static_cast<int32_t>(0xffff0000)));
    return {arith::BitcastOp::create(builder, vector, low), arith::BitcastOp::create(builder, vector, high)};
  }

  Value fma(Value a, Value b, Value c) { return LLVM::FMulAddOp::create(builder, a, b, c); }

  /// What one step of the depth adds to the sums of a row: `left` is its element or pair, repeated in all lanes.
  void addProducts(Value left, ArrayRef<Value> right, MutableArrayRef<Value> sums) {
    if (bytes) {
      addByteProducts(builder, {tile, routine.leftIsSigned}, left, right, sums);
      return;
    }
    if (!narrow) {
      for (auto [b, sum] : llvm::zip_equal(right, sums))
        sum = fma(left, b, sum);
      return;
    }
    if (tile.hasDot) {
      auto pairs = VectorType::get(2 * tile.lanes, builder.getBF16Type());
      auto asPairs = [&](Value words) { return LLVM::BitcastOp::create(builder, pairs, words).getResult(); };
      for (auto [b, sum] : llvm::zip_equal(right, sums))
        sum = LLVM::CallIntrinsicOp::create(builder, vector, builder.getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512"),
                                            ValueRange{sum, asPairs(left), asPairs(b)})
                  .getResult(0);
      return;
    }
    auto [leftLow, leftHigh] = splitPairs(left);
    for (auto [b, sum] : llvm::zip_equal(right, sums)) {
      auto [low, high] = splitPairs(b);
      sum = fma(leftHigh, high, fma(leftLow, low, sum));
    }
  }

  /// Adds products over the depth.
  SmallVector<Value> accumulate(ValueRange args, ArrayRef<Value> aRows, Value b, SmallVector<Value> sums, int64_t width,
                                Value lanes, bool streams) {
    if (spansGroups)
      return accumulateGroups(args, aRows, b, sums, width, lanes);
    Value zero = constant(0), depth = args[Depth];
    if (bytes)
      depth = arith::ShRUIOp::create(builder, depth, constant(2));
    Interleave plan = interleaveOf(sums.size(), streams);
    Value from = zero;
    if (plan.parts > 1) {
      Value part = arith::DivUIOp::create(builder, depth, constant(plan.parts));
      SmallVector<Value> split(sums);
      split.append(sums.size() * (plan.chains - 1), arith::ConstantOp::create(builder, builder.getZeroAttr(vector)));
      split = steps(args, aRows, b, split, width, lanes, zero, part, plan, part);
      for (size_t sum = 0; sum < sums.size(); ++sum) {
        sums[sum] = split[sum];
        for (int64_t chain = 1; chain < plan.chains; ++chain) {
          Value other = split[chain * sums.size() + sum];
          sums[sum] = bytes ? add(sums[sum], other) : Value(arith::AddFOp::create(builder, sums[sum], other));
        }
      }
      from = mul(part, constant(plan.parts));
    }
    // What tiles with few sums do is soon done, and masked ones are the last.
    bool fetches = plan.parts == 1 && !depthwise && !lanes;
    sums = steps(args, aRows, b, sums, width, lanes, from, depth, {1, 1}, zero, fetches);
    return routine.hasRest ? addRest(args, aRows, b, sums, width, lanes, depth) : sums;
  }

  /// Parts of the depth that advance together, and how many sets of sums they add to in turns.
  struct Interleave {
    int64_t parts, chains;
  };
  /// A multiply-add takes about four cycles and two may begin in each: few sums need several sets. Where a tile has all
  /// the rows, the right side `streams` from memory, of which several streams give more than one.
  Interleave interleaveOf(size_t numSums, bool streams) {
    if (depthwise) // windows are short
      return {1, 1};
    constexpr size_t kFew = 3;
    return numSums <= kFew ? Interleave{4, 4} : numSums <= kSome ? Interleave{4, 2} : Interleave{streams ? 4 : 1, 1};
  }
  /// With more sums than these one set is enough.
  static constexpr size_t kSome = 6;

  /// Adds the products of the bytes behind the last group of four, group `last`.
  SmallVector<Value> addRest(ValueRange args, ArrayRef<Value> aRows, Value b, ArrayRef<Value> sums, int64_t width,
                             Value lanes, Value last) {
    Value left = arith::AndIOp::create(builder, args[Depth], constant(3));
    Value any = arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, left, constant(0));
    SmallVector<Type> types(sums.size(), vector);
    auto choice = scf::IfOp::create(builder, types, any, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(builder, sums);
    builder.setInsertionPointToStart(choice.thenBlock());
    SmallVector<Value> next(sums);
    step(args, aRows, b, next, width, lanes, last, left);
    scf::YieldOp::create(builder, next);
    return llvm::to_vector_of<Value>(choice.getResults());
  }

  /// The same where a vector holds several groups, of as many channels on both sides: element k of each is repeated in
  /// the lanes of its group.
  SmallVector<Value> accumulateGroups(ValueRange args, ArrayRef<Value> aRows, Value b, SmallVector<Value> sums,
                                      int64_t width, Value lanes) {
    int64_t channels = routine.groupOutputs;
    for (int64_t column = 0; column < width; ++column) {
      SmallVector<Value> left, right;
      for (Value row : aRows)
        left.push_back(load(element(row, column * tile.lanes), lanes));
      for (int64_t k = 0; k < channels; ++k) {
        SmallVector<int64_t> order;
        for (int64_t lane = 0; lane < tile.lanes; ++lane)
          order.push_back(lane / channels * channels + k);
        Value step = mul(constant(k), args[BDepth]);
        Value factors = load(element(element(b, step), column * tile.lanes), lanes);
        for (auto [row, values] : llvm::enumerate(left)) {
          Value &sum = sums[row * width + column];
          sum = fma(vector::ShuffleOp::create(builder, values, values, order), factors, sum);
        }
      }
    }
    return sums;
  }

  /// Steps [begin, end) of each part of the depth, the parts `distance` apart. `fetches`: brings what is behind the
  /// right side into a cache, as defineBand says.
  SmallVector<Value> steps(ValueRange args, ArrayRef<Value> aRows, Value b, ArrayRef<Value> sums, int64_t width,
                           Value lanes, Value begin, Value end, Interleave plan, Value distance, bool fetches = false) {
    auto loop = scf::ForOp::create(builder, builder.toIndex(begin), builder.toIndex(end), builder.index(1), sums);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next = llvm::to_vector_of<Value>(loop.getRegionIterArgs());
    size_t each = sums.size() / plan.chains;
    Value k = builder.toI64(loop.getInductionVar());
    if (fetches)
      LLVM::Prefetch::create(builder, builder.at(b, add(args[Behind], mul(k, args[BehindStep]))), 0, /*hint=*/2, 1);
    for (int64_t part = 0; part < plan.parts; ++part) {
      if (part > 0)
        k = add(k, distance);
      step(args, aRows, b, MutableArrayRef(next).slice(part % plan.chains * each, each), width, lanes, k);
      // Steps of many rows are so long that too few loads of later ones are under way.
      if (plan.parts > 1 && plan.chains == 1) {
        constexpr int64_t kAhead = 16;
        Value ahead = element(factor, b, mul(add(k, constant(kAhead)), args[BDepth]));
        for (int64_t column = 0; column < width; ++column)
          LLVM::Prefetch::create(builder, element(ahead, column * tile.lanes), /*rw=*/0, /*hint=*/3, /*cache=*/1);
      }
    }
    scf::YieldOp::create(builder, next);
    return llvm::to_vector_of<Value>(loop.getResults());
  }

  /// Adds the products of step `k` of the depth; of bytes, a step is four, or the `rest` that is left of them.
  void step(ValueRange args, ArrayRef<Value> aRows, Value b, MutableArrayRef<Value> sums, int64_t width, Value lanes,
            Value k, Value rest = {}) {
    Value bRow = element(factor, b, mul(k, args[BDepth]));
    Value aColumn = narrow ? mul(k, constant(2)) : bytes ? mul(k, constant(4)) : mul(k, args[ADepth]);
    VectorType loaded = narrow ? words : vector;
    SmallVector<Value> right;
    for (int64_t column = 0; column < width; ++column)
      right.push_back(load(loaded, element(bRow, column * tile.lanes), lanes));
    for (auto [row, base] : llvm::enumerate(aRows)) {
      if (depthwise) {
        Value line = element(base, aColumn);
        for (int64_t column = 0; column < width; ++column) {
          Value &sum = sums[row * width + column];
          sum = fma(load(element(line, column * tile.lanes), lanes), right[column], sum);
        }
        continue;
      }
      Value address = element(factor, base, aColumn);
      Value scalar = rest ? loadBytes(builder, address, rest)
                          : Value(LLVM::LoadOp::create(builder, loaded.getElementType(), address,
                                                       static_cast<unsigned>(bytesOf(factor))));
      Value left = vector::BroadcastOp::create(builder, loaded, scalar);
      addProducts(left, right, sums.slice(row * width, width));
    }
  }

  /// The tail of one vector of sums.
  Value finish(Value sum, ArrayRef<Value> sides) {
    if (!routine.tail)
      return sum;
    IRMapping mapping;
    Block &body = func::FuncOp(routine.tail).getBody().front();
    mapping.map(body.getArgument(0), sum);
    mapping.map(body.getArguments().drop_front(), sides);
    for (Operation &op : body.without_terminator()) {
      if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
        auto type = VectorType::get(tile.lanes, constant.getType());
        mapping.map(constant.getResult(),
                    arith::ConstantOp::create(builder, DenseElementsAttr::get(type, constant.getValue())));
        continue;
      }
      Operation *wide = builder.clone(op, mapping);
      for (Value result : wide->getResults())
        result.setType(VectorType::get(tile.lanes, result.getType()));
    }
    return mapping.lookup(body.getTerminator()->getOperand(0));
  }

  using Body = function_ref<SmallVector<Value>(ArrayRef<Value> aRows, Value b, ArrayRef<Value> sums)>;
  /// Runs `body` as often as argument `number` says, each time a step further in A and B.
  SmallVector<Value> repeat(ValueRange args, Arg number, Arg aStride, Arg bStride, ArrayRef<Value> aRows, Value b,
                            ArrayRef<Value> sums, Body body) {
    auto loop = scf::ForOp::create(builder, builder.index(0), builder.toIndex(args[number]), builder.index(1), sums);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value step = builder.toI64(loop.getInductionVar()), aStep = mul(step, args[aStride]);
    SmallVector<Value> rows;
    for (Value row : aRows)
      rows.push_back(element(factor, row, aStep));
    b = element(factor, b, mul(step, args[bStride]));
    scf::YieldOp::create(builder, body(rows, b, llvm::to_vector_of<Value>(loop.getRegionIterArgs())));
    return llvm::to_vector_of<Value>(loop.getResults());
  }

  /// Code for one height and width of a tile; `finisher` does its tail, unless it is null.
  func::FuncOp defineTile(int64_t height, int64_t width, bool masked, func::FuncOp finisher, bool streams) {
    func::FuncOp function = begin(routine.name + "_tile_" + Twine(height) + "x" + Twine(width * tile.lanes) +
                                  (masked ? "m" : "") + (streams ? "s" : ""));
    ValueRange args = function.getArguments();
    Value lanes = masked ? mask(args[Columns]) : Value();
    SmallVector<Value> aRows = rowsOf(factor, args[A], args[ARow], height);
    SmallVector<Value> sums =
        repeat(args, Far, AFar, BFar, aRows, args[B], startOf(args, height, width, lanes),
               [&](ArrayRef<Value> rows, Value b, ArrayRef<Value> sums) {
                 return repeat(args, Outer, AOuter, BOuter, rows, b, sums,
                               [&](ArrayRef<Value> rows, Value b, ArrayRef<Value> sums) {
                                 return accumulate(args, rows, b, llvm::to_vector(sums), width, lanes, streams);
                               });
               });
    if (finisher) {
      auto type = LLVM::LLVMArrayType::get(vector, sums.size());
      OpBuilder::InsertPoint here = builder.saveInsertionPoint();
      builder.setInsertionPointToStart(&function.getBody().front());
      Value memory = LLVM::AllocaOp::create(builder, builder.ptr(), type, constant(1), /*alignment=*/64);
      builder.restoreInsertionPoint(here);
      for (auto [number, sum] : llvm::enumerate(sums))
        store(sum, element(memory, static_cast<int64_t>(number) * tile.lanes), Value());
      SmallVector<Value> operands = llvm::to_vector_of<Value>(args);
      operands[Start] = memory;
      operands[Rows] = constant(height);
      func::CallOp::create(builder, finisher, operands);
    } else {
      SmallVector<Value> bases{args[C]};
      for (int64_t side = 0; side < numSides(); ++side)
        bases.push_back(args[sideArg(side)]);
      for (int64_t row = 0; row < height; ++row) {
        finishRow(ArrayRef(sums).slice(row * width, width), bases, lanes);
        for (auto [number, base] : llvm::enumerate(bases))
          base = number == 0 ? element(resultType(), base, args[CRow])
                             : element(sideType(number - 1), base, args[sideArg(number - 1) + 1]);
      }
    }
    func::ReturnOp::create(builder);
    return function;
  }

  /// Stores the sums of a row with the tail done; `bases` are where its elements of C and the sides begin.
  void finishRow(ArrayRef<Value> sums, ArrayRef<Value> bases, Value lanes) {
    for (auto [column, sum] : llvm::enumerate(sums)) {
      auto position = static_cast<int64_t>(column) * tile.lanes;
      SmallVector<Value> sides;
      for (int64_t side = 0; side < numSides(); ++side) {
        Value address = bases[side + 1];
        Type type = sideType(side);
        VectorType wide = VectorType::get(tile.lanes, type);
        if (routine.repeats[side])
          sides.push_back(vector::BroadcastOp::create(builder, wide, LLVM::LoadOp::create(builder, type, address)));
        else
          sides.push_back(load(wide, element(type, address, position), lanes));
      }
      store(finish(sum, sides), element(resultType(), bases[0], position), lanes);
    }
  }

  /// Where the tail is long, the code that does it for `Rows` rows of a tile of one width, whose sums stand at `Start`:
  /// once for all heights. Null for other tails.
  func::FuncOp defineFinisher(int64_t width, bool masked) {
    bool isLong = false;
    if (routine.tail)
      func::FuncOp(routine.tail).walk([&](Operation *op) { isLong |= isa<math::MathDialect>(op->getDialect()); });
    if (!isLong)
      return {};
    func::FuncOp function = begin(routine.name + "_finish_" + Twine(width * tile.lanes) + (masked ? "m" : ""));
    ValueRange args = function.getArguments();
    Value lanes = masked ? mask(args[Columns]) : Value();
    auto loop = scf::ForOp::create(builder, builder.index(0), builder.toIndex(args[Rows]), builder.index(1));
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value row = builder.toI64(loop.getInductionVar());
      Value memory = element(args[Start], mul(row, constant(width * tile.lanes)));
      SmallVector<Value> sums, bases{element(resultType(), args[C], mul(row, args[CRow]))};
      for (int64_t column = 0; column < width; ++column)
        sums.push_back(load(element(memory, column * tile.lanes), Value()));
      for (int64_t side = 0; side < numSides(); ++side)
        bases.push_back(element(sideType(side), args[sideArg(side)], mul(row, args[sideArg(side) + 1])));
      finishRow(sums, bases, lanes);
    }
    func::ReturnOp::create(builder);
    return function;
  }

  /// All heights of one width: splits the rows evenly.
  func::FuncOp defineBand(int64_t width, bool masked) {
    SmallVector<func::FuncOp> tiles;
    func::FuncOp finisher = defineFinisher(width, masked);
    for (int64_t height = 1; height <= tile.rows; ++height)
      tiles.push_back(defineTile(height, width, masked, finisher, /*streams=*/false));
    // Those of all the rows, behind the others.
    for (int64_t height = 1; height <= tile.rows; ++height) {
      bool differs = !depthwise && !spansGroups && static_cast<size_t>(height * width) > kSome;
      tiles.push_back(differs ? defineTile(height, width, masked, finisher, /*streams=*/true) : tiles[height - 1]);
    }
    func::FuncOp function = begin(routine.name + "_band_" + Twine(width * tile.lanes) + (masked ? "m" : ""));
    ValueRange args = function.getArguments();
    Value rows = args[Rows];
    Value number = arith::CeilDivSIOp::create(builder, rows, constant(tile.rows));
    auto loop = scf::ForOp::create(builder, builder.index(0), builder.toIndex(number), builder.index(1));
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value i = builder.toI64(loop.getInductionVar());
      Value from = arith::DivUIOp::create(builder, mul(rows, i), number);
      Value to = arith::DivUIOp::create(builder, mul(rows, add(i, constant(1))), number);
      Value height = builder.toIndex(arith::SubIOp::create(builder, to, from));
      SmallVector<Value> operands = llvm::to_vector_of<Value>(args);
      auto advance = [&](int64_t base, int64_t stride, Type type) {
        operands[base] = element(type, args[base], mul(from, args[stride]));
      };
      advance(A, ARow, factor);
      advance(C, CRow, resultType());
      operands[Start] = advanced(args[Start], mul(from, args[StartRow]));
      // While the right side is multiplied by all the rows, the panel behind it comes from memory: a share of it with
      // each tile.
      if (!masked && !depthwise) {
        Value steps = bytes ? Value(arith::ShRUIOp::create(builder, args[Depth], constant(2))) : args[Depth];
        Value lines = constant(width * tile.lanes * 4), share = arith::CeilDivUIOp::create(builder, lines, number);
        Value panel = mul(mul(steps, args[BDepth]), constant(bytesOf(factor)));
        operands[Behind] = add(panel, mul(mul(i, steps), share));
        operands[BehindStep] = share;
      }
      for (int64_t side = 0; side < numSides(); ++side)
        advance(sideArg(side), sideArg(side) + 1, sideType(side));
      Value isAll = arith::CmpIOp::create(builder, arith::CmpIPredicate::ule, number, constant(1));
      Value behind = arith::SelectOp::create(builder, isAll, builder.index(tile.rows), builder.index(0));
      height = arith::AddIOp::create(builder, height, behind);
      SmallVector<int64_t> cases = llvm::to_vector(llvm::seq<int64_t>(1, 2 * tile.rows + 1));
      auto choice = scf::IndexSwitchOp::create(builder, TypeRange{}, height, cases, cases.size());
      for (auto [number, region] : llvm::enumerate(choice.getCaseRegions())) {
        builder.setInsertionPointToStart(&region.emplaceBlock());
        func::CallOp::create(builder, tiles[number], operands);
        scf::YieldOp::create(builder);
      }
      builder.setInsertionPointToStart(&choice.getDefaultRegion().emplaceBlock());
      scf::YieldOp::create(builder);
    }
    func::ReturnOp::create(builder);
    return function;
  }

  /// A pointer that may be null, and stays so.
  Value advanced(Value base, Value position) {
    Value null = LLVM::ZeroOp::create(builder, builder.ptr());
    Value given = LLVM::ICmpOp::create(builder, LLVM::ICmpPredicate::ne, base, null);
    Value zero = constant(0);
    return LLVM::GEPOp::create(
        builder, builder.ptr(), f32, base,
        ArrayRef<LLVM::GEPArg>{arith::SelectOp::create(builder, given, position, zero).getResult()});
  }

  void define() {
    // Whole tiles, then single vectors, then what is left of one.
    func::FuncOp wide = defineBand(tile.vectors, false), narrow = tile.vectors > 1 ? defineBand(1, false) : wide,
                 rest = defineBand(1, true);
    if (tile.hasMatrix && routine.products == Products::bf16) {
      wide = defineMatrixBand(module, routine, tile.vectors, wide);
      narrow = defineMatrixBand(module, routine, 1, narrow);
    }
    func::FuncOp function = begin(routine.name);
    ValueRange args = function.getArguments();
    Value columns = args[Columns];
    auto band = [&](func::FuncOp callee, Value column, Value left) {
      SmallVector<Value> operands = llvm::to_vector_of<Value>(args);
      operands[B] = element(args[B], column); // pairs and groups of four are as wide as f32
      if (depthwise || spansGroups)
        operands[A] = element(args[A], column);
      else if (routine.groupOutputs)
        operands[A] = element(args[A], mul(arith::DivUIOp::create(builder, column, constant(routine.groupOutputs)),
                                           constant(routine.groupInputs)));
      operands[C] = element(resultType(), args[C], column);
      operands[Start] = advanced(args[Start], column);
      operands[Columns] = left;
      for (int64_t side = 0; side < numSides(); ++side)
        if (!routine.repeats[side])
          operands[sideArg(side)] = element(sideType(side), args[sideArg(side)], column);
      func::CallOp::create(builder, callee, operands);
    };
    auto sweep = [&](func::FuncOp callee, Value from, int64_t width) {
      Value left = arith::SubIOp::create(builder, columns, from);
      Value whole = mul(arith::DivUIOp::create(builder, left, constant(width)), constant(width));
      Value end = add(from, whole);
      auto loop = scf::ForOp::create(builder, builder.toIndex(from), builder.toIndex(end), builder.index(width));
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      band(callee, builder.toI64(loop.getInductionVar()), constant(width));
      return end;
    };
    Value end = sweep(wide, constant(0), tile.vectors * tile.lanes);
    end = sweep(narrow, end, tile.lanes);
    Value left = arith::SubIOp::create(builder, columns, end);
    Value any = arith::CmpIOp::create(builder, arith::CmpIPredicate::sgt, left, constant(0));
    auto choice = scf::IfOp::create(builder, TypeRange{}, any, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(choice.thenBlock());
      band(rest, end, left);
    }
    func::ReturnOp::create(builder);
  }
};
} // namespace

void pare::cpu::defineGemm(ModuleOp module, RegisterTile tile, const Routine &routine) {
  if (routine.products == Products::grouped)
    tile = groupedTile(tile, routine.groupOutputs);
  Emitter{module, tile, routine, Abi(module.getLoc(), module.getContext())}.define();
}
