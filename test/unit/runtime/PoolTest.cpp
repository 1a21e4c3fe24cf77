// The thread pool: every tile exactly once, whatever happens around it.
#include "base/Pool.h"

#include <chrono>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace pare::test {
namespace {

using rt::Pool;

struct Count {
  explicit Count(size_t tiles, uint32_t threads) : counts(tiles), inUse(threads) {}

  static void task(void *data, int64_t begin, int64_t end, int32_t worker) {
    Count &count = *static_cast<Count *>(data);
    // No two pieces run under one worker number at a time.
    if (count.inUse.at(size_t(worker)).exchange(1) != 0)
      ++count.clashes;
    if (begin >= end)
      ++count.clashes;
    for (int64_t i = begin; i < end; ++i)
      ++count.counts[size_t(i)];
    if (count.pause.count())
      std::this_thread::sleep_for(count.pause);
    count.inUse[size_t(worker)].store(0);
  }
  void check() {
    EXPECT_EQ(clashes.load(), 0);
    // Not atomic on purpose: the end of a run must make its writes visible.
    for (size_t i = 0; i < counts.size(); ++i)
      ASSERT_EQ(counts[i], 1) << "tile " << i << " of " << counts.size();
  }

  std::vector<int> counts;
  std::vector<std::atomic<int>> inUse;
  std::atomic<int> clashes{0};
  std::chrono::microseconds pause{0};
};

TEST(Pool, EveryTileOnce) {
  for (uint32_t threads : {1u, 2u, 3u, 7u, 16u, 70u}) {
    Pool pool;
    for (int64_t tiles : {0, 1, 2, 3, 5, 8, 63, 64, 65, 1000, 12345}) {
      Count count(size_t(tiles), threads);
      pool.run(threads, tiles, Count::task, &count);
      count.check();
    }
    EXPECT_LT(pool.workers(), threads);
  }
}

TEST(Pool, ManyShortRuns) {
  Pool pool;
  for (int i = 0; i < 5000; ++i) {
    Count count(size_t(1 + i % 37), 4);
    pool.run(uint32_t(1 + i % 4), int64_t(count.counts.size()), Count::task, &count);
    count.check();
  }
}

TEST(Pool, RunsAfterSleeping) {
  Pool pool;
  for (uint32_t threads : {4u, 20u, 3u, 20u}) {
    Count count(200, threads);
    count.pause = std::chrono::microseconds(50);
    pool.run(threads, 200, Count::task, &count);
    count.check();
    // Long enough for the workers to fall asleep.
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(Pool, WorkersShareTheWork) {
  Pool pool;
  Count count(64, 4);
  count.pause = std::chrono::milliseconds(2);
  auto start = std::chrono::steady_clock::now();
  pool.run(4, 64, Count::task, &count);
  std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  count.check();
  EXPECT_EQ(pool.workers(), 3u);
  // 16 pieces of 2 ms that sleep: 32 ms alone, 8 ms with four threads.
  EXPECT_LT(time.count(), 28);
}

TEST(Pool, CallersFromManyThreads) {
  Pool pool;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&pool, caller] {
      for (int i = 0; i < 500; ++i) {
        Count count(size_t(10 + (caller * 17 + i) % 100), 5);
        pool.run(5, int64_t(count.counts.size()), Count::task, &count);
        count.check();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(Pool, NestedRunsStayOnTheThread) {
  struct Outer {
    Pool &pool;
    std::vector<int> counts;
    static void task(void *data, int64_t begin, int64_t end, int32_t) {
      Outer &outer = *static_cast<Outer *>(data);
      for (int64_t i = begin; i < end; ++i) {
        int *row = outer.counts.data() + i * 16;
        outer.pool.run(
            4, 16,
            [](void *inner, int64_t first, int64_t last, int32_t) {
              for (int64_t j = first; j < last; ++j)
                ++static_cast<int *>(inner)[j];
            },
            row);
      }
    }
  };
  Pool pool;
  Outer outer{pool, std::vector<int>(40 * 16)};
  pool.run(4, 40, Outer::task, &outer);
  for (int count : outer.counts)
    ASSERT_EQ(count, 1);
}

TEST(Pool, TheSharedOne) {
  Count count(100, 2);
  Pool::shared().run(2, 100, Count::task, &count);
  count.check();
  EXPECT_EQ(&Pool::shared(), &Pool::shared());
}

} // namespace
} // namespace pare::test
