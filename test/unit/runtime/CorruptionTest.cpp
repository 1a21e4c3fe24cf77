// A damaged file is an error, whatever the damage, before any of it is loaded.
#include "TestModule.h"

#include "module/Check.h"

#include <cstring>
#include <random>

namespace pare::test {
namespace {

bool accepted(const std::string &content) {
  rt::CheckedFile file;
  // A copy of exact size, so that a sanitizer sees a read past the end.
  std::vector<uint8_t> bytes(content.begin(), content.end());
  return !rt::checkFile(bytes.data(), bytes.size(), false, file).failed();
}

std::string goodFile() {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  return readFile(folder.file("m.pare"));
}

TEST(Corruption, TheGoodFileIsAccepted) { EXPECT_TRUE(accepted(goodFile())); }

TEST(Corruption, TruncatedAtEveryLength) {
  const std::string good = goodFile();
  rt::CheckedFile file;
  for (size_t length = 0; length < good.size(); ++length)
    ASSERT_TRUE(rt::checkFile(reinterpret_cast<const uint8_t *>(good.data()), length, false, file).failed()) << length;
}

TEST(Corruption, EveryByteChanged) {
  std::string bytes = goodFile();
  std::minstd_rand random(1);
  rt::CheckedFile file;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char old = bytes[i];
    for (int change : {1 << random() % 8, 0xff, int(uint8_t(old))}) {
      bytes[i] = char(old ^ change);
      if (bytes[i] != old)
        ASSERT_TRUE(rt::checkFile(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), false, file).failed())
            << "byte " << i << " changed by " << change;
    }
    bytes[i] = old;
  }
}

TEST(Corruption, GrownFile) {
  const std::string good = goodFile();
  EXPECT_FALSE(accepted(good + '\0'));
  EXPECT_FALSE(accepted(good + good));
  EXPECT_FALSE(accepted('\0' + good));
  EXPECT_FALSE(accepted(good + std::string(4096, '\0')));
}

TEST(Corruption, BlocksMovedOrZeroed) {
  const std::string good = goodFile();
  std::minstd_rand random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    size_t length = 1 + random() % 600;
    size_t from = random() % (good.size() - length), to = random() % (good.size() - length);
    if (i % 2)
      memset(&bytes[to], 0, length);
    else
      memmove(&bytes[to], &bytes[from], length);
    ASSERT_EQ(accepted(bytes), bytes == good);
  }
}

/// Changes the footer and makes its checksum right again.
template <typename F> std::string withFooter(const std::string &good, F &&change) {
  std::string bytes = good;
  pare_footer footer;
  memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
  change(footer);
  footer.footer_hash = rt::hashFooter(footer);
  memcpy(&bytes[bytes.size() - sizeof footer], &footer, sizeof footer);
  return bytes;
}

TEST(Corruption, FootersThatContradictTheFile) {
  const std::string good = goodFile();
  EXPECT_TRUE(accepted(withFooter(good, [](pare_footer &) {})));
  EXPECT_FALSE(accepted(withFooter(good, [](pare_footer &f) { f.format_version = 2; })));
  EXPECT_FALSE(accepted(withFooter(good, [](pare_footer &f) { f.abi_version = 2; })));
  EXPECT_FALSE(accepted(withFooter(good, [](pare_footer &f) { f.reserved[31] = 1; })));
  for (uint64_t wrong : {uint64_t(0), uint64_t(1), uint64_t(8), uint64_t(4096), uint64_t(1) << 59, uint64_t(1) << 60,
                         uint64_t(1) << 63, ~uint64_t(0), ~uint64_t(0) - 4095}) {
    EXPECT_FALSE(accepted(withFooter(good, [=](pare_footer &f) { f.file_size = wrong; })));
    EXPECT_FALSE(accepted(withFooter(good, [=](pare_footer &f) { f.code_size = wrong; })));
    EXPECT_FALSE(accepted(withFooter(good, [=](pare_footer &f) { f.weights_offset = wrong + 16; })));
    EXPECT_FALSE(accepted(withFooter(good, [=](pare_footer &f) { f.weights_size = wrong; })));
    EXPECT_FALSE(accepted(withFooter(good, [=](pare_footer &f) { f.manifest_offset = wrong; })));
    EXPECT_FALSE(accepted(withFooter(good, [=](pare_footer &f) { f.manifest_size = wrong; })));
    EXPECT_FALSE(
        accepted(withFooter(good, [=](pare_footer &f) { f.weights_size += wrong, f.manifest_size -= wrong + 1; })));
  }
}

TEST(Corruption, LoadingReportsTheFile) {
  TemporaryFolder folder;
  const std::string path = folder.file("m.pare"), good = goodFile();
  ModulePtr module;
  for (size_t length : {size_t(0), size_t(1), size_t(127), size_t(128), good.size() / 2, good.size() - 1}) {
    writeFile(path, good.substr(0, length));
    Error error = load(path, module);
    ASSERT_TRUE(error) << length;
    EXPECT_EQ(pare_rt_status_code(error.get()), PARE_RT_BAD_MODULE);
    EXPECT_NE(text(error).find(path), std::string::npos) << text(error);
  }
  for (size_t i = 0; i < good.size(); i += 97) {
    std::string bytes = good;
    bytes[i] = char(bytes[i] ^ 0x10);
    writeFile(path, bytes);
    ASSERT_TRUE(load(path, module)) << i;
  }
}

TEST(Corruption, SkippedChecksumsStillCheckStructure) {
  TemporaryFolder folder;
  const std::string path = folder.file("m.pare"), good = goodFile();
  pare_footer footer;
  memcpy(&footer, good.data() + good.size() - sizeof footer, sizeof footer);
  std::string bytes = good;
  bytes[footer.weights_offset] = char(bytes[footer.weights_offset] ^ 1);
  writeFile(path, bytes);
  ModulePtr module;
  Load options;
  Error error = load(path, module, options);
  ASSERT_TRUE(error);
  EXPECT_NE(text(error).find("weights"), std::string::npos);
  options.skipChecksums = true;
  EXPECT_FALSE(load(path, module, options));
  bytes = good;
  bytes[footer.manifest_offset] = ' ';
  writeFile(path, bytes);
  EXPECT_TRUE(load(path, module, options));
  writeFile(path, good.substr(1));
  EXPECT_TRUE(load(path, module, options));
}

} // namespace
} // namespace pare::test
