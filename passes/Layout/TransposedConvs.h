// Transposed convolutions as convolutions of stride 1 whose results interleave.
#ifndef PARE_PASSES_LAYOUT_TRANSPOSEDCONVS_H
#define PARE_PASSES_LAYOUT_TRANSPOSEDCONVS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "pare/Dialect/Pare.h"
#include <optional>

namespace pare {
/// Of a transposed convolution of stride s, every s-th element along an axis meets the same taps: they are a
/// convolution of stride 1, and the s of them, the phases of the axis, interleave. With two axes there is one for each
/// pair.
struct TransposedConv {
  /// Along one axis, a phase: the taps of the kernel that it meets, in the order of a convolution, and how that pads.
  struct Phase {
    llvm::SmallVector<int64_t> taps;
    int64_t dilation = 1, padBegin = 0, padEnd = 0;
  };
  ConvTransposeOp op;
  llvm::SmallVector<llvm::SmallVector<Phase>> axes; // for each spatial axis its phases
  llvm::SmallVector<int64_t> rest; // elements that the last steps of the phases have beyond the end of each axis

  /// Nothing, and why, for an op that cannot be done so.
  static std::optional<TransposedConv> plan(ConvTransposeOp op, llvm::StringRef &reason);
  /// For each phase of all axes together, the last axis fastest, its phases along the axes.
  llvm::SmallVector<llvm::SmallVector<const Phase *>> combinations() const;
  /// What `phases` multiply, [taps.., C / groups, O].
  mlir::Value weight(mlir::ImplicitLocOpBuilder &builder, llvm::ArrayRef<const Phase *> phases);
  /// [N, spatial.., O] of the parts, in the order of `combinations`, with channels last.
  mlir::Value interleave(mlir::ImplicitLocOpBuilder &builder, llvm::ArrayRef<mlir::Value> parts) const;
};
} // namespace pare

#endif
