// Sums of products of integer symbols, in which sizes and indices are written.
#ifndef PARE_ANALYSIS_POLYNOMIAL_H
#define PARE_ANALYSIS_POLYNOMIAL_H

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace pare {

/// Sorted symbols of a product to its coefficient. No coefficient is 0, so equal polynomials are equal maps.
using Polynomial = std::map<std::vector<unsigned>, int64_t>;

namespace polynomial {
Polynomial constant(int64_t value);
Polynomial symbol(unsigned number);
std::optional<int64_t> asConstant(const Polynomial &polynomial);
/// a + sign * b; std::nullopt when a coefficient overflows.
std::optional<Polynomial> add(const Polynomial &a, const Polynomial &b, int64_t sign = 1);
/// std::nullopt when a coefficient overflows or there are more terms than shapes need.
std::optional<Polynomial> multiply(const Polynomial &a, const Polynomial &b);
/// a / b where it is exact for all values of the symbols.
std::optional<Polynomial> divide(const Polynomial &a, const Polynomial &b);
/// Quotient and rest of a by b: a = quotient * b + rest, where no term of the rest is a multiple of the term of highest
/// degree of b. For a single product these are the terms that b divides and those that it does not.
std::pair<Polynomial, Polynomial> split(const Polynomial &a, const Polynomial &b);
} // namespace polynomial

} // namespace pare

#endif
