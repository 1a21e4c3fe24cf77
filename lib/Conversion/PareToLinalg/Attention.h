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
/// Whether all elements of a vector of booleans or bytes hold.
mlir::Value allTrue(Emit &e, mlir::Value mask);
/// Whether an element of a vector of bytes is not 0.
mlir::Value anyTrue(Emit &e, mlir::Value bytes);

/// i8 [n]: whether an element of i8 along `axis`, of two, is not 0.
mlir::Value anyOf(Emit &e, mlir::Value pairs, int64_t axis);
/// The places of the elements of a vector of i8 that are not 0, or of all of them, in a vector of its size, and how
/// many they are.
std::pair<mlir::Value, mlir::Value> listTrue(Emit &e, mlir::Value flags, mlir::Value all);

/// The places of the queries and keys of a tile: counted from the first ones, or read from an input.
struct ScorePlaces {
  mlir::Value firstQuery, firstKey;
  std::optional<unsigned> queryInput, keyInput;
  int64_t keyLoop = 0; // of the two loops; the other one goes over queries

  mlir::Value query(Emit &e, mlir::ValueRange args) const {
    return place(e, args, 1 - keyLoop, firstQuery, queryInput);
  }
  mlir::Value key(Emit &e, mlir::ValueRange args) const { return place(e, args, keyLoop, firstKey, keyInput); }

private:
  static mlir::Value place(Emit &e, mlir::ValueRange args, int64_t loop, mlir::Value first,
                           std::optional<unsigned> input);
};

/// What is done to each pair of a tile as one loop nest, [keys, queries] or, with `keyLoop` = 1, [queries, keys].
class ScoreTerms {
public:
  /// Reads or computes one element in the loop nest, whose arguments are given.
  using Read = std::function<mlir::Value(Emit &, mlir::ValueRange)>;
  explicit ScoreTerms(Emit &e, int64_t keyLoop = 0) : keyLoop(keyLoop), e(e) {}

  const int64_t keyLoop;

  /// A vector over keys or queries; the number of its argument.
  unsigned input(mlir::Value vector, bool ofKeys);
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
/// A tensor whose rows are read by tiles, perhaps through a transposition that then need not be done.
struct RowSource {
  mlir::Value tensor;
  llvm::SmallVector<int64_t> axes; // of `tensor`, for each axis that the op names

  explicit RowSource(mlir::Value value);
  /// [count, features] at `offsets` of all axes but the last.
  mlir::Value slice(Emit &e, llvm::ArrayRef<mlir::Value> offsets, mlir::OpFoldResult count) const;
  /// [count, features]: the same row of `count` heads, the second axis, at `offsets` of all axes but the last.
  mlir::Value heads(Emit &e, llvm::ArrayRef<mlir::Value> offsets, int64_t count) const;
  /// [count, features]: the rows that `live` lists, counted from `offsets`.
  mlir::Value gather(Emit &e, llvm::ArrayRef<mlir::Value> offsets, mlir::Value live, mlir::OpFoldResult count) const;

private:
  mlir::Value extract(Emit &e, llvm::ArrayRef<mlir::Value> offsets, int64_t axis, mlir::OpFoldResult count) const;
  template <typename T> llvm::SmallVector<T> place(llvm::ArrayRef<T> items) const {
    llvm::SmallVector<T> placed(items.size());
    for (auto [axis, item] : llvm::zip_equal(axes, items))
      placed[axis] = item;
    return placed;
  }
};
} // namespace pare::lowering

#endif
