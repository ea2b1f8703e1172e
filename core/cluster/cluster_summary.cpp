#include "core/cluster/cluster_summary.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "core/cluster/meter.h"
#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/metric/box.h"
#include "core/metric/earth.h"
#include "core/metric/sphere.h"

namespace crowfly {
namespace {

constexpr double kPole = 90;

bool before(LonLat a, LonLat b) {
    return std::tie(a.lon, a.lat) < std::tie(b.lon, b.lat);
}

/// Rows by cluster: those of cluster i from begin[i] up to, but not including, begin[i + 1].
struct Members {
    std::vector<std::size_t> begin;
    std::vector<std::uint32_t> rows;

    explicit Members(const Clustering& clustering)
        : begin(clustering.clusters + 1), rows(clustering.labels.size()) {
        for (const std::int64_t label : clustering.labels) {
            if (label >= 0) ++begin[static_cast<std::size_t>(label) + 1];
        }
        for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
        std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
        for (std::uint32_t row = 0; row < rows.size(); ++row) {
            const std::int64_t label = clustering.labels[row];
            if (label >= 0) rows[next[static_cast<std::size_t>(label)]++] = row;
        }
    }
};

std::optional<LonLat> centroid_of(std::span<const LonLat> members, MetricKind metric) {
    GeometryBuilder builder;
    builder.begin(GeometryType::multi_point);
    builder.reserve_positions(members.size());
    for (const LonLat member : members) {
        builder.add_part();
        builder.add_sequence();
        builder.add_position(member);
    }
    builder.end();
    try {
        return centroid(builder.finish(), metric);
    } catch (const Error& error) {
        // The positions have been judged: what is left is a mean at the earth's centre.
        if (error.code() == Code::invalid_argument) return std::nullopt;
        throw;
    }
}

/// The widest stretch of longitudes without a member: from one of them up to the next, maybe over the
/// antimeridian.
struct Gap {
    double width;
    double from;
    double to;
};

/// The members are in order.
Gap widest_gap(std::span<const LonLat> members) {
    const double first = members.front().lon, last = members.back().lon;
    Gap widest{first + 360 - last, last, first};
    for (std::size_t i = 1; i < members.size(); ++i) {
        const double from = members[i - 1].lon, to = members[i].lon;
        if (to - from > widest.width) widest = {to - from, from, to};
    }
    return widest;
}

/// The pole that the members stand around, as its latitude; 0 when there is none. All lie on one side of a
/// plane through the earth's centre; so does, when the axis runs between them, the pole on that side.
double enclosed_pole(std::span<const LonLat> members, LonLat centroid, const Gap& gap) {
    if (gap.width >= 180 || centroid.lat == 0) return 0;
    const Sphere::Point middle = Sphere::embed(centroid);
    constexpr double kQuarterTurn = 2 * earth::kMeanRadius * earth::kMeanRadius;  // its chord squared
    for (const LonLat member : members) {
        if (squared_straight_distance<3>(middle, Sphere::embed(member)) > kQuarterTurn) return 0;
    }
    return std::copysign(kPole, centroid.lat);
}

ClusterExtent planar_extent(std::span<const LonLat> members) {
    ClusterExtent extent{members.front().lon, members.front().lat, members.back().lon, members.front().lat};
    for (const LonLat member : members) {
        extent.south = std::min(extent.south, member.lat);
        extent.north = std::max(extent.north, member.lat);
    }
    return extent;
}

/// The members are in order.
ClusterExtent extent_of(std::span<const LonLat> members, const std::optional<LonLat>& centroid,
                        MetricKind metric) {
    ClusterExtent extent = planar_extent(members);
    if (metric == MetricKind::plane) return extent;
    const Gap gap = widest_gap(members);
    const double pole = centroid ? enclosed_pole(members, *centroid, gap) : 0;
    extent.south = std::min(extent.south, pole < 0 ? pole : kPole);
    extent.north = std::max(extent.north, pole > 0 ? pole : -kPole);
    if (extent.south == -kPole || extent.north == kPole) {
        extent.west = -180;
        extent.east = 180;
        return extent;
    }
    extent.west = gap.to;
    extent.east = gap.from;
    // Both are the antimeridian; it is written so that the box does not cross it needlessly.
    if (extent.west == 180 && extent.east < 180) extent.west = -180;
    if (extent.east == -180 && extent.west > -180) extent.east = 180;
    return extent;
}

class Summaries {
  public:
    Summaries(std::span<const LonLat> positions, MetricKind metric, const Clustering& clustering,
              const SummaryOptions& options)
        : positions_(positions), metric_(metric), clustering_(clustering), options_(options) {}

    ClusterSummary of(std::span<const std::uint32_t> rows) const {
        ClusterSummary summary;
        std::vector<LonLat> members;
        for (const std::uint32_t row : rows) {
            members.push_back(positions_[row]);
            summary.core += clustering_.core[row] ? 1 : 0;
        }
        summary.size = rows.size();
        // In an order of their own, so that sums do not depend on that of the rows.
        std::sort(members.begin(), members.end(), before);
        summary.centroid = centroid_of(members, metric_);
        summary.extent = extent_of(members, summary.centroid, metric_);
        if (options_.hull.kind == HullKind::none || !summary.centroid) return summary;
        members.erase(std::unique(members.begin(), members.end()), members.end());
        summary.hull = hull_of(members, *summary.centroid, metric_, options_.hull, geos_);
        return summary;
    }

  private:
    std::span<const LonLat> positions_;
    MetricKind metric_;
    const Clustering& clustering_;
    const SummaryOptions& options_;
    PlanarGeos geos_;
};

}  // namespace

std::vector<ClusterSummary> summarize(std::span<const LonLat> positions, MetricKind metric,
                                      const Clustering& clustering, const SummaryOptions& options) {
    require_valid(options.hull);
    if (positions.size() != clustering.labels.size()) {
        throw Error(Code::invalid_argument, fmt::format("there are {} positions and {} labels",
                                                        positions.size(), clustering.labels.size()));
    }
    const Members members(clustering);
    std::vector<ClusterSummary> summaries(clustering.clusters);
    constexpr std::size_t kClusters = 16;
    Executor& executor = options.executor != nullptr ? *options.executor : serial_executor();
    Meter meter(options.progress, clustering.clusters);
    executor.run((clustering.clusters + kClusters - 1) / kClusters, [&](std::size_t task) {
        const Summaries work(positions, metric, clustering, options);
        const std::size_t first = task * kClusters, last = std::min(first + kClusters, summaries.size());
        for (std::size_t i = first; i < last; ++i) {
            options.control.check();
            summaries[i] = work.of(
                std::span(members.rows).subspan(members.begin[i], members.begin[i + 1] - members.begin[i]));
        }
        meter.add(last - first);
    });
    return summaries;
}

}  // namespace crowfly
