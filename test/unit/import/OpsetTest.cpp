// What an operator said in older opsets, and says in newer ones, is the same IR.
#include "Models.h"

#include "pare/Dialect/Pare.h"

namespace pare::test {
namespace {
struct Pair {
  const char *name;
  int oldOpset;
  const char *oldGraph; ///< signature and nodes
  int newOpset;
  const char *newGraph;
};
void PrintTo(const Pair &pair, std::ostream *stream) { *stream << pair.name; }

class Opsets : public ImportTest, public ::testing::WithParamInterface<Pair> {};

TEST_P(Opsets, GiveTheSameIR) {
  const Pair &pair = GetParam();
  // What was an attribute and became an input stays behind as a constant without use.
  auto get = [&](int opset, const char *graph) {
    EXPECT_TRUE(imports(parse(opset, graph))) << text();
    if (module)
      module->walk([](ConstantOp op) {
        if (op.use_empty())
          op.erase();
      });
    return ir();
  };
  EXPECT_EQ(get(pair.oldOpset, pair.oldGraph), get(pair.newOpset, pair.newGraph));
}

const Pair kPairs[] = {
    {"Slice", 7,
     "g (float[2, 6, 4] x) => (float[1, 6, 2] y) { y = Slice <starts = [0, -2], ends = [1, 9], axes = [0, 2]> (x) }",
     13, R"(g (float[2, 6, 4] x) => (float[1, 6, 2] y) {
       s = Constant <value_ints = [0, -2]> ()
       e = Constant <value_ints = [1, 9]> ()
       a = Constant <value_ints = [0, 2]> ()
       y = Slice (x, s, e, a)
     })"},
    {"Clip", 7, "g (float[4] x) => (float[4] y) { y = Clip <min = -1.0, max = 6.0> (x) }", 13,
     R"(g (float[4] x) => (float[4] y) {
       a = Constant <value_float = -1.0> ()
       b = Constant <value_float = 6.0> ()
       y = Clip (x, a, b)
     })"},
    {"Pad", 7, R"(g (float[2, 3] x) => (float[3, 5] y) { y = Pad <pads = [1, 0, 0, 2], value = 2.0> (x) })", 21,
     R"(g (float[2, 3] x) => (float[3, 5] y) {
       p = Constant <value_ints = [1, 0, 0, 2]> ()
       v = Constant <value_float = 2.0> ()
       y = Pad (x, p, v)
     })"},
    {"TopK", 9, "g (float[2, 6] x) => (float[2, 3] y, int64[2, 3] i) { y, i = TopK <k = 3> (x) }", 11,
     R"(g (float[2, 6] x) => (float[2, 3] y, int64[2, 3] i) {
       k = Constant <value_ints = [3]> ()
       y, i = TopK (x, k)
     })"},
    {"Split", 11, "g (float[6] x) => (float[2] a, float[4] b) { a, b = Split <split = [2, 4]> (x) }", 18,
     R"(g (float[6] x) => (float[2] a, float[4] b) {
       s = Constant <value_ints = [2, 4]> ()
       a, b = Split (x, s)
     })"},
    {"SplitEvenly", 7, "g (float[6] x) => (float[3] a, float[3] b) { a, b = Split (x) }", 18,
     "g (float[6] x) => (float[3] a, float[3] b) { a, b = Split <num_outputs = 2> (x) }"},
    {"Squeeze", 7, "g (float[1, 3, 1] x) => (float[1, 3] y) { y = Squeeze <axes = [2]> (x) }", 13,
     "g (float[1, 3, 1] x) => (float[1, 3] y) <int64[1] a = {-1}> { y = Squeeze (x, a) }"},
    {"Unsqueeze", 7, "g (float[3] x) => (float[3, 1] y) { y = Unsqueeze <axes = [1]> (x) }", 13,
     "g (float[3] x) => (float[3, 1] y) <int64[1] a = {-1}> { y = Unsqueeze (x, a) }"},
    {"ReduceSum", 7, "g (float[2, 3] x) => (float[2, 1] y) { y = ReduceSum <axes = [1]> (x) }", 13,
     "g (float[2, 3] x) => (float[2, 1] y) <int64[1] a = {-1}> { y = ReduceSum (x, a) }"},
    {"ReduceMean", 7, "g (float[2, 3] x) => (float[2, 1] y) { y = ReduceMean <axes = [1]> (x) }", 18,
     "g (float[2, 3] x) => (float[2, 1] y) <int64[1] a = {-1}> { y = ReduceMean (x, a) }"},
    {"ReduceL2", 7, "g (float[2, 3] x) => (float[3] y) { y = ReduceL2 <axes = [0], keepdims = 0> (x) }", 18,
     "g (float[2, 3] x) => (float[3] y) <int64[1] a = {0}> { y = ReduceL2 <keepdims = 0> (x, a) }"},
    {"ReduceNothing", 18, "g (float[2, 3] x) => (float[2, 3] y) { y = ReduceMean <noop_with_empty_axes = 1> (x) }", 18,
     "g (float[2, 3] x) => (float[2, 3] y) { y = Identity (x) }"},
    {"SqueezeNegative", 11, "g (float[1, 3, 1] x) => (float[1, 3] y) { y = Squeeze <axes = [2]> (x) }", 11,
     "g (float[1, 3, 1] x) => (float[1, 3] y) { y = Squeeze <axes = [-1]> (x) }"},
    {"ReduceSumAll", 7, "g (float[2, 3] x) => (float y) { y = ReduceSum <keepdims = 0> (x) }", 13,
     "g (float[2, 3] x) => (float y) { y = ReduceSum <keepdims = 0> (x) }"},
    {"SoftmaxLast", 7, "g (float[2, 3] x) => (float[2, 3] y) { y = Softmax (x) }", 13,
     "g (float[2, 3] x) => (float[2, 3] y) { y = Softmax (x) }"},
    {"Dropout", 7, "g (float[2] x) => (float[2] y) { y = Dropout <ratio = 0.3> (x) }", 13,
     R"(g (float[2] x) => (float[2] y) {
       y = Dropout (x)
     })"},
    {"Gemm", 7, "g (float[2, 3] a, float[3, 4] b, float[4] c) => (float[2, 4] y) { y = Gemm (a, b, c) }", 13,
     "g (float[2, 3] a, float[3, 4] b, float[4] c) => (float[2, 4] y) { y = Gemm (a, b, c) }"},
    {"BatchNormalization", 7,
     R"(g (float[2, 3] x, float[3] s, float[3] b, float[3] m, float[3] v) => (float[2, 3] y) {
       y = BatchNormalization (x, s, b, m, v)
     })",
     15, R"(g (float[2, 3] x, float[3] s, float[3] b, float[3] m, float[3] v) => (float[2, 3] y) {
       y = BatchNormalization (x, s, b, m, v)
     })"},
    {"Domain", 17, "g (float[2] x) => (float[2] y) { y = Relu (x) }", 17,
     R"(g (float[2] x) => (float[2] y) { y = ai.onnx.Relu (x) })"},
    {"MaxPool", 7, "g (float[1, 1, 4] x) => (float[1, 1, 3] y) { y = MaxPool <kernel_shape = [2]> (x) }", 12,
     "g (float[1, 1, 4] x) => (float[1, 1, 3] y) { y = MaxPool <kernel_shape = [2], dilations = [1]> (x) }"},
    {"SameUpper", 7,
     "g (float[1, 1, 5] x) => (float[1, 1, 3] y) { y = MaxPool <kernel_shape = [2], strides = [2], auto_pad = "
     "\"SAME_UPPER\"> (x) }",
     12,
     "g (float[1, 1, 5] x) => (float[1, 1, 3] y) { y = MaxPool <kernel_shape = [2], strides = [2], pads = [0, 1]> (x) "
     "}"},
};
INSTANTIATE_TEST_SUITE_P(Import, Opsets, ::testing::ValuesIn(kPairs), [](const auto &info) { return info.param.name; });

TEST_F(ImportTest, SoftmaxFlattenedBeforeOpset13) {
  const char *graph = "g (float[2, 3, 4] x) => (float[2, 3, 4] y) { y = Softmax <axis = 1> (x) }";
  ASSERT_TRUE(imports(parse(12, graph))) << text();
  expectIR({"pare.flatten %arg0 {axis = 1", "pare.softmax", "tensor<2x12xf32>", "pare.reshape"});
  ASSERT_TRUE(imports(parse(13, graph))) << text();
  expectIR({"pare.softmax %arg0 {axis = 1 : i64}"});
}

TEST_F(ImportTest, ResponseNormalisationIsAPoolOverChannels) {
  ASSERT_TRUE(imports(parse(13, "g (float[2, 5, 3, 3] x) => (float[2, 5, 3, 3] y) { y = LRN <size = 4> (x) }")))
      << text();
  expectIR({"pare.average_pool", "count_include_pad", "kernel = array<i64: 4, 1, 1>",
            "pads = array<i64: 1, 0, 0, 2, 0, 0>", "pare.pow", "pare.div"});
  expectRefused(parse(13, "g (float[2, 5, 3] x) => (float[2, 5, 3] y) { y = LRN <size = 0> (x) }"),
                "node 'y' (LRN): size is 0, expected at least 1");
}

TEST_F(ImportTest, RefusesWhatItsOpsetDoesNotHave) {
  expectRefused(parse(6, "g (float[2] x) => (float[2] y) { y = Relu (x) }"),
                "the model is of opset 6; opsets before 7 are not supported");
  expectRefused(parse(7, "g (float[2] x) => (float[2] y) { y = Celu (x) }"), "opset 7 of the domain has no such op");
  expectRefused(parse("\"custom\" : 1", "g (float[2] x) => (float[2] y) { y = Relu (x) }"),
                "node 'y' (Relu): the model does not say which opset it is of");
  expectRefused(parse("\"\" : 0", "g (float[2] x) => (float[2] y) { y = Relu (x) }"),
                "opset version 0 of domain '' is out of range");
}
} // namespace
} // namespace pare::test
