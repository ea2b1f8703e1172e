#pragma once

#include <string_view>
#include <vector>

#include "core/domain.h"
#include "store/change.h"

namespace crowfly {

/// How records of JSON stand in a body.
enum class JsonRecords {
    lines,  ///< one a line
    array,  ///< all in one array
};

/// Reads new positions of places, `{"id": "7", "lon": 8.5, "lat": 47.4, "ttl": 60}` with the time to live in
/// seconds, which may be absent. Throws InvalidRequest with the first faults, each with its line or pointer,
/// and Error(malformed) for an array that is not JSON.
std::vector<Move> read_positions(std::string_view body, JsonRecords records, Crs crs);

/// The longest time to live, in seconds.
inline constexpr double kLongestTtl = 3'155'760'000;

/// Of a number of seconds; at least a millisecond.
TimeToLive ttl_of(double seconds);

}  // namespace crowfly
