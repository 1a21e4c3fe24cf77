// pare explain.
#ifndef PARE_TOOLS_PARE_EXPLAIN_H
#define PARE_TOOLS_PARE_EXPLAIN_H

#include "pare/Compiler/Explain.h"

namespace pare::tool {
struct ExplainArguments {
  std::string model;
  explain::Options options;
  /// Files as of `pare run`; empty: inputs follow from sizes and lengths.
  std::vector<std::string> inputs;
  /// "-" is the standard output, in place of the text; empty: not wanted.
  std::string json, html;
};

/// Prints what redundancy the model has. The exit status: 0, or 1 with a message on stderr.
int explainModel(const ExplainArguments &arguments);

/// "12,40,128" or "uniform:0.6" into the options. Empty when it is right, else what is wrong.
std::string parseLengths(const std::string &text, explain::Options &options);
} // namespace pare::tool

#endif
