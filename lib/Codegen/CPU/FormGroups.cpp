// Tiles the root of each fusion group and pulls its producers into the tile.
#include "Group.h"
#include "Work.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_FORMGROUPS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

/// Whether an op may be a root: a tensor op with a parallel loop, and large enough that it might pay.
static bool mayBeRoot(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() == 0 || op.getNumParallelLoops() == 0)
    return false;
  constexpr int64_t kSmall = 64; // iterations that the host program runs sooner than the pool starts
  int64_t iterations = 1;
  for (int64_t extent : op.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(extent))
      return true;
    iterations *= extent;
  }
  return iterations > kSmall;
}

static LogicalResult tile(RewriterBase &rewriter, const Group &group) {
  noteWork(rewriter, group);
  scf::SCFTilingOptions tiling;
  tiling.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  tiling.setTileSizes(getAsIndexOpFoldResult(rewriter.getContext(), group.tileSizes()));
  scf::SCFTileAndFuseOptions options;
  options.setTilingOptions(tiling);
  options.setFusionControlFn([&](tensor::ExtractSliceOp, OpResult producer,
                                 bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
    if (!group.members.contains(producer.getOwner()))
      return std::nullopt;
    return scf::SCFTileAndFuseOptions::ControlFnResult{};
  });
  rewriter.setInsertionPoint(group.root);
  Operation *root = group.root;
  auto result = scf::tileConsumerAndFuseProducersUsingSCF(rewriter, cast<TilingInterface>(root), options);
  if (failed(result))
    return root->emitOpError("cannot be tiled");
  for (OpResult value : root->getResults())
    if (Value replacement = result->replacements.lookup(value))
      rewriter.replaceAllUsesWith(value, replacement);
  rewriter.eraseOp(root);
  // Users of the producers were all in the group.
  for (auto &member : group.members)
    if (member.first != root && member.first->use_empty())
      rewriter.eraseOp(member.first);
  return success();
}

namespace {
struct FormGroups : pare::cpu::impl::FormGroupsBase<FormGroups> {
  LogicalResult formIn(Block &block, RewriterBase &rewriter) {
    // The group that is formed replaces ops before this one only, so the walk goes on from its place.
    for (Operation *op = block.empty() ? nullptr : &block.back(); op;) {
      for (Region &region : op->getRegions())
        // What stands in a parallel loop already is the tile of a group.
        if (!isa<linalg::LinalgOp, tensor::GenerateOp, tensor::PadOp, scf::ForallOp>(op))
          for (Block &inner : region)
            if (failed(formIn(inner, rewriter)))
              return failure();
      if (isOpTriviallyDead(op)) { // a producer that every user computes for itself
        Operation *dead = op;
        op = op->getPrevNode();
        rewriter.eraseOp(dead);
        continue;
      }
      if (auto loop = dyn_cast<scf::ForallOp>(op))
        noteUnknownWork(rewriter, loop);
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (!linalgOp || !mayBeRoot(linalgOp)) {
        op = op->getPrevNode();
        continue;
      }
      Operation *next = op->getNextNode();
      if (failed(tile(rewriter, Group(linalgOp))))
        return failure();
      // Continue above the loop that replaced it.
      op = next ? next->getPrevNode() : &block.back();
      while (op && !isa<scf::ForallOp>(op))
        op = op->getPrevNode();
      op = op ? op->getPrevNode() : nullptr;
    }
    return success();
  }

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    for (Block &block : getOperation().getBody())
      if (failed(formIn(block, rewriter)))
        return signalPassFailure();
    // A tile of an uninitialised tensor is one of its own, not a part of the result.
    RewritePatternSet patterns(&getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
