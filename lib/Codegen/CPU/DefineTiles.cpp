// One module of register-tile routines for each CPU variant.
#include "Abi.h"
#include "Routines.h"
#include "TransposeTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_DEFINETILES
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
struct DefineTiles : pare::cpu::impl::DefineTilesBase<DefineTiles> {
  using DefineTilesBase::DefineTilesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Routine> routines = Routines::declaredIn(module);
    SmallVector<std::pair<Narrowing, bool>> narrowings;
    for (Narrowing narrowing : kNarrowings)
      for (bool fromNarrow : {false, true})
        if (module.lookupSymbol(narrowingName(narrowing, fromNarrow)))
          narrowings.push_back({narrowing, fromNarrow});
    if (routines.empty() && narrowings.empty() && !module.lookupSymbol(kTransposeName))
      return;
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    for (const std::string &variant : variants) {
      if (isForBytes(variant) && llvm::none_of(routines, [](auto &r) { return r.products == Products::bytes; }))
        continue;
      ModuleOp tiles = ModuleOp::create(builder, module.getLoc(), (kTilesPrefix + variant).str());
      for (const Routine &routine : routines)
        defineGemm(tiles, registerTileOf(variant, routine.products), routine);
      if (module.lookupSymbol(kTransposeName))
        defineTranspose(tiles, registerTileOf(variant, Products::f32).lanes);
      for (auto [narrowing, fromNarrow] : narrowings)
        defineNarrowing(tiles, registerTileOf(variant, Products::bf16), narrowing, fromNarrow);
    }
    for (Routine &routine : routines)
      if (routine.tail)
        routine.tail.erase();
  }
};
} // namespace
