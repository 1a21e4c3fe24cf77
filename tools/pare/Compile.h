// pare compile.
#ifndef PARE_TOOLS_PARE_COMPILE_H
#define PARE_TOOLS_PARE_COMPILE_H

#include "pare/Compiler.h"

namespace pare::tool {
struct CompileArguments {
  std::string model;
  /// Empty: the model's name with another extension, or the standard output for IR.
  std::string output;
  CompileOptions options;
  /// On the standard error, how long each phase took.
  bool printTimes = false;
};

/// The exit status: 0, or 1 with a message on stderr.
int compileModel(const CompileArguments &arguments);
} // namespace pare::tool

#endif
