#pragma once

#include <cstddef>
#include <string_view>

#include "core/join/join.h"

namespace crowfly {

/// The sides, as messages name them.
inline constexpr std::string_view kQuerySide = "query side";
inline constexpr std::string_view kObjectSide = "object side";

/// All that `join` judges about its options but what belongs to the object side.
void require_valid(const JoinOptions& options, std::size_t queries);

/// Throws Error(invalid_argument) unless the partition has a value for each object, or is not there.
void require_valid_partition(const JoinOptions& options, std::size_t objects);

/// For blocks: the rows so far must have a value, and be no more than a side may have.
void require_valid_rows(const JoinOptions& options, std::size_t objects);

/// For an index that is there already.
void require_fitting(MetricKind index, const JoinOptions& options);

}  // namespace crowfly
