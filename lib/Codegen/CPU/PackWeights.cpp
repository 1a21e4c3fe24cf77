// The right side of products as panels that are packed at compile time.
#include "Abi.h"
#include "Roles.h"
#include "WeightTile.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "pare/Codegen/CPU/Passes.h"
#include <map>

namespace pare::cpu {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
struct PackWeights : pare::cpu::impl::PackWeightsBase<PackWeights> {
  /// The panels of `weight` as it is read, made on first use; in bfloat16 they hold pairs of rows.
  memref::GlobalOp panelsOf(memref::GlobalOp weight, ArrayRef<int64_t> read, bool transposed, bool narrow) {
    memref::GlobalOp &panels = made[{weight, std::vector<int64_t>(read), transposed, narrow}];
    if (panels)
      return panels;
    SmallVector<int64_t> shape(read);
    int64_t columns = shape.pop_back_val(), depth = shape.pop_back_val();
    if (transposed)
      std::swap(columns, depth);
    shape.append({(columns + kPanelColumns - 1) / kPanelColumns, depth, kPanelColumns});
    OpBuilder builder(weight);
    Type element = weight.getType().getElementType();
    if (narrow) {
      shape.end()[-2] /= 2;
      shape.push_back(2);
      element = builder.getBF16Type();
    }
    std::string suffix = std::string(transposed ? "_panels_t" : "_panels") + (narrow ? "_bf16" : "");
    SmallVector<StringRef> flags;
    if (transposed)
      flags.push_back("transposed");
    if (narrow)
      flags.push_back("pairs");
    panels = definePanels(getOperation(), weight, read, suffix, MemRefType::get(shape, element), flags);
    return panels;
  }

  void pack(linalg::LinalgOp op, const Roles &roles, SymbolTable &symbols) {
    std::optional<WeightTile> tile = findWeight(roles.right->get());
    if (!tile)
      return;
    auto global = symbols.lookup<memref::GlobalOp>(tile->weight.getName());
    int64_t rank = tile->offsets.size();
    if (!global || !global->hasAttr(kDataAttr) || global->hasAttr(kLayoutAttr) || rank < 2)
      return;
    // The loops that read the axes.
    AffineMap map = op.getMatchingIndexingMap(roles.right);
    SmallVector<int64_t> loops(rank, -1);
    for (auto [axis, expr] : llvm::zip_equal(tile->kept, map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim)
        return;
      loops[axis] = dim.getPosition();
    }
    auto isLoop = [&](int64_t axis, unsigned loop) { return loops[axis] == static_cast<int64_t>(loop); };
    bool transposed = isLoop(rank - 2, roles.columns);
    int64_t columnAxis = transposed ? rank - 2 : rank - 1;
    if (!isLoop(columnAxis, roles.columns) || !isAligned(tile->offsets[columnAxis]) ||
        !isAtMostAPanel(tile->sizes[columnAxis]))
      return;
    // Reduced axes that are read whole, all in front of the columns or the one behind them, are the rows of panels.
    SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
    auto isDepth = [&](int64_t axis) {
      return loops[axis] >= 0 && kinds[loops[axis]] == utils::IteratorType::reduction &&
             getConstantIntValue(tile->offsets[axis]) == 0 &&
             getConstantIntValue(tile->sizes[axis]) == tile->shape[axis];
    };
    SmallVector<int64_t> depthAxes;
    if (transposed && isDepth(rank - 1))
      depthAxes = {rank - 1};
    for (int64_t axis = rank - 2; !transposed && axis >= 0 && isDepth(axis); --axis)
      depthAxes.insert(depthAxes.begin(), axis);
    if (depthAxes.empty())
      return;
    int64_t lead = rank - 1 - depthAxes.size(), depth = 1;
    SmallVector<int64_t> depths, matrices(ArrayRef(tile->shape).take_front(lead));
    for (int64_t axis : depthAxes) {
      depths.push_back(tile->shape[axis]);
      depth *= depths.back();
    }
    matrices.append({depth, tile->shape[columnAxis]});
    if (transposed)
      std::swap(matrices[lead], matrices[lead + 1]);
    bool narrow = isNarrowProduct(op);
    if (narrow) {
      auto left = linearStrides(op, *roles.left);
      if (depths.back() % 2 || !left || (*left)[loops[depthAxes.back()]] != 1)
        return;
      depths.back() /= 2;
      depth /= 2;
    }

    memref::GlobalOp panels = panelsOf(global, matrices, transposed, narrow);
    OpBuilder builder(op);
    Location loc = op.getLoc();
    // Beside the one that it replaces: kernels are given addresses.
    builder.setInsertionPoint(tile->weight);
    Value source = memref::GetGlobalOp::create(builder, loc, panels.getType(), panels.getSymName());
    builder.setInsertionPoint(op);
    // [batch.., panel, depth, columns], of which the panel is dropped.
    SmallVector<OpFoldResult> offsets(ArrayRef(tile->offsets).take_front(lead)),
        sizes(ArrayRef(tile->sizes).take_front(lead));
    AffineExpr panel = builder.getAffineDimExpr(0).floorDiv(kPanelColumns);
    offsets.append({affine::makeComposedFoldedAffineApply(builder, loc, panel, {tile->offsets[columnAxis]}),
                    builder.getIndexAttr(0), builder.getIndexAttr(0)});
    OpFoldResult columns = tile->sizes[columnAxis];
    sizes.append({builder.getIndexAttr(1), builder.getIndexAttr(depth), columns});
    if (narrow) {
      offsets.push_back(builder.getIndexAttr(0));
      sizes.push_back(builder.getIndexAttr(2));
    }
    SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
    SmallVector<int64_t> wanted;
    SmallVector<AffineExpr> read;
    SmallVector<ReassociationIndices> groups;
    for (int64_t axis = 0; axis < lead; ++axis)
      if (loops[axis] >= 0) {
        wanted.push_back(getConstantIntValue(tile->sizes[axis]).value_or(ShapedType::kDynamic));
        read.push_back(builder.getAffineDimExpr(loops[axis]));
        groups.push_back({static_cast<int64_t>(groups.size())});
      }
    wanted.append({depth, getConstantIntValue(columns).value_or(ShapedType::kDynamic)});
    if (narrow)
      wanted.push_back(2);
    MemRefType type = memref::SubViewOp::inferRankReducedResultType(wanted, panels.getType(), offsets, sizes, strides);
    Value view = memref::SubViewOp::create(builder, loc, type, source, offsets, sizes, strides);
    if (depths.size() > 1) {
      int64_t first = groups.size(), last = first + depths.size();
      groups.push_back(llvm::to_vector(llvm::seq(first, last)));
      groups.push_back({last});
      if (narrow)
        groups.push_back({last + 1});
      int64_t behind = narrow ? 2 : 1; // the columns, and the two of a pair
      SmallVector<int64_t> shape(ArrayRef(wanted).drop_back(behind + 1));
      shape.append(depths);
      shape.append(wanted.end() - behind, wanted.end());
      SmallVector<OpFoldResult> extents;
      for (int64_t axis = 0; axis < lead; ++axis)
        if (loops[axis] >= 0)
          extents.push_back(tile->sizes[axis]);
      for (int64_t extent : depths)
        extents.push_back(builder.getIndexAttr(extent));
      extents.push_back(columns);
      if (narrow)
        extents.push_back(builder.getIndexAttr(2));
      view = memref::ExpandShapeOp::create(builder, loc, shape, view, groups, extents);
    }
    for (int64_t axis : depthAxes)
      read.push_back(builder.getAffineDimExpr(loops[axis]));
    read.push_back(builder.getAffineDimExpr(roles.columns));
    if (narrow) {
      readPairs(op, roles, view, loops[depthAxes.back()], read);
      return;
    }
    AffineMap readMap = AffineMap::get(map.getNumDims(), 0, read, builder.getContext());
    unsigned number = roles.right->getOperandNumber();
    roles.right->set(view);
    if (readMap == map)
      return;
    IRRewriter rewriter(op);
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic)
      generic = *linalg::generalizeNamedOp(rewriter, op); // a named op with one result and no attributes of its own
    SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
    maps[number] = readMap;
    generic.setIndexingMapsAttr(builder.getAffineMapArrayAttr(maps));
  }

  /// Splits the loop `depth` into one over pairs and one over the two of each, which `view` has last.
  static void readPairs(linalg::LinalgOp op, const Roles &roles, Value view, unsigned depth,
                        SmallVector<AffineExpr> read) {
    OpBuilder builder(op);
    unsigned numDims = op.getNumLoops();
    AffineExpr half = builder.getAffineDimExpr(numDims);
    read.push_back(half);
    SmallVector<AffineExpr> split;
    for (unsigned loop = 0; loop < numDims; ++loop)
      split.push_back(loop == depth ? builder.getAffineDimExpr(loop) * 2 + half : builder.getAffineDimExpr(loop));
    SmallVector<AffineMap> maps;
    for (AffineMap map : op.getIndexingMapsArray())
      maps.push_back(map.replaceDimsAndSymbols(split, {}, numDims + 1, 0));
    unsigned right = roles.right->getOperandNumber();
    maps[right] = AffineMap::get(numDims + 1, 0, read, builder.getContext());
    SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
    kinds.push_back(utils::IteratorType::reduction);
    SmallVector<Value> inputs = op.getDpsInputs();
    inputs[right] = view;
    linalg::GenericOp::create(builder, op.getLoc(), inputs, op.getDpsInits(), maps, kinds,
                              [](OpBuilder &builder, Location loc, ValueRange args) {
                                Type f32 = builder.getF32Type();
                                Value a = arith::ExtFOp::create(builder, loc, f32, args[0]);
                                Value b = arith::ExtFOp::create(builder, loc, f32, args[1]);
                                Value product = arith::MulFOp::create(builder, loc, a, b);
                                Value sum = arith::AddFOp::create(builder, loc, args[2], product);
                                linalg::YieldOp::create(builder, loc, sum);
                              });
    op->erase();
  }

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    made.clear();
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isRoutineCandidate(op))
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      if (auto roles = assignRoles(op);
          roles && roles->products != Products::depthwise && roles->products != Products::grouped)
        pack(op, *roles, symbols);
  }

  std::map<std::tuple<Operation *, std::vector<int64_t>, bool, bool>, memref::GlobalOp> made;
};
} // namespace
