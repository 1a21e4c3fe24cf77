// Attention and packed rows.
#include "ReferenceTest.h"
#include "pare/Reference/Rounding.h"

using namespace pare::reference;
namespace {
class Attention : public ReferenceTest {
protected:
  /// Two queries and three keys without features: every score is 0 before biases and masks.
  Tensor q = f32({1, 1, 2, 0}, {}), k = f32({1, 1, 3, 0}, {}), v = f32({1, 1, 3, 1}, {1, 2, 6});
  static std::string text(const std::string &operands, const std::string &attributes) {
    return "pare.attention %a, %b, %c" + operands + " {scale = 1.0 : f32, " + attributes +
           "} : (tensor<1x1x2x0xf32>, tensor<1x1x3x0xf32>, tensor<1x1x3x1xf32>) -> tensor<1x1x2x1xf32>";
  }
  static std::string select(const std::string &fill, const std::string &more = "") {
    return "fill = " + fill + " : f32, mask_mode = #pare.mask_mode<select>" + more;
  }
  const std::string inf = "0xFF800000";

  /// One head, no features, over packed rows.
  std::string packedError(std::vector<double> qOffsets, std::vector<double> kOffsets, Tensor positions, Tensor bias) {
    return error("pare.segment_attention %a, %b, %c offsets(%d, %e : tensor<?xsi64>, tensor<?xsi64>) q_positions(%f : "
                 "tensor<?xsi64>) bias(%g : tensor<?x?x?x?xf32>) {scale = 1.0 : f32, " +
                     select("0.0") +
                     "} : (tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>",
                 {f32({1, 2, 0}, {}), f32({1, 3, 0}, {}), f32({1, 3, 1}, {1, 2, 6}), si64(std::move(qOffsets)),
                  si64(std::move(kOffsets)), std::move(positions), std::move(bias)},
                 /*dynamic=*/true);
  }
};
} // namespace

TEST_F(Attention, Masks) {
  expect(one(text("", select(inf)), {q, k, v}), {1, 1, 2, 1}, {3, 3});
  expect(one(text("", select(inf, ", band_upper = 0 : i64")), {q, k, v}), {1, 1, 2, 1}, {1, 1.5});
  expect(one(text("", select(inf, ", band_upper = 0 : i64, align_end")), {q, k, v}), {1, 1, 2, 1}, {1.5, 3});
  expect(one(text("", select(inf, ", band_lower = 2 : i64")), {q, k, v}), {1, 1, 2, 1}, {6, kNan});
  expect(one(text("", select(inf, ", band_lower = 2 : i64, zero_masked_rows")), {q, k, v}), {1, 1, 2, 1}, {6, 0});
  Tensor keys = make("i1", {1, 3}, {1, 0, 1}), queries = make("i1", {1, 2}, {1, 0});
  std::string masks = " key_mask(%d : tensor<1x3xi1>) query_mask(%e : tensor<1x2xi1>)";
  // A query that sees nothing weighs all keys alike, unless that is infinitely little.
  expect(one(text(masks, select("-1.0e30")), {q, k, v, keys, queries}), {1, 1, 2, 1}, {3.5, 3});
  expect(one(text(masks, "fill = 0.0 : f32, mask_mode = #pare.mask_mode<add>"), {q, k, v, keys, queries}), {1, 1, 2, 1},
         {3, 3});
  Tensor bias = f32({1, 1, 1, 3}, {-kInf, 0, 0});
  expect(one(text(" bias(%d : tensor<1x1x1x3xf32>)", select(inf)), {q, k, v, bias}), {1, 1, 2, 1}, {4, 4});
}

TEST_F(Attention, GroupedHeads) {
  expect(one("pare.attention %a, %b, %c {scale = 1.0 : f32, " + select(inf) +
                 "} : (tensor<1x4x1x0xf32>, tensor<1x2x1x0xf32>, tensor<1x2x1x1xf32>) -> tensor<1x4x1x1xf32>",
             {f32({1, 4, 1, 0}, {}), f32({1, 2, 1, 0}, {}), f32({1, 2, 1, 1}, {5, 7})}),
         {1, 4, 1, 1}, {5, 5, 7, 7});
}

TEST_F(Attention, Segments) {
  // The second segment has no keys, the third no queries.
  expect(
      one("pare.segment_attention %a, %b, %c offsets(%d, %e : tensor<4xsi64>, tensor<4xsi64>) {scale = 1.0 : f32, " +
              select(inf) + "} : (tensor<1x3x0xf32>, tensor<1x3x0xf32>, tensor<1x3x1xf32>) -> tensor<1x3x1xf32>",
          {f32({1, 3, 0}, {}), f32({1, 3, 0}, {}), f32({1, 3, 1}, {1, 2, 6}), si64({0, 2, 3, 3}), si64({0, 2, 2, 3})}),
      {1, 3, 1}, {1.5, 1.5, 0});
}

TEST_F(Attention, SegmentsThatDoNotFit) {
  Tensor bias = f32({1, 1, 2, 3}, {0, 0, 0, 0, 0, 0});
  auto has = [&](const std::string &text, const char *part) { EXPECT_NE(text.find(part), std::string::npos) << text; };
  has(packedError({0, 1}, {0, 3}, si64({0, 1}), bias), "offsets do not ascend from 0 to 2");
  has(packedError({0, 3, 2}, {0, 1, 3}, si64({0, 1}), bias), "offsets do not ascend from 0 to 2");
  has(packedError({0, 2}, {1, 3}, si64({0, 1}), bias), "offsets do not ascend from 0 to 3");
  has(packedError({}, {}, si64({0, 1}), bias), "offsets do not ascend");
  has(packedError({0, 2}, {0, 1, 3}, si64({0, 1}), bias), "2 offsets of queries and 3 of keys");
  has(packedError({0, 2}, {0, 3}, si64({0, 2}), bias), "position 2 of a query is not in a bias or mask of 2 rows");
  has(packedError({0, 2}, {0, 3}, si64({-1, 0}), bias), "position -1 of a query");
  has(packedError({0, 2}, {0, 3}, si64({0}), bias), "an operand of shape [1] for 2 rows");
  has(packedError({0, 2}, {0, 3}, si64({0, 1}), f32({1, 2, 1, 1}, {0, 0})), "does not broadcast to the scores");
}

TEST_F(Attention, Rows) {
  Tensors rows = all("pare.rows_from_mask %a : (tensor<3x2xi1>) -> (tensor<?xsi64>, tensor<4xsi64>)",
                     {make("i1", {3, 2}, {0, 1, 0, 0, 1, 1})});
  expect(rows[0], {3}, {1, 4, 5});
  expect(rows[1], {4}, {0, 1, 1, 3});
  Tensor x = f32({3, 2}, {0, 1, 10, 11, 20, 21}), sizes = si64({3, 2});
  std::string axes = "batch_axis = 0 : i64, row_axis = 1 : i64";
  Tensor packed =
      one("pare.rows_gather %a, %b {" + axes + "} : (tensor<3x2xf32>, tensor<3xsi64>) -> tensor<3xf32>", {x, rows[0]});
  expect(packed, {3}, {1, 20, 21});
  expect(one("pare.rows_gather %a, %b, %c {" + axes +
                 "} : (tensor<3x1xf32>, tensor<3xsi64>, tensor<2xsi64>) -> tensor<3xf32>",
             {f32({3, 1}, {0, 1, 2}), rows[0], sizes}),
         {3}, {0, 2, 2});
  expect(one("pare.rows_scatter %a, %b, %c {" + axes +
                 ", fill = -1.0 : f64} : (tensor<3xf32>, tensor<3xsi64>, tensor<2xsi64>) -> tensor<?x?xf32>",
             {packed, rows[0], sizes}),
         {3, 2}, {-1, 1, -1, -1, 20, 21});
  EXPECT_NE(error("pare.rows_gather %a, %b {" + axes + "} : (tensor<3x2xf32>, tensor<1xsi64>) -> tensor<1xf32>",
                  {x, si64(std::vector<double>{6})})
                .find("index 6 is out of range for 6 rows"),
            std::string::npos);
}
