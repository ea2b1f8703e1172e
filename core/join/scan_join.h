#pragma once

#include <vector>

#include "core/join/join.h"

namespace crowfly {

/// Brute force: the rows of `join` from the distances of all pairs and nothing else. The oracle of the tests
/// and of every report of a wrong answer; exact whatever epsilon is. Throws as `join`. Cost: O(queries times
/// objects), for shapes times their vertices.
std::vector<JoinRow> scan_join(const JoinSide& queries, const JoinSide& objects, const JoinOptions& options);

}  // namespace crowfly
