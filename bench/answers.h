#pragma once

#include <string>
#include <vector>

#include "bench/system.h"

namespace crowfly::bench {

/// What a message says about the work.
struct Asked {
    std::string work;
    MetricKind metric;
};

/// Throws Error(internal), which names system and query, unless the answers agree with those of crowfly:
/// distances up to rounding; numbers of neighbors exactly, but on the sphere, where systems round
/// differently, at most one query in a thousand may have one more or one less.
void require_same(const Asked& asked, const Work& work, const Queries& queries, const std::string& system,
                  const std::vector<double>& expected, const std::vector<double>& found);

}  // namespace crowfly::bench
