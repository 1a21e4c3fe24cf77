// Control flow over tensors.
#ifndef PARE_CONTROL_OPS
#define PARE_CONTROL_OPS

include "pare/Dialect/PareBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Pare_YieldOp : Op<Pare_Dialect, "yield", [Pure, Terminator, ReturnLike, ParentOneOf<["IfOp", "LoopOp"]>]> {
  let summary = "Ends a region with its results";
  let description = [{
    Example: `pare.yield %a : tensor<4xf32>`
  }];
  let arguments = (ins Variadic<Pare_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{}]>];
}

def Pare_IfOp : Op<Pare_Dialect, "if", [SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable, NoRegionArguments]> {
  let summary = "Executes one of two regions";
  let description = [{
    `condition` holds one element. Both regions end in `pare.yield` with one value per result; the types of a result and of
    what is yielded agree in element type and are compatible in shape.

    Example:
    ```mlir
    %y = pare.if %c : tensor<i1> -> tensor<?xf32> {
      pare.yield %a : tensor<?xf32>
    } else {
      pare.yield %b : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Pare_BoolTensor:$condition);
  let results = (outs Variadic<Pare_Tensor>:$results);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = "$condition `:` type($condition) (`->` type($results)^)? $thenRegion `else` $elseRegion attr-dict";
  let hasVerifier = 1;
}

def Pare_LoopOp : Op<Pare_Dialect, "loop", [AttrSizedOperandSegments, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "A loop with carried values and stacked outputs";
  let description = [{
    As ONNX Loop. The body takes (iteration : tensor<si64>, condition : tensor<i1>, carried...) and yields (condition,
    carried..., scanned...). It runs while the condition holds and the iteration is below `trip_count`; either may be absent.
    Results are the last carried values, then each scanned value stacked along a new first axis (of size 0 when nothing ran).

    Example:
    ```mlir
    %last, %all = pare.loop trip_count(%n : tensor<si64>) init(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>) {
    ^bb0(%i: tensor<si64>, %c: tensor<i1>, %v: tensor<4xf32>):
      %w = pare.add %v, %v : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      pare.yield %c, %w, %w : tensor<i1>, tensor<4xf32>, tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Optional<Pare_ShapeTensor>:$trip_count, Optional<Pare_BoolTensor>:$condition, Variadic<Pare_Tensor>:$init);
  let results = (outs Variadic<Pare_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`trip_count` `(` $trip_count^ `:` type($trip_count) `)`)? (`while` `(` $condition^ `:` type($condition) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)? `->` `(` type($results) `)` $body attr-dict
  }];
  let hasVerifier = 1;
}

#endif
