// Element types: sizes and names.
#include "base/DType.h"

namespace {
struct Entry {
  const char *name;
  uint32_t size;
};
// In the order of pare_rt_dtype.
constexpr Entry table[] = {{"f32", 4}, {"f64", 8}, {"f16", 2}, {"bf16", 2}, {"i8", 1},  {"i16", 2}, {"i32", 4},
                           {"i64", 8}, {"u8", 1},  {"u16", 2}, {"u32", 4},  {"u64", 8}, {"bool", 1}};
constexpr unsigned count = sizeof table / sizeof *table;
static_assert(count == PARE_RT_BOOL + 1, "one row per type");
} // namespace

extern "C" {

uint32_t pare_rt_dtype_size(pare_rt_dtype dtype) { return unsigned(dtype) < count ? table[dtype].size : 0; }

const char *pare_rt_dtype_name(pare_rt_dtype dtype) { return unsigned(dtype) < count ? table[dtype].name : "unknown"; }
}

namespace pare::rt {

std::optional<pare_rt_dtype> parseDType(std::string_view name) {
  for (unsigned i = 0; i < count; ++i)
    if (name == table[i].name)
      return pare_rt_dtype(i);
  return std::nullopt;
}

std::optional<uint64_t> tensorBytes(const int64_t *dims, uint32_t rank, pare_rt_dtype dtype) {
  int64_t bytes = pare_rt_dtype_size(dtype);
  bool empty = false;
  for (uint32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0)
      return std::nullopt;
    // A zero makes the product zero however large the others are.
    if (dims[i] == 0)
      empty = true;
    else if (__builtin_mul_overflow(bytes, dims[i], &bytes))
      return std::nullopt;
  }
  return empty ? 0 : uint64_t(bytes);
}

} // namespace pare::rt
