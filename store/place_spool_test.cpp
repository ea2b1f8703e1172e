#include "store/place_spool.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/any_shape.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;

TEST(PlaceSpool, GivesBackWhatWasPutByInOrder) {
    const tests::TemporaryDirectory directory;
    tests::Random random;
    tests::AnyShape any_shape(random, {10, 20}, 3);
    std::vector<Place> places;
    for (int i = 0; i < 500; ++i) {
        Place place{.id = std::to_string(i),
                    .position = {random.uniform(-180, 180), random.uniform(-90, 90)},
                    .name = std::string(random.below(3), 'n'),
                    .category = std::string(random.below(3), 'c')};
        if (random.below(2) == 0) place.set_geometry(any_shape());
        if (random.below(2) == 0) {
            place.properties = {{"null", Value()},
                                {"flag", random.below(2) == 0},
                                {"integer", std::numeric_limits<std::int64_t>::min()},
                                {"real", -0.0},
                                {"text", "with \0 nul"s},
                                {"json", Json{"[1]"}}};
        }
        places.push_back(std::move(place));
    }
    places[77].name = std::string(3'000'000, 'x');  // longer than what is read at a time
    PlaceSpool spool(directory.path(""));
    for (const Place& place : places) spool.add(place);
    EXPECT_EQ(spool.size(), places.size());
    EXPECT_TRUE(std::filesystem::is_empty(directory.path(""))) << "nobody else sees the file";
    spool.rewind();
    Place place{.id = "before", .properties = {{"left", "over"s}}, .has_geometry = false};
    for (std::size_t i = 0; i < 100; ++i) spool.next(place);
    spool.rewind();
    for (const Place& expected : places) {
        ASSERT_TRUE(spool.next(place));
        ASSERT_EQ(place, expected);
        if (place.properties.empty()) continue;
        EXPECT_TRUE(std::signbit(std::get<double>(place.properties[3].value)));
    }
    EXPECT_FALSE(spool.next(place));
}

TEST(PlaceSpool, MayBeEmpty) {
    const tests::TemporaryDirectory directory;
    PlaceSpool spool(directory.path(""));
    spool.rewind();
    Place place;
    EXPECT_FALSE(spool.next(place));
}

TEST(PlaceSpool, SaysWhereItCannotBe) {
    const tests::TemporaryDirectory directory;
    EXPECT_EQ(tests::thrown_code([&] { PlaceSpool spool(directory.path("none")); }), Code::not_found);
}

}  // namespace
}  // namespace crowfly
