// Passes that take away what an exporter left behind. All are exact.
#ifndef PARE_SIMPLIFY_PASSES
#define PARE_SIMPLIFY_PASSES

include "mlir/Pass/PassBase.td"

def RefineTypes : Pass<"pare-refine-types", "::mlir::func::FuncOp"> {
  let summary = "Infer result types again from more precise operands";
  let description = [{
    Runs type inference forward and keeps what is more precise, inside regions and in the results of the function too.

    ```mlir
    %y = pare.relu %x : (tensor<2x4xf32>) -> tensor<?x?xf32>
    // becomes
    %y = pare.relu %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
    ```
    Leaves alone: what a loop carries, and arguments.
  }];
  let dependentDialects = ["::pare::PareDialect"];
}

def FoldConstants : Pass<"pare-fold-constants", "::mlir::func::FuncOp"> {
  let summary = "Evaluate ops whose operands are constants";
  let description = [{
    Replaces an op by its results as the reference interpreter computes them, where these take at most 16 MiB and no more
    bytes than the operands (4 KiB are always allowed), or where computing them takes 16 operations per byte: attention
    whose weights depend on positions alone keeps these weights.

    ```mlir
    %c = pare.add %a, %b : (tensor<2xsi64>, tensor<2xsi64>) -> tensor<2xsi64>  // of constants
    // becomes
    %c = pare.constant dense<[3, 4]> : tensor<2xsi64>
    ```
    Leaves alone: what would grow the model (a tile, the dequantisation of a weight), ops with regions, and ops that the
    interpreter reports an error for. With `keep-quantized` also the dequantisation of few bytes, for passes that multiply
    bytes (--pare-multiply-quantized).
  }];
  let options = [Option<"keepQuantized", "keep-quantized", "bool", "false", "Leave dequantised bytes as they are">];
  let dependentDialects = ["::pare::PareDialect"];
}

def SimplifyShapes : Pass<"pare-simplify-shapes", "::mlir::func::FuncOp"> {
  let summary = "Remove shape arithmetic and moves that change nothing";
  let description = [{
    Follows shapes through symbolic dimensions. Integer tensors whose elements are all known become constants; reshape,
    expand, slice, pad and tile that return their operand go away.

    ```mlir
    %s = pare.shape_of %x : (tensor<?x4xf32>) -> tensor<2xsi64>
    %y = pare.reshape %x, %s : (tensor<?x4xf32>, tensor<2xsi64>) -> tensor<?x4xf32>  // is %x
    ```
    The shape of a value that nothing else reads is taken from the arguments, so that the value need not exist.

    Leaves alone: moves whose sizes are only equal in some runs.
  }];
  let dependentDialects = ["::pare::PareDialect"];
}

def Canonicalize : Pass<"pare-canonicalize", "::mlir::func::FuncOp"> {
  let summary = "Merge and remove moves and casts";
  let description = [{
    Identity and consecutive transposes, casts to the same type, squeezes that undo unsqueezes, consecutive reshapes,
    concatenations of one tensor, quantisation of what the same levels dequantised. An `if` whose condition is constant
    becomes the branch that is taken. A gather from a computed table of constants gathers first and computes then, so that the
    table itself is never computed:

    ```mlir
    %t = pare.cast %w {to = f32} : (tensor<30000x64xf16>) -> tensor<30000x64xf32>
    %y = pare.gather %t, %i {axis = 0 : i64} : (tensor<30000x64xf32>, tensor<?xsi64>) -> tensor<?x64xf32>
    // becomes
    %g = pare.gather %w, %i {axis = 0 : i64} : (tensor<30000x64xf16>, tensor<?xsi64>) -> tensor<?x64xf16>
    %y = pare.cast %g {to = f32} : (tensor<?x64xf16>) -> tensor<?x64xf32>
    ```
    Leaves alone: arithmetic, which IEEE 754 does not let one simplify (x * 0, x - x).
  }];
  let dependentDialects = ["::pare::PareDialect"];
}

#endif
