#include "formats/csv_writer.h"

#include <gtest/gtest.h>

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
    write_csv_header(metres, MetricKind::spheroid);
    write_csv_header(units, MetricKind::plane);
    EXPECT_EQ(metres, "rank,id,name,category,lon,lat,distance_m\n");
    EXPECT_EQ(units, "rank,id,name,category,lon,lat,distance\n");
}

TEST(CsvWriter, NumbersKeepAllTheirBits) {
    std::string out;
    write_csv_row(out, {.place = {.id = "1", .position = {-118.291995, 0.1}, .name = "n", .category = "c"},
                        .rank = 3,
                        .distance = 11.247614731387534});
    EXPECT_EQ(out, "3,1,n,c,-118.291995,0.1,11.247614731387534\n");
}

}  // namespace
}  // namespace crowfly
