#include "core/live/rows_in_area.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "core/live/live_index.h"
#include "tests/support/live_history.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

std::map<std::uint32_t, LonLat> rows_in(const Area& area, const LiveSnapshot& snapshot) {
    std::map<std::uint32_t, LonLat> found;
    visit_rows_in(area, snapshot, [&](std::uint32_t row, LonLat position, const Geometry* shape) {
        EXPECT_TRUE(found.emplace(row, position).second) << "row " << row << " came twice";
        EXPECT_EQ(shape != nullptr, snapshot.find(row)->shape != nullptr);
    });
    return found;
}

std::map<std::uint32_t, LonLat> judged(const Area& area, const std::map<std::uint32_t, LiveRow>& rows) {
    std::map<std::uint32_t, LonLat> expected;
    for (const auto& [number, row] : rows) {
        if (row.shape != nullptr || area.contains(row.position)) expected.emplace(number, row.position);
    }
    return expected;
}

/// Boxes of all sizes around a place, some across the antimeridian.
Area any_box(tests::Random& random, LonLat middle) {
    const double size = random.uniform(0, 3);
    const double south = std::max(-90.0, middle.lat - size), north = std::min(90.0, middle.lat + size);
    return Area::box(std::remainder(middle.lon - size, 360), south,
                     std::remainder(middle.lon + random.uniform(0, 3), 360), north, Crs::wgs84);
}

TEST(RowsInArea, AreThoseOfAScanAfterAnyHistory) {
    tests::Random random;
    for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
        for (const LonLat middle : {LonLat{10, 50}, {179.5, -20}, {0, 88}}) {
            const tests::LiveScene scene{.middle = middle, .shapes = 0.1, .rows = 600};
            tests::LiveHistory history(random, scene);
            LiveIndex index({.metrics = {metric}});
            for (int round = 0; round < 30; ++round) {
                const auto write = history.next(200);
                const auto snapshot = index.apply(write.upserts, write.erased);
                const Area box = any_box(random, middle);
                ASSERT_EQ(rows_in(box, *snapshot), judged(box, history.rows()));
                const Area world = Area::box(-180, -90, 180, 90, Crs::wgs84);
                ASSERT_EQ(rows_in(world, *snapshot), judged(world, history.rows()));
                const Area map = Area::box(-180, -85.06, 180, 85.06, Crs::wgs84);
                ASSERT_EQ(rows_in(map, *snapshot), judged(map, history.rows()));
            }
        }
    }
}

}  // namespace
}  // namespace crowfly
