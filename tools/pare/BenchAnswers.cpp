#include "BenchAnswers.h"

#include "Artefact.h"
#include "Errors.h"
#include "base/Status.h"
#include "pare/Dialect/Shapes.h"
#include <cmath>

using namespace mlir;

namespace pare::tool {
bool Answers::load(const std::string &entry, ArrayRef<pare_rt_tensor> inputs) {
  if (!compilation.load(model))
    return false;
  auto lookUp = [&] { return compilation.getModule().lookupSymbol<func::FuncOp>(entry); };
  function = lookUp();
  if (!function)
    return compilation.fail("it has no entry '" + entry + "'");
  for (unsigned result = 0; result < function.getNumResults(); ++result) {
    auto name = function.getResultAttrOfType<StringAttr>(result, kNameAttr);
    names.push_back(name ? name.getValue().str() : "");
  }
  if (!compilation.advance(Phase::Pare))
    return false;
  function = lookUp();
  reference::Tensors tensors;
  for (auto [tensor, type] : llvm::zip_equal(inputs, function.getArgumentTypes()))
    tensors.push_back(fromRuntime(tensor, getElementTypeOrSelf(type)));
  llvm::Expected<std::optional<PaddingCheck>> check = PaddingCheck::create(compilation.getModule(), entry, tensors);
  if (!check)
    return compilation.fail(textOf(check.takeError()));
  padding = std::move(*check);
  return true;
}

llvm::Error Answers::take(ArrayRef<pare_rt_tensor> outputs) {
  reference::Tensors got;
  for (auto [tensor, type] : llvm::zip_equal(outputs, function.getResultTypes()))
    got.push_back(fromRuntime(tensor, getElementTypeOrSelf(type)));
  if (padding) {
    llvm::Expected<reference::Tensors> whole = padding->unpack(std::move(got));
    if (!whole)
      return whole.takeError();
    got = std::move(*whole);
  }
  got.resize(names.size()); // passes may add results
  own = std::move(got);
  return llvm::Error::success();
}

std::vector<OutputReport> Answers::compare(ArrayRef<npz::NamedArray> outputs, double tolerance) const {
  std::vector<OutputReport> reports;
  for (auto [index, name] : llvm::enumerate(names)) {
    OutputReport report;
    report.name = name;
    const reference::Tensor &got = own[index];
    pare_rt_tensor described = toRuntime(got);
    auto found = llvm::find_if(outputs, [&, &name = name](const npz::NamedArray &array) { return array.name == name; });
    auto text = [](const pare_rt_tensor &tensor) { return rt::formatShape(tensor.dims, tensor.rank, tensor.dtype); };
    if (found == outputs.end()) {
      report.mismatch = "it has no such output";
    } else if (pare_rt_tensor theirs = found->array.tensor(); text(theirs) != text(described)) {
      report.mismatch = "Pare gives " + text(described) + ", it gives " + text(theirs);
    } else {
      reference::Tensor want = fromRuntime(theirs, got.getElementType());
      reference::Allowance none;
      if (padding)
        padding->clear(index, want, none);
      report.elements = got.getNumElements();
      for (int64_t i = 0; i < report.elements; ++i) {
        double a = got.getDouble(i), b = want.getDouble(i);
        if (got.isFloat() && std::isfinite(b))
          report.magnitude = std::max(report.magnitude, std::fabs(b));
        if (got.isFloat() ? a == b || (std::isnan(a) && std::isnan(b)) : got.getInt(i) == want.getInt(i))
          continue;
        ++report.differing;
        double error = std::fabs(a - b);
        report.maxError = std::max(report.maxError, std::isnan(error) ? HUGE_VAL : error);
      }
      report.ok = got.isFloat() ? report.relativeError() <= tolerance : report.differing == 0;
    }
    report.ok &= report.mismatch.empty();
    reports.push_back(report);
  }
  return reports;
}
} // namespace pare::tool
