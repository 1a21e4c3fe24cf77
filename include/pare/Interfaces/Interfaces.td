// What passes ask of an op.
#ifndef PARE_INTERFACES
#define PARE_INTERFACES

include "mlir/IR/OpBase.td"

def Pare_RowWiseOpInterface : OpInterface<"RowWiseOpInterface"> {
  let cppNamespace = "::pare";
  let description = [{
    How an op moves rows. Along an axis an op either treats every index by itself (row-wise: slice i of the result needs only
    slice i of the operand) or mixes indices (reductions, softmax along the axis, contractions). Passes that remove rows ask
    this and nothing else of an op.
  }];
  let methods = [
    InterfaceMethod<[{
      Axis of result `result` along which index i depends, as far as operand `operand` goes, only on index i of axis
      `axis` of that operand. std::nullopt when the op mixes indices along `axis`, consumes the axis, or cannot tell.
      `axis` is non-negative and in range; operands of unknown rank give std::nullopt. An axis of a size unknown at compile
      time counts as not broadcast: a caller that relies on it establishes that the two sizes are equal.
    }],
    "std::optional<int64_t>", "mapAxis", (ins "unsigned":$operand, "int64_t":$axis, "unsigned":$result)>
  ];
}

def Pare_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::pare";
  let description = [{
    Work of one execution of an op, for the sizes that `dim` reports. A multiply-add counts as two FLOPs; transcendental
    functions count as one. Data movement counts no FLOPs.
  }];
  let methods = [
    InterfaceMethod<"FLOPs; `dim(value, axis)` gives the size of an axis.",
      "double", "getFlops", (ins "::llvm::function_ref<int64_t(::mlir::Value, int64_t)>":$dim)>,
    InterfaceMethod<"Bytes read and written once, as if nothing was cached or fused.",
      "double", "getBytes", (ins "::llvm::function_ref<int64_t(::mlir::Value, int64_t)>":$dim), [{}], [{
        return ::pare::defaultBytes($_op, dim);
      }]>
  ];
}

#endif
