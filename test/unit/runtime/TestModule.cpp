// What the tests of the runtime share.
#include "TestModule.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace pare::test {

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "pare-test-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

std::vector<std::string> TemporaryFolder::list() const {
  std::vector<std::string> names;
  for (const auto &entry : fs::directory_iterator(path))
    names.push_back(entry.path().filename().string());
  return names;
}

std::string readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  EXPECT_TRUE(stream) << path;
  return content.str();
}

void writeFile(const std::string &path, const std::string &content) {
  std::ofstream stream(path, std::ios::binary);
  stream.write(content.data(), std::streamsize(content.size()));
  EXPECT_TRUE(stream.flush()) << path;
}

std::string moduleCode(const std::string &kind) {
  return readFile(std::string(PARE_TEST_MODULES) + "/runtime_test_module_" + kind + ".so");
}

const char *const moduleManifest = R"({
  "format": 1, "abi": 1, "producer": "test", "variants": ["x86-64-v2", "x86-64-v3"],
  "entries": [
    {"name": "main",
     "inputs": [{"name": "x", "dtype": "f32", "dims": ["batch", 4]}, {"name": "y", "dtype": "f32", "dims": ["batch", 4]}],
     "outputs": [{"name": "sum", "dtype": "f32", "dims": ["batch", 4]}]},
    {"name": "nonzero",
     "inputs": [{"name": "x", "dtype": "i64", "dims": [null]}],
     "outputs": [{"name": "positions", "dtype": "i64", "dims": [null]}]},
    {"name": "loop",
     "inputs": [{"name": "rounds", "dtype": "i64", "dims": []}],
     "outputs": [{"name": "total", "dtype": "i64", "dims": []}]},
    {"name": "nest", "inputs": [], "outputs": [{"name": "counts", "dtype": "i32", "dims": [600]}]},
    {"name": "fault",
     "inputs": [{"name": "mode", "dtype": "i32", "dims": []}],
     "outputs": [{"name": "result", "dtype": "i32", "dims": [2]}]},
    {"name": "control", "inputs": [], "outputs": [{"name": "mxcsr", "dtype": "u32", "dims": []}]}
  ],
  "report": {"note": "free form"}
})";

void writeModule(const std::string &path, const std::string &kind, const std::string &manifest) {
  std::string code = moduleCode(kind);
  rt::Artefact artefact;
  artefact.code = code;
  artefact.manifest = manifest;
  artefact.weights = [](const rt::WeightsSink &sink) {
    const float bias[] = {1, 2, 3, 4};
    return sink(bias, 8) && sink(bias + 2, 8);
  };
  rt::Status status = rt::writeArtefact(path, artefact);
  EXPECT_FALSE(status.failed()) << status.message();
}

Error load(const std::string &path, ModulePtr &module, const Load &options) {
  pare_rt_load_options c = {};
  c.struct_size = sizeof c;
  c.threads = options.threads;
  c.variant = options.variant;
  c.skip_checksums = options.skipChecksums;
  pare_rt_module *loaded = nullptr;
  Error error(pare_rt_module_load(path.c_str(), &c, &loaded));
  EXPECT_EQ(bool(error), loaded == nullptr);
  module.reset(loaded);
  return error;
}

SessionPtr openSession(const char *entry, const Load &options) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"));
  ModulePtr module;
  pare_rt_session *session = nullptr;
  EXPECT_OK(load(folder.file("m.pare"), module, options).release());
  if (module)
    EXPECT_OK(pare_rt_session_create(module.get(), entry, &session));
  // The file and the caller's reference go; the session keeps the module.
  return SessionPtr(session);
}

Error run(pare_rt_session *session, std::vector<pare_rt_tensor> inputs, pare_rt_tensor &output) {
  return Error(pare_rt_session_run(session, inputs.data(), uint32_t(inputs.size()), &output, 1));
}

void runMain(pare_rt_session *session, int64_t batch) {
  std::vector<float> x(size_t(batch) * 4), y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = float(i);
    y[i] = 0.5f;
  }
  pare_rt_tensor output = {};
  Error error = run(session, {tensor(x, {batch, 4}, PARE_RT_F32), tensor(y, {batch, 4}, PARE_RT_F32)}, output);
  ASSERT_FALSE(error) << text(error);
  ASSERT_EQ(output.rank, 2u);
  ASSERT_EQ(output.dims[0], batch);
  ASSERT_EQ(output.dims[1], 4);
  ASSERT_EQ(output.size, x.size() * 4);
  const float *sum = static_cast<const float *>(output.data);
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_EQ(sum[i], float(i) + float(i % 4 + 1) + 0.5f) << i;
}

pare_rt_memory_stats memory(const pare_rt_session *session) {
  pare_rt_memory_stats stats;
  pare_rt_session_memory(session, &stats);
  return stats;
}

} // namespace pare::test
