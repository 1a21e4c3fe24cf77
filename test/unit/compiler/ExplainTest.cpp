// Work counted for sizes: what follows from data, branches, loops, and lengths that are drawn.
#include "pare/Compiler/Explain.h"
#include "Explain/Inputs.h"
#include "Helpers.h"

#include <numeric>

namespace pare::test {
namespace {

class Explain : public ::testing::Test {
protected:
  /// Of IR in phase `pare`, so that it is counted as it stands.
  explain::Report reportOf(const std::string &ir, explain::Options options = {}) {
    std::string path = folder.file("m.mlir");
    writeFile(path, ir);
    options.compile.startFrom = Phase::Pare;
    explain::Report report;
    CompileResult result = explain::explain(path, options, report);
    EXPECT_TRUE(result.ok) << result.text();
    return report;
  }

  TemporaryFolder folder;
};

/// y = relu(x @ w) on the rows that `mask` keeps, of 4 columns each.
const char *kPacked = R"(
func.func @main(%x: tensor<?x?x4xf32> {pare.name = "x", pare.dims = ["b", "s", ""]},
                %m: tensor<?x?xi1> {pare.name = "mask", pare.dims = ["b", "s"]},
                %w: tensor<4x4xf32> {pare.name = "w"}) -> tensor<?x4xf32> {
  %rows, %offsets = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %p = pare.rows_gather %x, %rows {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x4xf32>, tensor<?xsi64>) -> tensor<?x4xf32>
  %h = pare.matmul %p, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %y = pare.relu %h : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
})";

TEST_F(Explain, CountsRowsThatTheMaskKeeps) {
  for (const std::vector<int64_t> &lengths : {std::vector<int64_t>{3, 1, 5}, {0, 0}, {7}}) {
    explain::Options options;
    options.lengths = lengths;
    explain::Report report = reportOf(kPacked, options);
    double rows = std::accumulate(lengths.begin(), lengths.end(), 0.0);
    EXPECT_EQ(report.total.after.flops, rows * (2 * 4 * 4 + 4));
    EXPECT_EQ(report.total.before.flops, report.total.after.flops);
    EXPECT_TRUE(report.unknown.empty());
    EXPECT_EQ(report.lengths, lengths);
  }
}

TEST_F(Explain, ReadsAndWritesWhatIsPacked) {
  explain::Options options;
  options.lengths = {2, 3};
  explain::Report report = reportOf(kPacked, options);
  auto row = llvm::find_if(report.kinds, [](const explain::Row &row) { return row.name == "packing of rows"; });
  ASSERT_NE(row, report.kinds.end());
  // The mask, indices and offsets, and five rows read and written by their indices.
  EXPECT_EQ(row->work.after.bytes, 2 * 3 + (5 + 3) * 8 + 5 * 8 + 2 * 5 * 4 * 4);
}

/// Tokens are unknown here, so that how many are not 0 is, too.
TEST_F(Explain, SaysWhatItCannotKnow) {
  explain::Options options;
  options.sizes = {{"n", 10}};
  explain::Report report = reportOf(R"(
func.func @main(%x: tensor<?xf32> {pare.name = "x", pare.dims = ["n"]}) -> tensor<1x?xf32> {
  %i = pare.non_zero %x : (tensor<?xf32>) -> tensor<1x?xsi64>
  %f = pare.cast %i {to = f32} : (tensor<1x?xsi64>) -> tensor<1x?xf32>
  return %f : tensor<1x?xf32>
})",
                                    options);
  EXPECT_EQ(report.total.after.flops, 10);
  ASSERT_EQ(report.unknown.size(), 1u);
  EXPECT_NE(report.unknown.front().find("counted as all 10 elements"), std::string::npos) << report.unknown.front();
}

TEST_F(Explain, CountsLoopsAndBranches) {
  const char *ir = R"(
func.func @main(%x: tensor<?xf32> {pare.name = "x", pare.dims = ["n"]}, %c: tensor<i1> {pare.name = "c"}) -> tensor<?xf32> {
  %three = pare.constant dense<3> : tensor<si64>
  %last = pare.loop trip_count(%three : tensor<si64>) init(%x : tensor<?xf32>) -> (tensor<?xf32>) {
  ^bb0(%i: tensor<si64>, %go: tensor<i1>, %v: tensor<?xf32>):
    %a = pare.add %v, %v : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %b = pare.exp %a : (tensor<?xf32>) -> tensor<?xf32>
    pare.yield %go, %b : tensor<i1>, tensor<?xf32>
  }
  %y = pare.if %c : tensor<i1> -> tensor<?xf32> {
    pare.yield %last : tensor<?xf32>
  } else {
    %z = pare.exp %last : (tensor<?xf32>) -> tensor<?xf32>
    pare.yield %z : tensor<?xf32>
  }
  return %y : tensor<?xf32>
})";
  explain::Options options;
  options.sizes = {{"n", 5}};
  explain::Report report = reportOf(ir, options);
  EXPECT_EQ(report.total.after.flops, 3 * 2 * 5 + 5); // the larger branch
  ASSERT_EQ(report.unknown.size(), 1u);
  EXPECT_NE(report.unknown.front().find("which branch runs"), std::string::npos) << report.unknown.front();
}

/// As shape arithmetic decides it, without any input that is known.
TEST_F(Explain, EvaluatesShapes) {
  explain::Options options;
  options.sizes = {{"n", 6}};
  explain::Report report = reportOf(R"(
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]}) -> tensor<?xf32> {
  %shape = pare.shape_of %x : (tensor<?x4xf32>) -> tensor<2xsi64>
  %axis = pare.constant dense<0> : tensor<si64>
  %all = pare.reduce %shape {kind = #pare.reduce_kind<prod>, axes = array<i64: 0>, keep_dims} : (tensor<2xsi64>) -> tensor<1xsi64>
  %y = pare.reshape %x, %all : (tensor<?x4xf32>, tensor<1xsi64>) -> tensor<?xf32>
  %z = pare.exp %y : (tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
})",
                                    options);
  EXPECT_EQ(report.total.after.flops, 24 + 2);
  EXPECT_TRUE(report.unknown.empty());
}

TEST(DrawLengths, HasTheMean) {
  for (double mean : {0.1, 0.5, 0.6, 0.9, 1.0})
    for (size_t count : {1u, 7u, 16u, 1000u}) {
      std::vector<int64_t> lengths = explain::drawLengths(count, 128, mean, 3);
      double sum = 0;
      for (int64_t length : lengths) {
        EXPECT_GE(length, 1);
        EXPECT_LE(length, 128);
        sum += static_cast<double>(length);
      }
      EXPECT_NEAR(sum / static_cast<double>(count), 128 * mean, 0.5) << mean << " " << count;
    }
}

TEST(DrawLengths, FollowsFromTheSeed) {
  EXPECT_EQ(explain::drawLengths(16, 128, 0.6, 1), explain::drawLengths(16, 128, 0.6, 1));
  EXPECT_NE(explain::drawLengths(16, 128, 0.6, 1), explain::drawLengths(16, 128, 0.6, 2));
}

} // namespace
} // namespace pare::test
