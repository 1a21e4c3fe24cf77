// The intermediate buffers of a session: planned once per set of input shapes, then at fixed places of one arena.
//
// A call with new shapes runs without a plan: its slots get blocks from the system, shared between slots whose
// lifetimes do not meet, and their sizes are recorded. At its end the sizes are planned and the plan is kept under the
// shapes. Later calls with these shapes find every slot in the arena. Where sizes depend on data and one outgrows its
// place, the slot gets a block for that call, and the plan grows to the largest size seen.
#ifndef PARE_RUNTIME_SESSION_SLOTMEMORY_H
#define PARE_RUNTIME_SESSION_SLOTMEMORY_H

#include "base/Memory.h"
#include "session/Plan.h"

#include <vector>

namespace pare::rt {

class SlotMemory {
public:
  /// Plans kept at most; the least recently used one goes.
  static constexpr unsigned maxPlans = 64;

  SlotMemory(const pare_slot *slots, uint32_t count);

  /// Starts a call for inputs of these dimensions. Fails (false) when memory runs out.
  bool begin(const std::vector<int64_t> &shapes);
  /// Memory for a slot, null when it runs out. `slot` must be in range.
  void *allocate(uint32_t slot, uint64_t bytes) noexcept;
  /// Ends the call. `succeeded`: its sizes are worth learning from.
  void end(bool succeeded) noexcept;
  /// Frees everything and forgets the plans.
  void reset();

  uint64_t plannedBytes() const { return current < plans.size() ? plans[current].plan.bytes : 0; }
  uint64_t lowerBound() const { return current < plans.size() ? plans[current].plan.lowerBound : 0; }
  uint64_t arenaBytes() const { return arena.size(); }
  uint64_t numPlans() const { return plans.size(); }
  uint64_t takeAllocations() {
    uint64_t result = allocations;
    allocations = 0;
    return result;
  }

private:
  struct CachedPlan {
    uint64_t hash;
    std::vector<int64_t> shapes;
    uint64_t lastUse;
    std::vector<uint64_t> sizes;
    MemoryPlan plan;
  };
  /// Memory outside the arena, shared by slots whose lifetimes do not meet.
  struct Block {
    Buffer memory;
    std::vector<uint32_t> users;
  };
  /// A slot in the running call.
  struct Placed {
    void *data = nullptr;
    uint64_t capacity = 0;
    /// Largest size asked for.
    uint64_t wanted = 0;
  };

  void *allocateBlock(uint32_t slot, uint64_t bytes);
  void learn();

  const pare_slot *const slots;
  std::vector<Placed> placed;
  std::vector<uint32_t> touched;
  std::vector<Block> blocks;
  std::vector<CachedPlan> plans;
  std::vector<int64_t> shapes;
  uint64_t hash = 0;
  /// Index of the plan in use, or plans.size() when there is none.
  size_t current = 0;
  bool outgrown = false;
  uint64_t clock = 0;
  uint64_t allocations = 0;
  Buffer arena;
};

} // namespace pare::rt

#endif
