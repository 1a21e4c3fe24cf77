// Emits the loop nest of a matrix product with all constants of the register tile known.
#include "RegisterTiles.h"
#include "Abi.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace pare::cpu;

RegisterTile pare::cpu::registerTileOf(StringRef variant) {
  if (variant == "x86-64-v4")
    return {9, 3, 16};
  if (variant == "x86-64-v3")
    return {6, 2, 8};
  return {4, 2, 4};
}

namespace {
/// Arguments of a tile: pointers and strides in elements.
enum Arg { A, ARow, ADepth, B, BDepth, C, CRow, Depth, Columns, NumArgs };

struct Emitter {
  ModuleOp module;
  RegisterTile tile;
  Abi builder;
  Type f32 = builder.getF32Type(), i64 = builder.getI64Type();
  VectorType vector = VectorType::get(tile.lanes, f32);

  Value element(Value base, Value position) {
    return LLVM::GEPOp::create(builder, builder.ptr(), f32, base, ArrayRef<LLVM::GEPArg>{position});
  }
  Value element(Value base, int64_t position) {
    return LLVM::GEPOp::create(builder, builder.ptr(), f32, base,
                               ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(position)});
  }
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
  Value load(Value address, Value mask) {
    if (!mask)
      return LLVM::LoadOp::create(builder, vector, address, /*alignment=*/4);
    Value zero = arith::ConstantOp::create(builder, builder.getZeroAttr(vector));
    return LLVM::MaskedLoadOp::create(builder, vector, address, mask, zero, /*alignment=*/4);
  }
  void store(Value value, Value address, Value mask) {
    if (mask)
      LLVM::MaskedStoreOp::create(builder, value, address, mask, /*alignment=*/4);
    else
      LLVM::StoreOp::create(builder, value, address, /*alignment=*/4);
  }

  func::FuncOp begin(StringRef name, ArrayRef<Type> types) {
    builder.setInsertionPointToEnd(module.getBody());
    auto function = func::FuncOp::create(builder, name, builder.getFunctionType(types, {}));
    function.setPrivate();
    builder.setInsertionPointToStart(function.addEntryBlock());
    return function;
  }

  /// Code for one height and width of a tile.
  func::FuncOp defineTile(int64_t height, int64_t width, bool masked) {
    std::string name = ("tile_" + Twine(height) + "x" + Twine(width * tile.lanes) + (masked ? "m" : "")).str();
    SmallVector<Type> types(NumArgs, i64);
    types[A] = types[B] = types[C] = builder.ptr();
    func::FuncOp function = begin(name, types);
    auto args = function.getArguments();
    Value lanes = masked ? mask(args[Columns]) : Value();
    SmallVector<Value> aRows{args[A]}, cRows{args[C]}, sums;
    for (int64_t row = 1; row < height; ++row) {
      aRows.push_back(element(aRows.back(), args[ARow]));
      cRows.push_back(element(cRows.back(), args[CRow]));
    }
    for (Value row : cRows)
      for (int64_t column = 0; column < width; ++column)
        sums.push_back(load(element(row, column * tile.lanes), lanes));
    Value depth = builder.toIndex(args[Depth]);
    auto loop = scf::ForOp::create(builder, builder.index(0), depth, builder.index(1), sums);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value k = builder.toI64(loop.getInductionVar());
      Value bRow = element(args[B], mul(k, args[BDepth])), aColumn = mul(k, args[ADepth]);
      SmallVector<Value> right, next;
      for (int64_t column = 0; column < width; ++column)
        right.push_back(load(element(bRow, column * tile.lanes), lanes));
      for (int64_t row = 0; row < height; ++row) {
        Value scalar = LLVM::LoadOp::create(builder, f32, element(aRows[row], aColumn));
        Value left = vector::BroadcastOp::create(builder, vector, scalar);
        for (int64_t column = 0; column < width; ++column)
          next.push_back(
              LLVM::FMulAddOp::create(builder, left, right[column], loop.getRegionIterArgs()[row * width + column]));
      }
      scf::YieldOp::create(builder, next);
    }
    for (int64_t row = 0; row < height; ++row)
      for (int64_t column = 0; column < width; ++column)
        store(loop.getResult(row * width + column), element(cRows[row], column * tile.lanes), lanes);
    func::ReturnOp::create(builder);
    return function;
  }

  /// All heights of one width: band(args..., rows) splits the rows evenly.
  func::FuncOp defineBand(int64_t width, bool masked) {
    SmallVector<func::FuncOp> tiles;
    for (int64_t height = 1; height <= tile.rows; ++height)
      tiles.push_back(defineTile(height, width, masked));
    SmallVector<Type> types(NumArgs + 1, i64);
    types[A] = types[B] = types[C] = builder.ptr();
    func::FuncOp function = begin(("band_" + Twine(width * tile.lanes) + (masked ? "m" : "")).str(), types);
    auto args = function.getArguments();
    Value rows = args[NumArgs];
    Value number = arith::CeilDivSIOp::create(builder, rows, constant(tile.rows));
    auto loop = scf::ForOp::create(builder, builder.index(0), builder.toIndex(number), builder.index(1));
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value i = builder.toI64(loop.getInductionVar());
      Value from = arith::DivUIOp::create(builder, mul(rows, i), number);
      Value to = arith::DivUIOp::create(builder, mul(rows, add(i, constant(1))), number);
      Value height = builder.toIndex(arith::SubIOp::create(builder, to, from));
      SmallVector<Value> operands(args.begin(), args.begin() + NumArgs);
      operands[A] = element(args[A], mul(from, args[ARow]));
      operands[C] = element(args[C], mul(from, args[CRow]));
      SmallVector<int64_t> cases;
      for (int64_t h = 1; h <= tile.rows; ++h)
        cases.push_back(h);
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

  void define() {
    // Whole tiles, then single vectors, then what is left of one.
    func::FuncOp wide = defineBand(tile.vectors, false), narrow = defineBand(1, false), rest = defineBand(1, true);
    Type ptr = builder.ptr();
    func::FuncOp function = begin(kGemmName, {ptr, i64, i64, ptr, i64, ptr, i64, i64, i64, i64});
    auto args = function.getArguments();
    Value rows = args[7], columns = args[8], depth = args[9];
    auto band = [&](func::FuncOp callee, Value column, Value left) {
      func::CallOp::create(builder, callee,
                           ValueRange{args[0], args[1], args[2], element(args[3], column), args[4],
                                      element(args[5], column), args[6], depth, left, rows});
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

void pare::cpu::defineGemm(ModuleOp module, RegisterTile tile) {
  Emitter{module, tile, Abi(module.getLoc(), module.getContext())}.define();
}
