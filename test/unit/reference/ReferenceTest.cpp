// Evaluates ops that are written as text.
#include "ReferenceTest.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "pare/Dialect/Pare.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace pare::reference {

ReferenceTest::ReferenceTest() { context.loadDialect<PareDialect, func::FuncDialect>(); }

Type ReferenceTest::type(StringRef text) { return parseType(text, &context); }

Tensor ReferenceTest::make(StringRef elementType, Shape shape, std::vector<double> values) {
  return Tensor::fromDoubles(type(elementType), shape, values);
}

OwningOpRef<ModuleOp> ReferenceTest::parse(StringRef text) { return parseSourceString<ModuleOp>(text, &context); }

func::FuncOp ReferenceTest::function(StringRef text) {
  modules.push_back(parse(text));
  EXPECT_TRUE(modules.back()) << text.str();
  return modules.back() ? *modules.back()->getOps<func::FuncOp>().begin() : func::FuncOp();
}

llvm::Expected<Tensors> ReferenceTest::evaluate(StringRef op, std::vector<Tensor> operands, bool dynamic) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "func.func @f(";
  for (auto [index, operand] : llvm::enumerate(operands)) {
    SmallVector<int64_t> sizes(operand.getRank(), ShapedType::kDynamic);
    auto type = RankedTensorType::get(sizes, operand.getElementType());
    os << (index ? ", " : "") << "%" << static_cast<char>('a' + index) << ": " << (dynamic ? type : operand.getType());
  }
  os << ") {\n" << op << "\nreturn\n}\n";
  func::FuncOp parsed = function(text);
  if (!parsed)
    return llvm::createStringError("does not parse: " + text);
  return evaluateOp(&parsed.front().front(), operands);
}

Tensors ReferenceTest::all(StringRef op, std::vector<Tensor> operands) {
  auto results = evaluate(op, std::move(operands));
  if (!results) {
    ADD_FAILURE() << op.str() << ": " << llvm::toString(results.takeError());
    return {};
  }
  return *results;
}

Tensor ReferenceTest::one(StringRef op, std::vector<Tensor> operands) {
  Tensors results = all(op, std::move(operands));
  EXPECT_EQ(results.size(), 1u) << op.str();
  return results.empty() ? Tensor() : results.front();
}

std::string ReferenceTest::error(StringRef op, std::vector<Tensor> operands, bool dynamic) {
  auto results = evaluate(op, std::move(operands), dynamic);
  return results ? "no error" : llvm::toString(results.takeError());
}

void expect(const Tensor &got, std::vector<int64_t> shape, std::vector<double> values, double tolerance) {
  ASSERT_TRUE(got.getElementType());
  ASSERT_EQ(got.getShape().vec(), shape);
  ASSERT_EQ(got.getNumElements(), static_cast<int64_t>(values.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    double value = got.getDouble(static_cast<int64_t>(i));
    if (std::isnan(values[i]) || std::isinf(values[i]) || tolerance == 0)
      EXPECT_TRUE(value == values[i] || (std::isnan(value) && std::isnan(values[i])))
          << "element " << i << ": " << value << ", not " << values[i];
    else
      EXPECT_NEAR(value, values[i], tolerance) << "element " << i;
  }
}

} // namespace pare::reference
