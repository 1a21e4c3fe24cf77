// Fuzzes the check of model.pare files, which stands before everything else the loader does. No fuzzed code is ever
// loaded: checkFile only reads.
//
// Checksums would stop nearly every input at the first test, so the first byte says how much of the input is made right
// before it is checked: nothing; the footer's checksum; the sections' checksums too; or a whole file is built around
// the input as manifest, or around parts of it as code, weights and manifest.
#include "module/Check.h"

#include <cstdlib>
#include <cstring>
#include <vector>

using namespace pare::rt;

namespace {

void check(const std::vector<uint8_t> &file) {
  for (bool skip : {false, true}) {
    CheckedFile checked;
    Status status = checkFile(file.data(), file.size(), skip, checked);
    // An error says something; a success has something to run.
    if (status.failed() ? status.message().empty() : checked.manifest.entries.empty())
      abort();
  }
}

void repairAndCheck(std::vector<uint8_t> file, bool sections) {
  if (file.size() >= sizeof(pare_footer)) {
    uint8_t *at = file.data() + file.size() - sizeof(pare_footer);
    pare_footer footer;
    memcpy(&footer, at, sizeof footer);
    memcpy(footer.magic, PARE_FORMAT_MAGIC, sizeof footer.magic);
    auto hash = [&](uint64_t offset, uint64_t size, uint64_t &result) {
      if (sections && offset <= file.size() && size <= file.size() - offset)
        result = hashBytes(file.data() + offset, size);
    };
    hash(0, footer.code_size, footer.code_hash);
    hash(footer.weights_offset, footer.weights_size, footer.weights_hash);
    hash(footer.manifest_offset, footer.manifest_size, footer.manifest_hash);
    footer.footer_hash = hashFooter(footer);
    memcpy(at, &footer, sizeof footer);
  }
  check(file);
}

/// Builds a file with right checksums around the sections, then lets `damage` change bytes of it.
void buildAndCheck(const uint8_t *data, size_t size, size_t codeSize, size_t weightsSize, const uint8_t damage[3]) {
  codeSize = codeSize < size ? codeSize : size;
  weightsSize = weightsSize < size - codeSize ? weightsSize : size - codeSize;
  const size_t manifestSize = size - codeSize - weightsSize;
  pare_footer footer;
  if (!layOut(codeSize, weightsSize, manifestSize, footer))
    abort();
  std::vector<uint8_t> file(footer.file_size);
  auto place = [&](uint64_t offset, const uint8_t *from, size_t length, uint64_t &hash) {
    if (length)
      memcpy(file.data() + offset, from, length);
    hash = hashBytes(file.data() + offset, length);
  };
  place(0, data, codeSize, footer.code_hash);
  place(footer.weights_offset, data + codeSize, weightsSize, footer.weights_hash);
  place(footer.manifest_offset, data + codeSize + weightsSize, manifestSize, footer.manifest_hash);
  footer.footer_hash = hashFooter(footer);
  memcpy(file.data() + file.size() - sizeof footer, &footer, sizeof footer);
  check(file);
  if (!damage[0])
    return;
  // Any single change must be noticed.
  file[(damage[1] | damage[2] << 8) * 31 % file.size()] ^= damage[0];
  CheckedFile checked;
  if (!checkFile(file.data(), file.size(), false, checked).failed())
    abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 8)
    return 0;
  const uint8_t mode = data[0] % 5;
  const std::vector<uint8_t> rest(data + 8, data + size);
  switch (mode) {
  case 0:
    check(rest);
    break;
  case 1:
  case 2:
    repairAndCheck(rest, mode == 2);
    break;
  case 3: {
    Manifest manifest;
    (void)parseManifest(std::string_view(reinterpret_cast<const char *>(rest.data()), rest.size()), manifest).failed();
    break;
  }
  default:
    buildAndCheck(rest.data(), rest.size(), size_t(data[1] | data[2] << 8), data[3], data + 5);
  }
  return 0;
}
