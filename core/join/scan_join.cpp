#include "core/join/scan_join.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/join/prepared_side.h"
#include "core/join/require_valid.h"
#include "core/metric/distance.h"
#include "core/search/shape_searcher.h"

namespace crowfly {
namespace {

Geometry as_geometry(const PreparedSide& side, std::uint32_t row) {
    return side.shape(row) != nullptr ? *side.shape(row) : Geometry::point(side.positions()[row]);
}

/// All pairs of one query that come into question, in order.
std::vector<Neighbor> candidates_of(const PreparedSide& queries, std::uint32_t query,
                                    const PreparedSide& objects, std::span<const std::uint32_t> rows,
                                    const JoinOptions& options) {
    const double max_distance =
        options.max_distances.empty() ? options.max_distance : options.max_distances[query];
    std::vector<Neighbor> candidates;
    for (const std::uint32_t row : rows) {
        if (!options.self.empty() && options.self[query] == row) continue;
        const bool points = queries.shape(query) == nullptr && objects.shape(row) == nullptr;
        const double apart =
            points ? distance(options.metric, queries.positions()[query], objects.positions()[row])
                   : distance_between(as_geometry(queries, query), as_geometry(objects, row), options.metric)
                         .distance;
        if (apart <= max_distance) candidates.push_back({row, apart});
    }
    const auto value = [&](std::uint32_t row) {
        return options.partition.empty() ? 0 : options.partition[row];
    };
    std::sort(candidates.begin(), candidates.end(), [&](const Neighbor& a, const Neighbor& b) {
        if (value(a.row) != value(b.row)) return value(a.row) < value(b.row);
        return NeighborBefore{options.order}(a, b);
    });
    return candidates;
}

/// Of these the first k of each value, with what ties, as rows.
std::vector<JoinRow> rows_of(std::uint32_t query, std::span<const Neighbor> candidates,
                             const JoinOptions& options) {
    std::vector<JoinRow> rows;
    std::uint32_t rank = 0;
    double last = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Neighbor& next = candidates[i];
        if (i > 0 && !options.partition.empty() &&
            options.partition[next.row] != options.partition[candidates[i - 1].row]) {
            rank = 0;
        }
        const bool ties = options.ties == Ties::include && rank >= options.k && next.distance == last;
        if (rank >= options.k && !ties) continue;
        rows.push_back({query, ++rank, next.row, next.distance});
        last = next.distance;
    }
    return rows;
}

}  // namespace

std::vector<JoinRow> scan_join(const JoinSide& queries, const JoinSide& objects, const JoinOptions& options) {
    require_valid(options, queries.size());
    const PreparedSide query_side(queries, kQuerySide, options.metric, options.match, serial_executor());
    const PreparedSide object_side(objects, kObjectSide, options.metric, options.match, serial_executor());
    require_valid_partition(options, objects.size());
    std::vector<std::uint32_t> object_rows = object_side.present(0, object_side.size());
    if (options.filter) std::erase_if(object_rows, [&](std::uint32_t row) { return !options.filter(row); });
    const std::vector<std::uint32_t> query_rows = query_side.present(0, query_side.size());
    std::vector<JoinRow> answer;
    auto present = query_rows.begin();
    for (std::uint32_t query = 0; query < query_side.size(); ++query) {
        options.control.check();
        std::vector<JoinRow> rows;
        if (present != query_rows.end() && *present == query) {
            ++present;
            rows =
                rows_of(query, candidates_of(query_side, query, object_side, object_rows, options), options);
        }
        if (options.post_filter) {
            std::erase_if(rows, [&](const JoinRow& row) { return !options.post_filter(row); });
        }
        if (rows.empty() && options.kind == JoinKind::left) {
            rows.push_back({query, 0, kNoRow, std::numeric_limits<double>::quiet_NaN()});
        }
        answer.insert(answer.end(), rows.begin(), rows.end());
    }
    return answer;
}

}  // namespace crowfly
