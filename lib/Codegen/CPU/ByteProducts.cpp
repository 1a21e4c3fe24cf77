#include "ByteProducts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace pare::cpu;

namespace {
/// The bytes at even and at odd places of each lane, as 16 bits.
struct Halves {
  Value even, odd;
};

struct Multiplier {
  Abi &builder;
  int64_t lanes;
  VectorType sums = VectorType::get(lanes, builder.getI32Type()),
             halves = VectorType::get(2 * lanes, builder.getI16Type()),
             bytes = VectorType::get(4 * lanes, builder.getI8Type());

  Value constant(int64_t value) {
    auto attribute = IntegerAttr::get(builder.getI16Type(), value);
    return arith::ConstantOp::create(builder, DenseElementsAttr::get(halves, Attribute(attribute)));
  }

  Halves split(Value words, bool isSigned) {
    constexpr int64_t kByte = 8, kLow = 0xff;
    Value both = LLVM::BitcastOp::create(builder, halves, words);
    if (!isSigned)
      return {arith::AndIOp::create(builder, both, constant(kLow)),
              arith::ShRUIOp::create(builder, both, constant(kByte))};
    Value high = arith::ShLIOp::create(builder, both, constant(kByte));
    return {arith::ShRSIOp::create(builder, high, constant(kByte)),
            arith::ShRSIOp::create(builder, both, constant(kByte))};
  }

  Value call(StringRef intrinsic, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(builder, sums, builder.getStringAttr(intrinsic), operands).getResult(0);
  }

  /// a0 b0 + a1 b1 of the two in each lane, which 32 bits hold: factors are below 256.
  Value dot(Value a, Value b) {
    return call(lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                             : "llvm.x86.sse2.pmadd.wd",
                {a, b});
  }
};
} // namespace

void pare::cpu::addByteProducts(Abi &builder, const ByteFactors &factors, Value left, ArrayRef<Value> right,
                                MutableArrayRef<Value> sums) {
  Multiplier with{builder, factors.tile.lanes};
  if (factors.tile.hasDot) {
    auto asBytes = [&](Value words) { return LLVM::BitcastOp::create(builder, with.bytes, words).getResult(); };
    for (auto [b, sum] : llvm::zip_equal(right, sums)) {
      Value unsignedOne = factors.leftIsSigned ? b : left, signedOne = factors.leftIsSigned ? left : b;
      sum = with.call("llvm.x86.avx512.vpdpbusd.512", {sum, asBytes(unsignedOne), asBytes(signedOne)});
    }
    return;
  }
  Halves a = with.split(left, factors.leftIsSigned);
  for (auto [word, sum] : llvm::zip_equal(right, sums)) {
    Halves b = with.split(word, !factors.leftIsSigned); // for all rows of a tile: CSE makes it one
    sum = arith::AddIOp::create(builder, sum, with.dot(a.even, b.even));
    sum = arith::AddIOp::create(builder, sum, with.dot(a.odd, b.odd));
  }
}

Value pare::cpu::loadBytes(Abi &builder, Value address, Value count) {
  constexpr int64_t kBytes = 4;
  Value zero = arith::ConstantOp::create(builder, builder.getI32IntegerAttr(0)), word = zero;
  for (int64_t byte = 0; byte < kBytes - 1; ++byte) {
    // Beyond the end the first byte is read again.
    Value at = arith::ConstantOp::create(builder, builder.getI64IntegerAttr(byte));
    Value exists = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, at, count);
    Value none = arith::ConstantOp::create(builder, builder.getI64IntegerAttr(0));
    Value place = builder.at(address, arith::SelectOp::create(builder, exists, at, none).getResult());
    Value value = arith::ExtUIOp::create(builder, builder.getI32Type(),
                                         LLVM::LoadOp::create(builder, builder.getI8Type(), place));
    Value distance = arith::ConstantOp::create(builder, builder.getI32IntegerAttr(8 * byte));
    value = arith::SelectOp::create(builder, exists, arith::ShLIOp::create(builder, value, distance), zero);
    word = arith::OrIOp::create(builder, word, value);
  }
  return word;
}
