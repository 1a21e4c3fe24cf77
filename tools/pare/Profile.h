// Profiles of sessions, for people and for trace viewers.
#ifndef PARE_TOOLS_PARE_PROFILE_H
#define PARE_TOOLS_PARE_PROFILE_H

#include "MachinePeak.h"
#include "pare-rt/api.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace pare::tool {
/// Launches of one name, or of one place of the host program.
struct KernelReport {
  std::string name;
  std::vector<std::string> nodes;
  /// Launches in all calls; times are in seconds, of all of them together.
  int64_t launches = 0;
  double seconds = 0;
  /// Of all threads: how long they were in the kernel.
  double busy = 0;
  /// Of all launches; std::nullopt where one of them does not say.
  std::optional<double> flops = 0.0, bytes = 0.0;
};

struct ProfileReport {
  int64_t calls = 0;
  double seconds = 0;
  uint32_t threads = 1;
  MachinePeak peak;
  /// By name, the most time first; and by place, in the order of the first call.
  std::vector<KernelReport> kernels, launches;

  /// What is in no kernel.
  double hostSeconds() const;
};

/// Of the events that the session has recorded. `threads` is the module's number.
ProfileReport makeProfile(const pare_rt_session *session, uint32_t threads);

void writeText(const ProfileReport &profile, llvm::raw_ostream &os);
/// An attribute "profile" of the object that `json` is in.
void writeJson(const ProfileReport &profile, llvm::json::OStream &json);
/// The events as a Chrome trace (a JSON object with "traceEvents"), which chrome://tracing and Perfetto show: calls and
/// kernels on one row, and what each thread did of them on a row of its own.
void writeTrace(const pare_rt_session *session, llvm::raw_ostream &os);
} // namespace pare::tool

#endif
