// A temporary folder that goes with its content.
#ifndef PARE_TOOLS_PARE_WORKFOLDER_H
#define PARE_TOOLS_PARE_WORKFOLDER_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <string>

namespace pare::tool {
class WorkFolder {
public:
  /// Where no folder can be created, the files of file() cannot be either, which their writers report.
  WorkFolder() { (void)llvm::sys::fs::createUniqueDirectory("pare", path); }
  ~WorkFolder() {
    if (!path.empty())
      (void)llvm::sys::fs::remove_directories(path);
  }
  WorkFolder(const WorkFolder &) = delete;
  WorkFolder &operator=(const WorkFolder &) = delete;

  std::string file(const std::string &name) const { return (path + "/" + name).str(); }

private:
  llvm::SmallString<128> path;
};
} // namespace pare::tool

#endif
