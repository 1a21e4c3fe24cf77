// Modules that break the contract, and places where no artefact can be written.
// REQUIRES: compiler
// RUN: split-file %s %t
// RUN: not pare compile %t/none.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: {{.*}}none.mlir{{.*}}: needs at least one entry in pare.entries
// RUN: not pare compile %t/type.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: pare.entries: 'x' needs a ranked tensor type of numbers or booleans
// RUN: not pare compile %t/dims.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=DIMS
// DIMS: pare.entries: 'x' needs one dimension name (or "") per axis, or none at all
// RUN: not pare compile %t/offset.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=OFFSET
// OFFSET: pare.weights[1]: offset must be a multiple of 64 behind the weight before it
// RUN: not pare compile %t/layout.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=LAYOUT
// LAYOUT: pare.weights[0]: layout must be {}
// RUN: not pare compile %t/launches.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=LAUNCHES
// LAUNCHES: pare.launches: a kernel or a name is missing
// RUN: not pare compile %t/variant.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=VARIANT
// VARIANT: unknown CPU variant 'x86-64-v5': expected x86-64-v2, x86-64-v3, x86-64-v4, x86-64-v4-vnni, x86-64-v4-bf16 or x86-64-v4-amx
// RUN: not pare compile %t/file.mlir --start-from=codegen -o %t/x.pare 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: file.mlir:{{[0-9]+}}:{{[0-9]+}}: {{.*}}no-such-file.bin
// RUN: not pare compile %t/good.mlir --start-from=codegen -o %t/no/such/folder/x.pare 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: error: {{.*}}good.mlir{{.*}}: cannot create '{{.*}}/no/such/folder/x.pare': No such file or directory
// RUN: not pare compile %t/good.mlir --start-from=codegen -o /dev/full 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: cannot write '/dev/full': not a regular file
// RUN: not ls %t/x.pare

//--- none.mlir
module {}

//--- type.mlir
module attributes {pare.entries = [{name = "main", inputs = [{name = "x", type = tensor<4xi7>, dims = [""]}], outputs = []}]} {}

//--- dims.mlir
module attributes {pare.entries = [{name = "main", inputs = [{name = "x", type = tensor<4xf32>, dims = ["", ""]}], outputs = []}]} {}

//--- offset.mlir
module attributes {pare.entries = [{name = "main", inputs = [], outputs = []}],
  pare.weights = [{data = dense<1> : tensor<17xi32>, offset = 0 : i64}, {data = dense<1> : tensor<i32>, offset = 64 : i64}]} {}

//--- launches.mlir
module attributes {pare.entries = [{name = "main", inputs = [], outputs = []}],
  pare.launches = [{kernel = 0 : i64}]} {}

//--- layout.mlir
module attributes {pare.entries = [{name = "main", inputs = [], outputs = []}],
  pare.weights = [{data = dense<1> : tensor<4xi32>, offset = 0 : i64, layout = {kind = "panels", width = 4 : i64}}]} {}

//--- variant.mlir
module attributes {pare.entries = [{name = "main", inputs = [], outputs = []}]} {
  module @host attributes {pare.variant = "x86-64-v5"} {}
}

//--- file.mlir
module attributes {pare.weights = [{data = #pare.external<"no-such-file.bin", 0> : tensor<4xi32>, offset = 0 : i64}]} {}

//--- good.mlir
module attributes {pare.entries = [{name = "main", inputs = [], outputs = []}]} {
  module @host attributes {pare.variant = "x86-64-v2"} {
    llvm.func @pare_entry_main(%ctx: !llvm.ptr, %inputs: !llvm.ptr, %dims: !llvm.ptr) -> i32 {
      %zero = llvm.mlir.constant(0 : i32) : i32
      llvm.return %zero : i32
    }
  }
}
