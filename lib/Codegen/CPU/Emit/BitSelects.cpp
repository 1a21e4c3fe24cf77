// Works around wrong code for merged bit selects (https://github.com/llvm/llvm-project/issues/157929).
//
// LLVM makes a bit select with a constant one `vpternlog`, and folds a `select` with one of its operands into that
// instruction's mask. Where the constant is then read from memory, the operands are rotated and the truth table, an
// immediate, is rotated the wrong way: `x & m | y & ~m` comes out as `x & ~y | m & y`. Seen as tanh of bf16, which
// keeps x where it is NaN: lanes got tiny numbers, the bits of x and of the sign mask picked by those of the result.
// https://github.com/llvm/llvm-project/pull/209782 fixes it; this file can go when no older LLVM is supported.
#include "BitSelects.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/Local.h"
#include <optional>

using namespace llvm;
using namespace llvm::PatternMatch;

namespace pare::cpu {
namespace {
/// `(x & mask) | (y & ~mask)`, all as `type`.
struct BitSelect {
  Type *type;
  Value *x, *y;
  Constant *mask;
};

Value *stripBitcasts(Value *value) {
  while (auto *cast = dyn_cast<BitCastInst>(value))
    value = cast->getOperand(0);
  return value;
}

/// Vectors of floats as integers.
Type *bitsOf(Type *type) {
  return type->getWithNewType(IntegerType::get(type->getContext(), type->getScalarSizeInBits()));
}

/// The constant, as `type`, that `value` is an `and` with, and the other operand.
std::pair<Constant *, Value *> matchMasked(Value *value, Type *type, const DataLayout &layout) {
  value = stripBitcasts(value);
  Value *rest = nullptr;
  Constant *mask = nullptr;
  if (match(value, m_FAbs(m_Value(rest))))
    mask = ConstantInt::get(bitsOf(rest->getType()), APInt::getSignedMaxValue(rest->getType()->getScalarSizeInBits()));
  else if (!match(value, m_c_And(m_Value(rest), m_ImmConstant(mask))))
    return {};
  return {ConstantFoldCastOperand(Instruction::BitCast, mask, type, layout), rest};
}

std::optional<BitSelect> matchBitSelect(Value *value, const DataLayout &layout) {
  value = stripBitcasts(value);
  Type *type = value->getType();
  Value *x = nullptr, *y = nullptr;
  if (match(value, m_CopySign(m_Value(y), m_Value(x))))
    return BitSelect{bitsOf(type), x, y,
                     ConstantInt::get(bitsOf(type), APInt::getSignMask(type->getScalarSizeInBits()))};
  if (!match(value, m_Or(m_Value(x), m_Value(y))))
    return std::nullopt;
  auto [mask, left] = matchMasked(x, type, layout);
  auto [rest, right] = matchMasked(y, type, layout);
  if (!mask || !rest || rest != ConstantExpr::getNot(mask))
    return std::nullopt;
  return BitSelect{type, left, right, mask};
}

void sink(SelectInst &select) {
  if (!isa<FixedVectorType>(select.getCondition()->getType()))
    return;
  const DataLayout &layout = select.getDataLayout();
  for (bool bitsFirst : {true, false}) {
    Value *other = bitsFirst ? select.getFalseValue() : select.getTrueValue();
    std::optional<BitSelect> bits = matchBitSelect(bitsFirst ? select.getTrueValue() : select.getFalseValue(), layout);
    if (!bits)
      continue;
    bool keepsX = stripBitcasts(bits->x) == stripBitcasts(other);
    if (!keepsX && stripBitcasts(bits->y) != stripBitcasts(other))
      continue;
    IRBuilder<> builder(&select);
    Value *&merged = keepsX ? bits->y : bits->x;
    merged = builder.CreateBitCast(merged, select.getType());
    merged = bitsFirst ? builder.CreateSelect(select.getCondition(), merged, other)
                       : builder.CreateSelect(select.getCondition(), other, merged);
    auto masked = [&](Value *operand, Constant *mask) {
      return builder.CreateAnd(builder.CreateBitCast(operand, bits->type), mask);
    };
    Value *result = builder.CreateOr(masked(bits->x, bits->mask), masked(bits->y, ConstantExpr::getNot(bits->mask)));
    select.replaceAllUsesWith(builder.CreateBitCast(result, select.getType()));
    RecursivelyDeleteTriviallyDeadInstructions(&select);
    return;
  }
}
} // namespace

void sinkSelectsIntoBitSelects(Function &function) {
  // In the order of the code: what one select becomes may be what the next merges.
  for (BasicBlock &block : function)
    for (Instruction &instruction : make_early_inc_range(block))
      if (auto *select = dyn_cast<SelectInst>(&instruction))
        sink(*select);
}
} // namespace pare::cpu
