// Contractions on buffers become calls of the register-tile routine.
#include "Abi.h"
#include "Group.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
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
/// A matrix operand of a contraction: where it starts and how far apart its elements are along each loop.
struct Operand {
  Value buffer, address;
  SmallVector<OpFoldResult> strides; // for each loop, in elements; 0 where the operand does not vary
  Value stride(Abi &builder, unsigned loop) {
    return getValueOrCreateConstantIndexOp(builder, builder.getLoc(), strides[loop]);
  }
  bool isUnit(unsigned loop) { return getConstantIntValue(strides[loop]) == 1; }
};

struct Lowering {
  linalg::LinalgOp op;
  Abi builder;
  linalg::ContractionDimensions dims;
  SmallVector<Value> sizes;

  Operand read(OpOperand &use) {
    Operand result;
    result.buffer = use.get();
    result.address = builder.address(use.get());
    auto type = cast<MemRefType>(use.get().getType());
    result.strides.assign(op.getNumLoops(), builder.getIndexAttr(0));
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, use.get());
    auto [fixed, offset] = type.getStridesAndOffset();
    for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&use).getResults())) {
      OpFoldResult stride = ShapedType::isDynamic(fixed[axis]) ? OpFoldResult(metadata.getStrides()[axis])
                                                               : OpFoldResult(builder.getIndexAttr(fixed[axis]));
      result.strides[cast<AffineDimExpr>(expr).getPosition()] = stride;
    }
    return result;
  }

  Value mul(Value a, Value b) { return builder.createOrFold<arith::MulIOp>(a, b); }

  /// Advances an operand to the batch element at `indices`.
  Value addressAt(Operand &operand, ValueRange indices) {
    Value offset = builder.index(0);
    for (auto [loop, index] : llvm::zip_equal(dims.batch, indices))
      offset = builder.createOrFold<arith::AddIOp>(offset, mul(index, operand.stride(builder, loop)));
    return builder.at(operand.address, builder.toI64(mul(offset, builder.index(4))));
  }

  /// Copies [K, N] of the right side into `panel`, whose rows are `width` apart.
  void pack(Operand &right, Value source, Value panel, Value width, Value depth, Value columns) {
    Value rowStride = right.stride(builder, dims.k[0]), columnStride = right.stride(builder, dims.n[0]);
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
      Value from = element(source, mul(k, rowStride)), to = element(panel, mul(k, width));
      loop(columns, [&](Value n) {
        Value value = LLVM::LoadOp::create(builder, f32, element(from, mul(n, columnStride)));
        LLVM::StoreOp::create(builder, value, element(to, n));
      });
    });
  }

  void run(FlatSymbolRefAttr routine) {
    for (Range range : op.createLoopRanges(builder, op.getLoc()))
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(), range.size));
    Operand left = read(*op.getDpsInputOperand(0)), right = read(*op.getDpsInputOperand(1)),
            result = read(*op.getDpsInitOperand(0));
    Value rows = sizes[dims.m[0]], columns = sizes[dims.n[0]], depth = sizes[dims.k[0]];

    // A panel for the right side, as wide as whole vectors. Tiles bound the columns, which makes its size loop
    // invariant.
    bool unit = right.isUnit(dims.n[0]);
    bool dense = unit && isDense(right);
    Value panel, width;
    if (!dense) {
      Value bound = columns;
      auto constant = ValueBoundsConstraintSet::computeConstantBound(presburger::BoundType::UB, columns, nullptr, true);
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
      panel = memref::AllocOp::create(builder, type, extents, builder.getI64IntegerAttr(64));
      panel = builder.address(panel);
    }
    SmallVector<Value> indices;
    for (unsigned loop : dims.batch) {
      auto loopOp = scf::ForOp::create(builder, builder.index(0), sizes[loop], builder.index(1));
      builder.setInsertionPointToStart(loopOp.getBody());
      indices.push_back(loopOp.getInductionVar());
    }
    Value rightAddress = addressAt(right, indices), rightStride = right.stride(builder, dims.k[0]);
    if (!dense && unit) {
      // Copying pays when the copy is read often.
      constexpr int64_t kManyRows = 16;
      Value many = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge, rows, builder.index(kManyRows));
      auto choice = scf::IfOp::create(builder, TypeRange{}, many, /*withElseRegion=*/false);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(choice.thenBlock());
        pack(right, rightAddress, panel, width, depth, columns);
      }
      rightAddress = arith::SelectOp::create(builder, many, panel, rightAddress);
      rightStride = arith::SelectOp::create(builder, many, width, rightStride);
    } else if (!dense) {
      pack(right, rightAddress, panel, width, depth, columns);
      rightAddress = panel;
      rightStride = width;
    }
    SmallVector<Value> args{addressAt(left, indices),
                            left.stride(builder, dims.m[0]),
                            left.stride(builder, dims.k[0]),
                            rightAddress,
                            rightStride,
                            addressAt(result, indices),
                            result.stride(builder, dims.m[0]),
                            rows,
                            columns,
                            depth};
    for (Value &arg : args)
      if (arg.getType().isIndex())
        arg = builder.toI64(arg);
    func::CallOp::create(builder, routine, TypeRange{}, args);
    op->erase();
  }

  /// Whether the rows of the right side already lie close together: a tile that its producer has just written.
  bool isDense(Operand &right) {
    auto type = cast<MemRefType>(right.buffer.getType());
    auto stride = getConstantIntValue(right.strides[dims.k[0]]);
    constexpr int64_t kNarrow = 64;
    return type.getLayout().isIdentity() && stride && *stride <= kNarrow;
  }
};

struct LowerContractions : pare::cpu::impl::LowerContractionsBase<LowerContractions> {
  static bool matches(linalg::LinalgOp op) {
    if (!op.hasPureBufferSemantics() || !isContraction(op))
      return false;
    for (Value operand : op->getOperands())
      if (!cast<MemRefType>(operand.getType()).getElementType().isF32())
        return false;
    auto dims = linalg::inferContractionDims(op);
    if (failed(dims) || dims->m.size() != 1 || dims->n.size() != 1 || dims->k.size() != 1)
      return false;
    // The columns of the result must be contiguous.
    OpOperand &result = *op.getDpsInitOperand(0);
    auto [strides, offset] = cast<MemRefType>(result.get().getType()).getStridesAndOffset();
    AffineMap map = op.getMatchingIndexingMap(&result);
    for (auto [axis, expr] : llvm::enumerate(map.getResults()))
      if (cast<AffineDimExpr>(expr).getPosition() == dims->n[0])
        return strides[axis] == 1;
    return false;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<linalg::LinalgOp> ops;
    module.walk([&](linalg::LinalgOp op) {
      if (matches(op))
        ops.push_back(op);
    });
    if (ops.empty())
      return;
    OpBuilder outer = OpBuilder::atBlockBegin(module.getBody());
    Abi types(module.getLoc(), outer);
    Type ptr = types.ptr(), i64 = types.getI64Type();
    auto routine = func::FuncOp::create(outer, module.getLoc(), kGemmName,
                                        types.getFunctionType({ptr, i64, i64, ptr, i64, ptr, i64, i64, i64, i64}, {}));
    routine.setPrivate();
    for (linalg::LinalgOp op : ops) {
      Lowering lowering{op, Abi(op.getLoc(), op), *linalg::inferContractionDims(op), {}};
      lowering.run(FlatSymbolRefAttr::get(routine));
    }
  }
};
} // namespace
