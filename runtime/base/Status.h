// Errors as values: what the runtime uses inside, and hands out of the C API as pare_rt_status.
#ifndef PARE_RUNTIME_BASE_STATUS_H
#define PARE_RUNTIME_BASE_STATUS_H

#include "pare-rt/api.h"

#include <memory>
#include <string>
#include <vector>

struct pare_rt_status {
  pare_rt_code code;
  std::string message;
};

namespace pare::rt {

/// Success (empty) or one error.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(pare_rt_code code, std::string message);

  bool failed() const { return error != nullptr; }
  pare_rt_code code() const { return error ? error->code : PARE_RT_OK; }
  const std::string &message() const;
  /// Puts `prefix` in front of the message of an error.
  Status context(const std::string &prefix) &&;
  pare_rt_status *release() { return error.release(); }

private:
  std::unique_ptr<pare_rt_status> error;
};

/// An error with a printf-style message.
Status makeError(pare_rt_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// The status for when there is no memory to build one; it is static and freeing it does nothing.
pare_rt_status *outOfMemoryStatus();

/// "2.1 MiB", for messages.
std::string formatBytes(uint64_t bytes);
/// "f32[batch, 8]", for messages.
std::string formatShape(const std::vector<std::string> &dims, pare_rt_dtype dtype);
std::string formatShape(const int64_t *dims, uint32_t rank, pare_rt_dtype dtype);
/// Symbols by name, "?" for a size without one.
std::string formatShape(const pare_rt_value_info &value);

} // namespace pare::rt

#endif
