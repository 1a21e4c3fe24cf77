// Builds accesses to what abi.h declares.
#ifndef PARE_CODEGEN_CPU_ABI_H
#define PARE_CODEGEN_CPU_ABI_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

namespace pare::cpu {
/// Names that the passes of code generation agree on.
inline constexpr llvm::StringLiteral kKernelsModule = "kernels";
inline constexpr llvm::StringLiteral kHostModule = "host";
inline constexpr llvm::StringLiteral kTilesPrefix = "tiles_";
inline constexpr llvm::StringLiteral kVariantAttr = "pare.variant";
inline constexpr llvm::StringLiteral kGemmName = "gemm_f32", kNarrowGemmName = "gemm_bf16",
                                     kDepthwiseName = "depthwise_f32", kGroupedName = "grouped_f32",
                                     kByteGemmName = "gemm_bytes", kTransposeName = "transpose_f32",
                                     kNarrowingName = "narrow_";
/// Of a routine that multiplies.
inline bool isProductName(llvm::StringRef name) {
  return name.starts_with(kGemmName) || name.starts_with(kNarrowGemmName) || name.starts_with(kDepthwiseName) ||
         name.starts_with(kGroupedName) || name.starts_with(kByteGemmName);
}
/// Of a routine of which each variant has its own.
inline bool isRoutineName(llvm::StringRef name) {
  return isProductName(name) || name == kTransposeName || name.starts_with(kNarrowingName);
}
/// Whether a variant differs from the one before it in products of bytes only: code without any does not need it.
inline bool isForBytes(llvm::StringRef variant) { return variant == "x86-64-v4-vnni"; }
/// On a global: the constant that it holds, and in which layout, as `pare.weights` says it.
inline constexpr llvm::StringLiteral kDataAttr = "pare.data", kLayoutAttr = "pare.layout";
/// Marks the declaration of a kernel in the host module.
inline constexpr llvm::StringLiteral kKernelAttr = "pare.kernel";
/// What a call of a kernel begins with, besides the number of tiles: the numbers in front of its record (abi.h).
inline constexpr unsigned kLaunchNumbers = 3;

struct Abi : mlir::ImplicitLocOpBuilder {
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  mlir::LLVM::LLVMPointerType ptr() { return mlir::LLVM::LLVMPointerType::get(getContext()); }
  mlir::Value i64(int64_t value) { return mlir::LLVM::ConstantOp::create(*this, getI64IntegerAttr(value)); }
  mlir::Value i32(int64_t value) { return mlir::LLVM::ConstantOp::create(*this, getI32IntegerAttr(value)); }
  mlir::Value index(int64_t value) { return mlir::arith::ConstantIndexOp::create(*this, value); }
  mlir::Value toI64(mlir::Value index) { return mlir::arith::IndexCastOp::create(*this, getI64Type(), index); }
  mlir::Value toIndex(mlir::Value value) { return mlir::arith::IndexCastOp::create(*this, getIndexType(), value); }
  mlir::Value at(mlir::Value base, int64_t bytes);
  mlir::Value at(mlir::Value base, mlir::Value bytes);
  mlir::Value load(mlir::Type type, mlir::Value address) { return mlir::LLVM::LoadOp::create(*this, type, address); }

  // Fields of pare_context.
  mlir::Value weights(mlir::Value context);
  mlir::Value kernels(mlir::Value context);
  mlir::Value alloc(mlir::Value context, int64_t slot, mlir::Value bytes);
  mlir::Value allocDynamic(mlir::Value context, mlir::Value bytes);
  mlir::Value scratch(mlir::Value context, mlir::Value worker, mlir::Value bytes);
  mlir::Value output(mlir::Value context, int64_t number, mlir::Value dims, int64_t rank, mlir::Value bytes);
  void parallel(mlir::Value context, mlir::Value kernel, mlir::Value args, mlir::Value tiles);
  void fail(mlir::Value context, mlir::Value message);

  /// `bytes` (index) of memory at `pointer` as a memref<?xi8>.
  mlir::Value asBytes(mlir::Value pointer, mlir::Value bytes);
  /// Memory at `pointer` as a dense row-major buffer; `sizes` (index) of its dynamic dimensions.
  mlir::Value asBuffer(mlir::Value pointer, mlir::MemRefType type, mlir::ValueRange sizes);
  /// The address of the first element of a buffer.
  mlir::Value address(mlir::Value buffer);
  /// Size of a dense buffer in bytes, as index; `sizes` of its dynamic dimensions.
  mlir::Value bytesOf(mlir::MemRefType type, mlir::ValueRange sizes);
  /// A constant text, as a global of the module around the insertion point.
  mlir::Value text(llvm::StringRef value);

private:
  mlir::Value field(mlir::Value context, int64_t offset);
  mlir::Value call(mlir::Type result, mlir::Value function, mlir::ValueRange args);
};

/// Bytes of one element in a buffer: an i1 takes one.
int64_t bytesOf(mlir::Type element);
} // namespace pare::cpu

#endif
