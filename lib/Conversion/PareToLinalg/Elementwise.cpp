// Elementwise ops: one linalg.generic each.
#include "Emit.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

template <typename... Ops> static void addAll(Patterns &patterns) {
  (patterns.add<Ops>([](Emit &e, Ops op, typename Ops::Adaptor adaptor) {
    return emitBroadcast(e, op->getOperands(), adaptor.getOperands(), op.getType(),
                         [&](Emit &inner, ValueRange args) { return emitScalar(inner, op, args); });
  }),
   ...);
}

static Value lowerClip(Emit &e, ClipOp op, ClipOp::Adaptor adaptor) {
  // The bounds are scalars, of rank 0 or 1: they broadcast, but not beyond the rank of x.
  Values originals{op.getX()}, operands{adaptor.getX()};
  for (auto [original, bound] :
       {std::pair(op.getLow(), adaptor.getLow()), std::pair(op.getHigh(), adaptor.getHigh())}) {
    if (!bound)
      continue;
    originals.push_back(original);
    operands.push_back(e.fromElements(RankedTensorType::get({}, elementOf(bound)), e.extractScalar(bound)));
  }
  return emitBroadcast(e, originals, operands, op.getType(),
                       [&](Emit &inner, ValueRange args) { return emitScalar(inner, op, args); });
}

void lowering::addElementwisePatterns(Patterns &patterns) {
  addAll<AbsOp, NegOp, SignOp, NotOp, BitNotOp, ReluOp, ExpOp, LogOp, SqrtOp, ErfOp, SinOp, CosOp, TanOp, AsinOp,
         AcosOp, AtanOp, SinhOp, CoshOp, TanhOp, AsinhOp, AcoshOp, AtanhOp, SigmoidOp, SoftplusOp, FloorOp, CeilOp,
         RoundOp, GeluOp, LeakyReluOp, EluOp, HardSigmoidOp, IsNanOp, IsInfOp, CastOp>(patterns);
  addAll<AddOp, SubOp, MulOp, DivOp, PowOp, ModOp, FmodOp, MaxOp, MinOp, AndOp, OrOp, XorOp, BitAndOp, BitOrOp,
         BitXorOp, ShiftLeftOp, ShiftRightOp, CompareOp, WhereOp>(patterns);
  patterns.add<ClipOp>(lowerClip);
}
