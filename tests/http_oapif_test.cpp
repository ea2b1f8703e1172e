#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A served collection, as GDAL's driver for OGC API - Features sees it.
class Oapif : public testing::Test {
  protected:
    static std::string rows() {
        std::string rows = "id,name,category,lon,lat\n";
        for (int i = 0; i < 250; ++i)
            rows += fmt::format("p{0:03},place {0},{1},{2},{3}\n", i, i % 2 == 0 ? "even" : "odd", i / 10.0,
                                i / 5.0 - 20);
        return rows;
    }

    void SetUp() override {
        const auto import = tests::crowfly({"import", directory_.file("p.csv", rows()), "--to", store_});
        ASSERT_EQ(import.exit_code, 0) << import.err;
        server_.emplace(store_);
    }

    std::string ogrinfo(std::vector<std::string> arguments) {
        std::vector<std::string> command{"ogrinfo", "-ro"};
        command.push_back(fmt::format("OAPIF:http://127.0.0.1:{}", server_->port()));
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto seen = tests::run(command);
        EXPECT_EQ(seen.exit_code, 0) << seen.err;
        EXPECT_THAT(seen.err, Not(HasSubstr("ERROR")));
        return seen.out;
    }

    tests::TemporaryDirectory directory_;
    std::string store_ = directory_.path("s.gpkg");
    std::optional<tests::ServeProcess> server_;
};

TEST_F(Oapif, GdalReadsACollection) {
    EXPECT_THAT(ogrinfo({"-so", "places"}),
                AllOf(HasSubstr("Feature Count: 250"), HasSubstr("Extent: (0.000000, -20.000000) - (24.9"),
                      HasSubstr("name: String")));
}

TEST_F(Oapif, GdalFollowsThePages) {
    const std::string all =
        ogrinfo({"places", "--config", "OGR_OAPIF_PAGE_SIZE", "10", "-oo", "PAGE_SIZE=10"});
    for (const char* name : {"place 0\n", "place 9\n", "place 10\n", "place 249\n"})
        EXPECT_THAT(all, HasSubstr(name));
}

TEST_F(Oapif, GdalAsksForABox) {
    const std::string seen = ogrinfo({"places", "-spat", "0.95", "-18.5", "1.25", "-17"});
    EXPECT_THAT(seen, AllOf(HasSubstr("place 10\n"), HasSubstr("place 12\n"), Not(HasSubstr("place 13\n")),
                            Not(HasSubstr("place 9\n"))));
}

}  // namespace
}  // namespace crowfly
