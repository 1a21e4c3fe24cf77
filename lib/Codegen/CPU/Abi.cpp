// Accesses to pare_context and to raw memory.
#include "Abi.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "pare-rt/abi.h"
#include <cstddef>

using namespace mlir;
using namespace pare::cpu;

int64_t pare::cpu::bytesOf(Type element) {
  if (isa<IndexType>(element))
    return 8;
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}

Value Abi::at(Value base, int64_t bytes) {
  return LLVM::GEPOp::create(*this, ptr(), getI8Type(), base, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
}

Value Abi::at(Value base, Value bytes) {
  return LLVM::GEPOp::create(*this, ptr(), getI8Type(), base, ArrayRef<LLVM::GEPArg>{bytes});
}

Value Abi::field(Value context, int64_t offset) { return load(ptr(), at(context, offset)); }

Value Abi::call(Type result, Value function, ValueRange args) {
  SmallVector<Value> operands{function};
  operands.append(args.begin(), args.end());
  auto type = LLVM::LLVMFunctionType::get(result, llvm::to_vector(args.getTypes()));
  auto op = LLVM::CallOp::create(*this, type, operands);
  return op->getNumResults() ? op->getResult(0) : Value();
}

static Type voidType(MLIRContext *context) { return LLVM::LLVMVoidType::get(context); }

Value Abi::weights(Value context) { return field(context, offsetof(pare_context, weights)); }
Value Abi::kernels(Value context) { return field(context, offsetof(pare_context, kernels)); }
Value Abi::alloc(Value context, int64_t slot, Value bytes) {
  return call(ptr(), field(context, offsetof(pare_context, alloc)), {context, i32(slot), bytes});
}
Value Abi::allocDynamic(Value context, Value bytes) {
  return call(ptr(), field(context, offsetof(pare_context, alloc_dynamic)), {context, bytes});
}
Value Abi::scratch(Value context, Value worker, Value bytes) {
  return call(ptr(), field(context, offsetof(pare_context, scratch)), {context, worker, bytes});
}
Value Abi::output(Value context, int64_t number, Value dims, int64_t rank, Value bytes) {
  return call(ptr(), field(context, offsetof(pare_context, output)), {context, i32(number), dims, i32(rank), bytes});
}
void Abi::parallel(Value context, Value kernel, Value args, Value tiles) {
  call(voidType(getContext()), field(context, offsetof(pare_context, parallel)), {context, kernel, args, tiles});
}
void Abi::fail(Value context, Value message) {
  call(voidType(getContext()), field(context, offsetof(pare_context, fail)), {context, message});
}

Value Abi::asBytes(Value pointer, Value bytes) {
  auto array = LLVM::LLVMArrayType::get(getI64Type(), 1);
  auto descriptor = LLVM::LLVMStructType::getLiteral(getContext(), {ptr(), ptr(), getI64Type(), array, array});
  Value value = LLVM::PoisonOp::create(*this, descriptor);
  value = LLVM::InsertValueOp::create(*this, value, pointer, ArrayRef<int64_t>{0});
  value = LLVM::InsertValueOp::create(*this, value, pointer, ArrayRef<int64_t>{1});
  value = LLVM::InsertValueOp::create(*this, value, i64(0), ArrayRef<int64_t>{2});
  value = LLVM::InsertValueOp::create(*this, value, toI64(bytes), ArrayRef<int64_t>{3, 0});
  value = LLVM::InsertValueOp::create(*this, value, i64(1), ArrayRef<int64_t>{4, 0});
  auto type = MemRefType::get(ShapedType::kDynamic, getI8Type());
  return UnrealizedConversionCastOp::create(*this, type, value).getResult(0);
}

Value Abi::asBuffer(Value pointer, MemRefType type, ValueRange sizes) {
  Value bytes = asBytes(pointer, bytesOf(type, sizes));
  return memref::ViewOp::create(*this, type, bytes, index(0), sizes);
}

Value Abi::address(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(*this, buffer);
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(*this, buffer);
  Value offset = arith::MulIOp::create(*this, metadata.getOffset(), index(::pare::cpu::bytesOf(type.getElementType())));
  return LLVM::IntToPtrOp::create(*this, ptr(), toI64(arith::AddIOp::create(*this, base, offset)));
}

Value Abi::bytesOf(MemRefType type, ValueRange sizes) {
  int64_t fixed = ::pare::cpu::bytesOf(type.getElementType());
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      fixed *= size;
  Value bytes = index(fixed);
  for (Value size : sizes)
    bytes = arith::MulIOp::create(*this, bytes, size);
  return bytes;
}

Value Abi::text(StringRef value) {
  Operation *module = getInsertionBlock()->getParentOp();
  while (!isa<ModuleOp>(module))
    module = module->getParentOp();
  std::string bytes = (value + Twine('\0')).str();
  auto type = LLVM::LLVMArrayType::get(getI8Type(), bytes.size());
  LLVM::GlobalOp global;
  {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(cast<ModuleOp>(module).getBody());
    std::string name;
    int64_t number = 0;
    do
      name = "text_" + std::to_string(number++);
    while (SymbolTable::lookupSymbolIn(module, name));
    global =
        LLVM::GlobalOp::create(*this, type, /*isConstant=*/true, LLVM::Linkage::Internal, name, getStringAttr(bytes));
  }
  return LLVM::AddressOfOp::create(*this, global);
}
