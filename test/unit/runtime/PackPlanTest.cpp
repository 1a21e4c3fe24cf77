// Forming of calls: limits hold, every request is in one call, and no plan is worse than what first fit promises.
#include "state/PackPlan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

namespace pare::rt {
namespace {

constexpr uint64_t any = UINT64_MAX;

std::vector<std::vector<uint32_t>> make(PackPlan &plan, const std::vector<int64_t> &lengths, PackLimits limits) {
  plan.make(lengths, limits);
  std::vector<std::vector<uint32_t>> calls;
  for (const PackPlan::Call &call : plan.calls())
    calls.emplace_back(plan.members().begin() + call.begin, plan.members().begin() + call.end);
  return calls;
}

/// First fit, longest first, as one would write it down.
size_t slowFirstFit(std::vector<int64_t> lengths, const PackLimits &limits) {
  struct Bin {
    uint64_t tokens, count, longest;
  };
  std::vector<Bin> bins;
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  for (int64_t given : lengths) {
    auto length = uint64_t(given);
    auto fits = [&](const Bin &bin) {
      return bin.tokens + length <= limits.tokens && bin.count < limits.requests &&
             (limits.cells == any || (bin.count + 1) * bin.longest <= limits.cells);
    };
    auto bin = std::find_if(bins.begin(), bins.end(), fits);
    if (bin == bins.end())
      bins.push_back({length, 1, length});
    else
      bin->tokens += length, ++bin->count;
  }
  return bins.size();
}

TEST(PackPlan, Nothing) {
  PackPlan plan;
  EXPECT_TRUE(make(plan, {}, {10, any, any}).empty());
  EXPECT_TRUE(plan.members().empty());
}

TEST(PackPlan, FirstFitLongestFirst) {
  PackPlan plan;
  std::vector<std::vector<uint32_t>> expected = {{0, 2, 4}, {1, 3}};
  EXPECT_EQ(make(plan, {2, 4, 7, 6, 1}, {10, any, any}), expected);
  EXPECT_EQ(plan.calls()[0].longest, 7);
  EXPECT_EQ(plan.calls()[0].tokens, 10u);
  EXPECT_EQ(plan.calls()[1].longest, 6);
  // Again, with another number of requests in the same memory.
  expected = {{0}};
  EXPECT_EQ(make(plan, {3}, {10, any, any}), expected);
}

TEST(PackPlan, LongerThanACall) {
  PackPlan plan;
  std::vector<std::vector<uint32_t>> expected = {{0, 2}, {1}, {3}};
  EXPECT_EQ(make(plan, {1, 11, 2, 10}, {10, any, any}), expected);
}

TEST(PackPlan, NumberOfRequestsAndCells) {
  PackPlan plan;
  EXPECT_EQ(make(plan, std::vector<int64_t>(7, 1), {any, 3, any}).size(), 3u);
  EXPECT_EQ(make(plan, std::vector<int64_t>(7, 1), {any, 1, any}).size(), 7u);
  // 8 + 1 + 1 tokens are 3 x 8 cells.
  EXPECT_EQ(make(plan, {8, 1, 1}, {100, any, 24}).size(), 1u);
  EXPECT_EQ(make(plan, {8, 1, 1}, {100, any, 23}).size(), 2u);
  EXPECT_EQ(make(plan, {8, 8}, {100, any, 7}).size(), 2u);
}

TEST(PackPlan, Random) {
  std::mt19937 random(1);
  PackPlan plan;
  for (int round = 0; round < 400; ++round) {
    std::vector<int64_t> lengths(random() % 200);
    uint32_t longest = 1 + random() % 100;
    for (int64_t &length : lengths)
      length = 1 + random() % longest;
    PackLimits limits = {1 + random() % 150, random() % 3 ? any : 1 + random() % 9,
                         random() % 3 ? any : 1 + random() % 400};
    auto calls = make(plan, lengths, limits);
    std::vector<int> seen(lengths.size(), 0);
    uint32_t before = 0;
    for (size_t i = 0; i < calls.size(); ++i) {
      ASSERT_FALSE(calls[i].empty());
      ASSERT_TRUE(std::is_sorted(calls[i].begin(), calls[i].end()));
      ASSERT_TRUE(i == 0 || calls[i][0] > before) << "the call with the oldest request comes first";
      before = calls[i][0];
      uint64_t tokens = 0, most = 0;
      for (uint32_t request : calls[i]) {
        ++seen[request];
        tokens += uint64_t(lengths[request]);
        most = std::max(most, uint64_t(lengths[request]));
      }
      ASSERT_EQ(plan.calls()[i].tokens, tokens);
      ASSERT_EQ(plan.calls()[i].longest, int64_t(most));
      if (calls[i].size() > 1) {
        ASSERT_LE(tokens, limits.tokens);
        ASSERT_LE(calls[i].size(), limits.requests);
        ASSERT_TRUE(limits.cells == any || calls[i].size() * most <= limits.cells);
      }
    }
    ASSERT_TRUE(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
    ASSERT_EQ(calls.size(), slowFirstFit(lengths, limits));
  }
}

TEST(PackPlan, ManyRequests) {
  std::mt19937 random(2);
  std::vector<int64_t> lengths(200000);
  uint64_t tokens = 0;
  for (int64_t &length : lengths)
    tokens += uint64_t(length = 1 + random() % 60);
  PackPlan plan;
  size_t calls = make(plan, lengths, {1000, any, any}).size();
  EXPECT_LE(calls, tokens / 1000 + 1 + calls / 100);
}

} // namespace
} // namespace pare::rt
