#include "core/join/prepared_side.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/domain.h"
#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/index/index_format.h"

namespace crowfly {
namespace {

constexpr std::size_t kPiece = 4096;

/// Calls work(row) for the rows of a piece that are there.
template <class Work>
void each_present_of(const JoinSide& side, std::size_t piece, const Work& work) {
    const std::size_t first = piece * kPiece;
    const std::size_t last = std::min(side.size(), first + kPiece);
    auto absent = std::lower_bound(side.absent.begin(), side.absent.end(), first);
    for (std::size_t row = first; row < last; ++row) {
        if (absent != side.absent.end() && *absent == row) {
            ++absent;
        } else {
            work(row);
        }
    }
}

/// For all rows that are there; when some are refused, it is the first of them that is named.
template <class Work>
void each_present(const JoinSide& side, Executor& executor, const Work& work) {
    const std::size_t pieces = (side.size() + kPiece - 1) / kPiece;
    try {
        executor.run(pieces, [&](std::size_t piece) { each_present_of(side, piece, work); });
    } catch (const Error& error) {
        if (error.code() != Code::invalid_argument) throw;
        for (std::size_t piece = 0; piece < pieces; ++piece) each_present_of(side, piece, work);
        throw;
    }
}

[[noreturn]] void refuse(std::string_view name, std::size_t row, std::string_view reason) {
    throw Error(Code::invalid_argument, fmt::format("{}, row {}: {}", name, row, reason));
}

}  // namespace

PreparedSide::PreparedSide(const JoinSide& side, std::string_view name, MetricKind metric, Match match,
                           Executor& executor, std::size_t first_row)
    : side_(side) {
    require_valid_columns(name);
    const Crs crs = widest_crs(metric);
    const auto require_valid_position = [&](std::size_t row) {
        if (const auto fault = coordinate_fault(side.positions[row], crs)) {
            refuse(name, first_row + row, fault->message);
        }
    };
    if (side.shapes.empty()) {
        each_present(side, executor, require_valid_position);
        return;
    }
    own_positions_.resize(side.size());
    is_point_.assign(side.size(), 1);
    each_present(side, executor, [&](std::size_t row) {
        if (side.shapes[row] == nullptr) {
            require_valid_position(row);
            own_positions_[row] = side.positions[row];
            return;
        }
        if (const auto fault = geometry_fault(*side.shapes[row], crs)) {
            refuse(name, first_row + row, fault->reason);
        }
        try {
            prepare_row(row, metric, match);
        } catch (const Error& error) {
            refuse(name, first_row + row, error.what());
        }
    });
    has_shapes_ = std::find(is_point_.begin(), is_point_.end(), 0) != is_point_.end();
}

/// Of a row with a geometry without a fault.
void PreparedSide::prepare_row(std::size_t row, MetricKind metric, Match match) {
    const Geometry& geometry = *side_.shapes[row];
    const bool is_point = geometry.positions().size() == 1;
    own_positions_[row] =
        is_point || match == Match::geometry ? geometry.positions().front() : centroid(geometry, metric);
    is_point_[row] = is_point || match == Match::centroid ? 1 : 0;
}

void PreparedSide::require_valid_columns(std::string_view name) const {
    if (size() > kMostPoints) {
        throw Error(Code::too_large,
                    fmt::format("{}: {} rows; a side of a join has at most {}", name, size(), kMostPoints));
    }
    if (!side_.shapes.empty() && side_.shapes.size() != size()) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: {} shapes for {} positions", name, side_.shapes.size(), size()));
    }
    const auto unordered =
        std::adjacent_find(side_.absent.begin(), side_.absent.end(), std::greater_equal<>());
    if (unordered != side_.absent.end()) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: the absent rows do not ascend: {} stands before {}", name, unordered[0],
                                unordered[1]));
    }
    if (!side_.absent.empty() && side_.absent.back() >= size()) {
        throw Error(Code::invalid_argument, fmt::format("{}: row {} cannot be absent; there are {} rows",
                                                        name, side_.absent.back(), size()));
    }
}

std::vector<std::uint32_t> PreparedSide::present(std::size_t first, std::size_t last) const {
    std::vector<std::uint32_t> rows;
    rows.reserve(last - first);
    auto absent = std::lower_bound(side_.absent.begin(), side_.absent.end(), first);
    for (std::size_t row = first; row < last; ++row) {
        if (absent != side_.absent.end() && *absent == row) {
            ++absent;
        } else {
            rows.push_back(static_cast<std::uint32_t>(row));
        }
    }
    return rows;
}

}  // namespace crowfly
