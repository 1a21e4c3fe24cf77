// Random inputs for entry points, and the comparison of results.
#ifndef PARE_REFERENCE_RANDOM_H
#define PARE_REFERENCE_RANDOM_H

#include "pare/Reference/Reference.h"
#include "llvm/ADT/StringMap.h"
#include <cstdint>

namespace pare::reference {

struct RandomOptions {
  uint64_t seed = 0;
  /// Sizes of named dimensions (`pare.dims`); dimensions that are not listed get `defaultSize`.
  llvm::StringMap<int64_t> dims;
  int64_t defaultSize = 2;
  /// Integers other than masks are drawn from [0, maxInt]: valid as indices of any table of more than maxInt rows.
  int64_t maxInt = 1;
};

/// One tensor per argument: normal floats, small integers, i1 of either value; integer arguments whose name contains
/// "mask" are 0 or 1. The same options give the same values on every machine.
llvm::Expected<Tensors> makeRandomInputs(mlir::func::FuncOp function, const RandomOptions &options);
Tensor makeRandom(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, uint64_t seed, int64_t maxInt = 1);

struct Tolerance {
  /// |got - want| <= absolute + relative * |want| is good. Integers and i1 must be equal.
  double absolute = 0;
  double relative = 0;
};

struct Comparison {
  bool ok = true;
  /// Why shapes or element types alone already differ; empty otherwise.
  std::string mismatch;
  double maxAbs = 0;
  double maxRel = 0;
  /// Row-major index of the first element out of tolerance; -1 when there is none.
  int64_t firstBad = -1;
  int64_t numBad = 0;
};

/// NaN equals NaN, and an infinity only itself.
Comparison compare(const Tensor &got, const Tensor &want, const Tolerance &tolerance = {});

} // namespace pare::reference

#endif
