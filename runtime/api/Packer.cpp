// The C interface of packer.h.
#include "pare-rt/packer.h"

#include "api/Guarded.h"
#include "state/RequestPacker.h"

#include <cstddef>

using namespace pare::rt;

namespace {
RequestPacker &unwrap(pare_packer *packer) { return *static_cast<RequestPacker *>(packer); }
const RequestPacker &unwrap(const pare_packer *packer) { return *static_cast<const RequestPacker *>(packer); }
PackTicket &unwrap(pare_pack_ticket *ticket) { return *static_cast<PackTicket *>(ticket); }
const PackTicket &unwrap(const pare_pack_ticket *ticket) { return *static_cast<const PackTicket *>(ticket); }
} // namespace

extern "C" {

uint32_t pare_packer_api_version(void) { return PARE_PACKER_API_VERSION; }

pare_rt_status *pare_packer_create(pare_rt_module *module, const pare_packer_options *options, pare_packer **packer) {
  return guarded([&]() -> Status {
    if (!module || !packer)
      return nullArgument(module ? "packer" : "module");
    *packer = nullptr;
    pare_packer_options chosen;
    Status status = readOptions(options, sizeof chosen, "pare_packer_options", chosen);
    RequestPacker *created = nullptr;
    if (!status.failed())
      status = RequestPacker::create(*static_cast<Module *>(module), chosen, created);
    *packer = created;
    return status;
  });
}

void pare_packer_release(pare_packer *packer) {
  if (packer)
    unwrap(packer).release();
}

const pare_rt_entry_info *pare_packer_entry(const pare_packer *packer) { return &unwrap(packer).info(); }

uint32_t pare_packer_mask_input(const pare_packer *packer) { return unwrap(packer).maskInput(); }

pare_rt_status *pare_packer_run(pare_packer *packer, const pare_rt_tensor *inputs, uint32_t request_count,
                                pare_rt_tensor *outputs) {
  return guarded([&] {
    if (!packer || (request_count && (!inputs || (!outputs && unwrap(packer).info().output_count))))
      return nullArgument(!packer ? "packer" : !inputs ? "inputs" : "outputs");
    return unwrap(packer).run(inputs, request_count, outputs);
  });
}

pare_rt_status *pare_packer_submit(pare_packer *packer, const pare_rt_tensor *inputs, pare_pack_ticket **ticket) {
  return guarded([&] {
    if (!packer || !inputs || !ticket)
      return nullArgument(!packer ? "packer" : !inputs ? "inputs" : "ticket");
    *ticket = nullptr;
    PackTicket *submitted = nullptr;
    Status status = unwrap(packer).submit(inputs, submitted);
    *ticket = submitted;
    return status;
  });
}

pare_rt_status *pare_packer_flush(pare_packer *packer) {
  return guarded([&] {
    if (!packer)
      return nullArgument("packer");
    unwrap(packer).flush();
    return Status();
  });
}

int32_t pare_pack_ticket_done(const pare_pack_ticket *ticket) { return unwrap(ticket).owner().done(unwrap(ticket)); }

pare_rt_status *pare_pack_ticket_wait(pare_pack_ticket *ticket, pare_rt_tensor *outputs) {
  return guarded([&] {
    if (!ticket || (!outputs && unwrap(ticket).owner().info().output_count))
      return nullArgument(ticket ? "outputs" : "ticket");
    return unwrap(ticket).owner().wait(unwrap(ticket), outputs);
  });
}

void pare_pack_ticket_release(pare_pack_ticket *ticket) {
  if (ticket)
    unwrap(ticket).owner().release(unwrap(ticket));
}

void pare_packer_stats(const pare_packer *packer, pare_pack_stats *stats) { unwrap(packer).stats(*stats); }
}
