// NumPy files: .npy (one array) and .npz (a zip of named arrays, stored or deflated).
//
// Reading is safe on any bytes: headers and sizes are bounded by what the file holds before memory is taken. Arrays
// come out dense, row-major and little endian; Fortran order is converted, big-endian, structured and object arrays are
// errors that say so.
#ifndef PARE_RUNTIME_NPZ_NPZ_H
#define PARE_RUNTIME_NPZ_NPZ_H

#include "base/Memory.h"
#include "base/Status.h"

#include <string>
#include <string_view>
#include <vector>

namespace pare::npz {

struct Array {
  pare_rt_dtype dtype = PARE_RT_F32;
  std::vector<int64_t> dims;
  /// Exactly the elements, aligned to PARE_BUFFER_ALIGNMENT; null when there are none.
  rt::Buffer data;
  uint64_t bytes = 0;

  /// As an input of pare_rt_session_run; the rank is at most PARE_RT_MAX_RANK.
  pare_rt_tensor tensor() const;
};

struct NamedArray {
  std::string name;
  Array array;
};

/// An array to be written; the data stays the caller's.
struct ArrayView {
  std::string name;
  pare_rt_tensor tensor;
};

rt::Status readNpy(const std::string &path, Array &array);
rt::Status readNpz(const std::string &path, std::vector<NamedArray> &arrays);
/// numpy has no bfloat16: such an array is an error.
rt::Status writeNpy(const std::string &path, const pare_rt_tensor &tensor);
/// Replaces the file only when all is written. The same arrays always give the same bytes.
rt::Status writeNpz(const std::string &path, const std::vector<ArrayView> &arrays, bool compress = false);

/// The same on bytes in memory.
rt::Status parseNpy(const uint8_t *data, uint64_t size, Array &array);
rt::Status parseNpz(const uint8_t *data, uint64_t size, std::vector<NamedArray> &arrays);

/// The header of an .npy file for the tensor, up to where the elements begin.
rt::Status npyHeader(const pare_rt_tensor &tensor, std::string &header);

} // namespace pare::npz

#endif
