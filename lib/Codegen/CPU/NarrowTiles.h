// The routines that round operands of products to bfloat16 and lay them out by pairs of steps of the depth.
#ifndef PARE_CODEGEN_CPU_NARROWTILES_H
#define PARE_CODEGEN_CPU_NARROWTILES_H

#include "RegisterTiles.h"

namespace pare::cpu {
/// Where the two elements of a word lie in the source, and whether words are transposed on their way.
enum class Narrowing {
  rows,            ///< side by side in a row: target[n, k / 2] = source[n, k], source[n, k + 1]
  pairs,           ///< in two rows: target[k / 2, n] = source[k, n], source[k + 1, n]
  transposedRows,  ///< target[k / 2, n] = source[n, k], source[n, k + 1]
  transposedPairs, ///< target[n, k / 2] = source[k, n], source[k + 1, n]
};
inline constexpr std::array kNarrowings{Narrowing::rows, Narrowing::pairs, Narrowing::transposedRows,
                                        Narrowing::transposedPairs};
/// The name of its routine, whose arguments are those of transposeType: the source is of f32, or already of bfloat16,
/// the target of words of two bfloat16, its stride in words. An odd depth ends with a zero.
std::string narrowingName(Narrowing narrowing, bool fromNarrow);
/// Targets have room for so many whole lines and words: the routines may write all of the last ones.
inline constexpr int64_t kNarrowingRoom = 16;

/// Defines it in `module`, in func, scf, vector and LLVM ops.
void defineNarrowing(mlir::ModuleOp module, RegisterTile tile, Narrowing narrowing, bool fromNarrow);
} // namespace pare::cpu

#endif
