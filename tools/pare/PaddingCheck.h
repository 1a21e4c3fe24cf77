// What the padding pass claims, for `pare verify` to check.
#ifndef PARE_TOOLS_PARE_PADDINGCHECK_H
#define PARE_TOOLS_PARE_PADDINGCHECK_H

#include "pare/Reference/Rounding.h"

namespace pare::tool {
/// The rows of one run of an entry point that kPaddingAttr describes.
class PaddingCheck {
public:
  /// Looks up `entry` in `module`, which the passes have run on, and evaluates its rows for `inputs`. std::nullopt when
  /// nothing is claimed.
  static llvm::Expected<std::optional<PaddingCheck>> create(mlir::ModuleOp module, llvm::StringRef entry,
                                                            llvm::ArrayRef<reference::Tensor> inputs);

  /// Puts 0, exactly, where result `number` must be 0.
  void clear(unsigned number, reference::Tensor &want, reference::Allowance &allowance) const;
  /// What the artefact gives, in the form of the model: packed results become batches with 0 in rows of padding, and
  /// the results that name rows are checked and dropped.
  llvm::Expected<reference::Tensors> unpack(reference::Tensors got) const;
  /// `inputs` with other elements in all rows that no result may depend on; std::nullopt when there are none.
  std::optional<reference::Tensors> disturb(llvm::ArrayRef<reference::Tensor> inputs, uint64_t seed,
                                            int64_t maxInt) const;
  /// Index of the first element in a valid row, or of a result without rows, in which two answers differ; -1.
  int64_t firstDifference(unsigned number, const reference::Tensor &a, const reference::Tensor &b) const;

private:
  PaddingCheck(mlir::func::FuncOp function, reference::Tensors rows)
      : function(function), valid(std::move(rows[0])), computed(std::move(rows[1])) {}
  /// Calls `visit` with the index of each element of `tensor` whose row is not in `rows`.
  static void forEachOutside(const reference::Tensor &rows, llvm::ArrayRef<int64_t> axes,
                             const reference::Tensor &tensor, llvm::function_ref<void(int64_t)> visit);

  mutable mlir::func::FuncOp function; // whose accessors are not const
  reference::Tensor valid, computed;   // i1 [B, S]
};
} // namespace pare::tool

#endif
