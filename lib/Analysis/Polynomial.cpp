// Arithmetic of polynomials.
#include "pare/Analysis/Polynomial.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <iterator>

using namespace pare;

Polynomial polynomial::constant(int64_t value) { return value == 0 ? Polynomial() : Polynomial{{{}, value}}; }

Polynomial polynomial::symbol(unsigned number) { return {{{number}, 1}}; }

std::optional<int64_t> polynomial::asConstant(const Polynomial &polynomial) {
  if (polynomial.empty())
    return 0;
  if (polynomial.size() == 1 && polynomial.begin()->first.empty())
    return polynomial.begin()->second;
  return std::nullopt;
}

std::optional<Polynomial> polynomial::add(const Polynomial &a, const Polynomial &b, int64_t sign) {
  Polynomial sum = a;
  for (const auto &[factors, coefficient] : b) {
    int64_t term, &target = sum[factors];
    if (llvm::MulOverflow(coefficient, sign, term) || llvm::AddOverflow(target, term, target))
      return std::nullopt;
    if (target == 0)
      sum.erase(factors);
  }
  return sum;
}

std::optional<Polynomial> polynomial::multiply(const Polynomial &a, const Polynomial &b) {
  if (a.size() * b.size() > 64) // beyond what shapes need
    return std::nullopt;
  Polynomial product;
  for (const auto &[left, p] : a)
    for (const auto &[right, q] : b) {
      std::vector<unsigned> factors(left);
      factors.insert(factors.end(), right.begin(), right.end());
      llvm::sort(factors);
      int64_t term, &target = product[factors];
      if (llvm::MulOverflow(p, q, term) || llvm::AddOverflow(target, term, target))
        return std::nullopt;
      if (target == 0)
        product.erase(factors);
    }
  return product;
}

std::pair<Polynomial, Polynomial> polynomial::split(const Polynomial &a, const Polynomial &b) {
  std::pair<Polynomial, Polynomial> result;
  const auto &[divisor, q] = *b.begin();
  for (const auto &[factors, p] : a) {
    if (b.size() != 1 || q == 0 || q == -1 || p % q != 0 ||
        !std::includes(factors.begin(), factors.end(), divisor.begin(), divisor.end())) {
      result.second[factors] = p;
      continue;
    }
    std::vector<unsigned> rest;
    std::set_difference(factors.begin(), factors.end(), divisor.begin(), divisor.end(), std::back_inserter(rest));
    result.first[rest] = p / q;
  }
  return result;
}

std::optional<Polynomial> polynomial::divide(const Polynomial &a, const Polynomial &b) {
  if (a == b && !b.empty())
    return constant(1);
  if (b.size() != 1)
    return std::nullopt;
  auto [quotient, rest] = split(a, b);
  return rest.empty() ? std::optional<Polynomial>(quotient) : std::nullopt;
}
