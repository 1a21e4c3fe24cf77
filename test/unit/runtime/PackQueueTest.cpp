// The packer's queue: tickets, the bound on waiting, and threads.
#include "PackModule.h"

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

namespace pare::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TicketPtr submit(pare_packer *packer, EncodeRequest &request) {
  pare_pack_ticket *ticket = nullptr;
  EXPECT_OK(pare_packer_submit(packer, request.tensors().data(), &ticket));
  return TicketPtr(ticket);
}

void expectDone(pare_pack_ticket *ticket, const EncodeRequest &request) {
  pare_rt_tensor outputs[3] = {};
  Error error(pare_pack_ticket_wait(ticket, outputs));
  ASSERT_FALSE(error) << text(error);
  request.expect(outputs);
}

TEST(PackQueue, WaitRunsWhatWasSubmitted) {
  PackerPtr packer = openPacker(packOptions(100));
  EncodeRequest first({1, 2, 3}), second({4});
  TicketPtr a = submit(packer.get(), first), b = submit(packer.get(), second);
  // The request was copied.
  std::vector<int64_t> ids = std::exchange(first.ids, {0, 0, 0});
  EXPECT_FALSE(pare_pack_ticket_done(a.get()));
  expectDone(b.get(), second);
  EXPECT_TRUE(pare_pack_ticket_done(a.get()));
  expectDone(a.get(), EncodeRequest(ids));
  expectDone(a.get(), EncodeRequest(ids));
  EXPECT_EQ(stats(packer.get()).calls, 1u);
}

TEST(PackQueue, RefusesAtSubmission) {
  PackerPtr packer = openPacker(packOptions(100));
  EncodeRequest empty({});
  pare_pack_ticket *ticket = nullptr;
  Error error(pare_packer_submit(packer.get(), empty.tensors().data(), &ticket));
  EXPECT_EQ(text(error), "input 'input_ids': the request has no tokens, expected at least one");
  EXPECT_EQ(ticket, nullptr);
}

TEST(PackQueue, DelayIsKeptAndAFullCallRunsAtOnce) {
  pare_packer_options options = packOptions(4);
  options.max_delay_us = 30000;
  PackerPtr packer = openPacker(options);
  EncodeRequest request({1, 2, 3});
  auto start = Clock::now();
  TicketPtr lonely = submit(packer.get(), request);
  expectDone(lonely.get(), request);
  EXPECT_GE(Clock::now() - start, 30ms);

  options.max_delay_us = 3600000000u;
  packer = openPacker(options);
  TicketPtr first = submit(packer.get(), request);
  std::thread waiting([&] { expectDone(first.get(), request); });
  TicketPtr second = submit(packer.get(), request);
  waiting.join();
  expectDone(second.get(), request);

  options.max_tokens = 100;
  options.max_requests = 2;
  packer = openPacker(options);
  first = submit(packer.get(), request);
  second = submit(packer.get(), request);
  expectDone(first.get(), request);
}

TEST(PackQueue, FlushDoesNotWait) {
  pare_packer_options options = packOptions(100);
  options.max_delay_us = UINT64_MAX;
  PackerPtr packer = openPacker(options);
  EncodeRequest request({1, 2, 3});
  TicketPtr ticket = submit(packer.get(), request);
  std::thread waiting([&] { expectDone(ticket.get(), request); });
  EXPECT_OK(pare_packer_flush(packer.get()));
  waiting.join();
}

TEST(PackQueue, TakesRequestsBackAndOutlivesItsHandle) {
  PackerPtr packer = openPacker(packOptions(100));
  EncodeRequest request({1, 2, 3});
  TicketPtr kept = submit(packer.get(), request), gone = submit(packer.get(), request);
  gone.reset();
  EXPECT_OK(pare_packer_flush(packer.get()));
  EXPECT_EQ(stats(packer.get()).requests, 1u);
  TicketPtr later = submit(packer.get(), request);
  packer.reset();
  expectDone(kept.get(), request);
  expectDone(later.get(), request);
}

TEST(PackQueue, SteadyStateAllocatesNothing) {
  PackerPtr packer = openPacker(packOptions(100));
  EncodeRequest request({1, 2, 3});
  uint64_t before = 0;
  for (int round = 0; round < 4; ++round) {
    TicketPtr a = submit(packer.get(), request), b = submit(packer.get(), request);
    expectDone(a.get(), request);
    expectDone(b.get(), request);
    if (round == 0)
      before = stats(packer.get()).allocations;
  }
  EXPECT_EQ(stats(packer.get()).allocations, before);
}

TEST(PackQueue, ManyThreads) {
  for (uint64_t delay : {0, 300}) {
    pare_packer_options options = packOptions(40);
    options.max_delay_us = delay;
    PackerPtr packer = openPacker(options);
    std::atomic<uint64_t> submitted{0};
    std::vector<std::thread> threads;
    for (uint32_t id = 0; id < 6; ++id)
      threads.emplace_back([&, id] {
        std::mt19937 random(id);
        for (int round = 0; round < 60; ++round) {
          std::vector<int64_t> ids(1 + random() % 15);
          for (int64_t &value : ids)
            value = int64_t(random() % 98);
          EncodeRequest request(ids, float(id));
          bool bad = random() % 16 == 0;
          if (bad)
            request.ids.back() = 99;
          TicketPtr ticket = submit(packer.get(), request);
          submitted += !bad;
          if (bad) {
            pare_rt_tensor outputs[3] = {};
            EXPECT_EQ(text(Error(pare_pack_ticket_wait(ticket.get(), outputs))),
                      "entry 'encode': id 99 is out of range");
            continue;
          }
          switch (random() % 4) {
          case 0:
            EXPECT_OK(pare_packer_flush(packer.get()));
            EXPECT_TRUE(pare_pack_ticket_done(ticket.get()));
            break;
          case 1: {
            // Two more, one of which nobody wants: it may or may not run.
            TicketPtr unwanted = submit(packer.get(), request), other = submit(packer.get(), request);
            unwanted.reset();
            expectDone(other.get(), request);
            break;
          }
          case 2: {
            // Memory of the caller: that of the packer would be the next run's too.
            std::vector<float> rows(ids.size() * 2), pooled(3);
            std::vector<int32_t> scores(2 * ids.size() * ids.size());
            pare_rt_tensor outputs[3] = {tensor(rows, {}, PARE_RT_F32), tensor(scores, {}, PARE_RT_I32),
                                         tensor(pooled, {}, PARE_RT_F32)};
            EXPECT_OK(pare_packer_run(packer.get(), request.tensors().data(), 1, outputs));
            request.expect(outputs);
            break;
          }
          default:
            break;
          }
          expectDone(ticket.get(), request);
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_GE(stats(packer.get()).requests, submitted);
  }
}

} // namespace
} // namespace pare::test
