#include "formats/place_reader.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

TEST(PlaceFormat, IsToldByTheEndingOfTheName) {
    EXPECT_EQ(place_format_of("a/b.CSV"), PlaceFormat::csv);
    EXPECT_EQ(place_format_of("b.tsv.gz"), PlaceFormat::tsv);
    EXPECT_EQ(place_format_of("b.geojson"), PlaceFormat::geojson);
    EXPECT_EQ(place_format_of("b.json.GZ"), PlaceFormat::geojson);
    EXPECT_EQ(place_format_of("b.geojsonl"), PlaceFormat::ndjson);
    EXPECT_EQ(place_format_of("b.gz"), std::nullopt);
    EXPECT_EQ(place_format_of("csv"), std::nullopt);
}

TEST(PlaceReader, AFileOfUnknownFormatNeedsOneByName) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.file("places.dat", "lon,lat\n1,2\n");
    Rejects rejects(OnError::abort);
    EXPECT_THROW(open_places(path, std::nullopt, {}, rejects), Error);
    Place place;
    EXPECT_TRUE(open_places(path, place_format_named("csv"), {}, rejects)->next(place));
}

TEST(PlaceReader, AConsumerMayRefuseAPlaceByItsColumn) {
    const tests::TemporaryDirectory directory;
    Rejects rejects(OnError::skip);
    const auto reader = open_places(directory.file("a.csv", "code,lon,lat\nA,1,2\n"), std::nullopt,
                                    {.columns = {.id = "code"}}, rejects);
    Place place;
    ASSERT_TRUE(reader->next(place));
    reader->refuse("id", "appears twice");
    EXPECT_EQ(rejects.first().at(0).column, "column 1 (code)");
    EXPECT_EQ(rejects.first().at(0).line, 2U);
}

TEST(Rejects, CountsAllAndKeepsTheFirst) {
    Rejects rejects(OnError::skip);
    for (std::uint64_t line = 1; line <= 25; ++line) rejects.add({"f", line, "", "bad"});
    EXPECT_EQ(rejects.count(), 25U);
    EXPECT_EQ(rejects.first().size(), Rejects::kKept);
    EXPECT_EQ(rejects.first().front().message(), "f:1: bad");
}

}  // namespace
}  // namespace crowfly
