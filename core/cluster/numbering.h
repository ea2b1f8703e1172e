#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/search/neighbor.h"

namespace crowfly {

/// Turns marks into cluster numbers, in place: rows of one cluster have the same mark, from 0 up to, but not
/// including, the number of rows; noise is below 0 and stays. Clusters are numbered from 0 by the least of
/// their rows in the order of ids. Returns how many there are.
std::size_t number_clusters(std::span<std::int64_t> labels, const RowOrder& order);

}  // namespace crowfly
