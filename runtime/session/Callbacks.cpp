// Sessions: what generated code calls, and how it is left when it cannot go on.
//
// longjmp skips destructors: between a setjmp here and a leave() lie only generated code and functions below whose
// locals at that point need none.
#include "session/Session.h"

#include "base/DType.h"
#include "base/Pool.h"

#include <cstdarg>
#include <cstdio>
#include <new>

namespace pare::rt {

thread_local Session::Frame *Session::innermost = nullptr;

int32_t Session::callEntry() {
  Frame frame;
  frame.outer = innermost;
  frame.worker = -1;
  innermost = &frame;
  int32_t returned = 1;
  if (!setjmp(frame.jump))
    returned = module.function(entry)(&context.abi, inputData.data(), inputDims.data());
  innermost = frame.outer;
  return returned;
}

void Session::leave() { std::longjmp(innermost->jump, 1); }

void Session::fail(pare_rt_code code, const char *format, ...) {
  if (failing.exchange(true, std::memory_order_relaxed))
    return;
  failureCode = code;
  va_list args;
  va_start(args, format);
  vsnprintf(failureText, sizeof failureText, format, args);
  va_end(args);
  // The reader waits for all kernels to end, so the text is complete by then.
  __atomic_store_n(&context.abi.failed, 1, __ATOMIC_RELEASE);
}

void Session::recordFailure(pare_context *ctx, const char *message) {
  of(ctx).fail(PARE_RT_RUN_FAILED, "%s", message ? message : "no message");
}

/// Refuses what would race when called from a kernel.
void Session::hostOnly(const char *what) {
  if (innermost->worker < 0)
    return;
  fail(PARE_RT_BAD_MODULE, "a kernel called %s, which only host programs may: the module is at fault", what);
  leave();
}

void *Session::allocSlot(pare_context *ctx, uint32_t slot, uint64_t bytes) {
  Session &session = of(ctx);
  session.hostOnly("alloc");
  if (slot >= session.module.numSlots()) {
    session.fail(PARE_RT_BAD_MODULE, "it asked for slot %u of %u: the module is at fault", slot,
                 session.module.numSlots());
    leave();
  }
  void *data = session.slots.allocate(slot, bytes);
  if (!data) {
    session.fail(PARE_RT_OUT_OF_MEMORY, "out of memory: an intermediate buffer takes %llu bytes",
                 (unsigned long long)bytes);
    leave();
  }
  return data;
}

void *Session::allocDynamic(pare_context *ctx, uint64_t bytes) {
  Session &session = of(ctx);
  session.hostOnly("alloc_dynamic");
  void *data = session.dynamic.allocate(bytes);
  if (!data) {
    session.fail(PARE_RT_OUT_OF_MEMORY, "out of memory: a loop-carried buffer takes %llu bytes",
                 (unsigned long long)bytes);
    leave();
  }
  return data;
}

void *Session::allocScratch(pare_context *ctx, int32_t worker, uint64_t bytes) {
  Session &session = of(ctx);
  if (worker < 0 || uint32_t(worker) >= session.module.threads()) {
    session.fail(PARE_RT_BAD_MODULE, "scratch memory was asked for worker %d of %u: the module is at fault", worker,
                 session.module.threads());
    leave();
  }
  void *data = session.workers[worker].scratch.allocate(bytes);
  if (!data) {
    session.fail(PARE_RT_OUT_OF_MEMORY, "out of memory: a scratch buffer takes %llu bytes", (unsigned long long)bytes);
    leave();
  }
  return data;
}

void *Session::provideOutput(pare_context *ctx, uint32_t index, const int64_t *dims, uint32_t rank, uint64_t bytes) {
  Session &session = of(ctx);
  session.hostOnly("output");
  void *data = nullptr;
  try {
    data = session.bindOutput(index, dims, rank, bytes);
  } catch (const std::bad_alloc &) {
    session.fail(PARE_RT_OUT_OF_MEMORY, "out of memory");
  }
  if (!data)
    leave();
  return data;
}

/// Null after a recorded failure.
void *Session::bindOutput(uint32_t index, const int64_t *dims, uint32_t rank, uint64_t bytes) {
  if (index >= outputs.size()) {
    fail(PARE_RT_BAD_MODULE, "it produced output %u of %zu: the module is at fault", index, outputs.size());
    return nullptr;
  }
  const pare_rt_value_info &value = info().outputs[index];
  Output &output = outputs[index];
  bool fits = rank == value.rank && !output.produced;
  for (uint32_t axis = 0; fits && axis < rank; ++axis)
    fits = value.dims[axis].kind != PARE_RT_DIM_STATIC || value.dims[axis].size == dims[axis];
  auto expected = fits ? tensorBytes(dims, rank, value.dtype) : std::nullopt;
  if (!expected || *expected != bytes) {
    std::string shape = rank <= PARE_RT_MAX_RANK ? formatShape(dims, rank, value.dtype) : "a tensor of too high a rank";
    fail(PARE_RT_BAD_MODULE,
         "output '%s' came %s as %s in %llu bytes, which its signature does not allow: the module is at fault",
         value.name, output.produced ? "again" : "out", shape.c_str(), (unsigned long long)bytes);
    return nullptr;
  }
  pare_rt_tensor &tensor = output.tensor;
  tensor.dtype = value.dtype;
  tensor.rank = rank;
  for (uint32_t axis = 0; axis < rank; ++axis)
    tensor.dims[axis] = dims[axis];
  const bool callers = tensor.data != nullptr;
  if (callers && tensor.size < bytes) {
    std::string shape = formatShape(dims, rank, value.dtype);
    fail(PARE_RT_INVALID_ARGUMENT, "output '%s': %s takes %llu bytes, the buffer given has %llu", value.name,
         shape.c_str(), (unsigned long long)bytes, (unsigned long long)tensor.size);
    return nullptr;
  }
  output.produced = true;
  if (callers && reinterpret_cast<uintptr_t>(tensor.data) % PARE_BUFFER_ALIGNMENT == 0)
    return tensor.data;
  if (!output.own.reserve(bufferBytes(bytes), outputAllocations)) {
    fail(PARE_RT_OUT_OF_MEMORY, "out of memory: output '%s' takes %llu bytes", value.name, (unsigned long long)bytes);
    return nullptr;
  }
  if (callers) {
    output.copyTo = tensor.data;
  } else {
    tensor.data = output.own.get();
    tensor.size = bytes;
  }
  return output.own.get();
}

/// One range of tiles on some thread of the pool.
void Session::runTiles(void *opaque, int64_t begin, int64_t end, int32_t worker) {
  const KernelRun &run = *static_cast<KernelRun *>(opaque);
  Session &session = *run.session;
  if (__atomic_load_n(&session.context.abi.failed, __ATOMIC_RELAXED))
    return;
  BumpArena &scratch = session.workers[worker].scratch;
  struct : Frame {
    BumpArena::Mark mark;
  } frame;
  frame.outer = innermost;
  frame.worker = worker;
  frame.mark = scratch.mark();
  innermost = &frame;
  if (run.profile) {
    Profile::Piece piece(*run.profile, run.event, worker, end - begin);
    if (!setjmp(frame.jump))
      run.kernel(&session.context.abi, run.args, begin, end, worker);
    piece.end();
  } else if (!setjmp(frame.jump)) {
    run.kernel(&session.context.abi, run.args, begin, end, worker);
  }
  innermost = frame.outer;
  scratch.release(frame.mark);
}

/// Apart, so that no exception passes through generated code.
void Session::runOnPool(KernelRun &run, int64_t tiles) noexcept {
  const uint32_t threads = run.session->module.threads();
  if (threads == 1 || tiles == 1)
    return runTiles(&run, 0, tiles, 0);
  try {
    Pool::shared().run(threads, tiles, runTiles, &run);
  } catch (const std::bad_alloc &) {
    run.session->fail(PARE_RT_OUT_OF_MEMORY, "out of memory: the thread pool cannot start");
  }
}

void Session::runRecorded(KernelRun &run, int64_t tiles) noexcept {
  Profile &profile = *run.session->recorder;
  run.event = profile.beginLaunch(run.kernel, run.args, tiles);
  run.profile = run.event == Profile::none ? nullptr : &profile;
  runOnPool(run, tiles);
  profile.end(run.event);
}

void Session::runParallel(pare_context *ctx, pare_kernel_fn kernel, const int64_t *args, int64_t tiles) {
  Session &session = of(ctx);
  KernelRun run{&session, kernel, args, nullptr, Profile::none};
  if (tiles <= 0)
    return;
  if (innermost->worker >= 0)
    // Inside a kernel the pool is taken and this thread's worker number is the only one free of others.
    runTiles(&run, 0, tiles, innermost->worker);
  else if (session.recorder)
    runRecorded(run, tiles);
  else
    runOnPool(run, tiles);
  if (__atomic_load_n(&ctx->failed, __ATOMIC_ACQUIRE))
    leave();
}

} // namespace pare::rt
