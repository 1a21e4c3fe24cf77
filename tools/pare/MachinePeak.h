// What this machine can do at most, measured.
#ifndef PARE_TOOLS_PARE_MACHINEPEAK_H
#define PARE_TOOLS_PARE_MACHINEPEAK_H

#include <cstdint>

namespace pare::tool {
struct MachinePeak {
  /// Floating-point operations on f32 per second: a loop of multiply-adds in registers, with the widest vectors.
  double flops = 0;
  /// Bytes read and written per second: a[i] = b[i] + s * c[i] on arrays that no cache holds.
  double bytes = 0;
};

/// With that many threads at once. Takes some half a second and 384 MiB.
MachinePeak measurePeak(uint32_t threads);
} // namespace pare::tool

#endif
