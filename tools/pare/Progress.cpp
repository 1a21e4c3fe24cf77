#include "Progress.h"

#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace pare::tool {
Progress::Progress() : terminal(isatty(STDERR_FILENO)) {
  if (terminal)
    thread = std::thread([this] { show(); });
}

Progress::~Progress() {
  if (!terminal)
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    done = true;
  }
  wake.notify_all();
  thread.join();
  if (shown)
    fputs("\r\033[K", stderr);
}

void Progress::set(const std::string &text) {
  std::lock_guard<std::mutex> lock(mutex);
  what = text;
}

std::function<void(const PhaseEvent &)> Progress::phases() {
  return [this](const PhaseEvent &event) {
    if (!event.finished)
      set("compiling: " + std::string(getName(event.phase)));
  };
}

void Progress::show() {
  using namespace std::chrono_literals;
  auto start = std::chrono::steady_clock::now();
  std::unique_lock<std::mutex> lock(mutex);
  for (auto pause = 2000ms; !wake.wait_for(lock, pause, [this] { return done; }); pause = 500ms) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
    fprintf(stderr, "\r\033[K%s (%lld s)", what.c_str(), static_cast<long long>(seconds.count()));
    fflush(stderr);
    shown = true;
  }
}
} // namespace pare::tool
