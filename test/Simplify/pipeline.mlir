// RUN: pare-opt %s --pare-simplify | FileCheck %s

// Nothing to do.
// CHECK-LABEL: @nothing
// CHECK-NEXT: return %arg0
func.func @nothing(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// The shape arithmetic around a split into heads leaves one reshape, whose types are as precise as they can be.
// CHECK-LABEL: @heads
// CHECK-NOT: pare.gather
// CHECK: pare.reshape {{.*}} -> tensor<?x?x12x64xf32>
func.func @heads(%x: tensor<?x?x768xf32>) -> tensor<?x?x?x?xf32> {
  %zero = pare.constant dense<0> : tensor<1xsi64>
  %heads = pare.constant dense<[0, 12, -1]> : tensor<3xsi64>
  %width = pare.constant dense<768> : tensor<si64>
  %count = pare.constant dense<12> : tensor<si64>
  %size = pare.div %width, %count : (tensor<si64>, tensor<si64>) -> tensor<si64>
  %t = pare.concat %zero, %heads {axis = 0 : i64} : (tensor<1xsi64>, tensor<3xsi64>) -> tensor<4xsi64>
  %y = pare.reshape %x, %t : (tensor<?x?x768xf32>, tensor<4xsi64>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
