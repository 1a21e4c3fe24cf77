// Parts of .npy parsing that .npz reading shares. Private to runtime/npz.
#ifndef PARE_RUNTIME_NPZ_NPYFORMAT_H
#define PARE_RUNTIME_NPZ_NPYFORMAT_H

#include "npz/Npz.h"

namespace pare::npz {

/// Reads exactly `size` bytes; false at the end of the data.
class Source {
public:
  virtual ~Source() = default;
  virtual bool read(void *to, uint64_t size) = 0;
  /// Bytes that may still come, at most.
  virtual uint64_t remaining() const = 0;
};

/// Reads one array to the end of the source.
rt::Status readArray(Source &source, Array &array);

} // namespace pare::npz

#endif
