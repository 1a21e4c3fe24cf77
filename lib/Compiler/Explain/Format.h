// Numbers as people read them.
#ifndef PARE_LIB_COMPILER_EXPLAIN_FORMAT_H
#define PARE_LIB_COMPILER_EXPLAIN_FORMAT_H

#include "pare/Compiler/Explain.h"

namespace pare::explain {

/// "22.3 G", "0".
std::string formatCount(double number);
/// What went, as a share: "-40.1%", "+2.0%"; empty when nothing changed.
std::string formatChange(double before, double after);
std::string formatShare(double share);
/// "12, 40, 128" or, of many, "16 of 26 to 128, mean 76.8".
std::string formatLengths(const std::vector<int64_t> &lengths);

/// Findings that say the same, with the nodes that they are about.
struct FindingGroup {
  bool applied = false;
  std::string text, suggestion;
  std::vector<std::string> nodes;
};
std::vector<FindingGroup> groupFindings(const PassReport &pass);
/// "MatMul_3 (MatMul)".
std::string formatNode(const std::string &node, const std::string &op);

} // namespace pare::explain

#endif
