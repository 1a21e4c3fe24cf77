// Tensors that stand for affine functions of bytes.
#ifndef PARE_PASSES_NUMERICS_QUANTITIES_H
#define PARE_PASSES_NUMERICS_QUANTITIES_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "pare/Dialect/Pare.h"

namespace pare {
/// (bytes - zero) * scale; without a scale an integer of 32 bits.
struct Activation {
  mlir::Value bytes;
  mlir::Value zero;                 // si32, a scalar; null where it is known
  std::optional<int64_t> knownZero; // 0 without a zero point
  std::optional<float> scale;
  llvm::SmallVector<mlir::Operation *> moves; // reshape and transpose the numbers, the first first
};

/// What `value` is; nothing where it is no such thing, with a reason where it nearly is one.
std::optional<Activation> matchActivation(mlir::Value value, std::string &reason);

/// A constant (bytes + offset) * scale, offset and scale one for each column.
struct Weight {
  llvm::SmallVector<int64_t> shape;
  int64_t columns = 0, depth = 0; // all other axes together
  std::vector<int8_t> bytes;
  mlir::Value source; // what has these bytes already, its axes permuted; null without
  llvm::SmallVector<int64_t> permutation;
  std::vector<int32_t> offsets;     // empty where all are 0
  std::vector<int64_t> sums, sizes; // of each column: the sum of its bytes, and of the absolute values with offset
  std::vector<float> scales;        // none for integers, one for all columns, or one of each

  /// The bytes as a tensor of si8.
  mlir::Value emit(mlir::ImplicitLocOpBuilder &builder) const;
};

/// `columnAxis` of `value` runs over the columns.
std::optional<Weight> matchWeight(mlir::Value value, int64_t columnAxis, std::string &reason);
} // namespace pare

#endif
