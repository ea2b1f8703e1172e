#include "core/point_index.h"

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::size_t kMostPoints = 0xFFFFFFFE;

PointIndex::Tree build(std::span<const LonLat> positions, MetricKind metric) {
    if (positions.size() > kMostPoints) {
        throw Error(Code::too_large,
                    fmt::format("{} points; an index takes at most {}", positions.size(), kMostPoints));
    }
    for (std::size_t row = 0; row < positions.size(); ++row) {
        if (const auto fault = coordinate_fault(positions[row], widest_crs(metric))) {
            throw Error(Code::invalid_argument, fmt::format("point {}: {}", row, fault->message));
        }
    }
    switch (metric) {
        case MetricKind::plane:
            return PackedIndex<Plane>(positions);
        case MetricKind::sphere:
            return PackedIndex<Sphere>(positions);
        case MetricKind::spheroid:
            return PackedIndex<Spheroid>(positions);
    }
    throw Error(Code::internal, "a metric without an index");
}

// metric() reads the kind off the alternative that the variant holds.
template <std::size_t I>
constexpr bool kKindIsIndex =
    static_cast<std::size_t>(std::variant_alternative_t<I, PointIndex::Tree>::MetricType::kKind) == I;
static_assert(kKindIsIndex<0> && kKindIsIndex<1> && kKindIsIndex<2>);

}  // namespace

PointIndex::PointIndex(std::span<const LonLat> positions, MetricKind metric)
    : tree_(build(positions, metric)) {}

std::size_t PointIndex::size() const noexcept {
    return std::visit([](const auto& tree) { return tree.size(); }, tree_);
}

}  // namespace crowfly
