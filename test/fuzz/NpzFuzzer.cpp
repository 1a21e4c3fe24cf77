// Fuzzes the reading of .npy and .npz files; what can be read must survive being written and read again.
#include "npz/Npz.h"

#include <cstdlib>
#include <cstring>

using namespace pare;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  npz::Array array;
  if (!npz::parseNpy(data, size, array).failed()) {
    std::string file;
    if (npz::npyHeader(array.tensor(), file).failed())
      abort();
    if (array.bytes)
      file.append(array.data.get(), array.bytes);
    npz::Array again;
    if (npz::parseNpy(reinterpret_cast<const uint8_t *>(file.data()), file.size(), again).failed() ||
        again.dtype != array.dtype || again.dims != array.dims || again.bytes != array.bytes ||
        (array.bytes && memcmp(again.data.get(), array.data.get(), array.bytes) != 0))
      abort();
  }
  std::vector<npz::NamedArray> arrays;
  (void)npz::parseNpz(data, size, arrays).failed();
  return 0;
}
