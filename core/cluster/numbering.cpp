#include "core/cluster/numbering.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace crowfly {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// For each mark the least of its rows, or kNone.
std::vector<std::uint32_t> least_rows(std::span<const std::int64_t> labels, const RowOrder& order) {
    std::vector<std::uint32_t> least(labels.size(), kNone);
    for (std::uint32_t row = 0; row < labels.size(); ++row) {
        if (labels[row] < 0) continue;
        std::uint32_t& least_row = least[static_cast<std::size_t>(labels[row])];
        if (least_row == kNone || order(row, least_row)) least_row = row;
    }
    return least;
}

/// Rows in their own order: the first of a cluster that is met is its least.
std::size_t number_by_row(std::span<std::int64_t> labels) {
    std::vector<std::uint32_t> of_mark(labels.size(), kNone);
    std::uint32_t next = 0;
    for (std::int64_t& label : labels) {
        if (label < 0) continue;
        std::uint32_t& number = of_mark[static_cast<std::size_t>(label)];
        if (number == kNone) number = next++;
        label = number;
    }
    return next;
}

}  // namespace

std::size_t number_clusters(std::span<std::int64_t> labels, const RowOrder& order) {
    if (!order) return number_by_row(labels);
    std::vector<std::uint32_t> of_mark = least_rows(labels, order);
    std::vector<std::uint32_t> first;
    for (const std::uint32_t row : of_mark) {
        if (row != kNone) first.push_back(row);
    }
    std::sort(first.begin(), first.end(), order);
    for (std::uint32_t number = 0; number < first.size(); ++number) {
        of_mark[static_cast<std::size_t>(labels[first[number]])] = number;
    }
    for (std::int64_t& label : labels) {
        if (label >= 0) label = of_mark[static_cast<std::size_t>(label)];
    }
    return first.size();
}

}  // namespace crowfly
