// Inputs, outputs and the shapes that the model or the user declares.
#include "Models.h"

namespace pare::test {
namespace {
constexpr char kDynamic[] =
    "g (float[batch, seq, 8] x, int64[batch] k) => (float[batch, seq, 8] y) { y = Softmax (x) }";

TEST_F(ImportTest, KeepsNamesOfDimensions) {
  ASSERT_TRUE(imports(parse(17, kDynamic))) << text();
  expectIR({R"(%arg0: tensor<?x?x8xf32> {pare.dims = ["batch", "seq", ""], pare.name = "x"})",
            R"(%arg1: tensor<?xsi64> {pare.dims = ["batch"], pare.name = "k"})",
            R"(-> (tensor<?x?x8xf32> {pare.dims = ["batch", "seq", ""], pare.name = "y"}))"});
}

TEST_F(ImportTest, GivenShapesReplaceDeclaredOnes) {
  ASSERT_TRUE(imports(parse(17, kDynamic), {{{"x", {2, -1, 8}}}})) << text();
  expectIR({R"(%arg0: tensor<2x?x8xf32> {pare.dims = ["", "seq", ""], pare.name = "x"})", "-> (tensor<2x?x8xf32>"});
}

TEST_F(ImportTest, RefusesShapesThatDoNotFit) {
  onnx::ModelProto model = parse(17, kDynamic);
  EXPECT_FALSE(imports(model, {{{"x", {2, 3}}}}));
  EXPECT_NE(text().find("the shape given for input 'x' does not fit its declared type tensor<?x?x8xf32>"),
            std::string::npos)
      << text();
  EXPECT_FALSE(imports(model, {{{"x", {2, 3, 9}}}}));
  EXPECT_FALSE(imports(model, {{{"z", {2}}}}));
  EXPECT_NE(text().find("a shape is given for input 'z', which the model does not have"), std::string::npos) << text();
}

TEST_F(ImportTest, UnknownDimensionsAreDynamic) {
  onnx::ModelProto model = parse(17, "g (float[2, 3] x) => (float[2, 3] y) { y = Relu (x) }");
  auto *shape = model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->mutable_dim(0)->set_dim_value(-1); // as some exporters write it
  shape->mutable_dim(1)->clear_dim_value();
  ASSERT_TRUE(imports(model)) << text();
  expectIR({"%arg0: tensor<?x?xf32> {pare.name"});
  model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  ASSERT_TRUE(imports(model)) << text();
  expectIR({"%arg0: tensor<*xf32>", "pare.relu", "-> tensor<2x3xf32>"});
}

TEST_F(ImportTest, QuestionMarksNameNothing) {
  onnx::ModelProto model = parse(17, kDynamic);
  auto *shape = model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->mutable_dim(0)->set_dim_param("?");
  shape->mutable_dim(1)->set_dim_param("?");
  ASSERT_TRUE(imports(model)) << text();
  expectIR({R"(%arg0: tensor<?x?x8xf32> {pare.name = "x"})"});
}

TEST_F(ImportTest, DeclaredShapesRefineWhatIsInferred) {
  const char *graph = "g (float[4] x) => (int64[1, 3] y) { y = NonZero (x) }";
  ASSERT_TRUE(imports(parse(17, graph))) << text();
  expectIR({"pare.non_zero", "tensor<1x3xsi64>"});
  // A declaration that contradicts is stale.
  ASSERT_TRUE(imports(parse(17, "g (float[4] x) => (float[5] y) { y = Relu (x) }"))) << text();
  expectIR({"pare.relu", "tensor<4xf32>"});
}

TEST_F(ImportTest, InputsWithADefaultAreConstants) {
  onnx::ModelProto model =
      parse(7, "g (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add (x, w) }");
  ASSERT_EQ(model.graph().input_size(), 2);
  ASSERT_TRUE(imports(model)) << text();
  expectIR({"@main(%arg0: tensor<2xf32>", "pare.constant dense<[1.000000e+00, 2.000000e+00]>", "pare.add %arg0, %0"});
}

TEST_F(ImportTest, OutputsMayBeInputsOrConstantsOrTwice) {
  ASSERT_TRUE(imports(parse(17, "g (float[2] x) => (float[2] x, float[1] c) <float[1] c = {1}> { }"))) << text();
  expectIR({"return %arg0, %0"});
  ASSERT_TRUE(imports(parse(17, "g (float[2] x) => (float[2] y, float[2] y) { y = Relu (x) }"))) << text();
  expectIR({"return %0, %0"});
}

TEST_F(ImportTest, ReadsEveryElementType) {
  const std::pair<const char *, const char *> types[] = {
      {"float", "f32"},   {"double", "f64"},  {"float16", "f16"}, {"bfloat16", "bf16"}, {"bool", "i1"},
      {"int8", "si8"},    {"int16", "si16"},  {"int32", "si32"},  {"int64", "si64"},    {"uint8", "ui8"},
      {"uint16", "ui16"}, {"uint32", "ui32"}, {"uint64", "ui64"}};
  for (auto [name, type] : types) {
    ASSERT_TRUE(imports(parse(17, std::string("g (") + name + "[2] x) => (" + name + "[2] y) { y = Identity (x) }")))
        << text();
    expectIR({std::string("%arg0: tensor<2x") + type + ">"});
  }
  expectRefused(parse(17, "g (string[2] x) => (string[2] y) { y = Identity (x) }"),
                "input 'x' has element type STRING, which is not supported");
  expectRefused(parse(17, "g (seq(float[2]) x) => (seq(float[2]) y) { y = Identity (x) }"),
                "input 'x' is not a tensor");
}

TEST_F(ImportTest, ReadsElementsOfTypedFields) {
  ASSERT_TRUE(imports(parse(17, R"(g (float[2] x) => (float[2] x) <
    int8[2] a = {-1, 2}, uint8[2] b = {255, 2}, int32[2] c = {-3, 4}, uint64[1] d = {5}, double[2] e = {0.5, -1},
    bool[2] f = {0, 1}, int64[0] g = {}> { })")))
      << text();
  expectIR({"dense<[-1, 2]> : tensor<2xsi8>", "dense<[255, 2]> : tensor<2xui8>", "dense<[-3, 4]> : tensor<2xsi32>",
            "dense<5> : tensor<1xui64>", "dense<[5.000000e-01, -1.000000e+00]> : tensor<2xf64>",
            "dense<[false, true]> : tensor<2xi1>", "tensor<0xsi64>"});
}
} // namespace
} // namespace pare::test
