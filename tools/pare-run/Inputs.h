// The inputs of a run, from NumPy files.
#ifndef PARE_TOOLS_PARE_RUN_INPUTS_H
#define PARE_TOOLS_PARE_RUN_INPUTS_H

#include "npz/Npz.h"
#include "pare-rt/api.h"

#include <map>
#include <string>
#include <vector>

namespace pare::run {

using Arrays = std::map<std::string, npz::Array>;

/// Reads files "x.npz", or "name=x.npy" for one input; later ones win.
rt::Status readInputs(const std::vector<std::string> &files, Arrays &arrays);

/// Adds the arrays in the order of the entry's inputs. An error when one is missing or is no input; dtypes and shapes
/// are the runtime's to check. The input of index `optional` may be missing and is then a tensor without data.
rt::Status bindInputs(const pare_rt_entry_info &entry, const Arrays &arrays, std::vector<pare_rt_tensor> &tensors,
                      int64_t optional = -1);

} // namespace pare::run

#endif
