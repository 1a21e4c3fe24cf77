// What a session records about its kernels while it is asked to.
#ifndef PARE_RUNTIME_SESSION_PROFILE_H
#define PARE_RUNTIME_SESSION_PROFILE_H

#include "module/Module.h"

#include <chrono>
#include <vector>

namespace pare::rt {

class Profile {
public:
  /// Takes all memory now, so that recording cannot fail.
  Profile(const Module &module, const char *entry, uint64_t maxEvents);

  /// One piece of a kernel's tiles on one thread.
  class Piece {
  public:
    Piece(Profile &profile, uint64_t event, int32_t worker, int64_t tiles);
    void end();

  private:
    Profile &profile;
    pare_rt_profile_worker &worker;
    uint64_t start;
  };

  /// Where recording was impossible, for want of room.
  static constexpr uint64_t none = ~uint64_t(0);
  /// Begins the event of a call of the entry, of which there is one at a time.
  uint64_t beginCall();
  /// Begins the event of a launch. `args` are those of the kernel.
  uint64_t beginLaunch(pare_kernel_fn kernel, const int64_t *args, int64_t tiles);
  void end(uint64_t event);

  uint64_t size() const { return events.size(); }
  uint64_t dropped() const { return numDropped; }
  /// `index` is below size().
  void read(uint64_t index, pare_rt_profile_event &event) const;

private:
  struct Event {
    uint64_t call, start, end;
    int64_t launch, tiles, flops, bytes;
    pare_kernel_fn kernel; // null for a call
  };

  uint64_t begin(const Event &event);
  uint64_t now() const {
    return uint64_t(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - zero).count());
  }
  pare_rt_profile_worker &workerOf(uint64_t event, uint32_t worker) { return workers[event * threads + worker]; }

  const Module &module;
  const char *entry;
  const uint32_t threads;
  const uint64_t maxEvents;
  const std::chrono::steady_clock::time_point zero = std::chrono::steady_clock::now();
  std::vector<Event> events;
  /// `threads` for each event.
  std::vector<pare_rt_profile_worker> workers;
  uint64_t numDropped = 0, calls = 0;
};

} // namespace pare::rt

#endif
