// The compile cache: what it finds again, what it must not, and what others do to it meanwhile.
#include "Helpers.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

namespace fs = std::filesystem;

namespace pare::test {
namespace {

class Cache : public ::testing::Test {
protected:
  void SetUp() override {
    writeFile(model, addModel(1));
    cache.directory = folder.file("cache");
  }

  /// Whether the artefact was there already; fails the test unless it is right.
  bool lookUp(const CompileOptions &options = quickOptions(), float addend = 1) {
    CachedArtefact artefact;
    CompileResult result = compileCached(model, options, cache, artefact);
    EXPECT_TRUE(result.ok) << result.text();
    if (!result.ok)
      return false;
    EXPECT_EQ(runAdd(artefact.path()), (std::vector<float>{1 + addend, 2 + addend}));
    return artefact.wasHit();
  }

  size_t entries() const {
    size_t count = 0;
    for (const auto &entry : fs::directory_iterator(cache.directory))
      count += entry.path().extension() == ".pare";
    return count;
  }

  /// The only entry.
  std::string entry() const {
    for (const auto &entry : fs::directory_iterator(cache.directory))
      if (entry.path().extension() == ".pare")
        return entry.path().string();
    ADD_FAILURE() << "the cache is empty";
    return "";
  }

  TemporaryFolder folder;
  std::string model = folder.file("m.mlir");
  CacheOptions cache;
};

TEST_F(Cache, FindsAgain) {
  EXPECT_FALSE(lookUp());
  EXPECT_TRUE(lookUp());
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Cache, FindsTheSameModelUnderAnotherName) {
  EXPECT_FALSE(lookUp());
  fs::rename(model, folder.file("other.mlir"));
  model = folder.file("other.mlir");
  EXPECT_TRUE(lookUp());
}

TEST_F(Cache, TellsModelsAndOptionsApart) {
  EXPECT_FALSE(lookUp());
  writeFile(model, addModel(2));
  EXPECT_FALSE(lookUp(quickOptions(), 2));
  CompileOptions options = quickOptions();
  options.level = 1;
  EXPECT_FALSE(lookUp(options, 2));
  options.variants = {"x86-64-v2", "x86-64-v3"};
  EXPECT_FALSE(lookUp(options, 2));
  EXPECT_EQ(entries(), 4u);
}

TEST_F(Cache, TellsFilesOfWeightsApart) {
  const std::string weights = folder.file("w.bin");
  auto write = [&](float value) { writeFile(weights, std::string(reinterpret_cast<char *>(&value), 4)); };
  write(5);
  writeFile(model, R"(func.func @main(%x: tensor<?xf32> {pare.name = "x"}) -> (tensor<?xf32> {pare.name = "y"}) {
  %c = pare.constant #pare.external<")" +
                       weights + R"(", 0> : tensor<f32>
  %y = pare.add %x, %c : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
})");
  EXPECT_FALSE(lookUp(quickOptions(), 5));
  EXPECT_TRUE(lookUp(quickOptions(), 5));
  write(7);
  EXPECT_FALSE(lookUp(quickOptions(), 7));
  fs::remove(weights);
  CachedArtefact artefact;
  CompileResult result = compileCached(model, quickOptions(), cache, artefact);
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.text().find(weights), std::string::npos) << result.text();
}

TEST_F(Cache, CompilesADamagedEntryAgain) {
  EXPECT_FALSE(lookUp());
  const std::string good = readFile(entry());
  for (size_t at : {size_t(0), good.size() / 2, good.size() - 1}) {
    std::string damaged = good;
    damaged[at] ^= 1;
    writeFile(entry(), damaged);
    EXPECT_FALSE(lookUp()) << at;
    EXPECT_EQ(readFile(entry()), good);
  }
  for (size_t size : {size_t(0), size_t(1), good.size() - 1}) {
    writeFile(entry(), good.substr(0, size));
    EXPECT_FALSE(lookUp()) << size;
  }
  EXPECT_TRUE(lookUp());
}

TEST_F(Cache, DropsTheLeastRecentlyUsed) {
  auto touch = [&](float addend) {
    writeFile(model, addModel(addend));
    return lookUp(quickOptions(), addend);
  };
  EXPECT_FALSE(touch(1));
  const uint64_t size = fs::file_size(entry());
  cache.maxBytes = 2 * size + size / 2;
  EXPECT_FALSE(touch(2));
  EXPECT_TRUE(touch(1));
  EXPECT_FALSE(touch(3)); // drops 2
  EXPECT_EQ(entries(), 2u);
  EXPECT_TRUE(touch(1));
  EXPECT_TRUE(touch(3));
  EXPECT_FALSE(touch(2));
}

TEST_F(Cache, KeepsWhatIsInUse) {
  CachedArtefact held;
  ASSERT_TRUE(compileCached(model, quickOptions(), cache, held).ok);
  cache.maxBytes = 0;
  writeFile(model, addModel(2));
  CachedArtefact other;
  ASSERT_TRUE(compileCached(model, quickOptions(), cache, other).ok);
  EXPECT_EQ(runAdd(held.path()), (std::vector<float>{2, 3}));
  EXPECT_EQ(runAdd(other.path()), (std::vector<float>{3, 4}));
  held = CachedArtefact();
  other = CachedArtefact();
  writeFile(model, addModel(3));
  EXPECT_FALSE(lookUp(quickOptions(), 3));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Cache, RemovesWhatInterruptedWritersLeft) {
  fs::create_directories(cache.directory);
  writeFile(cache.directory + "/x.pare.12345678.tmp", "half");
  writeFile(cache.directory + "/y.pare.12345678.tmp", "half, but a minute old");
  timespec old[] = {{0, 0}, {0, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (cache.directory + "/x.pare.12345678.tmp").c_str(), old, 0), 0);
  EXPECT_FALSE(lookUp());
  EXPECT_FALSE(fs::exists(cache.directory + "/x.pare.12345678.tmp"));
  EXPECT_TRUE(fs::exists(cache.directory + "/y.pare.12345678.tmp"));
}

TEST_F(Cache, OneCompilesWhileOthersWait) {
  std::vector<std::thread> threads;
  std::vector<int> hits(4, -1);
  threads.reserve(hits.size());
  for (int &hit : hits)
    threads.emplace_back([&] {
      CachedArtefact artefact;
      if (compileCached(model, quickOptions(), cache, artefact).ok)
        hit = artefact.wasHit();
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(std::count(hits.begin(), hits.end(), 1), 3);
  EXPECT_EQ(std::count(hits.begin(), hits.end(), 0), 1);
}

TEST_F(Cache, ReportsWhatItCannotDo) {
  CachedArtefact artefact;
  writeFile(folder.file("file"), "");
  cache.directory = folder.file("file/cache");
  CompileResult result = compileCached(model, quickOptions(), cache, artefact);
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.text().find("cannot create the cache folder"), std::string::npos) << result.text();
  cache.directory = "";
  EXPECT_FALSE(compileCached(model, quickOptions(), cache, artefact).ok);
  cache.directory = folder.file("cache");
  CompileOptions options = quickOptions();
  options.stopAfter = Phase::Lower;
  EXPECT_FALSE(compileCached(model, options, cache, artefact).ok);
  model = folder.file("none.onnx");
  result = compileCached(model, quickOptions(), cache, artefact);
  EXPECT_NE(result.text().find("No such file"), std::string::npos) << result.text();
}

} // namespace
} // namespace pare::test
