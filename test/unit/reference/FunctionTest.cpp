// Entry points: control flow, checks of inputs, random inputs, comparison.
#include "ReferenceTest.h"
#include "mlir/IR/Diagnostics.h"

using namespace pare::reference;
namespace {
class Function : public ReferenceTest {
protected:
  Tensors run(const std::string &text, std::vector<Tensor> inputs) {
    auto results = evaluateFunction(function(text), inputs);
    if (!results) {
      ADD_FAILURE() << llvm::toString(results.takeError());
      return {};
    }
    return *results;
  }
  std::string fail(const std::string &text, std::vector<Tensor> inputs) {
    auto results = evaluateFunction(function(text), inputs);
    return results ? "no error" : llvm::toString(results.takeError());
  }
};

constexpr const char *kIf = R"(
func.func @f(%c: tensor<i1>, %x: tensor<2xf32>) -> tensor<?xf32> {
  %two = pare.constant dense<2.0> : tensor<f32>
  %y = pare.if %c : tensor<i1> -> tensor<?xf32> {
    %d = pare.mul %x, %two : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
    pare.yield %d : tensor<2xf32>
  } else {
    pare.yield %x : tensor<2xf32>
  }
  return %y : tensor<?xf32>
})";

constexpr const char *kLoop = R"(
func.func @f(%n: tensor<si64>, %go: tensor<i1>, %x: tensor<2xf32>, %step: tensor<f32>) -> (tensor<2xf32>, tensor<?x2xf32>) {
  %limit = pare.constant dense<3> : tensor<si64>
  %last, %all = pare.loop trip_count(%n : tensor<si64>) while(%go : tensor<i1>) init(%x : tensor<2xf32>) -> (tensor<2xf32>, tensor<?x2xf32>) {
  ^bb0(%i: tensor<si64>, %c: tensor<i1>, %v: tensor<2xf32>):
    %w = pare.add %v, %step : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
    %more = pare.compare %i, %limit {kind = #pare.compare_kind<lt>} : (tensor<si64>, tensor<si64>) -> tensor<i1>
    pare.yield %more, %w, %w : tensor<i1>, tensor<2xf32>, tensor<2xf32>
  }
  return %last, %all : tensor<2xf32>, tensor<?x2xf32>
})";
} // namespace

TEST_F(Function, If) {
  expect(run(kIf, {make("i1", {}, {1}), f32({2}, {1, 2})})[0], {2}, {2, 4});
  expect(run(kIf, {make("i1", {}, {0}), f32({2}, {1, 2})})[0], {2}, {1, 2});
}

TEST_F(Function, Loop) {
  auto loop = [&](double n, double go) {
    return run(kLoop, {si64({}, {n}), make("i1", {}, {go}), f32({2}, {1, 2}), f32({}, {1})});
  };
  expect(loop(2, 1)[0], {2}, {3, 4});
  expect(loop(2, 1)[1], {2, 2}, {2, 3, 3, 4});
  expect(loop(0, 1)[1], {0, 2}, {});
  expect(loop(9, 0)[0], {2}, {1, 2});
  expect(loop(9, 1)[1], {4, 2}, {2, 3, 3, 4, 4, 5, 5, 6}); // stopped by the condition after the fourth
}

TEST_F(Function, ChecksInputs) {
  std::string text = R"(
func.func @f(%a: tensor<?xf32> {pare.dims = ["n"]}, %b: tensor<?xf32> {pare.dims = ["n"]}) -> tensor<?xf32> {
  %y = pare.add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
})";
  expect(run(text, {f32({2}, {1, 2}), f32({2}, {1, 2})})[0], {2}, {2, 4});
  EXPECT_NE(fail(text, {f32({2}, {1, 2}), f32({1}, {1})}).find("input 1: dimension 0 (n) is 1, elsewhere 2"),
            std::string::npos);
  EXPECT_NE(fail(text, {f32({2}, {1, 2})}).find("expected 2 arguments, got 1"), std::string::npos);
  EXPECT_NE(fail(text, {f32({2}, {1, 2}), si64({1, 2})}).find("argument 1: expected"), std::string::npos);
}

TEST_F(Function, ReportsAtTheOp) {
  std::string text = R"(
func.func @f(%a: tensor<3xf32>, %i: tensor<1xsi64>) -> tensor<1xf32> {
  %y = pare.gather %a, %i {axis = 0 : i64} : (tensor<3xf32>, tensor<1xsi64>) -> tensor<1xf32> loc("node7")
  return %y : tensor<1xf32>
})";
  std::string seen;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    llvm::raw_string_ostream(seen) << diagnostic.getLocation() << " " << diagnostic.str();
    return mlir::success();
  });
  auto results = evaluateFunction(function(text), {f32({3}, {1, 2, 3}), si64({7})});
  ASSERT_FALSE(results);
  EXPECT_TRUE(mlir::failed(report(results.takeError())));
  EXPECT_NE(seen.find("node7"), std::string::npos) << seen;
  EXPECT_NE(seen.find("pare.gather: index 7 of an axis of size 3"), std::string::npos) << seen;
}

TEST_F(Function, ResultTypesAreChecked) {
  std::string text = R"(
func.func @f(%a: tensor<?xf32>) -> tensor<4xf32> {
  %y = pare.abs %a : (tensor<?xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
})";
  EXPECT_NE(fail(text, {f32({2}, {1, 2})}).find("result 0: expected"), std::string::npos);
}

TEST_F(Function, RandomInputs) {
  auto parsed = function(R"(
func.func @f(%ids: tensor<?x?xsi64> {pare.name = "input_ids", pare.dims = ["batch", "length"]},
             %mask: tensor<?x?xsi64> {pare.name = "attention_mask", pare.dims = ["batch", "length"]},
             %x: tensor<?x3xf32> {pare.dims = ["batch", ""]}) {
  return
})");
  RandomOptions options;
  options.dims["batch"] = 50;
  options.dims["length"] = 1;
  options.maxInt = 9;
  auto inputs = makeRandomInputs(parsed, options);
  ASSERT_TRUE(static_cast<bool>(inputs));
  EXPECT_EQ((*inputs)[0].getShape().vec(), Shape({50, 1}));
  EXPECT_EQ((*inputs)[2].getShape().vec(), Shape({50, 3}));
  auto ids = (*inputs)[0].toInts(), mask = (*inputs)[1].toInts();
  EXPECT_EQ(*std::max_element(ids.begin(), ids.end()), 9);
  EXPECT_EQ(*std::max_element(mask.begin(), mask.end()), 1);
  EXPECT_EQ(*std::min_element(mask.begin(), mask.end()), 0);
  auto again = makeRandomInputs(parsed, options);
  ASSERT_TRUE(static_cast<bool>(again));
  EXPECT_TRUE(compare((*again)[2], (*inputs)[2]).ok);
  options.seed = 1;
  auto other = makeRandomInputs(parsed, options);
  ASSERT_TRUE(static_cast<bool>(other));
  EXPECT_FALSE(compare((*other)[2], (*inputs)[2]).ok);
}

TEST_F(Function, Compares) {
  Comparison result = compare(f32({3}, {1, 2.5, kNan}), f32({3}, {1, 2, kNan}));
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.firstBad, 1);
  EXPECT_EQ(result.numBad, 1);
  EXPECT_EQ(result.maxAbs, 0.5);
  EXPECT_EQ(result.maxRel, 0.25);
  EXPECT_TRUE(compare(f32({1}, {2.5}), f32({1}, {2}), {0.5, 0}).ok);
  EXPECT_TRUE(compare(f32({1}, {2.5}), f32({1}, {2}), {0, 0.25}).ok);
  EXPECT_FALSE(compare(f32({1}, {kInf}), f32({1}, {2}), {1e9, 1e9}).ok);
  EXPECT_TRUE(compare(f32({1}, {kInf}), f32({1}, {kInf})).ok);
  EXPECT_FALSE(compare(f32({1}, {kNan}), f32({1}, {2}), {1e9, 1e9}).ok);
  EXPECT_FALSE(compare(si64({1}), si64({2}), {9, 9}).ok);
  EXPECT_NE(compare(f32({1}, {1}), f32({1, 1}, {1})).mismatch, "");
}
