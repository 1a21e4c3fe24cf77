// Copies operands of products into the layouts that the routines read.
#ifndef PARE_CODEGEN_CPU_COPYFACTORS_H
#define PARE_CODEGEN_CPU_COPYFACTORS_H

#include "Abi.h"
#include "Routines.h"

namespace pare::cpu {
/// An operand as a matrix: of the depth by the rows of a left side or the columns of a right one. Numbers are indices,
/// strides in elements.
struct FactorMatrix {
  mlir::Value address;
  mlir::Value depth, depthStride; // steps of the depth, and from one to the next
  mlir::Value count, stride;      // rows or columns, and from one to the next
  bool isUnit, depthIsUnit;       // which of the strides are known to be 1
  mlir::Type element;
};

/// Panels of right sides have rows as wide as whole vectors: of single steps of the depth; of pairs of them in
/// bfloat16, of four in bytes, side by side in each column. Copied left sides are in bfloat16, contiguous along the
/// depth.
class FactorCopier {
public:
  FactorCopier(Abi &builder, Routines &routines, Products products)
      : builder(builder), routines(routines), products(products) {}

  /// Memory for a panel; `width` becomes the number of columns that it has room for.
  mlir::Value makePanel(mlir::Value depth, mlir::Value columns, mlir::Value &width);
  void copyRight(const FactorMatrix &right, mlir::Value panel, mlir::Value width);
  /// Memory for a left side; `stride` becomes the number of elements between its rows.
  mlir::Value makeLeft(mlir::Value depth, mlir::Value rows, mlir::Value &stride);
  void copyLeft(const FactorMatrix &left, mlir::Value copy, mlir::Value stride);
  /// Whether the depth of bytes may end within a group of four.
  static bool hasRest(mlir::Value depth);

private:
  bool isNarrow() const { return products == Products::bf16; }
  bool isBytes() const { return products == Products::bytes; }
  void call(mlir::FlatSymbolRefAttr routine, const FactorMatrix &source, mlir::Value target, mlir::Value targetStride);
  void copyNarrow(const FactorMatrix &source, llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> target);
  void copyBytes(const FactorMatrix &right, mlir::Value panel, mlir::Value width);
  mlir::Value allocate(mlir::Value rows, mlir::Value width, mlir::Type element);
  mlir::Value boundOf(mlir::Value size);
  mlir::Value element(mlir::Type type, mlir::Value base, mlir::Value position);
  void loop(mlir::Value size, llvm::function_ref<void(mlir::Value)> body);
  mlir::Value mul(mlir::Value a, mlir::Value b) { return builder.createOrFold<mlir::arith::MulIOp>(a, b); }
  mlir::Value add(mlir::Value a, mlir::Value b) { return builder.createOrFold<mlir::arith::AddIOp>(a, b); }
  mlir::Value aligned(mlir::Value size, int64_t unit);

  Abi &builder;
  Routines &routines;
  Products products;
};
} // namespace pare::cpu

#endif
