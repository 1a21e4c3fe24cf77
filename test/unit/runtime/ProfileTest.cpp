// Profiles: what a session records about its kernels.
#include "TestModule.h"

namespace pare::test {
namespace {

/// The entry "launches" of the module, with what the compiler would tell about its launches.
const char *const profiledManifest = R"({
  "format": 1, "abi": 1, "producer": "test", "variants": ["x86-64-v2", "x86-64-v3"],
  "entries": [{"name": "launches", "inputs": [], "outputs": [{"name": "counts", "dtype": "i32", "dims": [600]}]}],
  "launches": [{"kernel": 5, "name": "add+exp", "nodes": []},
               {"kernel": 5, "name": "matmul+add", "nodes": ["layer/MatMul_0", "layer/Add_1"]}]
})";

SessionPtr openProfiled(uint32_t threads = 2, const std::string &manifest = profiledManifest) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"), "good", manifest);
  ModulePtr module;
  pare_rt_session *session = nullptr;
  Load options;
  options.threads = threads;
  EXPECT_OK(load(folder.file("m.pare"), module, options).release());
  if (module)
    EXPECT_OK(pare_rt_session_create(module.get(), "launches", &session));
  return SessionPtr(session);
}

std::vector<pare_rt_profile_event> eventsOf(const pare_rt_session *session) {
  std::vector<pare_rt_profile_event> events(pare_rt_session_profile_count(session, nullptr));
  for (size_t i = 0; i < events.size(); ++i)
    EXPECT_OK(pare_rt_session_profile_event(session, i, &events[i]));
  return events;
}

void runOnce(pare_rt_session *session) {
  pare_rt_tensor output = {};
  Error error = run(session, {}, output);
  ASSERT_FALSE(error) << text(error);
}

/// A launch lies in its call, its pieces lie in it, and all its tiles were done.
void checkLaunch(const pare_rt_profile_event &event, const pare_rt_profile_event &call) {
  EXPECT_GE(event.start_ns, call.start_ns);
  EXPECT_LE(event.end_ns, call.end_ns);
  EXPECT_LE(event.start_ns, event.end_ns);
  EXPECT_EQ(event.call, call.call);
  int64_t tiles = 0;
  for (uint32_t i = 0; i < event.worker_count; ++i) {
    const pare_rt_profile_worker &worker = event.workers[i];
    tiles += worker.tiles;
    if (!worker.tiles) {
      EXPECT_EQ(worker.busy_ns, 0u);
      EXPECT_EQ(worker.end_ns, 0u);
      continue;
    }
    EXPECT_GE(worker.start_ns, event.start_ns);
    EXPECT_LE(worker.end_ns, event.end_ns);
    EXPECT_LE(worker.busy_ns, worker.end_ns - worker.start_ns);
  }
  EXPECT_EQ(tiles, event.tiles);
}

TEST(Profile, RecordsCallsAndLaunches) {
  for (uint32_t threads : {1u, 2u, 4u}) {
    SessionPtr session = openProfiled(threads);
    ASSERT_TRUE(session);
    runOnce(session.get());
    EXPECT_EQ(pare_rt_session_profile_count(session.get(), nullptr), 0u);
    EXPECT_OK(pare_rt_session_profile_start(session.get(), 0));
    runOnce(session.get());
    runOnce(session.get());
    EXPECT_OK(pare_rt_session_profile_stop(session.get()));
    runOnce(session.get());
    std::vector<pare_rt_profile_event> events = eventsOf(session.get());
    // A launch without tiles is none, and what a kernel launches is part of it.
    ASSERT_EQ(events.size(), 8u);
    for (size_t first : {0, 4}) {
      const pare_rt_profile_event &call = events[first];
      EXPECT_STREQ(call.name, "launches");
      EXPECT_EQ(call.kernel, -1);
      EXPECT_EQ(call.launch, -1);
      EXPECT_EQ(call.call, first / 4);
      EXPECT_EQ(call.worker_count, 0u);
      EXPECT_EQ(call.flops, -1);
      for (size_t i = first + 1; i < first + 4; ++i) {
        EXPECT_EQ(events[i].worker_count, threads);
        checkLaunch(events[i], call);
      }
      EXPECT_LE(events[first + 1].end_ns, events[first + 2].start_ns);
      const pare_rt_profile_event &named = events[first + 1];
      EXPECT_STREQ(named.name, "matmul+add");
      ASSERT_EQ(named.node_count, 2u);
      EXPECT_STREQ(named.nodes[1], "layer/Add_1");
      EXPECT_EQ(named.kernel, 5);
      EXPECT_EQ(named.launch, 1);
      EXPECT_EQ(named.tiles, 100);
      EXPECT_EQ(named.flops, 1200);
      EXPECT_EQ(named.bytes, 2400);
      const pare_rt_profile_event &unknown = events[first + 2];
      EXPECT_STREQ(unknown.name, "add+exp");
      EXPECT_EQ(unknown.node_count, 0u);
      EXPECT_EQ(unknown.kernel, 5);
      EXPECT_EQ(unknown.launch, 0);
      EXPECT_EQ(unknown.flops, -1);
      EXPECT_EQ(unknown.bytes, 77);
      // A number that is no launch of the manifest.
      const pare_rt_profile_event &outer = events[first + 3];
      EXPECT_STREQ(outer.name, "");
      EXPECT_EQ(outer.kernel, 6);
      EXPECT_EQ(outer.launch, -1);
      EXPECT_EQ(outer.tiles, 30);
      EXPECT_EQ(outer.flops, -1);
    }
    EXPECT_LE(events[0].end_ns, events[4].start_ns);
  }
}

TEST(Profile, FilesWithoutLaunchesHaveNumbersOnly) {
  SessionPtr session = openSession("main");
  ASSERT_TRUE(session);
  EXPECT_OK(pare_rt_session_profile_start(session.get(), 0));
  runMain(session.get(), 64);
  std::vector<pare_rt_profile_event> events = eventsOf(session.get());
  ASSERT_EQ(events.size(), 4u);
  EXPECT_STREQ(events[0].name, "main");
  const int32_t kernels[] = {-1, 0, 1, 1};
  for (size_t i = 1; i < events.size(); ++i) {
    checkLaunch(events[i], events[0]);
    EXPECT_STREQ(events[i].name, "");
    EXPECT_EQ(events[i].kernel, kernels[i]);
    EXPECT_EQ(events[i].launch, -1);
    EXPECT_EQ(events[i].tiles, 64);
    EXPECT_EQ(events[i].flops, -1);
    EXPECT_EQ(events[i].bytes, -1);
  }
}

TEST(Profile, CountsWhatItHasNoRoomFor) {
  SessionPtr session = openProfiled();
  ASSERT_TRUE(session);
  EXPECT_OK(pare_rt_session_profile_start(session.get(), 5));
  for (int i = 0; i < 3; ++i)
    runOnce(session.get());
  uint64_t dropped = 0;
  EXPECT_EQ(pare_rt_session_profile_count(session.get(), &dropped), 5u);
  EXPECT_EQ(dropped, 7u);
  std::vector<pare_rt_profile_event> events = eventsOf(session.get());
  EXPECT_EQ(events[4].call, 1u);
  // Once more, from nothing.
  EXPECT_OK(pare_rt_session_profile_start(session.get(), 5));
  EXPECT_EQ(pare_rt_session_profile_count(session.get(), &dropped), 0u);
  EXPECT_EQ(dropped, 0u);
}

TEST(Profile, FailedCallsAreRecordedToo) {
  SessionPtr session = openSession("fault");
  ASSERT_TRUE(session);
  EXPECT_OK(pare_rt_session_profile_start(session.get(), 0));
  std::vector<int32_t> mode = {1};
  pare_rt_tensor output = {};
  EXPECT_TRUE(run(session.get(), {tensor(mode, {}, PARE_RT_I32)}, output));
  mode = {0};
  EXPECT_FALSE(run(session.get(), {tensor(mode, {}, PARE_RT_I32)}, output));
  std::vector<pare_rt_profile_event> events = eventsOf(session.get());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].kernel, 2);
  EXPECT_LE(events[1].end_ns, events[0].end_ns);
  EXPECT_EQ(events[2].call, 1u);
}

TEST(Profile, Errors) {
  SessionPtr session = openProfiled();
  ASSERT_TRUE(session);
  EXPECT_EQ(text(Error(pare_rt_session_profile_stop(session.get()))), "entry 'launches': no profile was started");
  pare_rt_profile_event event;
  EXPECT_EQ(text(Error(pare_rt_session_profile_event(session.get(), 0, &event))),
            "event 0 of the profile was asked for, it has 0");
  EXPECT_EQ(text(Error(pare_rt_session_profile_event(session.get(), 0, nullptr))), "argument 'event' is NULL");
  EXPECT_EQ(text(Error(pare_rt_session_profile_start(nullptr, 0))), "argument 'session' is NULL");
  EXPECT_NE(text(Error(pare_rt_session_profile_start(session.get(), ~uint64_t(0)))).find("is too large"),
            std::string::npos);
  EXPECT_OK(pare_rt_session_profile_start(session.get(), 0));
  runOnce(session.get());
  EXPECT_EQ(pare_rt_session_profile_count(session.get(), nullptr), 4u);
  EXPECT_OK(pare_rt_session_reset(session.get()));
  EXPECT_EQ(pare_rt_session_profile_count(session.get(), nullptr), 0u);
  runOnce(session.get());
}

TEST(Profile, LaunchesOfMissingKernelsAreRefused) {
  std::string manifest = profiledManifest;
  manifest.replace(manifest.find("\"kernel\": 5"), 11, "\"kernel\": 7");
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"), "good", manifest);
  ModulePtr module;
  Error error = load(folder.file("m.pare"), module);
  EXPECT_NE(text(error).find("its manifest has a launch of kernel 7, its code has 7 kernels"), std::string::npos);
}

} // namespace
} // namespace pare::test
