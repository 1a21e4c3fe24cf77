// Broadcasts that the sizes alone do not show.
#ifndef PARE_PASSES_RAISE_SPELLEDBROADCASTS_H
#define PARE_PASSES_RAISE_SPELLEDBROADCASTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "pare/Dialect/Pare.h"

namespace pare {
/// While it lives, operands of the elementwise ops in front of softmaxes have, on each axis, a size that is known to be
/// 1 or that of the result: one of which neither is known (a mask over all tokens beside scores over past and new ones)
/// goes through `pare.expand` first.
class SpelledBroadcasts {
public:
  explicit SpelledBroadcasts(mlir::func::FuncOp function);
  SpelledBroadcasts(const SpelledBroadcasts &) = delete;
  SpelledBroadcasts &operator=(const SpelledBroadcasts &) = delete;
  /// The ops read what they read before; what others read by then stays.
  ~SpelledBroadcasts();

private:
  struct Spelled {
    mlir::Operation *op;
    unsigned operand;
    ExpandOp expand;
  };
  llvm::SmallVector<Spelled> all;
};
} // namespace pare

#endif
