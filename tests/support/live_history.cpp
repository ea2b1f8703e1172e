#include "tests/support/live_history.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/any_shape.h"

namespace crowfly::tests {

LonLat LiveHistory::any_position() {
    // A lattice of some eight by eight.
    const double step = scene_.on_lattice ? scene_.spread / 4 : 0;
    const auto coordinate = [&](double middle) {
        const double away = random_.uniform(-scene_.spread, scene_.spread);
        return middle + (step > 0 ? std::round(away / step) * step : away);
    };
    const double lon = coordinate(scene_.middle.lon), lat = coordinate(scene_.middle.lat);
    return {std::remainder(lon, 360), std::clamp(lat, -90.0, 90.0)};
}

LiveRow LiveHistory::any_row(std::uint32_t row) {
    LiveRow made{.row = row, .position = any_position()};
    if (random_.uniform(0, 1) < scene_.shapes) {
        AnyShape any(random_, scene_.middle, scene_.spread);
        made.shape = std::make_shared<const Geometry>(any());
        made.position = made.shape->positions().front();
    }
    while (made.values.size() < scene_.attributes) {
        made.values.push_back(static_cast<std::uint32_t>(random_.below(4) * random_.below(4)));
    }
    return made;
}

LiveHistory::Write LiveHistory::next(std::size_t most) {
    Write write;
    const auto any_number = [&] { return static_cast<std::uint32_t>(random_.below(scene_.rows)); };
    const std::size_t upserts = random_.below(most + 1), erased = random_.below(most + 1) / 2;
    for (std::size_t i = 0; i < erased; ++i) rows_.erase(write.erased.emplace_back(any_number()));
    for (std::size_t i = 0; i < upserts; ++i) {
        const LiveRow& row = write.upserts.emplace_back(any_row(any_number()));
        rows_.insert_or_assign(row.row, row);
    }
    return write;
}

LiveColumns LiveHistory::columns() const {
    std::vector<std::uint32_t> numbers;
    std::vector<LonLat> positions;
    std::vector<std::vector<std::uint32_t>> values(scene_.attributes);
    LiveColumns columns;
    for (const auto& [number, row] : rows_) {
        numbers.push_back(number);
        positions.push_back(row.position);
        columns.shapes.push_back(row.shape);
        for (std::size_t a = 0; a < values.size(); ++a) values[a].push_back(row.values[a]);
    }
    columns.rows = std::move(numbers);
    columns.positions = std::move(positions);
    for (auto& of_attribute : values) columns.attributes.emplace_back(std::move(of_attribute));
    return columns;
}

void expect_rows(const LiveSnapshot& snapshot, const std::map<std::uint32_t, LiveRow>& rows) {
    ASSERT_EQ(snapshot.size(), rows.size());
    const auto expect_same = [](const LiveRow& found, const LiveRow& expected) {
        ASSERT_EQ(found.row, expected.row);
        ASSERT_EQ(found.position, expected.position);
        ASSERT_EQ(found.shape, expected.shape);
        ASSERT_EQ(found.values, expected.values);
    };
    std::size_t visited = 0;
    snapshot.for_each([&](const LiveRow& row) {
        ++visited;
        const auto expected = rows.find(row.row);
        ASSERT_NE(expected, rows.end());
        expect_same(row, expected->second);
    });
    ASSERT_EQ(visited, rows.size());
    for (const auto& [number, row] : rows) {
        const auto found = snapshot.find(number);
        ASSERT_TRUE(found.has_value());
        expect_same(*found, row);
    }
}

}  // namespace crowfly::tests
