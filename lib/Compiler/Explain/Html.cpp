// The report as one page.
#include "Format.h"

namespace pare::explain {
void writeHtml(const Report &report, llvm::raw_ostream &os) {}
} // namespace pare::explain
