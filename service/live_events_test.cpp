#include "service/live_events.h"

#include <gtest/gtest.h>

#include "service/problem.h"

namespace crowfly {
namespace {

using Kind = NeighborChange::Kind;

NeighborPlace neighbor(const std::string& id, std::uint64_t rank, double distance) {
    return {.place = {.id = id, .position = {1, 2}}, .rank = rank, .distance = distance};
}

std::string event(const NeighborNews& news) {
    std::string out;
    write_live_event(out, news, MetricKind::spheroid, Decimals::two);
    return out;
}

TEST(LiveEvents, TheFirstIsTheWholeAnswer) {
    const auto answer = std::make_shared<const std::vector<NeighborPlace>>(
        std::vector<NeighborPlace>{neighbor("a", 1, 3.456)});
    EXPECT_EQ(event({17, true, answer, {}}),
              "event: answer\nid: 17\n"
              R"(data: {"type":"FeatureCollection","features":[{"type":"Feature","id":"a",)"
              R"("geometry":{"type":"Point","coordinates":[1,2]},"properties":{"name":null,"category":null,)"
              R"("rank":1,"distance_meters":3.46}}]})"
              "\n\n");
}

TEST(LiveEvents, TheOthersSayWhatHasChanged) {
    const std::string feature =
        R"({"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[1,2]},"properties":)"
        R"({"name":null,"category":null,"rank":1,"distance_meters":0.00}})";
    EXPECT_EQ(event({19,
                     false,
                     nullptr,
                     {{Kind::left, neighbor("a\"\n", 2, 1)},
                      {Kind::entered, neighbor("b", 1, 0)},
                      {Kind::reordered, neighbor("c", 2, 5)},
                      {Kind::reordered, neighbor("d", 3, 5)}}}),
              "event: change\nid: 19\n"
              R"(data: {"left":["a\"\n"],"entered":[)" +
                  feature + R"(],"reordered":[{"id":"c","rank":2},{"id":"d","rank":3}]})" + "\n\n");
    EXPECT_EQ(event({20, false, nullptr, {{Kind::moved, neighbor("b", 1, 0)}}}),
              "event: change\nid: 20\ndata: {\"moved\":[" + feature + "]}\n\n");
    EXPECT_EQ(event({20, false, nullptr, {{Kind::changed, neighbor("b", 1, 0)}}}),
              "event: change\nid: 20\ndata: {\"changed\":[" + feature + "]}\n\n");
}

TEST(LiveEvents, LineBreaksWithinDoNotEndThem) {
    NeighborPlace place = neighbor("a", 1, 0);
    place.place.properties.push_back({"tags", Json{"[1,\r\n2]"}});
    const auto answer = std::make_shared<const std::vector<NeighborPlace>>(std::vector<NeighborPlace>{place});
    const std::string text = event({1, true, answer, {}});
    EXPECT_NE(text.find("\"tags\":[1,\ndata: \ndata: 2]}"), std::string::npos) << text;
    EXPECT_EQ(text.find("\n\n"), text.size() - 2);
    EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(LiveEvents, SayThatItIsOverAndThatItIsNot) {
    std::string out;
    write_live_retry(out, 2000);
    write_live_heartbeat(out);
    write_live_problem(out, problem_of(Error(Code::not_found, "it is gone")).body);
    EXPECT_EQ(out.substr(0, 37), "retry: 2000\n\n:\n\nevent: problem\ndata: ");
    EXPECT_EQ(out.substr(out.size() - 3), "}\n\n");
}

}  // namespace
}  // namespace crowfly
