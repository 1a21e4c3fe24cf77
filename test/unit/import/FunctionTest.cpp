// Functions of the model and bodies that the standard gives.
#include "Models.h"

#include "pare/Dialect/Pare.h"
#include "pare/Import/Location.h"

namespace pare::test {
namespace {
constexpr char kOpsets[] = R"("" : 17, "local" : 1)";

TEST_F(ImportTest, FunctionsRefToTheAttributesOfTheirCall) {
  ASSERT_TRUE(imports(parse(kOpsets, R"(g (float[2] x) => (float[2] y, float[2] z) {
    y = local.act <alpha = 0.5> (x)
    z = local.act (x)
  }
  <domain: "local", opset_import: ["" : 17]>
  act <alpha: float = 0.25> (v) => (r) { r = LeakyRelu <alpha: float = @alpha> (v) })")))
      << text();
  expectIR({"alpha = 5.000000e-01", "alpha = 2.500000e-01"});
}

TEST_F(ImportTest, FunctionsHandAttributesOn) {
  ASSERT_TRUE(imports(parse(kOpsets, R"(g (float[2] x) => (float[2] y) { y = local.outer <a = 0.5> (x) }
  <domain: "local", opset_import: ["" : 17, "local" : 1]>
  outer <a> (v) => (r) { r = local.inner <b: float = @a> (v) }
  <domain: "local", opset_import: ["" : 17]>
  inner <b> (v) => (r) { r = Elu <alpha: float = @b> (v) })")))
      << text();
  expectIR({"pare.elu %arg0 {alpha = 5.000000e-01"});
}

TEST_F(ImportTest, FunctionsSeeAbsentInputsAsAbsent) {
  ASSERT_TRUE(imports(parse(kOpsets, R"(g (bool c, float[2] x, float low) => (float[2] y, float[2] z) {
    y = local.act (c, x, low)
    z = local.act (c, x)
  }
  <domain: "local", opset_import: ["" : 17]>
  act (c, v, w) => (r) {
    r = If (c) <then_branch = a () => (float[2] p) { p = Clip (v, w) }, else_branch = b () => (float[2] q) { q = Neg (v) }>
  })")))
      << text();
  expectIR({"pare.clip %arg1 low(%arg2", "pare.clip %arg1 :"});
}

TEST_F(ImportTest, FunctionsSeeNothingOfTheirCaller) {
  expectRefused(parse(kOpsets, R"(g (float[2] x) => (float[2] y) {
    t = Neg (x)
    y = local.act (x)
  }
  <domain: "local", opset_import: ["" : 17]>
  act (v) => (r) { r = Add (v, t) })"),
                "node 'y/r' (Add): input 't' is not defined before it is used");
}

TEST_F(ImportTest, NamesTheCallInLocations) {
  onnx::ModelProto model = parse(kOpsets, R"(g (float[2] x) => (float[2] y) { y = local.act (x) }
  <domain: "local", opset_import: ["" : 17]>
  act (v) => (r) { r = Tanh (v) })");
  model.mutable_graph()->mutable_node(0)->set_name("call");
  model.mutable_functions(0)->mutable_node(0)->set_name("inner");
  ASSERT_TRUE(imports(model)) << text();
  std::string found;
  module->walk([&](TanhOp op) { found = describe(op.getLoc()); });
  EXPECT_EQ(found, "node 'call/inner' (Tanh)");
}

TEST_F(ImportTest, FunctionsHaveOpsetsOfTheirOwn) {
  // Softmax of opset 11 flattens; that of the model's opset does not.
  ASSERT_TRUE(imports(parse(kOpsets, R"(g (float[2, 3, 4] x) => (float[2, 3, 4] y) {
    s = Softmax <axis = 1> (x)
    y = local.old (s)
  }
  <domain: "local", opset_import: ["" : 11]>
  old (v) => (r) { r = Softmax <axis = 1> (v) })")))
      << text();
  expectIR({"pare.softmax %arg0", "pare.flatten", "pare.softmax", "tensor<2x12xf32>"});
}

TEST_F(ImportTest, RefusesFunctionsThatDoNotEnd) {
  expectRefused(parse(kOpsets, R"(g (float[2] x) => (float[2] y) { y = local.f (x) }
  <domain: "local", opset_import: ["local" : 1]>
  f (v) => (r) { r = local.f (v) })"),
                "functions call each other more than 64 deep");
  // Every function calls the next one four times.
  std::string calls = "g (float[2] x) => (float[2] y) { y = local.f0 (x) }\n";
  for (int i = 0; i < 12; ++i) {
    calls += "<domain: \"local\", opset_import: [\"\" : 17, \"local\" : 1]>\nf" + std::to_string(i) + " (a) => (e) {";
    std::string callee = i == 11 ? "Identity" : "local.f" + std::to_string(i + 1);
    for (std::string link : {"b = _ (a) ", "c = _ (b) ", "d = _ (c) ", "e = _ (d) "})
      calls += link.replace(link.find('_'), 1, callee);
    calls += "}\n";
  }
  ImportOptions options;
  options.maxNodes = 1000;
  EXPECT_FALSE(imports(parse(kOpsets, calls), options));
  EXPECT_NE(text().find("the model expands to more than 1000 nodes"), std::string::npos) << text();
}

TEST_F(ImportTest, RefusesMalformedCalls) {
  const std::string function = R"(
  <domain: "local", opset_import: ["" : 17]>
  act (v) => (r) { r = Tanh (v) })";
  expectRefused(parse(kOpsets, "g (float[2] x) => (float[2] y) { y = local.act (x, x) }" + function),
                "node 'y' (act): it has more inputs than its function");
  expectRefused(parse(kOpsets, "g (float[2] x) => (float[2] y) { y, z = local.act (x) }" + function),
                "node 'y' (act): output 1 ('z') is not defined for this op");
  expectRefused(parse(kOpsets, "g (float[2] x) => (float[2] y) { y = local.act () }" + function),
                "node 'y/r' (Tanh): input 0 is missing");
  expectRefused(parse(kOpsets, "g (float[2] x) => (float[2] y) { y = local.act (x) }" + function + function),
                "function 'act' is defined twice");
  expectRefused(parse(kOpsets, R"(g (float[2] x) => (float[2] y) { y = local.act (x) }
  <domain: "local", opset_import: ["" : 17]>
  act (v) => (r) { s = Tanh (v) })"),
                "node 'y' (act): its function does not compute output 'r'");
  expectRefused(parse(kOpsets, "g (float[2] x) => (float[2] y) { y = other.act (x) }" + function),
                "node 'y' (act) of domain 'other': the model imports no opset of this domain and has no function");
}

TEST_F(ImportTest, ExpandsOpsThatTheStandardDefines) {
  ASSERT_TRUE(imports(parse(17, "g (float[2, 3] x) => (float[2, 3] y) { y = Celu <alpha = 2.0> (x) }"))) << text();
  expectIR({"dense<2.000000e+00>", "pare.div %arg0", "pare.elu", "pare.mul"});
  module->walk([&](EluOp op) { EXPECT_EQ(describe(op.getLoc()), "node 'y' (Celu)"); });
  // A default of the schema.
  ASSERT_TRUE(imports(parse(17, "g (float[2, 3] x) => (float[2, 3] y) { y = Celu (x) }"))) << text();
  expectIR({"dense<1.000000e+00>", "pare.div %arg0"});
  // A body that depends on the types of the inputs, of an op that later opsets take back.
  ASSERT_TRUE(imports(parse(18, R"(g (float[2, 4, 6] x, float[2] s, float[2] b) => (float[2, 4, 6] y) {
    y = GroupNormalization <num_groups = 2> (x, s, b)
  })")))
      << text();
  expectIR({"pare.reshape", "return"});
}

TEST_F(ImportTest, NamesWhatTheStandardBodyLacks) {
  expectRefused(parse(17, "g (float[2] x) => (float[2] y) { y = Bernoulli (x) }"),
                "node 'y' (Bernoulli), its RandomUniformLike: the op is not supported yet");
}

TEST_F(ImportTest, RefusesNodesThatTheStandardDoesNotAllow) {
  expectRefused(parse(17, "g (float[2] x) => (float[2] y) { y = Celu (x, x) }"), "node 'y' (Celu): ");
  expectRefused(parse(21, R"(g (float[2, 4] x, float[4] s, float[4] b) => (float[2, 4] y) {
    y = GroupNormalization (x, s, b)
  })"),
                "node 'y' (GroupNormalization): Required attribute 'num_groups' is missing");
}
} // namespace
} // namespace pare::test
