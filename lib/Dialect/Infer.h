// What the type inference of the ops shares and nobody else needs.
#ifndef PARE_LIB_DIALECT_INFER_H
#define PARE_LIB_DIALECT_INFER_H

#include "pare/Dialect/Pare.h"
#include "llvm/ADT/Twine.h"

namespace pare::infer {
inline constexpr int64_t kDyn = mlir::ShapedType::kDynamic;
using Sizes = llvm::SmallVector<int64_t>;
using Types = llvm::SmallVectorImpl<mlir::Type>;
using Loc = std::optional<mlir::Location>;
using PartialInts = std::optional<llvm::SmallVector<std::optional<int64_t>>>;

inline bool isDyn(int64_t size) { return mlir::ShapedType::isDynamic(size); }
inline mlir::RankedTensorType ranked(mlir::Value value) {
  return value ? mlir::dyn_cast<mlir::RankedTensorType>(value.getType()) : mlir::RankedTensorType();
}
inline mlir::Type element(mlir::Value value) { return mlir::getElementTypeOrSelf(value.getType()); }

inline mlir::LogicalResult push(Types &inferred, llvm::ArrayRef<int64_t> sizes, mlir::Type elementType) {
  inferred.push_back(mlir::RankedTensorType::get(sizes, elementType));
  return mlir::success();
}
inline mlir::LogicalResult pushUnranked(Types &inferred, mlir::Type elementType) {
  inferred.push_back(mlir::UnrankedTensorType::get(elementType));
  return mlir::success();
}

/// Product of two sizes; 0 wins over an unknown size, and a product beyond 63 bits is unknown.
int64_t multiply(int64_t a, int64_t b);
/// Product of sizes[from, to).
int64_t product(llvm::ArrayRef<int64_t> sizes);
/// One size when both must be equal; std::nullopt when they conflict.
std::optional<int64_t> meetSizes(int64_t a, int64_t b);
/// Reports unless 0 <= axis < rank.
mlir::LogicalResult checkAxis(Loc location, int64_t axis, int64_t rank);
/// Reports unless `axes` are strictly increasing and in [0, rank).
mlir::LogicalResult checkSortedAxes(Loc location, llvm::ArrayRef<int64_t> axes, int64_t rank);
/// Reports when `value` has a known rank other than `rank`.
mlir::LogicalResult checkRank(Loc location, mlir::Value value, int64_t rank, llvm::StringRef what);
/// The values of a shape operand of `count` entries, all unknown where nothing else is known; reports a wrong number.
mlir::FailureOr<llvm::SmallVector<std::optional<int64_t>>> shapeEntries(Loc location, mlir::Value value, int64_t count,
                                                                        llvm::StringRef what);
/// Axis of `to` that walks the same elements as axis `axis` of `from`, where `to` is a reshape of `from`.
std::optional<int64_t> mapReshapedAxis(mlir::RankedTensorType from, mlir::RankedTensorType to, int64_t axis);
/// `axis` of an operand that keeps its place in the result.
std::optional<int64_t> sameAxis(mlir::Value operand, int64_t axis);
} // namespace pare::infer

#endif
