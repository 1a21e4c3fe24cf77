// Errors as values, and the words that their messages share.
#include "base/Status.h"

#include <cstdarg>
#include <cstdio>

namespace pare::rt {

Status::Status(pare_rt_code code, std::string message) : error(new pare_rt_status{code, std::move(message)}) {}

const std::string &Status::message() const {
  static const std::string empty;
  return error ? error->message : empty;
}

Status Status::context(const std::string &prefix) && {
  if (error)
    error->message = prefix + error->message;
  return std::move(*this);
}

Status makeError(pare_rt_code code, const char *format, ...) {
  va_list args, copy;
  va_start(args, format);
  va_copy(copy, args);
  int length = vsnprintf(nullptr, 0, format, args);
  va_end(args);
  std::string message(length > 0 ? size_t(length) : 0, '\0');
  if (length > 0)
    vsnprintf(&message[0], message.size() + 1, format, copy);
  va_end(copy);
  return Status(code, std::move(message));
}

pare_rt_status *outOfMemoryStatus() {
  static pare_rt_status status{PARE_RT_OUT_OF_MEMORY, "out of memory"};
  return &status;
}

std::string formatBytes(uint64_t bytes) {
  static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = double(bytes);
  unsigned unit = 0;
  for (; value >= 1024 && unit < 6; ++unit)
    value /= 1024;
  char text[32];
  snprintf(text, sizeof text, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
  return text;
}

std::string formatShape(const std::vector<std::string> &dims, pare_rt_dtype dtype) {
  std::string text;
  for (const std::string &dim : dims)
    text += (text.empty() ? "" : ", ") + dim;
  return pare_rt_dtype_name(dtype) + ("[" + text + "]");
}

std::string formatShape(const int64_t *dims, uint32_t rank, pare_rt_dtype dtype) {
  std::vector<std::string> texts;
  texts.reserve(rank);
  for (uint32_t i = 0; i < rank; ++i)
    texts.push_back(std::to_string(dims[i]));
  return formatShape(texts, dtype);
}

std::string formatShape(const pare_rt_value_info &value) {
  std::vector<std::string> texts;
  texts.reserve(value.rank);
  for (uint32_t i = 0; i < value.rank; ++i) {
    const pare_rt_dim &dim = value.dims[i];
    texts.push_back(dim.kind == PARE_RT_DIM_STATIC     ? std::to_string(dim.size)
                    : dim.kind == PARE_RT_DIM_SYMBOLIC ? dim.symbol
                                                       : "?");
  }
  return formatShape(texts, value.dtype);
}

} // namespace pare::rt

extern "C" {

pare_rt_code pare_rt_status_code(const pare_rt_status *status) { return status ? status->code : PARE_RT_OK; }

const char *pare_rt_status_message(const pare_rt_status *status) { return status ? status->message.c_str() : ""; }

void pare_rt_status_free(pare_rt_status *status) {
  if (status != pare::rt::outOfMemoryStatus())
    delete status;
}
}
