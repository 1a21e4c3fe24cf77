// The intermediate buffers of a session.
#include "session/SlotMemory.h"

#include <algorithm>
#include <new>

namespace pare::rt {

SlotMemory::SlotMemory(const pare_slot *slots, uint32_t count) : slots(slots), placed(count) { touched.reserve(count); }

static uint64_t hashShapes(const std::vector<int64_t> &shapes) {
  uint64_t hash = 0x9e3779b97f4a7c15u;
  for (int64_t dim : shapes) {
    hash = (hash ^ uint64_t(dim)) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

bool SlotMemory::begin(const std::vector<int64_t> &newShapes) {
  outgrown = false;
  uint64_t newHash = hashShapes(newShapes);
  auto matches = [&](const CachedPlan &plan) { return plan.hash == newHash && plan.shapes == newShapes; };
  // Most calls have the shapes of the one before.
  if (current >= plans.size() || !matches(plans[current]))
    current = size_t(std::find_if(plans.begin(), plans.end(), matches) - plans.begin());
  shapes = newShapes;
  hash = newHash;
  if (current == plans.size())
    return true;
  plans[current].lastUse = ++clock;
  return plans[current].plan.bytes == 0 || arena.reserve(plans[current].plan.bytes, allocations);
}

void *SlotMemory::allocate(uint32_t slot, uint64_t bytes) noexcept {
  if (bytes > maxBufferBytes)
    return nullptr;
  bytes = bufferBytes(bytes);
  Placed &place = placed[slot];
  if (!place.wanted)
    touched.push_back(slot); // Reserved for all slots: does not allocate.
  if (!place.wanted && current < plans.size()) {
    place.capacity = plans[current].sizes[slot];
    place.data = arena.get() + plans[current].plan.offsets[slot];
  }
  place.wanted = std::max(place.wanted, bytes);
  if (bytes <= place.capacity)
    return place.data;
  outgrown = true;
  try {
    place.data = allocateBlock(slot, bytes);
  } catch (const std::bad_alloc &) {
    place.data = nullptr;
  }
  place.capacity = place.data ? bytes : 0;
  return place.data;
}

void *SlotMemory::allocateBlock(uint32_t slot, uint64_t bytes) {
  Block *best = nullptr;
  for (Block &block : blocks) {
    // A small buffer in a large block would keep a large one from it.
    if (block.memory.size() < bytes || block.memory.size() / 2 > bytes ||
        (best && best->memory.size() <= block.memory.size()))
      continue;
    bool free = std::none_of(block.users.begin(), block.users.end(),
                             [&](uint32_t user) { return lifetimesMeet(slots[user], slots[slot]); });
    if (free)
      best = &block;
  }
  if (!best) {
    Block block;
    if (!block.memory.reserve(bytes, allocations))
      return nullptr;
    blocks.push_back(std::move(block));
    best = &blocks.back();
  }
  best->users.push_back(slot);
  return best->memory.get();
}

void SlotMemory::end(bool succeeded) noexcept {
  if (succeeded && (outgrown || current == plans.size())) {
    blocks.clear(); // Before the arena grows.
    try {
      learn();
    } catch (const std::bad_alloc &) {
      // The next call with these shapes runs without a plan, or with the old one.
    }
  }
  blocks.clear();
  for (uint32_t slot : touched)
    placed[slot] = {};
  touched.clear();
}

void SlotMemory::learn() {
  // Built aside: running out of memory here must not leave half a plan.
  const bool known = current < plans.size();
  CachedPlan fresh{hash, shapes, ++clock, known ? plans[current].sizes : std::vector<uint64_t>(placed.size(), 0), {}};
  for (uint32_t slot : touched)
    fresh.sizes[slot] = std::max(fresh.sizes[slot], placed[slot].wanted);
  fresh.plan = planMemory(slots, fresh.sizes);
  // When the arena cannot grow the next call says so.
  (void)arena.reserve(fresh.plan.bytes, allocations);
  if (!known && plans.size() < maxPlans) {
    plans.push_back(std::move(fresh));
    return;
  }
  if (!known)
    current = size_t(std::min_element(plans.begin(), plans.end(),
                                      [](const CachedPlan &a, const CachedPlan &b) { return a.lastUse < b.lastUse; }) -
                     plans.begin());
  plans[current] = std::move(fresh);
}

void SlotMemory::reset() {
  blocks.clear();
  plans.clear();
  current = 0;
  arena.clear();
  for (uint32_t slot : touched)
    placed[slot] = {};
  touched.clear();
}

} // namespace pare::rt
