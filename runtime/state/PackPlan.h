// Which requests share a call: bin packing by tokens.
//
// First fit in descending order of length (Prepacking, Zhao et al. 2024, packs prompts so). A bin is a call: sequences
// in it stay sequences of a batch, so that nothing needs a mask between tokens of different requests.
#ifndef PARE_RUNTIME_STATE_PACKPLAN_H
#define PARE_RUNTIME_STATE_PACKPLAN_H

#include <cstdint>
#include <vector>

namespace pare::rt {

/// All at least 1.
struct PackLimits {
  /// Sum of the lengths in a call.
  uint64_t tokens;
  uint64_t requests;
  /// Requests times the longest of a call.
  uint64_t cells;
};

/// Keeps its memory from plan to plan.
class PackPlan {
public:
  struct Call {
    /// Range in members().
    uint32_t begin, end;
    int64_t longest;
    uint64_t tokens;
  };

  /// Lengths are at least 1. Each limit holds for every call but those of one request. Takes time n log n. The same
  /// lengths always give the same plan.
  void make(const std::vector<int64_t> &lengths, const PackLimits &limits);

  /// In ascending order of their first request.
  const std::vector<Call> &calls() const { return result; }
  /// Indices of requests: those of a call one after another, ascending.
  const std::vector<uint32_t> &members() const { return order; }

private:
  /// The first bin with room for that many tokens.
  uint32_t firstFit(uint64_t length) const;
  void setRoom(uint32_t bin, uint64_t tokens);

  std::vector<Call> result;
  std::vector<uint32_t> order, bins, rank;
  std::vector<Call> open;
  /// A tree of maxima over the room of all bins; the bins are its leaves.
  std::vector<uint64_t> room;
  uint32_t leaves = 0;
};

} // namespace pare::rt

#endif
