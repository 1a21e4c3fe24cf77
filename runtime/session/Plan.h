// Memory planning: places buffers of known lifetime and size in one arena.
#ifndef PARE_RUNTIME_SESSION_PLAN_H
#define PARE_RUNTIME_SESSION_PLAN_H

#include "pare-rt/abi.h"

#include <vector>

namespace pare::rt {

inline bool lifetimesMeet(const pare_slot &a, const pare_slot &b) { return a.first <= b.last && b.first <= a.last; }

struct MemoryPlan {
  /// Per slot; only meaningful where the size is not 0.
  std::vector<uint64_t> offsets;
  uint64_t bytes = 0;
  /// Largest sum of sizes live at one step: no plan can be smaller.
  uint64_t lowerBound = 0;
};

/// Plans slots of `sizes` bytes (multiples of PARE_BUFFER_ALIGNMENT; 0: the slot is not used). One after the other,
/// each goes into the smallest gap that holds it among the placed slots that live at the same time, or above them all:
/// from the largest to the smallest; where that misses the lower bound also those first that live in the fullest steps,
/// and in the order of their births. The best of these plans counts. On the networks we measured it is on the lower
/// bound.
MemoryPlan planMemory(const pare_slot *slots, const std::vector<uint64_t> &sizes);

} // namespace pare::rt

#endif
