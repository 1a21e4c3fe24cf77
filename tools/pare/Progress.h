// A line on the terminal for what takes more than two seconds.
#ifndef PARE_TOOLS_PARE_PROGRESS_H
#define PARE_TOOLS_PARE_PROGRESS_H

#include "pare/Options.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace pare::tool {
/// Shows on the standard error, when that is a terminal, what goes on and for how long; the line goes with the object.
class Progress {
public:
  Progress();
  ~Progress();

  void set(const std::string &what);
  /// For CompileOptions::onPhase.
  std::function<void(const PhaseEvent &)> phases();

private:
  void show();

  bool terminal;
  bool done = false, shown = false;
  std::string what;
  std::mutex mutex;
  std::condition_variable wake;
  std::thread thread;
};
} // namespace pare::tool

#endif
