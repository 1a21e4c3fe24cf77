// Bounds on rounding: per op, and what they add up to over a function.
#include "pare/Reference/Rounding.h"
#include "ReferenceTest.h"

using namespace pare::reference;

namespace {
class Rounding : public ReferenceTest {
protected:
  /// The allowance of the only result of a function for these inputs.
  Allowance allow(mlir::func::FuncOp function, const Tensors &inputs, Tensor &want) {
    auto results = evaluateFunction(function, inputs);
    EXPECT_TRUE(static_cast<bool>(results));
    want = results->front();
    auto allowances = measureAllowance(function, inputs, *results);
    EXPECT_TRUE(static_cast<bool>(allowances));
    return allowances->front();
  }
};

constexpr double kUlp = 0x1p-23; // of 1 in f32

TEST_F(Rounding, ExactOpsAllowNothing) {
  auto move = function(R"(func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
    %y = pare.relu %x : (tensor<?xf32>) -> tensor<?xf32>
    return %y : tensor<?xf32> })");
  Tensor want;
  EXPECT_EQ(allow(move, {f32({3}, {-1, 2, 3})}, want).deviation, std::vector<double>(3, 0));
}

TEST_F(Rounding, OneOpAllowsAFewTimesItsBound) {
  auto exp = function(R"(func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
    %y = pare.exp %x : (tensor<?xf32>) -> tensor<?xf32>
    return %y : tensor<?xf32> })");
  Tensor want;
  Allowance allowance = allow(exp, {f32({2}, {0, 3})}, want);
  for (int i = 0; i < 2; ++i) {
    EXPECT_GE(allowance.deviation[i], 4 * kUlp * want.getDouble(i));
    EXPECT_LE(allowance.deviation[i], 24 * kUlp * want.getDouble(i));
  }
}

TEST_F(Rounding, ContractionsAreBoundedByTheirTermsAndNotByTheirSum) {
  auto dot = function(R"(func.func @f(%a: tensor<1x2xf32>, %b: tensor<2x1xf32>) -> tensor<1x1xf32> {
    %y = pare.matmul %a, %b : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
    return %y : tensor<1x1xf32> })");
  Tensor want;
  Allowance allowance = allow(dot, {f32({1, 2}, {1000, 1000}), f32({2, 1}, {1, -1})}, want);
  EXPECT_EQ(want.getDouble(0), 0);
  EXPECT_GE(allowance.deviation[0], 2000 * kUlp);
}

TEST_F(Rounding, CancellationAmplifiesWhatCameBefore) {
  auto cancel = function(R"(func.func @f(%x: tensor<1xf32>, %y: tensor<1xf32>) -> tensor<1xf32> {
    %e = pare.exp %x : (tensor<1xf32>) -> tensor<1xf32>
    %d = pare.sub %e, %y : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    return %d : tensor<1xf32> })");
  Tensor want;
  Allowance allowance = allow(cancel, {f32({1}, {8}), f32({1}, {2980.9580})}, want);
  EXPECT_LT(std::fabs(want.getDouble(0)), 0.01);
  EXPECT_GE(allowance.deviation[0], 2 * kUlp * 2048);
}

TEST_F(Rounding, DecisionsThatRoundingMakesAreFreeAndOthersAreNot) {
  auto decide = function(R"(func.func @f(%x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xi1> {
    %e = pare.exp %x : (tensor<2xf32>) -> tensor<2xf32>
    %c = pare.compare %e, %y {kind = #pare.compare_kind<lt>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    return %c : tensor<2xi1> })");
  Tensor want;
  Allowance allowance = allow(decide, {f32({2}, {1, 1}), f32({2}, {std::exp(1.0f), 3})}, want);
  EXPECT_EQ(allowance.deviation[0], 1);
  EXPECT_EQ(allowance.deviation[1], 0);
}

TEST_F(Rounding, ComparesWithinTheAllowance) {
  Allowance allowance{{0.5, 0.5}};
  EXPECT_TRUE(measureDeviation(f32({2}, {1.5, kNan}), f32({2}, {1, kNan}), allowance).ok);
  Deviation deviation = measureDeviation(f32({2}, {1.5, 2}), f32({2}, {1, 1}), allowance);
  EXPECT_FALSE(deviation.ok);
  EXPECT_EQ(deviation.firstBad, 1);
  EXPECT_EQ(deviation.numBad, 1);
  EXPECT_EQ(deviation.maxAbs, 1);
  EXPECT_FALSE(measureDeviation(f32({1}, {kInf}), f32({1}, {1}), Allowance{{1e30}}).ok);
  EXPECT_FALSE(measureDeviation(f32({1}, {kNan}), f32({1}, {1}), Allowance{{1e30}}).ok);
  EXPECT_FALSE(measureDeviation(f32({2}, {1, 1}), f32({1}, {1}), allowance).mismatch.empty());
}
} // namespace
