// Loading: inspection, CPU variants, broken code, threads, many modules at once.
#include "TestModule.h"

#include "base/Cpu.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

namespace pare::test {
namespace {

TEST(Load, Inspect) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  ModulePtr module;
  EXPECT_OK(load(folder.file("m.pare"), module, {3}).release());
  ASSERT_TRUE(module);
  EXPECT_EQ(pare_rt_module_entry_count(module.get()), 6u);
  EXPECT_EQ(pare_rt_module_threads(module.get()), 3u);
  EXPECT_EQ(pare_rt_module_weights_size(module.get()), 16u);
  size_t size = 0;
  EXPECT_STREQ(pare_rt_module_manifest(module.get(), &size), moduleManifest);
  EXPECT_EQ(size, strlen(moduleManifest));
  EXPECT_EQ(pare_rt_module_entry(module.get(), 6), nullptr);
  EXPECT_EQ(pare_rt_module_find_entry(module.get(), "missing"), nullptr);
  const pare_rt_entry_info *entry = pare_rt_module_find_entry(module.get(), "main");
  ASSERT_TRUE(entry);
  ASSERT_EQ(entry->input_count, 2u);
  EXPECT_EQ(pare_rt_entry_find_input(entry, "y"), 1);
  EXPECT_EQ(pare_rt_entry_find_input(entry, "sum"), -1);
  EXPECT_EQ(pare_rt_entry_find_output(entry, "sum"), 0);
  const pare_rt_value_info &y = entry->inputs[1];
  EXPECT_STREQ(y.name, "y");
  EXPECT_EQ(y.dtype, PARE_RT_F32);
  ASSERT_EQ(y.rank, 2u);
  EXPECT_EQ(y.dims[0].kind, PARE_RT_DIM_SYMBOLIC);
  EXPECT_STREQ(y.dims[0].symbol, "batch");
  EXPECT_EQ(y.dims[0].size, -1);
  EXPECT_EQ(y.dims[1].kind, PARE_RT_DIM_STATIC);
  EXPECT_EQ(y.dims[1].size, 4);
  const pare_rt_entry_info *nonzero = pare_rt_module_find_entry(module.get(), "nonzero");
  EXPECT_EQ(nonzero->outputs[0].dims[0].kind, PARE_RT_DIM_UNKNOWN);
}

TEST(Load, Variants) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  ModulePtr module;
  for (const char *name : {"v2", "x86-64-v2"}) {
    EXPECT_OK(load(folder.file("m.pare"), module, {1, name}).release());
    EXPECT_STREQ(pare_rt_module_variant(module.get()), "x86-64-v2");
  }
  EXPECT_OK(load(folder.file("m.pare"), module, {1}).release());
  EXPECT_STREQ(pare_rt_module_variant(module.get()), rt::cpuSupports(rt::Variant::V3) ? "x86-64-v3" : "x86-64-v2");
  Error error = load(folder.file("m.pare"), module, {1, "v4"});
  ASSERT_TRUE(error);
  EXPECT_NE(text(error).find("no code for CPU variant x86-64-v4 in the file: it has x86-64-v2, x86-64-v3"),
            std::string::npos)
      << text(error);
  error = load(folder.file("m.pare"), module, {1, "neon"});
  ASSERT_TRUE(error);
  EXPECT_NE(text(error).find("unknown CPU variant 'neon'"), std::string::npos);
}

TEST(Load, VariantsMatchTheCompilersView) {
  EXPECT_EQ(rt::cpuSupports(rt::Variant::V2), bool(__builtin_cpu_supports("x86-64-v2")));
  EXPECT_EQ(rt::cpuSupports(rt::Variant::V3), bool(__builtin_cpu_supports("x86-64-v3")));
  EXPECT_EQ(rt::cpuSupports(rt::Variant::V4), bool(__builtin_cpu_supports("x86-64-v4")));
  bool vnni = __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni");
  EXPECT_EQ(rt::cpuSupports(rt::Variant::V4Vnni), vnni);
  EXPECT_EQ(rt::cpuSupports(rt::Variant::V4Bf16), vnni && __builtin_cpu_supports("avx512bf16"));
  // __builtin_cpu_supports does not ask for the permission to use tiles.
  EXPECT_LE(rt::cpuSupports(rt::Variant::V4Amx),
            rt::cpuSupports(rt::Variant::V4Bf16) && __builtin_cpu_supports("amx-bf16"));
  EXPECT_EQ(rt::parseVariant("v4-vnni"), rt::Variant::V4Vnni);
  EXPECT_EQ(rt::parseVariant("v4-bf16"), rt::Variant::V4Bf16);
  EXPECT_EQ(rt::parseVariant("v4-amx"), rt::Variant::V4Amx);
  EXPECT_EQ(rt::parseVariant("x86-64-v4-bf16"), rt::Variant::V4Bf16);
  EXPECT_EQ(rt::parseVariant("v4"), rt::Variant::V4);
  EXPECT_EQ(rt::parseVariant("bf16"), std::nullopt);
  EXPECT_EQ(rt::parseVariant("64"), std::nullopt);
}

TEST(Load, BrokenCode) {
  const struct {
    const char *kind, *message;
  } cases[] = {{"abi", "has runtime ABI 77"},
               {"table", "symbol pare_kernels_x86_64_v2 of its code has 16 bytes: expected 56"},
               {"slot", "slot 3 of its code ends before it begins"},
               {"entry", "lacks the symbol pare_entry_control"},
               {"kernel", "kernel 6 of pare_kernels_x86_64_v2 is missing"}};
  for (const auto &c : cases) {
    TemporaryFolder folder;
    writeModule(folder.file("m.pare"), c.kind);
    ModulePtr module;
    Error error = load(folder.file("m.pare"), module);
    ASSERT_TRUE(error) << c.kind;
    EXPECT_NE(text(error).find(c.message), std::string::npos) << text(error);
    EXPECT_NE(text(error).find("m.pare"), std::string::npos) << text(error);
  }
}

TEST(Load, CodeThatIsNotASharedObject) {
  TemporaryFolder folder;
  const std::string good = moduleCode();
  auto refused = [&](const std::string &code) {
    rt::Status status = rt::writeArtefact(folder.file("m.pare"), {code, nullptr, moduleManifest});
    EXPECT_FALSE(status.failed()) << status.message();
    ModulePtr module;
    Error error = load(folder.file("m.pare"), module);
    EXPECT_TRUE(error);
    return text(error);
  };
  EXPECT_NE(refused("").find("too small"), std::string::npos);
  EXPECT_NE(refused("hello").find("too small"), std::string::npos);
  EXPECT_NE(refused(std::string(1000, 'x')).find("not an ELF"), std::string::npos);
  EXPECT_NE(refused(good.substr(0, 200)).find("outside"), std::string::npos);
  std::string other = good;
  other[18] = 0x28; // e_machine: ARM
  EXPECT_NE(refused(other).find("not an x86-64"), std::string::npos);
  other = good;
  other[16] = 1; // e_type: relocatable
  EXPECT_NE(refused(other).find("not an x86-64"), std::string::npos);
}

TEST(Load, MissingTableOfAVariant) {
  std::string manifest = moduleManifest;
  manifest.replace(manifest.find("\"x86-64-v3\""), 11, "\"x86-64-v4\"");
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"), "good", manifest);
  ModulePtr module;
  Error error = load(folder.file("m.pare"), module, {1, "v2"});
  ASSERT_TRUE(error);
  EXPECT_NE(text(error).find("lacks the symbol pare_kernels_x86_64_v4"), std::string::npos) << text(error);
}

TEST(Load, FilesThatCannotBeRead) {
  TemporaryFolder folder;
  ModulePtr module;
  Error error = load(folder.file("missing.pare"), module);
  EXPECT_EQ(pare_rt_status_code(error.get()), PARE_RT_IO);
  EXPECT_NE(text(error).find("missing.pare': cannot open: No such file"), std::string::npos) << text(error);
  error = load(folder.file("."), module);
  EXPECT_NE(text(error).find("not a regular file"), std::string::npos) << text(error);
}

TEST(Load, Arguments) {
  pare_rt_module *module = nullptr;
  Error error(pare_rt_module_load(nullptr, nullptr, &module));
  EXPECT_NE(text(error).find("'path' is NULL"), std::string::npos);
  pare_rt_load_options options = {};
  error.reset(pare_rt_module_load("x", &options, &module));
  EXPECT_NE(text(error).find("struct_size"), std::string::npos);
  options.struct_size = sizeof options;
  options.threads = 100000;
  error.reset(pare_rt_module_load("x", &options, &module));
  EXPECT_NE(text(error).find("100000 threads"), std::string::npos);
  EXPECT_EQ(pare_rt_status_code(nullptr), PARE_RT_OK);
  EXPECT_STREQ(pare_rt_status_message(nullptr), "");
  EXPECT_EQ(pare_rt_api_version(), PARE_RT_API_VERSION);
}

TEST(Load, ThreadsFromTheEnvironment) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  ModulePtr module;
  setenv("PARE_THREADS", "5", 1);
  EXPECT_OK(load(folder.file("m.pare"), module, {0}).release());
  EXPECT_EQ(pare_rt_module_threads(module.get()), 5u);
  for (const char *wrong : {"0", "many", "-1", "3x", "9999"}) {
    setenv("PARE_THREADS", wrong, 1);
    Error error = load(folder.file("m.pare"), module, {0});
    EXPECT_NE(text(error).find("PARE_THREADS"), std::string::npos) << wrong;
  }
  unsetenv("PARE_THREADS");
  EXPECT_OK(load(folder.file("m.pare"), module, {0}).release());
  EXPECT_EQ(pare_rt_module_threads(module.get()), std::min(rt::availableCpus(), PARE_RT_MAX_THREADS));
}

// The dynamic loader remembers objects by name; descriptors, and so names below /proc, are used again.
TEST(Load, DifferentFilesNeverMix) {
  TemporaryFolder folder;
  writeModule(folder.file("a.pare"));
  std::string swapped = moduleManifest;
  writeModule(folder.file("b.pare"), "good", swapped);
  for (int i = 0; i < 3; ++i) {
    ModulePtr first, again, second;
    EXPECT_OK(load(folder.file("a.pare"), first).release());
    EXPECT_OK(load(folder.file("a.pare"), again).release());
    first.reset();
    EXPECT_OK(load(folder.file("b.pare"), second).release());
    again.reset();
    // A file with the same name, and likely the same descriptor, but other code.
    std::filesystem::remove(folder.file("c.pare"));
    writeModule(folder.file("c.pare"), "abi");
    ModulePtr third;
    EXPECT_TRUE(load(folder.file("c.pare"), third));
    pare_rt_session *session = nullptr;
    EXPECT_OK(pare_rt_session_create(second.get(), "main", &session));
    runMain(session, 3);
    pare_rt_session_release(session);
  }
}

TEST(Load, FromManyThreads) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j) {
        ModulePtr module;
        EXPECT_OK(load(folder.file("m.pare"), module).release());
        pare_rt_session *session = nullptr;
        EXPECT_OK(pare_rt_session_create(module.get(), "main", &session));
        runMain(session, 5 + j);
        pare_rt_session_release(session);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
} // namespace pare::test
