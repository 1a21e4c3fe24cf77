#include "MachinePeak.h"

#include "base/Cpu.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pare::tool {
namespace {
using Clock = std::chrono::steady_clock;

/// As many sums as hide the latency of two multiply-add units.
constexpr int kSums = 12;
constexpr int64_t kSteps = 1 << 14;
constexpr size_t kStreamElements = size_t(32) << 20; // of each of three arrays, all threads together
constexpr double kSeconds = 0.05;                    // of each window, the best of which counts
constexpr int kWindows = 4;

/// Numbers that the compiler does not know: a sum that it can compute (1 * 0.75 + 0.25 stays 1) would not be run.
volatile float factorOfSums = 0.75f, stepOfSums = 0.25f;

/// Runs kSteps multiply-adds of every sum; the result keeps them from being removed. No sum leaves the normal numbers.
#define PARE_MULTIPLY_ADD(NAME, TARGET, BYTES, EXPRESSION)                                                             \
  __attribute__((target(TARGET), noinline)) float NAME() {                                                             \
    typedef float Vector __attribute__((vector_size(BYTES)));                                                          \
    Vector sums[kSums], factor = {}, step = {};                                                                        \
    factor += factorOfSums;                                                                                            \
    step += stepOfSums;                                                                                                \
    for (int i = 0; i < kSums; ++i)                                                                                    \
      sums[i] = step * static_cast<float>(i);                                                                          \
    for (int64_t turn = 0; turn < kSteps; ++turn) {                                                                    \
      _Pragma("unroll") for (int i = 0; i < kSums; ++i) sums[i] = EXPRESSION;                                          \
    }                                                                                                                  \
    for (int i = 1; i < kSums; ++i)                                                                                    \
      sums[0] += sums[i];                                                                                              \
    return sums[0][0];                                                                                                 \
  }

PARE_MULTIPLY_ADD(multiplyAddV2, "sse2", 16, (sums[i] * factor + step))
PARE_MULTIPLY_ADD(multiplyAddV3, "avx2,fma", 32, __builtin_elementwise_fma(sums[i], factor, step))
PARE_MULTIPLY_ADD(multiplyAddV4, "avx512f", 64, __builtin_elementwise_fma(sums[i], factor, step))
#undef PARE_MULTIPLY_ADD

volatile float sink;

/// Calls `turn(thread)`, which returns how much it did, on all threads at once for some time: how much per second.
double measureWindow(uint32_t threads, const std::function<double(uint32_t)> &turn) {
  std::atomic<uint32_t> ready{0};
  std::mutex mutex;
  double rate = 0;
  auto work = [&](uint32_t thread) {
    turn(thread); // pages are there, and the clock is up
    ready.fetch_add(1);
    while (ready.load() < threads)
      std::this_thread::yield();
    double done = 0, seconds = 0;
    auto start = Clock::now();
    do {
      done += turn(thread);
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    } while (seconds < kSeconds);
    std::lock_guard<std::mutex> lock(mutex);
    rate += done / seconds;
  };
  std::vector<std::thread> others;
  for (uint32_t thread = 1; thread < threads; ++thread)
    others.emplace_back(work, thread);
  work(0);
  for (std::thread &other : others)
    other.join();
  return rate;
}

/// The most of several windows: what else the machine did can only make one slower.
double measureRate(uint32_t threads, const std::function<double(uint32_t)> &turn) {
  double best = 0;
  for (int window = 0; window < kWindows; ++window)
    best = std::max(best, measureWindow(threads, turn));
  return best;
}
} // namespace

MachinePeak measurePeak(uint32_t threads) {
  MachinePeak peak;
  float (*multiplyAdd)() = multiplyAddV2;
  int lanes = 4;
  if (rt::cpuSupports(rt::Variant::V4)) {
    multiplyAdd = multiplyAddV4;
    lanes = 16;
  } else if (rt::cpuSupports(rt::Variant::V3)) {
    multiplyAdd = multiplyAddV3;
    lanes = 8;
  }
  peak.flops = measureRate(threads, [&](uint32_t) {
    sink = multiplyAdd();
    return 2.0 * lanes * kSums * kSteps;
  });
  const size_t share = kStreamElements / threads;
  std::vector<std::vector<float>> arrays(size_t(threads) * 3);
  peak.bytes = measureRate(threads, [&](uint32_t thread) {
    std::vector<float> &a = arrays[thread * 3], &b = arrays[thread * 3 + 1], &c = arrays[thread * 3 + 2];
    if (a.empty()) // touched first by the thread that uses it
      for (std::vector<float> *array : {&a, &b, &c})
        array->assign(share, 1.0f);
    float *to = a.data();
    const float *from = b.data(), *scaled = c.data();
    for (size_t i = 0; i < share; ++i)
      to[i] = from[i] + 0.5f * scaled[i];
    sink = to[share / 2];
    return 3.0 * sizeof(float) * static_cast<double>(share);
  });
  return peak;
}
} // namespace pare::tool
