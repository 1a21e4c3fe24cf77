// Selects move into bit selects, and only there, without a change of value.
#include "BitSelects.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include <gtest/gtest.h>

using namespace llvm;

namespace {
class BitSelects : public ::testing::Test {
protected:
  /// A function of lanes that are picked (c), words (x, y) and the same as floats (xf, yf); `body` defines %r.
  std::unique_ptr<Module> parse(StringRef body) {
    std::string text = (R"(define <4 x i32> @f(<4 x i1> %c, <4 x i32> %x, <4 x i32> %y) {
  %xf = bitcast <4 x i32> %x to <4 x float>
  %yf = bitcast <4 x i32> %y to <4 x float>
)" + body + "\n  ret <4 x i32> %r\n}\n")
                           .str();
    SMDiagnostic error;
    std::unique_ptr<Module> module = parseAssemblyString(text, error, context);
    EXPECT_TRUE(module) << error.getMessage().str() << " in\n" << text;
    return module;
  }

  /// What the function gives for some constants.
  Constant *evaluate(Module &module) {
    Function &function = *module.getFunction("f");
    Constant *arguments[] = {
        ConstantVector::get({ConstantInt::getTrue(context), ConstantInt::getFalse(context),
                             ConstantInt::getTrue(context), ConstantInt::getFalse(context)}),
        ConstantDataVector::get(context, ArrayRef<uint32_t>{0x80123456, 0x3f41abcd, 0xbf412345, 0x00112233}),
        ConstantDataVector::get(context, ArrayRef<uint32_t>{0x3f654321, 0xbf765432, 0x80aabbcc, 0xffeeddcc})};
    for (auto [argument, value] : zip(function.args(), arguments))
      argument.replaceAllUsesWith(value);
    for (Instruction &instruction : instructions(function))
      if (Constant *value = ConstantFoldInstruction(&instruction, module.getDataLayout()))
        instruction.replaceAllUsesWith(value);
    return dyn_cast<Constant>(cast<ReturnInst>(function.back().getTerminator())->getReturnValue());
  }

  /// Whether the last select before the return became a bit select.
  bool sinks(StringRef body) {
    SCOPED_TRACE(body.str());
    auto before = parse(body), after = parse(body);
    if (!before || !after)
      return false;
    Function &function = *after->getFunction("f");
    pare::cpu::sinkSelectsIntoBitSelects(function);
    EXPECT_FALSE(verifyModule(*after, &errs()));
    Value *result = cast<ReturnInst>(function.back().getTerminator())->getReturnValue();
    while (auto *cast = dyn_cast<BitCastInst>(result))
      result = cast->getOperand(0);
    auto *op = cast<Instruction>(result);
    bool sunk = op->getOpcode() == Instruction::Or;
    Constant *expected = evaluate(*before);
    EXPECT_TRUE(expected);
    EXPECT_EQ(evaluate(*after), expected);
    return sunk;
  }

  LLVMContext context;
};

// The sign of x on y.
constexpr StringLiteral kSign = "%m = and <4 x i32> %x, splat (i32 -2147483648)\n"
                                "%n = and <4 x i32> %y, splat (i32 2147483647)\n"
                                "%o = or disjoint <4 x i32> %n, %m\n";
} // namespace

TEST_F(BitSelects, MergedWithEitherOperandOnEitherSide) {
  for (StringRef arms : {"%o, <4 x i32> %x", "%o, <4 x i32> %y", "%x, <4 x i32> %o", "%y, <4 x i32> %o"})
    EXPECT_TRUE(sinks((kSign + "%r = select <4 x i1> %c, <4 x i32> " + arms).str()));
}

TEST_F(BitSelects, OtherSpellings) {
  EXPECT_TRUE(sinks("%m = and <4 x i32> %x, splat (i32 -2147483648)\n"
                    "%a = call <4 x float> @llvm.fabs.v4f32(<4 x float> %yf)\n"
                    "%n = bitcast <4 x float> %a to <4 x i32>\n"
                    "%o = or <4 x i32> %m, %n\n"
                    "%r = select <4 x i1> %c, <4 x i32> %o, <4 x i32> %x"));
  EXPECT_TRUE(sinks("%s = call <4 x float> @llvm.copysign.v4f32(<4 x float> %yf, <4 x float> %xf)\n"
                    "%o = bitcast <4 x float> %s to <4 x i32>\n"
                    "%r = select <4 x i1> %c, <4 x i32> %o, <4 x i32> %x"));
  EXPECT_TRUE(sinks((kSign + "%of = bitcast <4 x i32> %o to <4 x float>\n"
                             "%s = select <4 x i1> %c, <4 x float> %of, <4 x float> %yf\n"
                             "%r = bitcast <4 x float> %s to <4 x i32>")
                        .str()));
  // Lanes of the bits and of the select need not be the same.
  EXPECT_TRUE(sinks("%xb = bitcast <4 x i32> %x to <16 x i8>\n"
                    "%yb = bitcast <4 x i32> %y to <16 x i8>\n"
                    "%m = and <16 x i8> %xb, splat (i8 15)\n"
                    "%n = and <16 x i8> %yb, splat (i8 -16)\n"
                    "%b = or <16 x i8> %m, %n\n"
                    "%o = bitcast <16 x i8> %b to <4 x i32>\n"
                    "%r = select <4 x i1> %c, <4 x i32> %o, <4 x i32> %x"));
}

TEST_F(BitSelects, OneAfterAnother) {
  EXPECT_TRUE(sinks((kSign + "%d = icmp slt <4 x i32> %x, %y\n"
                             "%s = select <4 x i1> %c, <4 x i32> %o, <4 x i32> %x\n"
                             "%r = select <4 x i1> %d, <4 x i32> %x, <4 x i32> %s")
                        .str()));
}

TEST_F(BitSelects, OthersStay) {
  EXPECT_FALSE(sinks((kSign + "%z = add <4 x i32> %x, %y\n"
                              "%r = select <4 x i1> %c, <4 x i32> %o, <4 x i32> %z")
                         .str()));
  // Not a bit select: one bit is in neither mask.
  EXPECT_FALSE(sinks("%m = and <4 x i32> %x, splat (i32 -2147483648)\n"
                     "%n = and <4 x i32> %y, splat (i32 1073741823)\n"
                     "%o = or <4 x i32> %m, %n\n"
                     "%r = select <4 x i1> %c, <4 x i32> %o, <4 x i32> %x"));
  // No mask: all lanes go one way.
  EXPECT_FALSE(sinks((kSign + "%all = extractelement <4 x i1> %c, i32 0\n"
                              "%r = select i1 %all, <4 x i32> %o, <4 x i32> %x")
                         .str()));
}
