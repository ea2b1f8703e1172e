#include "core/cluster/scan_dbscan.h"

#include <limits>

#include <fmt/format.h>

#include "core/cluster/numbering.h"
#include "core/cluster/pair_distance.h"
#include "core/error.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

void require_valid_positions(std::span<const LonLat> positions, MetricKind metric) {
    for (std::size_t row = 0; row < positions.size(); ++row) {
        if (const auto fault = coordinate_fault(positions[row], widest_crs(metric))) {
            throw Error(Code::invalid_argument, fmt::format("point {}: {}", row, fault->message));
        }
    }
}

template <Metric M>
class Scan {
  public:
    Scan(std::span<const LonLat> positions, const DbscanOptions& options)
        : options_(options), before_{options.order} {
        for (const LonLat position : positions) points_.push_back(M::embed(position));
    }

    Clustering run() {
        Clustering found{std::vector<std::int64_t>(points_.size(), kNoise), std::vector<bool>(points_.size()),
                         0};
        for (std::uint32_t row = 0; row < points_.size(); ++row) found.core[row] = is_core(row);
        for (std::uint32_t row = 0; row < points_.size(); ++row) {
            if (found.core[row] && found.labels[row] == kNoise) flood(row, found);
        }
        for (std::uint32_t row = 0; row < points_.size(); ++row) {
            if (!found.core[row]) found.labels[row] = label_of_nearest_core(row, found);
        }
        found.clusters = number_clusters(found.labels, options_.order);
        return found;
    }

  private:
    double distance(std::uint32_t a, std::uint32_t b) const {
        return pair_distance<M>(points_[a], points_[b]);
    }

    /// Of each row it is found out whether it is core, and then to which cluster it belongs.
    void beat() {
        options_.control.check();
        if (options_.progress) options_.progress(++done_, 2 * points_.size());
    }

    bool is_core(std::uint32_t row) {
        beat();
        std::size_t count = 0;
        for (std::uint32_t other = 0; other < points_.size(); ++other) {
            count += distance(row, other) <= options_.eps ? 1 : 0;
        }
        return count >= options_.min_points;
    }

    /// Marks all core points that the row reaches by its number.
    void flood(std::uint32_t first, Clustering& found) {
        std::vector<std::uint32_t> waiting{first};
        found.labels[first] = first;
        while (!waiting.empty()) {
            beat();
            const std::uint32_t row = waiting.back();
            waiting.pop_back();
            for (std::uint32_t other = 0; other < points_.size(); ++other) {
                if (!found.core[other] || found.labels[other] != kNoise) continue;
                if (!(distance(row, other) <= options_.eps)) continue;
                found.labels[other] = first;
                waiting.push_back(other);
            }
        }
    }

    std::int64_t label_of_nearest_core(std::uint32_t row, const Clustering& found) {
        beat();
        Neighbor nearest{0, std::numeric_limits<double>::infinity()};
        for (std::uint32_t other = 0; other < points_.size(); ++other) {
            if (!found.core[other]) continue;
            const Neighbor neighbor{other, distance(row, other)};
            if (neighbor.distance <= options_.eps && before_(neighbor, nearest)) nearest = neighbor;
        }
        return nearest.distance <= options_.eps ? found.labels[nearest.row] : kNoise;
    }

    const DbscanOptions& options_;
    NeighborBefore before_;
    std::uint64_t done_ = 0;
    std::vector<Embedded<M>> points_;
};

}  // namespace

Clustering scan_dbscan(std::span<const LonLat> positions, MetricKind metric, const DbscanOptions& options) {
    require_valid(options);
    require_valid_positions(positions, metric);
    return with_metric(metric, [&]<class M>(M /*metric*/) { return Scan<M>(positions, options).run(); });
}

}  // namespace crowfly
