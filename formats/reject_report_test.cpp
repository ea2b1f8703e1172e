#include "formats/reject_report.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/place_reader.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

/// The report of reading a text as the file of that name, without the directory's name.
std::string report_of(std::string_view text, std::string_view name, OnError policy = OnError::skip) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("rejects.csv");
    RejectReport report(path);
    Rejects rejects(policy, [&](const Reject& reject) {
        Reject named = reject;
        named.file = name;
        report.add(named);
    });
    try {
        const auto reader = open_places(directory.file(name, text), std::nullopt, {}, rejects);
        for (Place place; reader->next(place);) {
            if (place.id == "refused") reader->refuse("id", "is not wanted");
        }
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::malformed) << error.what();
    }
    report.finish();
    return tests::read_file(path);
}

constexpr const char* kHeader = "file,line,column,reason,row\n";

TEST(RejectReport, HasTheRowsOfCommaSeparatedTextAsTheyStandThere) {
    EXPECT_EQ(report_of("id,lon,lat\r\n1,2,3\r\nx,2,\r\nrefused,1,1\r\n", "t.csv"),
              std::string(kHeader) +
                  "t.csv,3,column 3 (lat),is empty; expected a number,\"x,2,\"\n"
                  "t.csv,4,column 1 (id),is not wanted,\"refused,1,1\"\n");
    // Quotes and line breaks within a row stay; the report quotes them in its own way.
    EXPECT_EQ(report_of("id,lon,lat\n\"a \"\"b\"\"\nc\",\"1\",x\n7,8\n", "t.csv"),
              std::string(kHeader) +
                  "t.csv,2,column 3 (lat),\"\"\"x\"\" is not a finite number\","
                  "\"\"\"a \"\"\"\"b\"\"\"\"\nc\"\",\"\"1\"\",x\"\n"
                  "t.csv,4,,has 2 fields; the header has 3,\"7,8\"\n");
}

TEST(RejectReport, HasTheFeaturesOfGeoJson) {
    const std::string feature = R"({"type":"Feature","id":1,"geometry":null,"properties":{"a":"b"}})";
    const std::string quoted =
        R"("{""type"":""Feature"",""id"":1,""geometry"":null,""properties"":{""a"":""b""}}")";
    EXPECT_EQ(
        report_of("{\"type\":\"FeatureCollection\",\n\"features\":[" + feature + "]}", "t.geojson"),
        kHeader + ("t.geojson,2,\"feature 1, geometry\",is null; a place needs a geometry," + quoted + "\n"));
    EXPECT_EQ(report_of("\x1E" + feature + "\n[]\n", "t.ndjson"),
              kHeader + ("t.ndjson,1,geometry,is null; a place needs a geometry," + quoted + "\n") +
                  "t.ndjson,2,type,expected an object of type Feature,[]\n");
}

TEST(RejectReport, HasTheRowThatEndsTheReading) {
    EXPECT_EQ(
        report_of("id,lon,lat\n1,x,3\n1,y,3\n", "t.csv", OnError::abort),
        std::string(kHeader) + "t.csv,2,column 2 (lon),\"\"\"x\"\" is not a finite number\",\"1,x,3\"\n");
}

TEST(RejectReport, CutsARowThatIsVeryLong) {
    std::string text = "id,lon,lat\n1,";
    text.append(2 * Reject::kLongestRow, 'x').append(",3\n");
    std::string end = ",\"1,";
    end.append(Reject::kLongestRow - 2, 'x').append("\"\n");
    EXPECT_TRUE(report_of(text, "t.csv").ends_with(end));
}

TEST(RejectReport, SaysWhenItCannotBeWritten) {
    const tests::TemporaryDirectory directory;
    EXPECT_EQ(tests::thrown_code([&] { RejectReport report(directory.path("none/rejects.csv")); }), Code::io);
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
    RejectReport report("/dev/full");
    report.add({"f", 1, "c", "r", "row"});
    EXPECT_EQ(tests::thrown_code([&] { report.finish(); }), Code::io);
}

}  // namespace
}  // namespace crowfly
