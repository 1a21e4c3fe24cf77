// Runs: answers, what is refused and in which words, failures inside generated code, ownership of outputs.
#include "TestModule.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <xmmintrin.h>

namespace pare::test {
namespace {

TEST(Run, Answers) {
  for (uint32_t threads : {1u, 2u, 4u}) {
    SessionPtr session = openSession("main", {threads});
    for (int64_t batch : {0, 1, 2, 3, 100, 1, 1000})
      runMain(session.get(), batch);
  }
}

TEST(Run, EveryVariant) {
  for (const char *variant : {"v2", "v3"}) {
    if (!strcmp(variant, "v3") && !__builtin_cpu_supports("x86-64-v3"))
      continue;
    SessionPtr session = openSession("main", {2, variant});
    runMain(session.get(), 17);
  }
}

TEST(Run, DefaultEntryAndMissingEntry) {
  EXPECT_STREQ(pare_rt_session_entry(openSession(nullptr).get())->name, "main");
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  ModulePtr module;
  EXPECT_OK(load(folder.file("m.pare"), module).release());
  pare_rt_session *session = nullptr;
  Error error(pare_rt_session_create(module.get(), "decode", &session));
  EXPECT_NE(text(error).find("no entry 'decode': it has 'main', 'nonzero'"), std::string::npos) << text(error);
}

class Messages : public ::testing::Test {
protected:
  SessionPtr session = openSession("main");
  std::vector<float> x = std::vector<float>(400), y = std::vector<float>(400);
  std::vector<pare_rt_tensor> inputs = {tensor(x, {3, 4}, PARE_RT_F32), tensor(y, {3, 4}, PARE_RT_F32)};
  pare_rt_tensor output = {};

  void expect(const std::string &message, pare_rt_code code = PARE_RT_INVALID_ARGUMENT) {
    pare_rt_tensor before = output;
    Error error = run(session.get(), inputs, output);
    ASSERT_TRUE(error) << "expected: " << message;
    EXPECT_EQ(text(error), message);
    EXPECT_EQ(pare_rt_status_code(error.get()), code);
    EXPECT_EQ(memcmp(&before, &output, sizeof output), 0) << "changed after an error";
    runMain(session.get(), 2);
  }
};

TEST_F(Messages, StaticDimension) {
  inputs[1].dims[1] = 5;
  expect("input 'y': expected f32[batch, 4], got f32[3, 5]");
}
TEST_F(Messages, Rank) {
  inputs[0].rank = 3;
  inputs[0].dims[2] = 1;
  expect("input 'x': expected f32[batch, 4], got f32[3, 4, 1]");
  inputs[0].rank = 17;
  expect("input 'x': rank 17 is above the limit of 16");
}
TEST_F(Messages, DType) {
  inputs[0].dtype = PARE_RT_I32;
  expect("input 'x': expected f32[batch, 4], got i32[3, 4]");
  inputs[0].dtype = pare_rt_dtype(99);
  expect("input 'x': expected f32[batch, 4], got unknown[3, 4]");
}
TEST_F(Messages, NegativeDimension) {
  inputs[0].dims[0] = -3;
  expect("input 'x': expected f32[batch, 4], got f32[-3, 4]");
}
TEST_F(Messages, SymbolsDisagree) {
  inputs[1].dims[0] = 9;
  expect("input 'y': dimension 0 ('batch') is 9, but dimension 0 of input 'x', of the same name, is 3");
}
TEST_F(Messages, Overflow) {
  inputs[0].dims[0] = INT64_MAX / 2;
  expect("input 'x': the size of shape f32[4611686018427387903, 4] leaves 63 bits");
}
TEST_F(Messages, ShortBuffer) {
  inputs[0].size = 40;
  expect("input 'x': shape f32[3, 4] takes 48 bytes, the buffer has 40");
}
TEST_F(Messages, NoData) {
  inputs[0].data = nullptr;
  expect("input 'x': data is NULL");
}
TEST_F(Messages, Misaligned) {
  inputs[0].data = reinterpret_cast<char *>(x.data()) + 1;
  expect("input 'x': data is not aligned to its element size");
}
TEST_F(Messages, InputCount) {
  inputs.pop_back();
  expect("entry 'main' has 2 inputs, 1 were given");
}
TEST_F(Messages, OutputCount) {
  Error error(pare_rt_session_run(session.get(), inputs.data(), 2, nullptr, 0));
  EXPECT_EQ(text(error), "entry 'main' has 1 outputs, 0 were given");
}
TEST_F(Messages, OutputDType) {
  std::vector<double> buffer(12);
  output = tensor(buffer, {}, PARE_RT_F64);
  expect("output 'sum': it has dtype f32, the buffer given is for f64");
}
TEST_F(Messages, OutputTooSmall) {
  std::vector<float> buffer(11);
  output = tensor(buffer, {}, PARE_RT_F32);
  expect("entry 'main': output 'sum': f32[3, 4] takes 48 bytes, the buffer given has 44");
}
TEST_F(Messages, OutputOverlapsInput) {
  output = tensor(y, {}, PARE_RT_F32);
  expect("output 'sum': the buffer given overlaps input 'y'");
}

TEST(Run, CallersBuffer) {
  SessionPtr session = openSession("main");
  std::vector<float> x(12, 1), y(12, 2);
  alignas(64) float storage[32];
  // Aligned: written in place. Else: copied. Either way nothing beyond the result is touched.
  for (int offset : {0, 1, 5}) {
    std::fill(storage, storage + 32, -1.0f);
    pare_rt_tensor output = {};
    output.data = storage + offset;
    output.size = sizeof storage - size_t(offset) * 4;
    output.dtype = PARE_RT_F32;
    EXPECT_OK(run(session.get(), {tensor(x, {3, 4}, PARE_RT_F32), tensor(y, {3, 4}, PARE_RT_F32)}, output).release());
    EXPECT_EQ(output.data, storage + offset);
    EXPECT_EQ(output.dims[0], 3);
    for (int i = 0; i < 32; ++i)
      EXPECT_EQ(storage[i], i < offset || i >= offset + 12 ? -1.0f : float(4 + (i - offset) % 4)) << i;
    void *data;
    Error error(pare_rt_session_take_output(session.get(), 0, &data));
    EXPECT_NE(text(error).find("holds no memory"), std::string::npos);
  }
}

TEST(Run, TakenOutputSurvives) {
  SessionPtr session = openSession("main");
  std::vector<float> x(4, 1), y(4, 2);
  pare_rt_tensor output = {};
  EXPECT_OK(run(session.get(), {tensor(x, {1, 4}, PARE_RT_F32), tensor(y, {1, 4}, PARE_RT_F32)}, output).release());
  void *data = nullptr;
  EXPECT_OK(pare_rt_session_take_output(session.get(), 0, &data));
  EXPECT_EQ(data, output.data);
  void *again = nullptr;
  EXPECT_TRUE(Error(pare_rt_session_take_output(session.get(), 0, &again)));
  EXPECT_TRUE(Error(pare_rt_session_take_output(session.get(), 1, &again)));
  runMain(session.get(), 3);
  session.reset();
  EXPECT_EQ(static_cast<float *>(data)[3], 7.0f);
  pare_rt_free(data);
}

TEST(Run, DataDependentShapes) {
  SessionPtr session = openSession("nonzero");
  for (int64_t step : {1, 7, 2, 1000, 1}) {
    std::vector<int64_t> x(100, 0);
    for (size_t i = 0; i < x.size(); i += size_t(step))
      x[i] = 1;
    pare_rt_tensor output = {};
    EXPECT_OK(run(session.get(), {tensor(x, {100}, PARE_RT_I64)}, output).release());
    ASSERT_EQ(output.dims[0], (99 + step) / step);
    for (int64_t i = 0; i < output.dims[0]; ++i)
      EXPECT_EQ(static_cast<int64_t *>(output.data)[i], i * step);
  }
}

TEST(Run, LoopsReuseSlots) {
  SessionPtr session = openSession("loop");
  for (int64_t rounds : {0, 1, 10, 500, 3}) {
    std::vector<int64_t> input = {rounds};
    pare_rt_tensor output = {};
    EXPECT_OK(run(session.get(), {tensor(input, {}, PARE_RT_I64)}, output).release());
    EXPECT_EQ(*static_cast<int64_t *>(output.data), rounds * (rounds + 1) / 2);
  }
}

TEST(Run, NestedParallel) {
  for (uint32_t threads : {1u, 2u, 5u}) {
    SessionPtr session = openSession("nest", {threads});
    for (int i = 0; i < 20; ++i) {
      pare_rt_tensor output = {};
      EXPECT_OK(run(session.get(), {}, output).release());
      for (int j = 0; j < 600; ++j)
        ASSERT_EQ(static_cast<int32_t *>(output.data)[j], 1) << j;
    }
  }
}

TEST(Run, FaultsOfGeneratedCode) {
  const struct {
    int32_t mode;
    pare_rt_code code;
    const char *message;
  } cases[] = {
      {1, PARE_RT_RUN_FAILED, "entry 'fault': index 9 is out of range for dimension 0 of size 8"},
      {2, PARE_RT_OUT_OF_MEMORY, "out of memory: a scratch buffer takes 1152921504606846976 bytes"},
      {3, PARE_RT_OUT_OF_MEMORY, "out of memory: an intermediate buffer takes"},
      {4, PARE_RT_BAD_MODULE, "it asked for slot 8 of 8"},
      {5, PARE_RT_OUT_OF_MEMORY, "out of memory: a loop-carried buffer"},
      {6, PARE_RT_BAD_MODULE, "a kernel called alloc, which only host programs may"},
      {7, PARE_RT_BAD_MODULE, "output 'result' came out as i32[3] in 12 bytes"},
      {8, PARE_RT_BAD_MODULE, "output 'result' came again"},
      {9, PARE_RT_BAD_MODULE, "it produced output 1 of 1"},
      {10, PARE_RT_BAD_MODULE, "did not produce output 'result'"},
      {11, PARE_RT_RUN_FAILED, "failed with code 42 and no message"},
      {12, PARE_RT_RUN_FAILED, "entry 'fault': first"},
      {13, PARE_RT_BAD_MODULE, "worker 100000 of"},
      {14, PARE_RT_BAD_MODULE, "output 'result' came out as i32[2] in 4 bytes"},
  };
  for (uint32_t threads : {1u, 3u}) {
    SessionPtr session = openSession("fault", {threads});
    for (const auto &c : cases) {
      std::vector<int32_t> mode = {c.mode};
      pare_rt_tensor output = {};
      Error error = run(session.get(), {tensor(mode, {}, PARE_RT_I32)}, output);
      ASSERT_TRUE(error) << c.mode;
      EXPECT_EQ(pare_rt_status_code(error.get()), c.code) << c.mode;
      EXPECT_NE(text(error).find(c.message), std::string::npos) << text(error);
      void *data;
      EXPECT_TRUE(Error(pare_rt_session_take_output(session.get(), 0, &data)));
      // The session goes on.
      mode[0] = 0;
      EXPECT_OK(run(session.get(), {tensor(mode, {}, PARE_RT_I32)}, output).release());
      EXPECT_EQ(static_cast<int32_t *>(output.data)[1], 5);
    }
  }
}

TEST(Run, SessionsShareModuleAndPool) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  ModulePtr module;
  EXPECT_OK(load(folder.file("m.pare"), module, {3}).release());
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      pare_rt_session *session = nullptr;
      EXPECT_OK(pare_rt_session_create(module.get(), "main", &session));
      for (int j = 0; j < 200; ++j)
        runMain(session, 1 + (i * 31 + j) % 50);
      pare_rt_session_release(session);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Run, OneThreadAtATime) {
  SessionPtr session = openSession("loop", {1});
  std::atomic<bool> stop{false};
  std::atomic<int> refused{0};
  auto work = [&] {
    std::vector<int64_t> rounds = {300};
    for (int i = 0; i < 5000 && !stop; ++i) {
      pare_rt_tensor output = {};
      Error error = run(session.get(), {tensor(rounds, {}, PARE_RT_I64)}, output);
      if (error) {
        EXPECT_NE(text(error).find("in use by another thread"), std::string::npos) << text(error);
        ++refused;
        stop = true;
      }
    }
  };
  std::thread other(work);
  work();
  other.join();
  // Whether they met is up to the scheduler; what matters is that nothing else happened.
  SUCCEED() << refused;
}

TEST(Run, DefaultFloatingPointEnvironment) {
  SessionPtr session = openSession("control");
  const unsigned before = _mm_getcsr();
  _mm_setcsr(0xffc0); // Flush to zero, round towards zero.
  pare_rt_tensor output = {};
  Error error = run(session.get(), {}, output);
  const unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  ASSERT_FALSE(error) << text(error);
  EXPECT_EQ(after, 0xffc0u);
  EXPECT_EQ(*static_cast<uint32_t *>(output.data), 0x1f80u);
}

#if !defined(__has_feature)
#define __has_feature(x) 0
#endif
#if !__has_feature(thread_sanitizer)
// A forked child has no workers: it must still run.
TEST(Run, AfterFork) {
  SessionPtr session = openSession("main", {4});
  runMain(session.get(), 100);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);
    runMain(session.get(), 100);
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
#endif

} // namespace
} // namespace pare::test
