// Numbers as people read them.
#ifndef PARE_LIB_COMPILER_EXPLAIN_FORMAT_H
#define PARE_LIB_COMPILER_EXPLAIN_FORMAT_H

#include "pare/Compiler/Explain.h"

namespace pare::explain {

/// "22.3 G", "0".
std::string formatCount(double number);
/// "22.3 GFLOPs".
std::string formatFlops(double number);
/// What went, as a share: "-40.1%", "+2.0%"; empty when nothing changed.
std::string formatChange(double before, double after);
std::string formatShare(double share);
/// "12, 40, 128" or, of many, "26 to 128, mean 76.8".
std::string formatLengths(const std::vector<int64_t> &lengths);

/// Findings that say the same, with the nodes that they are about.
struct FindingGroup {
  bool applied = false;
  std::string text, proof, suggestion;
  std::vector<std::string> nodes;
  /// Where all of them have the same.
  std::vector<std::pair<std::string, std::string>> metrics;
};
std::vector<FindingGroup> groupFindings(const PassReport &pass);
/// "encoder/product (MatMul)", or the name alone where it says the op.
std::string formatNode(const std::string &node, const std::string &op);

} // namespace pare::explain

#endif
