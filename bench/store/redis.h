#pragma once

#include <memory>
#include <vector>

#include "bench/store/mixed_load.h"
#include "bench/systems/peer_process.h"

namespace crowfly::bench {

/// A Redis server of its own, which writes each batch to disk before it answers, with the places as one
/// geographic set; null, with a word on standard error, when there is none. It has no search for the k
/// nearest: it searches within `reach` metres of each query, in which there are about k.
std::unique_ptr<MixedSystem> start_redis(const ExchangeDirectory& directory,
                                         const std::vector<LonLat>& places,
                                         const std::vector<LonLat>& queries,
                                         const std::vector<double>& reach);

}  // namespace crowfly::bench
