// A session: the memory and the running call of one entry. What pare_rt_session is.
#ifndef PARE_RUNTIME_SESSION_SESSION_H
#define PARE_RUNTIME_SESSION_SESSION_H

#include "base/Memory.h"
#include "module/Module.h"
#include "session/Profile.h"
#include "session/SlotMemory.h"

#include <atomic>
#include <csetjmp>
#include <memory>
#include <vector>

struct pare_rt_session {
protected:
  pare_rt_session() = default;
  ~pare_rt_session() = default;
};

namespace pare::rt {

class Session final : public pare_rt_session {
public:
  /// Takes a reference to the module.
  static Status create(Module &module, const char *entry, std::unique_ptr<Session> &result);
  ~Session();

  const pare_rt_entry_info &info() const { return module.info(entry); }
  Status run(const pare_rt_tensor *inputs, uint32_t inputCount, pare_rt_tensor *outputs, uint32_t outputCount);
  Status takeOutput(uint32_t index, void **data);
  Status reset();
  void memory(pare_rt_memory_stats &stats) const;
  Status startProfile(uint64_t maxEvents);
  Status stopProfile();
  /// Null without one.
  const Profile *profileData() const { return profile.get(); }

private:
  /// What generated code is given; found back from the pointer to its first member.
  struct Context {
    pare_context abi;
    Session *session;
  };
  /// Where to go when generated code cannot go on: one per thread that runs some, innermost first.
  struct Frame {
    std::jmp_buf jump;
    Frame *outer;
    /// -1 in a host program.
    int32_t worker;
  };
  /// A dimension of an input that must equal what an earlier dimension set, or sets it itself.
  struct Symbol {
    uint32_t input;
    uint32_t axis;
    /// Index in `symbols` of the first dimension with the same name.
    uint32_t first;
  };
  struct alignas(64) Worker {
    BumpArena scratch;
  };
  /// An output of the running or last call.
  struct Output {
    pare_rt_tensor tensor;
    /// The caller's buffer when the result has to be copied there.
    void *copyTo;
    bool produced;
    /// Memory of the session.
    Buffer own;
  };
  struct KernelRun {
    Session *session;
    pare_kernel_fn kernel;
    const int64_t *args;
    /// Null when nothing is recorded.
    Profile *profile;
    uint64_t event;
  };
  class Busy;

  Session(Module &module, uint32_t entry);
  Status checkInputs(const pare_rt_tensor *inputs, uint32_t count);
  Status checkInput(const pare_rt_value_info &value, const pare_rt_tensor &tensor) const;
  Status checkOutputs(const pare_rt_tensor *outputs, uint32_t count) const;
  int32_t callEntry();
  int32_t callRecorded();
  Status outcome(int32_t returned) const;
  void measure();

  // Called by generated code.
  static void *allocSlot(pare_context *ctx, uint32_t slot, uint64_t bytes);
  static void *allocDynamic(pare_context *ctx, uint64_t bytes);
  static void *allocScratch(pare_context *ctx, int32_t worker, uint64_t bytes);
  static void *provideOutput(pare_context *ctx, uint32_t index, const int64_t *dims, uint32_t rank, uint64_t bytes);
  static void runParallel(pare_context *ctx, pare_kernel_fn kernel, const int64_t *args, int64_t tiles);
  static void recordFailure(pare_context *ctx, const char *message);

  static Session &of(pare_context *ctx) { return *reinterpret_cast<Context *>(ctx)->session; }
  static void runTiles(void *run, int64_t begin, int64_t end, int32_t worker);
  static void runOnPool(KernelRun &run, int64_t tiles) noexcept;
  static void runRecorded(KernelRun &run, int64_t tiles) noexcept;
  void fail(pare_rt_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
  [[noreturn]] static void leave();
  void hostOnly(const char *what);
  void *bindOutput(uint32_t index, const int64_t *dims, uint32_t rank, uint64_t bytes);

  static thread_local Frame *innermost;

  Module &module;
  const uint32_t entry;
  Context context{};
  SlotMemory slots;
  BumpArena dynamic;
  std::unique_ptr<Worker[]> workers;
  std::vector<Symbol> symbols;
  std::vector<Output> outputs;
  // Of the running call.
  std::vector<const void *> inputData;
  std::vector<uint64_t> inputBytes;
  std::vector<int64_t> inputDims;
  pare_rt_memory_stats stats{};
  uint64_t outputAllocations = 0;
  /// While something is recorded: that of `profile`.
  Profile *recorder = nullptr;
  std::unique_ptr<Profile> profile;
  std::atomic<bool> busy{false};
  // The first failure; the code and text are written by whoever sets `failing`.
  std::atomic<bool> failing{false};
  pare_rt_code failureCode = PARE_RT_OK;
  char failureText[1024];
};

} // namespace pare::rt

#endif
