// Passes from linalg on tensors to LLVM for CPUs, in the order in which they run.
#ifndef PARE_CODEGEN_CPU_PASSES
#define PARE_CODEGEN_CPU_PASSES

include "mlir/Pass/PassBase.td"

def ReadTransposedWeights : Pass<"pare-read-transposed-weights", "::mlir::func::FuncOp"> {
  let summary = "Let products read transposed weights where they lie";
  let description = [{
    A contraction whose operand is the transposition of a weight (a head that shares the table of the embedding, say) reads
    the weight itself through another indexing map, so that packing turns it when the artefact is written.

    ```mlir
    %t = linalg.transpose ins(%weight : tensor<100x64xf32>) outs(%e) permutation = [1, 0]
    %r = linalg.matmul ins(%x, %t) outs(%init)
    // becomes, with (m, n, k) -> (n, k) for the weight
    %r = linalg.generic ins(%x, %weight) outs(%init) { arith.mulf, arith.addf }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def NarrowProducts : Pass<"pare-narrow-products", "::mlir::func::FuncOp"> {
  let summary = "Multiply in bfloat16 (approximate: --cpu-bf16)";
  let description = [{
    A contraction of f32 multiplies in bfloat16, rounded to nearest even, and sums in f32. Where one operand is a
    weight, the other one is rounded by an op of its own, which fuses with what computes it; the weight is rounded in
    the body, which packing does ahead of time. Contractions with weights stay as they are where the other operand is
    not contiguous along a reduced loop of an even number of steps.

    Two activations that are matrices, as in attention, are both rounded in the body: they are copied for the product
    in any case. Those with fewer than 16 rows, columns or steps of the reduced loop stay in f32.

    ```mlir
    %r = linalg.matmul ins(%x, %weight : tensor<?x64xf32>, tensor<64x96xf32>) outs(%init)
    // becomes
    %n = linalg.generic ins(%x) { arith.truncf }  // tensor<?x64xbf16>
    %r = linalg.generic ins(%n, %weight) outs(%init) {
      %a = arith.extf %in
      %w = arith.truncf %in_0
      %b = arith.extf %w
      %p = arith.mulf %a, %b
      %s = arith.addf %out, %p
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def FlattenInserts : Pass<"pare-flatten-inserts", "::mlir::func::FuncOp"> {
  let summary = "Insert parts where they end up";
  let description = [{
    What is put together from parts and then becomes a part of another tensor (a concatenation inside of its padding) is
    not put together first: its parts are inserted there. Where axes become one, parts of one step of the inner axis
    (the phases of a transposed convolution) are inserted with the steps of that axis between their elements, so that
    the group that computes one can write it there.

    ```mlir
    %a = tensor.insert_slice %even into %empty[0, 0] [4, 1] [1, 1] : tensor<4x1xf32> into tensor<4x2xf32>
    %b = tensor.insert_slice %odd into %a[0, 1] [4, 1] [1, 1] : tensor<4x1xf32> into tensor<4x2xf32>
    %c = tensor.collapse_shape %b [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
    // becomes, with both collapsed to tensor<4xf32>
    %a = tensor.insert_slice %even_0 into %empty[0] [4] [2] : tensor<4xf32> into tensor<8xf32>
    %c = tensor.insert_slice %odd_0 into %a[1] [4] [2] : tensor<4xf32> into tensor<8xf32>
    ```

    Leaves alone: tensors that something else reads, and parts that are inserted over existing elements.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::tensor::TensorDialect"];
}

def FuseElementwise : Pass<"pare-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Merge elementwise producers into their consumers where nothing is computed twice";
  let description = [{
    A `linalg.generic` that only maps elements joins its consumer when it has no other user and the consumer reads each
    of its elements once; a cheap one also where the consumer repeats it. Reshapes move behind elementwise ops, so that
    more of them meet. A cheap elementwise tensor of which a consumer gathers single elements is computed at the
    gathered places only: a dequantised table is never materialised.

    ```mlir
    %a = linalg.generic ins(%x) { math.exp }
    %b = linalg.generic ins(%a, %y) { arith.addf }
    // becomes
    %b = linalg.generic ins(%x, %y) { math.exp, arith.addf }
    ```

    Contractions and reductions are left alone as producers: fusing them is the work of the groups.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"];
}

def FormGroups : Pass<"pare-form-groups", "::mlir::func::FuncOp"> {
  let summary = "Form fusion groups: parallel loops over tiles of a root with its producers";
  let description = [{
    From the last op to the first, an op that is in no group becomes the root of one. Producers whose users all lie in
    the group join it when their tile is determined by the tile of the root and no other tile needs it; cheap producers
    of the right side of a contraction (dequantisation, transposition) join although every tile of rows computes them
    again. The group becomes an `scf.forall` over tiles of the root, with the producers inside.

    ```mlir
    %p = linalg.matmul ins(%a, %b) outs(%zero)
    %r = linalg.generic ins(%p, %bias) { arith.addf }
    // becomes
    %r = scf.forall (%i, %j) = (0, 0) to (%m, %n) step (144, 48) shared_outs(%o = %e) {
      %pt = linalg.matmul ins(%a[%i, 0], %b[0, %j]) outs(%zt)
      %rt = linalg.generic ins(%pt, %bias[%j]) { arith.addf }
      scf.forall.in_parallel { tensor.parallel_insert_slice %rt into %o[%i, %j] }
    }
    ```

    A contraction never joins a group that needs whole rows of its result. An op without a parallel loop stays as it is.
    In front of each loop stands a note of its FLOPs and bytes, `llvm.call_intrinsic "llvm.pare.work"(%flops, %bytes)`, for
    profiles: -1 for what depends on data.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def ParallelizeCopies : Pass<"pare-parallelize-copies", "::mlir::func::FuncOp"> {
  let summary = "Copy large buffers by tiles, in parallel";
  let description = [{
    What is left of copies after bufferization moves whole tensors: inputs into the outputs that begin with them, as the
    keys and values of a decoder's cache. Each becomes an `scf.forall` over tiles, with its bytes noted as its work.

    ```mlir
    memref.copy %x, %y : memref<?x8x?x64xf32> to memref<?x8x?x64xf32, strided<..>>
    // becomes
    scf.forall (%a, %b, %c, %d) = (0, 0, 0, 0) to (%m, 8, %n, 64) step (1, 1, 256, 64) {
      %from = memref.subview %x[%a, %b, %c, %d] [1, 1, %size, 64] [1, 1, 1, 1]
      %to = memref.subview %y[..]
      memref.copy %from, %to
    }
    ```

    Copies within a loop, and those that are known to be smaller than a tile, stay as they are.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def OutlineKernels : Pass<"pare-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Move parallel loops on buffers into kernel functions";
  let description = [{
    Each `scf.forall` becomes a call of a function `@kernel_<n>` in the nested module `@kernels`, with the number of
    tiles as its first argument, then the number of the launch and its work, and what the body uses as the others.
    `pare.launches` on the module says what each launch computes. The function runs tiles [begin, end), which its
    last arguments name together with the context and the worker. Bodies that are equal share one function: a model of
    twelve equal layers compiles one. Buffers of the body move in front of the loop over tiles: the stack takes the
    small ones, the scratch memory of the worker the others.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def PlaceDestinations : Pass<"pare-place-destinations", "::mlir::func::FuncOp"> {
  let summary = "Make the tensors into which results are inserted before those results";
  let description = [{
    Where the result of a fusion group is only inserted into a larger tensor (an image inside of its padding, a part of a
    concatenation), the definition of that tensor moves above the group. Empty tensor elimination then lets the group
    write into its place there, and the copy is gone.
  }];
}

def ReuseOperands : Pass<"pare-reuse-operands", "::mlir::func::FuncOp"> {
  let summary = "Let results take the place of an operand that nobody reads again";
  let description = [{
    Where each tile of a fusion group reads of a tensor the elements that it writes, and that tensor is read nowhere
    behind the group, the group writes over it: a residual connection needs no third buffer, and its stores meet lines
    that are in the cache already.

    ```mlir
    %r = scf.forall (%i) = (0) to (%n) step (16) shared_outs(%o = %empty) {
      %a = tensor.extract_slice %x[%i, 0] [16, 64] [1, 1]
      ...
      scf.forall.in_parallel { tensor.parallel_insert_slice %b into %o[%i, 0] [16, 64] [1, 1] }
    }
    // becomes
    %r = scf.forall (%i) = (0) to (%n) step (16) shared_outs(%o = %x) {
      %a = tensor.extract_slice %o[%i, 0] [16, 64] [1, 1]
      ...
    ```
  }];
}

def BufferizeHost : Pass<"pare-bufferize", "::mlir::ModuleOp"> {
  let summary = "Turn tensors into buffers";
  let description = [{
    One-shot bufferisation over whole functions. Inputs are never written. Buffers have no deallocation: the memory plan
    gives each a place for its lifetime.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def PackWeights : Pass<"pare-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Read the right side of products from panels that are packed at compile time";
  let description = [{
    Where tiles of a contraction read columns [48 j, 48 j + 48) of a weight [.., K, N], or of one [.., N, K] that is read
    transposed, they read panel j of [.., N / 48, K, 48] instead: contiguous memory that nothing has to copy. The weight gets
    that layout when the artefact is written; one that others read as it is stays beside it. K may be several reduced axes
    (the window and the channels of a convolution).

    ```mlir
    %w = memref.get_global @w : memref<768x3072xf32>
    %b = memref.subview %w[0, %j] [768, 48] [1, 1]                                   // %j in steps of 48
    // becomes
    %w = memref.get_global @w_panels : memref<64x768x48xf32>
    %b = memref.subview %w[%j floordiv 48, 0, 0] [1, 768, 48] [1, 1, 1]
    ```
    Leaves alone: the left side (the kernels of convolutions), other element types, tiles that begin elsewhere.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def LowerContractions : Pass<"pare-lower-contractions", "::mlir::ModuleOp"> {
  let summary = "Compute contractions on buffers by calls of the register-tile routine";
  let description = [{
    A sum of products over f32 whose operands are read linearly (matrix products, batched or not, and convolutions) gives
    its longest row, column and reduced loops to a routine `@gemm_f32..`; the others are loops around calls of it, which
    add up. What the sums start from (a bias, zero) and the elementwise arithmetic that follows (a residual, an activation,
    also with exp, erf or tanh) move into the routine where one call computes whole sums: they happen while the sums are in
    registers or in the first level of cache. Loops
    whose steps go on where the inner one ends, in every operand, count as one (the lines of an image, a window and the
    channels behind it). Taps of a window that meet only rows of padding (`pare.zero_rows`, from the conversion) are
    not run: a low image is mostly borders. The right side is copied into a dense panel first when its rows are not contiguous or when many
    rows reuse it. Convolutions by groups read input channels (o floordiv outputs) * inputs + c: there is a routine
    `@grouped_f32_<inputs>x<outputs>` for each kind of group, in which a vector is a part of one group, or holds several, in
    whose lanes an element of each is repeated.

    Sums in i32 of signed by unsigned bytes are done four steps of the depth at a time, which have to be contiguous on the
    left. The right side is packed for that: at compile time where it is a weight, into panels [N / 48, K / 4, 48, 4] with
    zeros behind the last of K, else in front of the call. What follows the sums may scale and round them to bytes.

    Other types and groups are left to --pare-lower-loops.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def LowerTransposes : Pass<"pare-lower-transposes", "::mlir::ModuleOp"> {
  let summary = "Transpose buffers of f32 by calls of a routine that does it in registers";
  let description = [{
    What moves elements from a buffer that is contiguous along one loop to one that is contiguous along another gives these
    two loops to the routine `@transpose_f32`, which loads and stores whole vectors; the others are loops around calls of it.
    Loops whose steps go on where the inner one ends, in both buffers, count as one (the lines of an image).

    ```mlir
    linalg.transpose ins(%x : memref<64x3136xf32>) outs(%y : memref<3136x64xf32>) permutation = [1, 0]
    // becomes
    func.call @transpose_f32(%from, %3136, %to, %64, %3136, %64)
    ```

    Leaves alone: other types, and loops of less than four steps (the colours of an image).
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def LowerLoops : Pass<"pare-lower-loops", "::mlir::ModuleOp"> {
  let summary = "Lower linalg ops and copies on buffers to loops";
  let description = [{
    Parallel loops outside, reductions inside with their accumulators in registers. Where the result is contiguous along
    its last axis and the reduced loops are short (windows) or stride (sums over rows), that axis is innermost and the
    accumulators stay in memory: neighbouring sums advance together.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def LowerReshapes : Pass<"pare-lower-reshapes", "::mlir::ModuleOp"> {
  let summary = "Lower reshapes of buffers that split an axis";
  let description = [{
    `memref.expand_shape` becomes `memref.reinterpret_cast`. The pass --expand-strided-metadata of MLIR 22 does the same
    but cannot split an axis into two of unknown size.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def ExpandMath : Pass<"pare-expand-math", "::mlir::ModuleOp"> {
  let summary = "Expand f32 exp, erf and tanh and conversions of 16-bit floats into arithmetic that vectorises";
  let description = [{
    Within 2 ULP for exp, 2 for erf and 3 for tanh. NaN and infinities follow IEEE 754. Other functions are left to libm.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def LowerEntries : Pass<"pare-lower-entries", "::mlir::ModuleOp"> {
  let summary = "Give entry points the calling convention of the runtime";
  let description = [{
    A public function becomes `pare_entry_<name>(context, inputs, dims)`: arguments are read from the arrays, weights
    from the base of the context, buffers come from the slots of the memory plan, and results go to the outputs.
    Moves the function into the nested module `@host`, and records the signatures as `pare.entries`, the weights and
    their offsets as `pare.weights` on the outer module.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect"];
}

def LowerAsserts : Pass<"pare-lower-asserts", "::mlir::ModuleOp"> {
  let summary = "Turn asserts of a host program into a recorded failure and an early return";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect"];
}

def DefineTiles : Pass<"pare-define-tiles", "::mlir::ModuleOp"> {
  let summary = "Add the register-tile routines of each variant, where something calls them";
  let options = [ListOption<"variants", "variants", "std::string", "CPU variants, e.g. x86-64-v3">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def LowerCalls : Pass<"pare-lower-calls", "::mlir::ModuleOp"> {
  let summary = "Pass kernels their arguments in a record, through the pool of the runtime";
  let description = [{
    Works on the LLVM dialect: a call of a kernel stores its operands in a record, the number of the launch and its work in front,
    and calls `parallel` with the entry of the kernel table; each kernel gets a function of the type of that table, which reads the record. Makes one module of
    kernels for each CPU variant, with the register-tile routines of its vector width.
  }];
  let options = [ListOption<"variants", "variants", "std::string", "CPU variants to make, e.g. x86-64-v3">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif
