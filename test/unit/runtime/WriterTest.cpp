// Writing of artefacts: streamed, checked, all or nothing.
#include "TestModule.h"

#include "module/Check.h"

#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace pare::test {
namespace {

TEST(Writer, LayoutIsThatOfTheFormat) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  const std::string bytes = readFile(folder.file("m.pare"));
  pare_footer footer;
  memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
  EXPECT_EQ(memcmp(footer.magic, "PAREMOD1", 8), 0);
  EXPECT_EQ(footer.file_size, bytes.size());
  EXPECT_EQ(footer.weights_offset % 4096, 0u);
  EXPECT_EQ(bytes.substr(0, footer.code_size), moduleCode());
  const float bias[] = {1, 2, 3, 4};
  EXPECT_EQ(memcmp(bytes.data() + footer.weights_offset, bias, 16), 0);
  EXPECT_EQ(bytes.substr(footer.manifest_offset, footer.manifest_size), moduleManifest);
  // The same input gives the same file.
  writeModule(folder.file("n.pare"));
  EXPECT_EQ(readFile(folder.file("n.pare")), bytes);
}

TEST(Writer, LargeWeightsInOddPieces) {
  TemporaryFolder folder;
  const std::string code = moduleCode(), piece(12345, 'w');
  rt::Artefact artefact{code,
                        [&](const rt::WeightsSink &sink) {
                          for (int i = 0; i < 1000; ++i)
                            if (!sink(piece.data(), piece.size() - size_t(i) % 7))
                              return false;
                          return true;
                        },
                        moduleManifest};
  rt::Status status = rt::writeArtefact(folder.file("m.pare"), artefact);
  ASSERT_FALSE(status.failed()) << status.message();
  ModulePtr module;
  EXPECT_OK(load(folder.file("m.pare"), module).release());
  EXPECT_EQ(pare_rt_module_weights_size(module.get()), 12345000u - 2997u);
}

TEST(Writer, FailuresLeaveTheOldFileAndNothingElse) {
  TemporaryFolder folder;
  const std::string path = folder.file("m.pare"), code = moduleCode();
  writeFile(path, "old");
  rt::Artefact artefact{code, [](const rt::WeightsSink &sink) { return sink("x", 1) && false; }, moduleManifest};
  rt::Status status = rt::writeArtefact(path, artefact);
  EXPECT_NE(status.message().find("the weights could not be read"), std::string::npos) << status.message();
  artefact.manifest = "{}";
  status = rt::writeArtefact(path, artefact);
  EXPECT_NE(status.message().find("'format' is missing"), std::string::npos) << status.message();
  EXPECT_EQ(readFile(path), "old");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"m.pare"});
}

TEST(Writer, PathsThatCannotBeWritten) {
  TemporaryFolder folder;
  const std::string code = moduleCode();
  rt::Artefact artefact{code, nullptr, moduleManifest};
  rt::Status status = rt::writeArtefact(folder.file("missing/m.pare"), artefact);
  EXPECT_NE(status.message().find("missing/m.pare': No such file"), std::string::npos) << status.message();
  EXPECT_TRUE(folder.list().empty());
  // What is there already, and not a file, stays what it is.
  ASSERT_EQ(mkdir(folder.file("folder").c_str(), 0777), 0);
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0666), 0);
  for (const char *name : {"folder", "pipe"}) {
    status = rt::writeArtefact(folder.file(name), artefact);
    EXPECT_NE(status.message().find("not a regular file"), std::string::npos) << status.message();
  }
  EXPECT_EQ(folder.list().size(), 2u);
}

TEST(Writer, SymbolicLinksStay) {
  TemporaryFolder folder;
  writeFile(folder.file("real.pare"), "old");
  ASSERT_EQ(symlink("real.pare", folder.file("link.pare").c_str()), 0);
  writeModule(folder.file("link.pare"));
  ModulePtr module;
  EXPECT_OK(load(folder.file("real.pare"), module).release());
  EXPECT_EQ(folder.list().size(), 2u);
  struct stat info;
  ASSERT_EQ(lstat(folder.file("link.pare").c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
}

} // namespace
} // namespace pare::test
