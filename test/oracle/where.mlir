// Choice with three broadcasts.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%c: tensor<?x1xi1> {pare.name = "c", pare.dims = ["n", ""]},
                %x: tensor<1x?xf32> {pare.name = "x", pare.dims = ["", "m"]},
                %y: tensor<f32> {pare.name = "y"})
    -> (tensor<?x?xf32> {pare.name = "r", pare.dims = ["n", "m"]}) {
  %r = pare.where %c, %x, %y : (tensor<?x1xi1>, tensor<1x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
