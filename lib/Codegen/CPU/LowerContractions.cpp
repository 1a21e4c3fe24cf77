// Contractions on buffers become calls of the register-tile routine.
#include "CopyFactors.h"
#include "PackBytes.h"
#include "RegisterTiles.h"
#include "Roles.h"
#include "WindowTaps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERCONTRACTIONS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

/// More of a right side than this many rows of a panel does not stay in the second level of cache.
static constexpr int64_t kDepth = 2304;
static int64_t depthLimit(const Roles &roles) { return roles.products == Products::bytes ? 4 * kDepth : kDepth; }
/// The routine repeats its depth for the steps of so many loops.
static constexpr size_t kRepeats = 2;

namespace {
struct Lowering {
  linalg::LinalgOp op;
  Surroundings around;
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
    int64_t bytes = 4; // of an element
  };

  /// An operand of the op or of what stands around it, by the loops of the op.
  Operand read(OpOperand &use) {
    Operand result;
    auto owner = cast<linalg::LinalgOp>(use.getOwner());
    auto type = cast<MemRefType>(use.get().getType());
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, use.get());
    auto [fixed, offset] = type.getStridesAndOffset();
    unsigned loops = op.getNumLoops(), ownLoops = owner.getNumLoops();
    SmallVector<int64_t> ours;
    if (owner != op)
      ours = around.loopsOf(op, owner);
    result.strides.assign(loops, builder.index(0));
    result.varies.resize(loops);
    Value start = builder.index(0);
    for (auto [axis, expr] : llvm::enumerate(readingMap(owner, use).getResults())) {
      Value stride =
          ShapedType::isDynamic(fixed[axis]) ? Value(metadata.getStrides()[axis]) : builder.index(fixed[axis]);
      SmallVector<int64_t> coefficients = *linearForm(expr, ownLoops);
      for (unsigned own = 0; own < ownLoops; ++own)
        if (coefficients[own]) {
          unsigned loop = owner == op ? own : ours[own];
          result.varies.set(loop);
          result.strides[loop] = add(result.strides[loop], mul(stride, builder.index(coefficients[own])));
        }
      start = add(start, mul(stride, builder.index(coefficients[ownLoops])));
    }
    result.bytes = type.getElementTypeBitWidth() / 8;
    result.address = builder.at(builder.address(use.get()), builder.toI64(mul(start, builder.index(result.bytes))));
    return result;
  }

  /// Opens a loop around what follows.
  void enter(unsigned loop) {
    auto loopOp = scf::ForOp::create(builder, builder.index(0), sizes[loop], builder.index(1));
    builder.setInsertionPointToStart(loopOp.getBody());
    indices[loop] = loopOp.getInductionVar();
  }

  /// `steps` strides of elements of `bytes` behind an address.
  Value advance(Value address, Value steps, Value stride, int64_t bytes) {
    return builder.at(address, builder.toI64(mul(mul(steps, stride), builder.index(bytes))));
  }

  /// The operand at the indices of the open loops.
  Value addressOf(Operand &operand) {
    Value offset = builder.index(0);
    for (unsigned loop = 0; loop < indices.size(); ++loop)
      if (indices[loop] && operand.varies[loop])
        offset = add(offset, mul(indices[loop], operand.strides[loop]));
    return builder.at(operand.address, builder.toI64(mul(offset, builder.index(operand.bytes))));
  }

  bool isNarrow() const { return roles.products == Products::bf16; }
  bool isBytes() const { return roles.products == Products::bytes; }
  /// Whether the rows of the right side already lie close together: a tile that its producer has just written, or a
  /// panel of packed weights.
  static bool isDense(linalg::LinalgOp op, const Roles &roles) {
    if (roles.products == Products::bytes)
      return planBytePanels(op, roles).has_value();
    if (roles.products != Products::f32)
      return roles.pair || roles.products == Products::depthwise || roles.products == Products::grouped;
    auto stride = (*linearStrides(op, *roles.right))[roles.depth.loop];
    constexpr int64_t kNarrow = 64;
    return roles.unitColumns && stride > 0 && stride <= kNarrow;
  }

  /// An operand at `address` as a matrix of the depth by `count` steps of `loop`.
  FactorMatrix matrixOf(Operand &operand, OpOperand &use, Value address, unsigned loop, Value count) {
    Strides known = *linearStrides(op, use);
    unsigned along = roles.depth.loop;
    Type element = cast<MemRefType>(use.get().getType()).getElementType();
    return {address,           depth,  operand.strides[along], count, operand.strides[loop], known[loop] == 1,
            known[along] == 1, element};
  }

  /// The right side in panels of bytes; its strides are in bytes, along the depth between groups of four.
  Operand readPanels(BytePacking &packing) {
    BytePanels panels = *planBytePanels(op, roles);
    Operand result;
    result.address = packing.address(builder, panels);
    result.bytes = 1;
    result.strides.assign(op.getNumLoops(), builder.index(0));
    result.varies.resize(op.getNumLoops());
    for (auto [loop, stride] : llvm::zip_equal(panels.loops, panels.strides))
      if (loop >= 0) {
        result.varies.set(loop);
        result.strides[loop] = builder.index(stride);
      }
    result.strides[roles.depth.loop] = builder.index(4 * kPanelColumns);
    return result;
  }

  /// The length of loops that are one.
  Value lengthOf(const Roles::Merged &merged) {
    Value length = sizes[merged.loop];
    for (unsigned loop : merged.outer)
      length = mul(length, sizes[loop]);
    return length;
  }

  /// The reduced loops that the routine does not run as its depth.
  static SmallVector<unsigned> otherReductions(linalg::LinalgOp op, const Roles &roles) {
    SmallVector<unsigned> loops;
    for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
      if (kind == utils::IteratorType::reduction && !roles.depth.has(loop) && loop != roles.pair)
        loops.push_back(loop);
    return loops;
  }

  /// Whether one call of the routine computes whole sums: then it can begin and end them.
  static bool sumsAreWhole(linalg::LinalgOp op, const Roles &roles) {
    SmallVector<int64_t> extents = op.getStaticLoopRanges();
    SmallVector<unsigned> others = otherReductions(op, roles);
    int64_t length = 1;
    bool known = true;
    for (unsigned loop : llvm::concat<const unsigned>(others, ArrayRef(roles.depth.loop), roles.depth.outer)) {
      known &= !ShapedType::isDynamic(extents[loop]);
      length = known ? length * extents[loop] : length;
    }
    // A right side that is copied is copied for one step of the other loops at a time.
    bool fits = others.empty() || (others.size() <= kRepeats && isDense(op, roles));
    return fits && (known ? length <= depthLimit(roles) : others.empty());
  }

  /// The first and the end of the taps of a window that meet rows that are not zero.
  std::pair<Value, Value> boundsOf(const WindowTaps &taps) {
    Value first = builder.index(0), zero = first;
    for (OpFoldResult offset : taps.offsets)
      first = add(first, getValueOrCreateConstantIndexOp(builder, op.getLoc(), offset));
    if (taps.row && indices[*taps.row])
      first = add(first, mul(indices[*taps.row], builder.index(taps.stride)));
    auto count = [&](int64_t row) { // of taps that stand in front of it
      Value distance = builder.createOrFold<arith::SubIOp>(builder.index(row), first);
      distance = builder.createOrFold<arith::MaxSIOp>(distance, zero);
      distance = builder.createOrFold<arith::CeilDivSIOp>(distance, builder.index(taps.dilation));
      return builder.createOrFold<arith::MinSIOp>(distance, sizes[taps.window]);
    };
    return {count(taps.begin), count(taps.end)};
  }

  void run(Routines &routines, BytePacking &packing) {
    for (Range range : op.createLoopRanges(builder, op.getLoc()))
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(), range.size));
    indices.resize(sizes.size());
    Value rows = roles.rows ? lengthOf(*roles.rows) : builder.index(1);
    depth = lengthOf(roles.depth);
    bool whole = sumsAreWhole(op, roles);
    Operand left = read(*roles.left), right = read(*roles.right), result = read(*around.result(op));
    std::optional<Operand> start;
    if (!around.init)
      start = read(*op.getDpsInitOperand(0));
    else if (around.start)
      start = read(*around.start);
    SmallVector<Operand> sides;
    for (OpOperand *side : around.sides)
      sides.push_back(read(*side));
    bool dense = isDense(op, roles);
    FactorCopier copier(builder, routines, roles.products);
    Value width, panel = dense ? Value() : copier.makePanel(depth, sizes[roles.columns], width);
    Value leftStride, leftCopy = roles.copiesLeft ? copier.makeLeft(depth, rows, leftStride) : Value();
    if (isBytes() && dense) {
      right = readPanels(packing);
      width = builder.index(kPanelColumns);
    }

    // Loops that move the right side first, so that a copy of it serves all the others.
    SmallVector<unsigned> others = otherReductions(op, roles);
    auto isOurs = [&](unsigned loop) {
      return loop == roles.columns || loop == roles.pair || roles.depth.has(loop) ||
             (roles.rows && roles.rows->has(loop)) || (whole && llvm::is_contained(others, loop));
    };
    for (unsigned loop = 0; loop < sizes.size(); ++loop)
      if (!isOurs(loop) && right.varies[loop])
        enter(loop);
    auto copyRight = [&](Value from) {
      copier.copyRight(matrixOf(right, *roles.right, from, roles.columns, sizes[roles.columns]), panel, width);
    };
    Value rightAddress = addressOf(right), rightStride = right.strides[roles.depth.loop];
    // The reduced loops that the routine runs around its depth, from the inside out.
    struct Repeat {
      Value steps, left, right;
    };
    std::array<Repeat, kRepeats> repeats;
    repeats.fill({builder.index(1), builder.index(0), builder.index(0)});
    if (whole)
      for (auto [repeat, loop] : llvm::zip(repeats, llvm::reverse(others)))
        repeat = {sizes[loop], left.strides[loop], right.strides[loop]};
    if (!dense && roles.unitColumns && !isNarrow() && !isBytes()) {
      // Copying pays when the copy is read often.
      constexpr int64_t kManyRows = 16;
      Value many = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge, rows, builder.index(kManyRows));
      auto choice = scf::IfOp::create(builder, TypeRange{}, many, /*withElseRegion=*/false);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(choice.thenBlock());
        copyRight(rightAddress);
      }
      rightAddress = arith::SelectOp::create(builder, many, panel, rightAddress);
      rightStride = arith::SelectOp::create(builder, many, width, rightStride);
    } else if (!dense) {
      copyRight(rightAddress);
      rightAddress = panel;
      rightStride = isBytes() ? mul(width, builder.index(4)) : width;
    }
    for (unsigned loop = 0; loop < sizes.size(); ++loop)
      if (!isOurs(loop) && !right.varies[loop])
        enter(loop);
    Value leftAddress = addressOf(left), part = depth;
    if (roles.copiesLeft) {
      copier.copyLeft(matrixOf(left, *roles.left, leftAddress, roles.rows->loop, rows), leftCopy, leftStride);
      leftAddress = leftCopy;
      left.bytes = 2;
      left.strides[roles.rows->loop] = leftStride;
      left.strides[roles.depth.loop] = builder.index(1);
    }
    // Taps that meet only zeros are left out, where the routine does not run over the rows that decide it.
    for (const WindowTaps &taps : windowTapsOf(op)) {
      const auto *place = llvm::find(others, taps.window);
      bool isOuter = whole && place != others.end(), isRow = taps.row && isOurs(*taps.row);
      if (isRow || roles.left->getOperandNumber() != 0 || (!isOuter && !indices[taps.window]))
        continue;
      Value from, to;
      std::tie(from, to) = boundsOf(taps);
      if (isOuter) {
        Repeat &repeat = repeats[others.end() - place - 1];
        repeat.steps = builder.createOrFold<arith::SubIOp>(to, from);
        leftAddress = advance(leftAddress, from, repeat.left, left.bytes);
        rightAddress = advance(rightAddress, from, repeat.right, right.bytes);
        continue;
      }
      Value tap = indices[taps.window];
      Value meets = arith::AndIOp::create(builder, arith::CmpIOp::create(builder, arith::CmpIPredicate::sge, tap, from),
                                          arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, tap, to));
      auto choice = scf::IfOp::create(builder, TypeRange{}, meets, /*withElseRegion=*/false);
      builder.setInsertionPointToStart(choice.thenBlock());
    }
    auto rowStride = [&](Operand &operand) {
      return roles.rows ? operand.strides[roles.rows->loop] : builder.index(0);
    };
    // A part of the depth at a time.
    if (auto known = getConstantIntValue(depth); known && *known > depthLimit(roles)) {
      int64_t step = llvm::alignTo(llvm::divideCeil(*known, llvm::divideCeil(*known, depthLimit(roles))), 4);
      auto loop = scf::ForOp::create(builder, builder.index(0), depth, builder.index(step));
      builder.setInsertionPointToStart(loop.getBody());
      Value from = loop.getInductionVar();
      part = builder.createOrFold<arith::MinSIOp>(arith::SubIOp::create(builder, depth, from), builder.index(step));
      leftAddress = advance(leftAddress, from, left.strides[roles.depth.loop], left.bytes);
      rightAddress = isBytes() ? advance(rightAddress, from, width, /*bytes=*/1)
                               : advance(rightAddress, from, rightStride, isNarrow() ? 2 : 4);
    }
    if (isNarrow() && !roles.pair) {
      // The routine counts pairs.
      part = builder.createOrFold<arith::CeilDivUIOp>(part, builder.index(2));
      rightStride = mul(rightStride, builder.index(2));
    }
    SmallVector<Value> args(gemm::NumFixed);
    args[gemm::A] = leftAddress;
    args[gemm::ARow] = rowStride(left);
    args[gemm::ADepth] = left.strides[roles.depth.loop];
    args[gemm::AOuter] = repeats[0].left;
    args[gemm::AFar] = repeats[1].left;
    args[gemm::B] = rightAddress;
    args[gemm::BDepth] = rightStride;
    args[gemm::BOuter] = repeats[0].right;
    args[gemm::BFar] = repeats[1].right;
    args[gemm::C] = addressOf(result);
    args[gemm::CRow] = rowStride(result);
    args[gemm::Start] = start ? addressOf(*start) : LLVM::ZeroOp::create(builder, builder.ptr());
    args[gemm::StartRow] = start ? rowStride(*start) : builder.index(0);
    args[gemm::Depth] = part;
    args[gemm::Outer] = repeats[0].steps;
    args[gemm::Far] = repeats[1].steps;
    args[gemm::Columns] = sizes[roles.columns];
    args[gemm::Rows] = rows;
    SmallVector<bool> isRepeated;
    for (auto [side, use] : llvm::zip_equal(sides, around.sides)) {
      args.append({addressOf(side), rowStride(side)});
      isRepeated.push_back((*around.stridesOf(op, *use))[roles.columns] == 0);
    }
    for (Value &arg : args)
      if (arg.getType().isIndex())
        arg = builder.toI64(arg);
    Routine wanted;
    wanted.products = roles.products;
    if (roles.grouping) {
      wanted.groupInputs = roles.grouping->inputs;
      wanted.groupOutputs = roles.grouping->outputs;
    }
    wanted.leftIsSigned = roles.leftIsSigned;
    wanted.hasRest = isBytes() && FactorCopier::hasRest(depth);
    func::CallOp::create(builder, routines.get(around, isRepeated, wanted), TypeRange{}, args);
    op->erase();
    if (around.init)
      around.init->erase();
    if (around.tail)
      around.tail->erase();
  }
};

/// What the routine can do of `op`; nothing where it is none for it.
std::optional<std::pair<Surroundings, Roles>> plan(linalg::LinalgOp op) {
  if (!isRoutineCandidate(op))
    return std::nullopt;
  Surroundings around = findSurroundings(op);
  auto attempt = [&]() -> std::optional<Roles> {
    SmallVector<Strides> sides;
    std::optional<Strides> result = around.stridesOf(op, *around.result(op)), start;
    if (!result)
      return std::nullopt;
    for (OpOperand *side : around.sides) {
      sides.emplace_back();
      if (auto strides = around.stridesOf(op, *side))
        sides.back() = *strides;
      else
        return std::nullopt;
    }
    OpOperand *from = around.init ? around.start : op.getDpsInitOperand(0);
    if (from) {
      start = around.stridesOf(op, *from);
      if (!start)
        return std::nullopt;
      sides.push_back(*start);
    }
    auto roles = assignRoles(op, *result, sides);
    if (!roles || (start && (*start)[roles->columns] != 1))
      return std::nullopt;
    for (const Strides &side : sides)
      if (side[roles->columns] != 0 && side[roles->columns] != 1)
        return std::nullopt;
    if ((around.init || around.tail) && !Lowering::sumsAreWhole(op, *roles))
      return std::nullopt;
    return roles;
  };
  if (auto roles = attempt())
    return std::pair(around, *roles);
  // Step by step less of what stands around.
  if (around.tail) {
    around.tail = {};
    around.sum = nullptr;
    around.sides.clear();
    if (auto roles = attempt())
      return std::pair(around, *roles);
  }
  if (around.init) {
    around = {};
    if (auto roles = attempt())
      return std::pair(around, *roles);
  }
  return std::nullopt;
}

/// Of the contraction first, then of what the routine does to its sums.
Location locationOf(linalg::LinalgOp op, Surroundings &around) {
  SmallVector<Location> parts{op.getLoc()};
  if (around.tail) {
    for (Operation &inner : around.tail.getBody()->without_terminator())
      if (!inner.hasTrait<OpTrait::ConstantLike>())
        parts.push_back(inner.getLoc());
    parts.push_back(around.tail.getLoc());
  }
  return FusedLoc::get(op.getContext(), parts);
}

struct LowerContractions : pare::cpu::impl::LowerContractionsBase<LowerContractions> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<linalg::LinalgOp> ops;
    module.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    Routines routines(module);
    BytePacking packing(module);
    llvm::SmallPtrSet<Operation *, 16> erased;
    for (linalg::LinalgOp op : ops) {
      if (erased.contains(op))
        continue;
      auto planned = plan(op);
      if (!planned)
        continue;
      auto &[around, roles] = *planned;
      if (around.tail)
        erased.insert(around.tail);
      if (around.init)
        erased.insert(around.init);
      // Where the last of what is computed stands: what it reads is there.
      Operation *place = around.tail ? around.tail.getOperation() : op.getOperation();
      Lowering{op, around, roles, Abi(locationOf(op, around), place), {}, {}, {}}.run(routines, packing);
    }
  }
};
} // namespace
