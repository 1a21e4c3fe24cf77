#include "Surroundings.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace pare::cpu;

static Value rootOf(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

static bool isSelfCopy(Operation *op) {
  auto copy = dyn_cast<memref::CopyOp>(op);
  return copy && copy.getSource() == copy.getTarget();
}

/// Whether ops between two of a block leave the memory behind `roots` as it is.
static bool areUntouched(Operation *from, Operation *to, const llvm::SmallPtrSetImpl<Value> &roots) {
  for (Operation *op = from->getNextNode(); op != to; op = op->getNextNode()) {
    if (isMemoryEffectFree(op) || isa<memref::AllocOp>(op) || isSelfCopy(op))
      continue;
    auto writes = dyn_cast<linalg::LinalgOp>(op);
    if (!writes || llvm::any_of(writes.getDpsInits(), [&](Value value) { return roots.contains(rootOf(value)); }))
      return false;
  }
  return true;
}

/// What the routine reads beside the sums, and writes.
static bool isSideType(Type type) { return type.isF32() || type.isInteger(32) || type.isInteger(8); }

/// Elementwise arithmetic that is as well done on whole vectors, on nothing but its arguments, and the functions that
/// --pare-expand-math makes arithmetic of.
static bool isSimple(linalg::GenericOp op, bool ofBytes) {
  const int64_t kMaxOps = ofBytes ? 40 : 12; // sums of bytes are scaled, and rounded to bytes again
  int64_t count = 0;
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (isa<arith::ConstantOp>(inner))
      continue;
    bool expands = isa<math::ExpOp, math::ErfOp, math::TanhOp, math::RoundEvenOp>(inner);
    if ((!expands && !isa<arith::ArithDialect>(inner.getDialect())) || !inner.hasTrait<OpTrait::Vectorizable>() ||
        inner.getNumResults() != 1 || ++count > kMaxOps)
      return false;
    if (!llvm::all_of(inner.getResultTypes(), [](Type type) { return isSideType(type) || type.isInteger(1); }))
      return false;
  }
  bool isClosed = true;
  op.getBody()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      isClosed &= operand.getParentBlock() == op.getBody() || operand.getDefiningOp<arith::ConstantOp>();
  });
  return isClosed && isSideType(op.getBody()->getTerminator()->getOperand(0).getType()) &&
         op.getBody()->getArguments().back().use_empty();
}

/// The linalg.generic after which `sums`, which `contraction` leaves in memory, are of no use.
static linalg::GenericOp findTail(linalg::LinalgOp contraction, Value sums, OpOperand *&sum) {
  linalg::GenericOp tail;
  for (OpOperand &use : sums.getUses()) {
    Operation *user = use.getOwner();
    if (user == contraction || isSelfCopy(user) || user->getBlock() != contraction->getBlock())
      continue;
    if (user->isBeforeInBlock(contraction))
      continue;
    auto generic = dyn_cast<linalg::GenericOp>(user);
    if (!generic || (tail && generic != tail))
      return {};
    tail = generic;
    if (generic.isDpsInput(&use))
      sum = &use;
  }
  if (!tail || !sum || tail.getNumReductionLoops() || tail.getNumDpsInits() != 1 || !tail.hasPureBufferSemantics() ||
      !tail.getMatchingIndexingMap(sum).isPermutation() || !isSimple(tail, signsOfBytes(contraction).has_value()))
    return {};
  return tail;
}

Surroundings pare::cpu::findSurroundings(linalg::LinalgOp contraction) {
  Surroundings result;
  Value sums = contraction.getDpsInitOperand(0)->get();
  if (!llvm::all_of(contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0)).getResults(),
                    [](AffineExpr expr) { return isa<AffineDimExpr>(expr); }))
    return result;
  bool isOwn = sums.getDefiningOp<memref::AllocOp>() != nullptr;
  Operation *init = nullptr;
  for (Operation *user : sums.getUsers()) {
    if (user == contraction || isSelfCopy(user))
      continue;
    if (user->getBlock() != contraction->getBlock() || !isa<linalg::LinalgOp>(user))
      return result; // views may be read anywhere
    if (user->isBeforeInBlock(contraction) && (!init || init->isBeforeInBlock(user)))
      init = user;
  }
  llvm::SmallPtrSet<Value, 8> roots{rootOf(sums)};
  auto writer = dyn_cast_if_present<linalg::LinalgOp>(init);
  if (writer && writer.hasPureBufferSemantics() && writer.getNumDpsInputs() == 1 && writer.getNumDpsInits() == 1 &&
      writer.getDpsInits()[0] == sums && writer.getNumReductionLoops() == 0 &&
      writer.getMatchingIndexingMap(writer.getDpsInitOperand(0)).isPermutation()) {
    OpOperand *source = writer.getDpsInputOperand(0);
    bool isCopy = writer.getBlock()->getTerminator()->getOperand(0) == writer.getMatchingBlockArgument(source);
    bool isZero = isa<linalg::FillOp>(writer) &&
                  (matchPattern(source->get(), m_PosZeroFloat()) || matchPattern(source->get(), m_Zero()));
    if (isZero || (isCopy && isa<MemRefType>(source->get().getType()))) {
      llvm::SmallPtrSet<Value, 8> read = roots;
      if (!isZero)
        read.insert(rootOf(source->get()));
      if (areUntouched(writer, contraction, read)) {
        result.init = writer;
        result.start = isZero ? nullptr : source;
      }
    }
  }
  OpOperand *sum = nullptr;
  linalg::GenericOp tail = findTail(contraction, sums, sum);
  if (!tail || !(isOwn || tail.getDpsInits()[0] == sums))
    return result;
  // The routine runs where the tail stands and reads then what the contraction and its start read before; the memory
  // that it writes must not be any of that.
  Value target = rootOf(tail.getDpsInits()[0]);
  for (Value operand : contraction.getDpsInputs())
    roots.insert(rootOf(operand));
  if (result.start)
    roots.insert(rootOf(result.start->get()));
  if (target != rootOf(sums) && roots.contains(target))
    return result;
  if (!areUntouched(contraction, tail, roots))
    return result;
  SmallVector<OpOperand *> sides;
  for (OpOperand *input : tail.getDpsInputOperands())
    if (input != sum) {
      auto type = dyn_cast<MemRefType>(input->get().getType());
      // Read where it is written: each element before its place is.
      bool inPlace = type && rootOf(input->get()) == target;
      if (!type || !isSideType(type.getElementType()) ||
          (inPlace && (input->get() != tail.getDpsInits()[0] ||
                       tail.getMatchingIndexingMap(input) != tail.getMatchingIndexingMap(tail.getDpsInitOperand(0)))))
        return result;
      sides.push_back(input);
    }
  result.sides = sides;
  result.tail = tail;
  result.sum = sum;
  return result;
}

SmallVector<int64_t> Surroundings::loopsOf(linalg::LinalgOp contraction, linalg::LinalgOp other) const {
  AffineMap sums = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  AffineMap own = other.getMatchingIndexingMap(other == init ? other.getDpsInitOperand(0) : sum);
  SmallVector<int64_t> loops(other.getNumLoops(), -1);
  for (auto [mine, theirs] : llvm::zip_equal(own.getResults(), sums.getResults()))
    loops[cast<AffineDimExpr>(mine).getPosition()] = cast<AffineDimExpr>(theirs).getPosition();
  return loops;
}

std::optional<Strides> Surroundings::stridesOf(linalg::LinalgOp contraction, OpOperand &use) const {
  auto owner = cast<linalg::LinalgOp>(use.getOwner());
  auto strides = linearStrides(owner, use);
  if (!strides || owner == contraction)
    return strides;
  Strides result(contraction.getNumLoops(), 0);
  for (auto [from, to] : llvm::enumerate(loopsOf(contraction, owner)))
    if (to >= 0)
      result[to] = (*strides)[from];
  return result;
}
