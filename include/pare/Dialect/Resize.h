// Where the elements of a resized axis come from, and with which weights: what pare.resize means.
#ifndef PARE_DIALECT_RESIZE_H
#define PARE_DIALECT_RESIZE_H

#include "pare/Dialect/Pare.h"
#include <string>
#include <vector>

namespace pare {
/// Indices along an axis are computed in f32, which tells halves apart up to here.
inline constexpr int64_t kMaxResized = int64_t(1) << 23;
/// What antialiasing takes a scale for at least; a smaller one leaves no element.
inline constexpr double kMinFilterScale = 0x1p-24;

/// One axis: how long it is and becomes.
struct ResizedAxis {
  int64_t n, size;
  float scale, length; ///< `length` is the size before it is rounded
  float start = 0, end = 1;
};

/// The axes of an op whose operand has `n` elements along each of them. One of `scales` and `sizes` is not empty; `roi`
/// may be. Fails with `reason` when an axis cannot become so.
mlir::FailureOr<llvm::SmallVector<ResizedAxis>> getResizedAxes(ResizePolicy policy, llvm::ArrayRef<int64_t> n,
                                                               llvm::ArrayRef<float> scales,
                                                               llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<float> roi,
                                                               std::string &reason);

/// How an op interpolates along every axis.
struct ResizeFilter {
  ResizeMode mode;
  ResizeCoordinates coordinates;
  ResizeRounding rounding;
  double cubicCoeffA;
  bool excludeOutside, antialias;

  static ResizeFilter get(ResizeOp op);
  /// Distance at which weights become 0, where the scale is 1: 1 or 2.
  int64_t radius() const { return mode == ResizeMode::cubic ? 2 : 1; }
  /// What distances are multiplied by.
  double filterScale(float scale) const;
  /// Offset of the first neighbour from the place rounded down. Neighbours are [first, 1 - first].
  int64_t firstTap(float scale) const;
  /// Number of neighbours that count.
  int64_t taps(float scale) const { return mode == ResizeMode::nearest ? 1 : 2 - 2 * firstTap(scale); }
  /// Whether weights are divided by their sum.
  bool normalises() const { return mode != ResizeMode::nearest && (antialias || excludeOutside); }
};

/// The elements that each element of a resized axis is made of.
struct ResizeTable {
  int64_t taps;
  std::vector<int64_t> index; ///< [taps, size]: within the operand
  std::vector<double> weight; ///< [taps, size]
  std::vector<bool> outside;  ///< [size]: becomes the extrapolation value; all false but for tf_crop_and_resize
};
ResizeTable makeResizeTable(const ResizeFilter &filter, const ResizedAxis &axis);

/// Elements of a constant f32 tensor.
std::optional<llvm::SmallVector<float>> getConstantFloats(mlir::Value value);
} // namespace pare

#endif
