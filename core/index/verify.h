#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace crowfly {

/// Throws Error(corrupt), or Error(unsupported) for another version, unless the buffer is an index as it is
/// built: header, checksum and lengths agree; each tree holds its rows once, at positions of the metric, and
/// boxes that are exactly those of what is below them; trees of values hold the positions that the tree of
/// all rows has. Cost: O(n), and O(n log n) for ids that are not in order.
void verify_index(std::span<const std::byte> bytes);

/// Two rows that have the same id, if there are any.
std::optional<std::pair<std::size_t, std::size_t>> rows_of_one_id(std::span<const std::int64_t> ids);

}  // namespace crowfly
