// Passes that leave the pare dialect.
#ifndef PARE_CONVERSION_PASSES_H
#define PARE_CONVERSION_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace pare {
/// Attribute of arguments and results: the original, signed tensor type.
inline constexpr llvm::StringLiteral kTypeAttr = "pare.type";
/// Attribute of a convolution: along which axes its operand 0 begins and ends with rows of padding. Four numbers each:
/// the axis, rows of padding in front, behind, and all rows.
inline constexpr llvm::StringLiteral kZeroRowsAttr = "pare.zero_rows";
/// Attribute of a global: the value attribute it stands for.
inline constexpr llvm::StringLiteral kDataAttr = "pare.data";

#define GEN_PASS_DECL
#include "pare/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "pare/Conversion/Passes.h.inc"
} // namespace pare

#endif
