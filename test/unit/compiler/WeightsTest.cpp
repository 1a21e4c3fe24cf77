// The weights section: layouts, padding, and files that change under the compiler.
#include "Helpers.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "module/Check.h"
#include "pare/Compiler/Compilation.h"
#include "pare/Target/Artefact.h"

#include <filesystem>

namespace pare::test {
namespace {

class Weights : public ::testing::Test {
protected:
  Weights() : context(registry()) {
    context.printOpOnDiagnostic(false);
    handler = std::make_unique<mlir::ScopedDiagnosticHandler>(
        &context, [&](mlir::Diagnostic &diagnostic) { errors += diagnostic.str() + "\n"; });
  }

  static mlir::DialectRegistry registry() {
    mlir::DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &weights) {
    return mlir::parseSourceString<mlir::ModuleOp>(
        "module attributes {pare.entries = [{name = \"main\", inputs = [], outputs = []}], pare.weights = [" + weights +
            "]} { module @v2 attributes {pare.variant = \"x86-64-v2\"} {} }",
        &context);
  }

  bool write(mlir::ModuleOp module) {
    auto manifest = makeManifest(module, "test");
    return mlir::succeeded(manifest) && mlir::succeeded(writeArtefact(module, "code", *manifest, file));
  }

  /// The weights section for these entries.
  std::string section(const std::string &weights) {
    auto module = parse(weights);
    if (!module || !write(*module)) {
      ADD_FAILURE() << errors;
      return "";
    }
    std::string bytes = readFile(file);
    pare_footer footer;
    memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
    return bytes.substr(footer.weights_offset, footer.weights_size);
  }

  TemporaryFolder folder;
  std::string file = folder.file("m.pare"), errors;
  mlir::MLIRContext context;
  std::unique_ptr<mlir::ScopedDiagnosticHandler> handler;
};

std::string bytes(std::vector<int> values) { return std::string(values.begin(), values.end()); }

TEST_F(Weights, StandAtTheirOffsetsWithZerosBetween) {
  std::string section = this->section("{data = dense<[1, 2]> : tensor<2xi8>, offset = 0 : i64},"
                                      "{data = dense<3> : tensor<i8>, offset = 192 : i64}");
  EXPECT_EQ(section, bytes({1, 2}) + std::string(190, 0) + bytes({3}));
  EXPECT_EQ(this->section(""), "");
}

TEST_F(Weights, BooleansTakeAByteEach) {
  EXPECT_EQ(section("{data = dense<[true, false, true]> : tensor<3xi1>, offset = 0 : i64}"), bytes({1, 0, 1}));
}

TEST_F(Weights, PanelsOfEveryElementSize) {
  const std::string layout = ", offset = 0 : i64, layout = {kind = \"panels\", width = 2 : i64}}";
  EXPECT_EQ(section("{data = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>" + layout),
            bytes({1, 2, 4, 5, 3, 0, 6, 0}));
  EXPECT_EQ(section("{data = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi16>" + layout),
            bytes({1, 0, 2, 0, 4, 0, 5, 0, 3, 0, 0, 0, 6, 0, 0, 0}));
  // Batches one after the other; a width that divides.
  EXPECT_EQ(section("{data = dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>" + layout), bytes({1, 2, 3, 4}));
  EXPECT_EQ(section("{data = dense<> : tensor<0x3xi8>" + layout), "");
}

TEST_F(Weights, PanelsOfATransposedMatrix) {
  EXPECT_EQ(section("{data = dense<[[1, 4], [2, 5], [3, 6]]> : tensor<3x2xi8>, offset = 0 : i64,"
                    " layout = {kind = \"panels\", transposed, width = 2 : i64}}"),
            bytes({1, 2, 4, 5, 3, 0, 6, 0}));
}

TEST_F(Weights, PanelsOfPairsAreInBFloat16) {
  // 1 and 2; 3 and a value halfway between two neighbours, whose even one is taken; then another, of which it is the
  // upper one; a NaN; what rounds to infinity; the smallest number, which rounds to zero.
  const std::string rows = "dense<\"0x"
                           "0000803F"
                           "00004040"
                           "00808180"
                           "FFFF7F7F"
                           "00000040"
                           "0080803F"
                           "0100807F"
                           "01000080"
                           "\"> : tensor<2x4xf32>";
  EXPECT_EQ(section("{data = " + rows + ", offset = 0 : i64, layout = {kind = \"panels\", pairs, width = 3 : i64}}"),
            bytes({0x80, 0x3f, 0x00, 0x40, 0x40, 0x40, 0x80, 0x3f, 0x82, 0x80, 0xc0, 0x7f}) +
                bytes({0x80, 0x7f, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0}));
  for (const char *bad : {"dense<1.0> : tensor<3x4xf32>", "dense<1.0> : tensor<2x4xf64>"}) {
    auto module = parse("{data = " + std::string(bad) +
                        ", offset = 0 : i64, layout = {kind = \"panels\", pairs, width = 3 : i64}}");
    ASSERT_TRUE(module) << errors;
    errors.clear();
    EXPECT_FALSE(write(*module));
    EXPECT_NE(errors.find("panels of pairs are made of f32 and an even number of rows"), std::string::npos) << errors;
  }
}

TEST_F(Weights, PanelsOfQuadsPutFourRowsSideBySideInEachColumn) {
  const std::string rows = "dense<[[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12], [13, 14, 15]]> : tensor<5x3xi8>";
  EXPECT_EQ(section("{data = " + rows + ", offset = 0 : i64, layout = {kind = \"panels\", quads, width = 2 : i64}}"),
            bytes({1, 4, 7, 10, 2, 5, 8, 11, 13, 0, 0, 0, 14, 0, 0, 0}) +
                bytes({3, 6, 9, 12, 0, 0, 0, 0, 15, 0, 0, 0, 0, 0, 0, 0}));
  auto module =
      parse("{data = dense<1.0> : tensor<4x4xf32>, offset = 0 : i64, layout = {kind = \"panels\", quads, width "
            "= 2 : i64}}");
  ASSERT_TRUE(module) << errors;
  EXPECT_FALSE(write(*module));
  EXPECT_NE(errors.find("panels of quads are made of bytes"), std::string::npos) << errors;
}

TEST_F(Weights, SplatsAreWrittenInFull) {
  EXPECT_EQ(section("{data = dense<7> : tensor<100xi8>, offset = 0 : i64}"), std::string(100, 7));
}

TEST_F(Weights, AFileThatBecameShorterOrIsGoneIsAnError) {
  const std::string weights = folder.file("w.bin");
  // Large enough to be mapped and not read at once.
  writeFile(weights, std::string(1 << 20, 1));
  auto module = parse("{data = #pare.external<\"" + weights + "\", 0> : tensor<1048576xi8>, offset = 0 : i64}");
  ASSERT_TRUE(module) << errors;
  EXPECT_TRUE(write(*module)) << errors;
  std::filesystem::remove(file);

  std::filesystem::resize_file(weights, 1000);
  EXPECT_FALSE(write(*module));
  EXPECT_NE(errors.find(weights + "': it became shorter"), std::string::npos) << errors;
  EXPECT_FALSE(std::filesystem::exists(file));

  errors.clear();
  std::filesystem::remove(weights);
  EXPECT_FALSE(write(*module));
  EXPECT_NE(errors.find(weights + "': No such file or directory"), std::string::npos) << errors;
  EXPECT_EQ(folder.list(".tmp").size(), 0u);
}

} // namespace
} // namespace pare::test
