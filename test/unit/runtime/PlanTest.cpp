// The memory planner: never wrong, and close to the lower bound.
#include "session/Plan.h"

#include <gtest/gtest.h>
#include <random>

namespace pare::test {
namespace {

using rt::MemoryPlan;
using rt::planMemory;

void check(const std::vector<pare_slot> &slots, const std::vector<uint64_t> &sizes, const MemoryPlan &plan) {
  ASSERT_GE(plan.bytes, plan.lowerBound);
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!sizes[i])
      continue;
    ASSERT_LE(plan.offsets[i] + sizes[i], plan.bytes);
    for (size_t j = 0; j < i; ++j)
      if (sizes[j] && rt::lifetimesMeet(slots[i], slots[j]))
        ASSERT_TRUE(plan.offsets[i] + sizes[i] <= plan.offsets[j] || plan.offsets[j] + sizes[j] <= plan.offsets[i])
            << "slots " << i << " and " << j;
  }
}

TEST(Plan, Nothing) {
  MemoryPlan plan = planMemory(nullptr, {});
  EXPECT_EQ(plan.bytes, 0u);
  const pare_slot slot = {0, 5};
  EXPECT_EQ(planMemory(&slot, {0}).bytes, 0u);
}

TEST(Plan, AChainNeedsTwoNeighbours) {
  std::vector<pare_slot> slots;
  std::vector<uint64_t> sizes;
  for (uint32_t i = 0; i < 50; ++i) {
    slots.push_back({i, i + 1});
    sizes.push_back(640);
  }
  MemoryPlan plan = planMemory(slots.data(), sizes);
  check(slots, sizes, plan);
  EXPECT_EQ(plan.bytes, 1280u);
}

TEST(Plan, BothEndsAreInclusive) {
  const pare_slot touching[] = {{0, 3}, {3, 4}}, apart[] = {{0, 3}, {4, 4}};
  EXPECT_EQ(planMemory(touching, {64, 64}).bytes, 128u);
  EXPECT_EQ(planMemory(apart, {64, 64}).bytes, 64u);
}

TEST(Plan, LatestStep) {
  const pare_slot slots[] = {{0, UINT32_MAX}, {UINT32_MAX, UINT32_MAX}, {7, 8}};
  MemoryPlan plan = planMemory(slots, {64, 128, 64});
  EXPECT_EQ(plan.lowerBound, 192u);
  EXPECT_EQ(plan.bytes, 192u);
}

TEST(Plan, RandomLifetimes) {
  std::minstd_rand random(11);
  double ratio = 0;
  const int rounds = 300;
  for (int round = 0; round < rounds; ++round) {
    const size_t count = 1 + random() % 120;
    const uint32_t steps = 1 + random() % 100, longest = 1 + random() % 20;
    std::vector<pare_slot> slots(count);
    std::vector<uint64_t> sizes(count);
    for (size_t i = 0; i < count; ++i) {
      slots[i].first = random() % steps;
      slots[i].last = slots[i].first + random() % longest;
      sizes[i] = 64 * (random() % 64);
    }
    MemoryPlan plan = planMemory(slots.data(), sizes);
    check(slots, sizes, plan);
    ratio += plan.lowerBound ? double(plan.bytes) / double(plan.lowerBound) : 1;
  }
  EXPECT_LT(ratio / rounds, 1.025); // by size alone 1.033
}

} // namespace
} // namespace pare::test
