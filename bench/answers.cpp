#include "bench/answers.h"

#include <cmath>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly::bench {
namespace {

/// On the sphere, metres: unit vectors in doubles, as S2 has them, are only so exact on the earth.
constexpr double kVectorRounding = 1e-8;

bool same_distance(MetricKind metric, double expected, double found) {
    const double error = std::abs(found - expected);
    return metric == MetricKind::plane ? error <= 1e-12 * expected
                                       : error <= 1e-9 * expected + kVectorRounding;
}

}  // namespace

void require_same(const Asked& asked, const Work& work, const Queries& queries, const std::string& system,
                  const std::vector<double>& expected, const std::vector<double>& found) {
    std::size_t spared = asked.metric == MetricKind::plane ? 0 : 1 + queries.positions.size() / 1000;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        // Also when neither found anything.
        if (found[i] == expected[i]) continue;
        if (work.kind == Work::Kind::within_distance) {
            if (spared > 0 && std::abs(found[i] - expected[i]) <= 1) {
                --spared;
                continue;
            }
        } else if (expected[i] >= 0 && same_distance(asked.metric, expected[i], found[i])) {
            continue;
        }
        const LonLat at = queries.positions[i];
        throw Error(
            Code::internal,
            fmt::format("{}, {}: {} disagrees with crowfly at query {} in {} order, ({}, {}): {} instead "
                        "of {}",
                        asked.work, name(asked.metric), system, i, queries.order, at.lon, at.lat, found[i],
                        expected[i]));
    }
}

}  // namespace crowfly::bench
