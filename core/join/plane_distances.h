#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/join/piece_bundles.h"
#include "core/metric/plane.h"

namespace crowfly {

/// A few points, column by column.
struct alignas(64) PointBlock {
    static constexpr std::size_t kRoom = 8;

    std::array<double, kRoom> x{};
    std::array<double, kRoom> y{};
};

/// The bundles of one shape: those from `begin` to `end` - 1.
struct BundleRange {
    std::uint32_t begin;
    std::uint32_t end;
};

/// For k up to this.
inline constexpr std::size_t kMostOfBlock = 16;

/// Leaves for each shape, one after the other, how far it is on the plane from each of the points: to the bit
/// what `distance_between` gives as the least of its pieces; or, of a shape behind k others, something that
/// is more than the k-th distance. All points of the block must be set. Returns how many pieces were
/// measured. The points are taken in vectors, so this costs little more for all of them than for one.
std::uint64_t measure_block(const PointBlock& points, const PieceBundles<2>& bundles,
                            std::span<const BundleRange> shapes, std::size_t k, std::span<double> distances);

}  // namespace crowfly
