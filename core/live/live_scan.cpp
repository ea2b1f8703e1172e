#include "core/live/live_scan.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/search/scan.h"

namespace crowfly {
namespace {

/// The rows that count, column by column.
struct Counted {
    std::vector<std::uint32_t> rows;
    std::vector<LonLat> positions;
    std::vector<const Geometry*> shapes;  ///< null for points

    Counted(const LiveSnapshot& snapshot, const LiveSearchOptions& search) {
        snapshot.for_each([&](const LiveRow& row) {
            if (search.where && row.values[search.where->attribute] != search.where->value) return;
            if (search.area != nullptr && !search.area->contains(row.position)) return;
            if (search.filter && !search.filter(row.row)) return;
            rows.push_back(row.row);
            positions.push_back(row.position);
            shapes.push_back(row.shape.get());
        });
    }

    /// What shapes have instead of themselves.
    void take_centroids(MetricKind metric) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (shapes[i] == nullptr) continue;
            try {
                positions[i] = centroid(*shapes[i], metric);
            } catch (const Error& error) {
                throw Error(error.code(), fmt::format("row {}: {}", rows[i], error.what()));
            }
        }
    }
};

}  // namespace

std::vector<ShapeNeighbor> scan_nearest(const LiveSnapshot& snapshot, MetricKind metric,
                                        const LiveQuery& query, const NearestOptions& options,
                                        const LiveSearchOptions& search, const RowOrder& order) {
    require_valid(options);
    require_valid(search, snapshot, metric);
    const LiveQuery from = prepared(query, metric, search.match);
    Counted counted(snapshot, search);
    const SearchOptions control{.control = search.control};
    const RowOrder of_seats = [&](std::uint32_t a, std::uint32_t b) {
        return order ? order(counted.rows[a], counted.rows[b]) : counted.rows[a] < counted.rows[b];
    };
    std::vector<ShapeNeighbor> found;
    if (search.match == Match::centroid || (from.shape == nullptr && !snapshot.has_shapes())) {
        if (search.match == Match::centroid) counted.take_centroids(metric);
        for (const auto& [seat, distance] :
             scan_nearest(counted.positions, metric, from.position, options, control, of_seats)) {
            found.push_back({seat, distance, from.position, counted.positions[seat]});
        }
    } else {
        const Geometry shape = from.shape != nullptr ? *from.shape : Geometry::point(from.position);
        found = scan_nearest_shapes({.positions = counted.positions, .shapes = counted.shapes}, metric, shape,
                                    options, control, of_seats);
    }
    for (ShapeNeighbor& neighbor : found) neighbor.row = counted.rows[neighbor.row];
    return found;
}

}  // namespace crowfly
