#include "OnnxRuntime.h"

#include "Artefact.h"
#include "WorkFolder.h"
#include "npz/Npz.h"
#include "pare/Dialect/Shapes.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace pare::tool {
namespace {
constexpr const char *kScript = R"(
import sys
try:
    import numpy, onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, dict(numpy.load(sys.argv[2])))
    numpy.savez(sys.argv[3], **dict(zip(names, values)))
except Exception as error:
    sys.exit(str(error))
)";

llvm::Error makeError(const llvm::Twine &text) { return llvm::createStringError(llvm::inconvertibleErrorCode(), text); }
} // namespace

llvm::Expected<reference::Tensors> runOnnxRuntime(const std::string &python, const std::string &model,
                                                  func::FuncOp function, ArrayRef<reference::Tensor> inputs) {
  WorkFolder folder;
  const std::string in = folder.file("in.npz"), out = folder.file("out.npz"), said = folder.file("said.txt");
  std::vector<npz::ArrayView> views;
  for (auto [index, input] : llvm::enumerate(inputs)) {
    auto name = function.getArgAttrOfType<StringAttr>(index, kNameAttr);
    views.push_back({name ? name.getValue().str() : "", toRuntime(input)});
  }
  if (rt::Status status = npz::writeNpz(in, views); status.failed())
    return makeError(status.message());
  llvm::ErrorOr<std::string> program = llvm::sys::findProgramByName(python);
  if (!program)
    return makeError("cannot find '" + python + "': " + program.getError().message());
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(said), StringRef(said)};
  std::string why;
  int status = llvm::sys::ExecuteAndWait(*program, {*program, "-c", kScript, model, in, out}, std::nullopt, redirects,
                                         0, 0, &why);
  if (status != 0) {
    auto text = llvm::MemoryBuffer::getFile(said);
    return makeError(text && status > 0 ? (*text)->getBuffer().trim() : StringRef(why));
  }
  std::vector<npz::NamedArray> arrays;
  if (rt::Status read = npz::readNpz(out, arrays); read.failed())
    return makeError(read.message());
  reference::Tensors results;
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    auto name = function.getResultAttrOfType<StringAttr>(index, kNameAttr);
    auto found = llvm::find_if(arrays, [&](const npz::NamedArray &array) { return name && name == array.name; });
    if (found == arrays.end())
      return makeError("it has no output '" + (name ? name.getValue() : "") + "'");
    Type elementType = cast<ShapedType>(type).getElementType();
    pare_rt_tensor tensor = found->array.tensor();
    if (dtypeOf(elementType) != tensor.dtype)
      return makeError("its output '" + name.getValue() + "' has another dtype: " + pare_rt_dtype_name(tensor.dtype));
    results.push_back(fromRuntime(tensor, elementType));
  }
  return results;
}
} // namespace pare::tool
