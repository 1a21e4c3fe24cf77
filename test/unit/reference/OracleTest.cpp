// Every file of test/oracle parses and can be evaluated at small sizes, and together they use every op of the dialect.
#include "ReferenceTest.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"

using namespace pare::reference;
namespace {
class Oracle : public ReferenceTest {};
} // namespace

TEST_F(Oracle, FilesEvaluateAndCoverTheDialect) {
  llvm::StringSet<> seen;
  int files = 0;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator entry(PARE_TEST_ORACLE, code), end; entry != end && !code;
       entry.increment(code)) {
    if (!llvm::StringRef(entry->path()).ends_with(".mlir"))
      continue;
    SCOPED_TRACE(entry->path());
    ++files;
    auto module = mlir::parseSourceFile<mlir::ModuleOp>(entry->path(), &context);
    if (!module) {
      ADD_FAILURE() << "does not parse";
      continue;
    }
    module->walk([&](mlir::Operation *op) { seen.insert(op->getName().getStringRef()); });
    for (int64_t size : {0, 1, 3}) {
      SCOPED_TRACE(size);
      RandomOptions options;
      options.defaultSize = size;
      options.seed = static_cast<uint64_t>(size);
      for (auto function : module->getOps<mlir::func::FuncOp>()) {
        auto inputs = makeRandomInputs(function, options);
        if (!inputs) {
          ADD_FAILURE() << llvm::toString(inputs.takeError());
          continue;
        }
        auto results = evaluateFunction(function, *inputs);
        if (!results)
          ADD_FAILURE() << llvm::toString(results.takeError());
      }
    }
  }
  EXPECT_FALSE(code) << code.message();
  EXPECT_GT(files, 0);
  for (mlir::RegisteredOperationName name : context.getRegisteredOperationsByDialect("pare"))
    EXPECT_TRUE(seen.contains(name.getStringRef())) << name.getStringRef().str() << " is in no file of test/oracle";
}
