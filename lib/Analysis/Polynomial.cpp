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
  std::pair<Polynomial, Polynomial> result{{}, a};
  auto &[quotient, rest] = result;
  if (b.empty())
    return result;
  // Of the highest degree, so that what is taken away brings lower ones only.
  const auto &[lead, q] = *std::max_element(b.begin(), b.end(), [](const auto &left, const auto &right) {
    return std::pair(left.first.size(), left.first) < std::pair(right.first.size(), right.first);
  });
  if (q == 0 || q == -1)
    return result;
  constexpr int kSteps = 64; // beyond what shapes need
  for (int step = 0; step < kSteps; ++step) {
    auto term = llvm::find_if(rest, [&, &divisor = lead, by = q](const auto &term) {
      return term.second % by == 0 &&
             std::includes(term.first.begin(), term.first.end(), divisor.begin(), divisor.end());
    });
    if (term == rest.end())
      return result;
    std::vector<unsigned> factors;
    std::set_difference(term->first.begin(), term->first.end(), lead.begin(), lead.end(), std::back_inserter(factors));
    Polynomial part{{factors, term->second / q}};
    std::optional<Polynomial> sum = add(quotient, part), product = multiply(part, b),
                              left = product ? add(rest, *product, -1) : std::nullopt;
    if (!sum || !left)
      break;
    quotient = *sum;
    rest = *left;
  }
  return {{}, a};
}

std::optional<Polynomial> polynomial::divide(const Polynomial &a, const Polynomial &b) {
  if (a == b && !b.empty())
    return constant(1);
  if (b.empty())
    return std::nullopt;
  auto [quotient, rest] = split(a, b);
  return rest.empty() ? std::optional<Polynomial>(quotient) : std::nullopt;
}
