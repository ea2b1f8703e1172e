#include "core/live/merge_policy.h"

#include "core/error.h"

namespace crowfly {
namespace {

/// 0 is the top.
std::size_t level_of(std::size_t size, std::size_t total, const MergePolicy& policy) {
    std::size_t level = 0;
    for (std::size_t most = total / policy.growth; size <= most; most /= policy.growth) {
        ++level;
        if (most <= policy.smallest) break;
    }
    return level;
}

}  // namespace

std::size_t MergePolicy::due(std::span<const RunSize> ascending, std::size_t incoming,
                             std::size_t most) const {
    std::size_t total = incoming;
    for (const RunSize& run : ascending) total += run.live();
    std::size_t due = 0;
    std::size_t smaller = incoming;
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        const RunSize& run = ascending[i];
        if (smaller + run.live() > most) break;
        const bool has_company =
            smaller > 0 && level_of(smaller, total, *this) <= level_of(run.live(), total, *this);
        if (has_company || run.dead > run.all / 3) due = i + 1;
        smaller += run.live();
    }
    return due;
}

void require_valid(const MergePolicy& policy) {
    if (policy.growth < 2) throw Error(Code::invalid_argument, "runs must grow at least by 2");
    if (policy.smallest < 1) throw Error(Code::invalid_argument, "the smallest runs are of at least 1");
}

}  // namespace crowfly
