// The routines that the contractions of a module call.
#ifndef PARE_CODEGEN_CPU_ROUTINES_H
#define PARE_CODEGEN_CPU_ROUTINES_H

#include "NarrowTiles.h"
#include "RegisterTiles.h"
#include "Surroundings.h"

namespace pare::cpu {
/// Declarations of routines, named by their products (@gemm_f32..), each with its tail as a function beside it: equal
/// ones are one.
class Routines {
public:
  explicit Routines(mlir::ModuleOp module) : module(module) {}
  /// `wanted` says what to multiply; name, tail and repeats of it are made here.
  mlir::FlatSymbolRefAttr get(const Surroundings &around, llvm::ArrayRef<bool> repeats, const Routine &wanted);
  /// The routine that transposes (TransposeTiles.h).
  mlir::FlatSymbolRefAttr transpose();
  /// A routine of NarrowTiles.h.
  mlir::FlatSymbolRefAttr narrow(Narrowing narrowing, bool fromNarrow);
  /// Those of products that a module declares.
  static llvm::SmallVector<Routine> declaredIn(mlir::ModuleOp module);

private:
  mlir::FlatSymbolRefAttr getMove(llvm::StringRef name);

  mlir::ModuleOp module;
  llvm::SmallVector<Routine> made;
};
} // namespace pare::cpu

#endif
