// What the tests of the runtime share: temporary folders, modules made without the compiler, handles that free
// themselves.
#ifndef PARE_TEST_UNIT_RUNTIME_TESTMODULE_H
#define PARE_TEST_UNIT_RUNTIME_TESTMODULE_H

#include "module/Writer.h"
#include "pare-rt/api.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace pare::test {

/// A folder that disappears with its content.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string file(const std::string &name) const { return path + "/" + name; }
  /// Names of the files in it.
  std::vector<std::string> list() const;

private:
  std::string path;
};

std::string readFile(const std::string &path);
void writeFile(const std::string &path, const std::string &content);

/// The shared object of modules/module.c: "good", or the name of a way in which it is broken.
std::string moduleCode(const std::string &kind = "good");
/// The manifest that describes it.
extern const char *const moduleManifest;
/// Writes it as a model.pare file. Its weights are the bias 1, 2, 3, 4.
void writeModule(const std::string &path, const std::string &kind = "good",
                 const std::string &manifest = moduleManifest);

struct Deleter {
  void operator()(pare_rt_status *status) const { pare_rt_status_free(status); }
  void operator()(pare_rt_module *module) const { pare_rt_module_release(module); }
  void operator()(pare_rt_session *session) const { pare_rt_session_release(session); }
};
using Error = std::unique_ptr<pare_rt_status, Deleter>;
using ModulePtr = std::unique_ptr<pare_rt_module, Deleter>;
using SessionPtr = std::unique_ptr<pare_rt_session, Deleter>;

inline std::string text(const Error &error) { return pare_rt_status_message(error.get()); }

struct Load {
  uint32_t threads = 2;
  const char *variant = nullptr;
  bool skipChecksums = false;
};
Error load(const std::string &path, ModulePtr &module, const Load &options = {});
/// A session of an entry of a freshly written good module. Fails the test if it cannot.
SessionPtr openSession(const char *entry, const Load &options = {});

/// A tensor over the elements of a vector, which must outlive it.
template <typename T> pare_rt_tensor tensor(std::vector<T> &data, std::vector<int64_t> dims, pare_rt_dtype dtype) {
  pare_rt_tensor result = {};
  result.data = data.data();
  result.size = data.size() * sizeof(T);
  result.dtype = dtype;
  result.rank = uint32_t(dims.size());
  for (size_t i = 0; i < dims.size(); ++i)
    result.dims[i] = dims[i];
  return result;
}

Error run(pare_rt_session *session, std::vector<pare_rt_tensor> inputs, pare_rt_tensor &output);

/// Runs the entry `main` on `batch` rows and checks the answer.
void runMain(pare_rt_session *session, int64_t batch);

pare_rt_memory_stats memory(const pare_rt_session *session);

} // namespace pare::test

#define EXPECT_OK(expression)                                                                                          \
  do {                                                                                                                 \
    ::pare::test::Error error(expression);                                                                             \
    EXPECT_FALSE(error) << ::pare::test::text(error);                                                                  \
  } while (false)

#endif
