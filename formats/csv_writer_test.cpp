#include "formats/csv_writer.h"

#include <gtest/gtest.h>

#include "formats/wkt.h"

namespace crowfly {
namespace {

TEST(CsvWriter, QuotesWhatNeedsIt) {
    std::string out;
    for (const char* text : {"plain", "", "a,b", "say \"hi\"", "two\nlines", " padded", "é"}) {
        write_csv_field(out, text);
        out += '|';
    }
    EXPECT_EQ(out, "plain||\"a,b\"|\"say \"\"hi\"\"\"|\"two\nlines\"|\" padded\"|é|");
}

TEST(CsvWriter, TheHeaderNamesTheUnit) {
    std::string metres, units;
    write_csv(metres, {}, MetricKind::spheroid);
    write_csv(units, {}, MetricKind::plane);
    EXPECT_EQ(metres, "rank,id,name,category,lon,lat,distance_m\n");
    EXPECT_EQ(units, "rank,id,name,category,lon,lat,distance\n");
}

TEST(CsvWriter, NumbersKeepAllTheirBits) {
    const std::vector<NeighborPlace> answer{
        {.place = {.id = "1", .position = {-118.291995, 0.1}, .name = "n", .category = "c"},
         .rank = 3,
         .distance = 11.247614731387534}};
    std::string out;
    write_csv(out, answer, MetricKind::spheroid);
    EXPECT_EQ(out, "rank,id,name,category,lon,lat,distance_m\n3,1,n,c,-118.291995,0.1,11.247614731387534\n");
}

TEST(CsvWriter, WithAShapeAllRowsHaveNearestPointAndGeometry) {
    std::vector<NeighborPlace> answer{
        {.place = {.id = "line"}, .distance = 1, .nearest_point = LonLat{1, 0}},
        {.place = {.id = "point", .position = {5, 6}}, .rank = 2, .distance = 7}};
    answer[0].place.set_geometry(parse_wkt("LINESTRING Z (0 0 9, 2 0 9)"));
    std::string out;
    write_csv(out, answer, MetricKind::plane);
    EXPECT_EQ(out,
              "rank,id,name,category,lon,lat,distance,nearest_lon,nearest_lat,wkt\n"
              "1,line,,,1,0,1,1,0,\"LINESTRING Z (0 0 9, 2 0 9)\"\n"
              "2,point,,,5,6,7,5,6,POINT (5 6)\n");
}

}  // namespace
}  // namespace crowfly
