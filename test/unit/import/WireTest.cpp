// The walk over the wire format.
#include "Wire.h"
#include "Models.h"

namespace pare::test {
namespace {
using onnx_import::stripModel;

TEST(Wire, KeepsAModelWithoutLargeTensors) {
  onnx::ModelProto model = makeModel();
  addNode(model, "Relu", {"x"}, {"y"});
  std::string bytes = model.SerializeAsString();
  auto stripped = stripModel(bytes);
  ASSERT_TRUE(bool(stripped));
  EXPECT_EQ(*stripped, bytes);
}

TEST(Wire, ReplacesLargeDataByItsPlace) {
  std::string bytes = makeAdd().SerializeAsString();
  auto stripped = stripModel(bytes);
  ASSERT_TRUE(bool(stripped));
  EXPECT_LT(stripped->size(), 300u);
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(*stripped));
  const onnx::TensorProto &w = model.graph().initializer(0);
  ASSERT_TRUE(w.has_segment());
  EXPECT_FALSE(w.has_raw_data());
  EXPECT_EQ(w.segment().end() - w.segment().begin(), 4096);
  EXPECT_EQ(bytes.substr(size_t(w.segment().begin()), 4096), std::string(4096, '\1'));
}

TEST(Wire, DropsSegmentsOfTheFile) {
  onnx::ModelProto model = makeModel();
  onnx::TensorProto *w = model.mutable_graph()->add_initializer();
  w->mutable_segment()->set_begin(1 << 30);
  w->mutable_segment()->set_end(1 << 31);
  auto stripped = stripModel(model.SerializeAsString());
  ASSERT_TRUE(bool(stripped));
  onnx::ModelProto parsed;
  ASSERT_TRUE(parsed.ParseFromString(*stripped));
  EXPECT_FALSE(parsed.graph().initializer(0).has_segment());
}

TEST(Wire, ReachesTensorsInSubgraphsAndFunctions) {
  onnx::ModelProto model = makeModel();
  onnx::AttributeProto *branch = addNode(model, "If", {"c"}, {"y"})->add_attribute();
  branch->mutable_g()->add_initializer()->set_raw_data(std::string(5000, 'a'));
  model.add_functions()->add_node()->add_attribute()->mutable_t()->set_raw_data(std::string(5000, 'b'));
  auto stripped = stripModel(model.SerializeAsString());
  ASSERT_TRUE(bool(stripped));
  EXPECT_LT(stripped->size(), 300u);
}

TEST(Wire, RefusesDeepNesting) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) { // graph > node > attribute > graph ...
    std::string length;
    for (size_t n = bytes.size();; n >>= 7) {
      length.push_back(char(n >= 0x80 ? (n & 0x7f) | 0x80 : n));
      if (n < 0x80)
        break;
    }
    static const char tags[] = {char(6 << 3 | 2), char(5 << 3 | 2), char(1 << 3 | 2)};
    bytes = std::string(1, tags[i % 3]) + length + bytes;
  }
  std::string length;
  for (size_t n = bytes.size();; n >>= 7) {
    length.push_back(char(n >= 0x80 ? (n & 0x7f) | 0x80 : n));
    if (n < 0x80)
      break;
  }
  // The outermost of the 200 levels is an attribute's or a graph's; both stop at the bound or as an unknown field.
  auto stripped = stripModel(std::string(1, char(7 << 3 | 2)) + length + bytes);
  if (!stripped)
    EXPECT_NE(llvm::toString(stripped.takeError()).find("nested"), std::string::npos);
}
} // namespace
} // namespace pare::test
