// The lowering of attention: its parts share what they know of an op.
#ifndef PARE_CONVERSION_PARETOLINALG_ATTENTIONLOWERING_H
#define PARE_CONVERSION_PARETOLINALG_ATTENTIONLOWERING_H

#include "Attention.h"

namespace pare::lowering {
/// The least of `exprs` over `operands`, in a form from which the bounds of sizes can be told.
mlir::OpFoldResult least(Emit &e, llvm::ArrayRef<mlir::AffineExpr> exprs, llvm::ArrayRef<mlir::Value> operands);

/// The numbers of one tile.
struct AttentionTile {
  Emit &e;
  mlir::Value batch, head, keyHead;
  mlir::Value queryBase, keyBase; // of the segment
  mlir::Value row, key;           // the first ones, counted from the base
  mlir::OpFoldResult rows, keys;  // how many
  mlir::Value shift = {};         // from the number of a query to its place on the diagonal of the band; null for none
  mlir::OpFoldResult span = {};   // of the keys among which `live` lists
  mlir::Value live = {};          // index [keys]: those that count, where they are listed
};

/// Lowers both ops: a batch is a list of segments of equal length.
template <typename Op> struct AttentionLowering {
  using Value = mlir::Value;
  using OpFoldResult = mlir::OpFoldResult;
  static constexpr bool kPacked = std::is_same_v<Op, SegmentAttentionOp>;
  static constexpr int64_t kLead = kPacked ? 0 : 1; // axes before the heads
  /// Query rows of a tile: as many as share one copy of the values. Of a band fewer, so that tiles follow it closely.
  static constexpr int64_t kTileRows = 144, kBandRows = 48;

  Emit &e;
  Op op;
  typename Op::Adaptor adaptor;
  mlir::Type type = elementOf(op.getResult()), wide = accumulatorOf(type);
  RowSource q{adaptor.getQ()}, k{adaptor.getK()}, v{adaptor.getV()};
  Value batch = {}, heads = {}, keyHeads = {}, queries = {}, keys = {}, longestQuery = {}, longestKey = {};
  std::optional<int64_t> lower = {}, upper = {}; // of the band
  double scale = op.getScale().convertToDouble(), fill = op.getFill().convertToDouble();
  bool mayClip = false, listsKeys = false;
  int64_t tileRows = kTileRows;
  Value maskBytes = {}, keyRows = {}; // the mask, and with a row for each key, where keys are listed
  Value mayClipNow = {};              // what has to hold at run time, besides the key mask

  Value run();

  // Attention.cpp: tiles of many queries.
  Value sizeOf(Value value, int64_t axis) { return e.index(e.size(value, axis)); }
  void checkEqual(Value a, Value convertedA, int64_t i, Value b, Value convertedB, int64_t j, const llvm::Twine &what);
  void checkShapes();
  /// Checks the shapes of masks and biases, and that positions lie inside of them.
  void checkTerms();
  void prepare();
  /// Keys out of the band need not be looked at where their weights are 0 in any case: every query has itself in the
  /// band, and its score is not as low as `fill`. With an infinite `fill` a row without keys is NaN either way.
  void planClipping();
  /// Leaves out the keys that no query of the tile can see.
  void clip(AttentionTile &tile, Value length, Value row);
  /// Lists the keys that some query of the tile sees.
  void listKeys(AttentionTile &tile);
  AttentionTile beginTile(Emit &in, mlir::ValueRange ivs);
  /// [rows, features of v] of the result, in `wide`.
  Value attend(AttentionTile &tile);
  /// The result with its axes in `order`, its own `sizes` given.
  Value emitTiles(llvm::ArrayRef<OpFoldResult> sizes, llvm::ArrayRef<int64_t> order);

  // AttentionFew.cpp: one query of all heads that share keys at a time, scores with a row for each head.
  /// Whether there may be few queries of more keys, and code for them.
  bool mayBeFew();
  /// Whether there are; a constant where that is known.
  Value areFew();
  Value emitFew(llvm::ArrayRef<OpFoldResult> sizes, llvm::ArrayRef<int64_t> order);
  /// [heads, features of v], of the heads that share keys, in `wide`.
  Value attendFew(Emit &in, mlir::ValueRange ivs, int64_t group);

  // AttentionScores.cpp: the elements of a tile and what is done to its scores.
  /// Elements [first, first + count) of row `b`, or of the only row, of a mask over rows.
  Value sliceMask(Emit &in, Value mask, Value b, Value first, OpFoldResult count);
  /// The key mask of the whole segment.
  Value sliceKeyMask(AttentionTile &tile, Value length);
  /// Elements of a vector over keys for those of the tile.
  Value keysOf(AttentionTile &tile, Value vector);
  Value queriesOf(AttentionTile &tile, Value vector);
  llvm::SmallVector<Value> offsetsOf(AttentionTile &tile, bool ofKeys);
  /// Adds to `init` the sum over the last axis of the loops (row, column, depth).
  Value product(Emit &in, Value init, mlir::ValueRange operands, llvm::ArrayRef<llvm::ArrayRef<int64_t>> axes);
  ScorePlaces placesOf(ScoreTerms &terms, AttentionTile &tile);
  ScoreTerms::Read reader(ScoreTerms &terms, AttentionTile &tile, const ScorePlaces &places, Value original,
                          Value tensor);
  /// Whether an axis of a bias or mask is known to be that of the scores.
  bool isWhole(Value original, int64_t axis);
  /// Whether a query sees a key; null when all see all.
  ScoreTerms::Read conditions(ScoreTerms &terms, AttentionTile &tile, const ScorePlaces &places);
  /// Scales, adds biases and applies masks, in place. Keys are axis `keyLoop` of the scores.
  Value finishScores(AttentionTile &tile, Value scores, int64_t keyLoop);
  bool hasTerms();
  /// A positive factor moves into the exponent.
  bool scalesLate() { return !hasTerms() && scale > 0; }
  /// e^(score - its row's largest), in place, and one over the sum of each row, of as many as `rows`.
  std::pair<Value, Value> softmax(Emit &in, Value scores, OpFoldResult rows, int64_t keyLoop);
  /// The nearest of `levels`.
  Value emitRounded(Emit &inner, Value x, LevelsAttr levels);
};
} // namespace pare::lowering

#endif
