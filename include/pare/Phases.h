// The phases of a compilation, in order.
#ifndef PARE_PHASES_H
#define PARE_PHASES_H

#include <optional>
#include <string_view>

namespace pare {
enum class Phase { Import, Simplify, Raise, Pare, Lower, Codegen, Emit };

inline constexpr Phase kPhases[] = {Phase::Import, Phase::Simplify, Phase::Raise, Phase::Pare,
                                    Phase::Lower,  Phase::Codegen,  Phase::Emit};

/// "import", ...
std::string_view getName(Phase phase);
/// What is true after the phase, as one sentence without its full stop.
std::string_view getSentence(Phase phase);
/// The phase of that name; std::nullopt when there is none.
std::optional<Phase> parsePhase(std::string_view name);
} // namespace pare

#endif
