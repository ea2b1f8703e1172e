#include "formats/join_text.h"

#include <cmath>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(JoinText, LinesAreCutAtTheAntimeridian) {
    const auto whole = cut_at_antimeridian({{-90, 1}, {90, 2}});
    EXPECT_EQ(whole.first, (JoinLine{{-90, 1}, {90, 2}}));
    EXPECT_EQ(whole.second, std::nullopt);
    EXPECT_EQ(cut_at_antimeridian({{179, 10}, {-178, 13}}),
              (std::pair{JoinLine{{179, 10}, {180, 11}}, std::optional(JoinLine{{-180, 11}, {-178, 13}})}));
    EXPECT_EQ(cut_at_antimeridian({{-180, 10}, {180, 13}}),
              (std::pair{JoinLine{{-180, 10}, {-180, 10}}, std::optional(JoinLine{{180, 10}, {180, 13}})}));
}

TEST(JoinText, RowsAreQuotedWhereTheyMustBeAndEmptyWhereThereIsNoNeighbor) {
    const JoinText pair{MetricKind::spheroid, "a,b", 2, "say \"hi\"", std::nullopt, 0.1};
    const JoinText alone{.query_id = "q", .distance = NAN};
    std::string csv;
    write_join_header(csv, MetricKind::spheroid, false);
    write_join_row(csv, pair);
    write_join_row(csv, alone);
    EXPECT_EQ(csv, "query_id,rank,object_id,distance_m\n\"a,b\",2,\"say \"\"hi\"\"\",0.1\nq,,,\n");
    std::string lines;
    for (const JoinText& row : {pair, alone}) {
        JsonWriter json(lines);
        write_join_object(json, row);
        lines += '\n';
    }
    EXPECT_EQ(lines, R"({"query_id":"a,b","rank":2,"object_id":"say \"hi\"","distance_m":0.1})"
                     "\n"
                     R"({"query_id":"q","rank":null,"object_id":null,"distance_m":null})"
                     "\n");
}

TEST(JoinText, ByCategoryAndOnThePlane) {
    const JoinText pair{MetricKind::plane, "q", 1, "o", "shop", 3};
    std::string csv;
    write_join_header(csv, MetricKind::plane, true);
    write_join_row(csv, pair);
    EXPECT_EQ(csv, "query_id,rank,object_id,category,distance\nq,1,o,shop,3\n");
    std::string feature;
    JsonWriter json(feature);
    write_join_feature(json, pair, JoinLine{{0, 0}, {0, 3}});
    EXPECT_EQ(feature,
              R"({"type":"Feature","geometry":{"type":"LineString","coordinates":[[0,0],[0,3]]},)"
              R"("properties":{"query_id":"q","rank":1,"object_id":"o","category":"shop","distance":3}})");
}

}  // namespace
}  // namespace crowfly
