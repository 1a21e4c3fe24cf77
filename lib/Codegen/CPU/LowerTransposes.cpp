// Transpositions on buffers become calls of the routine that transposes in registers.
#include "Abi.h"
#include "Linear.h"
#include "Routines.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERTRANSPOSES
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
/// A loop, and those that go on where it ends, in source and target: together one long loop.
struct Merged {
  unsigned loop;
  SmallVector<unsigned> outer;
  bool has(unsigned other) const { return other == loop || llvm::is_contained(outer, other); }
};

struct Transposition {
  linalg::LinalgOp op;
  Strides source, target;
  Merged columns, rows; // the source is contiguous along columns, the target along rows

  /// Nothing for an op that moves no elements of f32 between two such loops.
  static std::optional<Transposition> find(linalg::LinalgOp op) {
    if (!op.hasPureBufferSemantics() || op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
        op.getNumReductionLoops() != 0)
      return std::nullopt;
    OpOperand *source = op.getDpsInputOperand(0), *target = op.getDpsInitOperand(0);
    auto type = dyn_cast<MemRefType>(source->get().getType());
    if (!type || !type.getElementType().isF32() ||
        op.getBlock()->getTerminator()->getOperand(0) != op.getMatchingBlockArgument(source) ||
        !op.getMatchingIndexingMap(source).isPermutation() || !op.getMatchingIndexingMap(target).isPermutation())
      return std::nullopt;
    auto from = linearStrides(op, *source), to = linearStrides(op, *target);
    if (!from || !to)
      return std::nullopt;
    Transposition result{op, *from, *to, {}, {}};
    SmallVector<int64_t> extents = op.getStaticLoopRanges();
    // Fewer leave the registers empty.
    constexpr int64_t kFew = 4;
    std::optional<unsigned> columns, rows;
    for (unsigned loop = 0; loop < extents.size(); ++loop) {
      if (extents[loop] == 1)
        continue;
      if ((*from)[loop] == 1)
        columns = loop;
      if ((*to)[loop] == 1)
        rows = loop;
    }
    if (!columns || !rows || columns == rows)
      return std::nullopt;
    result.columns = result.merge(*columns, extents);
    result.rows = result.merge(*rows, extents);
    auto isFew = [&](const Merged &merged) {
      int64_t extent = extents[merged.loop];
      return merged.outer.empty() && !ShapedType::isDynamic(extent) && extent < kFew;
    };
    if (isFew(result.columns) || isFew(result.rows))
      return std::nullopt;
    return result;
  }

  Merged merge(unsigned loop, ArrayRef<int64_t> extents) {
    Merged result{loop, {}};
    int64_t length = extents[loop];
    for (bool found = true; found && !ShapedType::isDynamic(length);) {
      found = false;
      for (unsigned other = 0; other < extents.size() && !found; ++other) {
        if (result.has(other) || extents[other] == 1)
          continue;
        found = llvm::all_of(std::array<const Strides *, 2>{&source, &target}, [&](const Strides *strides) {
          int64_t step = (*strides)[loop], far = (*strides)[other];
          return step != kUnknownStride && far != kUnknownStride && far == step * length;
        });
        if (found) {
          result.outer.push_back(other);
          length = ShapedType::isDynamic(extents[other]) ? ShapedType::kDynamic : length * extents[other];
        }
      }
    }
    return result;
  }

  void lower(Routines &routines) {
    Abi builder(op.getLoc(), op);
    auto mul = [&](Value a, Value b) { return builder.createOrFold<arith::MulIOp>(a, b); };
    auto add = [&](Value a, Value b) { return builder.createOrFold<arith::AddIOp>(a, b); };
    SmallVector<Value> sizes;
    for (Range range : op.createLoopRanges(builder, op.getLoc()))
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(), range.size));
    auto lengthOf = [&](const Merged &merged) {
      Value length = sizes[merged.loop];
      for (unsigned loop : merged.outer)
        length = mul(length, sizes[loop]);
      return length;
    };
    Value numColumns = lengthOf(columns), numRows = lengthOf(rows);
    struct Side {
      Value address;
      SmallVector<Value> strides; // of each loop
    };
    auto read = [&](OpOperand &use) {
      auto type = cast<MemRefType>(use.get().getType());
      auto metadata = memref::ExtractStridedMetadataOp::create(builder, use.get());
      auto [fixed, offset] = type.getStridesAndOffset();
      Side side{builder.address(use.get()), SmallVector<Value>(sizes.size())};
      for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&use).getResults()))
        side.strides[cast<AffineDimExpr>(expr).getPosition()] =
            ShapedType::isDynamic(fixed[axis]) ? Value(metadata.getStrides()[axis]) : builder.index(fixed[axis]);
      return side;
    };
    Side from = read(*op.getDpsInputOperand(0)), to = read(*op.getDpsInitOperand(0));
    Value fromOffset = builder.index(0), toOffset = fromOffset;
    for (unsigned loop = 0; loop < sizes.size(); ++loop) {
      if (columns.has(loop) || rows.has(loop))
        continue;
      auto around = scf::ForOp::create(builder, builder.index(0), sizes[loop], builder.index(1));
      builder.setInsertionPointToStart(around.getBody());
      fromOffset = add(fromOffset, mul(around.getInductionVar(), from.strides[loop]));
      toOffset = add(toOffset, mul(around.getInductionVar(), to.strides[loop]));
    }
    auto at = [&](Side &side, Value offset) {
      return builder.at(side.address, builder.toI64(mul(offset, builder.index(4))));
    };
    SmallVector<Value> args{
        at(from, fromOffset), from.strides[rows.loop], at(to, toOffset), to.strides[columns.loop], numColumns, numRows};
    for (Value &arg : args)
      if (arg.getType().isIndex())
        arg = builder.toI64(arg);
    func::CallOp::create(builder, routines.transpose(), TypeRange{}, args);
    op->erase();
  }
};

struct LowerTransposes : pare::cpu::impl::LowerTransposesBase<LowerTransposes> {
  void runOnOperation() override {
    SmallVector<Transposition, 0> found;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (auto transposition = Transposition::find(op))
        found.push_back(*transposition);
    });
    Routines routines(getOperation());
    for (Transposition &transposition : found)
      transposition.lower(routines);
  }
};
} // namespace
