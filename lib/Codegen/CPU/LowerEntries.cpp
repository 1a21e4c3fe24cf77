// Entry points get the calling convention of abi.h.
#include "Abi.h"
#include "BufferLifetimes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"
#include "pare-rt/abi.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERENTRIES
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
/// Attributes that earlier phases leave on arguments, results and globals.
constexpr StringLiteral kName = "pare.name", kDims = "pare.dims", kType = "pare.type";

struct EntryLowering {
  ModuleOp host;
  const DenseMap<StringAttr, int64_t> &offsets;
  SmallVector<int32_t> &slots; // first, last, first, last, ...
  uint32_t &steps;

  void run(func::FuncOp function) {
    // Lifetimes of later entries do not meet those of earlier ones.
    BufferLifetimes lifetimes(function);
    SmallVector<std::pair<memref::AllocOp, Lifetime>> allocs;
    function.walk([&](memref::AllocOp op) { allocs.push_back({op, lifetimes.of(op)}); });

    Block &body = function.getBody().front();
    Abi builder(function.getLoc(), function.getContext());
    SmallVector<BlockArgument> old(body.getArguments());
    Value context = body.addArgument(builder.ptr(), function.getLoc());
    Value inputs = body.addArgument(builder.ptr(), function.getLoc());
    Value dims = body.addArgument(builder.ptr(), function.getLoc());
    builder.setInsertionPointToStart(&body);
    int64_t position = 0;
    for (auto [number, argument] : llvm::enumerate(old)) {
      auto type = cast<MemRefType>(argument.getType());
      SmallVector<Value> sizes;
      for (int64_t axis = 0; axis < type.getRank(); ++axis, ++position)
        if (type.isDynamicDim(axis))
          sizes.push_back(builder.toIndex(builder.load(builder.getI64Type(), builder.at(dims, 8 * position))));
      Value pointer = builder.load(builder.ptr(), builder.at(inputs, 8 * number));
      argument.replaceAllUsesWith(builder.asBuffer(pointer, type, sizes));
    }
    body.eraseArguments(0, old.size());

    auto returned = cast<func::ReturnOp>(body.getTerminator());
    DenseMap<Operation *, int64_t> direct; // buffers that are an output and nothing else
    for (auto [number, value] : llvm::enumerate(returned.getOperands())) {
      memref::AllocOp alloc = findDirect(value);
      if (!alloc || alloc->getBlock() != &body || !direct.try_emplace(alloc, number).second)
        copyOut(returned, number, context);
    }
    for (auto [op, lifetime] : allocs) {
      auto found = direct.find(op);
      if (found != direct.end())
        lowerOutput(op, found->second, returned.getOperand(found->second), context);
      else
        lowerAlloc(op, lifetime, context);
    }
    function.walk([&](memref::GetGlobalOp op) { lowerWeight(op, context); });
    steps += lifetimes.numSteps();

    builder.setInsertionPoint(returned);
    Value zero = arith::ConstantOp::create(builder, builder.getI32IntegerAttr(0));
    func::ReturnOp::create(builder, zero);
    returned.erase();
    function.removeArgAttrsAttr();
    function.removeResAttrsAttr();
    function.setType(builder.getFunctionType({builder.ptr(), builder.ptr(), builder.ptr()}, builder.getI32Type()));
    function.setName(("pare_entry_" + function.getName()).str());
    function->moveBefore(host.getBody(), host.getBody()->end());
  }

  void lowerAlloc(memref::AllocOp op, const Lifetime &lifetime, Value context) {
    Abi builder(op.getLoc(), op);
    Value bytes = builder.toI64(builder.bytesOf(op.getType(), op.getDynamicSizes()));
    Value pointer;
    if (lifetime.escapes) {
      pointer = builder.allocDynamic(context, bytes);
    } else {
      pointer = builder.alloc(context, slots.size() / 2, bytes);
      slots.append({static_cast<int32_t>(steps + lifetime.first), static_cast<int32_t>(steps + lifetime.last)});
    }
    op.replaceAllUsesWith(builder.asBuffer(pointer, op.getType(), op.getDynamicSizes()));
    op.erase();
  }

  /// The caller's memory for output `number` with the given sizes (index).
  Value makeOutput(Abi &builder, Value context, int64_t number, MemRefType type, ValueRange sizes) {
    int64_t rank = type.getRank();
    Value dims;
    {
      // On the frame once, not at every turn of a loop.
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointAfterValue(context);
      dims =
          LLVM::AllocaOp::create(builder, builder.ptr(), builder.getI64Type(), builder.i64(std::max<int64_t>(rank, 1)));
    }
    SmallVector<Value> dynamic;
    size_t next = 0;
    for (int64_t axis = 0; axis < rank; ++axis) {
      Value size = type.isDynamicDim(axis) ? sizes[next++] : builder.index(type.getDimSize(axis));
      LLVM::StoreOp::create(builder, builder.toI64(size), builder.at(dims, 8 * axis));
    }
    Value bytes = builder.toI64(builder.bytesOf(type, sizes));
    Value pointer = builder.output(context, number, dims, rank, bytes);
    return builder.asBuffer(pointer, type, sizes);
  }

  /// The buffer that `value` is all of, in its order, if the sizes of `value` are known where that is made; null else.
  static memref::AllocOp findDirect(Value value) {
    while (auto cast = value.getDefiningOp<memref::CastOp>())
      value = cast.getSource();
    auto expand = value.getDefiningOp<memref::ExpandShapeOp>();
    auto alloc = (expand ? expand.getSrc() : value).getDefiningOp<memref::AllocOp>();
    if (!alloc || !alloc.getType().getLayout().isIdentity())
      return {};
    if (expand) {
      DominanceInfo dominance;
      if (!expand.getResultType().getLayout().isIdentity() ||
          !llvm::all_of(expand.getOutputShape(), [&](Value size) { return dominance.properlyDominates(size, alloc); }))
        return {};
    }
    return alloc;
  }

  /// `returned` is all of `op`, as findDirect found.
  void lowerOutput(memref::AllocOp op, int64_t number, Value returned, Value context) {
    Abi builder(op.getLoc(), op);
    while (auto cast = returned.getDefiningOp<memref::CastOp>())
      returned = cast.getSource();
    Value buffer;
    if (auto expand = returned.getDefiningOp<memref::ExpandShapeOp>()) {
      Value whole = makeOutput(builder, context, number, expand.getResultType(), expand.getOutputShape());
      buffer = builder.asBuffer(builder.address(whole), op.getType(), op.getDynamicSizes());
    } else {
      buffer = makeOutput(builder, context, number, op.getType(), op.getDynamicSizes());
    }
    op.replaceAllUsesWith(buffer);
    op.erase();
  }

  void copyOut(func::ReturnOp op, int64_t number, Value context) {
    Abi builder(op.getLoc(), op);
    Value value = op.getOperand(number);
    auto type = cast<MemRefType>(value.getType());
    auto dense = MemRefType::get(type.getShape(), type.getElementType());
    SmallVector<Value> sizes;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (type.isDynamicDim(axis))
        sizes.push_back(builder.createOrFold<memref::DimOp>(value, axis));
    memref::CopyOp::create(builder, value, makeOutput(builder, context, number, dense, sizes));
  }

  void lowerWeight(memref::GetGlobalOp op, Value context) {
    auto found = offsets.find(op.getNameAttr().getAttr());
    if (found == offsets.end())
      return;
    Abi builder(op.getLoc(), op);
    Value pointer = builder.at(builder.weights(context), builder.i64(found->second));
    op.replaceAllUsesWith(builder.asBuffer(pointer, cast<MemRefType>(op.getType()), {}));
    op.erase();
  }
};

struct LowerEntries : pare::cpu::impl::LowerEntriesBase<LowerEntries> {
  /// {name, type, dims} of each argument or result.
  ArrayAttr describe(func::FuncOp function, bool results) {
    Builder builder(&getContext());
    SmallVector<Attribute> list;
    unsigned count = results ? function.getNumResults() : function.getNumArguments();
    for (unsigned number = 0; number < count; ++number) {
      auto get = [&](StringRef name) {
        return results ? function.getResultAttr(number, name) : function.getArgAttr(number, name);
      };
      Type type = results ? function.getResultTypes()[number] : function.getArgumentTypes()[number];
      Attribute named = get(kType), name = get(kName), dims = get(kDims);
      if (!named) {
        auto memref = cast<MemRefType>(type);
        named = TypeAttr::get(RankedTensorType::get(memref.getShape(), memref.getElementType()));
      }
      if (!name)
        name = builder.getStringAttr((results ? "output_" : "input_") + std::to_string(number));
      if (!dims)
        dims = builder.getArrayAttr({});
      list.push_back(builder.getDictionaryAttr({builder.getNamedAttr("name", name), builder.getNamedAttr("type", named),
                                                builder.getNamedAttr("dims", dims)}));
    }
    return builder.getArrayAttr(list);
  }

  void global(OpBuilder &builder, Location loc, StringRef name, Type type, Attribute value) {
    LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::External, name, value);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    Builder attributes(&getContext());
    SmallVector<func::FuncOp> entries;
    for (func::FuncOp function : module.getOps<func::FuncOp>()) {
      if (function.isDeclaration())
        continue;
      if (function.isPrivate()) {
        function.emitOpError("is a function that could not be inlined");
        return signalPassFailure();
      }
      entries.push_back(function);
    }
    // The weights one after another, each at a multiple of a cache line.
    constexpr int64_t kAlignment = 64;
    DenseMap<StringAttr, int64_t> offsets;
    SmallVector<Attribute> weights;
    int64_t offset = 0;
    for (memref::GlobalOp op : llvm::make_early_inc_range(module.getOps<memref::GlobalOp>())) {
      Attribute data = op->getAttr(kDataAttr);
      if (!data)
        continue;
      if (!SymbolTable::symbolKnownUseEmpty(op, module)) {
        offsets[op.getSymNameAttr()] = offset;
        NamedAttrList weight;
        weight.set("data", data);
        weight.set("offset", attributes.getI64IntegerAttr(offset));
        if (Attribute layout = op->getAttr(kLayoutAttr))
          weight.set("layout", layout);
        weights.push_back(weight.getDictionary(&getContext()));
        MemRefType type = op.getType();
        offset += llvm::alignTo(type.getNumElements() * ::pare::cpu::bytesOf(type.getElementType()), kAlignment);
      }
    }
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    ModuleOp host = ModuleOp::create(builder, module.getLoc(), kHostModule);
    host->setAttr(kVariantAttr, builder.getStringAttr("x86-64-v2"));

    SmallVector<Attribute> described;
    SmallVector<int32_t> slots;
    uint32_t steps = 0;
    for (func::FuncOp function : entries) {
      described.push_back(
          attributes.getDictionaryAttr({attributes.getNamedAttr("name", attributes.getStringAttr(function.getName())),
                                        attributes.getNamedAttr("inputs", describe(function, false)),
                                        attributes.getNamedAttr("outputs", describe(function, true))}));
      EntryLowering{host, offsets, slots, steps}.run(function);
    }
    module->setAttr("pare.entries", attributes.getArrayAttr(described));
    module->setAttr("pare.weights", attributes.getArrayAttr(weights));

    // What the entries refer to goes with them.
    for (Operation &op : llvm::make_early_inc_range(*module.getBody())) {
      if (auto global = dyn_cast<memref::GlobalOp>(op)) {
        if (global->hasAttr(kDataAttr))
          op.erase();
        else
          op.moveBefore(host.getBody(), host.getBody()->begin());
      } else if (isa<func::FuncOp>(op)) {
        op.moveBefore(host.getBody(), host.getBody()->begin());
      }
    }
    auto kernels = module.lookupSymbol<ModuleOp>(kKernelsModule);
    int64_t numKernels = 0;
    for (func::FuncOp function : kernels.getOps<func::FuncOp>())
      numKernels += !function.isDeclaration();
    Location loc = module.getLoc();
    builder.setInsertionPointToEnd(host.getBody());
    Type i32 = builder.getI32Type();
    global(builder, loc, "pare_abi_version", i32, builder.getI32IntegerAttr(PARE_ABI_VERSION));
    global(builder, loc, "pare_num_kernels", i32, builder.getI32IntegerAttr(numKernels));
    global(builder, loc, "pare_num_slots", i32, builder.getI32IntegerAttr(slots.size() / 2));
    if (!slots.empty())
      global(builder, loc, "pare_slots", LLVM::LLVMArrayType::get(i32, slots.size()), builder.getI32TensorAttr(slots));
  }
};
} // namespace
