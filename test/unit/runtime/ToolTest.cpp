// pare-run: answers, exit statuses and messages.
#include "TestModule.h"

#include "npz/Npz.h"

#include <array>
#include <cstdio>
#include <sys/wait.h>

namespace pare::test {
namespace {

struct Result {
  int status;
  std::string output;
};

class Tool : public ::testing::Test {
protected:
  void SetUp() override {
    writeModule(model);
    std::vector<npz::ArrayView> inputs = {{"x", tensor(x, {2, 4}, PARE_RT_F32)}, {"y", tensor(y, {2, 4}, PARE_RT_F32)}};
    ASSERT_FALSE(npz::writeNpz(folder.file("in.npz"), inputs).failed());
    ASSERT_FALSE(npz::writeNpy(folder.file("x.npy"), inputs[0].tensor).failed());
    ASSERT_FALSE(npz::writeNpy(folder.file("y.npy"), inputs[1].tensor).failed());
  }

  /// Runs the tool in the folder.
  Result run(const std::string &arguments) {
    std::string command = "cd '" + folder.file("") + "' && '" PARE_RUN "' " + arguments + " 2>&1";
    FILE *pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer;
    Result result{-1, ""};
    while (size_t got = fread(buffer.data(), 1, buffer.size(), pipe))
      result.output.append(buffer.data(), got);
    int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
  }

  void expect(const std::string &arguments, int status, const std::string &text) {
    Result result = run(arguments);
    EXPECT_EQ(result.status, status) << arguments << "\n" << result.output;
    EXPECT_NE(result.output.find(text), std::string::npos) << arguments << "\n" << result.output;
  }

  TemporaryFolder folder;
  std::string model = folder.file("m.pare");
  std::vector<float> x = {0, 1, 2, 3, 4, 5, 6, 7}, y = std::vector<float>(8, 10);
};

TEST_F(Tool, Runs) {
  expect("m.pare --inputs in.npz --outputs out.npz", 0, "");
  std::vector<npz::NamedArray> outputs;
  ASSERT_FALSE(npz::readNpz(folder.file("out.npz"), outputs).failed());
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].name, "sum");
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(reinterpret_cast<float *>(outputs[0].array.data.get())[i], float(i + i % 4 + 11));
}

TEST_F(Tool, SingleFilesAndOptions) {
  expect("m.pare --inputs x=x.npy y=y.npy", 0, "output sum: f32[2, 4]");
  expect("m.pare --inputs x=x.npy --inputs y=y.npy --threads 2 --variant v2", 0, "output sum: f32[2, 4]");
  expect("m.pare --inputs in.npz --repeat 3", 0, "median ");
  expect("m.pare --inputs in.npz --memory --repeat 300", 0, "lower bound 128 bytes");
  expect("m.pare --inputs in.npz --skip-checksums", 0, "sum");
}

TEST_F(Tool, Inspects) {
  expect("m.pare --inspect --variant v2", 0, "variant: x86-64-v2");
  expect("m.pare --inspect", 0,
         "entry main\n  input  x: f32[batch, 4]\n  input  y: f32[batch, 4]\n  output sum: f32[batch, 4]\n");
  expect("m.pare --inspect", 0, "  input  x: i64[?]");
}

TEST_F(Tool, Faults) {
  expect("missing.pare", 1, "pare-run: error: 'missing.pare': cannot open: No such file");
  expect("in.npz", 1, "'in.npz': not a model.pare file");
  expect("m.pare", 1, "input 'x' is missing: expected f32[batch, 4]; no inputs were given");
  expect("m.pare --inputs x=x.npy", 1, "input 'y' is missing: expected f32[batch, 4]; given were: x");
  expect("m.pare --inputs in.npz z=x.npy", 1, "'z' is not an input of entry 'main', which takes: x, y");
  expect("m.pare --inputs x=missing.npy", 1, "'missing.npy': cannot open");
  expect("m.pare --inputs m.pare", 1, "'m.pare': expected a .npz file or NAME=FILE.npy");
  expect("m.pare --inputs x=m.pare", 1, "'m.pare': not an .npy file");
  expect("m.pare --inputs in.npz --outputs missing/out.npz", 1, "'missing/out.npz': cannot write");
  expect("m.pare --inputs in.npz --variant v9", 1, "unknown CPU variant 'v9'");
  expect("m.pare --inputs in.npz --entry other", 1, "no entry 'other'");
  std::vector<int64_t> wide(8);
  ASSERT_FALSE(npz::writeNpy(folder.file("x.npy"), tensor(wide, {2, 4}, PARE_RT_I64)).failed());
  expect("m.pare --inputs x=x.npy y=y.npy", 1, "input 'x': expected f32[batch, 4], got i64[2, 4]");
}

TEST_F(Tool, WrongUsage) {
  EXPECT_EQ(run("").status, 2);
  EXPECT_EQ(run("m.pare --unknown").status, 2);
  EXPECT_EQ(run("m.pare --threads 0").status, 2);
  EXPECT_EQ(run("m.pare --threads x").status, 2);
  EXPECT_EQ(run("m.pare --repeat").status, 2);
  expect("--help", 0, "Exit status: 0 good");
  expect("--version", 0, "pare-run 0.1.0");
}

} // namespace
} // namespace pare::test
