// Calls of kernels go through the runtime's pool; kernels are cloned for each CPU variant.
#include "Abi.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERCALLS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
/// What a kernel's signature ends with: context, begin, end, worker.
constexpr unsigned kOwnArguments = 4;

/// A scalar as the 64 bits of a field of the record.
Value toField(Abi &builder, Value value) {
  Type type = value.getType();
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::PtrToIntOp::create(builder, builder.getI64Type(), value);
  if (auto real = dyn_cast<FloatType>(type))
    value = LLVM::BitcastOp::create(builder, builder.getIntegerType(real.getWidth()), value);
  if (value.getType().getIntOrFloatBitWidth() < 64)
    value = LLVM::ZExtOp::create(builder, builder.getI64Type(), value);
  return value;
}

Value fromField(Abi &builder, Value field, Type type) {
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::IntToPtrOp::create(builder, type, field);
  unsigned width = type.getIntOrFloatBitWidth();
  if (width < 64)
    field = LLVM::TruncOp::create(builder, builder.getIntegerType(width), field);
  if (isa<FloatType>(type))
    field = LLVM::BitcastOp::create(builder, type, field);
  return field;
}

struct LowerCalls : pare::cpu::impl::LowerCallsBase<LowerCalls> {
  using LowerCallsBase::LowerCallsBase;

  void lowerHost(ModuleOp host) {
    SmallVector<LLVM::LLVMFuncOp> declarations;
    for (LLVM::LLVMFuncOp callee : host.getOps<LLVM::LLVMFuncOp>())
      if (callee->hasAttr(kKernelAttr))
        declarations.push_back(callee);
    for (LLVM::LLVMFuncOp function : host.getOps<LLVM::LLVMFuncOp>()) {
      if (function.isExternal())
        continue;
      SmallVector<std::pair<LLVM::CallOp, int64_t>> calls;
      size_t fields = 0;
      function.walk([&](LLVM::CallOp call) {
        if (!call.getCallee())
          return;
        auto callee = host.lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee());
        if (auto number = callee ? callee->getAttrOfType<IntegerAttr>(kKernelAttr) : nullptr) {
          calls.push_back({call, number.getInt()});
          fields = std::max<size_t>(fields, call.getArgOperands().size() - 1); // all but the number of tiles
        }
      });
      if (calls.empty())
        continue;
      Abi builder(function.getLoc(), function.getContext());
      builder.setInsertionPointToStart(&function.getBody().front());
      // parallel() returns when the kernels are done, so that one record serves all calls.
      Value record = LLVM::AllocaOp::create(builder, builder.ptr(), builder.getI64Type(), builder.i64(fields));
      Value context = function.getArgument(0);
      for (auto [call, number] : calls) {
        builder.setInsertionPoint(call);
        builder.setLoc(call.getLoc());
        for (auto [field, value] : llvm::enumerate(call.getArgOperands().drop_front()))
          LLVM::StoreOp::create(builder, toField(builder, value), builder.at(record, 8 * field));
        Value kernel = builder.load(builder.ptr(), builder.at(builder.kernels(context), 8 * number));
        Value args = builder.at(record, int64_t(8 * kLaunchNumbers));
        builder.parallel(context, kernel, args, call.getArgOperands().front());
        call.erase();
      }
    }
    for (LLVM::LLVMFuncOp declaration : declarations)
      declaration.erase();
  }

  /// The function of the kernel table.
  LLVM::LLVMFuncOp makeWrapper(ModuleOp module, LLVM::LLVMFuncOp kernel) {
    Abi builder(kernel.getLoc(), module.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    Type ptr = builder.ptr(), i64 = builder.getI64Type();
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(module.getContext()),
                                            {ptr, ptr, i64, i64, builder.getI32Type()});
    auto wrapper = LLVM::LLVMFuncOp::create(builder, ("run_" + kernel.getName()).str(), type, LLVM::Linkage::Internal);
    builder.setInsertionPointToStart(wrapper.addEntryBlock(builder));
    auto args = wrapper.getArguments();
    SmallVector<Value> operands;
    ArrayRef<Type> types = kernel.getArgumentTypes();
    for (auto [field, argument] : llvm::enumerate(types.drop_back(kOwnArguments)))
      operands.push_back(fromField(builder, builder.load(i64, builder.at(args[1], 8 * field)), argument));
    operands.append({args[0], args[2], args[3], args[4]});
    LLVM::CallOp::create(builder, kernel, operands);
    LLVM::ReturnOp::create(builder, ValueRange{});
    return wrapper;
  }

  /// Adds the register-tile routines of a variant to a module that calls them.
  void addTiles(ModuleOp module, ModuleOp tiles) {
    SmallVector<LLVM::LLVMFuncOp> declared;
    for (LLVM::LLVMFuncOp function : module.getOps<LLVM::LLVMFuncOp>())
      if (function.isExternal() && isRoutineName(function.getName()))
        declared.push_back(function);
    if (declared.empty() || !tiles)
      return;
    for (LLVM::LLVMFuncOp function : declared)
      function.erase();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    for (Operation &op : *tiles.getBody())
      builder.clone(op);
  }

  void internalise(ModuleOp module) {
    for (LLVM::LLVMFuncOp function : module.getOps<LLVM::LLVMFuncOp>())
      if (!function.isExternal())
        function.setLinkage(LLVM::Linkage::Internal);
  }

  void makeVariant(ModuleOp kernels, StringRef variant, ModuleOp tiles) {
    OpBuilder outer(kernels);
    auto module = cast<ModuleOp>(outer.clone(*kernels));
    std::string name = variant.str();
    std::replace(name.begin(), name.end(), '-', '_');
    module.setSymName(name);
    module->setAttr(kVariantAttr, outer.getStringAttr(variant));
    SmallVector<LLVM::LLVMFuncOp> functions;
    for (LLVM::LLVMFuncOp function : module.getOps<LLVM::LLVMFuncOp>())
      if (!function.isExternal())
        functions.push_back(function);
    SmallVector<LLVM::LLVMFuncOp> wrappers;
    for (LLVM::LLVMFuncOp function : functions) {
      // Its arguments stay arguments for alias analysis.
      function.setNoInline(true);
      wrappers.push_back(makeWrapper(module, function));
    }
    addTiles(module, tiles);
    internalise(module);

    Abi builder(module.getLoc(), module.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    auto type = LLVM::LLVMArrayType::get(builder.ptr(), wrappers.size());
    auto table = LLVM::GlobalOp::create(builder, type, /*isConstant=*/true, LLVM::Linkage::External,
                                        "pare_kernels_" + name, Attribute());
    builder.createBlock(&table.getInitializerRegion());
    Value value = LLVM::PoisonOp::create(builder, type);
    for (auto [number, wrapper] : llvm::enumerate(wrappers))
      value = LLVM::InsertValueOp::create(builder, value, LLVM::AddressOfOp::create(builder, wrapper),
                                          ArrayRef<int64_t>{static_cast<int64_t>(number)});
    LLVM::ReturnOp::create(builder, value);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto tilesOf = [&](StringRef variant) { return module.lookupSymbol<ModuleOp>((kTilesPrefix + variant).str()); };
    auto host = module.lookupSymbol<ModuleOp>(kHostModule), kernels = module.lookupSymbol<ModuleOp>(kKernelsModule);
    lowerHost(host);
    auto functions = kernels.getOps<LLVM::LLVMFuncOp>();
    bool anyBytes = llvm::any_of(functions, [](LLVM::LLVMFuncOp f) { return f.getName().starts_with(kByteGemmName); });
    bool any = llvm::any_of(functions, [](LLVM::LLVMFuncOp f) { return !f.isExternal(); });
    if (any)
      for (const std::string &variant : variants)
        if (!isForBytes(variant) || anyBytes)
          makeVariant(kernels, variant, tilesOf(variant));
    addTiles(host, tilesOf("x86-64-v2"));
    for (LLVM::LLVMFuncOp function : host.getOps<LLVM::LLVMFuncOp>())
      if (!function.isExternal() && !function.getName().starts_with("pare_entry_"))
        function.setLinkage(LLVM::Linkage::Internal);
    kernels.erase();
    for (const std::string &variant : variants)
      if (ModuleOp tiles = tilesOf(variant))
        tiles.erase();
  }
};
} // namespace
