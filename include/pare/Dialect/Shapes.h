// Type inference that the ops of the dialect share.
#ifndef PARE_DIALECT_SHAPES_H
#define PARE_DIALECT_SHAPES_H

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ValueRange.h"
#include <optional>

namespace pare {
/// Names of the attributes of an entry point's arguments and results.
inline constexpr llvm::StringLiteral kNameAttr = "pare.name";
inline constexpr llvm::StringLiteral kDimsAttr = "pare.dims";
/// On a function: the name of the private function that computes from the same arguments which rows are valid and which
/// are computed, both i1 [B, S]. On a result: its axes [batch, row], where it is 0 in rows that are not valid. On an
/// argument: its axes [batch, row], where no result depends on rows that are not computed.
inline constexpr llvm::StringLiteral kPaddingAttr = "pare.padding";
/// On a result, beside kPaddingAttr: it holds the valid rows only, one after the other on the axis that remains.
inline constexpr llvm::StringLiteral kPackedAttr = "pare.packed";
/// Names of the results that say which rows packed results hold: si64 [rows], b * S + s of each, and si64 [B + 1], how
/// many of them lie before each b.
inline constexpr llvm::StringLiteral kRowsResult = "pare.rows", kOffsetsResult = "pare.offsets";

/// Whether `actual` can stand where `inferred` was computed: equal element types and no conflicting static sizes.
bool areCompatible(mlir::TypeRange inferred, mlir::TypeRange actual);

/// `type` (a tensor of any rank) with another element type.
mlir::TensorType withElementType(mlir::Type type, mlir::Type elementType);

/// Meet of two compatible tensor types: the more precise rank and the static size of every axis that either knows.
mlir::TensorType meet(mlir::TensorType a, mlir::TensorType b);

/// Broadcast of two sizes, ShapedType::kDynamic when unknown; std::nullopt when they conflict.
std::optional<int64_t> broadcastSizes(int64_t a, int64_t b);

/// Pushes the broadcast of all operands with `elementType`; reports at `location` (if any) when sizes conflict.
mlir::LogicalResult inferBroadcast(std::optional<mlir::Location> location, mlir::ValueRange operands,
                                   mlir::Type elementType, llvm::SmallVectorImpl<mlir::Type> &inferred);

/// RowWiseOpInterface::mapAxis of an elementwise op with broadcasting.
std::optional<int64_t> mapBroadcastAxis(mlir::Operation *op, unsigned operand, int64_t axis);

/// Reports `message` at `location` when there is one; always failure.
mlir::LogicalResult inferenceError(std::optional<mlir::Location> location, const llvm::Twine &message);

/// Elements of a constant integer tensor (any integer type or i1) of at most `limit` elements, row-major.
std::optional<llvm::SmallVector<int64_t>> getConstantInts(mlir::Value value, int64_t limit = 1024);

/// As getConstantInts, with std::nullopt for each element that is not known: sees through the shape arithmetic that
/// exporters write (shape_of, gather, slice, concat, squeeze, unsqueeze, cast, reshape, add, sub, mul, div, where).
/// Empty when even the number of elements is not known.
std::optional<llvm::SmallVector<std::optional<int64_t>>> getPartialInts(mlir::Value value, int64_t limit = 1024);

/// Row-major element bytes of a constant attribute (dense, dense_resource or external). i1 takes one byte per element.
/// `storage` holds them when the attribute does not store them that way. The address has no particular alignment.
llvm::ArrayRef<char> getConstantBytes(mlir::Attribute value, llvm::SmallVectorImpl<char> &storage);

/// A dense attribute of `type` from row-major bytes as getConstantBytes gives them.
mlir::Attribute makeConstant(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);
/// si64 [n] of `values`.
mlir::TypedAttr makeInts(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> values);
} // namespace pare

#endif
