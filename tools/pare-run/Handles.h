// What the runs of the tool share: handles that free themselves, and messages.
#ifndef PARE_TOOLS_PARE_RUN_HANDLES_H
#define PARE_TOOLS_PARE_RUN_HANDLES_H

#include "pare-rt/packer.h"

#include <memory>
#include <string>
#include <vector>

namespace pare::run {

struct Release {
  void operator()(pare_rt_module *module) const { pare_rt_module_release(module); }
  void operator()(pare_rt_session *session) const { pare_rt_session_release(session); }
  void operator()(pare_packer *packer) const { pare_packer_release(packer); }
};

class Reporter {
public:
  explicit Reporter(const std::string &program) : program(program) {}

  /// The exit status.
  int report(const std::string &message) const;
  /// Takes the status; true, after reporting, when it is an error.
  bool reported(pare_rt_status *status) const;

private:
  const std::string &program;
};

/// "median 1.234 ms (...)".
void printTimes(std::vector<double> milliseconds);

/// Variant, threads and weights.
void printModule(const pare_rt_module *module);
/// Name, inputs and outputs.
void printEntry(const pare_rt_entry_info &entry);

} // namespace pare::run

#endif
