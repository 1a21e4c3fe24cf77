#include "Helpers.h"

#include "pare-rt/api.h"

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

std::vector<std::string> TemporaryFolder::list(const std::string &extension) const {
  std::vector<std::string> names;
  for (const auto &entry : fs::directory_iterator(path))
    if (entry.path().extension() == extension)
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

std::string addModel(float addend) {
  return R"(func.func @main(%x: tensor<?xf32> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xf32> {pare.name = "y", pare.dims = ["n"]}) {
  %c = pare.constant dense<)" +
         std::to_string(addend) + R"(> : tensor<f32>
  %y = pare.add %x, %c : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
)";
}

CompileOptions quickOptions() {
  CompileOptions options;
  options.variants = {"x86-64-v2"};
  return options;
}

std::vector<float> runAdd(const std::string &artefact) {
  pare_rt_module *module = nullptr;
  pare_rt_session *session = nullptr;
  pare_rt_status *status = pare_rt_module_load(artefact.c_str(), nullptr, &module);
  if (!status)
    status = pare_rt_session_create(module, nullptr, &session);
  float x[] = {1, 2};
  pare_rt_tensor input = {}, output = {};
  input.data = x;
  input.size = sizeof x;
  input.dtype = PARE_RT_F32;
  input.rank = 1;
  input.dims[0] = 2;
  if (!status)
    status = pare_rt_session_run(session, &input, 1, &output, 1);
  std::vector<float> y;
  if (status)
    ADD_FAILURE() << pare_rt_status_message(status);
  else
    y.assign(static_cast<float *>(output.data), static_cast<float *>(output.data) + output.dims[0]);
  pare_rt_status_free(status);
  pare_rt_session_release(session);
  pare_rt_module_release(module);
  return y;
}

} // namespace pare::test
