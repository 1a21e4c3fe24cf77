// The module of modules/pack.c: its manifest, its requests, and what they should give.
#ifndef PARE_TEST_UNIT_RUNTIME_PACKMODULE_H
#define PARE_TEST_UNIT_RUNTIME_PACKMODULE_H

#include "TestModule.h"
#include "pare-rt/packer.h"

namespace pare::test {

struct PackerDeleter {
  void operator()(pare_packer *packer) const { pare_packer_release(packer); }
  void operator()(pare_pack_ticket *ticket) const { pare_pack_ticket_release(ticket); }
};
using PackerPtr = std::unique_ptr<pare_packer, PackerDeleter>;
using TicketPtr = std::unique_ptr<pare_pack_ticket, PackerDeleter>;

/// An entry as JSON: "encode" and one per dtype of a mask.
std::string packManifest();
/// A packer of an entry of it. Fails the test if it cannot.
PackerPtr openPacker(pare_packer_options options);
pare_packer_options packOptions(uint64_t tokens, const char *entry = "encode");
pare_pack_stats stats(const pare_packer *packer);

/// A request of the entry "encode".
struct EncodeRequest {
  explicit EncodeRequest(std::vector<int64_t> ids, float bias = 0);
  std::vector<pare_rt_tensor> tensors();
  /// Of its results: rows, scores, pooled.
  void expect(const pare_rt_tensor *outputs) const;

  std::vector<int64_t> ids;
  std::vector<float> bias;
};

/// Runs them all at once, with memory of the packer, and checks all results.
void runAll(pare_packer *packer, std::vector<EncodeRequest> &requests);

} // namespace pare::test

#endif
