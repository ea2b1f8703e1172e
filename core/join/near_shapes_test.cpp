#include "core/join/near_shapes.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/join/reach.h"
#include "core/search/shape_searcher.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

/// A place to put things, and how wide they lie there; on a lattice distances tie.
struct Ground {
    LonLat middle;
    double width;
    bool lattice;

    LonLat any(tests::Random& random) const {
        if (!lattice) {
            return {middle.lon + random.uniform(-width, width), middle.lat + random.uniform(-width, width)};
        }
        const auto step = [&] { return width / 4 * (static_cast<double>(random.below(9)) - 4); };
        return {middle.lon + step(), middle.lat + step()};
    }
};

/// A polygon, or a line that may stay where it is.
Geometry on_lattice(tests::Random& random, const Ground& ground) {
    const bool is_polygon = random.below(2) == 0;
    const LonLat at = ground.any(random);
    const double step = ground.width / 4;
    GeometryBuilder builder;
    builder.begin(is_polygon ? GeometryType::polygon : GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    builder.add_position(at);
    if (is_polygon) {
        builder.add_position({at.lon + step, at.lat});
        builder.add_position({at.lon + step, at.lat + step});
        builder.add_position(at);
    } else {
        for (std::size_t i = 1 + random.below(12); i > 0; --i) {
            builder.add_position(random.below(4) == 0 ? at : ground.any(random));
        }
    }
    builder.end();
    return builder.finish();
}

std::vector<Geometry> any_geometries(tests::Random& random, const Ground& ground, std::size_t count) {
    tests::AnyShape any(random, ground.middle, ground.width);
    std::vector<Geometry> geometries;
    while (geometries.size() < count) {
        geometries.push_back(ground.lattice ? on_lattice(random, ground) : any());
    }
    return geometries;
}

TEST(NearShapes, AnswerAsAShapeSearcherDoes) {
    constexpr double kNever = std::numeric_limits<double>::infinity();
    constexpr Ground kGrounds[] = {{{10, 50}, 1, false},     {{10, 50}, 1, true},
                                   {{100, 30}, 1e-8, false}, {{-120, -45}, 1e-12, false},
                                   {{0, 0}, 1e-9, true},     {{30, 80}, 8, false}};
    tests::Random random;
    const RowOrder by_row;
    const Control uncontrolled;
    std::uint64_t gathered = 0;
    for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
        for (const Ground& ground : kGrounds) {
            for (const std::size_t count : {1U, 3U, 8U}) {
                const std::vector<Geometry> shapes = any_geometries(random, ground, count);
                const ShapeIndex index(shapes, metric);
                const auto near = NearShapes::of(index, by_row, uncontrolled);
                ShapeSearcher searcher(index);
                std::vector<LonLat> queries;
                while (queries.size() < 21) queries.push_back(ground.any(random));
                double spread = 0;
                for (const LonLat query : queries) {
                    spread = std::max(spread, most_distance(metric, queries.front(), query));
                }
                const double rounding = 180;
                const double all = reach(metric, 1e7, spread, rounding);
                if (near->gather(queries, reach(metric, 0, spread, rounding), all) >
                    NearShapes::kMostPieces) {
                    continue;
                }
                for (std::size_t i = 0; i < queries.size(); ++i) {
                    for (const std::size_t k : {1U, 3U, 17U}) {
                        const double max_distance = random.below(3) == 0 ? spread / 3 : kNever;
                        const NearestOptions options{.k = k, .max_distance = max_distance};
                        const auto answer = near->nearest(i, options);
                        const auto wanted = searcher.nearest(queries[i], options);
                        ASSERT_EQ(answer.size(), wanted.size());
                        for (std::size_t n = 0; n < wanted.size(); ++n) {
                            ASSERT_EQ(answer[n], (Neighbor{wanted[n].row, wanted[n].distance}));
                        }
                        ++gathered;
                    }
                }
            }
        }
    }
    EXPECT_GT(gathered, 1000U);
}

}  // namespace
}  // namespace crowfly
