// Evaluates ops that are written as text.
#ifndef PARE_TEST_REFERENCE_TEST_H
#define PARE_TEST_REFERENCE_TEST_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "pare/Reference/Random.h"
#include "pare/Reference/Reference.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace pare::reference {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

class ReferenceTest : public testing::Test {
protected:
  using Shape = std::vector<int64_t>;
  ReferenceTest();

  mlir::Type type(llvm::StringRef text);
  Tensor make(llvm::StringRef elementType, Shape shape, std::vector<double> values);
  Tensor f32(Shape shape, std::vector<double> values) { return make("f32", std::move(shape), std::move(values)); }
  Tensor si64(Shape shape, std::vector<double> values) { return make("si64", std::move(shape), std::move(values)); }
  Tensor si64(std::vector<double> values) {
    auto size = static_cast<int64_t>(values.size());
    return si64({size}, std::move(values));
  }

  /// The results of one op over operands %a, %b, ..., whose types have static sizes or, with `dynamic`, only a rank.
  llvm::Expected<Tensors> evaluate(llvm::StringRef op, std::vector<Tensor> operands, bool dynamic = false);
  Tensors all(llvm::StringRef op, std::vector<Tensor> operands);
  Tensor one(llvm::StringRef op, std::vector<Tensor> operands);
  std::string error(llvm::StringRef op, std::vector<Tensor> operands, bool dynamic = false);

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text);
  mlir::func::FuncOp function(llvm::StringRef text);

  mlir::MLIRContext context;
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> modules;
};

/// Shape and elements, within `tolerance`; NaN equals NaN.
void expect(const Tensor &got, std::vector<int64_t> shape, std::vector<double> values, double tolerance = 0);

} // namespace pare::reference

#endif
