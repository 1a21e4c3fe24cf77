// Parallel loops become kernel functions.
#include "Abi.h"
#include "Launches.h"
#include "Work.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

/// Constants are cheaper to make again than to pass.
static void sinkConstants(scf::ForallOp loop) {
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(loop.getRegion(), used);
  OpBuilder builder = OpBuilder::atBlockBegin(loop.getBody());
  for (Value value : used) {
    Operation *op = value.getDefiningOp();
    if (!op || !op->hasTrait<OpTrait::ConstantLike>() || isa<MemRefType>(value.getType()))
      continue;
    Value copy = builder.clone(*op)->getResult(0);
    value.replaceUsesWithIf(copy, [&](OpOperand &use) { return loop->isProperAncestor(use.getOwner()); });
  }
}

/// An upper bound, computed in front of the loop, of a size that a tile decides; null when there is none.
static Value boundOutside(Abi &builder, scf::ForOp loop, Value size) {
  AffineMap map;
  ValueDimList operands;
  auto isOutside = [&](Value value, std::optional<int64_t>, ValueBoundsConstraintSet &) {
    return loop.isDefinedOutsideOfLoop(value);
  };
  if (failed(ValueBoundsConstraintSet::computeBound(map, operands, presburger::BoundType::UB, size, isOutside,
                                                    /*closedUB=*/true)))
    return {};
  OpFoldResult bound = affine::materializeComputedBound(builder, builder.getLoc(), map, operands);
  return getValueOrCreateConstantIndexOp(builder, builder.getLoc(), bound);
}

/// Moves the buffers that a tile needs in front of the loop over tiles, each as large as any tile needs it.
static void hoistBuffers(func::FuncOp kernel, scf::ForOp loop, Value context, Value worker) {
  constexpr int64_t kMaxOnStack = 32 << 10, kMaxFrame = 128 << 10;
  int64_t frame = 0;
  SmallVector<memref::AllocOp> allocs;
  loop.walk([&](memref::AllocOp op) { allocs.push_back(op); });
  for (memref::AllocOp op : allocs) {
    MemRefType type = op.getType();
    Abi builder(op.getLoc(), loop);
    SmallVector<Value> bounds;
    int64_t fixed = 1;
    bool hoist = true;
    for (Value size : op.getDynamicSizes()) {
      auto bound = ValueBoundsConstraintSet::computeConstantBound(presburger::BoundType::UB, size,
                                                                  /*stopCondition=*/nullptr, /*closedUB=*/true);
      if (succeeded(bound)) {
        fixed *= std::max<int64_t>(*bound, 0);
      } else if (loop.isDefinedOutsideOfLoop(size)) {
        bounds.push_back(size);
      } else if (Value bound = boundOutside(builder, loop, size)) {
        bounds.push_back(bound);
      } else {
        hoist = false;
      }
    }
    // A size that only the tile knows and nothing bounds: memory until the kernel returns, once for each tile.
    if (!hoist) {
      builder.setInsertionPoint(op);
      bounds.assign(op.getDynamicSizes().begin(), op.getDynamicSizes().end());
      fixed = 1;
    }
    int64_t elements = ::pare::cpu::bytesOf(type.getElementType());
    for (int64_t size : type.getShape())
      if (!ShapedType::isDynamic(size))
        elements *= size;
    fixed *= elements;
    Value bytes;
    if (hoist && bounds.empty() && fixed <= kMaxOnStack && frame + fixed <= kMaxFrame) {
      frame += fixed;
      auto raw =
          memref::AllocaOp::create(builder, MemRefType::get(fixed, builder.getI8Type()), builder.getI64IntegerAttr(64));
      bytes = raw;
    } else {
      Value size = builder.index(fixed);
      for (Value bound : bounds)
        size = arith::MulIOp::create(builder, size, bound);
      bytes = builder.asBytes(builder.scratch(context, worker, builder.toI64(size)), size);
    }
    builder.setInsertionPoint(op);
    Value view = memref::ViewOp::create(builder, type, bytes, builder.index(0), op.getDynamicSizes());
    op.replaceAllUsesWith(view);
    op.erase();
  }
}

namespace {
struct Outliner {
  ModuleOp module, kernels;
  SmallVector<func::FuncOp> made;
  SmallVector<Attribute> launches;

  /// Number of steps of each loop.
  SmallVector<Value> counts(Abi &builder, ValueRange lower, ValueRange upper, ValueRange steps) {
    SmallVector<Value> result;
    for (auto [low, high, step] : llvm::zip_equal(lower, upper, steps)) {
      Value extent = builder.createOrFold<arith::SubIOp>(high, low);
      result.push_back(builder.createOrFold<arith::CeilDivSIOp>(extent, step));
    }
    return result;
  }

  func::FuncOp makeKernel(scf::ForallOp loop, ValueRange captured) {
    MLIRContext *context = loop.getContext();
    Abi builder(loop.getLoc(), context);
    SmallVector<Type> types(captured.getTypes());
    types.append({builder.ptr(), builder.getIndexType(), builder.getIndexType(), builder.getI32Type()});
    builder.setInsertionPointToEnd(kernels.getBody());
    auto kernel =
        func::FuncOp::create(builder, ("kernel_" + Twine(made.size())).str(), builder.getFunctionType(types, {}));
    builder.setInsertionPointToStart(kernel.addEntryBlock());
    ValueRange arguments = kernel.getArguments();
    IRMapping mapping;
    mapping.map(captured, arguments.take_front(captured.size()));
    ValueRange own = arguments.drop_front(captured.size());
    auto bound = [&](ArrayRef<OpFoldResult> mixed) {
      SmallVector<Value> values;
      for (OpFoldResult item : mixed)
        values.push_back(isa<Attribute>(item) ? builder.index(*getConstantIntValue(item))
                                              : mapping.lookup(cast<Value>(item)));
      return values;
    };
    SmallVector<Value> lower = bound(loop.getMixedLowerBound()), steps = bound(loop.getMixedStep());
    SmallVector<Value> number = counts(builder, lower, bound(loop.getMixedUpperBound()), steps);
    auto tiles = scf::ForOp::create(builder, own[1], own[2], builder.index(1));
    func::ReturnOp::create(builder);

    builder.setInsertionPointToStart(tiles.getBody());
    Value rest = tiles.getInductionVar();
    SmallVector<Value> ivs(lower.size());
    for (int64_t axis = lower.size() - 1; axis >= 0; --axis) {
      Value step = rest;
      if (axis > 0) {
        step = arith::RemUIOp::create(builder, rest, number[axis]);
        rest = arith::DivUIOp::create(builder, rest, number[axis]);
      }
      ivs[axis] = arith::AddIOp::create(builder, arith::MulIOp::create(builder, step, steps[axis]), lower[axis]);
    }
    mapping.map(loop.getInductionVars(), ivs);
    for (Operation &op : loop.getBody()->without_terminator())
      builder.clone(op, mapping);
    hoistBuffers(kernel, tiles, own[0], own[3]);
    return kernel;
  }

  /// A kernel with the same code, or the new one.
  func::FuncOp unify(func::FuncOp kernel) {
    for (func::FuncOp other : made)
      if (other.getFunctionType() == kernel.getFunctionType() &&
          OperationEquivalence::isRegionEquivalentTo(&other.getBody(), &kernel.getBody(),
                                                     OperationEquivalence::IgnoreLocations)) {
        kernel.erase();
        return other;
      }
    made.push_back(kernel);
    return kernel;
  }

  void outline(scf::ForallOp loop) {
    sinkConstants(loop);
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(loop.getRegion(), captured);
    for (Value value :
         llvm::concat<Value>(loop.getDynamicLowerBound(), loop.getDynamicUpperBound(), loop.getDynamicStep()))
      captured.insert(value);
    func::FuncOp kernel = unify(makeKernel(loop, captured.getArrayRef()));
    int64_t number = llvm::find(made, kernel) - made.begin();

    Abi builder(loop.getLoc(), loop);
    Work work = takeWork(builder, loop);
    auto values = [&](ArrayRef<OpFoldResult> mixed) {
      SmallVector<Value> result;
      for (OpFoldResult item : mixed)
        result.push_back(getValueOrCreateConstantIndexOp(builder, loop.getLoc(), item));
      return result;
    };
    Value tiles = builder.index(1);
    for (Value count : counts(builder, values(loop.getMixedLowerBound()), values(loop.getMixedUpperBound()),
                              values(loop.getMixedStep())))
      tiles = builder.createOrFold<arith::MulIOp>(tiles, count);
    SmallVector<Value> operands{tiles, builder.i64(launches.size()), work.flops, work.bytes};
    launches.push_back(describeLaunch(loop, number));
    operands.append(captured.begin(), captured.end());
    auto declared = module.lookupSymbol<func::FuncOp>(kernel.getName());
    if (!declared) {
      OpBuilder outer = OpBuilder::atBlockBegin(module.getBody());
      declared = func::FuncOp::create(outer, kernel.getLoc(), kernel.getName(),
                                      builder.getFunctionType(ValueRange(operands).getTypes(), {}));
      declared.setPrivate();
      declared->setAttr(kKernelAttr, builder.getI64IntegerAttr(number));
    }
    func::CallOp::create(builder, declared, operands);
    loop.erase();
  }
};

struct OutlineKernels : pare::cpu::impl::OutlineKernelsBase<OutlineKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    ModuleOp kernels = ModuleOp::create(builder, module.getLoc(), kKernelsModule);
    Outliner outliner{module, kernels, {}, {}};
    SmallVector<scf::ForallOp> loops;
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](scf::ForallOp loop) {
        loops.push_back(loop);
        return WalkResult::skip(); // a loop inside is part of the kernel
      });
    for (scf::ForallOp loop : loops)
      outliner.outline(loop);
    dropWork(module);
    if (!outliner.launches.empty())
      module->setAttr(kLaunchesAttr, builder.getArrayAttr(outliner.launches));
    // Kernels call the routines that the groups call.
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      if (function.isDeclaration() && !function->hasAttr(kKernelAttr))
        OpBuilder::atBlockBegin(kernels.getBody()).clone(*function);
  }
};
} // namespace
