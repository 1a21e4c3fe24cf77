// Contractions on buffers become calls of the register-tile routine.
#include "Abi.h"
#include "Roles.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERCONTRACTIONS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
struct Lowering {
  linalg::LinalgOp op;
  Roles roles;
  Abi builder;
  SmallVector<Value> sizes, indices; // of each loop
  Value depth;

  Value mul(Value a, Value b) { return builder.createOrFold<arith::MulIOp>(a, b); }
  Value add(Value a, Value b) { return builder.createOrFold<arith::AddIOp>(a, b); }

  /// A matrix operand: where it starts, and how far apart its elements are along each loop.
  struct Operand {
    Value address;
    SmallVector<Value> strides;
    llvm::SmallBitVector varies;
  };

  Operand read(OpOperand &use) {
    Operand result;
    auto type = cast<MemRefType>(use.get().getType());
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, use.get());
    auto [fixed, offset] = type.getStridesAndOffset();
    unsigned loops = op.getNumLoops();
    result.strides.assign(loops, builder.index(0));
    result.varies.resize(loops);
    Value start = builder.index(0);
    for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&use).getResults())) {
      Value stride =
          ShapedType::isDynamic(fixed[axis]) ? Value(metadata.getStrides()[axis]) : builder.index(fixed[axis]);
      SmallVector<int64_t> coefficients = *linearForm(expr, loops);
      for (unsigned loop = 0; loop < loops; ++loop)
        if (coefficients[loop]) {
          result.varies.set(loop);
          result.strides[loop] = add(result.strides[loop], mul(stride, builder.index(coefficients[loop])));
        }
      start = add(start, mul(stride, builder.index(coefficients[loops])));
    }
    result.address = builder.at(builder.address(use.get()), builder.toI64(mul(start, builder.index(4))));
    return result;
  }

  /// Opens a loop around what follows.
  void enter(unsigned loop) {
    auto loopOp = scf::ForOp::create(builder, builder.index(0), sizes[loop], builder.index(1));
    builder.setInsertionPointToStart(loopOp.getBody());
    indices[loop] = loopOp.getInductionVar();
  }

  /// The operand at the indices of the open loops.
  Value addressOf(Operand &operand) {
    Value offset = builder.index(0);
    for (unsigned loop = 0; loop < indices.size(); ++loop)
      if (indices[loop] && operand.varies[loop])
        offset = add(offset, mul(indices[loop], operand.strides[loop]));
    return builder.at(operand.address, builder.toI64(mul(offset, builder.index(4))));
  }

  /// Copies [depth, columns] of the right side into `panel`, whose rows are `width` apart.
  void pack(Operand &right, Value source, Value panel, Value width) {
    auto f32 = builder.getF32Type();
    auto loop = [&](Value size, function_ref<void(Value)> body) {
      auto loopOp = scf::ForOp::create(builder, builder.index(0), size, builder.index(1));
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loopOp.getBody());
      body(loopOp.getInductionVar());
    };
    auto element = [&](Value base, Value position) {
      return LLVM::GEPOp::create(builder, builder.ptr(), f32, base, ArrayRef<LLVM::GEPArg>{builder.toI64(position)});
    };
    loop(depth, [&](Value k) {
      Value from = element(source, mul(k, right.strides[roles.depth.loop])), to = element(panel, mul(k, width));
      loop(sizes[roles.columns], [&](Value n) {
        Value step = roles.unitColumns ? n : mul(n, right.strides[roles.columns]);
        LLVM::StoreOp::create(builder, LLVM::LoadOp::create(builder, f32, element(from, step)), element(to, n));
      });
    });
  }

  /// Whether the rows of the right side already lie close together: a tile that its producer has just written, or a
  /// panel of packed weights.
  bool isDense() {
    auto stride = (*linearStrides(op, *roles.right))[roles.depth.loop];
    constexpr int64_t kNarrow = 64;
    return roles.unitColumns && stride > 0 && stride <= kNarrow;
  }

  /// Memory for a panel as wide as whole vectors. Tiles bound the columns, which makes its size loop invariant.
  Value makePanel(Value &width) {
    Value bound = sizes[roles.columns];
    auto constant = ValueBoundsConstraintSet::computeConstantBound(presburger::BoundType::UB, bound, nullptr, true);
    if (succeeded(constant))
      bound = builder.index(*constant);
    width = mul(builder.createOrFold<arith::CeilDivSIOp>(bound, builder.index(16)), builder.index(16));
    SmallVector<Value> extents;
    SmallVector<int64_t> shape;
    for (Value extent : {depth, width}) {
      auto known = getConstantIntValue(extent);
      shape.push_back(known ? *known : ShapedType::kDynamic);
      if (!known)
        extents.push_back(extent);
    }
    auto type = MemRefType::get(shape, builder.getF32Type());
    return builder.address(memref::AllocOp::create(builder, type, extents, builder.getI64IntegerAttr(64)));
  }

  /// The length of loops that are one.
  Value lengthOf(const Roles::Merged &merged) {
    Value length = sizes[merged.loop];
    for (unsigned loop : merged.outer)
      length = mul(length, sizes[loop]);
    return length;
  }

  void run(FlatSymbolRefAttr routine) {
    for (Range range : op.createLoopRanges(builder, op.getLoc()))
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(), range.size));
    indices.resize(sizes.size());
    Value rows = roles.rows ? lengthOf(*roles.rows) : builder.index(1);
    depth = lengthOf(roles.depth);
    Operand left = read(*roles.left), right = read(*roles.right), result = read(*op.getDpsInitOperand(0));
    bool dense = isDense();
    Value width, panel = dense ? Value() : makePanel(width);

    // Loops that move the right side first, so that a copy of it serves all the others.
    auto isOurs = [&](unsigned loop) {
      auto has = [&](const Roles::Merged &merged) {
        return loop == merged.loop || llvm::is_contained(merged.outer, loop);
      };
      return loop == roles.columns || has(roles.depth) || (roles.rows && has(*roles.rows));
    };
    for (unsigned loop = 0; loop < sizes.size(); ++loop)
      if (!isOurs(loop) && right.varies[loop])
        enter(loop);
    Value rightAddress = addressOf(right), rightStride = right.strides[roles.depth.loop];
    if (!dense && roles.unitColumns) {
      // Copying pays when the copy is read often.
      constexpr int64_t kManyRows = 16;
      Value many = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge, rows, builder.index(kManyRows));
      auto choice = scf::IfOp::create(builder, TypeRange{}, many, /*withElseRegion=*/false);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(choice.thenBlock());
        pack(right, rightAddress, panel, width);
      }
      rightAddress = arith::SelectOp::create(builder, many, panel, rightAddress);
      rightStride = arith::SelectOp::create(builder, many, width, rightStride);
    } else if (!dense) {
      pack(right, rightAddress, panel, width);
      rightAddress = panel;
      rightStride = width;
    }
    for (unsigned loop = 0; loop < sizes.size(); ++loop)
      if (!isOurs(loop) && !right.varies[loop])
        enter(loop);
    auto rowStride = [&](Operand &operand) {
      return roles.rows ? operand.strides[roles.rows->loop] : builder.index(0);
    };
    Value leftAddress = addressOf(left), resultAddress = addressOf(result), part = depth;
    // A part of the depth at a time, of which the right side stays in the second level of cache.
    constexpr int64_t kDepth = 2048;
    if (auto known = getConstantIntValue(depth); known && *known > kDepth) {
      int64_t step = llvm::divideCeil(*known, llvm::divideCeil(*known, kDepth));
      auto loop = scf::ForOp::create(builder, builder.index(0), depth, builder.index(step));
      builder.setInsertionPointToStart(loop.getBody());
      Value from = loop.getInductionVar();
      part = builder.createOrFold<arith::MinSIOp>(arith::SubIOp::create(builder, depth, from), builder.index(step));
      auto advance = [&](Value address, Value stride) {
        return builder.at(address, builder.toI64(mul(mul(from, stride), builder.index(4))));
      };
      leftAddress = advance(leftAddress, left.strides[roles.depth.loop]);
      rightAddress = advance(rightAddress, rightStride);
    }
    SmallVector<Value> args{leftAddress,
                            rowStride(left),
                            left.strides[roles.depth.loop],
                            rightAddress,
                            rightStride,
                            resultAddress,
                            rowStride(result),
                            rows,
                            sizes[roles.columns],
                            part};
    for (Value &arg : args)
      if (arg.getType().isIndex())
        arg = builder.toI64(arg);
    func::CallOp::create(builder, routine, TypeRange{}, args);
    op->erase();
  }
};

struct LowerContractions : pare::cpu::impl::LowerContractionsBase<LowerContractions> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<std::pair<linalg::LinalgOp, Roles>> ops;
    module.walk([&](linalg::LinalgOp op) {
      if (auto roles = isRoutineCandidate(op) ? assignRoles(op) : std::nullopt)
        ops.push_back({op, *roles});
    });
    if (ops.empty())
      return;
    OpBuilder outer = OpBuilder::atBlockBegin(module.getBody());
    Abi types(module.getLoc(), outer);
    Type ptr = types.ptr(), i64 = types.getI64Type();
    auto routine = func::FuncOp::create(outer, module.getLoc(), kGemmName,
                                        types.getFunctionType({ptr, i64, i64, ptr, i64, ptr, i64, i64, i64, i64}, {}));
    routine.setPrivate();
    for (auto [op, roles] : ops)
      Lowering{op, roles, Abi(op.getLoc(), op), {}, {}, {}}.run(FlatSymbolRefAttr::get(routine));
  }
};
} // namespace
