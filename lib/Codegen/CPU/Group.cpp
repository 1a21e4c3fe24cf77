// Membership of fusion groups, decided before anything is tiled.
#include "Group.h"
#include "Elementwise.h"
#include "Linear.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

using namespace mlir;
using namespace pare::cpu;

Group::Group(linalg::LinalgOp root) : root(root), tiled(root.getNumLoops()) {
  SmallVector<utils::IteratorType> kinds = root.getIteratorTypesArray();
  SmallVector<int64_t> loops;
  for (auto [loop, kind] : llvm::enumerate(kinds)) {
    bool parallel = kind == utils::IteratorType::parallel;
    tiled[loop] = parallel;
    loops.push_back(parallel ? loop : kWhole);
  }
  members[root] = loops;
  if (isProductSum(root))
    contraction = root;
  // Users of an op come after it, so that one walk backwards meets each candidate when its users are decided.
  for (Operation *op = root->getPrevNode(); op; op = op->getPrevNode())
    if (auto producer = dyn_cast<linalg::LinalgOp>(op))
      join(producer);
}

/// Whether an op only repeats elements of a smaller tensor (a bias): computing it again costs no more than reading it.
static bool isRepetition(linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  return generic && isElementwiseMap(generic) && generic.getNumDpsInputs() == 1 &&
         isa<RankedTensorType>(generic.getDpsInputs()[0].getType()) &&
         generic.getMatchingIndexingMap(generic.getDpsInputOperand(0)).getNumResults() < generic.getNumLoops() &&
         generic.getBody()->getTerminator()->getOperand(0) == generic.getBody()->getArgument(0);
}

bool Group::join(linalg::LinalgOp producer) {
  if (producer->getNumResults() != 1 || !producer.hasPureTensorSemantics() || producer->use_empty())
    return false;
  AffineMap result = producer.getIndexingMapMatchingResult(producer->getResult(0));
  if (!result.isProjectedPermutation())
    return false;
  bool cheap = isCheap(producer), onlyMoves = isElementwiseMap(producer) || cheap;
  bool isFill = isa<linalg::FillOp>(producer) || isRepetition(producer), hasUse = false;
  constexpr int64_t kUnset = -2;
  SmallVector<int64_t> loops(producer.getNumLoops(), kUnset);
  llvm::SmallBitVector nowTiled = tiled;
  for (OpOperand &use : producer->getUses()) {
    auto user = members.find(use.getOwner());
    if (user == members.end()) {
      if (isFill) // is computed wherever it is used
        continue;
      return false;
    }
    hasUse = true;
    auto consumer = cast<linalg::LinalgOp>(use.getOwner());
    // The left side would be computed again for every tile of columns.
    if (consumer == contraction && use.getOperandNumber() == 0)
      return false;
    AffineMap map = consumer.getMatchingIndexingMap(&use);
    for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
      int64_t source = kWhole;
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        source = user->second[dim.getPosition()];
      else if (!isa<AffineConstantExpr>(expr))
        return false;
      int64_t &target = loops[cast<AffineDimExpr>(result.getResult(axis)).getPosition()];
      if (target == kUnset || target == source) {
        target = source;
        continue;
      }
      // Read in two ways: the tile has to be whole there.
      for (int64_t other : {target, source})
        if (other >= 0)
          nowTiled[other] = false;
      target = kWhole;
    }
  }
  if (!hasUse)
    return false;
  for (int64_t &loop : loops)
    if (loop == kUnset || (loop >= 0 && !nowTiled[loop]))
      loop = kWhole;
  if (nowTiled.none())
    return false;
  if (isProductSum(producer)) {
    if (contraction)
      return false;
    // Every loop of the result is cut: rows and columns have their own tile sizes.
    for (AffineExpr expr : result.getResults())
      if (loops[cast<AffineDimExpr>(expr).getPosition()] == kWhole)
        return false;
  } else if (!onlyMoves && contraction) {
    // A reduction in front of a contraction would be computed once for every tile of it.
    return false;
  }
  // A tile that does not depend on a loop of the root is computed once for each step of that loop.
  llvm::SmallBitVector known(tiled.size());
  for (int64_t loop : loops)
    if (loop >= 0)
      known.set(loop);
  llvm::SmallBitVector missing = nowTiled;
  missing.reset(known);
  bool repeated = missing.any();
  if (repeated && !isFill && !cheap)
    return false;
  // What became whole is whole for everybody; a contraction in the group must keep its tiles.
  if (contraction) {
    for (int64_t loop : members[contraction])
      if (loop >= 0 && !nowTiled[loop])
        return false;
  }
  tiled = nowTiled;
  for (auto &member : members)
    for (int64_t &loop : member.second)
      if (loop >= 0 && !tiled[loop])
        loop = kWhole;
  members[producer] = loops;
  if (isProductSum(producer))
    contraction = producer;
  return true;
}

/// A register tile has 9 rows and 48 columns of f32 with AVX-512; 16 of them share one panel of the right side.
static constexpr int64_t kContractionRows = 144, kContractionColumns = 48;
/// Elements of a tile of anything else: fits the first two levels of cache and takes microseconds.
static constexpr int64_t kTileElements = 16384, kInnermost = 1024;

/// Of the steps of a loop, how many a tile with room for `room` has: even parts. Takes them from the room.
static int64_t shareOf(int64_t extent, int64_t &room) {
  int64_t size = room;
  if (ShapedType::isDynamic(extent)) {
    constexpr int64_t kLikely = 36; // it is rarely shorter
    room = llvm::divideCeil(room, kLikely);
    return size;
  }
  extent = std::max<int64_t>(1, extent);
  size = llvm::divideCeil(extent, llvm::divideCeil(extent, room));
  room /= size;
  return size;
}

/// Channels as rows and the last spatial axes as columns, or the other way round where channels come last; one image
/// and group at a time.
static void setConvolutionTile(linalg::LinalgOp op, ArrayRef<int64_t> loops, SmallVector<int64_t> &sizes) {
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  int64_t innermost = cast<AffineDimExpr>(result.getResults().back()).getPosition();
  constexpr int64_t kChannels = 72, kPixels = 256, kDepthwise = 256, kDepthwisePixels = 32;
  AffineMap weights = op.getMatchingIndexingMap(op.getDpsInputOperand(1)),
            image = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  auto grouping = groupingOf(op);
  bool channelsLast = weights.isFunctionOfDim(innermost),
       depthwise = channelsLast && image.isFunctionOfDim(innermost) && !grouping;
  int64_t room = depthwise ? kDepthwisePixels : channelsLast ? kContractionRows : kPixels;
  for (int64_t loop = loops.size() - 1; loop >= 0; --loop) {
    if (loops[loop] == kWhole)
      continue;
    int64_t &size = sizes[loops[loop]];
    bool inWeights = weights.isFunctionOfDim(loop), inImage = image.isFunctionOfDim(loop);
    if (grouping && loop == grouping->columns) {
      // Whole groups.
      constexpr int64_t kGrouped = 64;
      size = std::min(extents[loop], grouping->outputs * std::max<int64_t>(1, kGrouped / grouping->outputs));
    } else if (inWeights && !inImage) {
      size = channelsLast ? kContractionColumns : kChannels;
    } else if (loop == innermost && depthwise) {
      // Whole vectors of channels.
      size = ShapedType::isDynamic(extents[loop]) ? kDepthwise : std::clamp<int64_t>(extents[loop], 1, kDepthwise);
    } else if (!inWeights && room > 1) {
      size = shareOf(extents[loop], room);
    } else {
      size = 1;
    }
  }
}

SmallVector<int64_t> Group::tileSizes() const {
  SmallVector<int64_t> sizes(tiled.size(), 0);
  if (contraction) {
    ArrayRef<int64_t> loops = members.find(contraction)->second;
    auto inferred = linalg::inferContractionDims(contraction);
    // Windows are no rows, although a batch in front of them looks so.
    bool windows = llvm::any_of(linalg::LinalgOp(contraction).getIndexingMapsArray(),
                                [](AffineMap map) { return !map.isProjectedPermutation(); });
    if (failed(inferred) || windows) {
      setConvolutionTile(contraction, loops, sizes);
      return sizes;
    }
    auto dims = *inferred;
    for (unsigned loop : dims.batch)
      sizes[loops[loop]] = 1;
    for (unsigned loop : dims.n)
      sizes[loops[loop]] = loop == dims.n.back() ? kContractionColumns : 1;
    SmallVector<int64_t> extents = linalg::LinalgOp(contraction).getStaticLoopRanges();
    int64_t room = kContractionRows;
    for (unsigned loop : llvm::reverse(dims.m)) {
      sizes[loops[loop]] = room > 1 ? shareOf(extents[loop], room) : 1;
      if (ShapedType::isDynamic(extents[loop]))
        room = 1;
    }
    return sizes;
  }
  SmallVector<int64_t> extents = linalg::LinalgOp(root).getStaticLoopRanges();
  constexpr int64_t kGuess = 64; // of a size that is not known
  int64_t room = kTileElements;
  for (size_t loop = 0; loop < tiled.size(); ++loop)
    if (!tiled[loop])
      room = std::max<int64_t>(
          1, room / std::max<int64_t>(1, ShapedType::isDynamic(extents[loop]) ? kGuess : extents[loop]));
  int last = tiled.find_last();
  // What is transposed is read along another loop than it is written: tiles have a part of both.
  constexpr int64_t kTransposed = 64;
  for (auto &[op, loops] : members) {
    auto transpose = dyn_cast<linalg::TransposeOp>(op);
    if (!transpose)
      continue;
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    int64_t loop = loops[llvm::find(permutation, static_cast<int64_t>(permutation.size()) - 1) - permutation.begin()];
    if (loop < 0 || loop == last || sizes[loop] != 0)
      continue;
    sizes[loop] =
        ShapedType::isDynamic(extents[loop]) ? kTransposed : std::clamp<int64_t>(extents[loop], 1, kTransposed);
    room = std::max<int64_t>(1, room / sizes[loop]);
  }
  for (int loop = last; loop >= 0; --loop) {
    if (!tiled[loop] || sizes[loop] != 0)
      continue;
    int64_t size = loop == last ? std::min(room, kInnermost) : room;
    if (!ShapedType::isDynamic(extents[loop]))
      size = std::min(size, std::max<int64_t>(1, extents[loop]));
    else if (loop != last)
      size = std::min<int64_t>(size, 16);
    sizes[loop] = size;
    room = std::max<int64_t>(1, room / size);
  }
  return sizes;
}
