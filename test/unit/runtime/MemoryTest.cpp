// Memory of sessions: plans are learnt, cached and grown; a steady state allocates nothing.
#include "TestModule.h"

#include "base/Memory.h"
#include "session/SlotMemory.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <random>

static std::atomic<uint64_t> newCalls{0};

#if !defined(__has_feature)
#define __has_feature(x) 0
#endif
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
// Every C++ allocation of this binary is counted, except where a sanitizer has its own.

void *operator new(size_t size) {
  ++newCalls;
  void *data = malloc(size ? size : 1);
  if (!data)
    throw std::bad_alloc();
  return data;
}
void operator delete(void *data) noexcept { free(data); }
void operator delete(void *data, size_t) noexcept { free(data); }
#endif

namespace pare::test {
namespace {

using rt::BumpArena;
using rt::SlotMemory;

TEST(Memory, SteadyStateAllocatesNothing) {
  SessionPtr session = openSession("main", {3});
  std::vector<float> x(400, 1), y(400, 2);
  std::vector<pare_rt_tensor> inputs = {tensor(x, {100, 4}, PARE_RT_F32), tensor(y, {100, 4}, PARE_RT_F32)};
  pare_rt_tensor output = {};
  auto once = [&] {
    output = {};
    return pare_rt_session_run(session.get(), inputs.data(), 2, &output, 1);
  };
  EXPECT_OK(once());
  EXPECT_GT(memory(session.get()).allocations, 0u);
  // Scratch of a worker is allocated when that worker first gets a tile, which is up to the scheduler.
  for (int i = 0; i < 200; ++i)
    EXPECT_OK(once());
  int steady = 0;
  for (int i = 0; i < 50; ++i) {
    uint64_t before = newCalls;
    pare_rt_status *status = once();
    uint64_t after = newCalls;
    ASSERT_FALSE(status);
    if (memory(session.get()).allocations == 0 && before == after)
      ++steady;
  }
  EXPECT_GE(steady, 48);
  pare_rt_memory_stats stats = memory(session.get());
  // Slots 0 and 1 live together, then 1 and 2: two of the three at a time.
  EXPECT_EQ(stats.planned_bytes, 2u * 1600);
  EXPECT_EQ(stats.lower_bound_bytes, 2u * 1600);
  EXPECT_EQ(stats.arena_bytes, 2u * 1600);
  EXPECT_EQ(stats.output_bytes, 1600u);
  EXPECT_EQ(stats.plans, 1u);
}

TEST(Memory, OnePlanPerShapes) {
  SessionPtr session = openSession("main", {1});
  for (int64_t batch : {1, 16, 300})
    runMain(session.get(), batch);
  EXPECT_EQ(memory(session.get()).plans, 3u);
  const uint64_t arena = memory(session.get()).arena_bytes;
  for (int64_t batch : {16, 300, 1, 300}) {
    runMain(session.get(), batch);
    EXPECT_EQ(memory(session.get()).allocations, 0u) << batch;
    EXPECT_EQ(memory(session.get()).planned_bytes, uint64_t(2 * rt::bufferBytes(uint64_t(batch) * 16)));
  }
  EXPECT_EQ(memory(session.get()).arena_bytes, arena);
  // The cache is bounded.
  for (int64_t batch = 1; batch < 200; ++batch)
    runMain(session.get(), batch);
  EXPECT_EQ(memory(session.get()).plans, uint64_t(SlotMemory::maxPlans));
  EXPECT_OK(pare_rt_session_reset(session.get()));
  EXPECT_EQ(memory(session.get()).plans, 0u);
  EXPECT_EQ(memory(session.get()).arena_bytes, 0u);
  runMain(session.get(), 7);
}

TEST(Memory, PlansGrowWithTheData) {
  SessionPtr session = openSession("nonzero", {1});
  std::vector<int64_t> x(1000, 0);
  auto once = [&](size_t count) {
    std::fill(x.begin(), x.end(), 0);
    std::fill(x.begin(), x.begin() + long(count), 1);
    pare_rt_tensor output = {};
    EXPECT_OK(run(session.get(), {tensor(x, {1000}, PARE_RT_I64)}, output).release());
    EXPECT_EQ(output.dims[0], int64_t(count));
    return memory(session.get());
  };
  EXPECT_EQ(once(100).planned_bytes, 832u);
  EXPECT_EQ(once(50).allocations, 0u);
  EXPECT_GT(once(800).allocations, 0u);
  EXPECT_EQ(once(800).planned_bytes, 6400u);
  EXPECT_EQ(once(10).allocations, 0u);
  EXPECT_EQ(once(800).allocations, 0u);
  EXPECT_EQ(once(800).plans, 1u);
}

TEST(Memory, LoopsSettle) {
  SessionPtr session = openSession("loop", {1});
  std::vector<int64_t> rounds = {200};
  for (int i = 0; i < 4; ++i) {
    pare_rt_tensor output = {};
    EXPECT_OK(run(session.get(), {tensor(rounds, {}, PARE_RT_I64)}, output).release());
    if (i >= 2)
      EXPECT_EQ(memory(session.get()).allocations, 0u) << i;
  }
  EXPECT_GE(memory(session.get()).dynamic_bytes, 201u * 64);
}

/// Walks through random programs: whatever the sizes do from call to call, buffers that live together never overlap,
/// and what was written to one is still there at its end.
TEST(Memory, LiveSlotsNeverOverlap) {
  std::minstd_rand random(7);
  for (int program = 0; program < 60; ++program) {
    const uint32_t count = 1 + random() % 40, steps = 1 + random() % 30;
    std::vector<pare_slot> slots(count);
    for (pare_slot &slot : slots) {
      slot.first = random() % steps;
      slot.last = slot.first + random() % (steps - slot.first);
    }
    SlotMemory memory(slots.data(), count);
    for (int call = 0; call < 12; ++call) {
      const std::vector<int64_t> shapes = {int64_t(random() % 3)};
      ASSERT_TRUE(memory.begin(shapes));
      struct Live {
        unsigned char *data;
        uint64_t bytes;
        unsigned char fill;
      };
      std::map<uint32_t, Live> live;
      for (uint32_t step = 0; step < steps; ++step) {
        for (uint32_t i = 0; i < count; ++i)
          if (slots[i].first == step) {
            // Some slots have data-dependent sizes, some are asked for twice.
            uint64_t bytes = (i % 3 ? uint64_t(shapes[0] * 100 + 64 * i) : random() % 5000);
            for (unsigned times = 0; times <= i % 2; ++times) {
              auto *data = static_cast<unsigned char *>(memory.allocate(i, bytes + times * (random() % 100)));
              ASSERT_TRUE(data);
              ASSERT_EQ(reinterpret_cast<uintptr_t>(data) % PARE_BUFFER_ALIGNMENT, 0u);
              live[i] = {data, bytes, static_cast<unsigned char>(random())};
            }
            memset(live[i].data, live[i].fill, bytes);
          }
        for (const auto &[a, first] : live)
          for (const auto &[b, second] : live)
            if (a < b && slots[a].last >= step && slots[b].last >= step && first.bytes && second.bytes)
              ASSERT_TRUE(first.data + first.bytes <= second.data || second.data + second.bytes <= first.data);
        for (const auto &[i, buffer] : live)
          if (slots[i].last == step)
            for (uint64_t j = 0; j < buffer.bytes; ++j)
              ASSERT_EQ(buffer.data[j], buffer.fill);
      }
      memory.end(true);
      EXPECT_GE(memory.arenaBytes(), memory.plannedBytes());
      EXPECT_GE(memory.plannedBytes(), memory.lowerBound());
    }
  }
}

TEST(Memory, FailedCallsTeachNothing) {
  const pare_slot slots[] = {{0, 0}};
  SlotMemory memory(slots, 1);
  ASSERT_TRUE(memory.begin({1}));
  EXPECT_EQ(memory.allocate(0, uint64_t(1) << 62), nullptr);
  EXPECT_TRUE(memory.allocate(0, 100));
  memory.end(false);
  EXPECT_EQ(memory.numPlans(), 0u);
}

TEST(Memory, BumpArenaReleasesInOrder) {
  BumpArena arena;
  std::minstd_rand random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<unsigned char *, size_t>> buffers;
    std::vector<std::pair<BumpArena::Mark, size_t>> marks;
    const BumpArena::Mark bottom = arena.mark();
    for (int i = 0; i < 60; ++i) {
      if (random() % 4 == 0)
        marks.emplace_back(arena.mark(), buffers.size());
      if (random() % 6 == 0 && !marks.empty()) {
        arena.release(marks.back().first);
        buffers.resize(marks.back().second);
        marks.pop_back();
      }
      size_t bytes = random() % 3000;
      auto *data = static_cast<unsigned char *>(arena.allocate(bytes));
      ASSERT_TRUE(data);
      memset(data, int(buffers.size()), bytes);
      buffers.emplace_back(data, bytes);
    }
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t j = 0; j < buffers[i].second; ++j)
        ASSERT_EQ(buffers[i].first[j], static_cast<unsigned char>(i));
    arena.release(bottom);
  }
  EXPECT_EQ(arena.allocate(~uint64_t(0)), nullptr);
}

} // namespace
} // namespace pare::test
