// The thread pool. See Pool.h for how it divides work; this file is about who may touch what when.
//
// A worker's state is the whole protocol between it and the caller, who alone holds `busy`:
//   idle    -> invited      caller: there is a job           invited  -> running   worker: takes part
//   asleep  -> summoned     same, the worker sleeps          summoned -> running   same, after waking
//   invited -> idle         caller: nothing left to do       running  -> idle      worker: is done with the job
//   summoned -> asleep      same                             idle     -> asleep    worker: nothing came for a while
// The job and the shares change only while no worker is running and none is invited or summoned. Sleepers are woken as
// a tree, each by the worker that its number divides to, for a wake-up costs microseconds.
#include "base/Pool.h"

#include "base/Cpu.h"

#include <algorithm>
#include <chrono>
#include <climits>
#include <exception>
#include <immintrin.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pare::rt {

namespace {

enum State : uint32_t { idle, asleep, invited, summoned, running, stopped };

constexpr uint32_t fanout = 4;
constexpr auto spinTime = std::chrono::microseconds(100);
constexpr int64_t partOfShare = 4; // of what is left, one is taken: large pieces first, single tiles at the end

void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futexWake(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

std::atomic<Pool *> sharedPool{nullptr};

} // namespace

struct alignas(64) Pool::Worker {
  std::atomic<uint32_t> state{idle};
  std::thread thread;
  // The share: [next, end) is not yet taken. On a line of its own, for other workers look at it too.
  alignas(64) std::atomic<int64_t> next{0};
  int64_t end = 0;
};

Pool::Pool() : slots(new Worker[PARE_RT_MAX_THREADS]) {
  for (auto &word : taken)
    word.store(0, std::memory_order_relaxed);
}

Pool::~Pool() {
  uint32_t count = workers();
  for (uint32_t i = 1; i <= count; ++i) {
    slots[i].state.store(stopped, std::memory_order_release);
    futexWake(slots[i].state);
  }
  for (uint32_t i = 1; i <= count; ++i)
    slots[i].thread.join();
}

Pool &Pool::shared() {
  Pool *pool = sharedPool.load(std::memory_order_acquire);
  if (pool)
    return *pool;
  // The threads do not exist in a forked child: it starts with a new pool. The old one is leaked there.
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { sharedPool.store(nullptr, std::memory_order_relaxed); });
  (void)registered;
  auto fresh = std::make_unique<Pool>();
  if (sharedPool.compare_exchange_strong(pool, fresh.get(), std::memory_order_acq_rel))
    return *fresh.release();
  return *pool;
}

void Pool::ensureWorkers(uint32_t count) {
  uint32_t have = workers();
  if (have >= count)
    return;
  // With more threads than CPUs a spinning thread keeps another from working.
  spin.store(count + 1 <= availableCpus(), std::memory_order_relaxed);
  for (uint32_t i = have + 1; i <= count; ++i) {
    try {
      slots[i].thread = std::thread([this, i] { workerMain(i); });
    } catch (const std::exception &) {
      return; // The system gives no more threads or memory: run with what there is.
    }
    numWorkers.store(i, std::memory_order_relaxed);
  }
}

void Pool::workerMain(uint32_t index) {
  // Not what the creating thread happened to have set.
  _mm_setcsr(0x1f80);
  std::atomic<uint32_t> &state = slots[index].state;
  for (;;) {
    uint32_t now = state.load(std::memory_order_acquire);
    switch (now) {
    case invited:
    case summoned:
      if (state.compare_exchange_strong(now, running, std::memory_order_acquire)) {
        wakeChildren(index);
        participate(index);
        // A pool is never destroyed while it runs a job, so nobody but this worker changes `running`.
        state.store(idle, std::memory_order_release);
      }
      break;
    case idle: {
      auto start = std::chrono::steady_clock::now();
      bool quiet = true;
      do {
        for (int i = 0; i < 64 && quiet; ++i) {
          _mm_pause();
          quiet = state.load(std::memory_order_relaxed) == idle;
        }
      } while (quiet && spin.load(std::memory_order_relaxed) && std::chrono::steady_clock::now() - start < spinTime);
      if (quiet)
        state.compare_exchange_strong(now, asleep, std::memory_order_relaxed);
      break;
    }
    case asleep:
      futexWait(state, asleep);
      break;
    case stopped:
      return;
    default:
      break;
    }
  }
}

void Pool::wakeChildren(uint32_t index) {
  uint32_t first = index * fanout + 1;
  uint32_t last = std::min(first + fanout, job.participants);
  for (uint32_t i = first; i < last; ++i)
    if (slots[i].state.load(std::memory_order_relaxed) == summoned)
      futexWake(slots[i].state);
}

/// Takes pieces of a share until none is left. True if it took any.
bool Pool::runPieces(uint32_t share, uint32_t worker) {
  Worker &slot = slots[share];
  bool any = false;
  int64_t begin = slot.next.load(std::memory_order_relaxed);
  while (begin < slot.end) {
    int64_t end = begin + (slot.end - begin + partOfShare - 1) / partOfShare;
    if (!slot.next.compare_exchange_weak(begin, end, std::memory_order_relaxed))
      continue;
    if (end == slot.end)
      taken[share / 64].fetch_or(uint64_t(1) << share % 64, std::memory_order_relaxed);
    job.task(job.data, begin, end, int32_t(worker));
    any = true;
    begin = slot.next.load(std::memory_order_relaxed);
  }
  return any;
}

void Pool::participate(uint32_t index) {
  runPieces(index, index);
  // Then help the others, beginning with the next one so that helpers spread.
  const uint32_t count = job.participants;
  for (uint32_t step = 1; step < count; ++step) {
    uint32_t share = index + step < count ? index + step : index + step - count;
    if (!(taken[share / 64].load(std::memory_order_relaxed) >> share % 64 & 1))
      runPieces(share, index);
  }
}

void Pool::run(uint32_t threads, int64_t tiles, Task task, void *data) {
  if (tiles <= 0)
    return;
  uint32_t participants = uint32_t(std::min<int64_t>(std::min(threads, PARE_RT_MAX_THREADS), tiles));
  if (participants <= 1 || busy.exchange(true, std::memory_order_acquire)) {
    task(data, 0, tiles, 0);
    return;
  }
  ensureWorkers(participants - 1);
  participants = std::min(participants, workers() + 1);
  job = {task, data, participants};
  for (uint32_t i = 0; i < (participants + 63) / 64; ++i)
    taken[i].store(0, std::memory_order_relaxed);
  const int64_t share = tiles / participants, extra = tiles % participants;
  int64_t begin = 0;
  for (uint32_t i = 0; i < participants; ++i) {
    int64_t length = share + (i < extra ? 1 : 0);
    slots[i].next.store(begin, std::memory_order_relaxed);
    slots[i].end = begin += length;
  }
  for (uint32_t i = 1; i < participants; ++i) {
    uint32_t now = slots[i].state.load(std::memory_order_relaxed);
    while (!slots[i].state.compare_exchange_weak(now, now == asleep ? summoned : invited, std::memory_order_release,
                                                 std::memory_order_relaxed)) {
    }
  }
  wakeChildren(0);
  participate(0);
  for (uint32_t i = 1; i < participants; ++i) {
    std::atomic<uint32_t> &state = slots[i].state;
    uint32_t now = state.load(std::memory_order_acquire);
    for (unsigned spins = 0;;) {
      if (now == invited || now == summoned) {
        if (state.compare_exchange_weak(now, now == summoned ? asleep : idle, std::memory_order_acquire))
          break;
      } else if (now != running) {
        break;
      } else {
        // A worker is on its last piece. Where it may need this CPU to finish, offer it.
        if (++spins % 128 == 0 || !spin.load(std::memory_order_relaxed))
          std::this_thread::yield();
        else
          _mm_pause();
        now = state.load(std::memory_order_acquire);
      }
    }
  }
  busy.store(false, std::memory_order_release);
}

} // namespace pare::rt
