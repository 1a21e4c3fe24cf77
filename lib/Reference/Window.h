// Where the windows of convolutions and pools lie.
#ifndef PARE_LIB_REFERENCE_WINDOW_H
#define PARE_LIB_REFERENCE_WINDOW_H

#include "Case.h"

namespace pare::reference {

struct Windows {
  /// Spatial sizes.
  Index input, kernel, result;
  /// For tap t of the kernel and place p of the result, at [t * places + p]: the element of the input, or kPad in the
  /// declared padding, or kBeyond outside of that.
  std::vector<int64_t> source;
  static constexpr int64_t kPad = -1, kBeyond = -2;

  static llvm::Expected<Windows> get(Call &call, IndexRef input, IndexRef kernel, IndexRef strides, IndexRef pads,
                                     IndexRef dilations, bool ceilMode);
};

} // namespace pare::reference

#endif
