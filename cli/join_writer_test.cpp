#include "cli/join_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

LoadedSide side_of(const std::vector<std::string>& ids) {
    LoadedSide side;
    for (const std::string& id : ids) {
        side.positions.push_back({static_cast<double>(side.ids.size()), 0});
        side.ids.push_back(id);
    }
    return side;
}

TEST(JoinWriter, TellsTheFormatFromTheName) {
    EXPECT_EQ(join_format("", "-"), JoinFormat::csv);
    EXPECT_EQ(join_format("", "a/b.CSV"), JoinFormat::csv);
    EXPECT_EQ(join_format("", "a.json"), JoinFormat::geojson);
    EXPECT_EQ(join_format("", "a.gpkg"), JoinFormat::gpkg);
    EXPECT_EQ(join_format("ndjson", "a.csv"), JoinFormat::ndjson);
    for (const char* path : {"a", "a.txt", "a.csv.gz", ""})
        EXPECT_EQ(tests::thrown_code([&] { join_format("", path); }), Code::invalid_argument) << path;
    EXPECT_THAT(tests::thrown_text([] { join_format("gpkg", "-"); }),
                HasSubstr("expected the name of a file"));
}

TEST(JoinWriter, IdsAreQuotedWhereTheyMustBe) {
    const tests::TemporaryDirectory directory;
    const LoadedSide queries = side_of({"a,b"});
    const LoadedSide objects = side_of({"say \"hi\""});
    const JoinAnswer answer(queries, objects, MetricKind::plane, Match::geometry, false);
    const JoinRow row{0, 1, 0, 0.5};
    for (const JoinFormat format : {JoinFormat::csv, JoinFormat::ndjson}) {
        const std::string path = directory.path("out");
        const auto writer = open_join_writer(path, format);
        writer->begin(answer, serial_executor());
        writer->write({&row, 1});
        writer->commit();
        EXPECT_THAT(tests::read_file(path),
                    HasSubstr(format == JoinFormat::csv ? "\"a,b\",1,\"say \"\"hi\"\"\",0.5\n"
                                                        : R"("object_id":"say \"hi\"")"));
    }
}

TEST(JoinWriter, RowsStayInOrderWhoeverRendersThem) {
    const tests::TemporaryDirectory directory;
    const LoadedSide side = side_of({"a", "b", "c", "d"});
    const JoinAnswer answer(side, side, MetricKind::spheroid, Match::geometry, false);
    std::vector<JoinRow> rows;
    for (std::uint32_t i = 0; i < 100'000; ++i) rows.push_back({i % 4, i + 1, (i / 4) % 4, i / 7.0});
    std::vector<std::string> texts;
    for (const std::size_t threads : {1U, 3U}) {
        ThreadExecutor executor(threads);
        for (const JoinFormat format : {JoinFormat::csv, JoinFormat::geojson}) {
            const std::string path = directory.path("out");
            const auto writer = open_join_writer(path, format);
            writer->begin(answer, executor);
            for (std::size_t begin = 0; begin < rows.size(); begin += 33'333)
                writer->write(
                    std::span(rows).subspan(begin, std::min<std::size_t>(33'333, rows.size() - begin)));
            writer->commit();
            texts.push_back(tests::read_file(path));
        }
    }
    EXPECT_EQ(texts[0], texts[2]);
    EXPECT_EQ(texts[1], texts[3]);
    EXPECT_EQ(std::count(texts[0].begin(), texts[0].end(), '\n'), 100'001);
    EXPECT_THAT(texts[0], HasSubstr("\nd,99996,c,14285\n"));
    EXPECT_THAT(texts[1], testing::StartsWith("{\"type\":\"FeatureCollection\",\"features\":[\n{"));
}

}  // namespace
}  // namespace crowfly
