// The register-tile routine of matrix products.
#ifndef PARE_CODEGEN_CPU_REGISTERTILES_H
#define PARE_CODEGEN_CPU_REGISTERTILES_H

#include "Linear.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pare::cpu {
/// What a routine multiplies.
enum class Products {
  f32,       ///< a[i, k, o] * b[k, j, o]
  bf16,      ///< the same of a and b in bfloat16
  grouped,   ///< a[i, (j floordiv outputs) * inputs + k, o] * b[k, j, o], with channels of groups as constants
  depthwise, ///< a[i, k, o, j] * b[k, j, o], a contiguous along columns as well
  bytes,     ///< a[i, k, o] * b[k, j, o] of bytes, one of them signed and one not, summed in i32
};

/// Whether there is code for products of such groups: a vector is part of one group, or holds whole ones.
bool isGroupedProduct(const Grouping &grouping);

/// Shape of the accumulators that stay in registers.
struct RegisterTile {
  int64_t rows, vectors, lanes;
  bool hasDot = false;    // an instruction multiplies and adds pairs of bfloat16, or four bytes
  bool hasMatrix = false; // there are registers of matrices of pairs of bfloat16
};
/// 9 x 48 f32 with 32 registers of 512 bits, 6 x 16 with 16 of 256, 4 x 8 with 16 of 128. Products in bfloat16 and of
/// bytes without an instruction of their own take more registers for what they multiply.
RegisterTile registerTileOf(llvm::StringRef variant, Products products);

namespace gemm {
/// Arguments of a routine: pointers, and numbers and strides in elements as i64. `Start` is where the sums start, null
/// for zero; `Outer` repeats the depth, and `Far` that, with steps of their own in A and B. In bfloat16 `Depth` counts
/// pairs of steps: A is contiguous along them (`ADepth` is not read), and B has both elements of a pair side by side in
/// each column. Of bytes, `Depth` counts single steps. A is contiguous along them, and B has four steps side by side in
/// each column, with zeros behind the last; `BDepth` is the distance between groups of four.
enum Arg {
  A,
  ARow,
  ADepth,
  AOuter,
  AFar,
  B,
  BDepth,
  BOuter,
  BFar,
  C,
  CRow,
  Start,
  StartRow,
  Depth,
  Outer,
  Far,
  Columns,
  Rows,
  NumFixed
};
} // namespace gemm

/// A routine that computes, in f32 or i32,
///   c[i, j] = tail(start[i, j] + sum over f, o, k of a[i, k, o, f] * b[k, j, o, f], sides[i, j]..)
/// Columns of b, c, start and sides are contiguous. Each side adds a pointer and its stride along rows to the
/// arguments.
struct Routine {
  std::string name;
  Products products = Products::f32;
  int64_t groupInputs = 0, groupOutputs = 0; // channels of a group
  mlir::func::FuncOp tail;                   // of the sum and the sides to an element of c; null for the sum itself
  llvm::SmallVector<bool> repeats;           // of each side: one element serves all columns of its row
  bool leftIsSigned = false;                 // of bytes: A is what is signed
  bool hasRest = false;                      // of bytes: the depth may end within a group of four
};

/// Defines a routine in `module`, in func, scf, vector and LLVM ops. Rows are split evenly over tiles of at most
/// `tile.rows`, each height by code of its own; columns beyond whole vectors are masked. A tile is written when its
/// sums are done.
void defineGemm(mlir::ModuleOp module, RegisterTile tile, const Routine &routine);
} // namespace pare::cpu

#endif
