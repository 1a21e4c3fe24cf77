// Attention in the spelling of an exporter, taken apart.
#ifndef PARE_PASSES_RAISE_ATTENTIONMATCHER_H
#define PARE_PASSES_RAISE_ATTENTIONMATCHER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "pare/Analysis/ElementExprs.h"
#include "pare/Dialect/Pare.h"

namespace pare::raise {
using Expr = ElementExprs::Expr;

/// A condition on pairs of query and key.
struct Mask {
  llvm::SmallVector<Expr> keys, queries, pairs;
  std::optional<int64_t> lower, upper;
  bool alignEnd = false;
  mlir::Value opaque; // of rank 4 or less
  double fill = 0;
  MaskMode mode = MaskMode::add;
  mlir::Value term; // the addend that spells it, if one does
};

/// An addend of the scores and the factor that it carries. `merged` values have batch and heads on one axis.
struct Term {
  mlir::Value value;
  double factor;
  bool merged;
  bool gated = false; // counts where the key is valid; elsewhere it is the fill of the mask
};

/// One softmax(q k^T) v.
struct Match {
  MatmulOp scores, output;
  bool mergedScores = false, mergedOutput = false;
  SoftmaxOp softmax;
  double scale = 1;
  double softcap = 0; // 0 for none
  LevelsAttr scoreLevels, weightLevels;
  bool zeroNan = false;
  Expr zeroedWeights = nullptr; // pairs whose weight is 0 whatever the softmax gives
  mlir::Value zeroedRows;       // a term: rows in which all of it is -inf have weights of 0
  llvm::SmallVector<Term> terms;
  std::optional<Mask> mask;
  llvm::SmallVector<Term> biases;
};

/// Finds attention by what it computes; changes nothing.
struct AttentionMatcher {
  /// Products are trusted: attention checks the shapes of what it takes as they do.
  explicit AttentionMatcher(mlir::func::FuncOp function) : dims(function, /*trustProducts=*/true), exprs(dims) {}
  virtual ~AttentionMatcher() = default;

  SymbolicDims dims;
  ElementExprs exprs;
  Expr b = nullptr, h = nullptr, i = nullptr, j = nullptr; ///< Indices of batch, head, query and key.
  mlir::Value variablesOf;                                 ///< The scores that they index.
  std::string reason;                                      ///< Why the last match failed.

  bool fail(const llvm::Twine &text) {
    reason = text.str();
    return false;
  }

  /// Index of the axis that holds batch and heads, and its size.
  Expr mergedIndex(Expr head);
  Polynomial mergedSize();
  /// Indices (b, h, i, j) into a tensor that broadcasts to the scores; std::nullopt when it is not known to.
  std::optional<llvm::SmallVector<Expr>> indicesOf(mlir::Value value, bool merged);
  /// Element of `value` at (b, h, i, j); null when that is not known.
  Expr at(mlir::Value value, bool merged = false);
  /// Splits the condition under which a pair is allowed.
  Mask predicate(Expr condition);
  /// Adds a condition on the distance of query and key; false when it is none.
  bool addBand(Mask &mask, Expr part);
  /// Makes what is said of pairs of query and key alone a tensor, `mask.opaque`; false when that has no spelling.
  virtual bool spellPairs(Mask &mask, mlir::Operation *at) = 0;
  static int64_t rankOf(mlir::Value value);
  /// The tensor of which `condition` says that all of a row is -inf; null for other conditions.
  mlir::Value allMasked(Expr condition);
  /// The levels of a quantisation and its inverse by the same constants, whose source becomes `x`; null for others.
  static LevelsAttr levelsOf(mlir::Value &x, double factor);
  /// Walks from the weights of the second product to its softmax.
  bool matchWeights(Match &match);
  void setVariables(mlir::Value scores);
  bool isScalar(mlir::Value value, double &factor, bool divides);
  /// Walks from the scores that the softmax reads to the product of queries and keys.
  bool matchScores(Match &match, mlir::Value x, double factor, bool merged, int depth = 0);
  /// Sorts the terms into the mask and the biases.
  bool sortTerms(Match &match);
  /// "Not 0" of the datum whose being 0 makes `term` mask a key; null when there is none. Sets the fill.
  Expr keyOf(Expr term, Match &match, double factor);
  /// The branch of a choice whose other branch is the constant `fill`.
  static mlir::Value branchBeside(mlir::Value value, double fill);
  bool match(Match &match);
};
} // namespace pare::raise

#endif
