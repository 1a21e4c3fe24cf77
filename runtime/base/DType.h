// Element types: sizes and names.
#ifndef PARE_RUNTIME_BASE_DTYPE_H
#define PARE_RUNTIME_BASE_DTYPE_H

#include "pare-rt/api.h"

#include <optional>
#include <string_view>

namespace pare::rt {

/// The type called "f32", "bool", ... in manifests.
std::optional<pare_rt_dtype> parseDType(std::string_view name);

/// Bytes of a dense tensor; nothing when a dimension is negative or the product leaves 63 bits.
std::optional<uint64_t> tensorBytes(const int64_t *dims, uint32_t rank, pare_rt_dtype dtype);

} // namespace pare::rt

#endif
