// What the C interfaces share: nothing that throws leaves them.
#ifndef PARE_RUNTIME_API_GUARDED_H
#define PARE_RUNTIME_API_GUARDED_H

#include "base/Status.h"

#include <cstring>
#include <exception>
#include <new>

namespace pare::rt {

/// Runs a function that returns a Status, for a caller in C.
template <typename F> pare_rt_status *guarded(F &&function) {
  try {
    return function().release();
  } catch (const std::bad_alloc &) {
    return outOfMemoryStatus();
  } catch (const std::exception &error) {
    try {
      return makeError(PARE_RT_BAD_MODULE, "internal error: %s", error.what()).release();
    } catch (...) {
      return outOfMemoryStatus();
    }
  }
}

inline Status nullArgument(const char *name) {
  return makeError(PARE_RT_INVALID_ARGUMENT, "argument '%s' is NULL", name);
}

/// Copies the caller's options, NULL for the defaults. A program built against an earlier version passes fewer members,
/// `least` bytes or more; a later one must not pass what is unknown here.
template <typename T> Status readOptions(const T *options, size_t least, const char *type, T &chosen) {
  chosen = {};
  if (!options)
    return {};
  if (options->struct_size < least || options->struct_size > sizeof chosen)
    return makeError(PARE_RT_INVALID_ARGUMENT, "%s has size %u, expected %zu: set struct_size", type,
                     options->struct_size, sizeof chosen);
  memcpy(&chosen, options, options->struct_size);
  return {};
}

} // namespace pare::rt

#endif
