// The thread pool: fork and join over numbered tiles, in microseconds.
//
// The caller is worker 0. Each worker starts on its own even share of the tiles, so that successive kernels find their
// data in the same core's cache, and takes a part of what is left of it at a time: large pieces first, single tiles at
// the end, of which a worker that is done takes some too. The caller never waits for a worker that has not begun: when
// no piece is left it withdraws the invitation. A worker that the system has descheduled, or that does not exist any
// more (after fork), therefore costs nothing but its help.
#ifndef PARE_RUNTIME_BASE_POOL_H
#define PARE_RUNTIME_BASE_POOL_H

#include "pare-rt/api.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace pare::rt {

class Pool {
public:
  /// Runs tiles [begin, end) as worker `worker`. Must not throw.
  using Task = void (*)(void *data, int64_t begin, int64_t end, int32_t worker);

  Pool();
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  /// The pool of the process. It is never destroyed: workers may outlive static destructors.
  static Pool &shared();

  /// Runs every tile of [0, tiles) exactly once on up to `threads` threads, the calling one included, and returns when
  /// all are done. When another thread is using the pool, or there is nothing to share, the caller does all of it as
  /// worker 0.
  void run(uint32_t threads, int64_t tiles, Task task, void *data);

  /// Worker threads started so far.
  uint32_t workers() const { return numWorkers.load(std::memory_order_relaxed); }

private:
  struct Worker;
  /// Work on which the pool is busy. Written before workers are invited, constant until they are gone.
  struct Job {
    Task task;
    void *data;
    uint32_t participants;
  };

  void ensureWorkers(uint32_t count);
  void workerMain(uint32_t index);
  void wakeChildren(uint32_t index);
  void participate(uint32_t index);
  bool runPieces(uint32_t share, uint32_t worker);

  std::atomic<bool> busy{false};
  std::atomic<uint32_t> numWorkers{0};
  std::atomic<bool> spin{true};
  Job job{};
  /// Bit per share of which every piece is taken.
  alignas(64) std::atomic<uint64_t> taken[PARE_RT_MAX_THREADS / 64];
  /// Index 0 is the caller: it has a share but no thread.
  std::unique_ptr<Worker[]> slots;
};

} // namespace pare::rt

#endif
