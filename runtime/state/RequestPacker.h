// Runs requests of different lengths in calls that are formed by their tokens. What pare_packer is.
#ifndef PARE_RUNTIME_STATE_REQUESTPACKER_H
#define PARE_RUNTIME_STATE_REQUESTPACKER_H

#include "base/Memory.h"
#include "pare-rt/packer.h"
#include "session/Session.h"
#include "state/PackLayout.h"
#include "state/PackPlan.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

struct pare_packer {
protected:
  pare_packer() = default;
  ~pare_packer() = default;
};

struct pare_pack_ticket {
protected:
  pare_pack_ticket() = default;
  ~pare_pack_ticket() = default;
};

namespace pare::rt {

class RequestPacker;

/// A submitted request and, later, its results.
class PackTicket final : public pare_pack_ticket {
public:
  explicit PackTicket(RequestPacker &packer) : packer(packer) {}
  RequestPacker &owner() const { return packer; }

private:
  friend class RequestPacker;
  RequestPacker &packer;
  Buffer inputMemory, outputMemory;
  std::vector<pare_rt_tensor> inputs, outputs;
  int64_t length = 0;
  std::chrono::steady_clock::time_point deadline;
  // Under the packer's mutex, as is `status` once done.
  enum class State { queued, running, done } state = State::queued;
  bool abandoned = false;
  /// Why there are no results; without one that could be built when memory had run out.
  Status status;
  bool exhausted = false;
};

/// Safe for any number of threads. Lives until its handle and all tickets are released.
class RequestPacker final : public pare_packer {
public:
  /// `options` has its full size.
  static Status create(Module &module, const pare_packer_options &options, RequestPacker *&result);
  void release();

  const pare_rt_entry_info &info() const { return session->info(); }
  uint32_t maskInput() const { return layout.mask; }

  Status run(const pare_rt_tensor *inputs, uint32_t count, pare_rt_tensor *outputs);
  Status submit(const pare_rt_tensor *inputs, PackTicket *&ticket);
  void flush();

  bool done(const PackTicket &ticket) const;
  Status wait(PackTicket &ticket, pare_rt_tensor *outputs);
  void release(PackTicket &ticket);

  void stats(pare_pack_stats &result) const;

private:
  /// A request while it runs. The outputs' data is where its rows go.
  struct Job {
    const pare_rt_tensor *inputs;
    const pare_rt_tensor *outputs;
    int64_t length;
    bool done;
    Status status;
  };
  /// Holds the session, plan and buffers for one thread; others wait.
  class Turn;

  explicit RequestPacker(std::unique_ptr<Session> session) : session(std::move(session)) {}
  ~RequestPacker() = default;

  Status checkOutputs(const pare_rt_tensor *outputs, int64_t length) const;
  /// Lays parts of `length` tokens one after another, from `offset` on, which it moves; false when they leave 47 bits.
  static bool place(const std::vector<PackedValue> &values, int64_t length, uint64_t &offset);
  bool due(std::chrono::steady_clock::time_point now) const;
  std::unique_ptr<PackTicket> newTicket();
  void recycle(std::unique_ptr<PackTicket> ticket);

  // Of the thread that has the turn.
  void runQueue(Turn &turn);
  void runJobs();
  void runSplitting(const uint32_t *members, uint32_t count);
  Status runCall(const uint32_t *members, uint32_t count);
  void publish();

  std::unique_ptr<Session> session;
  PackLayout layout;
  PackLimits limits{};
  std::chrono::microseconds maxDelay{};
  std::atomic<uint64_t> references{1};

  mutable std::mutex mutex;
  std::condition_variable changed;
  bool running = false;
  std::vector<PackTicket *> queue;
  uint64_t queuedTokens = 0;
  std::vector<std::unique_ptr<PackTicket>> spare;
  uint64_t spareBytes = 0;
  pare_pack_stats published{};
  uint64_t submitAllocations = 0;

  // Of the thread that has the turn.
  std::vector<PackTicket *> taken;
  std::vector<Job> jobs;
  std::vector<int64_t> lengths;
  PackPlan plan;
  std::vector<Buffer> callInputs;
  std::vector<pare_rt_tensor> callInputTensors, callOutputs;
  /// Of results of run() for which the caller gave no memory.
  Buffer results;
  std::vector<pare_rt_tensor> resultTensors;
  pare_pack_stats counted{};
};

} // namespace pare::rt

#endif
