#include "Format.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>

namespace pare::explain {
namespace {
template <typename... Arguments> std::string format(const char *pattern, Arguments... arguments) {
  char text[128];
  snprintf(text, sizeof text, pattern, arguments...);
  return text;
}
} // namespace

std::string formatCount(double number) {
  const char *units[] = {"", " k", " M", " G", " T", " P"};
  size_t unit = 0;
  for (; number >= 999.5 && unit + 1 < std::size(units); ++unit)
    number /= 1000;
  return format("%.3g%s", number, units[unit]);
}

std::string formatFlops(double number) { return formatCount(number) + (number < 999.5 ? " FLOPs" : "FLOPs"); }

std::string formatShare(double share) { return format("%.1f%%", 100 * share); }

std::string formatChange(double before, double after) {
  if (before == after)
    return "";
  if (before == 0)
    return "new";
  std::string text = format("%+.1f%%", 100 * (after / before - 1));
  return text == "+0.0%" || text == "-0.0%" ? "" : text;
}

std::string formatLengths(const std::vector<int64_t> &lengths) {
  if (lengths.empty())
    return "";
  if (lengths.size() <= 8) {
    std::string text;
    for (int64_t length : lengths)
      text += (text.empty() ? "" : ", ") + std::to_string(length);
    return text;
  }
  auto [least, most] = std::minmax_element(lengths.begin(), lengths.end());
  double sum = 0;
  for (int64_t length : lengths)
    sum += static_cast<double>(length);
  return std::to_string(*least) + " to " + std::to_string(*most) +
         format(", mean %.1f", sum / static_cast<double>(lengths.size()));
}

std::string formatNode(const std::string &node, const std::string &op) {
  size_t slash = node.rfind('/');
  bool says = node.find(op, slash == std::string::npos ? 0 : slash) != std::string::npos;
  return op.empty() || says ? node : node + " (" + op + ")";
}

std::vector<FindingGroup> groupFindings(const PassReport &pass) {
  std::vector<FindingGroup> groups;
  for (bool applied : {true, false})
    for (const Finding &finding : pass.findings) {
      if (finding.applied != applied)
        continue;
      auto found = llvm::find_if(groups, [&](const FindingGroup &group) {
        return group.applied == applied && group.text == finding.text && group.suggestion == finding.suggestion;
      });
      if (found == groups.end())
        found = groups.insert(groups.end(),
                              {applied, finding.text, finding.proof, finding.suggestion, {}, finding.metrics});
      if (found->metrics != finding.metrics)
        found->metrics.clear();
      std::string node = formatNode(finding.node, finding.op);
      if (!llvm::is_contained(found->nodes, node))
        found->nodes.push_back(node);
    }
  return groups;
}
} // namespace pare::explain
