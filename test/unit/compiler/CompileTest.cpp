// compile(): answers, phases, and what it says when it fails.
#include "Helpers.h"

#include <thread>

namespace pare::test {
namespace {

class Compile : public ::testing::Test {
protected:
  void SetUp() override { writeFile(model, addModel(1)); }

  /// The only diagnostic of a compilation that must fail.
  Diagnostic failure(const std::string &path, const CompileOptions &options = quickOptions()) {
    CompileResult result = compile(path, folder.file("out.pare"), options);
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.diagnostics.size(), 1u) << result.text();
    EXPECT_TRUE(folder.list(".pare").empty());
    return result.diagnostics.empty() ? Diagnostic() : result.diagnostics.front();
  }

  TemporaryFolder folder;
  std::string model = folder.file("m.mlir");
};

TEST_F(Compile, GivesAnArtefactThatRuns) {
  CompileResult result = compile(model, folder.file("m.pare"), quickOptions());
  ASSERT_TRUE(result.ok) << result.text();
  EXPECT_EQ(result.text(), "");
  EXPECT_EQ(runAdd(folder.file("m.pare")), (std::vector<float>{2, 3}));
}

TEST_F(Compile, IsDeterministic) {
  for (const char *name : {"a.pare", "b.pare"})
    ASSERT_TRUE(compile(model, folder.file(name)).ok);
  EXPECT_EQ(readFile(folder.file("a.pare")), readFile(folder.file("b.pare")));
}

TEST_F(Compile, EveryLevelIsRight) {
  for (unsigned level : {0u, 1u, 2u}) {
    CompileOptions options = quickOptions();
    options.level = level;
    CompileResult result = compile(model, folder.file("m.pare"), options);
    ASSERT_TRUE(result.ok) << result.text();
    EXPECT_EQ(runAdd(folder.file("m.pare")), (std::vector<float>{2, 3})) << level;
  }
}

TEST_F(Compile, GoesOnFromEveryPhase) {
  for (Phase phase : kPhases) {
    if (phase == Phase::Emit)
      continue;
    SCOPED_TRACE(getName(phase));
    CompileOptions options = quickOptions();
    options.stopAfter = phase;
    CompileResult result = compile(model, folder.file("stopped.mlir"), options);
    ASSERT_TRUE(result.ok) << result.text();
    options.startFrom = phase;
    options.stopAfter = Phase::Emit;
    result = compile(folder.file("stopped.mlir"), folder.file("m.pare"), options);
    ASSERT_TRUE(result.ok) << result.text();
    EXPECT_EQ(runAdd(folder.file("m.pare")), (std::vector<float>{2, 3}));
  }
}

TEST_F(Compile, ReportsPhasesInOrder) {
  std::vector<Phase> finished;
  CompileOptions options = quickOptions();
  options.onPhase = [&](const PhaseEvent &event) {
    if (event.finished)
      finished.push_back(event.phase);
  };
  ASSERT_TRUE(compile(model, folder.file("m.pare"), options).ok);
  EXPECT_EQ(finished, std::vector<Phase>(std::begin(kPhases), std::end(kPhases)));
}

TEST_F(Compile, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<char> good(4);
  threads.reserve(good.size());
  for (size_t i = 0; i < good.size(); ++i)
    threads.emplace_back([&, i] {
      writeFile(folder.file(std::to_string(i) + ".mlir"), addModel(float(i)));
      good[i] =
          compile(folder.file(std::to_string(i) + ".mlir"), folder.file(std::to_string(i) + ".pare"), quickOptions())
              .ok;
    });
  for (std::thread &thread : threads)
    thread.join();
  for (size_t i = 0; i < good.size(); ++i) {
    ASSERT_TRUE(good[i]);
    EXPECT_EQ(runAdd(folder.file(std::to_string(i) + ".pare")), (std::vector<float>{float(i) + 1, float(i) + 2}));
  }
}

TEST_F(Compile, SaysWhatIsWrongWithTheModel) {
  Diagnostic missing = failure(folder.file("none.onnx"));
  EXPECT_EQ(missing.file, folder.file("none.onnx"));
  EXPECT_NE(missing.reason.find("No such file"), std::string::npos) << missing.reason;

  writeFile(folder.file("text.onnx"), "this is no model");
  EXPECT_NE(failure(folder.file("text.onnx")).reason.find("not an ONNX model"), std::string::npos);

  writeFile(folder.file("bad.mlir"), "func.func @main(%x: tensor<?xf32>)\n  -> nonsense");
  EXPECT_EQ(failure(folder.file("bad.mlir")).file, folder.file("bad.mlir") + ":2:5");

  EXPECT_NE(failure("m.pare").reason.find("compiled model"), std::string::npos);
}

TEST_F(Compile, NamesTheNode) {
  // The rank of what an unknown shape gives is unknown, so that it cannot be lowered.
  writeFile(folder.file("node.mlir"), R"(
func.func @main(%x: tensor<?xf32> {pare.name = "x"}, %s: tensor<?xsi64> {pare.name = "s"})
    -> (tensor<*xf32> {pare.name = "y"}) {
  %y = pare.reshape %x, %s : (tensor<?xf32>, tensor<?xsi64>) -> tensor<*xf32> loc(#node)
  return %y : tensor<*xf32>
}
#node = loc(fused<"Reshape">["encoder/Reshape_3", "model.onnx":0:0])
)");
  CompileResult result = compile(folder.file("node.mlir"), folder.file("out.pare"), quickOptions());
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.text().find("error: model.onnx: node 'encoder/Reshape_3' (Reshape): "), std::string::npos)
      << result.text();
}

TEST_F(Compile, SaysWhatIsWrongWithTheOptions) {
  CompileOptions options = quickOptions();
  options.target = "tpu";
  EXPECT_EQ(failure(model, options).reason, "unknown target 'tpu': expected cpu");
  options = quickOptions();
  options.variants = {"x86-64-v9"};
  EXPECT_NE(failure(model, options).reason.find("x86-64-v9"), std::string::npos);
  options.variants = {"x86-64-v3"};
  EXPECT_NE(failure(model, options).reason.find("x86-64-v2"), std::string::npos);
  options = quickOptions();
  options.level = 3;
  EXPECT_NE(failure(model, options).reason.find("expected 0, 1 or 2"), std::string::npos);
  options = quickOptions();
  options.startFrom = Phase::Codegen;
  options.stopAfter = Phase::Lower;
  EXPECT_NE(failure(model, options).reason.find("behind"), std::string::npos);
  options = quickOptions();
  options.inputShapes["x"] = {4};
  EXPECT_NE(failure(model, options).reason.find("ONNX models only"), std::string::npos);
}

TEST_F(Compile, LeavesTheOldFileWhenItFails) {
  writeFile(folder.file("out.bin"), "old");
  writeFile(folder.file("bad.mlir"), "nonsense");
  EXPECT_FALSE(compile(folder.file("bad.mlir"), folder.file("out.bin")).ok);
  EXPECT_EQ(readFile(folder.file("out.bin")), "old");
}

TEST(Phases, HaveNames) {
  for (Phase phase : kPhases)
    EXPECT_EQ(parsePhase(getName(phase)), phase);
  EXPECT_EQ(parsePhase("nonsense"), std::nullopt);
}

} // namespace
} // namespace pare::test
