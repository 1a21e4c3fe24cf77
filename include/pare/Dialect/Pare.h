// The pare dialect: attributes, ops and the helpers that their users share.
#ifndef PARE_DIALECT_PARE_H
#define PARE_DIALECT_PARE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "pare/Dialect/Shapes.h"
#include "pare/Interfaces/Interfaces.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <mutex>

#include "pare/Dialect/PareDialect.h.inc"

#include "pare/Dialect/PareEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "pare/Dialect/PareAttrs.h.inc"

namespace pare {
/// Trait of ops whose operands broadcast to the result and that compute every element by itself.
// NOLINTNEXTLINE(bugprone-crtp-constructor-accessibility): as all traits of MLIR
template <typename ConcreteType> class Broadcasts : public mlir::OpTrait::TraitBase<ConcreteType, Broadcasts> {};
} // namespace pare

#define GET_OP_CLASSES
#include "pare/Dialect/PareOps.h.inc"

#endif
