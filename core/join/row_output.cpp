#include "core/join/row_output.h"

#include <algorithm>
#include <limits>

namespace crowfly {
namespace {

/// So many queries are written by one task.
constexpr std::size_t kPiece = 1024;

JoinRow row_without_neighbor(std::uint32_t query) {
    return {query, 0, kNoRow, std::numeric_limits<double>::quiet_NaN()};
}

}  // namespace

void RowOutput::give(const QueryWindow& window) {
    for (std::size_t first = window.first(); first < window.last();) {
        options_.control.check();
        std::size_t last = first;
        std::size_t rows = 0;
        begins_.clear();
        do {
            begins_.push_back(rows);
            rows += rows_of(window, last++);
        } while (last < window.last() && rows < kBatchRows && begins_.size() < kBatchRows);
        rows_.resize(rows);
        fill(window, first, last);
        if (options_.post_filter) post_filter();
        first = last;
        if (rows_.empty()) continue;
        meter_.add_rows(rows_.size());
        sink_(rows_);
    }
}

std::size_t RowOutput::rows_of(const QueryWindow& window, std::size_t query) const {
    const std::size_t neighbors = window.neighbors(query).size();
    return neighbors == 0 && options_.kind == JoinKind::left ? 1 : neighbors;
}

void RowOutput::fill(const QueryWindow& window, std::size_t first, std::size_t last) {
    executor_.run((last - first + kPiece - 1) / kPiece, [&](std::size_t piece) {
        const std::size_t end = std::min(last, first + (piece + 1) * kPiece);
        for (std::size_t query = first + piece * kPiece; query < end; ++query) {
            write(static_cast<std::uint32_t>(query), window.neighbors(query),
                  rows_.data() + begins_[query - first]);
        }
    });
}

void RowOutput::write(std::uint32_t query, std::span<const Neighbor> neighbors, JoinRow* to) const {
    if (neighbors.empty() && options_.kind == JoinKind::left) *to = row_without_neighbor(query);
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < neighbors.size(); ++i) {
        const Neighbor& neighbor = neighbors[i];
        if (i > 0 && !options_.partition.empty() &&
            options_.partition[neighbor.row] != options_.partition[neighbors[i - 1].row]) {
            rank = 0;
        }
        to[i] = {query, ++rank, neighbor.row, neighbor.distance};
    }
}

void RowOutput::post_filter() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows_.size();) {
        const std::uint32_t query = rows_[i].query;
        const std::size_t kept_before = kept;
        const bool had_neighbors = rows_[i].rank != 0;
        for (; i < rows_.size() && rows_[i].query == query; ++i) {
            if (!had_neighbors || options_.post_filter(rows_[i])) rows_[kept++] = rows_[i];
        }
        if (kept == kept_before && options_.kind == JoinKind::left)
            rows_[kept++] = row_without_neighbor(query);
    }
    rows_.resize(kept);
}

}  // namespace crowfly
