// Quotients of polynomials, of which indices are taken apart.
#include "pare/Analysis/Polynomial.h"
#include <gtest/gtest.h>

using namespace pare;
using namespace pare::polynomial;

namespace {
Polynomial sum(const Polynomial &x, const Polynomial &y) { return *add(x, y); }
Polynomial product(const Polynomial &x, const Polynomial &y) { return *multiply(x, y); }
Polynomial times(const Polynomial &x, int64_t factor) { return product(x, constant(factor)); }

struct PolynomialTest : ::testing::Test {
  const Polynomial a = symbol(0), b = symbol(1), c = symbol(2);
};
} // namespace

TEST_F(PolynomialTest, SplitsByAProduct) {
  // 12 a b + 5 a + 7 by 3 a
  Polynomial x = sum(sum(times(product(a, b), 12), times(a, 5)), constant(7));
  auto [quotient, rest] = split(x, times(a, 3));
  EXPECT_EQ(quotient, times(b, 4));
  EXPECT_EQ(rest, sum(times(a, 5), constant(7)));
}

TEST_F(PolynomialTest, SplitsByASum) {
  // (4 c + 3) * 8 (a + b) + 5 c + 2
  Polynomial stride = times(sum(a, b), 8), index = sum(times(c, 4), constant(3));
  Polynomial inner = sum(times(c, 5), constant(2));
  auto [quotient, rest] = split(sum(product(index, stride), inner), stride);
  EXPECT_EQ(quotient, index);
  EXPECT_EQ(rest, inner);
}

TEST_F(PolynomialTest, KeepsWhatDividesNothing) {
  Polynomial x = sum(a, constant(1));
  for (const Polynomial &divisor : {Polynomial(), constant(-1), product(a, b), times(sum(a, b), 2)}) {
    auto [quotient, rest] = split(x, divisor);
    EXPECT_TRUE(quotient.empty());
    EXPECT_EQ(rest, x);
  }
}

TEST_F(PolynomialTest, DividesExactlyOrNotAtAll) {
  Polynomial divisor = sum(a, times(b, 2)), factor = sum(product(a, c), constant(5));
  EXPECT_EQ(divide(product(divisor, factor), divisor), factor);
  EXPECT_EQ(divide(sum(product(divisor, factor), constant(1)), divisor), std::nullopt);
  EXPECT_EQ(divide(a, Polynomial()), std::nullopt);
}
