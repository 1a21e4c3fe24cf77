// Tensors: sharing, constants, narrow floats.
#include "ReferenceTest.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace pare::reference;
namespace {
class TensorCase : public ReferenceTest {};
} // namespace

TEST_F(TensorCase, CopiesShareUntilWritten) {
  Tensor a = f32({2}, {1, 2}), b = a;
  EXPECT_EQ(a.getBytes().data(), b.getBytes().data());
  b.setDouble(0, 9);
  expect(a, {2}, {1, 2});
  expect(b, {2}, {9, 2});
}

TEST_F(TensorCase, BorrowedBytesNeedNoAlignmentAndStay) {
  std::vector<char> bytes(9);
  float values[2] = {1, 2};
  memcpy(bytes.data() + 1, values, 8);
  Tensor borrowed = Tensor::borrow(type("f32"), {2}, llvm::ArrayRef<char>(bytes).drop_front());
  expect(borrowed, {2}, {1, 2});
  borrowed.setDouble(0, 5);
  expect(borrowed, {2}, {5, 2});
  EXPECT_EQ(memcmp(bytes.data() + 1, values, 8), 0);
}

TEST_F(TensorCase, ConstantsRoundTrip) {
  for (const char *element :
       {"f16", "bf16", "f32", "f64", "si8", "ui8", "si16", "ui16", "si32", "ui32", "si64", "ui64", "i1"}) {
    Tensor tensor = make(element, {3}, {0, 1, 1});
    auto attribute = llvm::cast<mlir::TypedAttr>(tensor.toConstant());
    EXPECT_EQ(attribute.getType(), tensor.getType());
    expect(Tensor::fromConstant(attribute), {3}, {0, 1, 1});
  }
  auto splat = mlir::DenseElementsAttr::get(mlir::RankedTensorType::get({2, 2}, type("f32")), 3.0f);
  expect(Tensor::fromConstant(splat), {2, 2}, {3, 3, 3, 3});
}

TEST_F(TensorCase, NarrowFloatsRoundOnce) {
  auto round = [&](const char *element, double value) { return make(element, {}, {value}).getDouble(0); };
  EXPECT_EQ(round("f16", 65504), 65504);
  EXPECT_EQ(round("f16", 65519), 65504);
  EXPECT_EQ(round("f16", 65520), kInf);
  EXPECT_EQ(round("f16", -1e300), -kInf);
  EXPECT_EQ(round("f16", std::ldexp(1.0, -25)), 0); // ties to even
  EXPECT_EQ(round("f16", std::ldexp(1.5, -25)), std::ldexp(1.0, -24));
  EXPECT_TRUE(std::signbit(round("f16", -0.0)));
  EXPECT_TRUE(std::isnan(round("bf16", kNan)));
  // Just above a tie of f16; rounding to f32 on the way would lose the difference.
  EXPECT_EQ(round("f16", 1 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40)), 1 + std::ldexp(1.0, -10));
  EXPECT_EQ(round("bf16", 3.4e38), kInf);
}

// Every pattern of both 16-bit types survives decoding and encoding.
TEST_F(TensorCase, NarrowFloatsRoundTrip) {
  for (const char *element : {"f16", "bf16"})
    for (int bits = 0; bits < 65536; ++bits) {
      auto pattern = static_cast<uint16_t>(bits);
      Tensor tensor = Tensor::copy(type(element), {}, {reinterpret_cast<const char *>(&pattern), 2});
      double value = tensor.getDouble(0);
      if (std::isnan(value))
        continue;
      tensor.setDouble(0, value);
      ASSERT_EQ(memcmp(tensor.getBytes().data(), &pattern, 2), 0) << element << " " << bits;
    }
}

TEST_F(TensorCase, Saturates) {
  expect(make("si8", {4}, {200, -200, kNan, -1.9}), {4}, {127, -128, 0, -1});
  expect(make("ui64", {1}, {1e30}), {1}, {18446744073709551615.0});
}
