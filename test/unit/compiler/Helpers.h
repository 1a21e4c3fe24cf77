// What the tests of the compiler share.
#ifndef PARE_TEST_UNIT_COMPILER_HELPERS_H
#define PARE_TEST_UNIT_COMPILER_HELPERS_H

#include "pare/Compiler.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace pare::test {

/// A folder that disappears with its content.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string file(const std::string &name) const { return path + "/" + name; }
  /// Names of the files in it that end so.
  std::vector<std::string> list(const std::string &extension) const;

  std::string path;
};

std::string readFile(const std::string &path);
void writeFile(const std::string &path, const std::string &content);

/// IR of y = x + `addend` over n floats.
std::string addModel(float addend);
/// One CPU variant, so that tests are quick.
CompileOptions quickOptions();
/// y of the artefact for x = {1, 2}.
std::vector<float> runAdd(const std::string &artefact);

} // namespace pare::test

#endif
