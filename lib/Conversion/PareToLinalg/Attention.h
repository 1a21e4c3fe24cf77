// What the lowering of attention asks of offsets, positions, biases and masks.
#ifndef PARE_CONVERSION_PARETOLINALG_ATTENTION_H
#define PARE_CONVERSION_PARETOLINALG_ATTENTION_H

#include "Emit.h"

namespace pare::lowering {
/// Checks that offsets ascend from 0 to `rows`; the length of the longest segment.
mlir::Value checkOffsets(Emit &e, mlir::Value offsets, mlir::Value rows);
/// Whether positions ascend strictly within every segment of `offsets`, which have been checked.
mlir::Value ascendWithin(Emit &e, mlir::Value positions, mlir::Value offsets);
/// One more than the largest of the positions, or a number larger than any size where one is negative.
mlir::Value positionsEnd(Emit &e, mlir::Value positions);
/// Checks that an axis of a bias or mask has size 1 or `size`, or at least it with `orMore`.
void checkOneOr(Emit &e, mlir::Value tensor, int64_t axis, mlir::Value size, bool orMore = false);
/// Whether all elements of a vector of booleans hold.
mlir::Value allTrue(Emit &e, mlir::Value mask);

/// The places of the queries and keys of a tile: counted from the first ones, or read from an input.
struct ScorePlaces {
  mlir::Value firstQuery, firstKey;
  std::optional<unsigned> queryInput, keyInput;

  mlir::Value query(Emit &e, mlir::ValueRange args) const { return place(e, args, 1, firstQuery, queryInput); }
  mlir::Value key(Emit &e, mlir::ValueRange args) const { return place(e, args, 0, firstKey, keyInput); }

private:
  static mlir::Value place(Emit &e, mlir::ValueRange args, int64_t loop, mlir::Value first,
                           std::optional<unsigned> input);
};

/// What is done to each score of a tile [keys, queries], as one loop nest.
class ScoreTerms {
public:
  /// Reads one element in the loop nest, whose arguments are given.
  using Read = std::function<mlir::Value(Emit &, mlir::ValueRange)>;
  explicit ScoreTerms(Emit &e) : e(e) {}

  /// A vector along one of the two loops; the number of its argument.
  unsigned input(mlir::Value vector, int64_t loop);
  /// A tensor of four axes that repeats where it has size 1. `wholeQueries` and `wholeKeys` tell that an axis is known
  /// to be that of the scores.
  Read read(mlir::Value tensor, mlir::Value batch, mlir::Value head, const ScorePlaces &places, mlir::OpFoldResult rows,
            mlir::OpFoldResult keys, bool wholeQueries, bool wholeKeys);
  /// Replaces each score, the last argument of `body`.
  mlir::Value apply(mlir::Value scores, Emit::BodyFn body);

private:
  unsigned input(mlir::Value value, mlir::AffineMap map);

  Emit &e;
  Values inputs;
  llvm::SmallVector<mlir::AffineMap> maps;
};
} // namespace pare::lowering

#endif
