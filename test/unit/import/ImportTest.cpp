// Whole imports: what is refused and how it is said.
#include "Models.h"

#include "pare/Dialect/Pare.h"
#include "pare/Import/Location.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace pare::test {
namespace {
TEST_F(ImportTest, ImportsAnEmptyGraph) { EXPECT_TRUE(imports(makeModel())) << text(); }

TEST_F(ImportTest, NamesTheNodeInLocations) {
  ASSERT_TRUE(imports(makeAdd())) << text();
  std::string found;
  module->walk([&](AddOp op) { found = describe(op.getLoc()); });
  EXPECT_EQ(found, "node 'sum' (Add)");
}

TEST_F(ImportTest, ListsAllUnsupportedNodesInOneError) {
  onnx::ModelProto model = makeAdd();
  addNode(model, "NoSuchOp", {"y"}, {"a"}, "first");
  addNode(model, "Add", {"a", "x"}, {"b"}, "fine");
  addNode(model, "OtherOp", {"b"}, {"c"}, "second")->set_domain("custom");
  setType(model.mutable_graph()->add_output(), "c", {256, 4});
  EXPECT_FALSE(imports(model));
  ASSERT_EQ(errors.size(), 1u) << text();
  EXPECT_NE(errors[0].find("2 nodes are not supported"), std::string::npos) << text();
  EXPECT_NE(errors[0].find("node 'first' (NoSuchOp)"), std::string::npos) << text();
  EXPECT_NE(errors[0].find("node 'second' (OtherOp) of domain 'custom'"), std::string::npos) << text();
}

TEST_F(ImportTest, RefusesWhatIsMalformed) {
  onnx::ModelProto unordered = makeModel();
  addNode(unordered, "Relu", {"b"}, {"a"}, "n");
  EXPECT_FALSE(imports(unordered));
  EXPECT_NE(text().find("node 'n' (Relu): input 'b' is not defined"), std::string::npos) << text();

  onnx::ModelProto twice = makeAdd();
  addNode(twice, "Add", {"x", "w"}, {"y"}, "again");
  EXPECT_FALSE(imports(twice));

  onnx::ModelProto shape = makeAdd();
  shape.mutable_graph()->mutable_initializer(0)->set_dims(0, 255);
  EXPECT_FALSE(imports(shape));

  onnx::ModelProto negative = makeAdd();
  negative.mutable_graph()->mutable_initializer(0)->set_dims(0, -256);
  EXPECT_FALSE(imports(negative));

  onnx::ModelProto huge = makeAdd();
  huge.mutable_graph()->mutable_initializer(0)->set_dims(0, int64_t(1) << 62);
  EXPECT_FALSE(imports(huge));

  onnx::ModelProto attribute = makeModel();
  setType(attribute.mutable_graph()->add_input(), "x", {2, 3});
  onnx::AttributeProto *axis = addNode(attribute, "Flatten", {"x"}, {"y"}, "flat")->add_attribute();
  axis->set_name("axis");
  axis->set_type(onnx::AttributeProto::FLOAT);
  EXPECT_FALSE(imports(attribute));
  EXPECT_NE(text().find("attribute 'axis' has type FLOAT"), std::string::npos) << text();
}

TEST_F(ImportTest, RefusesEveryTruncation) {
  std::string bytes = makeAdd().SerializeAsString();
  for (size_t length = 0; length < bytes.size(); length += length < 64 || length > bytes.size() - 200 ? 1 : 97)
    imports(bytes.substr(0, length)); // the fixture checks: null if and only if an error was reported
  EXPECT_FALSE(imports(bytes.substr(0, bytes.size() / 2)));
}

TEST_F(ImportTest, SurvivesFlippedBytes) {
  std::string bytes = makeAdd().SerializeAsString();
  for (size_t at = 0; at < bytes.size(); at += at < 64 || at + 200 > bytes.size() ? 1 : 513)
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[at] = char(changed[at] ^ (1 << bit));
      imports(changed);
    }
}

TEST_F(ImportTest, NamesTheNodeWhoseOpRefusesItsOperands) {
  // The handlers of these take more steps after one that fails.
  for (const char *op : {"ThresholdedRelu", "Softsign", "LpNormalization", "PRelu", "Selu", "Mean"}) {
    std::string operands = op == std::string("PRelu") ? " (x, x)" : " (x)";
    expectRefused(parse(17, std::string("g (bool[2] x) => (bool[2] y) { y = ") + op + operands + " }"),
                  std::string("node 'y' (") + op + "): ");
  }
  expectRefused(parse(17, "g (float[2] x, float[3] z) => (float[2] y) { y = Mean (x, z, x) }"),
                "node 'y' (Mean): sizes 2 and 3 of axis 0 do not broadcast");
}

TEST_F(ImportTest, ReadsSharedShapeArithmeticOnce) {
  // Read over every path, this takes 2^40 steps.
  std::string text = "g (float[8] x, int64[1] s) => (float[N] y) {\n";
  for (int i = 0; i < 40; ++i)
    text += "s" + std::to_string(i) + " = Add (" + (i == 0 ? "s, s" : "s_, s_") + ")\n";
  for (int i = 1; i < 40; ++i)
    for (int k = 0; k < 2; ++k)
      text.replace(text.find("s_"), 2, "s" + std::to_string(i - 1));
  ASSERT_TRUE(imports(parse(17, text + "y = Expand (x, s39) }"))) << this->text();
  expectIR({"pare.expand"});
}

TEST_F(ImportTest, ReadsExternalDataOfTheFolderOnly) {
  llvm::SmallString<128> folder;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("pare-import", folder));
  auto write = [&](llvm::StringRef name, const std::string &content) {
    llvm::SmallString<128> path = folder;
    llvm::sys::path::append(path, name);
    std::error_code code;
    llvm::raw_fd_ostream(path, code) << content;
    return std::string(path);
  };
  write("weights.bin", std::string(8192, '\2'));
  auto import = [&](const std::string &location, const std::string &offset) {
    onnx::ModelProto model = makeAdd();
    onnx::TensorProto *w = model.mutable_graph()->mutable_initializer(0);
    w->clear_raw_data();
    w->set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto &[key, value] : {std::pair("location", location), std::pair("offset", offset)}) {
      onnx::StringStringEntryProto *entry = w->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    errors.clear();
    module = importONNX(context, write("m" + std::to_string(count++) + ".onnx", model.SerializeAsString()));
    return bool(module);
  };
  ASSERT_TRUE(import("weights.bin", "4096")) << text();
  bool isExternal = false;
  module->walk([&](ConstantOp op) { isExternal |= mlir::isa<ExternalAttr>(op.getValue()); });
  EXPECT_TRUE(isExternal);
  EXPECT_FALSE(import("weights.bin", "4097"));
  EXPECT_FALSE(import("weights.bin", "none"));
  EXPECT_FALSE(import("missing.bin", "0"));
  EXPECT_FALSE(import("../weights.bin", "0"));
  EXPECT_NE(text().find("does not stay in the model's folder"), std::string::npos) << text();
  EXPECT_FALSE(import("/etc/hostname", "0"));
  EXPECT_FALSE(llvm::sys::fs::remove_directories(folder));
}
} // namespace
} // namespace pare::test
