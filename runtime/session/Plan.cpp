// Memory planning: greedy, best fit, in the best of some orders (Pisarchyk and Lee, arXiv:2001.03288).
#include "session/Plan.h"

#include <algorithm>
#include <utility>

namespace pare::rt {

static uint64_t largestLiveSum(const pare_slot *slots, const std::vector<uint64_t> &sizes,
                               const std::vector<uint32_t> &used) {
  // Births add at `first`, deaths subtract after `last`; at equal steps subtractions come first.
  std::vector<std::pair<uint64_t, int64_t>> events;
  events.reserve(used.size() * 2);
  for (uint32_t slot : used) {
    events.emplace_back(slots[slot].first, int64_t(sizes[slot]));
    events.emplace_back(uint64_t(slots[slot].last) + 1, -int64_t(sizes[slot]));
  }
  std::sort(events.begin(), events.end());
  int64_t live = 0, most = 0;
  for (auto [step, change] : events)
    most = std::max(most, live += change);
  return uint64_t(most);
}

/// How much is live at the most while each slot is.
static std::vector<uint64_t> breadths(const pare_slot *slots, const std::vector<uint64_t> &sizes,
                                      const std::vector<uint32_t> &used) {
  std::vector<uint64_t> result(sizes.size());
  for (uint32_t begun : used) {
    // The live sum changes upwards where a slot begins only.
    const uint64_t step = slots[begun].first;
    uint64_t live = 0;
    for (uint32_t slot : used)
      if (slots[slot].first <= step && step <= slots[slot].last)
        live += sizes[slot];
    for (uint32_t slot : used)
      if (slots[slot].first <= step && step <= slots[slot].last)
        result[slot] = std::max(result[slot], live);
  }
  return result;
}

/// Gives each slot in turn the smallest gap that it fits into.
static void place(MemoryPlan &plan, const pare_slot *slots, const std::vector<uint64_t> &sizes,
                  const std::vector<uint32_t> &order) {
  plan.offsets.assign(sizes.size(), 0);
  plan.bytes = 0;
  // Slots placed so far, by offset.
  std::vector<uint32_t> placed;
  placed.reserve(order.size());
  for (uint32_t slot : order) {
    const uint64_t size = sizes[slot];
    uint64_t top = 0, best = 0, bestGap = UINT64_MAX;
    for (uint32_t other : placed) {
      if (!lifetimesMeet(slots[slot], slots[other]))
        continue;
      uint64_t start = plan.offsets[other];
      if (start > top && start - top >= size && start - top < bestGap) {
        bestGap = start - top;
        best = top;
      }
      top = std::max(top, start + sizes[other]);
    }
    uint64_t offset = bestGap == UINT64_MAX ? top : best;
    plan.offsets[slot] = offset;
    plan.bytes = std::max(plan.bytes, offset + size);
    auto after = std::upper_bound(placed.begin(), placed.end(), offset,
                                  [&](uint64_t value, uint32_t other) { return value < plan.offsets[other]; });
    placed.insert(after, slot);
  }
}

MemoryPlan planMemory(const pare_slot *slots, const std::vector<uint64_t> &sizes) {
  MemoryPlan plan;
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < sizes.size(); ++i)
    if (sizes[i])
      order.push_back(i);
  plan.lowerBound = largestLiveSum(slots, sizes, order);
  auto bySize = [&](uint32_t a, uint32_t b) {
    if (sizes[a] != sizes[b])
      return sizes[a] > sizes[b];
    uint32_t aLife = slots[a].last - slots[a].first, bLife = slots[b].last - slots[b].first;
    return aLife != bLife ? aLife > bLife : a < b;
  };
  std::sort(order.begin(), order.end(), bySize);
  place(plan, slots, sizes, order);
  if (plan.bytes == plan.lowerBound)
    return plan;
  // No order is best for all models: those that meet in the fullest steps first, or as they come.
  auto attempt = [&](auto isBefore) {
    MemoryPlan other;
    other.lowerBound = plan.lowerBound;
    std::sort(order.begin(), order.end(), isBefore);
    place(other, slots, sizes, order);
    if (other.bytes < plan.bytes)
      plan = other;
  };
  std::vector<uint64_t> breadth = breadths(slots, sizes, order);
  attempt([&](uint32_t a, uint32_t b) { return breadth[a] != breadth[b] ? breadth[a] > breadth[b] : bySize(a, b); });
  attempt([&](uint32_t a, uint32_t b) {
    return slots[a].first != slots[b].first ? slots[a].first < slots[b].first : bySize(a, b);
  });
  return plan;
}

} // namespace pare::rt
