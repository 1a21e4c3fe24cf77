// Checks a model.pare file in memory.
#include "module/Check.h"

#include "base/Memory.h"

#include <cstddef>
#include <cstring>
#include <elf.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace pare::rt {

uint64_t hashBytes(const void *data, uint64_t size) { return XXH3_64bits(data, size); }

uint64_t hashFooter(const pare_footer &footer) { return hashBytes(&footer, offsetof(pare_footer, footer_hash)); }

bool layOut(uint64_t codeSize, uint64_t weightsSize, uint64_t manifestSize, pare_footer &footer) {
  constexpr uint64_t limit = uint64_t(1) << 60;
  if (codeSize > limit || weightsSize > limit || manifestSize > limit)
    return false;
  footer = {};
  memcpy(footer.magic, PARE_FORMAT_MAGIC, sizeof footer.magic);
  footer.format_version = PARE_FORMAT_VERSION;
  footer.abi_version = PARE_ABI_VERSION;
  footer.code_size = codeSize;
  footer.weights_offset = alignUp(codeSize, PARE_FORMAT_PAGE);
  footer.weights_size = weightsSize;
  footer.manifest_offset = alignUp(footer.weights_offset + weightsSize, PARE_FORMAT_ALIGN);
  footer.manifest_size = manifestSize;
  footer.file_size = alignUp(footer.manifest_offset + manifestSize, PARE_FORMAT_ALIGN) + PARE_FORMAT_FOOTER_SIZE;
  return true;
}

namespace {

Status bad(const char *what) { return Status(PARE_RT_BAD_MODULE, what); }

bool isZero(const uint8_t *data, uint64_t begin, uint64_t end) {
  for (; begin < end; ++begin)
    if (data[begin])
      return false;
  return true;
}

/// Whether the dynamic loader will find segments of an x86-64 shared object inside the code section.
Status checkElf(const uint8_t *code, uint64_t size) {
  Elf64_Ehdr header;
  if (size < sizeof header)
    return bad("the code section is too small for an ELF file");
  memcpy(&header, code, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return bad("the code section is not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_DYN ||
      header.e_machine != EM_X86_64)
    return bad("the code section is not an x86-64 ELF shared object");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phoff > size ||
      uint64_t(header.e_phnum) * sizeof(Elf64_Phdr) > size - header.e_phoff)
    return bad("the program headers of the code section lie outside it");
  bool loads = false, dynamic = false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment, code + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset)
      return bad("a segment of the code section lies outside it");
    loads |= segment.p_type == PT_LOAD;
    dynamic |= segment.p_type == PT_DYNAMIC;
  }
  if (!loads || !dynamic)
    return bad("the code section has nothing to load");
  return {};
}

Status checkFooter(const uint8_t *data, uint64_t size, pare_footer &footer) {
  if (size < PARE_FORMAT_FOOTER_SIZE)
    return bad("not a model.pare file: it is shorter than a footer (is it truncated?)");
  memcpy(&footer, data + size - PARE_FORMAT_FOOTER_SIZE, sizeof footer);
  if (memcmp(footer.magic, PARE_FORMAT_MAGIC, sizeof footer.magic) != 0)
    return bad("not a model.pare file, or truncated: the footer is not where it should be");
  if (footer.footer_hash != hashFooter(footer))
    return bad("damaged: the checksum of the footer is wrong");
  if (footer.format_version != PARE_FORMAT_VERSION)
    return makeError(PARE_RT_UNSUPPORTED, "the file has format version %u; this runtime reads version %u",
                     footer.format_version, PARE_FORMAT_VERSION);
  if (footer.abi_version != PARE_ABI_VERSION)
    return makeError(PARE_RT_UNSUPPORTED,
                     "the file was compiled for runtime ABI %u; this runtime has ABI %u: compile it again",
                     footer.abi_version, PARE_ABI_VERSION);
  if (footer.file_size != size)
    return makeError(PARE_RT_BAD_MODULE, "damaged: it has %llu bytes, the footer says %llu", (unsigned long long)size,
                     (unsigned long long)footer.file_size);
  pare_footer expected;
  if (!layOut(footer.code_size, footer.weights_size, footer.manifest_size, expected))
    return bad("damaged: a section is impossibly large");
  expected.code_hash = footer.code_hash;
  expected.weights_hash = footer.weights_hash;
  expected.manifest_hash = footer.manifest_hash;
  expected.footer_hash = footer.footer_hash;
  // Also compares the reserved bytes, and bounds every section by the size of the file.
  if (memcmp(&expected, &footer, sizeof footer) != 0)
    return bad("damaged: the sections do not add up to the file");
  return {};
}

} // namespace

Status checkFile(const uint8_t *data, uint64_t size, bool skipChecksums, CheckedFile &file) {
  pare_footer &footer = file.footer;
  if (Status status = checkFooter(data, size, footer); status.failed())
    return status;
  const uint64_t manifestEnd = footer.manifest_offset + footer.manifest_size;
  if (!isZero(data, footer.code_size, footer.weights_offset) ||
      !isZero(data, footer.weights_offset + footer.weights_size, footer.manifest_offset) ||
      !isZero(data, manifestEnd, size - PARE_FORMAT_FOOTER_SIZE))
    return bad("damaged: the padding between sections is not zero");
  if (hashBytes(data + footer.manifest_offset, footer.manifest_size) != footer.manifest_hash)
    return bad("damaged: the checksum of the manifest is wrong");
  if (!skipChecksums) {
    if (hashBytes(data, footer.code_size) != footer.code_hash)
      return bad("damaged: the checksum of the code is wrong");
    if (hashBytes(data + footer.weights_offset, footer.weights_size) != footer.weights_hash)
      return bad("damaged: the checksum of the weights is wrong");
  }
  if (Status status = checkElf(data, footer.code_size); status.failed())
    return status;
  return parseManifest(
      std::string_view(reinterpret_cast<const char *>(data) + footer.manifest_offset, footer.manifest_size),
      file.manifest);
}

} // namespace pare::rt
